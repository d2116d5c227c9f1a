"""The doctor's table: one fault a row, what is told of it, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import faulty_files as make
import pyogrio
import pytest
from faulty_files import COUNT, CRS, X, Y, houses, with_shape
from shapely.geometry import MultiPoint, Point, box

from gridgeo.doctor import Remedy, check_files
from gridgeo.errors import InputError
from gridgeo.intake import read_community

NOTE, MENDABLE, BY_HAND = "note", "mendable", "by hand"
ALL = (COUNT, 3 * COUNT, 9 * COUNT)


@dataclass(frozen=True)
class Row:
    """A fault: its file, every code told with its remedy, and what partition reads once mended.

    ``first``: the first offender of the first code; ``left``: the exit status of the mended
    file; ``totals``: buildings, households and people in it, None where it cannot be used.
    """

    name: str
    build: Callable[[Path], Path]
    codes: Mapping[str, str]
    first: str = ""
    left: int = 0
    totals: tuple[int, int, int] | None = ALL
    options: Mapping[str, Any] = field(default_factory=dict)
    boundary: Callable[[Path], Path] | None = None

    @property
    def status(self) -> int:
        return max({NOTE: 0, MENDABLE: 1, BY_HAND: 2}[remedy] for remedy in self.codes.values())


def by_hand(name: str, build: Any, code: str, first: str = "", **more: Any) -> Row:
    codes = {code: BY_HAND, **more.pop("codes", {})}
    return Row(name, build, codes, first, 2, more.pop("totals", None), **more)


def mended(name: str, build: Any, code: str, first: str = "", **more: Any) -> Row:
    return Row(name, build, {code: MENDABLE, **more.pop("codes", {})}, first, **more)


def noted(name: str, build: Any, code: str, first: str = "", **more: Any) -> Row:
    return Row(name, build, {code: NOTE, **more.pop("codes", {})}, first, **more)


def column(name: str, at: int, value: Any) -> Any:
    cells: list[Any] = houses()[name].tolist()
    cells[at] = value
    return make.gpkg(houses(**{name: cells}))


def shape(one: Any) -> Any:
    return make.gpkg(with_shape(one))


def ids(*cells: Any) -> Any:
    return make.gpkg(houses(building_id=list(cells)))


def names(*cells: str, **more: list[str]) -> Any:
    return make.gpkg(houses(name=list(cells), **more))


def more_houses(*shapes: Any, households: int = 3, population: int = 9) -> Any:
    frame = houses()
    count = len(shapes)
    return make.gpkg(
        houses(
            building_id=[*frame["building_id"], *(f"C{i}" for i in range(count))],
            households=[3] * COUNT + [households] * count,
            population=[9] * COUNT + [population] * count,
            geometry=[*frame.geometry, *shapes],
        )
    )


def twice(**change: Any) -> Any:
    frame = houses()
    again = frame.iloc[[1]].assign(**change)
    return make.gpkg(make.gpd.GeoDataFrame(make.pd.concat([frame, again])))


def moved(east_m: float, crs: str, rows: range = range(COUNT)) -> Any:
    frame = houses()
    shapes = [
        make.translate(one, east_m) if at in rows else one for at, one in enumerate(frame.geometry)
    ]
    return make.gpkg(houses(geometry=shapes, crs=crs))


def turned(crs: str = CRS, rows: range = range(COUNT)) -> Any:
    shapes = list(houses().to_crs(crs).geometry)
    for at in rows:
        shapes[at] = make.shapely.transform(shapes[at], lambda xy: xy[:, ::-1])
    return make.gpkg(houses(geometry=shapes, crs=crs))


def halves(folder: Path) -> Path:
    """A boundary whose east side runs through the last house, a third of which is outside."""
    return make.edge(folder, box(X - 50, Y - 50, X + 20 * COUNT - 13.3, Y + 50))


def without_last(folder: Path) -> Path:
    return make.edge(folder, box(X - 50, Y - 50, X + 20 * COUNT - 25, Y + 50))


GBK, UTF8 = "gbk", "utf-8"
INNER = box(X + 2, Y + 2, X + 8, Y + 8)
PLUS = (COUNT + 1, 3 * COUNT + 3, 9 * COUNT + 9)
PLUS_EMPTY = (COUNT + 1, 3 * COUNT, 9 * COUNT)

TABLE = [
    # encoding
    noted("GBK shapefile with its .cpg", make.shapefile(make.chinese(), encoding=GBK, cpg="GBK"),
          "encoding-declared"),
    mended("GBK shapefile without .cpg", make.shapefile(make.chinese(), encoding=GBK, cpg=None),
           "encoding-guessed"),
    mended("GBK shapefile whose .cpg says UTF-8",
           make.shapefile(make.chinese(), encoding=GBK, cpg="UTF-8"), "encoding-misdeclared"),
    mended("GBK and UTF-8 in one shapefile", make.mixed_shapefile, "encoding-mixed"),
    mended("GBK CSV", make.csv(make.chinese_csv([GBK] * COUNT)), "encoding-guessed"),
    mended("GBK and UTF-8 in one CSV", make.csv(make.chinese_csv([GBK] * 4 + [UTF8] * 2)),
           "encoding-mixed"),
    noted("byte-order mark", make.csv(make.chinese_csv(["utf-8-sig", *[UTF8] * 5])),
          "encoding-bom"),
    # ids
    mended("ids in a column of floats", ids(1.0, 2.0, 3.0, 4.0, 5.0, 6.0), "ids-floated", "1"),
    mended("ids with a point and a zero", ids("1.0", "2.0", "3", "4.0", "5.0", "6.0"),
           "ids-floated", "1.0"),
    by_hand("ids as 1E+14 in CSV", make.csv(make.lines(B1=("1E+14", "3", "9", "117", "39.74"))),
            "ids-shortened", "1E+14"),
    by_hand("ids longer than Excel can", make.excel([11010100100100101, 2, 3, 4, 5, 6]),
            "ids-shortened", "1.10101001001001e+16"),
    mended("leading zeros lost", ids("001", "002", "003", "004", "5", "6"), "ids-zeros-lost", "5"),
    noted("codes shorter than the others",
          ids("1101011", "1101012", "1101013", "1101014", "1101015", "110101"), "ids-uneven"),
    mended("blanks around ids", ids("B1 ", "B2", "B3", "B4", "B5", "B6"), "ids-spaced"),
    mended("full-width ids", ids("Ｂ１", "B2", "B3", "B4", "B5", "B6"), "ids-full-width"),
    by_hand("ids missing", ids(None, "B2", "B3", "B4", "B5", "B6"), "ids-missing", "row 1"),
    mended("rows there twice, every cell alike", twice(), "ids-doubled", "B2"),
    by_hand("duplicate ids, other data", twice(households=4, geometry=make.house(9)),
            "ids-doubled", "B2"),
    by_hand("ids that differ in 幢 and 栋", ids("3幢", "3栋", "4幢", "5幢", "6幢", "7幢"),
            "ids-alike", "3幢", totals=ALL),
    # names
    noted("names that differ in 幢 and 栋", names("1幢", "1栋", "2幢", "3幢", "4幢", "5幢"),
          "names-alike", "B1"),
    noted("names that differ in full-width digits", names("１号", "1号", "2号", "3号", "4号", "5"),
          "names-alike", "B1"),
    noted("a name that is a range", names("1-10幢", "11幢", "12幢", "13幢", "14幢", "15幢"),
          "names-range", "B1"),
    # counts
    by_hand("no households", column("households", 2, None), "count-missing", "B3"),
    by_hand("NaN", make.csv(make.lines(B3=("B3", "NaN", "9", "117", "39.74"))),
            "count-missing", "B3"),
    by_hand("negative", column("households", 2, -3), "count-negative", "B3"),
    by_hand("fractional", column("households", 2, 2.5), "count-fractional", "B3"),
    by_hand("words", make.csv(make.lines(B3=("B3", "many", "9", "117", "39.74"))),
            "count-not-number", "B3"),
    by_hand("too many", column("population", 2, 2_000_000), "count-huge", "B3"),
    mended("numbers written otherwise",
           make.csv(make.lines(B3=("B3", "０３", "9", "117", "39.74"))), "count-written", "B3"),
    by_hand("households without people", column("population", 2, 0),
            "households-without-people", "B3", totals=(COUNT, 3 * COUNT, 9 * COUNT - 9)),
    noted("people without households", column("households", 2, 0),
          "people-without-households", "B3", totals=(COUNT, 3 * COUNT - 3, 9 * COUNT)),
    by_hand("fewer people than households", column("population", 2, 2), "fewer-people", "B3",
            totals=(COUNT, 3 * COUNT, 9 * COUNT - 7)),
    by_hand("too many people a household", column("population", 2, 90), "households-crowded", "B3",
            totals=(COUNT, 3 * COUNT, 9 * COUNT + 81)),
    by_hand("no column of households", make.gpkg(houses().drop(columns="households")),
            "columns-missing"),
    # places
    mended("no CRS, but --crs", make.shapefile(houses(), prj=False), "crs-missing",
           options={"crs": CRS}),
    mended("no CRS, but a boundary", make.shapefile(houses(), prj=False), "crs-missing",
           boundary=make.edge),
    by_hand("no CRS", make.shapefile(houses(), prj=False), "crs-missing",
            codes={"not-checked": NOTE}),
    mended("latitude first", turned("EPSG:4326"), "coordinates-swapped", "B1"),
    mended("latitude first in one row", turned("EPSG:4326", range(1, 2)), "coordinates-swapped",
           "B2"),
    mended("latitude first in a table", make.csv(make.lines(B2=("B2", "3", "9", "39.74", "117"))),
           "coordinates-swapped", "B2"),
    mended("northing first", turned(), "coordinates-off-crs", "B1"),
    mended("northing first in one row", turned(CRS, range(1, 2)), "coordinates-swapped", "B2"),
    mended("extra zone number", moved(39e6, CRS), "coordinates-off-crs"),
    mended("missing zone number", moved(0, "EPSG:4527"), "coordinates-off-crs"),
    mended("extra zone number in one row", moved(39e6, CRS, range(1, 2)), "coordinates-zone", "B2"),
    noted("latitude in both columns in one row", make.csv(
          make.lines(B2=("B2", "3", "9", "39.74", "39.74"))), "places-scattered", "B2",
          codes={"lonely": NOTE}),
    by_hand("zone number of another meridian", moved(38e6, CRS), "coordinates-off-crs",
            codes={"not-checked": NOTE}),
    mended("degrees said to be metres", make.gpkg(houses().to_crs(4326).set_crs(
           CRS, allow_override=True)), "coordinates-off-crs"),
    # shapes
    mended("heights", shape(make.TALL), "shape-height", "B1"),
    mended("bow-tie", shape(make.BOW_TIE), "shape-mended", "B1", codes={"building-parts": NOTE}),
    mended("wings drawn over each other", shape(make.CROSSED_WINGS), "shape-mended", "B1"),
    mended("open ring in GeoPackage", make.open_ring_gpkg, "ring-closed", "B1"),
    mended("open ring in GeoJSON", make.open_ring_geojson, "ring-closed", "B1"),
    mended("open ring in a column of WKT", make.wkt_csv, "ring-closed", "B1"),
    mended("polygon in a collection", shape(make.COLLECTION), "shape-collection", "B1"),
    noted("two wings", shape(make.WINGS), "building-parts", "B1"),
    by_hand("no ground", shape(make.FLAT), "shape-broken", "B1"),
    by_hand("a line", shape(make.LineString([(X, Y), (X + 9, Y)])), "shape-kind", "B1"),
    by_hand("null", shape(None), "place-missing", "B1"),
    by_hand("empty", shape(make.Polygon()), "place-missing", "B1"),
    # overlaps
    noted("overlap", shape(make.house(0, 25)), "overlap", "B1"),
    mended("sliver", shape(make.house(0, 20.3)), "overlap-sliver", "B1"),
    noted("contained, with people", more_houses(INNER), "footprint-inside", "C0", totals=PLUS),
    mended("contained, empty", more_houses(INNER, households=0, population=0),
           "footprint-inside", "C0"),
    by_hand("drawn twice, with people", more_houses(make.house(0)), "footprint-doubled", "B1",
            totals=PLUS),
    mended("drawn twice, empty", more_houses(make.house(0), households=0, population=0),
           "footprint-doubled", "C0"),
    noted("at one point", more_houses(Point(X + 300, Y), Point(X + 300, Y)), "one-point", "C0",
          totals=(COUNT + 2, 3 * COUNT + 6, 9 * COUNT + 18)),
    noted("nearly at one point", more_houses(Point(X + 300, Y), Point(X + 301, Y)), "points-close",
          "C0", totals=(COUNT + 2, 3 * COUNT + 6, 9 * COUNT + 18)),
    # ground
    by_hand("outside the boundary", make.gpkg(houses()), "building-outside", "B6",
            boundary=without_last),
    noted("on two sides of the boundary", make.gpkg(houses()), "building-across", "B6",
          boundary=halves),
    noted("far away", more_houses(make.house(100)), "lonely", "C0", totals=PLUS),
    by_hand("points where one is none", shape(MultiPoint([(X, Y), (X + 9, Y)])), "shape-kind"),
]  # fmt: skip


@pytest.fixture(params=TABLE, ids=lambda row: row.name)
def row(request: pytest.FixtureRequest) -> Row:
    return request.param


def test_a_fault_is_told_mended_and_gone(row: Row, tmp_path: Path) -> None:
    path = row.build(tmp_path)
    more = dict(row.options)
    if row.boundary is not None:
        more["boundary"] = row.boundary(tmp_path)
    found = check_files(path, **more)
    told = {fault.code: fault.remedy.value for fault in found.faults}
    assert told == dict(row.codes)
    assert len(found.faults) == len(row.codes), "each fault is told once"
    first = found.faults[0].finding.first if len(found.faults) == 1 else ""
    for fault in found.faults:
        if fault.code == next(iter(row.codes)):
            first = fault.finding.first
    assert first == row.first or not row.first
    assert all(fault.finding.fix for fault in found.faults)
    assert found.exit_status == row.status
    # what partition refuses is told under the same code
    try:
        refused = {finding.code for finding in read_community(path, **more).check().errors}
    except InputError as error:
        refused = {finding.code for finding in error.findings}
    assert refused <= set(told)
    # what can be mended has a change to show, and nothing else has
    assert all(bool(f.changes) == (f.remedy is Remedy.MENDABLE) for f in found.faults)

    out = found.save(tmp_path / "mended.gpkg")
    assert {str(name) for name, _ in pyogrio.list_layers(out)} == {
        "buildings", "faults", "changes",
    }  # fmt: skip
    again = check_files(out, **{k: v for k, v in more.items() if k != "crs"})
    assert again.exit_status == row.left, [f.finding.sentence() for f in again.faults]
    assert not again.of(Remedy.MENDABLE)
    if row.totals is None:
        with pytest.raises(InputError):
            read_community(out, **more).check().raise_if_any()
    else:
        town = read_community(out, **more)
        town.check().raise_if_any()
        sums = (
            len(town.buildings),
            town.buildings.households.sum(),
            town.buildings.population.sum(),
        )
        assert tuple(int(one) for one in sums) == row.totals


def test_a_clean_file_is_clean_and_stays_what_it_is(tmp_path: Path) -> None:
    path = make.gpkg(houses())(tmp_path)
    found = check_files(path, boundary=make.edge(tmp_path))
    assert (found.exit_status, found.status, found.faults) == (0, "clean", ())
    mended_file = found.save(tmp_path / "same.gpkg")
    before, after = (read_community(one).input_hash for one in (path, mended_file))
    assert before == after
