"""Tables of workers for staffing: what may be left out, and every fault told at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pyproj
import pytest
from small_plans import block_plan

import gridgeo as gg
from gridgeo.candidates import Candidate, Excluded, read_candidates
from gridgeo.crs import lonlat_of, mover_to
from gridgeo.grid_places import GridPlaces

PLACES = GridPlaces.of_plan(block_plan())


def table(folder: Path, text: str) -> Path:
    path = folder / "workers.csv"
    path.write_text(text, encoding="utf-8")
    return path


def faults(path: Path) -> dict[str, str]:
    with pytest.raises(gg.InputError) as said:
        read_candidates(path, PLACES)
    return {finding.code: finding.sentence() for finding in said.value.findings}


def test_a_name_is_all_that_a_worker_needs(tmp_path: Path) -> None:
    workers, said = read_candidates(table(tmp_path, "name\nLi Wei\n"), PLACES)
    assert workers == (Candidate("", "Li Wei", "row 2"),)
    assert not said


def test_chinese_headers_in_excel(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["工号", "姓名", "网格编号", "是否固定", "工作年限", "承载户数", "掌握语言",
                        "回避网格", "居住楼栋"])  # fmt: skip
    book.active.append(["007", "李伟", "G-001", "是", "5年", "80%", "普通话、客家话",
                        "G-002（亲属，姑母）；B04", "B08"])  # fmt: skip
    book.save(tmp_path / "w.xlsx")
    (one,), _ = read_candidates(tmp_path / "w.xlsx", PLACES)
    assert (one.worker_id, one.name, one.now, one.fixed) == ("007", "李伟", ("G-001",), ("G-001",))
    assert (one.years, one.share, one.capacity) == (5.0, 0.8, None)
    assert one.spoken == {"普通话", "客家话"}
    assert one.excluded == (Excluded("G-002", "亲属，姑母"), Excluded("G-003"))
    assert (one.place, one.lives_in) == ((50.0, 250.0), "G-001")


def test_homes_in_degrees_metres_and_another_crs_are_the_same_place(tmp_path: Path) -> None:
    lon, lat = lonlat_of(np.array([[150.0, 150.0]]), pyproj.CRS.from_epsg(3414))[0].tolist()
    utm = pyproj.CRS.from_epsg(32648)
    x, y = mover_to(utm)(np.array([[lon, lat]]))[0].tolist()
    for text, crs in (
        (f"name,home_lon,home_lat\nA,{lon!r},{lat!r}\n", None),
        ("name,home_x,home_y\nA,150,150\n", None),
        (f"name,x,y\nA,{x!r},{y!r}\n", utm),
        ("name,office_x,office_y\nA,150,150\n", None),
    ):
        (one,), _ = read_candidates(table(tmp_path, text), PLACES, crs=crs)
        assert one.place == pytest.approx((150, 150), abs=0.01)
        assert one.at_home == ("office" not in text)
        assert one.lives_in == ("G-004" if one.at_home else "")


def test_a_home_goes_before_an_office_worker_by_worker(tmp_path: Path) -> None:
    text = "name,home,office\nAn,B00,B11\nBo,,B11\n"
    an, bo = read_candidates(table(tmp_path, text), PLACES)[0]
    assert (an.place, an.at_home) == ((50.0, 50.0), True)
    assert (bo.place, bo.at_home) == ((350.0, 250.0), False)


def test_an_address_that_is_no_building_is_told_and_does_not_count(tmp_path: Path) -> None:
    text = "name,home\nAn,Zq 7 Elsewhere Lane\nBo,B00\n"
    (an, bo), said = read_candidates(table(tmp_path, text), PLACES)
    assert (an.place, bo.place) == (None, (50.0, 50.0))
    assert "1 row names in home no single building" in said[0].message
    assert "Elsewhere" not in said[0].sentence()


def test_a_worker_in_several_rows_is_one_with_several_grids(tmp_path: Path) -> None:
    text = "worker_id,name,grid_id,capacity\nW,An,G-002,\nW,An,G-001,40\n"
    (one,), _ = read_candidates(table(tmp_path, text), PLACES)
    assert (one.now, one.capacity) == (("G-001", "G-002"), 40.0)


def test_every_fault_is_told_at_once_with_its_first_row(tmp_path: Path) -> None:
    text = (
        "worker_id,name,grid_id,fixed,capacity,experience,not_in,home_lon,home_lat\n"
        "W1,,G-001,,,,,,\n"
        "W2,Bo,G-9,yes,,,,,\n"
        "W2,Cy,,perhaps,,,,,\n"
        "W3,Di,,,lots,,,,\n"
        "W4,Ed,,,0,,,,\n"
        "W5,Fa,,,,-1,,,\n"
        "W6,Gu,,,,long,,,\n"
        "W7,Ha,,,,,G-77,,\n"
        "W8,Iv,,,,,,here,1\n"
        "W9,Jo,,,,,,103.8,\n"
        "WA,Ka,,,,,,1.3,103.8\n"
        "WB,Lo,,,,,,10,10\n"
    )
    said = faults(table(tmp_path, text))
    assert set(said) == {
        "worker-without-name", "worker-twice", "fixed-without-grid", "fixed-unreadable",
        "capacity-unreadable", "experience-unreadable", "excluded-unknown", "place-unreadable",
        "place-half", "place-out-of-range", "place-far",
    }  # fmt: skip
    assert "2 rows have in capacity no amount (first: row 5)" in said["capacity-unreadable"]
    assert (
        "2 rows have in experience no number of years (first: row 7)"
        in (said["experience-unreadable"])
    )
    assert "(row 12)" in said["place-out-of-range"]


def test_rows_of_one_name_need_ids_unless_they_say_the_same(tmp_path: Path) -> None:
    same = table(tmp_path, "name,grid_id\nAn,G-001\nAn,G-002\n")
    assert read_candidates(same, PLACES)[0][0].now == ("G-001", "G-002")
    said = faults(table(tmp_path, "name,grid_id,capacity\nAn,G-001,30\nAn,G-002,40\n"))
    assert "2 rows bear the name of another row" in said["worker-name-twice"]


def test_two_homes_of_one_worker_are_a_fault(tmp_path: Path) -> None:
    said = faults(table(tmp_path, "worker_id,name,home\nW,An,B00\nW,An,B01\n"))
    assert "(row 3)" in said["worker-rows-differ"]


@pytest.mark.parametrize("text", ["", "\n\n", "a,b\n1,2\n", "name,name\nA,B\n"])
def test_tables_without_a_column_of_names_are_refused(tmp_path: Path, text: str) -> None:
    assert set(faults(table(tmp_path, text))) <= {
        "file-empty", "columns-missing", "column-twice", "column-unclear",
    }  # fmt: skip


def test_a_table_without_rows_is_nobody(tmp_path: Path) -> None:
    assert read_candidates(table(tmp_path, "name\n"), PLACES) == ((), [])
