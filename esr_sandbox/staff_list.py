"""One VPD's people as they stand now: found by what they are searched by, and what has changed since when."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from esr_sandbox.dataset import Identity, StoredStaff, VpdState
from esr_sandbox.establishment import Establishment, departments_of
from esr_sandbox.files import FileKind, OutboundFile, Turn, full
from esr_sandbox.outbound import stamp
from esr_sandbox.passing import Passing
from esr_sandbox.records import Search, StaffMember


class Index:
    """Employee numbers by date of birth and by NI number."""

    def __init__(self, identities: Iterable[Identity]) -> None:
        self._numbers: defaultdict[object, set[str]] = defaultdict(set)
        for each in identities:
            self.add(each)

    def add(self, identity: Identity) -> None:
        """Let somebody be found."""
        for key in self._keys(identity):
            self._numbers[key].add(identity.employee_number)

    def remove(self, identity: Identity) -> None:
        """Let somebody not be found by this any more."""
        for key in self._keys(identity):
            self._numbers[key].discard(identity.employee_number)

    def find(self, search: Search) -> set[str]:
        """Return whoever has the birthday or the NI number."""
        by_ni_number = self._numbers.get(search.ni_number, set())
        return self._numbers.get(search.date_of_birth, set()) | by_ni_number

    def _keys(self, identity: Identity) -> tuple[object, ...]:
        born = identity.date_of_birth
        return (born, identity.ni_number) if identity.ni_number else (born,)


class StaffList:
    """The people of one VPD. Over those of the start lies what was changed."""

    def __init__(self, start: Mapping[str, StaffMember], state: VpdState) -> None:
        self._start = start
        self._state = state
        self._changed: dict[str, StaffMember | None] = {}
        self._index = Index(_identities(start))
        self._filed: dict[str, StaffMember | None] = {}  # how those were, in the last file, who changed since
        self._filed_establishment = state.establishment

    def member(self, number: str) -> StaffMember | None:
        """Find one person."""
        return self._changed[number] if number in self._changed else self._start.get(number)

    def __iter__(self) -> Iterator[StaffMember]:
        for number in dict.fromkeys((*self._start, *self._changed)):
            if (member := self.member(number)) is not None:
                yield member

    def candidates(self, search: Search) -> Iterator[StaffMember]:
        """Find everyone who has the birthday, the NI number or the employee number, in their order."""
        for number in sorted({*self._index.find(search), search.employee_number}):
            if (member := self.member(number)) is not None:
                yield member

    def put(self, member: StaffMember, at: datetime) -> None:
        """Keep `member`, who was changed at this moment, in place of what was known of them."""
        before, moment = self.member(member.person.employee_number), stamp(at)
        was = self._state.establishment
        now = was.with_names(departments_of(member), moment, at.date())
        self._state = self._state.model_copy(update={"establishment": now})
        self._keep(before, Turn(was, now).stamped(before, member, moment))

    def pass_month(self, passing: Passing) -> None:
        """Let everything of a month happen."""
        sequence = self._state.sequence
        for change in passing.changes(self):
            if change.after is not change.before:
                self._keep(change.before, change.after)
        self._state = passing.state.model_copy(update={"sequence": sequence})

    def outbound(self, kind: FileKind, at: datetime) -> tuple[str, str]:
        """Return the name and the text of the next outbound file."""
        sequence = self._state.sequence + 1
        file = OutboundFile(self._state.vpd, kind, sequence, at)
        records = full(self, self._establishment) if kind == "F" else self._difference()
        text = "".join(f"{line}\n" for line in file.lines(records))
        self._state = self._state.model_copy(update={"sequence": sequence})
        self._filed, self._filed_establishment = {}, self._establishment
        return file.name, text

    @property
    def state(self) -> VpdState:
        """Where the VPD has got to."""
        return self._state

    @property
    def _establishment(self) -> Establishment:
        return self._state.establishment

    def _difference(self) -> Iterator[str]:
        turn = Turn(self._filed_establishment, self._establishment)
        yield from turn.departments()
        for number, before in self._filed.items():
            yield from turn.member(before, self.member(number))

    def _keep(self, before: StaffMember | None, after: StaffMember | None) -> None:
        known = after or before
        if known is None:
            return
        number = known.person.employee_number
        self._filed.setdefault(number, before)
        self._changed[number] = after
        if before is not None:
            self._index.remove(Identity.of(before))
        if after is not None:
            self._index.add(Identity.of(after))


def _identities(start: Mapping[str, StaffMember]) -> Iterable[Identity]:
    return start.identities if isinstance(start, StoredStaff) else map(Identity.of, start.values())
