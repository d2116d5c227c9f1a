"""Whatever a plan's file holds about persons, no output of a publication carries it."""

from __future__ import annotations

import re
import struct
import tempfile
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pdfplumber
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_plans import block_plan

import gridgeo as gg
import maps
from gridgeo.crs import mover_to
from gridgeo.model import LimitBook, Plan
from gridgeo.publish import Edition, outputs
from gridgeo.record import Staff

BOUNDED = settings(max_examples=12, deadline=None, derandomize=True)
# columns as a careless export of a community's system brings them along
COLUMNS = [
    "resident_name", "disabled", "low_income", "户主", "手机号", "身份证号", "是否低保", "独居老人",
    "id_card", "notes", "elderly", "households_2019", "phone", "worker_home", "compound",
]  # fmt: skip
SECRET = st.text("赵钱孙李周吴", min_size=3, max_size=4) | st.from_regex(
    r"1[3-9]\d{9}|\d{6}19[5-9]\d(0[1-9]|1[0-2])(0[1-9]|[12]\d)\d{4}|Zq[a-z]{5} Xw[a-z]{5}",
    fullmatch=True,
)
FLAGS = st.sampled_from(["disabled-flag-7f", "低保标记七", "lives-alone-7f"])


def with_columns(plan: Plan, columns: dict[str, list]) -> Plan:
    table = plan.buildings.table.copy()
    for name, values in columns.items():
        table[name] = values
    return replace(plan, buildings=replace(plan.buildings, table=table))


def everything(site: Path, ending: str = "") -> str:
    """All text of a publication, or of its files of an ending; once more without JSON escapes."""
    raw = "\n".join(
        f"{path.name}\n{path.read_text(encoding='utf-8')}"
        for path in sorted(site.rglob(f"*{ending}"))
        if path.is_file()
    )
    return raw + re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), raw)


@BOUNDED
@given(st.data(), st.sampled_from(["none", "suppressed"]))
def test_columns_about_persons_reach_no_file(data, counts) -> None:
    names = data.draw(st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=5, unique=True))
    columns = {
        name: data.draw(st.lists(SECRET | FLAGS, min_size=12, max_size=12)) for name in names
    }
    plan = with_columns(block_plan(), columns)
    with tempfile.TemporaryDirectory() as folder:
        edition = Edition(counts=counts, topojson=True, prints=False)
        gg.publish(plan, Path(folder) / "site", edition=edition)
        text = everything(Path(folder) / "site")
        # a web page has names of its own for what it holds, "phone" among them
        told = everything(Path(folder) / "site", "json") + everything(Path(folder) / "site", "csv")
    for name, values in columns.items():
        assert not re.search(rf'["\s,]{re.escape(name)}["\s,:]', told), name
        for value in values:
            assert value not in text


@BOUNDED
@given(SECRET, st.sampled_from(["name", "address", "community", "title", "street"]))
def test_a_secret_in_a_text_that_is_shown_stops_the_whole_export(secret, place) -> None:
    plan = with_columns(block_plan(), {"resident_name": [secret] + [None] * 11})
    title = None
    said = f"Mill Lane {secret}, 2"
    if place == "title":
        title = said
    elif place == "street":
        import geopandas as gpd
        from shapely import LineString

        lines = {"kind": ["street"], "name": [said], "bridge": [False]}
        road = gpd.GeoDataFrame(lines, geometry=[LineString([(0, 5), (400, 5)])], crs=3414)
        plan = replace(plan, barriers=road)
    else:
        plan = with_columns(plan, {place: [said] * 12})
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        with pytest.raises(gg.InputError) as refused:
            gg.publish(plan, site, title=title, edition=Edition(prints=False))
        assert not site.exists()
    told = str(refused.value)
    assert not secret.isdigit() or secret not in told
    assert "index.html" in told
    assert "Nothing was written" in told


def test_kinds_drawn_from_a_flag_of_persons_stop_the_export(tmp_path: Path) -> None:
    plan = with_columns(block_plan(), {"low_income": ["yes", "no"] * 6})
    plan = replace(plan, book=LimitBook(plan.limits, "low_income", {}, {}, {}))
    with pytest.raises(gg.InputError, match="low_income"):
        gg.publish(plan, tmp_path / "site")
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize("maker", [m.output for m in outputs.makers()])
def test_a_maker_that_tells_too_much_is_stopped_by_the_gate(
    tmp_path: Path, monkeypatch, maker
) -> None:
    """Each output once with a maker that lets a figure of a building, or of a grid, slip in."""
    honest = outputs.makers()
    plan = block_plan()

    def leaky(made):
        if made.output is not maker:
            return made
        if made.material(TOLD) is not None:
            return replace(made, material=lambda told: (made.material(told), {"households": 7}))
        files = {
            "grids.geojson": '{"features":[{"properties":{"grid_id":"G","households":7}}]}',
            "grids.topojson": '{"objects":{"g":{"geometries":[{"properties":{"households":7}}]}}}',
            "buildings.geojson": '{"features":[{"properties":{"building_id":"B","households":7}}]}',
            "grids.csv": "grid_id,households\r\nG,7\r\n",
            "directory.json": '{"grids":[{"grid_id":"G","households":7}],"buildings":[]}',
        }
        return replace(made, files=lambda *_: {str(maker): files[str(maker)]})

    TOLD = _told()
    monkeypatch.setattr(
        import_module("gridgeo.publish.site"),
        "makers",
        lambda: tuple(leaky(m) for m in honest if m.output is maker),
    )
    with pytest.raises(gg.InputError) as refused:
        gg.publish(plan, tmp_path / "site", edition=Edition(topojson=True))
    (finding,) = refused.value.findings
    assert (finding.code, finding.first) == ("field-not-public", "households")
    assert str(maker) in finding.message
    assert not (tmp_path / "site").exists()


PAGES = maps.page_files(f"G-00{k}" for k in range(1, 5))


def _told():
    from gridgeo.publish.people import People
    from gridgeo.publish.sheet import make_sheet

    words = maps.Words.of("en")
    sheet = make_sheet(block_plan(), {}, words)
    return outputs.Publication(block_plan(), sheet, People(), Edition(), words, PAGES)


def test_small_grids_show_no_count_even_where_counts_are_asked_for(tmp_path: Path) -> None:
    plan = block_plan()
    table = plan.buildings.table.copy()
    table["households"] = np.where(plan.grid_ids == "G-001", 1, 10)
    plan = replace(plan, buildings=replace(plan.buildings, table=table))
    site = gg.publish(plan, tmp_path / "site", edition=Edition(counts="suppressed", prints=False))
    rows = site.table.read_text(encoding="utf-8-sig").splitlines()
    assert rows[1] == "G-001,,no,,,,"
    assert sum(",,,," in row for row in rows) >= 2  # and one more, for the total
    assert "counts-suppressed" in [f.code for f in site.findings]


@pytest.mark.parametrize(
    ("column", "home"),
    [
        ("home_lon,home_lat", "103.8176543,1.2876543"),
        ("home_x,home_y", "1234.567,2345.678"),
        ("住址", "Zqabc Xwdef 77"),
    ],
)
def test_where_a_worker_lives_reaches_neither_the_plan_nor_a_publication(
    tmp_path: Path, column: str, home: str
) -> None:
    """Nor do the grids that a worker must not serve, languages or years."""
    rows = [f"W{k},Name{k},{home},G-00{k} (Zq sister),17.125,Zqish" for k in range(1, 5)]
    workers = tmp_path / "workers.csv"
    header = f"worker_id,name,{column},not_in,experience,languages\n"
    workers.write_text(header + "\n".join(rows), encoding="utf-8")
    aims = gg.StaffingAims(not_at_home=True)
    done = gg.assign_owners(block_plan(), workers, aims=aims, made="2026-01-01")
    assert (done.table["name"] != "").all()
    path = done.plan.save(tmp_path / "plan.gpkg")
    site = tmp_path / "site"
    edition = Edition(counts="suppressed", topojson=True)
    gg.publish(gg.read_plan(path), site, owners=workers, edition=edition)
    files = [path, *(p for p in sorted(site.rglob("*")) if p.is_file())]
    raw = b"\n".join(p.read_bytes() for p in files)
    assert b"Name1" in raw  # what is looked through is what was written
    numbers = [] if column == "住址" else [float(part) for part in home.split(",")]
    secrets = [part.encode() for part in (home, *home.split(","), "sister", "Zqish", "17.125")]
    secrets += [struct.pack(form, x) for form in ("<d", ">d") for x in (*numbers, 17.125)]
    if numbers and column == "home_lon,home_lat":
        xy = mover_to(pyproj.CRS.from_epsg(3414))(np.array([numbers]))[0].tolist()
        secrets += [struct.pack(form, x) for form in ("<d", ">d") for x in xy]
    for secret in secrets:
        assert secret not in raw, secret
    warned = " ".join(finding.sentence() for finding in done.plan.findings)
    assert home not in warned


def with_record(plan: Plan, secret: str) -> Plan:
    """A plan whose record tells the secret wherever a record holds text."""
    ours = replace(plan, limits=replace(plan.limits, households=gg.Band(1, 29)))
    waived = gg.waive(ours, "G-001", reason=f"because of {secret}", person=secret, day="2026-01-01")
    said = {"reason": f"told by {secret}", "person": secret, "day": "2026-03-01"}
    coded = gg.code_plan(waived, "db11t2157", {"G": "110101001001"}, **said)
    staff = (Staff(coded.grid_ids[0], f"{secret} helper", "W1", "supervisor"),)
    return replace(coded, record=replace(coded.record, staff=staff))


@BOUNDED
@given(SECRET, st.sampled_from(["none", "suppressed"]))
def test_what_a_record_tells_of_waivers_and_persons_reaches_no_file(secret, counts) -> None:
    plan = with_record(block_plan(), secret)
    assert secret in str(plan.record.waivers)
    with tempfile.TemporaryDirectory() as folder:
        path = gg.write_plan(plan, Path(folder) / "plan.gpkg")
        edition = Edition(counts=counts, topojson=True, prints=False)
        site = Path(folder) / "site"
        gg.publish(gg.read_plan(path), site, edition=edition)
        text = everything(site)
        marks = {row.split(",")[2] for row in (site / "grids.csv").read_text().splitlines()[1:]}
    assert secret not in text
    assert "because of" not in text
    assert not re.search(r"\bwaive", text)
    # what is accepted is still out of band, and the map says so to everybody alike
    assert marks == {"no"}


def test_no_board_or_card_tells_of_a_waiver(tmp_path: Path) -> None:
    gg.publish(with_record(block_plan(), "Zqabcde Xwabcde"), tmp_path / "site")
    printed = sorted((tmp_path / "site").rglob("*.pdf"))
    assert len(printed) > 2
    for path in printed:
        with pdfplumber.open(path) as pdf:
            text = " ".join(page.extract_text() or "" for page in pdf.pages)
        assert "Zqabcde" not in text
        assert "waive" not in text
