"""Buildings are called as their file calls them, in the reader's language where it can."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from small_plans import block_plan

import gridgeo as gg
from gridgeo.publish import Edition
from gridgeo.publish.naming import ADDRESSES, BUILDING_NAMES, names_in


def named(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(columns)


@pytest.mark.parametrize("column", ["name", "Building Name", "楼栋名称", "名称", "幢号"])
def test_the_usual_columns_name_a_building(column: str) -> None:
    assert names_in(named(**{column: ["A 1", None]}), BUILDING_NAMES, "zh") == ["A 1", ""]


@pytest.mark.parametrize("column", ["name_zh", "name:zh", "NAME_ZH"])
def test_a_language_has_a_column_of_its_own_and_falls_back_cell_by_cell(column: str) -> None:
    table = named(**{"name": ["Willow Court", "Mill"], column: ["柳苑", " "]})
    assert names_in(table, BUILDING_NAMES, "zh") == ["柳苑", "Mill"]
    assert names_in(table, BUILDING_NAMES, "en") == ["Willow Court", "Mill"]


def test_the_likeliest_column_counts_and_an_address_is_no_name() -> None:
    table = named(幢号=["3"], name=["Mill"], address=["3 Mill Street"])
    assert names_in(table, BUILDING_NAMES, "zh") == ["Mill"]
    assert names_in(table, ADDRESSES, "zh") == ["3 Mill Street"]
    assert names_in(table[["address"]], BUILDING_NAMES, "zh") == [""]


def test_chinese_columns_reach_the_map_and_the_pages(tmp_path: Path) -> None:
    plan = block_plan()
    table = plan.buildings.table.copy()
    table["楼栋名称"] = [f"幸福里{k}号楼" for k in range(len(table))]
    table["详细地址"] = [f"和平路{k}号" for k in range(len(table))]
    plan = replace(plan, buildings=replace(plan.buildings, table=table))
    gg.publish(plan, tmp_path, edition=Edition(prints=False, language="zh"))
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    for text in (table["楼栋名称"][5], table["详细地址"][5]):
        assert json.dumps(text, ensure_ascii=False) in index
    assert "幸福里0号楼" in (tmp_path / "grids" / "G-003.html").read_text(encoding="utf-8")
