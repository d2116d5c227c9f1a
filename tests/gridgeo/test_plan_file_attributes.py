"""Attributes of odd names and types in a plan file: kept, and the same when written again."""

from __future__ import annotations

import datetime
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from shapely import Point
from small_plans import barrier_lines, street_plan

from gridgeo.model import Buildings
from gridgeo.plan_file import read_plan, write_plan

ODD = {
    "grid_id": ["old"] * 6,
    "grid_id_source": ["older"] * 6,
    "Grid_ID": [1, 2, 3, 4, 5, 6],
    "fid": [9, 9, 9, 9, 9, 9],
    "geom": ["x", None, "", "y", "z", "ü"],
    "HOUSEHOLDS": [0.5, np.nan, 1, 2, 3, np.inf],
    "rowid": [6, 5, 4, 3, 2, 1],
    'a "b", c': [True, False, True, True, False, True],
    "名称": ["东", "西", None, "南", "北", "中"],
    "mixed": [1, "a", None, 2.5, b"b", ["l", 1]],
    "flags": pd.array([True, None, False, True, None, True], dtype="boolean"),
    "holes": pd.array([1, None, 3, 2**62, 5, 6], dtype="Int64"),
    "objects": pd.Series([1, None, 3, 4, 5, 6], dtype=object),
    "large": pd.Series([2**70, 1, 2, 3, 4, 5], dtype=object),
    "unsigned": np.array([2**64 - 1, 1, 2, 3, 4, 5], dtype=np.uint64),
    "small": np.arange(6, dtype=np.int8),
    "single": np.arange(6, dtype=np.float32) / 3,
    "day": [datetime.date(2020, 1, 2)] * 5 + [None],
    "built": pd.to_datetime(["2020-01-02"] * 5 + [None]),
    "zoned": pd.to_datetime(["2020-01-02T03:04:05.678901"] * 6).tz_localize("Asia/Shanghai"),
    "age": pd.to_timedelta([1, 2, 3, 4, 5, 6], unit="D"),
    "class": pd.Categorical(["a", "b", None, "a", "b", "a"]),
    "storeys": pd.Categorical([1, 2, 1, 1, 2, 1]),
    "nothing": [None] * 6,
    "nan": [np.nan] * 6,
    "nul": ["a\0b"] + [""] * 5,
    "half": pd.Series(["\ud800"] + [""] * 5, dtype=object),
    "door": gpd.GeoSeries([Point(1, 1)] * 6),
    "": [1] * 6,
}


def test_attributes_of_any_name_and_type_are_kept(tmp_path):
    path = write_plan(street_plan(ODD), tmp_path / "plan.gpkg")
    layer = pyogrio.read_dataframe(path, layer="buildings")
    assert layer["grid_id"].tolist() == street_plan().grid_ids.tolist()
    assert layer["grid_id_source"].tolist() == ["older"] * 6
    assert layer["grid_id_source_source"].tolist() == ["old"] * 6
    assert layer["Grid_ID_source_source_source"].tolist() == [1, 2, 3, 4, 5, 6]
    assert layer["fid_source"].tolist() == [9] * 6
    assert layer["geom_source"].tolist()[2:] == ["", "y", "z", "ü"]
    assert layer["HOUSEHOLDS_source"].tolist()[3:] == [2, 3, np.inf]
    assert layer["households"].tolist() == [5, 5, 2, 3, 3, 4]
    assert layer["rowid"].tolist() == [6, 5, 4, 3, 2, 1]
    assert layer["mixed"].tolist()[3:] == ["2.5", "b'b'", '["l", 1]']
    assert layer["large"].tolist()[0] == str(2**70)
    assert layer["unsigned"].tolist()[0] == str(2**64 - 1)
    assert layer["day"].tolist()[0] == "2020-01-02"
    assert layer["built"].tolist()[0] == pd.Timestamp("2020-01-02")
    assert layer["zoned"].tolist()[0] == pd.Timestamp("2020-01-01T19:04:05.678Z")
    assert layer["storeys"].tolist() == [1, 2, 1, 1, 2, 1]
    assert layer["nul"].tolist()[0] == "ab"
    assert layer["column"].tolist() == [1] * 6


def test_reading_and_writing_again_gives_same_bytes(tmp_path):
    plan = street_plan(ODD, barriers=barrier_lines())
    first = write_plan(plan, tmp_path / "a.gpkg")
    second = write_plan(read_plan(first), tmp_path / "b.gpkg")
    assert first.read_bytes() == second.read_bytes()


def test_whole_numbers_with_holes_come_back_whole(tmp_path):
    back = read_plan(write_plan(street_plan(ODD), tmp_path / "plan.gpkg")).buildings.table
    assert back["holes"].iloc[3] == 2**62
    assert pd.isna(back["holes"].iloc[1])
    assert pd.isna(back["flags"].iloc[1])
    assert back["households"].dtype == np.int64
    assert back['a "b", c'].dtype == bool


def test_many_attributes_are_kept(tmp_path):
    wide = {f"a{k:03d}": np.full(6, k) for k in range(150)}
    plan = street_plan()
    table = pd.concat([plan.buildings.table, pd.DataFrame(wide)], axis=1)
    path = write_plan(replace(plan, buildings=Buildings(table)), tmp_path / "plan.gpkg")
    assert pyogrio.read_info(path, layer="buildings")["fields"].tolist()[5:] == list(wide)
