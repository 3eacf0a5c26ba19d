"""What Linux says a process has used: CPU time and memory, from proc(5)."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_KIB = 1024
_MEMORY_LINE = re.compile(r"^(VmHWM|VmRSS):\s+(\d+) kB$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident bytes: now, and at the most so far."""

    resident: int
    peak: int


def cpu_seconds(stat: str, *, ticks_a_second: int = _TICKS_A_SECOND) -> float:
    """User and system time of all threads, from the text of `/proc/PID/stat`."""
    # The second field is the program's name in brackets, which may itself hold spaces and brackets.
    fields = stat.rpartition(")")[2].split()
    user, system = int(fields[11]), int(fields[12])  # the 14th and 15th field of the line
    return (user + system) / ticks_a_second


def memory(status: str) -> Memory:
    """Resident memory, from the text of `/proc/PID/status`. Raises `KeyError` for a process that ended."""
    lines: Mapping[str, str] = dict(_MEMORY_LINE.findall(status))
    return Memory(resident=int(lines["VmRSS"]) * _KIB, peak=int(lines["VmHWM"]) * _KIB)


@dataclass(frozen=True, slots=True)
class Meter:
    """Reads one running process."""

    pid: int

    def cpu(self) -> float:
        """CPU seconds so far."""
        return cpu_seconds(self._read("stat"))

    def memory(self) -> Memory:
        """Memory now."""
        return memory(self._read("status"))

    def forget_peak(self) -> None:
        """Count the most memory from now on: opening Askar's store takes 128 MB for a moment (Argon2)."""
        self._file("clear_refs").write_text("5", encoding="utf-8")

    def _read(self, name: str) -> str:
        return self._file(name).read_text(encoding="utf-8")

    def _file(self, name: str) -> Path:
        return Path(f"/proc/{self.pid}/{name}")
