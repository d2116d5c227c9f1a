"""A wrong datum is found where streets show it, told with its shift, undone; else nothing is."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely
from made_up_town import drawn_in, town

from gridgeo.crs import from_lonlat, to_lonlat
from gridgeo.datum import Datum
from gridgeo.datum_check import check_datums, datum_findings, old_datum, undo
from gridgeo.errors import Severity

CRS = 4548
BEIJING_1954 = 2436
NOTHING = np.empty(0, dtype=object)
WRONG = [Datum.GCJ02, Datum.BD09]


def apart_m(first: np.ndarray, second: np.ndarray) -> float:
    ours, theirs = shapely.get_coordinates(first), shapely.get_coordinates(second)
    return float(np.hypot(*(ours - theirs).T).max())


@pytest.mark.parametrize("as_points", [False, True])
@pytest.mark.parametrize("datum", WRONG)
def test_buildings_in_a_web_maps_datum_are_found_and_put_back(datum, as_points) -> None:
    houses, streets = town()
    houses = shapely.centroid(houses) if as_points else houses
    wrong = drawn_in(datum, houses)
    found = check_datums(wrong, CRS, streets, CRS)
    assert (found.buildings, found.lines) == (datum, Datum.WGS84)
    (finding,) = found.findings
    assert finding.severity is Severity.ERROR
    assert finding.code == {Datum.GCJ02: "datum-gcj02", Datum.BD09: "datum-bd09"}[datum]
    assert finding.count == len(houses)
    assert apart_m(undo(wrong, CRS, found.buildings), houses) < 0.001
    assert apart_m(wrong, houses) > 400


def test_the_shift_is_told_in_metres_and_direction() -> None:
    houses, streets = town()
    (finding,) = datum_findings(drawn_in(Datum.GCJ02, houses), CRS, streets, CRS)
    # in Beijing GCJ-02 lies half a kilometre to the east and a little north
    east, north = (
        shapely.get_coordinates(drawn_in(Datum.GCJ02, houses)) - shapely.get_coordinates(houses)
    ).mean(axis=0)
    assert f"{np.hypot(east, north):.0f} m to the east-north-east of where" in finding.message
    assert " lie on streets, " in finding.message
    assert finding.message.endswith("with the shift undone 0 (0.0%) and 0")
    assert "--fix" in finding.fix


@pytest.mark.parametrize("datum", WRONG)
def test_streets_in_a_web_maps_datum_are_found(datum) -> None:
    houses, streets = town(1)
    wrong = drawn_in(datum, streets)
    found = check_datums(houses, CRS, wrong, CRS)
    assert (found.buildings, found.lines) == (Datum.WGS84, datum)
    assert [f.code.startswith("datum-streets-") for f in found.findings] == [True]
    assert apart_m(undo(wrong, CRS, found.lines), streets) < 0.001


def test_buildings_and_streets_in_two_wrong_datums_are_both_told() -> None:
    houses, streets = town(2)
    ours, theirs = drawn_in(Datum.BD09, houses), drawn_in(Datum.GCJ02, streets)
    found = check_datums(ours, CRS, theirs, CRS)
    assert [f.code for f in found.findings] == ["datum-bd09", "datum-streets-gcj02"]
    assert (found.buildings, found.lines) == (Datum.BD09, Datum.GCJ02)


@pytest.mark.parametrize("crs", [4326, 3857, 4490, 4549])
def test_the_datum_is_found_in_any_crs_of_the_file(crs) -> None:
    houses, streets = town(3)
    degrees = to_lonlat(drawn_in(Datum.GCJ02, houses), pyproj.CRS(CRS))
    wrong = from_lonlat(degrees, pyproj.CRS(crs))
    found = check_datums(wrong, crs, streets, CRS)
    assert found.buildings is Datum.GCJ02
    righted = from_lonlat(
        to_lonlat(undo(wrong, crs, found.buildings), pyproj.CRS(crs)), pyproj.CRS(CRS)
    )
    assert apart_m(righted, houses) < 0.001


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("as_points", [False, True])
def test_a_town_that_is_right_is_not_accused(seed, as_points) -> None:
    houses, streets = town(seed, blocks=2 + seed)
    houses = shapely.centroid(houses) if as_points else houses
    assert check_datums(houses, CRS, streets, CRS).findings == ()


@pytest.mark.parametrize("seed", range(8))
def test_streets_of_another_town_are_no_proof(seed) -> None:
    # houses here, streets drawn from another town in the same place: nothing fits
    houses, _ = town(seed)
    _, streets = town(seed + 100)
    assert check_datums(houses, CRS, streets, CRS).findings == ()


def test_a_shift_of_another_kind_is_not_taken_for_a_datum() -> None:
    houses, streets = town(4)
    moved = shapely.transform(houses, lambda xy: xy + np.array([300.0, -200.0]))
    assert check_datums(moved, CRS, streets, CRS).findings == ()


def test_a_few_houses_prove_nothing() -> None:
    houses, streets = town(5)
    assert check_datums(drawn_in(Datum.GCJ02, houses[:12]), CRS, streets, CRS).findings == ()


@pytest.mark.parametrize("lines_crs", [CRS, None])
def test_without_streets_nothing_is_said(lines_crs) -> None:
    houses, _ = town()
    wrong = drawn_in(Datum.GCJ02, houses)
    assert check_datums(wrong, CRS, NOTHING, lines_crs).findings == ()


def test_outside_china_no_datum_is_guessed() -> None:
    # the same numbers moved to Singapore, as far from their streets as GCJ-02 would have them
    houses, streets = town(at=(103.8, 1.35), crs=3414)
    moved = shapely.transform(houses, lambda xy: xy + np.array([540.0, 150.0]))
    assert check_datums(moved, 3414, streets, 3414).findings == ()


def test_broken_and_missing_shapes_are_passed_over() -> None:
    houses, streets = town()
    bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    odd = [None, shapely.Polygon(), bow_tie, shapely.Point(np.nan, 1.0)]
    wrong = np.concatenate([drawn_in(Datum.GCJ02, houses), np.array(odd, dtype=object)])
    assert check_datums(wrong, CRS, streets, CRS).buildings is Datum.GCJ02
    assert check_datums(np.array(odd, dtype=object), CRS, streets, CRS).findings == ()
    assert undo(np.array([None], dtype=object), CRS, Datum.GCJ02)[0] is None


def test_coordinates_without_a_place_on_earth_are_left_to_others() -> None:
    houses, streets = town()
    lost = shapely.transform(houses, lambda xy: xy * 1e6)
    assert check_datums(lost, 4326, streets, CRS).findings == ()
    assert check_datums(houses, CRS, lost, 4326).findings == ()
    assert check_datums(houses, None, streets, CRS).findings == ()


def in_beijing_1954(shapes: np.ndarray, off_m: tuple[float, float]) -> np.ndarray:
    """The same degrees, as PROJ has them, and the shift that it does not know."""
    plain = from_lonlat(to_lonlat(shapes, pyproj.CRS(CRS)), pyproj.CRS(BEIJING_1954))
    return shapely.transform(plain, lambda xy: xy + np.array(off_m))


def test_beijing_1954_without_shift_is_told_and_measured_beside_streets() -> None:
    houses, streets = town(1, blocks=10)
    off = in_beijing_1954(houses, (72.0, -20.0))
    (finding,) = check_datums(off, BEIJING_1954, streets, CRS).findings
    assert (finding.code, finding.severity) == ("datum-unshifted", Severity.WARNING)
    assert "Beijing 1954 (EPSG:2436)" in finding.message
    # 74.7 m; buildings stand back from streets, so a metre or two is as good
    assert any(f"are {m} m to the east-south-east of" in finding.message for m in (73, 74, 75, 76))
    assert "give or take" in finding.message


def test_beijing_1954_that_fits_its_streets_is_told_so() -> None:
    houses, streets = town(1, blocks=10)
    (finding,) = check_datums(in_beijing_1954(houses, (0, 0)), BEIJING_1954, streets, CRS).findings
    assert "fit as they stand" in finding.message


def test_in_a_town_of_equal_blocks_no_shift_is_made_up() -> None:
    houses, streets = town(1, block_m=(80, 80.001))
    off = in_beijing_1954(houses, (60.0, 0.0))
    (finding,) = check_datums(off, BEIJING_1954, streets, CRS).findings
    assert "Beside" not in finding.message


def test_streets_in_an_old_datum_are_told_too() -> None:
    houses, streets = town(1, blocks=10)
    old = in_beijing_1954(streets, (72.0, -20.0))
    (finding,) = check_datums(houses, CRS, old, BEIJING_1954).findings
    assert finding.message.startswith("The streets are in Beijing 1954")
    # seen from the streets the buildings lie on the other side
    assert "to the west-north-west of where they fit" in finding.message


def test_one_old_datum_for_both_is_told_once_and_not_measured() -> None:
    houses, streets = (in_beijing_1954(shapes, (72.0, -20.0)) for shapes in town())
    (finding,) = check_datums(houses, BEIJING_1954, streets, BEIJING_1954).findings
    assert finding.message.startswith("The buildings are in Beijing 1954")
    assert "Beside" not in finding.message


def test_an_old_datum_is_told_without_streets_too() -> None:
    houses, _ = town()
    (finding,) = check_datums(in_beijing_1954(houses, (0, 0)), BEIJING_1954, NOTHING, None).findings
    assert finding.code == "datum-unshifted"


@pytest.mark.parametrize(
    ("crs", "name"),
    [
        ("EPSG:2401", "Beijing 1954"), ("EPSG:2442", "Beijing 1954"), ("EPSG:4214", "Beijing 1954"),
        ("EPSG:21453", "Beijing 1954"), ("EPSG:4610", "Xian 1980"), ("EPSG:2327", "Xian 1980"),
        ("EPSG:2390", "Xian 1980"), ("EPSG:4555", "New Beijing"),
        ("+proj=tmerc +lon_0=117 +x_0=500000 +ellps=krass +units=m", "Beijing 1954"),
        ("+proj=tmerc +lon_0=117 +x_0=500000 +a=6378140 +rf=298.257 +units=m", "Xian 1980"),
        ("+proj=tmerc +lon_0=117 +ellps=krass +towgs84=12,-110,-80,0,0,0,0 +units=m", ""),
        ("EPSG:4490", ""), ("EPSG:4548", ""), ("EPSG:4326", ""), ("EPSG:3857", ""),
        ("EPSG:4284", ""),  # Pulkovo 1942: the same ellipsoid, another datum
    ],
)  # fmt: skip
def test_the_old_datums_are_known_by_name_or_ellipsoid(crs, name) -> None:
    assert old_datum(pyproj.CRS.from_user_input(crs)) == name


def test_an_esri_prj_of_beijing_1954_is_known() -> None:
    text = pyproj.CRS.from_epsg(BEIJING_1954).to_wkt("WKT1_ESRI")
    assert "D_Beijing_1954" in text
    assert old_datum(pyproj.CRS.from_wkt(text)) == "Beijing 1954"
