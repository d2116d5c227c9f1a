"""A roster's word for a building finds that building or none, never another."""

from __future__ import annotations

import numpy as np
import pytest

from gridgeo.intake.building_names import Finder, How, KnownBuildings, alike, names_several


def finder(buildings: dict[str, str], left_out: dict[str, str] | None = None) -> Finder:
    def texts(words) -> np.ndarray:
        return np.array(list(words), dtype=object)

    gone = left_out or {}
    return Finder(
        KnownBuildings(
            texts(buildings), texts(buildings.values()), texts(gone), texts(gone.values())
        )
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3幢", "3栋"), ("3号楼", "3"), ("３幢", "3幢"), ("03幢", "3栋"), ("3 幢", "3幢"),
        ("第3栋", "3号"), ("桂园3栋", "桂园 3 号楼"), ("A座", "a栋"), ("007", "7"),
    ],
)  # fmt: skip
def test_marks_zeros_width_and_spaces_tell_no_buildings_apart(one: str, other: str) -> None:
    assert alike(one) == alike(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("3幢", "13幢"), ("3幢2", "32幢"), ("桂园3栋", "松园3栋"), ("10", "1"), ("3号2", "32号")],
)
def test_other_buildings_stay_others(one: str, other: str) -> None:
    assert alike(one) != alike(other)


@pytest.mark.parametrize("text", ["1-10幢", "3栋至5栋", "1、2号楼", "1～3号", "桂园1-3栋"])
def test_ranges_name_several(text: str) -> None:
    assert names_several(text)


@pytest.mark.parametrize("text", ["1幢", "3-2", "10-1幢", "B1-2", "桂园"])
def test_one_building_names_one(text: str) -> None:
    assert not names_several(text)


def test_ids_come_before_names_and_what_names_say_is_told() -> None:
    # whoever numbers buildings as they were drawn has ids that are other buildings' names
    found = finder({"1": "2幢", "2": "1幢"}).find("1")
    assert (found.how, found.row, found.by_name) == (How.ID, 0, "2")
    found = finder({"1": "1幢", "2": "2幢"}).find("1")
    assert (found.how, found.row, found.by_name) == (How.ID, 0, "")


def test_a_likeness_counts_only_where_it_is_the_only_one() -> None:
    assert finder({"B1": "3幢", "B2": "5幢"}).find("3栋").row == 0
    twice = finder({"B1": "3幢", "B2": "3号楼"}).find("3栋")
    assert (twice.how, twice.row, twice.others) == (How.TWO_OF_A_NAME, -1, ("B1", "B2"))
    # the exact name of one of them is not in doubt
    assert finder({"B1": "3幢", "B2": "3号楼"}).find("3幢").row == 0


def test_an_id_that_is_anothers_name_but_for_marks_is_no_guess() -> None:
    found = finder({"3": "5栋", "5": "3栋"}).find("3幢")
    assert (found.how, found.row) == (How.TWO_OF_A_NAME, -1)


def test_a_name_of_two_buildings_is_told() -> None:
    assert finder({"B1": "桂园", "B2": "桂园"}).find("桂园").others == ("B1", "B2")


def test_a_building_left_out_is_not_unknown() -> None:
    known = finder({"B1": "1幢"}, {"B2": "2幢"})
    assert [known.find(word).how for word in ("B2", "2幢", "2栋", "9幢")] == [
        How.OUTSIDE, How.OUTSIDE, How.OUTSIDE, How.UNKNOWN,
    ]  # fmt: skip


def test_a_building_whose_name_is_a_range_is_offered() -> None:
    known = finder({"B1": "1-10幢", "B2": "11幢"})
    assert known.find("7栋").others == ("B1",)
    assert known.find("7栋").how is How.UNKNOWN
    assert known.find("12栋").others == ()
    assert known.find("1-10栋").row == 0
