"""A connection belongs to a person only once they have proven it."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.comparison_code import comparison_code
from agent.domain.actors import Actor
from agent.domain.clock import Clock, utc_now
from agent.domain.errors import Conflict, Refusal, Refused
from agent.domain.passport import WRONG_CODES_ALLOWED, ConfirmationMethod, PassportState
from agent.domain.ports.audit import Audit, AuditOutcome, Intent
from agent.domain.ports.connections import ConnectionId, Connections
from agent.domain.workforce import Organisation
from agent.issuer.records import PassportRepository, PassportRow
from agent.store.engine import Store

CODE_DIGITS = 8
_CODE = re.compile(rf"[0-9]{{{CODE_DIGITS}}}")


@dataclass(frozen=True, slots=True)
class OneTimeCode:
    """A code for HR to send by another channel; it is shown this once."""

    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """The two ways to prove whose wallet is connected. The fifth wrong code closes the passport."""

    store: Store
    organisation: Organisation
    audit: Audit
    connections: Connections
    code_key: bytes
    code_life: timedelta
    clock: Clock = utc_now

    async def compare(self, passport: str, keyed: str, *, by: Actor) -> PassportRow:
        """Confirm by the code that the person read out from their wallet, and `by` keyed.

        Raises `Refused` with code `wrong_code`, and `Conflict` when nothing waits to be confirmed.
        """
        row = await self._row(passport)
        expected = comparison_code(await self.connections.dids(ConnectionId(row.connection)))
        code = read_code(keyed)
        method = ConfirmationMethod.COMPARED_CODE
        return await self._try(passport, lambda _row: _same(expected, code), by=by.id, method=method)

    async def new_one_time_code(self, passport: str, *, by: Actor) -> OneTimeCode:
        """A fresh code in place of any earlier one; only its keyed digest is kept."""
        await self._passport(passport)
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
        expires = self.clock() + self.code_life
        intent = await self.audit.intend("make one-time code", actor=by.id, subject=passport)
        async with self.store.unit(self.organisation.ods_code) as session:
            row = await PassportRepository(session, self.organisation.ods_code).get(passport, lock=True)
            if row.state in (PassportState.INVITED, PassportState.CONNECTED):
                row.one_time_code, row.one_time_code_expires_at = self._digest(passport, code), expires
                await self.audit.conclude(intent, AuditOutcome.DONE)
                return OneTimeCode(code, expires)
            await self.audit.conclude(intent, AuditOutcome.REFUSED, code=f"passport_{row.state}")
            state = row.state
        raise Conflict(f"The passport is {state}: there is nothing to confirm.", code=f"passport_{state}")

    async def message_received(self, connection: ConnectionId, text: str) -> None:
        """Take a message that looks like a code as a try; leave every other message alone."""
        async with self.store.unit(self.organisation.ods_code) as session:
            row = await PassportRepository(session, self.organisation.ods_code).of_connection(connection)
        code = read_code(text)
        if row is None or row.state != PassportState.CONNECTED or row.one_time_code is None or code is None:
            return

        def is_right(waiting: PassportRow) -> bool:
            expires = waiting.one_time_code_expires_at
            in_time = expires is not None and self.clock() < expires
            return in_time and _same(waiting.one_time_code, self._digest(waiting.id, code))

        try:
            await self._try(row.id, is_right, by="holder", method=ConfirmationMethod.ONE_TIME_CODE)
        except Refused as refused:
            # Over a connection that was ended with the fifth wrong code, nothing is said any more.
            if refused.refusals[0].code == "wrong_code":
                await self.connections.tell(connection, refused.sentence)
        else:
            await self.connections.tell(connection, "Thank you. This connection is confirmed to be yours.")

    async def _try(
        self, passport: str, is_right: Callable[[PassportRow], bool], *, by: str, method: ConfirmationMethod
    ) -> PassportRow:
        """Count the try and decide it under one lock, so that no two tries are one."""
        intent = await self.audit.intend("confirm connection", actor=by, subject=passport)
        async with self.store.unit(self.organisation.ods_code) as session:
            row = await PassportRepository(session, self.organisation.ods_code).get(passport, lock=True)
            if row.state == PassportState.CONNECTED and is_right(row):
                self._confirm(row, by, method)
                await self.audit.conclude(intent, AuditOutcome.DONE)
                return row
            left = await self._wrong(row, intent)
        if left is None:
            raise Conflict(
                f"The passport is {row.state}: there is nothing to confirm.", code=f"passport_{row.state}"
            )
        if left == 0:
            await self.connections.end(ConnectionId(row.connection))
        raise wrong_code(left)

    def _confirm(self, row: PassportRow, by: str, method: ConfirmationMethod) -> None:
        row.move(PassportState.CONFIRMED, at=self.clock())
        row.confirmed_by, row.confirmation, row.confirmed_at = by, method, self.clock()
        row.one_time_code = row.one_time_code_expires_at = None

    async def _wrong(self, row: PassportRow, intent: Intent) -> int | None:
        """How many tries are left after this wrong one; None when it was no try at all."""
        if row.state != PassportState.CONNECTED:
            await self.audit.conclude(intent, AuditOutcome.REFUSED, code=f"passport_{row.state}")
            return None
        row.wrong_codes += 1
        left = WRONG_CODES_ALLOWED - row.wrong_codes
        if left == 0:
            row.move(PassportState.CLOSED, ended_for="wrong_codes", at=self.clock())
        await self.audit.conclude(intent, AuditOutcome.REFUSED, code="wrong_code")
        return left

    async def _passport(self, passport: str) -> PassportRow:
        async with self.store.unit(self.organisation.ods_code) as session:
            return await PassportRepository(session, self.organisation.ods_code).get(passport)

    async def _row(self, passport: str) -> PassportRow:
        row = await self._passport(passport)
        if row.state != PassportState.CONNECTED:
            raise Conflict(
                f"The passport is {row.state}: there is nothing to confirm.", code=f"passport_{row.state}"
            )
        return row

    def _digest(self, passport: str, code: str) -> str:
        return hmac.new(self.code_key, f"{passport}:{code}".encode(), hashlib.sha256).hexdigest()


def read_code(text: str) -> str | None:
    """The eight digits in what somebody typed, spaces and hyphens left out; None if it is no code."""
    digits = re.sub(r"[\s-]", "", text)
    return digits if _CODE.fullmatch(digits) else None


def wrong_code(left: int) -> Refused:
    """The refusal of a wrong code, with how many tries are left."""
    sentence = (
        f"This code is wrong; {left} more {'try' if left == 1 else 'tries'}."
        if left
        else "This code is wrong. It was the fifth, so the passport is closed; begin again with a new one."
    )
    return Refused(
        sentence, (Refusal("wrong_code" if left else "too_many_wrong_codes", sentence),), code="wrong_code"
    )


def _same(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and hmac.compare_digest(one, other)
