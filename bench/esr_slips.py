"""Honest mistakes: what HR keys instead of what is recorded. Each gives None where it cannot happen."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from random import Random

from agent.domain.errors import InvalidInput
from agent.domain.names import normal
from agent.domain.ports.staff_records import SearchCriteria
from agent.domain.workforce import AssignmentNumber, ni_number
from esr_sandbox import names as sandbox_names
from esr_sandbox.records import Person

type Slip = Callable[[SearchCriteria, Person, Random], SearchCriteria | None]

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_CALLED = {
    "Adaeze": "Ada", "Adrian": "Ade", "Bethan": "Beth", "Callum": "Cal", "Chidi": "Chi", "Conor": "Con",
    "Dafydd": "Dai", "Daniela": "Dani", "Dmitri": "Dima", "Eilidh": "Ellie", "Esther": "Essie",
    "Fergus": "Gus", "Gareth": "Gaz", "Hannah": "Annie", "Imogen": "Immy", "Ioan": "Ianto", "Jasmin": "Jaz",
    "Joanna": "Jo", "José": "Pepe", "Kamal": "Kam", "Lewis": "Lew", "Lucia": "Lulu", "Magnus": "Mags",
    "Marcus": "Marc", "Miriam": "Mimi", "Naomi": "Nomi", "Olena": "Lena", "Parveen": "Pav", "Rafael": "Rafa",
    "Samir": "Sam", "Sanjay": "Sunny", "Saoirse": "Sersh", "Sofia": "Fifi", "Tomasz": "Tomek",
    "Uchenna": "Uche", "Victor": "Vic", "Winifred": "Freddie", "Yusuf": "Joe", "Zara": "Zaz",
}  # fmt: skip


def misspelt(name: str, random: Random) -> str:
    """`name` with a letter left out, doubled, put wrongly, or swapped with its neighbour; never the same."""
    while True:
        at = random.randrange(len(name))
        before, letter, after = name[:at], name[at], name[at + 1 :]
        wrong = random.choice(
            (
                before + after,
                before + letter + letter + after,
                before + random.choice(_LETTERS) + after,
                before + after[:1] + letter + after[1:],
            )
        )
        if normal(wrong) not in {normal(name), ""}:
            return wrong


def _surname_misspelt(keyed: SearchCriteria, _: Person, random: Random) -> SearchCriteria:
    return replace(keyed, surname=misspelt(keyed.surname, random))


def _forename_misspelt(keyed: SearchCriteria, _: Person, random: Random) -> SearchCriteria:
    return replace(keyed, forenames=misspelt(keyed.forenames, random))


def _surname_changed(keyed: SearchCriteria, _: Person, random: Random) -> SearchCriteria:
    return replace(keyed, surname=sandbox_names.surname(random))


def _earlier_surname(keyed: SearchCriteria, person: Person, _: Random) -> SearchCriteria | None:
    earlier = person.maiden_name or person.previous_last_name
    return replace(keyed, surname=earlier) if earlier else None


def _both_surnames(keyed: SearchCriteria, _: Person, random: Random) -> SearchCriteria:
    return replace(keyed, surname=f"{keyed.surname}-{sandbox_names.surname(random)}")


def _initial(keyed: SearchCriteria, _: Person, __: Random) -> SearchCriteria:
    return replace(keyed, forenames=f"{keyed.forenames[0]}.")


def _initials(keyed: SearchCriteria, person: Person, _: Random) -> SearchCriteria | None:
    if not person.middle_names:
        return None
    return replace(keyed, forenames=f"{person.first_name[0]} {person.middle_names[0]}")


def _without_apostrophe(keyed: SearchCriteria, _: Person, random: Random) -> SearchCriteria | None:
    if "'" not in keyed.surname:
        return None
    return replace(keyed, surname=keyed.surname.replace("'", random.choice(("", " ", "\u2019"))))


def _without_hyphen(keyed: SearchCriteria, _: Person, __: Random) -> SearchCriteria | None:
    return replace(keyed, surname=keyed.surname.replace("-", " ")) if "-" in keyed.surname else None


def _one_half(keyed: SearchCriteria, _: Person, random: Random) -> SearchCriteria | None:
    return replace(keyed, surname=random.choice(keyed.surname.split("-"))) if "-" in keyed.surname else None


def _halves_swapped(keyed: SearchCriteria, _: Person, __: Random) -> SearchCriteria | None:
    if "-" not in keyed.surname:
        return None
    return replace(keyed, surname="-".join(reversed(keyed.surname.split("-"))))


def _without_accents(keyed: SearchCriteria, _: Person, __: Random) -> SearchCriteria | None:
    if keyed.forenames.isascii():
        return None
    return replace(keyed, forenames=normal(keyed.forenames).title())


def _preferred_name(keyed: SearchCriteria, person: Person, _: Random) -> SearchCriteria | None:
    return replace(keyed, forenames=person.preferred_name) if person.preferred_name else None


def _nickname(keyed: SearchCriteria, person: Person, _: Random) -> SearchCriteria | None:
    called = _CALLED.get(person.first_name)
    return replace(keyed, forenames=called) if called else None


def _all_forenames(keyed: SearchCriteria, person: Person, _: Random) -> SearchCriteria | None:
    if not person.middle_names:
        return None
    return replace(keyed, forenames=f"{person.first_name} {person.middle_names}")


def _unrecorded_middle_name(keyed: SearchCriteria, person: Person, random: Random) -> SearchCriteria | None:
    if person.middle_names:
        return None
    return replace(keyed, forenames=f"{person.first_name} {sandbox_names.first_name(random)}")


def _middle_name_alone(keyed: SearchCriteria, person: Person, _: Random) -> SearchCriteria | None:
    return replace(keyed, forenames=person.middle_names) if person.middle_names else None


def _wrong_way_round(keyed: SearchCriteria, _: Person, __: Random) -> SearchCriteria:
    return replace(keyed, surname=keyed.forenames, forenames=keyed.surname)


OF_NAMES: dict[str, Slip] = {
    "surname misspelt": _surname_misspelt,
    "forename misspelt": _forename_misspelt,
    "surname changed, and ESR does not know": _surname_changed,
    "an earlier surname, which ESR knows": _earlier_surname,
    "double-barrelled since, and ESR does not know": _both_surnames,
    "double-barrelled, with a space": _without_hyphen,
    "double-barrelled, one half": _one_half,
    "double-barrelled, halves swapped": _halves_swapped,
    "without the apostrophe": _without_apostrophe,
    "without accents": _without_accents,
    "an initial": _initial,
    "initials": _initials,
    "the preferred name": _preferred_name,
    "a nickname that ESR does not know": _nickname,
    "with the middle name": _all_forenames,
    "with a middle name that ESR does not know": _unrecorded_middle_name,
    "the middle name alone": _middle_name_alone,
    "names the wrong way round": _wrong_way_round,
}


def _digit_wrong(text: str, first: int, last: int, random: Random) -> str:
    at = random.randrange(first, last)
    return text[:at] + random.choice([each for each in "0123456789" if each != text[at]]) + text[at + 1 :]


def swap_digits(text: str, first: int, last: int, random: Random) -> str | None:
    """`text` with two neighbours between `first` and `last` swapped; None where all are alike."""
    places = [at for at in range(first, last - 1) if text[at] != text[at + 1]]
    if not places:
        return None
    at = random.choice(places)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def with_ni_number(keyed: SearchCriteria, text: str | None) -> SearchCriteria | None:
    """`keyed` with another NI number; None if it is no possible one, which HR would be told at once."""
    try:
        return replace(keyed, ni_number=ni_number(text)) if text else None
    except InvalidInput:
        return None


def _ni_digit_wrong(keyed: SearchCriteria, person: Person, random: Random) -> SearchCriteria | None:
    return with_ni_number(keyed, _digit_wrong(person.ni_number, 2, 8, random))


def _ni_digits_swapped(keyed: SearchCriteria, person: Person, random: Random) -> SearchCriteria | None:
    return with_ni_number(keyed, swap_digits(person.ni_number, 2, 8, random))


def _ni_letter_wrong(keyed: SearchCriteria, person: Person, random: Random) -> SearchCriteria | None:
    at = random.choice((0, 1, 8))
    letter = random.choice([each for each in "ABCDEHJKLMPRST" if each != person.ni_number[at]])
    return with_ni_number(keyed, person.ni_number[:at] + letter + person.ni_number[at + 1 :])


OF_NI_NUMBERS: dict[str, Slip] = {
    "a digit of the NI number wrong": _ni_digit_wrong,
    "digits of the NI number swapped": _ni_digits_swapped,
    "a letter of the NI number wrong": _ni_letter_wrong,
}


def _number_digit_wrong(keyed: SearchCriteria, person: Person, random: Random) -> SearchCriteria:
    wrong = _digit_wrong(person.employee_number, 0, 8, random)
    return replace(keyed, number=AssignmentNumber(wrong))


def _number_digits_swapped(keyed: SearchCriteria, person: Person, random: Random) -> SearchCriteria | None:
    wrong = swap_digits(person.employee_number, 0, 8, random)
    return replace(keyed, number=AssignmentNumber(wrong)) if wrong else None


def _number_of_elsewhere(keyed: SearchCriteria, _: Person, random: Random) -> SearchCriteria:
    return replace(keyed, number=AssignmentNumber(f"{random.randrange(10**8):08d}"))


def _no_such_post(keyed: SearchCriteria, person: Person, random: Random) -> SearchCriteria:
    return replace(keyed, number=AssignmentNumber(f"{person.employee_number}-{random.randrange(4, 20)}"))


OF_NUMBERS: dict[str, Slip] = {
    "a digit of the number wrong": _number_digit_wrong,
    "digits of the number swapped": _number_digits_swapped,
    "the number that another organisation gave": _number_of_elsewhere,
    "the number of a post that they do not have": _no_such_post,
}


def _day_and_month_swapped(keyed: SearchCriteria, _: Person, __: Random) -> SearchCriteria | None:
    born = keyed.date_of_birth
    if born.day > 12 or born.day == born.month:  # noqa: PLR2004  # months
        return None
    return replace(keyed, date_of_birth=date(born.year, born.day, born.month))


def _year_wrong(keyed: SearchCriteria, _: Person, random: Random) -> SearchCriteria | None:
    born = keyed.date_of_birth
    year = born.year + random.choice((-10, -9, -1, 1, 9, 10))
    return replace(keyed, date_of_birth=born.replace(year=year, day=min(born.day, 28)))


OF_BIRTHDAYS: dict[str, Slip] = {
    "day and month of birth swapped": _day_and_month_swapped,
    "year of birth wrong": _year_wrong,
}
