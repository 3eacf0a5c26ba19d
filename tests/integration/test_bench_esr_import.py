"""The measure of an import, on an organisation that is small: it works, and says what it must."""

from bench.esr_import import measure


async def test_the_measure_of_an_import_takes_a_full_file_the_same_again_and_a_delta() -> None:
    figures = await measure(assignments=1_000)

    assert [bound.name for bound in figures.bounds] == [
        "a full file of 1,000 assignments",
        "the same staff in the next full file",
        "memory of the importing process",
    ]
    lines = figures.full.counts["lines"]
    assert (figures.full.counts["added"], figures.unchanged.counts["unchanged"]) == (lines, lines)
    assert figures.delta.counts["changes"] == 10
    assert figures.full.memory > 0
