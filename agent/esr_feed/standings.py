"""How those stand who are touched by a change, before it and after it, out of the slices in force on a day.

Of a record that slice is in force which began last; when it has ended, the record has.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import date
from typing import Any

from agent.domain.ports.staff_changes import StaffChange
from agent.domain.workforce import AssignmentNumber, CheckOutcome, CheckType, EmployeeNumber
from agent.esr_feed.changes import KnownCheck, KnownPerson, Standing, changes
from agent.esr_feed.staging import Connection

_AT_A_TIME = 2_000
_TABLES = """
CREATE TEMPORARY TABLE touched (person text PRIMARY KEY, turned boolean NOT NULL) ON COMMIT DROP;
CREATE TEMPORARY TABLE standings (
    person text NOT NULL, after boolean NOT NULL, number text, facts jsonb, assignments jsonb, checks jsonb,
    registrations jsonb, PRIMARY KEY (person, after)
) ON COMMIT DROP
"""
_TOUCHED_BY_A_FILE = """
WITH leaves AS (
    SELECT s.kind, s.record, s.person FROM leaving l JOIN esr.slices s
    ON s.organisation = %(own)s AND (s.kind, s.record, s.starts) = (l.kind, l.record, l.starts)
), places AS (
    SELECT kind, record FROM leaves UNION SELECT kind, record FROM staged WHERE act = 'U'
), met AS (
    SELECT person FROM leaves
    UNION SELECT person FROM staged WHERE act = 'U'
    UNION SELECT s.person FROM places p JOIN esr.slices s
        ON s.organisation = %(own)s AND p.kind = 'position' AND s.position = p.record
    UNION SELECT s.person FROM places p JOIN esr.slices s
        ON s.organisation = %(own)s AND p.kind = 'organisation' AND s.department = p.record
)
INSERT INTO touched SELECT DISTINCT person, false FROM met WHERE person IS NOT NULL
"""
_TOUCHED_BY_TIME = """
WITH turning AS (
    SELECT kind, record, person FROM esr.slices
    WHERE organisation = %(own)s AND turns IS NOT NULL
    AND EXISTS (SELECT FROM unnest(turns) AS turn WHERE turn > %(since)s AND turn <= %(day)s)
), met AS (
    SELECT person FROM turning
    UNION SELECT s.person FROM turning p JOIN esr.slices s
        ON s.organisation = %(own)s AND p.kind = 'position' AND s.position = p.record
    UNION SELECT s.person FROM turning p JOIN esr.slices s
        ON s.organisation = %(own)s AND p.kind = 'organisation' AND s.department = p.record
)
INSERT INTO touched SELECT DISTINCT person, true FROM met WHERE person IS NOT NULL
ON CONFLICT (person) DO UPDATE SET turned = true
"""
_STANDINGS = """
WITH employed AS (
    SELECT t.person, p.number, p.facts FROM touched t
    CROSS JOIN LATERAL (
        SELECT s.number, s.facts, s.ends FROM esr.slices s
        WHERE s.organisation = %(own)s AND s.kind = 'person' AND s.record = t.person AND s.starts <= %(day)s
        ORDER BY s.starts DESC LIMIT 1
    ) p
    WHERE p.ends IS NULL OR p.ends >= %(day)s
)
INSERT INTO standings
SELECT e.person, %(after)s, e.number, e.facts, coalesce(a.told, '{}'), coalesce(c.facts, '{}'),
    coalesce(r.told, '{}')
FROM employed e
LEFT JOIN LATERAL (
    SELECT jsonb_object_agg(
        h.number, h.facts || coalesce(p.facts, '{}') || coalesce(d.facts, '{}')) AS told
    FROM (
        SELECT DISTINCT ON (s.record) s.number, s.facts, s.ends, s.position, s.department FROM esr.slices s
        WHERE s.organisation = %(own)s AND s.kind = 'assignment' AND s.person = e.person
        AND s.starts <= %(day)s ORDER BY s.record, s.starts DESC
    ) h
    LEFT JOIN LATERAL (
        SELECT s.facts, s.ends FROM esr.slices s
        WHERE s.organisation = %(own)s AND s.kind = 'position' AND s.record = h.position
        AND s.starts <= %(day)s ORDER BY s.starts DESC LIMIT 1
    ) p ON p.ends IS NULL OR p.ends >= %(day)s
    LEFT JOIN LATERAL (
        SELECT s.facts, s.ends FROM esr.slices s
        WHERE s.organisation = %(own)s AND s.kind = 'organisation' AND s.record = h.department
        AND s.starts <= %(day)s ORDER BY s.starts DESC LIMIT 1
    ) d ON d.ends IS NULL OR d.ends >= %(day)s
    WHERE h.ends IS NULL OR h.ends >= %(day)s
) a ON true
LEFT JOIN LATERAL (
    SELECT s.facts FROM esr.slices s
    WHERE s.organisation = %(own)s AND s.kind = 'checks' AND s.record = e.person LIMIT 1
) c ON true
LEFT JOIN LATERAL (
    SELECT jsonb_object_agg(s.record, s.facts) AS told FROM esr.slices s
    WHERE s.organisation = %(own)s AND s.kind = 'registration' AND s.person = e.person
) r ON true
"""
"""Looked up person by person: right after a first file the planner knows nothing of the table yet."""
_COLUMNS = ("number", "facts", "assignments", "checks", "registrations")
_WAS, _IS = (", ".join(f"{side}.{name}" for name in _COLUMNS) for side in ("b", "a"))
_DIFFERENT = f"""
SELECT b.person, {_WAS}, {_IS} FROM standings b
LEFT JOIN standings a ON a.person = b.person AND a.after
JOIN touched t ON t.person = b.person
WHERE NOT b.after AND b.person > %(from)s AND (t.turned OR ({_WAS}) IS DISTINCT FROM ({_IS}))
ORDER BY b.person LIMIT %(limit)s
"""  # noqa: S608  # names of columns, all of them here


class Standings:
    """One transaction's: of whom they are is to be found before anything is changed."""

    def __init__(self, connection: Connection, organisation: str, *, since: date, day: date) -> None:
        self._connection = connection
        self._own = {"own": organisation}
        self._since = since
        self._day = day

    async def find_touched(self, *, by_file: bool) -> None:
        """Find who is touched, by the file that is staged or by the days that have passed; how they stood."""
        for statement in _TABLES.split(";"):
            await self._connection.execute(statement.encode())
        if by_file:
            await self._connection.execute(_TOUCHED_BY_A_FILE, self._own)
        days = {"since": self._since, "day": self._day}
        await self._connection.execute(_TOUCHED_BY_TIME, self._own | days)
        await self._connection.execute("ANALYZE touched")
        await self._keep(self._since, after=False)

    async def changes(self) -> AsyncIterator[StaffChange]:
        """Every change of theirs, now that all is applied, person by person."""
        await self._keep(self._day, after=True)
        await self._connection.execute("ANALYZE standings")
        last = ""
        while rows := await self._different(last):
            for row in rows:
                for change in self._of(row):
                    yield change
            last = rows[-1][0]

    async def _keep(self, day: date, *, after: bool) -> None:
        await self._connection.execute(_STANDINGS, self._own | {"day": day, "after": after})

    async def _different(self, last: str) -> list[tuple[Any, ...]]:
        asked = {"from": last, "limit": _AT_A_TIME}
        return await (await self._connection.execute(_DIFFERENT.encode(), asked)).fetchall()

    def _of(self, row: tuple[Any, ...]) -> Iterator[StaffChange]:
        width = len(_COLUMNS)
        was, now = row[1 : 1 + width], row[1 + width :]
        return changes(Standing(self._since, _person(was)), Standing(self._day, _person(now)))


def _person(row: tuple[Any, ...]) -> KnownPerson | None:
    """Somebody as a row of standings has them; continuous service is told with each assignment."""
    number, facts, assignments, checks, registrations = row
    if number is None:
        return None
    claims = dict(facts)
    service = {"continuousServiceDate": claims.pop("continuousServiceDate", "")}
    return KnownPerson(
        EmployeeNumber(number),
        claims,
        {AssignmentNumber(each): told | service for each, told in assignments.items()},
        {CheckType(each): _check(told) for each, told in checks.items()},
        registrations,
    )


def _check(told: Mapping[str, Any]) -> KnownCheck:
    expires = told["expires"]
    return KnownCheck(
        CheckOutcome(told["outcome"]), date.fromisoformat(expires) if expires else None, told["claims"]
    )
