"""A condition chooses rows, the same way for every format, and can do nothing else."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point

from gridgeo.errors import InputError
from gridgeo.intake import read_community
from gridgeo.intake.where import rows_where

TABLE = pd.DataFrame(
    {
        "id": ["1", "2", "3", "4"],
        "town": ["TG", "MP", None, "tg"],
        "floors": ["9", "10", "11", None],
        "code": ["007", "010", "7", "12"],
        "long": ["1234567890123456", "1", "2", "3"],
        "addr:street": ["a", "b", "c", "d"],
        'odd "name"': ["x", "y", "z", "x"],
        "rowid": ["9", "9", "9", "9"],
        "row": ["8", "8", "8", "8"],
        "age": [1.5, 2.0, np.nan, 4.0],
        "listed": [True, False, True, False],
    }
)


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ("town = 'TG'", "1"),
        ("TOWN IN ('MP','TG')", "12"),
        ("town LIKE 'tg'", "14"),
        ("town IS NULL", "3"),
        ("floors > 9", "23"),  # as numbers: as text '10' < '9'
        ("floors = '10'", "2"),
        ("floors BETWEEN 9 AND 10", "12"),
        ("code = '007'", "1"),  # a leading zero makes it a code, not the number 7
        ("code = 7", "3"),
        ("long = '1234567890123456'", "1"),
        ("\"addr:street\" = 'b'", "2"),
        ('"odd ""name""" = \'x\'', "14"),
        ("age >= 2", "24"),
        ("listed", "13"),
        ("lower(town) = 'tg' AND NOT floors > 9", "1"),
        ("floors > 9 -- a remark", "23"),
        ("rowid = 9 AND row = 8", "1234"),
    ],
)
def test_a_condition_keeps_the_rows_it_says(condition: str, kept: str) -> None:
    assert "".join(TABLE["id"][rows_where(TABLE, condition)]) == kept


@pytest.mark.parametrize(
    "condition",
    [
        "1=1; DROP TABLE buildings",
        "1=1); DROP TABLE buildings; --",
        "1=1); ATTACH 'stolen.db' AS s; --",
        "1=1) UNION SELECT 1 --",
        "1 IN (SELECT 1 FROM sqlite_master)",
        "(SELECT count(*) FROM buildings a, buildings b, buildings c) > 1",
        "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT max(i) FROM n) > 0",
        "load_extension('x.so')",
        "length(randomblob(1000000000)) > 1",
        "length(zeroblob(1000000000)) > 1",
        "printf('%1000000000d', 1) > 1",
        "random() > 0",
        "twon = 'TG'",
        "town = ",
        "town = 'TG",
        "",
        "\0",
    ],
)
def test_what_is_no_plain_condition_is_refused(
    condition: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = TABLE.copy()
    with pytest.raises(InputError, match="columns there are: id, town, floors") as caught:
        rows_where(TABLE, condition)
    assert [finding.code for finding in caught.value.findings] == ["where-refused"]
    assert list(tmp_path.iterdir()) == []
    pd.testing.assert_frame_equal(TABLE, before)


def test_no_row_left_says_what_the_column_holds() -> None:
    with pytest.raises(InputError, match=r"leaves none of 4 rows \('town' holds MP, TG, tg\)"):
        rows_where(TABLE, "town = 'XX'")


def test_what_a_column_holds_is_listed_in_the_order_of_numbers() -> None:
    with pytest.raises(InputError, match="'floors' holds 9, 10, 11"):
        rows_where(TABLE, "floors > 50")


def test_every_format_understands_the_same_condition(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"id": ["a", "b", "c"], "hh": 1, "pop": 2, "floors": [9, 10, 11]},
        geometry=[Point(103.8, 1.3)] * 3,
        crs=4326,
    )
    frame.to_file(tmp_path / "h.gpkg")
    frame.to_parquet(tmp_path / "h.parquet")
    frame.drop(columns="geometry").assign(lon=103.8, lat=1.3).to_csv(tmp_path / "h.csv")
    for name in ("h.gpkg", "h.parquet", "h.csv"):
        town = read_community(tmp_path / name, where="floors > 9 AND id <> 'c'")
        assert town.buildings.ids.tolist() == ["b"]


def test_a_refused_condition_blames_no_row(tmp_path: Path) -> None:
    (tmp_path / "h.csv").write_text("id,hh,pop,lon,lat\nA,,2,116.4,39.9\nA,1,2,116.4,39.9\n")
    with pytest.raises(InputError) as caught:
        read_community(tmp_path / "h.csv", where="nope = 1")
    assert [finding.code for finding in caught.value.findings] == ["where-refused"]
