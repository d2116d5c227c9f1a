"""A workload is columns, numbers and + - *; whatever else is said, is told and not run."""

from __future__ import annotations

from contextlib import suppress

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from gridgeo.errors import InputError
from gridgeo.model import Buildings
from gridgeo.workload import renamed, settled, workload_of


def three(**columns) -> Buildings:
    """Three buildings A, B, C with 10, 20 and 30 households."""
    table = gpd.GeoDataFrame(
        {
            "building_id": ["A", "B", "C"],
            "households": np.array([10, 20, 30]),
            "population": np.array([25, 50, 75]),
            "community": ["G"] * 3,
        },
        geometry=[Point(k, 0) for k in range(3)],
        crs=3414,
    )
    for name, values in columns.items():
        table[name] = values
    return Buildings(table)


def figures(text: str, **columns) -> list[float]:
    load, _ = workload_of(three(**columns), text)
    return list(load.in_units(load.parts))


def refused(text: str, **columns) -> str:
    with pytest.raises(InputError) as told:
        workload_of(three(**columns), text)
    return str(told.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("households", [10, 20, 30]),
        ("households + 3*elderly", [16, 29, 30]),
        ("2 * (households - elderly) + 1", [17, 35, 61]),
        ("+households - -elderly", [12, 23, 30]),
        ("0.1*households", [1, 2, 3]),
        ("households*elderly", [20, 60, 0]),
        (" 老人 + `60岁以上` ", [5, 7, 9]),
        ("'60岁以上' + \"60岁以上\"", [8, 10, 12]),
        ("3", [3, 3, 3]),
    ],
)
def test_an_expression_means_what_it_says(text: str, expected: list[int]) -> None:
    columns = {"elderly": [2, 3, 0], "老人": ["1", "2.0", " 3 "], "60岁以上": [4.0, 5.0, 6.0]}
    assert figures(text, **columns) == expected


def test_fractions_are_whole_parts_of_a_unit() -> None:
    load, told = workload_of(three(elderly=[1, 0, 3]), "0.5*elderly + 0.2*households")
    assert (load.parts.tolist(), load.scale) == ([5, 8, 15], 2)
    assert load.parts.dtype == np.int64
    assert load.in_units(load.parts).tolist() == [2.5, 4, 7.5]
    assert told == []


def test_what_is_finer_than_a_thousandth_is_rounded_and_told() -> None:
    load, (told,) = workload_of(three(rate=[0.0004, 1.0, 0.0016]), "rate")
    assert (load.parts.tolist(), load.scale) == ([0, 500, 1], 500)
    assert told.message == (
        "2 buildings have a workload finer than a thousandth, which was rounded (first: A)"
    )


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "households +", "households / 2", "households ** 2", "households // 2",
        "households % 2", "max(households, 1)", "households.mean", "households[0]", "[1]",
        "households if households else 1", "households and 1", "households == 1", "~households",
        "lambda: 1", "(x := 1)", "__import__('os').system('true')", "f'{households}'", "b'a'",
        "households # 2", "households\n+ 1", "'households", "`households", "True", "1j", "...",
        "1e999", "9" * 400, "9" * 900, "(" * 300 + "1" + ")" * 300,
        "households ＋ 1", "60岁以上", "households" + " + 1" * 400, "\0", "a\\b", "`a` `b`",
    ],
)  # fmt: skip
def test_whatever_else_is_said_is_one_clear_fault(text: str) -> None:
    with pytest.raises(InputError) as told:
        workload_of(three(), text)
    (fault,) = told.value.findings
    assert fault.code == "workload-unreadable"
    assert len(fault.sentence()) < 400
    assert "write columns and numbers" in fault.sentence().casefold()


@given(st.text(max_size=40))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_no_text_at_all_does_anything_but_be_read_or_refused(text: str) -> None:
    with suppress(InputError):
        load, _ = workload_of(three(), text)
        assert (load.parts >= 0).all()


def test_every_column_that_is_not_there_is_named_with_those_that_are() -> None:
    said = refused("elderly + 2*childs + households", children=[1, 2, 3])
    assert "'childs', 'elderly' are not columns of the buildings" in said
    assert "columns there are: building_id, households, population, community, children" in said


def test_a_column_without_numbers_is_told_with_its_first_building() -> None:
    said = refused("elderly + kind + households", elderly=[1, None, np.nan], kind=["a", "1", ""])
    assert "2 buildings have no number in 'elderly' (first: B)" in said
    assert "2 buildings have no number in 'kind' (first: A)" in said


def test_a_negative_workload_is_told_with_its_first_building() -> None:
    said = refused("households - 15")
    assert "1 building has a negative workload (--workload households - 15) (A)" in said
    assert "3 buildings have a negative workload" in refused("-1 * households")
    # a minus is no fault as long as nobody's workload falls below nothing
    assert figures("population - households") == [15, 30, 45]


def test_nothing_and_too_much_are_no_workload() -> None:
    assert "is 0 in every building" in refused("0*households")
    assert "over all buildings" in refused("1000000*1000000*households")
    assert "over all buildings" in refused("rate*rate*rate", rate=[1e300, 1, 1])


def test_names_are_settled_as_columns_roles_or_names_of_the_file() -> None:
    columns = {"流动人口": [1, 2, 3], "Elderly People": [0, 0, 1], "x": [1, 1, 1]}
    buildings = three(**columns)
    used = {"households": "户数", "population": "a + b", "x": "x"}
    said = settled("户数 + 2*floating + elderlypeople + x", buildings, used)
    assert said == "households + 2 * 流动人口 + `Elderly People` + x"
    assert figures(said, **columns) == [13, 25, 38]
    assert settled(" households +  2*x", buildings, used) == "households +  2*x"


HOSTILE = [
    "it's", 'a "b", c', "class", "None", "ｆｕｌｌ", "60岁以上", "a+b", "a.b", "__import__('os')",
    "back\\slash", "#", " ", "new\nline", "🏠", "[bold]", "x" * 200, "tick`tock",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_column_of_any_name_can_be_named_and_named_anew(name: str) -> None:
    quoted = f"`{name}`" if "`" not in name else f"'{name}'"
    columns = pd.DataFrame({name: [1, 2, 3]})
    assert figures(f"2*{quoted}", **columns) == [2, 4, 6]
    anew = renamed("2*old", {"old": name})
    assert figures(anew, **columns) == [2, 4, 6]
    assert renamed(f"2*{quoted}", {name: "new"}) == "2 * new"
