"""`staff-passport esr-sandbox generate | month`: what became of it, for people."""

import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path

from esr_sandbox.dataset import Manifest, NoDataset
from esr_sandbox.files import Encoding
from esr_sandbox.generation import FolderInUse, Wanted, outbound_folder, pass_month
from esr_sandbox.generation import generate as generate_dataset

FAILED = 1


def generate(people: int, vpds: int, seed: int, on: date, *, out: Path, encoding: Encoding) -> int:
    """Invent a dataset, say where it is, and return the exit code."""
    try:
        with _pool() as pool:
            made = generate_dataset(Wanted(people, vpds, seed, on, encoding), out, pool.map)
    except (FolderInUse, OSError) as failure:
        return _failed(failure)
    return _said(made, out)


def month(source: Path, out: Path) -> int:
    """Let a month pass in the dataset of `source`, say where it is then, and return the exit code."""
    try:
        with _pool() as pool:
            made = pass_month(source, out, pool.map)
    except (NoDataset, FolderInUse, OSError) as failure:
        return _failed(failure)
    return _said(made, out)


def _pool() -> ProcessPoolExecutor:
    """Work on as many VPDs at once as there are processors; a fork would take threads' locks along."""
    return ProcessPoolExecutor(mp_context=get_context("spawn"))


def _said(made: Manifest, out: Path) -> int:
    vpds = f"{made.vpds[0].vpd} to {made.vpds[-1].vpd}" if len(made.vpds) > 1 else made.vpds[0].vpd
    sys.stdout.write(f"{out}: VPD {vpds} as on {made.today}; files in {outbound_folder(out)}\n")
    return 0


def _failed(failure: Exception) -> int:
    sys.stderr.write(f"staff-passport esr-sandbox: {failure}\n")
    return FAILED
