"""Invents the staff of several organisations: the same people for the same seed and day."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from esr_sandbox import building, names, posts, slices
from esr_sandbox.building import Terms
from esr_sandbox.posts import Post
from esr_sandbox.records import Assignment, Check, Person, StaffMember, UserStatus
from esr_sandbox.registrations import registrations

FIRST_INVENTED = 1000
"""Numbers below are the cast's: see `cast.py`."""
_SHARED = 25  # of every VPD after the first, so many people also work in the first
_FIRST_BIRTHDAY = date(1958, 1, 1)
_BIRTHDAYS = 16_500  # days: the youngest is born in 2003

_CATEGORIES = ("Permanent",) * 14 + ("Fixed Term Temp",) * 3 + ("Bank",) * 2 + ("Honorary",)
_STATUSES: tuple[UserStatus, ...] = (
    "Maternity & Adoption",
    "Acting Up",
    "Internal Secondment",
    "Out on External Secondment",
    "Career Break",
    "Suspend With Pay",
    "Suspend No Pay",
    "Inactive Not Worked",
)


def staff(
    seed: int, vpd: str, *, people: int, today: date, shared_with: str | None = None
) -> list[StaffMember]:
    """Invent `people` members of staff of one VPD.

    Each is drawn from a generator of their own, so more people never change those before.
    The first few also work in the VPD `shared_with`: same person, other employee number.
    """
    return list(members(seed, vpd, people, today, shared_with))


def members(seed: int, vpd: str, people: int, today: date, shared: str | None) -> Iterator[StaffMember]:
    """Invent the same people as `staff`, one at a time."""
    before: Person | None = None
    for index in range(people):
        origin = shared if shared and index < _SHARED else vpd
        who = _person(draw(seed, origin, index), _number(vpd, index), today)
        random = draw(seed, vpd, index, "post")
        if before is not None and index % 40 == 0 and origin == vpd:
            who = _sibling(who, before, random)
        elif before is not None and (index + 1) % 60 == 0 and origin == vpd:
            who = _namesake(who, before)
        member = _member(random, who, vpd, today)
        yield slices.with_history(draw(seed, vpd, index, "history"), member, today)
        before = who


def hire(seed: int, vpd: str, index: int, on: date) -> StaffMember:
    """Invent somebody who begins on `on`; nobody else has `index`."""
    drawn = _person(draw(seed, vpd, index), _number(vpd, index), on)
    began = {"hire_date": on, "csd_3_months": on, "csd_12_months": on}
    return _employed(draw(seed, vpd, index, "post"), drawn.model_copy(update=began), vpd, on)


def draw(*which: object) -> Random:
    """Open the stream of choices for one thing; the same for the same names."""
    return Random("/".join(str(each) for each in which))  # noqa: S311  # people are invented, not secret


def _one_in(count: int, random: Random) -> bool:
    return random.randrange(count) == 0


def _number(vpd: str, index: int) -> str:
    return f"{vpd}{FIRST_INVENTED + index:05d}"


def _person(random: Random, number: str, today: date) -> Person:
    born = _FIRST_BIRTHDAY + timedelta(days=random.randrange(_BIRTHDAYS))
    adult_days = (today - born).days - 18 * 366
    hired = today - timedelta(days=random.randrange(30, max(31, min(9000, adult_days))))
    who = building.person(
        number, names.first_name(random), names.surname(random), born, names.ni_number(random), hired=hired
    )
    return _with_other_names(random, who)


def _with_other_names(random: Random, who: Person) -> Person:
    """One in five has a middle name, one in eight had another surname, one in ten goes by another name."""
    other: dict[str, str] = {}
    if _one_in(5, random):
        other["middle_names"] = names.first_name(random)
    if _one_in(8, random):
        other[random.choice(("maiden_name", "previous_last_name"))] = names.surname(random)
    if _one_in(10, random):
        other["preferred_name"] = names.first_name(random)
    return who.model_copy(update=other)


def _sibling(who: Person, elder: Person, random: Random) -> Person:
    """Make `who` a twin of `elder`: same surname and birthday, a similar first name, their own NI number."""
    twin = {
        "last_name": elder.last_name,
        "date_of_birth": elder.date_of_birth,
        "first_name": names.similar_first_name(elder.first_name, random),
    }
    return who.model_copy(update=twin)


def _namesake(who: Person, other: Person) -> Person:
    """Give `who` the surname and birthday of a stranger; nothing else of theirs is alike."""
    return who.model_copy(update={"last_name": other.last_name, "date_of_birth": other.date_of_birth})


def _member(random: Random, who: Person, vpd: str, today: date) -> StaffMember:
    member = _employed(random, who, vpd, today)
    if _one_in(16, random):
        return building.left(member, max(who.hire_date, today - timedelta(days=random.randrange(1, 400))))
    return member


def _employed(random: Random, who: Person, vpd: str, today: date) -> StaffMember:
    post = posts.post(random)
    return StaffMember(
        person=who,
        assignments=tuple(_assignments(random, who, post, today)),
        checks=_checks(random, who, post, today),
        access=building.access(who.employee_number, vpd=vpd, active=not _one_in(30, random)),
        registrations=registrations(random, who, post, today),
    )


def _assignments(random: Random, who: Person, post: Post, today: date) -> Iterator[Assignment]:
    yield _assignment(random, who.employee_number, post, who.hire_date, today, primary=True)
    for extra in range(2, 2 + random.choices((0, 1, 2), weights=(90, 8, 2))[0]):
        start = who.hire_date + timedelta(days=random.randrange(max(1, (today - who.hire_date).days)))
        number = f"{who.employee_number}-{extra}"
        yield _assignment(random, number, posts.post(random), start, today, primary=False)


def _assignment(
    random: Random, number: str, post: Post, start: date, today: date, *, primary: bool
) -> Assignment:
    return building.assignment(number, post, _terms(random, today), start=start, primary=primary)


def _terms(random: Random, today: date) -> Terms:
    category = random.choice(_CATEGORIES)
    status: UserStatus = "Bank" if category == "Bank" else "Active Assignment"
    if _one_in(10, random):
        status = random.choice(_STATUSES)
    last_day = today + timedelta(days=random.randrange(20, 700))
    return Terms(
        category,
        status,
        fte=0.0 if category in ("Bank", "Honorary") else random.choice((1.0, 1.0, 1.0, 0.8, 0.6, 0.5)),
        ends=last_day if category in ("Fixed Term Temp", "Honorary") else None,
    )


def _checks(random: Random, who: Person, post: Post, today: date) -> tuple[Check, ...]:
    """One in eight has a gap: a check never recorded, still pending, or overdue."""
    checks = building.complete_checks(
        who.employee_number, post, on=max(who.hire_date, today - timedelta(days=900))
    )
    if not _one_in(8, random):
        return checks
    at = random.randrange(len(checks))
    return checks[:at] + _gap(random, checks[at], today) + checks[at + 1 :]


def _gap(random: Random, check: Check, today: date) -> tuple[Check, ...]:
    match random.randrange(3):
        case 0:
            return ()
        case 1:
            return (check.model_copy(update={"outcome": "Pending", "check_date": None}),)
        case _:
            return (check.model_copy(update={"next_date": today - timedelta(days=random.randrange(1, 200))}),)
