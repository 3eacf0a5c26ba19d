"""The measure of the audit, on a chain that is short: it works, and says what it must."""

from bench.audit import measure


async def test_the_measure_of_an_audit_fills_appends_signs_exports_and_verifies() -> None:
    figures = await measure(entries=2_000, appends=40)

    assert [bound.name for bound in figures.bounds] == [
        "audit append, p95, after 2,000 entries",
        "verification of 2,000 entries",
        "memory while 2,000 entries are verified",
    ]
    assert 0 < figures.append_p50 <= figures.append_p95
    assert figures.verify_memory > 0
