"""The people of every VPD as they stand now, and how the operator of the sandbox changes them."""

from collections.abc import Callable
from datetime import date

from esr_sandbox import generator
from esr_sandbox.cast import Persona, cast
from esr_sandbox.records import Person, Search, StaffMember
from esr_sandbox.settings import Settings


class UnknownRecord(Exception):
    """There is no such person, assignment or check in this VPD."""


class Directory:
    """Everyone, by VPD and employee number. `today` says which day it is."""

    def __init__(self, settings: Settings, today: Callable[[], date]) -> None:
        self._settings = settings
        self._today = today
        self.personas: tuple[Persona, ...] = ()
        self._members: dict[str, dict[str, StaffMember]] = {}
        self.reset()

    def today(self) -> date:
        """Return the day on which the sandbox lives."""
        return self._today()

    def reset(self) -> None:
        """Put everyone back to how they were invented."""
        self.personas = cast(self._today())
        self._members = {vpd: self._invent(vpd) for vpd in self._settings.vpds}
        for persona in self.personas:
            if persona.vpd in self._members:
                self.put(persona.vpd, persona.member)

    def _invent(self, vpd: str) -> dict[str, StaffMember]:
        settings = self._settings
        first = settings.vpds[0]
        invented = generator.staff(
            settings.seed,
            vpd,
            people=settings.people_per_vpd,
            today=self._today(),
            shared_with=first if vpd != first else None,
        )
        return {member.person.employee_number: member for member in invented}

    def put(self, vpd: str, member: StaffMember) -> None:
        """Keep `member` in place of what was known of them."""
        self._members[vpd][member.person.employee_number] = member

    def member(self, vpd: str, employee_number: str) -> StaffMember:
        """Find one person of a VPD. Raises `UnknownRecord`."""
        try:
            return self._members[vpd][employee_number]
        except KeyError:
            raise UnknownRecord("There is no such person in this VPD.") from None

    def candidates(self, vpd: str, search: Search) -> list[Person]:
        """Find everyone of a VPD who has the birthday, the NI number or the employee number sought."""
        return [member.person for member in self.members(vpd) if _could_be(member.person, search)]

    def members(self, vpd: str) -> list[StaffMember]:
        """List everyone of a VPD."""
        return list(self._members.get(vpd, {}).values())


def _could_be(person: Person, search: Search) -> bool:
    return (
        person.date_of_birth == search.date_of_birth
        or (search.ni_number is not None and person.ni_number == search.ni_number)
        or person.employee_number == search.employee_number
    )
