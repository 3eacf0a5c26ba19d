"""The people whom searches are measured with are given as the sandbox gives them."""

from dataclasses import replace

from agent.domain.workforce import AssignmentNumber
from agent.esr_plugin import mapping
from bench.esr_people import HERE, TODAY, People, as_recorded
from esr_sandbox.directory import Directory
from esr_sandbox.records import Search
from tests.support.esr import sandbox_settings


def test_a_search_gets_whom_the_sandbox_would_give() -> None:
    people = People(7, 300)
    sandbox = Directory(sandbox_settings(people=300), lambda: TODAY)
    cast = {each.member.person.employee_number for each in sandbox.personas}
    for one, other in zip(people.generated, people.generated[1:], strict=False):
        mixed = replace(as_recorded(one), ni_number=as_recorded(other).ni_number)
        asked = Search.model_validate(mapping.search(mixed))
        given = {each.employee_number for each in sandbox.candidates(HERE, asked)} - cast
        assert {each.employee_number for each in people.candidates(mixed)} == given


def test_the_number_of_a_second_post_is_known_where_it_is_searched_for() -> None:
    people = People(7, 300)
    person, number = next(people.second_posts())
    sought = replace(as_recorded(person), number=AssignmentNumber(number))
    (found,) = [each for each in people.candidates(sought) if each.employee_number == person.employee_number]
    assert number in found.numbers


def test_a_person_with_a_second_record_is_one_human() -> None:
    people = People(7, 10)
    first = people.generated[0]
    again = people.joins(first, human=people.human(first.employee_number))
    assert again.employee_number != first.employee_number
    assert people.human(again.employee_number) == people.human(first.employee_number)
    assert len(people.everyone()) == 11
