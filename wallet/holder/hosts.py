"""Who invites and who asks: proven by their own signature, and looked up in the list of who is registered."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, Self

from signed_documents.errors import DocumentRefused, DocumentUnavailable, SignedDocumentError
from signed_documents.host_statements import (
    ASKS,
    HOST,
    INVITES,
    Ends,
    HostStatement,
    about_invitation,
    about_request,
    expanded,
)
from signed_documents.resolution import Fetch, WebvhReader, utc_now
from signed_documents.statements import VerifiedStatement, claimed_issuer
from signed_documents.trust_distribution import TrustListReader
from signed_documents.trust_lists import ListedOrganisation, Status, TrustListing, london_day
from wallet.holder.problems import NotPossible, Unavailable

NOT_REGISTERED = "host_not_registered"


class Standing(StrEnum):
    """What is known of who invites or asks."""

    REGISTERED = "registered"
    UNREGISTERED = "unregistered"  # whom they say to be is not on the list, or not any more
    UNPROVEN = "unproven"  # they did not prove who they are
    UNAVAILABLE = "unavailable"  # nobody can say now


@dataclass(frozen=True, slots=True)
class Host:
    """Who invites or asks. `name` and `ods_code` are the list's, never the other agent's own words.

    `may_ask` are the types of credentials that it may ask for today, as the list calls them.
    """

    standing: Standing
    name: str | None = None
    ods_code: str | None = None
    purpose: str | None = None
    may_ask: tuple[str, ...] = ()


UNREGISTERED = Host(Standing.UNREGISTERED)
UNPROVEN = Host(Standing.UNPROVEN)
UNAVAILABLE = Host(Standing.UNAVAILABLE)


@dataclass(frozen=True, slots=True)
class Asked:
    """A presentation request: its thread, why, what is asked in each format, and its host's statement."""

    thread: str
    purpose: str | None
    content: Mapping[str, Any]
    statement: object


class Hosts:
    """Looks at whoever invites or asks. Without a list, nobody is known to be registered."""

    def __init__(
        self,
        reader: WebvhReader,
        trust: Callable[[], Awaitable[TrustListing]] | None,
        *,
        types: Mapping[str, str],
        declines: bool,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._reader = reader
        self._trust = trust
        self._types = dict(types)
        self._declines = declines
        self._clock = clock

    @classmethod
    def told(cls, settings: Mapping[str, Any], reader: WebvhReader, fetch: Fetch) -> Self:
        """As the settings' section `hosts` says."""
        told, trust = settings["trust"], None
        if told is not None:
            reading = TrustListReader(fetch, told["url"], Path(told["root"]), Path(told["folder"]))
            trust = partial(reading.current, timedelta(seconds=told["refetch_after"]))
        return cls(reader, trust, types=settings["types"], declines=settings["unregistered"] == "decline")

    async def who_invites(self, invitation: Mapping[str, Any]) -> Host:
        """Who made an out-of-band invitation, all of whose JSON is given."""
        document, now = dict(invitation), self._clock()
        try:
            statement = expanded(document.get(f"~{HOST}"), document)
        except DocumentRefused:
            return UNPROVEN
        return await self._looked_at(
            statement, INVITES, lambda said: about_invitation(said, document, now=now)
        )

    async def who_asks(self, asked: Asked, ends: Ends) -> Host:
        """Who sent a presentation request over the connection between `ends`."""
        now = self._clock()
        return await self._looked_at(
            asked.statement,
            ASKS,
            lambda said: about_request(said, asked.thread, asked.purpose, asked.content, ends, now=now),
        )

    async def listed(self, did: str) -> Host:
        """Whose DID stands on a credential, by the list. It does not prove who is at the other end."""
        if self._trust is None:
            return UNPROVEN
        try:
            organisation = (await self._trust()).organisation(did)
        except SignedDocumentError:
            return UNAVAILABLE
        if organisation is None or organisation.status(self._clock()) is Status.SUSPENDED:
            return UNREGISTERED
        return Host(Standing.REGISTERED, organisation.name, organisation.ods_code)

    def is_turned_away(self, host: Host) -> bool:
        """Whether it is declined without asking the person."""
        return self._declines and host.standing in {Standing.UNREGISTERED, Standing.UNPROVEN}

    def require_welcome(self, host: Host) -> None:
        """Raise `NotPossible` for who is turned away, `Unavailable` while nobody can say."""
        if self.is_turned_away(host):
            raise NotPossible(NOT_REGISTERED, "This does not come from a registered organisation.")
        if self._declines and host.standing is Standing.UNAVAILABLE:
            raise Unavailable("host_unknown", "Nobody can say now whether this organisation is registered.")

    def require_may_ask(self, host: Host, types: set[str | None]) -> None:
        """Raise `NotPossible` when a registered host may not ask for a type of credential."""
        if not self._declines:
            return
        if not {self._types.get(each or "") for each in types} <= set(host.may_ask):
            raise NotPossible("host_may_not_ask", "This organisation is not registered to ask for that.")

    async def _looked_at(
        self, statement: object, kind: str, about: Callable[[VerifiedStatement], HostStatement]
    ) -> Host:
        """The list is asked first: of a stranger's DID nobody asks, so that they do not learn who looks."""
        if self._trust is None:
            return UNPROVEN
        try:
            issuer = claimed_issuer(statement)
        except DocumentRefused:
            return UNPROVEN
        try:
            listing = await self._trust()
        except SignedDocumentError:  # also a list that does not verify: then nobody knows who is registered
            return UNAVAILABLE
        organisation = listing.organisation(str(issuer))
        return await self._proven(organisation, statement, kind, about) if organisation else UNREGISTERED

    async def _proven(
        self,
        organisation: ListedOrganisation,
        statement: object,
        kind: str,
        about: Callable[[VerifiedStatement], HostStatement],
    ) -> Host:
        try:
            said = about(await self._reader.statement(statement, kind))
        except DocumentUnavailable:
            return UNAVAILABLE
        except SignedDocumentError:  # it does not verify, or there is no such DID
            return UNPROVEN
        return _listed(organisation, said, self._clock())


def _listed(organisation: ListedOrganisation, said: HostStatement, now: datetime) -> Host:
    if organisation.status(now) is not Status.REGISTERED:
        return UNREGISTERED
    may_ask = {each.type for each in organisation.may_ask if each.covers(london_day(now))}
    return Host(
        Standing.REGISTERED,
        organisation.name,
        organisation.ods_code,
        said.purpose or None,
        tuple(sorted(may_ask)),
    )
