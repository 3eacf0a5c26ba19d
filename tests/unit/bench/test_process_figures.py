import os

import pytest

from bench.process_figures import Memory, Meter, cpu_seconds, memory

STAT = (
    "4242 (python) S 1 4242 4242 0 -1 4194560 9001 0 3 0 1250 250 7 9 20 0 12 0 77 763269120 40960"
    " 18446744073709551615 1 1 0 0 0 0 0 16781312 17663 0 0 0 17 1 0 0 0 0 0"
)
STATUS = """Name:\tpython
VmPeak:\t  800000 kB
VmHWM:\t  262144 kB
VmRSS:\t  163840 kB
RssAnon:\t  120000 kB
Threads:\t12
"""


def test_cpu_time_is_what_all_threads_used_in_user_and_system_mode() -> None:
    assert cpu_seconds(STAT, ticks_a_second=100) == 15.0


def test_what_ended_children_used_is_not_counted() -> None:
    assert cpu_seconds(STAT.replace(" 7 9 20 ", " 7000 9000 20 "), ticks_a_second=100) == 15.0


def test_a_program_may_have_brackets_and_spaces_in_its_name() -> None:
    assert cpu_seconds(STAT.replace("(python)", "(an (odd) name) 1 2)"), ticks_a_second=100) == 15.0


def test_memory_is_told_in_bytes_now_and_at_its_largest() -> None:
    assert memory(STATUS) == Memory(resident=160 * 2**20, peak=256 * 2**20)


def test_a_process_that_ended_has_no_memory_to_tell_of() -> None:
    with pytest.raises(KeyError):
        memory("Name:\tpython\nState:\tZ (zombie)\n")


def test_a_running_process_is_read() -> None:
    meter = Meter(os.getpid())

    assert meter.cpu() > 0
    assert 0 < meter.memory().resident <= meter.memory().peak
