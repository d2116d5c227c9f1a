"""Streets label a contact, rivers forbid it, bridges restore it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, Point, Polygon, box

from gridgeo.model import SOLE_COMMUNITY, Buildings, Territory
from gridgeo.territory import build_territory, coverage_faults

CRS = 4547
# Two rows of three buildings on the banks of a river at y = 0, 100 m apart along it:
#
#     0     1     2
#   ~~~~~~~~~~~~~~~~~
#     3     4     5
X = (0, 100, 200)
BANKS = [(x, 50) for x in X] + [(x, -50) for x in X]
RIVER = ("river", False, [(-300, 0), (500, 0)])
LAND = box(-50, -100, 250, 100)
ACROSS = [(0, 3), (1, 4), (2, 5)]


def town(xy) -> Buildings:
    n = len(xy)
    return Buildings(
        gpd.GeoDataFrame(
            {
                "building_id": [f"B{i}" for i in range(n)],
                "households": np.full(n, 10),
                "population": np.full(n, 30),
                "community": [SOLE_COMMUNITY] * n,
            },
            geometry=[Point(at) for at in xy],
            crs=CRS,
        )
    )


def build(xy, *rows, land=LAND) -> Territory:
    kind, bridge, lines = zip(*rows, strict=True)
    table = gpd.GeoDataFrame(
        {"kind": kind, "bridge": bridge}, geometry=[LineString(c) for c in lines], crs=CRS
    )
    edge = None if land is None else gpd.GeoDataFrame(geometry=[land], crs=CRS)
    territory = build_territory(town(xy), boundary=edge, barriers=table)
    faults = coverage_faults(territory.cells, territory.area)
    assert faults.none, faults
    return territory


def labelled(territory: Territory) -> dict[tuple[int, int], str]:
    return {
        (int(i), int(j)): kind
        for (i, j), kind in zip(territory.edges, territory.barrier, strict=True)
    }


def test_river_parts_its_banks():
    territory = build(BANKS, RIVER)
    assert labelled(territory) == {(0, 1): "", (1, 2): "", (3, 4): "", (4, 5): ""}
    (finding,) = territory.findings
    assert (finding.code, finding.count) == ("separate-parts", 3)


@pytest.mark.parametrize("kind", ["rail", "wall"])
def test_rails_and_walls_part_as_rivers_do(kind):
    edges = labelled(build(BANKS, (kind, False, RIVER[2])))
    assert not set(edges) & set(ACROSS)


def test_street_labels_and_parts_nothing():
    edges = labelled(build(BANKS, ("street", False, RIVER[2])))
    assert [edges[pair] for pair in ACROSS] == ["street"] * 3
    assert edges[0, 1] == ""


def test_river_in_the_middle_of_a_street_wins():
    edges = labelled(build(BANKS, RIVER, ("street", False, RIVER[2])))
    assert not set(edges) & set(ACROSS)


def test_border_follows_the_street_and_not_the_middle():
    """The street runs at y = 20, nearer to the northern row."""
    territory = build(BANKS, ("street", False, [(-300, 20), (500, 20)]))
    assert shapely.bounds(territory.cells[:3])[:, 1] == pytest.approx([20, 20, 20])


def test_bridge_restores_the_contact_it_crosses():
    bridge = ("street", True, [(100, 15), (100, -15)])
    edges = labelled(build(BANKS, RIVER, bridge))
    assert set(edges) & set(ACROSS) == {(1, 4)}
    assert edges[1, 4] == "river"


def test_two_bridges_link_the_banks_twice():
    bridges = [("street", True, [(x, 15), (x, -15)]) for x in (0, 200)]
    territory = build(BANKS, RIVER, *bridges)
    assert set(labelled(territory)) & set(ACROSS) == {(0, 3), (2, 5)}
    assert len(territory.findings) == 0


def test_bridge_between_four_cells_links_both_pairs():
    """The street on the bridge runs at x = 50, between buildings 0 and 1."""
    street = ("street", False, [(50, 300), (50, -300)])
    bridge = ("street", True, [(50, 15), (50, -15)])
    edges = labelled(build(BANKS, RIVER, street, bridge))
    assert set(edges) & set(ACROSS) == {(0, 3), (1, 4)}


def test_street_without_a_bridge_does_not_cross():
    edges = labelled(build(BANKS, RIVER, ("street", False, [(100, 300), (100, -300)])))
    assert not set(edges) & set(ACROSS)


def test_bridge_far_from_the_territory_links_nothing():
    bridge = ("street", True, [(400, 15), (400, -15)])
    assert not set(labelled(build(BANKS, RIVER, bridge))) & set(ACROSS)


def test_cell_that_had_to_reach_across_gains_no_neighbour_there():
    """The middle of the southern bank is walled off and empty: 1 must take it.

      0     1     2
    ~~~~~~~~~~~~~~~~~
      3  |     |  5
    """
    xy = [(0, 50), (100, 50), (200, 50), (0, -50), (200, -50)]
    walls = [("wall", False, [(x, -300), (x, 0)]) for x in (60, 140)]
    territory = build(xy, RIVER, *walls)
    assert "land-across-barrier" in [f.code for f in territory.findings]
    edges = set(labelled(territory))
    assert edges == {(0, 1), (1, 2)}


def test_empty_land_is_taken_from_the_open_side():
    """A strip south of the river, open to 3 and 4 across a street, is never given north."""
    street = ("street", False, [(-300, -30), (500, -30)])
    territory = build(BANKS, RIVER, street)
    assert shapely.bounds(territory.cells[:3])[:, 1] == pytest.approx([0, 0, 0])
    assert len([f for f in territory.findings if f.code == "land-across-barrier"]) == 0


def test_empty_bank_is_split_among_those_who_face_it():
    """Behind the street each has the bank in front of it, so 3 and 5 do not meet there."""
    street = ("street", False, [(-300, -30), (500, -30)])
    edges = labelled(build(BANKS, RIVER, street))
    assert (3, 5) not in edges
    territory = build(BANKS, RIVER, street)
    for row, x in zip((3, 4, 5), X, strict=True):
        assert territory.cells[row].buffer(0.01).covers(LineString([(x, -50), (x, 0)]))


def test_dead_end_street_cuts_nothing():
    with_street = build(BANKS, ("street", False, [(20, 10), (80, 10)]))
    assert set(labelled(with_street)) >= set(ACROSS)


def test_barriers_cut_discs_where_no_boundary_is_given():
    territory = build(BANKS, RIVER, land=None)
    edges = labelled(territory)
    assert not set(edges) & set(ACROSS)
    discs = shapely.union_all(shapely.buffer(shapely.points(BANKS), 150))
    assert territory.area.symmetric_difference(discs).area < 1e-6


def test_kind_and_bridge_may_be_missing():
    """Lines of unknown kind are streets, as a file of streets alone has no such column."""
    table = gpd.GeoDataFrame(geometry=[LineString(RIVER[2])], crs=CRS)
    territory = build_territory(
        town(BANKS), boundary=gpd.GeoDataFrame(geometry=[LAND], crs=CRS), barriers=table
    )
    assert labelled(territory)[1, 4] == "street"


def test_order_of_ids_does_not_reach_the_geometry():
    rng = np.random.default_rng(3)
    xy = rng.uniform(0, 400, size=(30, 2))
    rows = rng.permutation(30)
    river = ("river", False, [(-500, 150), (900, 260)])
    land = Polygon([(-10, -10), (420, -20), (430, 410), (-20, 420)])
    first, second = build(xy, river, land=land), build(xy[rows], river, land=land)
    assert [c.wkb for c in first.cells[rows]] == [c.wkb for c in second.cells]
    assert {frozenset(rows[list(e)].tolist()) for e in second.edges} == {
        frozenset(e.tolist()) for e in first.edges
    }
