"""The dataset and the full outbound files that the sandbox writes."""

import re
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from esr_sandbox import commands
from esr_sandbox.dataset import Manifest, NoDataset, stored
from esr_sandbox.directory import Directory
from esr_sandbox.generation import FolderInUse, Wanted, generate, pass_month
from esr_sandbox.records import REGISTRATION_NUMBERS
from tests.support.esr import TODAY, sandbox_settings
from tests.support.outbound_files import OutboundText

ON = date(2026, 10, 1)
WANTED = Wanted(people=701, vpds=2, seed=7, on=ON)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generated") / "dataset"
    generate(WANTED, folder)
    return folder


@pytest.fixture(scope="module")
def file(folder: Path) -> OutboundText:
    return OutboundText.read((folder / "outbound" / "GO_901_F_20261001_00000001.DAT").read_text("utf-8"))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def test_there_is_a_dataset_and_a_full_file_of_each_vpd(folder: Path) -> None:
    assert contents(folder).keys() == {
        "dataset.json",
        "901.jsonl",
        "902.jsonl",
        "outbound/GO_901_F_20261001_00000001.DAT",
        "outbound/GO_902_F_20261001_00000001.DAT",
    }


def test_the_same_seed_and_day_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    generate(WANTED, tmp_path / "again")
    generate(replace(WANTED, seed=8), tmp_path / "otherwise")

    assert contents(tmp_path / "again") == contents(folder)
    assert contents(tmp_path / "otherwise")["901.jsonl"] != contents(folder)["901.jsonl"]


def test_there_are_as_many_people_as_wanted_with_the_cast_among_them(folder: Path) -> None:
    numbers = {vpd: [m.person.employee_number for m in stored(folder, vpd)] for vpd in ("901", "902")}

    assert sum(map(len, numbers.values())) == 701
    assert len(set(numbers["901"])) == len(numbers["901"])
    assert "90100010" in numbers["901"]
    assert "90200001" in numbers["902"]


def test_a_file_says_of_which_vpd_it_is_and_which_in_their_order(file: OutboundText) -> None:
    assert file.header == {
        "Vpd": "901",
        "Kind": "F",
        "ProducedAt": "20261001 030000",
        "Sequence": "00000001",
    }


def test_a_file_has_every_kind_of_record_and_every_reference_leads_somewhere(file: OutboundText) -> None:
    assert {each for each, _ in file.records} == {"PRA", "ASA", "POA", "ORA", "CKA", "RGA"}
    people = {row["PersonId"] for row in file.of("PRA")}
    positions = {row["PositionId"] for row in file.of("POA")}
    departments = {row["OrganisationId"] for row in file.of("ORA")}

    assert len(positions) == len(file.of("POA"))
    assert {row["PersonId"] for each in ("ASA", "CKA", "RGA") for row in file.of(each)} <= people
    assert {row["PositionId"] for row in file.of("ASA")} <= positions
    assert {row["OrganisationId"] for each in ("ASA", "POA") for row in file.of(each)} <= departments


def test_the_nurse_is_in_the_file_as_the_api_has_them(file: OutboundText, folder: Path) -> None:
    (person,) = [row for row in file.of("PRA") if row["EmployeeNumber"] == "90100010"]
    (post,) = [row for row in file.of("ASA") if row["AssignmentNumber"] == "90100010"]
    (checks,) = [row for row in file.of("CKA") if row["PersonId"] == person["PersonId"]]
    nurse = Directory(sandbox_settings(dataset=folder), lambda: TODAY).member("901", "90100010")
    department = next(r for r in file.of("ORA") if r["OrganisationId"] == post["OrganisationId"])

    assert (person["LastName"], person["DOB"], person["NINumber"]) == ("Fennwick", "19900517", "JR482913B")
    assert post["PersonId"] == person["PersonId"]
    assert post["PositionName"] == nurse.assignments[0].position_name
    assert department["OrganisationName"] == nurse.assignments[0].organisation
    assert checks["WorkHealth"] == "Clear|20230629|Occupational Health||No"
    assert checks["Dbs"].split("|")[4:6] == ["Enhanced", "001790100010"]


def test_an_open_end_is_written_in_each_of_three_ways(file: OutboundText) -> None:
    ends = Counter(row["EffectiveEnd"] for row in file.of("PRA"))
    assert min(ends[""], ends["19000101"], ends["47121231"]) > 40


def test_some_records_were_otherwise_before_and_some_will_be(file: OutboundText) -> None:
    for record_type, name in (("PRA", "PersonId"), ("ASA", "AssignmentId")):
        rows = file.of(record_type)
        several = {each for each, count in Counter(row[name] for row in rows).items() if count > 1}
        starts = {row["EffectiveStart"] for row in rows if row[name] in several}
        assert len(several) > 10
        assert min(starts) < "20261001" < max(starts)


def test_who_changed_their_name_had_another_one_in_the_slice_before(file: OutboundText) -> None:
    changed = [
        row for row in file.of("PRA") if row["PreviousLastName"] and row["EffectiveStart"] <= "20261001"
    ]
    before = {(row["PersonId"], row["LastName"]) for row in file.of("PRA")}
    assert any((row["PersonId"], row["PreviousLastName"]) in before for row in changed)


def test_what_nobody_here_may_read_is_in_the_file_as_in_real_ones(file: OutboundText) -> None:
    people, posts = file.of("PRA"), file.of("ASA")
    assert all(row["EthnicOrigin"] and row["MaritalStatus"] and row["DisabilityFlag"] for row in people)
    assert all(re.fullmatch(r"\d+\.\d\d", row["AnnualSalary"]) for row in posts)


def test_what_nobody_here_may_read_is_in_the_file_alone(folder: Path) -> None:
    for each in folder.glob("*.json*"):
        text = each.read_text("utf-8").lower()
        assert not [word for word in ("salary", "ethnic", "marital", "disab") if word in text]


def test_registrations_have_numbers_of_their_bodys_shape_and_some_have_expired(file: OutboundText) -> None:
    rows = file.of("RGA")
    shapes: dict[str, re.Pattern[str]] = dict(REGISTRATION_NUMBERS.items())
    assert {row["Body"] for row in rows} == shapes.keys()
    assert all(shapes[row["Body"]].fullmatch(row["Number"]) for row in rows)
    expired = [row for row in rows if row["ExpiryDate"] < "20261001"]
    assert 0 < len(expired) < len(rows) / 5


def test_windows_1252_has_accents_and_line_ends_of_its_own(tmp_path: Path) -> None:
    generate(replace(WANTED, people=60, encoding="windows-1252"), tmp_path / "windows")
    text = (tmp_path / "windows/outbound/GO_901_F_20261001_00000001.DAT").read_bytes()

    assert "Zoë~".encode("windows-1252") in text
    assert text.count(b"\r\n") == text.count(b"\n")
    pass_month(tmp_path / "windows", tmp_path / "next")
    (delta,) = (tmp_path / "next/outbound").glob("GO_901*")
    assert delta.read_bytes().endswith(b"\r\n")


def test_a_folder_with_something_in_it_stays_as_it_is(folder: Path, tmp_path: Path) -> None:
    before = contents(folder)
    with pytest.raises(FolderInUse):
        generate(WANTED, folder)
    with pytest.raises(FolderInUse):
        pass_month(folder, folder)
    with pytest.raises(NoDataset):
        pass_month(tmp_path / "nothing", tmp_path / "out")

    assert contents(folder) == before


def test_the_commands_say_what_became_of_it_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    october, november = tmp_path / "october", tmp_path / "november"
    assert commands.generate(40, 2, 7, ON, out=october, encoding="utf-8") == 0
    assert commands.month(october, november) == 0
    assert commands.month(october, november) == 1

    said = capsys.readouterr()
    assert said.out == (
        f"{october}: VPD 901 to 902 as on 2026-10-01; files in {october}/outbound\n"
        f"{november}: VPD 901 to 902 as on 2026-11-01; files in {november}/outbound\n"
    )
    assert said.err == f"staff-passport esr-sandbox: {november}: there is something in it already\n"
    assert Manifest.read(november).months == 1
