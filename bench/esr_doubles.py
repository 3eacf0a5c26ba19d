"""People easily taken for one another: twins, namesakes, father and son, and strangers born one day."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

from agent.domain.ports.staff_records import SearchCriteria
from bench.esr_people import a_stranger, another_ni_number, as_recorded, the_next_ni_number
from bench.esr_slips import misspelt, swap_digits
from esr_sandbox import names as sandbox_names
from esr_sandbox.records import Person

type Couple = tuple[Person, Person]
"""Whom a search means, and their double."""


def _twin(person: Person, forename: str, middle: str = "") -> Person:
    """Born that day, with the next NI number: both were given out together."""
    return person.model_copy(
        update={
            "first_name": forename,
            "middle_names": middle,
            "preferred_name": "",
            "ni_number": str(the_next_ni_number(person)),
        }
    )


def _similar_twins(random: Random) -> Couple:
    one = a_stranger(random)
    similar = one.first_name
    while similar == one.first_name:
        similar = sandbox_names.similar_first_name(one.first_name, random)
    return one, _twin(one, similar)


def _other_twins(random: Random) -> Couple:
    one = a_stranger(random)
    others = [name for name in sandbox_names.FIRST_NAMES if name != one.first_name]
    return one, _twin(one, random.choice(others))


def _twins_with_swapped_forenames(random: Random) -> Couple:
    first, middle = random.sample(sandbox_names.FIRST_NAMES, 2)
    one = _twin(a_stranger(random), first, middle)
    return one, _twin(one, middle, first)


def _twins_with_one_forename_in_common(random: Random) -> Couple:
    shared, mine, theirs = random.sample(sandbox_names.FIRST_NAMES, 3)
    one = a_stranger(random)
    one = one.model_copy(update={"first_name": f"{shared} {mine}", "middle_names": "", "preferred_name": ""})
    return one, _twin(one, f"{shared} {theirs}")


def _twins_of_whom_one_married(random: Random) -> Couple:
    one, other = _similar_twins(random)
    return one, other.model_copy(update={"last_name": sandbox_names.surname(random)})


def _namesakes(random: Random) -> Couple:
    one = a_stranger(random)
    return one, another_ni_number(one, random)


def _same_surname(random: Random) -> Couple:
    """Strangers whose NI numbers are two swapped digits apart."""
    one, other = _other_twins(random)
    swapped = swap_digits(one.ni_number, 2, 8, random)
    return (one, other.model_copy(update={"ni_number": swapped})) if swapped else _same_surname(random)


def _nearly_the_same_surname(random: Random) -> Couple:
    one, other = _namesakes(random)
    return one, other.model_copy(update={"last_name": misspelt(one.last_name, random)})


def _similar_surname(random: Random) -> Couple:
    """Two slips apart, as many surnames are: Hartford and Hertfort."""
    one, other = _namesakes(random)
    return one, other.model_copy(update={"last_name": misspelt(misspelt(one.last_name, random), random)})


def _one_half_of_the_surname(random: Random) -> Couple:
    one, other = _namesakes(random)
    both = f"{other.last_name}-{sandbox_names.surname(random)}"
    return one.model_copy(update={"last_name": both}), other


def _a_half_in_common(random: Random) -> Couple:
    one, other = _namesakes(random)
    mine, theirs = (f"{one.last_name}-{sandbox_names.surname(random)}" for _ in range(2))
    return one.model_copy(update={"last_name": mine}), other.model_copy(update={"last_name": theirs})


def _a_particle_in_common(random: Random) -> Couple:
    one, other = _namesakes(random)
    particle = random.choice(("van der", "de", "al", "El"))
    mine, theirs = (f"{particle} {sandbox_names.surname(random)}" for _ in range(2))
    return one.model_copy(update={"last_name": mine}), other.model_copy(update={"last_name": theirs})


def _son_and_father(random: Random) -> Couple:
    son = a_stranger(random)
    born = son.date_of_birth
    father = another_ni_number(son, random)
    return son, father.model_copy(
        update={"date_of_birth": born.replace(year=born.year - 28, day=min(born.day, 28))}
    )


DOUBLES: dict[str, Callable[[Random], Couple]] = {
    "twins, similar forenames": _similar_twins,
    "twins, other forenames": _other_twins,
    "twins, forenames swapped": _twins_with_swapped_forenames,
    "twins, one forename in common": _twins_with_one_forename_in_common,
    "twins, one of them married": _twins_of_whom_one_married,
    "namesakes born one day": _namesakes,
    "born one day, same surname": _same_surname,
    "born one day, surname one slip apart": _nearly_the_same_surname,
    "born one day, surname two slips apart": _similar_surname,
    "born one day, one half of the surname": _one_half_of_the_surname,
    "born one day, half a surname in common": _a_half_in_common,
    "born one day, a particle in common": _a_particle_in_common,
    "son and father": _son_and_father,
}


def mixed(one: Person, other: Person, random: Random) -> Iterator[tuple[str, SearchCriteria]]:
    """Searches for `one` with either's identifiers, in every way in which they get mixed up."""
    mine, theirs = as_recorded(one), as_recorded(other)
    for ni_number, whose in ((None, ""), (mine.ni_number, "own NI"), (theirs.ni_number, "the other's NI")):
        for number, of in ((None, ""), (mine.number, "own number"), (theirs.number, "the other's number")):
            name = " and ".join(filter(None, (whose, of))) or "names alone"
            yield name, (keyed := replace(mine, ni_number=ni_number, number=number))
            yield from _with_slips(name, keyed, random)
            if other.date_of_birth != one.date_of_birth:
                yield f"{name}, the other's birthday", replace(keyed, date_of_birth=other.date_of_birth)


def _with_slips(name: str, keyed: SearchCriteria, random: Random) -> Iterator[tuple[str, SearchCriteria]]:
    """The same with an honest slip in a name besides."""
    yield f"{name}, forename misspelt", replace(keyed, forenames=misspelt(keyed.forenames, random))
    yield f"{name}, initial", replace(keyed, forenames=keyed.forenames[0])
    yield f"{name}, surname misspelt", replace(keyed, surname=misspelt(keyed.surname, random))
