"""The gate knows what may be published, names whatever else there is, and lets nothing through."""

from __future__ import annotations

import json

import pytest
from shapely.geometry import box

import maps
from gridgeo.owners import Owner
from gridgeo.personal_words import is_about_persons, is_identity, status_word
from gridgeo.privacy import ALLOWED, Gate, Output, kind_fault
from gridgeo.withheld import Withheld, shown

FACE = b"\xff\xd8\xff face"
SILENT = Owner("G-1", "Li Wei", "W1", phone="138 0013 8000", office_phone="010-6555 1234",
               photo=FACE, consent=False, chat="liwei1980")  # fmt: skip
AGREED = Owner("G-2", "Wu Min", "W2", phone="139-0013-9000", consent=True)


def sheet(*, name: str = "Mill House", **grid) -> maps.Sheet:
    facts = {"buildings": None, "households": None, "population": None, "in_band": True,
             "reasons": ""} | grid  # fmt: skip
    ground = box(113, 30, 113.01, 30.01)
    house = maps.BuildingShape("B1", name, "G-1", box(113.001, 30.001, 113.002, 30.002))
    return maps.Sheet("T", (maps.GridShape("G-1", "C", ground, **facts),), (house,), (), ())


def codes(faults) -> list[tuple[str, str]]:
    return [(fault.code, fault.first) for fault in faults]


def test_photo_own_number_and_chat_need_consent_and_the_office_stands_in() -> None:
    public = shown(SILENT)
    assert (public.name, public.phone) == ("Li Wei", "010-6555 1234")
    assert (public.photo, public.chat) == (None, "")
    assert shown(AGREED).phone == "139-0013-9000"


def test_what_is_on_the_list_passes() -> None:
    assert Gate().check(Output.INDEX, sheet()) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("buildings", 12), ("households", 350), ("population", 0), ("reasons", "350 households")],
)
@pytest.mark.parametrize("output", [Output.INDEX, Output.GRID_PAGE])
def test_a_figure_of_a_grid_is_refused_where_none_is_asked_for(output, field, value) -> None:
    faults = Gate().check(output, sheet(**{field: value}))
    assert codes(faults) == [("field-not-public", f"GridShape.{field}")]
    assert str(output) in faults[0].message


def test_counts_pass_where_they_are_asked_for_but_only_those() -> None:
    gate = Gate(counts=True)
    assert gate.check(Output.INDEX, sheet(households=350, population=1100)) == []
    assert codes(gate.check(Output.GRID_PAGE, sheet(households=350))) != []
    assert codes(gate.check(Output.INDEX, sheet(buildings=4))) != []


@pytest.mark.parametrize(
    "text",
    [
        "Mill House, call 13611112222",  # a mobile number of anybody
        "Mill House １３６-１１１１-２２２２",
        "Mill House, call 13800138000",  # that of the worker who did not agree
        "Mill House １３８-００１３-８０００",
        "Mill House +86 138 0013 8000",
        "110101199003071234 Mill House",  # an identity number
        "Mill House (disabled, lives alone)",
        "3号楼低保户",
        "Mill House, liwei 138 0013 8000",
        "wang xiaoming's house, Wang  Xiaoming",
        "王小明宅",
    ],
)
def test_a_name_that_tells_of_a_person_is_refused_wherever_it_stands(text: str) -> None:
    columns = {"resident_name": ["Wang Xiaoming", "王小明", None, "Park", "Li"], "kind": ["x"] * 5}
    gate = Gate(Withheld.of(columns, [SILENT]))
    material = sheet(name=text)
    for output in (Output.INDEX, Output.GRID_PAGE):
        (fault,) = gate.check(output, material)
        assert (fault.code, fault.first) == ("text-not-public", "BuildingShape.name")
        assert "13800138000" not in fault.message
        assert "199003" not in fault.message


@pytest.mark.parametrize(
    "text",
    [
        "Park Road 3", "Lilac Court 12", "残疾人联合会", "Federation of Disabled Persons",
        "社区残疾人康复中心", "440305001001003 Block 7", "Willow Court 10-12", "RV-B001",
        "010-6555 1234", "低碳大厦",
    ],
)  # fmt: skip
def test_ordinary_names_of_buildings_and_offices_pass(text: str) -> None:
    columns = {"resident_name": ["Park", "Li", "Willow"], "phone": ["12", "7"]}
    gate = Gate(Withheld.of(columns, [SILENT]))
    assert gate.check(Output.INDEX, sheet(name=text)) == []


def test_duties_may_name_groups_of_people_but_no_withheld_number() -> None:
    gate = Gate(Withheld.of({}, [SILENT]))
    helps = maps.Worker("Li Wei", duties=("帮扶残疾人和低保户", "Visits disabled residents"))
    assert gate.check(Output.INDEX, sheet(worker=helps)) == []
    calls = maps.Worker("Li Wei", duties=("At night call 138-0013-8000",))
    (fault,) = gate.check(Output.INDEX, sheet(worker=calls))
    assert fault.first == "Worker.duties"
    assert "owners.phone (W1)" in fault.message


def test_phone_photo_and_chat_without_consent_are_refused_in_any_field() -> None:
    gate = Gate(Withheld.of({}, [SILENT]))
    for worker in (
        maps.Worker("Li Wei", phone="13800138000"),
        maps.Worker("Li Wei", photo=FACE),
        maps.Worker("Li Wei", duties=("Call 1380013 8000",)),
    ):
        (fault,) = gate.check(Output.GRID_PAGE, sheet(worker=worker))
        assert fault.code == "text-not-public"
        assert "W1" in fault.message


@pytest.mark.parametrize(
    ("output", "name", "content", "field"),
    [
        (Output.TABLE, "grids.csv", "grid_id,households\r\nG,\r\n", "households"),
        (Output.TABLE, "grids.csv", "\ufeffgrid_id,disabled\r\nG,yes\r\n", "disabled"),
        (Output.GRIDS, "grids.geojson",
         {"features": [{"properties": {"grid_id": "G", "low_income": 0}}]}, "low_income"),
        (Output.GRIDS, "grids.geojson",
         {"features": [{"properties": {"grid_id": "G"}, "households": 3}]}, "households"),
        (Output.BUILDINGS, "buildings.geojson",
         {"features": [{"properties": {"building_id": "B", "name": "Mill"}}]}, "name"),
        (Output.TOPOLOGY, "grids.topojson",
         {"objects": {"g": {"geometries": [{"properties": {"resident": "x"}}]}}}, "resident"),
    ],
)  # fmt: skip
def test_a_finished_file_with_a_field_too_many_is_refused(output, name, content, field) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    faults = Gate().check_file(output, name, text)
    assert codes(faults) == [("field-not-public", field)]


def test_a_withheld_number_in_a_finished_page_is_found() -> None:
    gate = Gate(Withheld.of({"phone": [13700137000.0]}, []))
    (fault,) = gate.check_file(Output.INDEX, "index.html", "<p>tel:+86 137-0013-7000</p>")
    assert fault.first == "buildings.phone"
    assert gate.check_file(Output.INDEX, "index.html", "<p>[113.1370013,30.7000]</p>") == []


def test_the_office_number_is_no_secret_even_if_a_resident_has_it_too() -> None:
    assert not Withheld.of({"phone": ["010-65551234"]}, [SILENT]).found_in("010 6555 1234")


def test_kinds_of_grids_may_not_come_from_a_column_about_persons() -> None:
    assert codes(kind_fault("low_income")) == [("field-not-public", "low_income")]
    assert codes(kind_fault("是否低保")) == [("field-not-public", "是否低保")]
    assert kind_fault("管理类型") == kind_fault("kind") == kind_fault("") == []


@pytest.mark.parametrize(
    "column",
    ["resident_name", "Phone", "手机号", "户主姓名", "ID card", "tel", "contact person", "email"],
)
def test_columns_that_name_persons_are_known(column: str) -> None:
    assert is_identity(column)
    assert is_about_persons(column)


@pytest.mark.parametrize(
    "column", ["name", "kind", "compound", "hotel", "floors", "管理类型", "楼名"]
)
def test_columns_about_buildings_are_not_taken_for_such(column: str) -> None:
    assert not is_about_persons(column)


def test_a_word_for_a_condition_is_not_found_in_the_name_of_an_office() -> None:
    assert status_word("独居老人张家") == "独居老人"
    assert status_word("独居老人服务中心") == ""


def test_no_list_of_public_fields_holds_a_figure_of_a_building() -> None:
    for fields in ALLOWED.values():
        assert not {f for f in fields if "household" in f or "population" in f}
