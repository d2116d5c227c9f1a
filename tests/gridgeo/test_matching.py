"""Buildings of now and the grids of before: by id, by place, on the ground; and all is told."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon, box
from shapely.affinity import translate
from small_plans import block_plan
from two_times import CRS, EAST, NORTH, at, before, houses, objects

from gridgeo.errors import InputError
from gridgeo.matching import How, old_grid_of
from gridgeo.old_grids import OldGrids


def codes(matched) -> list[str]:
    return sorted(finding.code for finding in matched.findings)


def said(matched, code: str) -> str:
    return next(f.sentence() for f in matched.findings if f.code == code)


def square(x_m: float, side_m: float = 10.0):
    return box(EAST + x_m, NORTH, EAST + x_m + side_m, NORTH + side_m)


def test_the_same_buildings_are_found_by_id_and_nothing_is_told() -> None:
    plan = block_plan()
    matched = old_grid_of(plan.buildings, OldGrids.of_plan(plan))
    assert matched.was.tolist() == plan.grid_ids.tolist()
    assert matched.rows.tolist() == list(range(12))
    assert set(matched.how) == {How.ID}
    assert (matched.vanished, matched.findings) == ((), ())


def test_new_and_vanished_buildings_are_told_with_the_first_and_how_many() -> None:
    now = houses({"B1": at(0), "B4": at(500), "B5": at(600)})
    matched = old_grid_of(now, before({"B1": "A", "B2": "A", "B3": "B"}))
    assert matched.was.tolist() == ["A", "", ""]
    assert matched.vanished == ("B2", "B3")
    assert codes(matched) == ["old-new", "old-vanished"]
    assert said(matched, "old-new") == "2 buildings are new: they are not in old.csv (first: B4)."
    assert "old.csv: 2 buildings are no longer there (first: B2)" in said(matched, "old-vanished")
    assert [finding.count for finding in matched.findings] == [2, 2]


def test_a_building_with_another_id_is_found_by_its_place() -> None:
    now = houses({"B1": at(0), "N9": at(103)})
    old = before({"B1": "A", "B2": "B"}, {"B1": at(0), "B2": at(100)})
    matched = old_grid_of(now, old)
    assert matched.was.tolist() == ["A", "B"]
    assert matched.how.tolist() == [How.ID, How.PLACE]
    assert matched.vanished == ()
    assert said(matched, "old-by-place") == (
        "1 building was found by its place alone in old.csv (N9, there B2). Check them on the map."
    )
    assert matched.findings[0].first == "N9"


def test_an_id_goes_before_a_place() -> None:
    # the two changed their ids; whoever trusts places says so
    now = houses({"B1": at(100), "B2": at(0)})
    old = before({"B1": "A", "B2": "B"}, {"B1": at(0), "B2": at(100)})
    assert old_grid_of(now, old).was.tolist() == ["A", "B"]
    assert old_grid_of(now, old, by_id=False).was.tolist() == ["B", "A"]


def test_ids_given_out_anew_are_told_since_they_stand_elsewhere() -> None:
    now = houses({f"B{k}": at(200 * (k + 1)) for k in range(4)})
    old = before({f"B{k}": "A" for k in range(4)}, {f"B{k}": at(200 * k) for k in range(4)})
    matched = old_grid_of(now, old)
    assert codes(matched) == ["old-moved"]
    assert "4 buildings have their ids in old.csv, but stand over 100 m" in said(
        matched, "old-moved"
    )
    assert matched.was.tolist() == ["A"] * 4


def test_007_saved_as_a_number_is_found_and_told() -> None:
    now = houses({"007": at(0), "012": at(100)})
    matched = old_grid_of(now, before({"12": "B", "7": "A"}))
    assert matched.was.tolist() == ["A", "B"]
    assert set(matched.how) == {How.ALIKE}
    assert said(matched, "old-id-alike").startswith(
        "2 buildings were found by ids that are written otherwise in old.csv (first: 007, there 7)"
    )


def test_007_and_7_are_two_buildings_where_both_are_there() -> None:
    now = houses({"007": at(0), "7": at(100)})
    matched = old_grid_of(now, before({"007": "A", "7": "B"}))
    assert matched.was.tolist() == ["A", "B"]
    assert set(matched.how) == {How.ID}


def test_a_building_that_was_in_no_grid_is_told() -> None:
    now = houses({"B1": at(0), "B2": at(100)})
    matched = old_grid_of(now, before({"B1": "A", "B2": ""}))
    assert matched.was.tolist() == ["A", ""]
    assert matched.how.tolist() == [How.ID, How.ID]
    assert codes(matched) == ["old-without-grid"]


def test_nothing_in_common_is_refused_with_ids_of_both() -> None:
    now = houses({"B1": at(0), "B2": at(100)})
    with pytest.raises(InputError) as refused:
        old_grid_of(now, before({"X1": "A", "X2": "B", "X3": "B"}))
    (fault,) = refused.value.findings
    assert fault.code == "old-foreign"
    assert (
        "none of its 3 buildings is here, to judge by id (it has X1 and X2, here are B1 and B2)"
        in fault.message
    )
    with pytest.raises(InputError, match="by id or place"):
        old_grid_of(now, before({"X1": "A"}, {"X1": at(5000)}))


def test_a_place_between_two_grids_is_taken_for_new_and_told() -> None:
    now = houses({"B1": at(0), "N1": at(500)})
    old = before({"B1": "A", "X1": "A", "X2": "B"}, {"B1": at(0), "X1": at(496), "X2": at(504)})
    matched = old_grid_of(now, old)
    assert matched.was.tolist() == ["A", ""]
    assert matched.how.tolist() == [How.ID, How.UNCLEAR]
    assert matched.rows.tolist() == [0, -1]
    assert "1 building may have been in one grid or in another of old.csv (N1)" in said(
        matched, "old-unclear"
    )


def test_a_place_between_two_houses_of_one_grid_is_clear() -> None:
    now = houses({"B1": at(0), "N1": at(500)})
    old = before({"B1": "A", "X1": "B", "X2": "B"}, {"B1": at(0), "X1": at(496), "X2": at(504)})
    assert old_grid_of(now, old).was.tolist() == ["A", "B"]


def test_a_tower_where_houses_were_pulled_down_is_new() -> None:
    now = houses({"B1": square(0), "T1": square(100, 27)})
    old = before(
        {"B1": "A", "X1": "B", "X2": "B"},
        {"B1": square(0), "X1": square(101), "X2": square(113)},
    )
    matched = old_grid_of(now, old)
    assert matched.was.tolist() == ["A", ""]
    assert matched.vanished == ("X1", "X2")


def test_a_slab_drawn_as_two_and_two_drawn_as_one_keep_their_grid() -> None:
    whole, west, east = box(0, 0, 40, 10), box(0, 0, 20, 10), box(20, 0, 40, 10)
    placed = {name: translate(shape, EAST, NORTH) for name, shape in
              (("whole", whole), ("west", west), ("east", east))}  # fmt: skip
    now = houses({"B1": square(500), "N1": placed["west"], "N2": placed["east"]})
    old = before({"B1": "A", "X1": "B"}, {"B1": square(500), "X1": placed["whole"]})
    matched = old_grid_of(now, old)
    assert matched.was.tolist() == ["A", "B", "B"]
    assert matched.how.tolist() == [How.ID, How.PART, How.PART]
    assert matched.vanished == ()
    now = houses({"B1": square(500), "N1": placed["whole"]})
    for grids, was, how in (("BB", "B", How.PART), ("BC", "", How.UNCLEAR)):
        old = before(
            {"B1": "A", "X1": grids[0], "X2": grids[1]},
            {"B1": square(500), "X1": placed["west"], "X2": placed["east"]},
        )
        matched = old_grid_of(now, old)
        assert matched.was.tolist() == ["A", was]
        assert matched.how[1] == how
        assert matched.vanished == ()


def test_entrances_are_found_by_the_building_and_a_building_by_its_entrances() -> None:
    ids = ["B1/1", "B1/2", "B2"]
    now = houses({"B1/1": at(0), "B1/2": at(2), "B2": at(100)},
                 building=["B1", "B1", "B2"], entrance=["1", "2", ""])  # fmt: skip
    matched = old_grid_of(now, before({"B1": "A", "B2": "B"}))
    assert matched.was.tolist() == ["A", "A", "B"]
    assert matched.how.tolist() == [How.PART, How.PART, How.ID]
    assert matched.vanished == ()
    whole = houses({"B1": at(0), "B2": at(100)})
    for grids, was in ((["A", "A", "B"], "A"), (["A", "C", "B"], "")):
        old = before(dict(zip(ids, grids, strict=True)), wholes=objects(["B1", "B1", ""]))
        matched = old_grid_of(whole, old)
        assert matched.was.tolist() == [was, "B"]
        assert matched.vanished == ()


def ground(shape_of: dict[str, object], **more) -> OldGrids:
    none = objects([])
    return OldGrids(
        "grids.gpkg", none, none, none, crs=more.pop("crs", CRS),
        polygons=objects(shape_of.values()), polygon_ids=objects(shape_of), wholes=none,
    )  # fmt: skip


def land(west_m: float, east_m: float):
    return box(EAST + west_m, NORTH - 50, EAST + east_m, NORTH + 50)


def test_a_building_was_in_the_grid_it_stands_in_or_just_beside() -> None:
    now = houses({"B1": at(10), "B2": at(105), "B3": at(900)})
    matched = old_grid_of(
        now, ground({"A": land(0, 100), "B": land(110, 200), "C": land(2e3, 3e3)})
    )
    assert matched.was.tolist() == ["A", "A", ""]
    assert matched.how.tolist() == [How.GROUND, How.NEAR, How.NEW]
    assert codes(matched) == ["old-grid-empty", "old-near", "old-new"]
    assert "2 old grids hold no building now (B and C)" in said(matched, "old-grid-empty")


def test_a_building_across_a_border_was_in_the_grid_that_holds_most_of_it() -> None:
    grids = ground({"A": land(0, 100), "B": land(100, 200)})
    now = houses({"B1": square(92), "B2": square(96)})
    assert old_grid_of(now, grids).was.tolist() == ["A", "B"]


def test_a_building_right_in_the_middle_of_two_grids_is_unclear() -> None:
    grids = ground({"A": land(0, 100), "B": land(90, 200)})
    now = houses({"B1": square(10), "B2": square(90), "P": at(95)})
    matched = old_grid_of(now, grids)
    assert matched.was.tolist() == ["A", "", ""]
    assert matched.how.tolist() == [How.GROUND, How.UNCLEAR, How.UNCLEAR]


def test_a_point_on_a_common_border_belongs_to_the_first_id() -> None:
    grids = ground({"B": land(0, 100), "A": land(100, 200)})
    matched = old_grid_of(houses({"P": at(100)}), grids)
    assert matched.was.tolist() == ["A"]
    assert matched.how.tolist() == [How.GROUND]


def test_a_grid_of_several_polygons_is_one_grid() -> None:
    grids = OldGrids(
        "g", objects([]), objects([]), objects([]), crs=CRS,
        polygons=objects([land(0, 100), land(90, 200)]), polygon_ids=objects(["A", "A"]),
    )  # fmt: skip
    matched = old_grid_of(houses({"P": at(95)}), grids)
    assert (matched.was.tolist(), matched.how.tolist()) == (["A"], [How.GROUND])


def test_grids_elsewhere_are_refused() -> None:
    with pytest.raises(InputError, match="none of the buildings stands in its grids"):
        old_grid_of(houses({"P": at(0)}), ground({"A": land(5000, 6000)}))


def test_old_places_in_another_crs_are_laid_beside_the_buildings() -> None:
    points = gpd.GeoSeries([at(0), at(100)], crs=CRS)
    now = houses({"N1": at(0), "N2": at(100)})
    for crs in (4326, 4490, 32650):
        moved = points.to_crs(crs)
        old = before({"X1": "A", "X2": "B"}, dict(zip(["X1", "X2"], moved, strict=True)),
                     crs=pyproj.CRS.from_epsg(crs))  # fmt: skip
        assert old_grid_of(now, old).was.tolist() == ["A", "B"]


def test_shapes_without_a_crs_are_guessed_only_where_they_lie_among_the_buildings() -> None:
    now = houses({"N1": at(0), "N2": at(100)})
    near = before({"X1": "A", "X2": "B"}, {"X1": at(0), "X2": at(100)}, crs=None)
    matched = old_grid_of(now, near)
    assert matched.was.tolist() == ["A", "B"]
    assert "old-crs-assumed" in codes(matched)
    far = before({"N1": "A", "X2": "B"}, {"N1": at(50_000), "X2": at(100_000)}, crs=None)
    matched = old_grid_of(now, far)
    assert matched.was.tolist() == ["A", ""]
    assert "old-crs-missing" in codes(matched)
    with pytest.raises(InputError, match="nothing says in which CRS"):
        old_grid_of(now, ground({"A": land(5e5, 6e5)}, crs=None))
    assert old_grid_of(now, ground({"A": land(-5, 50)}, crs=None)).was[0] == "A"
    flat = Polygon([(EAST, NORTH), (EAST + 9, NORTH), (EAST + 5, NORTH)])
    with pytest.raises(InputError, match="has a broken shape"):
        old_grid_of(now, ground({"A": land(-5, 50), "B": flat}, crs=None))
    bow = Polygon([(EAST, NORTH), (EAST + 9, NORTH + 9), (EAST + 9, NORTH), (EAST, NORTH + 9)])
    held = before({"X1": "A", "N2": "B"}, {"X1": at(0), "N2": bow}, crs=None)
    assert "shape-mended" in codes(old_grid_of(now, held))


def test_places_that_cannot_be_moved_leave_the_ids() -> None:
    now = houses({"B1": at(0), "N2": at(100)})
    places = {"B1": at(0), "X2": at(100)}  # metres, where degrees are told
    lost = before({"B1": "A", "X2": "B"}, places, crs=pyproj.CRS.from_epsg(4326))
    matched = old_grid_of(now, lost)
    assert matched.was.tolist() == ["A", ""]
    assert "old-crs-far" in codes(matched)


def test_grids_numbered_from_1_in_every_community_are_told_apart() -> None:
    now = houses({"B1": at(0), "B2": at(100), "B3": at(200)}, community=["E", "W", "W"])
    matched = old_grid_of(now, before({"B1": "1", "B2": "1", "B3": "2"}))
    assert matched.was.tolist() == ["E-1", "W-1", "2"]
    assert "1 old grid has buildings in several communities" in said(matched, "old-grid-shared")
    assert "1 is E-1 and W-1" in said(matched, "old-grid-shared")


ids = st.lists(st.text("ab01", min_size=1, max_size=3), unique=True, min_size=1, max_size=8)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(now=ids, old=ids, seed=st.integers(0, 3))
def test_every_building_is_accounted_for_and_no_order_of_rows_counts(now, old, seed) -> None:
    rng = np.random.default_rng(seed)
    here = houses({name: at(20 * k, 3 * len(name)) for k, name in enumerate(sorted(now))})
    places = {name: at(20 * int(rng.integers(9)), 3 * len(name)) for name in sorted(old)}
    held = before({name: "AB"[k % 2] for k, name in enumerate(sorted(old))}, places)
    try:
        matched = old_grid_of(here, held)
    except InputError:
        assert not set(now) & set(old)
        return
    there = [name for name in sorted(old) if name in set(now)]
    assert set(there).isdisjoint(matched.vanished)
    for row, name in enumerate(sorted(now)):
        assert (matched.was[row] == "") == (matched.how[row] in (How.NEW, How.UNCLEAR))
        if name in old:
            assert matched.how[row] == How.ID
            assert held.ids[matched.rows[row]] == name
    by_place = [r for r, how in zip(matched.rows, matched.how, strict=True) if how == How.PLACE]
    assert len(set(by_place)) == len(by_place)
    told = sum(f.count for f in matched.findings if f.code == "old-new")
    assert told == matched.count(How.NEW)
