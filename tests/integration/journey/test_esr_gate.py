"""Searching ESR: who may, whom they find, and what is refused."""

from email.message import EmailMessage

import pytest

from staff_passport.demo.network import NORTHMOOR, Network
from tests.support.journey import a_passport, hr, keyed, persona, refused, search, until


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


async def test_a_weak_match_shows_nothing_until_a_second_person_has_confirmed_it(network: Network) -> None:
    weak = await search(network, "nurse", ni_number=None, surname="Fenwick")
    path = f"/esr/weak-matches/{weak['search']}"
    assert (weak["state"], weak["person"], weak["assignments"]) == ("awaiting_second_person", None, [])
    assert "Fennwick" not in str(weak)
    chosen = {"search": weak["search"], "assignment_number": "90100010"}
    assert (await refused(hr(network).post("/passports", chosen))).code == "weak_match_undecided"

    waiting = (await hr(network, "kofi").get("/esr/weak-matches?limit=200"))["weak_matches"]
    assert weak["search"] in [each["search"] for each in waiting]
    assert "Fenwick" not in str(waiting)
    assert (await refused(hr(network, "samir").get(path))).status == 409
    seen = await hr(network, "kofi").get(path)
    assert (seen["surname"], seen["searched_by"]) == ("Fenwick", f"ottilie@{NORTHMOOR.slug}.example")
    assert "Fennwick" not in str(seen)
    own = await refused(hr(network).post(f"{path}/confirmation"))
    assert [each["code"] for each in own.problem["refusals"]] == ["own_request"]
    confirmed = await hr(network, "kofi").post(f"{path}/confirmation")
    assert (confirmed["state"], confirmed["surname"]) == ("confirmed", None)

    found = await hr(network).get(f"/esr/searches/{weak['search']}")
    assert found["person"]["legal_surname"] == "Fennwick"
    assert (await refused(hr(network, "kofi").get(f"/esr/searches/{weak['search']}"))).status == 404


async def test_who_says_no_to_a_weak_match_has_it_shown_to_nobody(network: Network) -> None:
    weak = await search(network, "nurse", ni_number=None)
    await hr(network, "kofi").post(f"/esr/weak-matches/{weak['search']}/refusal")

    assert (await hr(network).get(f"/esr/searches/{weak['search']}"))["person"] is None
    chosen = {"search": weak["search"], "assignment_number": "90100010"}
    assert (await refused(hr(network).post("/passports", chosen))).code == "weak_match_refused"


async def test_a_burst_of_searches_that_find_nobody_alerts_the_administrators(network: Network) -> None:
    nobody = {"surname": "Nobody", "forenames": "At All", "date_of_birth": "1980-01-01"}
    for _ in range(10):
        assert (await refused(hr(network, "kofi").post("/esr/searches", nobody))).code == "person_not_found"

    administrator, kofi = network.client(NORTHMOOR), f"kofi@{NORTHMOOR.slug}.example"
    alerts = (await administrator.get("/esr/search-alerts"))["alerts"]
    alert = next(each for each in alerts if each["user"] == kofi)
    assert alert["misses"] == 10
    assert (await refused(hr(network, "kofi").get("/esr/search-alerts"))).status == 403

    seen = await administrator.post(f"/esr/search-alerts/{alert['id']}/acknowledgement")

    assert seen["acknowledged_by"] == NORTHMOOR.administrator

    async def told() -> list[EmailMessage]:
        return [each for each in network.outbox.messages() if "searches" in str(each["Subject"])]

    sent = await until(
        told, lambda found: set(NORTHMOOR.administrators) <= {str(each["To"]) for each in found}
    )
    assert not any("kofi" in each.as_string().lower() for each in sent)


async def test_an_assignment_that_may_not_be_passported_is_shown_and_refused_with_its_reason(
    network: Network,
) -> None:
    match = await search(network, "suspended")
    (assignment,) = match["assignments"]
    assert [(each["code"], bool(each["mended_by"])) for each in assignment["refusals"]] == [
        ("assignment_status", True)
    ]

    chosen = {"search": match["search"], "assignment_number": assignment["number"]}
    problem = await refused(hr(network).post("/passports", chosen))

    assert (problem.status, problem.problem["refusals"]) == (409, assignment["refusals"])


async def test_the_rows_of_a_batch_are_each_answered(network: Network) -> None:
    nurse, suspended = await keyed(network, "nurse"), await keyed(network, "suspended")
    rows = [nurse, {**nurse, "ni_number": None}, {**suspended, "date_of_birth": "1987-07-08"}, suspended]

    answer = await hr(network).post("/esr/search-batches", {"rows": rows})

    assert [(row["row"], row["code"]) for row in answer["rows"]] == [
        (0, None),
        (1, "invalid_input"),
        (2, "person_not_found"),
        (3, None),
    ]
    assert answer["rows"][0]["match"]["person"]["legal_surname"] == "Fennwick"
    too_many = await refused(hr(network).post("/esr/search-batches", {"rows": [nurse] * 26}))
    assert too_many.status == 422


async def test_whoever_the_gate_does_not_let_in_gets_no_row_of_a_batch(network: Network) -> None:
    rows = [await keyed(network, "nurse")]

    problem = await refused(hr(network, "tegan").post("/esr/search-batches", {"rows": rows}))

    assert [each["code"] for each in problem.problem["refusals"]] == ["esr_role_missing"]


async def test_every_use_of_esr_stands_in_the_audit_with_what_was_refused(network: Network) -> None:
    await refused(search(network, "nurse", user="samir"))

    auditor, samir = network.client(NORTHMOOR, "auditor"), f"samir@{NORTHMOOR.slug}.example"
    entries = (await auditor.get(f"/audit/entries?action=search%20ESR&actor={samir}"))["entries"]
    newest = entries[-1]

    assert (newest["outcome"], newest["code"]) == ("refused", "esr_record_inactive")


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
