"""What holds for every test: where sockets are allowed, and that a test which does not run is a failure."""

from collections import defaultdict
from collections.abc import AsyncIterator, Generator
from itertools import chain
from pathlib import Path

import pytest

from staff_passport.demo.network import Network
from tests.support.network import a_test_network

TESTS = Path(__file__).parent
WITHOUT_SOCKETS = (TESTS / "unit", TESTS / "architecture")
SKIPPED = "skipped: a test that does not run proves nothing; install what it needs, or delete it"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if any(item.path.is_relative_to(folder) for folder in WITHOUT_SOCKETS):
            item.add_marker(pytest.mark.disable_socket)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    return _failed_if_skipped(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    return _failed_if_skipped(report)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    seconds: defaultdict[str, float] = defaultdict(float)
    for report in chain.from_iterable(terminalreporter.stats.values()):
        if isinstance(report, pytest.TestReport):
            seconds[_suite(report.nodeid)] += report.duration
    terminalreporter.ensure_newline()
    terminalreporter.section("seconds per suite")
    for suite, spent in sorted(seconds.items()):
        terminalreporter.write_line(f"{suite:<14} {spent:7.1f} s")


def _suite(test: str) -> str:
    """The folder of `tests/` that a test is in: `tests/unit/agent/test_x.py::test_y` is of `unit`."""
    return test.split("/")[1]


def _failed_if_skipped[R: pytest.TestReport | pytest.CollectReport](report: R) -> R:
    if report.skipped:
        report.longrepr = f"{SKIPPED}\n{report.longrepr}"
        report.outcome = "failed"
    return report


@pytest.fixture(scope="session")
async def network() -> AsyncIterator[Network]:
    """Every process of the journey, started once and shared by every test that is careful with it."""
    async with a_test_network() as running:
        yield running
