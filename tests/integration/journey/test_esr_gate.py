"""Searching ESR: who may, whom they find, and what is refused."""

import pytest

from staff_passport.demo.network import Network
from tests.support.journey import a_passport, hr, persona, refused, search


@pytest.mark.parametrize(
    ("user", "code"),
    [
        ("tegan", "esr_role_missing"),
        ("samir", "esr_record_inactive"),
        ("nobody", "employee_number_not_recorded"),
    ],
)
async def test_each_failed_clause_of_the_gate_is_named_with_who_can_mend_it(
    network: Network, user: str, code: str
) -> None:
    problem = await refused(search(network, "nurse", user=user))

    assert problem.status == 409
    assert code in {refusal["code"] for refusal in problem.problem["refusals"]}
    assert all(refusal["mended_by"] for refusal in problem.problem["refusals"])


async def test_a_person_of_another_vpd_is_not_found(network: Network) -> None:
    assert (await refused(search(network, "calder-bay-hr"))).code == "person_not_found"


async def test_a_wrong_date_of_birth_is_not_found(network: Network) -> None:
    problem = await refused(search(network, "nurse", date_of_birth="1990-05-18"))

    assert (problem.status, problem.code) == (404, "person_not_found")


async def test_a_weak_match_shows_nothing(network: Network) -> None:
    problem = await refused(search(network, "nurse", ni_number=None))

    assert problem.code == "weak_match"
    assert "Fennwick" not in str(problem.problem)


async def test_an_assignment_that_is_not_this_persons_is_not_found(network: Network) -> None:
    match = await search(network, "nurse")

    problem = await refused(
        hr(network).post("/passports", {"search": match["search"], "assignment_number": "90100011"})
    )

    assert (problem.status, problem.code) == (404, "assignment_not_found")


async def test_a_search_is_its_searchers_own(network: Network) -> None:
    match = await search(network, "nurse")
    body = {"search": match["search"], "assignment_number": "90100010"}

    assert (await refused(hr(network, "kofi").post("/passports", body))).code == "search_not_found"
    assert (
        await refused(hr(network).post("/passports", body | {"search": "guessed"}))
    ).code == "search_not_found"


async def test_an_assignment_has_one_open_passport(network: Network) -> None:
    await a_passport(network, "bank")
    match = await search(network, "bank")

    again = hr(network).post("/passports", {"search": match["search"], "assignment_number": "90100015"})

    assert (await refused(again)).code == "passport_exists"


@pytest.mark.parametrize("mode", ["error", "malformed", "hang"])
async def test_an_esr_that_does_not_answer_is_unavailable(esr_people: Network, mode: str) -> None:
    await esr_people.sandbox("POST", "/outage", {"mode": mode})
    person = {"surname": "A", "forenames": "B", "date_of_birth": "1990-05-17", "number": "90100010"}

    problem = await refused(hr(esr_people).post("/esr/searches", person))

    assert problem.status == 503
    assert problem.code.startswith("esr_")


async def test_no_national_insurance_number_is_ever_answered(network: Network) -> None:
    ni_number = (await persona(network, "nurse"))["niNumber"]

    assert ni_number not in str(await search(network, "nurse"))
