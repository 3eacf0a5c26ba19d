"""The named cast: people with fixed numbers, each made for one part of the story."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from esr_sandbox import building
from esr_sandbox.building import BANK, PERMANENT, Terms
from esr_sandbox.posts import BANK_NURSE, HONORARY_REGISTRAR, HR_ADVISER, REGISTRAR, STAFF_NURSE, Post
from esr_sandbox.records import Assignment, Check, Person, StaffMember, UserAccess, UserStatus
from esr_sandbox.registrations import in_force

type CheckChange = Callable[[tuple[Check, ...]], tuple[Check, ...]]

NORTHMOOR = "901"
CALDER_BAY = "902"


@dataclass(frozen=True, slots=True)
class Persona:
    """One of the cast; `key` and the person's number, names and birthday never change."""

    key: str
    vpd: str
    description: str
    member: StaffMember

    def on_the_wire(self) -> dict[str, object]:
        """Return who this is, as the control API lists them."""
        person = self.member.person
        return {
            "key": self.key,
            "vpd": self.vpd,
            "description": self.description,
            "employeeNumber": person.employee_number,
            "firstName": person.first_name,
            "lastName": person.last_name,
            "dateOfBirth": person.date_of_birth.isoformat(),
            "niNumber": person.ni_number,
            "assignmentNumbers": [each.assignment_number for each in self.member.assignments],
        }


def cast(today: date) -> tuple[Persona, ...]:
    """The whole cast as they stand on `today`."""
    return tuple(Scene(today).everyone())


@dataclass(frozen=True, slots=True)
class Scene:
    """The cast's lives, told relative to `today`."""

    today: date

    def everyone(self) -> Iterator[Persona]:
        """Everyone, in the order of their story."""
        yield from self._users()
        yield from self._ready_staff()
        yield from self._staff_with_obstacles()
        yield from self._people_easily_mistaken()

    def _users(self) -> Iterator[Persona]:
        role = building.ADMINISTRATOR_ROLE
        hr = self._user
        yield hr("northmoor-hr", "90100001", "Ottilie Brackwell", "HR adviser who may issue", role)
        yield hr("northmoor-hr-deputy", "90100002", "Kofi Lindale", "a second HR adviser who may issue", role)
        yield hr("northmoor-hr-without-role", "90100003", "Tegan Marlow", "HR adviser without the role")
        yield hr(
            "northmoor-hr-inactive",
            "90100004",
            "Samir Netherby",
            "HR adviser no longer active",
            role,
            active=False,
        )
        yield hr(
            "northmoor-hr-role-elsewhere",
            "90100005",
            "Iris Underhay",
            "HR adviser whose role is in the other organisation",
            role,
            role_vpd=CALDER_BAY,
        )
        yield hr(
            "calder-bay-hr", "90200001", "Wanjiru Stanford", "HR adviser of the host", role, vpd=CALDER_BAY
        )
        yield hr(
            "calder-bay-hr-deputy",
            "90200002",
            "Fergus Holmgate",
            "a second HR adviser of the host",
            role,
            vpd=CALDER_BAY,
        )

    def _user(
        self,
        key: str,
        number: str,
        name: str,
        description: str,
        *roles: str,
        vpd: str = NORTHMOOR,
        role_vpd: str | None = None,
        active: bool = True,
    ) -> Persona:
        person = self._person(number, name, date(1979, 3, 1 + int(number) % 28), f"HR{number[2:]}A")
        access = building.access(number, *roles, vpd=role_vpd or vpd, active=active)
        return Persona(key, vpd, description, self._member(person, HR_ADVISER, access=access))

    def _ready_staff(self) -> Iterator[Persona]:
        nurse = self._person("90100010", "Amara Fennwick", date(1990, 5, 17), "JR482913B")
        yield Persona("nurse", NORTHMOOR, "one assignment, all checks done", self._member(nurse, STAFF_NURSE))
        yield self._doctor()
        bank = self._person("90100015", "Lowri Quarrcombe", date(1985, 11, 30), "LM771204C")
        post = self._assignment("90100015", BANK_NURSE, BANK)
        yield Persona("bank", NORTHMOOR, "a bank nurse", self._member(bank, BANK_NURSE, post))
        yield from self._two_employers()

    def _doctor(self) -> Persona:
        number = "90100011"
        person = self._person(number, "Idris Calderford", date(1988, 9, 2), "SA305118D")
        ends = self._in(300)
        posts = (
            self._assignment(number, REGISTRAR, Terms("Fixed Term Temp", ends=ends)),
            self._assignment(f"{number}-2", HONORARY_REGISTRAR, Terms("Honorary", fte=0.0), primary=False),
        )
        return Persona(
            "doctor", NORTHMOOR, "a registrar with two assignments", self._member(person, REGISTRAR, *posts)
        )

    def _two_employers(self) -> Iterator[Persona]:
        for key, vpd, number in (
            ("two-employers", NORTHMOOR, "90100021"),
            ("two-employers-host", CALDER_BAY, "90200021"),
        ):
            person = self._person(number, "Harpreet Valemere", date(1983, 2, 8), "PX640021A")
            yield Persona(
                key, vpd, "the same person in both organisations", self._member(person, STAFF_NURSE)
            )

    def _staff_with_obstacles(self) -> Iterator[Persona]:
        yield self._with_status("suspended", "90100012", "Marcus Rushbridge", "Suspend With Pay")
        yield self._with_status("maternity", "90100016", "Bethan Oakley", "Maternity & Adoption")
        yield self._leaver()
        yield self._on_the_last_day()
        yield self._with_checks(
            "checks-incomplete", "90100014", "Emeka Whinstow", "DBS pending, no work health", _incomplete
        )
        yield self._with_checks(
            "right-to-work-expired",
            "90100023",
            "Olena Yarfield",
            "right to work lapsed yesterday",
            lambda checks: _right_to_work_until(self._in(-1), checks),
        )
        yield self._with_checks(
            "right-to-work-limited",
            "90100024",
            "Thabo Glencroft",
            "right to work for six months more",
            lambda checks: _right_to_work_until(self._in(180), checks),
        )

    def _with_status(self, key: str, number: str, name: str, status: UserStatus) -> Persona:
        person = self._person(number, name, date(1987, 7, 7), f"KL{number[2:]}B")
        post = self._assignment(number, STAFF_NURSE, Terms(status=status))
        return Persona(key, NORTHMOOR, f"assignment status {status}", self._member(person, STAFF_NURSE, post))

    def _leaver(self) -> Persona:
        person = self._person("90100013", "Nadia Crestbourne", date(1976, 12, 25), "MT550013A")
        member = building.left(self._member(person, STAFF_NURSE), self._in(-30))
        return Persona("leaver", NORTHMOOR, "left a month ago", member)

    def _on_the_last_day(self) -> Persona:
        person = self._person("90100022", "Victor Dunmore", date(1959, 4, 12), "NE220022C")
        post = building.ending(self._assignment("90100022", STAFF_NURSE), self.today)
        return Persona(
            "last-day", NORTHMOOR, "works today for the last time", self._member(person, STAFF_NURSE, post)
        )

    def _with_checks(
        self, key: str, number: str, name: str, description: str, change: CheckChange
    ) -> Persona:
        person = self._person(number, name, date(1992, 6, 15), f"CE{number[2:]}D")
        member = self._member(person, STAFF_NURSE)
        changed = member.model_copy(update={"checks": change(member.checks)})
        return Persona(key, NORTHMOOR, description, changed)

    def _people_easily_mistaken(self) -> Iterator[Persona]:
        born = date(1994, 8, 21)
        for key, number, name, ni_number in (
            ("twin-one", "90100017", "Sofia Thornbeck", "ER170017A"),
            ("twin-two", "90100018", "Sophia Thornbeck", "ER180018B"),
        ):
            member = self._member(self._person(number, name, born, ni_number), STAFF_NURSE)
            yield Persona(key, NORTHMOOR, "a twin: same surname and birthday, similar first name", member)
        yield self._married()
        accented = self._person("90100020", "Zoë O'Hartfield-Siôn", date(1991, 1, 31), "OC200020D")
        description = "accent, apostrophe and hyphen in the name"
        yield Persona("accents", NORTHMOOR, description, self._member(accented, STAFF_NURSE))

    def _married(self) -> Persona:
        person = self._person("90100019", "Priya Kelton", date(1986, 10, 3), "GS190019C")
        names = {"maiden_name": "Raventon", "previous_last_name": "Raventon", "preferred_name": "Pia"}
        member = self._member(person.model_copy(update=names), STAFF_NURSE)
        return Persona("changed-surname", NORTHMOOR, "born Raventon, goes by Pia", member)

    def _person(self, number: str, name: str, born: date, ni_number: str) -> Person:
        first, last = name.split(" ")
        return building.person(number, first, last, born, ni_number, hired=self._in(-1200))

    def _assignment(
        self, number: str, post: Post, terms: Terms = PERMANENT, *, primary: bool = True
    ) -> Assignment:
        return building.assignment(number, post, terms, start=self._in(-1200), primary=primary)

    def _member(
        self, person: Person, post: Post, *assignments: Assignment, access: UserAccess | None = None
    ) -> StaffMember:
        number = person.employee_number
        return StaffMember(
            person=person,
            assignments=assignments or (self._assignment(number, post),),
            checks=building.complete_checks(number, post, on=self._in(-1190)),
            access=access or building.access(number, vpd=number[:3]),
            registrations=in_force(person, post, self.today),
        )

    def _in(self, days: int) -> date:
        return self.today + timedelta(days=days)


def _incomplete(checks: tuple[Check, ...]) -> tuple[Check, ...]:
    pending = {"outcome": "Pending", "check_date": None, "next_date": None}
    return tuple(
        each.model_copy(update=pending) if each.check_type == "DBS" else each
        for each in checks
        if each.check_type != "WORK_HEALTH"
    )


def _right_to_work_until(last: date, checks: tuple[Check, ...]) -> tuple[Check, ...]:
    return tuple(
        each.model_copy(update={"next_date": last}) if each.check_type == "RTW" else each for each in checks
    )
