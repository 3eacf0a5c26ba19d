"""One file's slices on their way into the database: copied into temporary tables, then applied as sets.

All of it is one transaction of one organisation; the temporary tables go with it.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import AsyncConnection

from agent.esr_feed.outbound import DIGEST_BYTES, Deletion, Slice

type Connection = AsyncConnection[Any]

_TABLES = """
CREATE TEMPORARY TABLE staged (
    act text NOT NULL, line integer NOT NULL, kind text NOT NULL, record text NOT NULL, starts date,
    ends date, person text, number text, position text, department text, facts jsonb, turns date[],
    digest bytea
) ON COMMIT DROP;
CREATE TEMPORARY TABLE marks (digest bytea NOT NULL) ON COMMIT DROP;
CREATE TEMPORARY TABLE leaving (kind text NOT NULL, record text NOT NULL, starts date NOT NULL) ON COMMIT DROP
"""
_COPY = "COPY staged FROM STDIN"
_as_json = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
_UPDATE, _OVER, _DELETE = "U", "O", "D"

_TAKEN_BACK = """
DELETE FROM staged n USING staged d
WHERE d.act = 'D' AND n.act <> 'D' AND (d.kind, d.record) = (n.kind, n.record) AND d.line > n.line
AND n.starts = coalesce(d.starts, n.starts)
"""
"""What a file says and then deletes: the later line counts."""
_TWICE_IN_THE_FILE = """
SELECT line FROM (
    SELECT line, row_number() OVER (PARTITION BY kind, record, starts ORDER BY line) AS place
    FROM staged WHERE act <> 'D'
) AS numbered WHERE place > 1 ORDER BY line
"""
_TWICE_WITH_ONE_THAT_IS_KNOWN = """
SELECT n.line FROM staged n
JOIN esr.slices s ON s.organisation = %(own)s AND (s.kind, s.record, s.starts) = (n.kind, n.record, n.starts)
WHERE n.act <> 'D' AND {there} EXISTS (SELECT FROM marks m WHERE m.digest = s.digest) ORDER BY n.line
"""
_LEAVING = """
INSERT INTO leaving
SELECT s.kind, s.record, s.starts FROM esr.slices s JOIN staged n ON (n.kind, n.record) = (s.kind, s.record)
WHERE s.organisation = %(own)s AND (
    (n.act = 'U' AND s.starts = n.starts) OR (n.act = 'O' AND s.starts <= n.starts)
    OR (n.act = 'D' AND s.starts = coalesce(n.starts, s.starts)))
UNION
SELECT s.kind, s.record, s.starts FROM esr.slices s JOIN marks m ON m.digest = s.digest
WHERE s.organisation = %(own)s AND %(full)s
"""
_WHAT_GOES = """
WITH known AS (
    SELECT s.kind, s.record, bool_and(l.record IS NOT NULL) AS goes FROM esr.slices s
    LEFT JOIN leaving l ON (l.kind, l.record, l.starts) = (s.kind, s.record, s.starts)
    WHERE s.organisation = %(own)s AND s.person IS NOT NULL GROUP BY s.kind, s.record
)
SELECT kind, count(*) FILTER (WHERE goes AND NOT EXISTS (
    SELECT FROM staged n WHERE n.act = 'U' AND (n.kind, n.record) = (known.kind, known.record))), count(*)
FROM known GROUP BY kind ORDER BY kind
"""
_LEAVE = """
DELETE FROM esr.slices s USING leaving l
WHERE s.organisation = %(own)s AND (s.kind, s.record, s.starts) = (l.kind, l.record, l.starts)
"""
_ENTER = """
INSERT INTO esr.slices
    (organisation, kind, record, starts, ends, person, number, position, department, facts, turns, digest)
SELECT %(own)s, kind, record, starts, ends, person, number, position, department, facts, turns, digest
FROM staged WHERE act = 'U' ORDER BY kind, record, starts
"""
_OVERTAKEN = """
DELETE FROM esr.slices s USING staged n
WHERE s.organisation = %(own)s AND n.act = 'O' AND (n.kind, n.record) = (s.kind, s.record)
AND s.starts <= n.starts
"""
_FOLLOWED = """
WITH newest AS (
    SELECT kind, record, max(starts) AS starts FROM esr.slices
    WHERE organisation = %(own)s AND starts <= %(day)s GROUP BY kind, record HAVING count(*) > 1
)
DELETE FROM esr.slices s USING newest n
WHERE s.organisation = %(own)s AND (s.kind, s.record) = (n.kind, n.record) AND s.starts < n.starts
"""
_ENDED = "DELETE FROM esr.slices WHERE organisation = %(own)s AND ends < %(day)s"
_OF_NOBODY = """
DELETE FROM esr.slices s WHERE s.organisation = %(own)s AND s.kind <> 'person' AND s.person IS NOT NULL
AND NOT EXISTS (SELECT FROM esr.slices p WHERE p.organisation = s.organisation
    AND p.kind = 'person' AND p.record = s.person)
"""
_COUNTS = """
SELECT (SELECT count(*) FROM staged WHERE act = 'U') AS taken,
    (SELECT count(*) FROM leaving l WHERE EXISTS (
        SELECT FROM staged n WHERE n.act = 'U' AND (n.kind, n.record, n.starts) = (l.kind, l.record, l.starts)
    )) AS replaced,
    (SELECT count(*) FROM leaving) AS left_
"""


@dataclass(frozen=True, slots=True)
class Applied:
    """How many slices are new, say something else than before, or are gone."""

    added: int
    changed: int
    removed: int


class Staging:
    """One transaction's."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self._connection = connection
        self._own = {"own": organisation}

    async def known(self) -> set[bytes]:
        """The digest of every line of which something is kept."""
        query = "SELECT string_agg(digest, ''::bytea) FROM esr.slices WHERE organisation = %(own)s"
        cursor = self._connection.cursor(binary=True)
        row = await (await cursor.execute(query, self._own)).fetchone()
        all_of_them: bytes = (row[0] if row else None) or b""
        step = DIGEST_BYTES
        return {all_of_them[at : at + step] for at in range(0, len(all_of_them), step)}

    async def take(self, records: Iterable[Slice | Deletion]) -> None:
        """Copy them in as they are read."""
        for statement in _TABLES.split(";"):
            await self._connection.execute(statement.encode())
        cursor = self._connection.cursor()
        async with cursor.copy(_COPY) as copy:
            for each in records:
                await copy.write_row(_row(each))
        await self._connection.execute("ANALYZE staged")
        await self._connection.execute(_TAKEN_BACK)

    async def mark(self, digests: Iterable[bytes]) -> None:
        """Of a full file the known lines that it has no more; of a delta those that it has again."""
        cursor = self._connection.cursor()
        async with cursor.copy("COPY marks FROM STDIN") as copy:
            for digest in digests:
                await copy.write_row((digest,))
        await self._connection.execute("ANALYZE marks")

    async def twice(self, *, full: bool) -> list[int]:
        """The lines about a record of which another line of the file says something from the same day on."""
        known = _TWICE_WITH_ONE_THAT_IS_KNOWN.format(there="NOT" if full else "")
        return sorted({*await self._lines(_TWICE_IN_THE_FILE), *await self._lines(known)})

    async def find_leaving(self, *, full: bool) -> None:
        """Find every slice that is replaced, deleted, or over."""
        await self._connection.execute(_LEAVING, self._own | {"full": full})
        await self._connection.execute("ANALYZE leaving")

    async def what_goes(self) -> list[tuple[str, int, int]]:
        """Of people and what they have, by kind: how many records are gone with the file, of how many."""
        rows = await (await self._connection.execute(_WHAT_GOES, self._own)).fetchall()
        return [(kind, gone, known) for kind, gone, known in rows]

    async def apply(self) -> Applied:
        """Let those go that leave, and in what is new."""
        for statement in (_LEAVE, _ENTER, _OVERTAKEN):
            await self._connection.execute(statement, self._own)
        row = await (await self._connection.execute(_COUNTS)).fetchone()
        taken, replaced, left = row or (0, 0, 0)
        return Applied(taken - replaced, replaced, left - replaced)

    async def forget_what_is_over(self, day: date, *, orphans: bool) -> None:
        """Keep only what matters on `day` or later."""
        for statement in (_FOLLOWED, _ENDED):  # in this order: what an ended slice followed is over, too
            await self._connection.execute(statement, self._own | {"day": day})
        if orphans:
            await self._connection.execute(_OF_NOBODY, self._own)

    async def _lines(self, query: str) -> list[int]:
        rows = await (await self._connection.execute(query.encode(), self._own)).fetchall()
        return [line for (line,) in rows]


def _row(each: Slice | Deletion) -> tuple[object, ...]:
    if isinstance(each, Deletion):
        return (_DELETE, each.line, each.kind.value, each.record, each.starts, *(None,) * 8)
    return (
        _OVER if each.over else _UPDATE,
        each.line,
        each.kind.value,
        each.record,
        each.starts,
        each.ends,
        each.person,
        each.number,
        each.position,
        each.department,
        _as_json(each.facts),
        list(each.turns) or None,
        each.digest,
    )
