"""Invented professional registrations: numbers of the right shape, mostly in force."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from esr_sandbox.posts import Post
from esr_sandbox.records import Person, Registration, RegistrationBody, RegistrationStatus

_YEAR = 365
_HCPC_PREFIXES = ("BS", "OT", "PH", "RA")

_NUMBERS: dict[RegistrationBody, Callable[[Random], str]] = {
    "GMC": lambda random: f"{random.randrange(4_000_000, 8_000_000)}",
    "NMC": lambda random: (
        f"{random.randrange(80, 100)}{random.choice('ABCDEFGHIJKL')}"
        f"{random.randrange(10_000):04d}{random.choice('ESWNO')}"
    ),
    "HCPC": lambda random: f"{random.choice(_HCPC_PREFIXES)}{random.randrange(10_000, 200_000)}",
    "GPhC": lambda random: f"{random.randrange(2_000_000, 2_300_000)}",
    "GDC": lambda random: f"{random.randrange(50_000, 300_000)}",
}


def registrations(random: Random, who: Person, post: Post, today: date) -> tuple[Registration, ...]:
    """Invent the registration that `post` needs; one in sixteen has expired."""
    if (body := post.registration_body) is None:
        return ()
    expired = random.randrange(16) == 0
    days = random.randrange(-200, 0) if expired else random.randrange(1, valid_for(body).days)
    status: RegistrationStatus = "Lapsed" if expired and random.randrange(2) else "Registered"
    if not expired and random.randrange(60) == 0:
        status = "Conditions"
    record = Registration(
        registration_id=f"{who.employee_number}01",
        body=body,
        number=_NUMBERS[body](random),
        status=status,
        registered_from=who.hire_date - timedelta(days=random.randrange(10, 1500)),
        expiry_date=today + timedelta(days=days),
    )
    return (record,)


def in_force(who: Person, post: Post, today: date) -> tuple[Registration, ...]:
    """Give `who` the registration that `post` needs, always the same, and in force."""
    drawn = registrations(Random(who.employee_number), who, post, today)  # noqa: S311  # not secret
    good = {"status": "Registered", "expiry_date": today + timedelta(days=200)}
    return tuple(each.model_copy(update=good) for each in drawn)


def valid_for(body: RegistrationBody) -> timedelta:
    """For how long a registration holds before it is renewed: three years for nurses, one for others."""
    return timedelta(days=3 * _YEAR if body == "NMC" else _YEAR)
