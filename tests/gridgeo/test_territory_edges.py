"""Why edges are there: shared borders, bridges, underpasses, and what was said by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point, box

from gridgeo.errors import InputError
from gridgeo.model import SOLE_COMMUNITY, Buildings, Territory
from gridgeo.territory import build_territory, coverage_faults

CRS = 4547
# Two rows of three buildings on both sides of a line at y = 0, 100 m apart along it:
#
#     B0    B1    B2
#   ------------------
#     B3    B4    B5
XY = [(x, 50) for x in (0, 100, 200)] + [(x, -50) for x in (0, 100, 200)]
LAND = box(-50, -100, 250, 100)
ALONG = [(-300, 0), (500, 0)]
ACROSS = {(0, 3), (1, 4), (2, 5)}


def town(xy=XY, communities=None) -> Buildings:
    n = len(xy)
    columns = {
        "building_id": [f"B{i}" for i in range(n)],
        "households": np.full(n, 10),
        "population": np.full(n, 30),
        "community": communities or [SOLE_COMMUNITY] * n,
    }
    return Buildings(gpd.GeoDataFrame(columns, geometry=[Point(at) for at in xy], crs=CRS))


def build(*rows, edits=None, xy=XY, land=LAND, communities=None) -> Territory:
    """Rows of (kind, "", "bridge" or "tunnel", coordinates)."""
    table = None
    if rows:
        kind, where, lines = zip(*rows, strict=True)
        table = gpd.GeoDataFrame(
            {
                "kind": kind,
                "bridge": [place == "bridge" for place in where],
                "tunnel": [place == "tunnel" for place in where],
            },
            geometry=[LineString(c) for c in lines],
            crs=CRS,
        )
    territory = build_territory(
        town(xy, communities),
        boundary=gpd.GeoDataFrame(geometry=[land], crs=CRS),
        barriers=table,
        edges=None
        if edits is None
        else pd.DataFrame(edits, columns=["a", "b", "action", "reason"]),
    )
    faults = coverage_faults(territory.cells, territory.area)
    assert faults.none, faults
    return territory


def reasons(territory: Territory) -> dict[tuple[int, int], str]:
    return dict(zip(map(tuple, territory.edges.tolist()), territory.reason, strict=True))


def shut(territory: Territory) -> dict[tuple[int, int], tuple[str, str]]:
    held = territory.forbidden
    said = zip(held.barrier, held.reason, strict=True)
    return dict(zip(map(tuple, held.pairs.tolist()), said, strict=True))


@pytest.mark.parametrize("kind", ["river", "rail", "motorway", "wall"])
def test_contacts_across_hard_barriers_are_told_with_what_forbids_them(kind):
    territory = build((kind, "", ALONG))
    assert set(reasons(territory).values()) == {"shared border"}
    assert shut(territory) == dict.fromkeys(ACROSS, (kind, "no crossing"))
    assert territory.forbidden.border_m.tolist() == pytest.approx([100, 100, 100])


@pytest.mark.parametrize(("where", "reason"), [("bridge", "bridge"), ("tunnel", "underpass")])
def test_a_street_over_or_under_joins_and_says_how(where, reason):
    territory = build(("motorway", "", ALONG), ("street", where, [(100, 20), (100, -20)]))
    assert reasons(territory)[1, 4] == reason
    assert set(shut(territory)) == ACROSS - {(1, 4)}


def test_a_street_under_a_motorway_on_stilts_is_an_underpass():
    stilts = [("motorway", "", [(-300, 0), (80, 0)]), ("motorway", "bridge", [(80, 0), (120, 0)])]
    ground = ("motorway", "", [(120, 0), (500, 0)])
    territory = build(*stilts, ground, ("street", "", [(100, 200), (100, -200)]))
    assert {reasons(territory)[pair] for pair in ACROSS & set(reasons(territory))} == {"underpass"}


@pytest.mark.parametrize("kind", ["river", "rail", "motorway"])
def test_what_runs_below_the_ground_parts_nothing(kind):
    territory = build((kind, "tunnel", ALONG))
    assert set(reasons(territory)) >= ACROSS
    assert shut(territory) == {}


@pytest.mark.parametrize("width_m", [12, 120])
def test_a_bridge_over_two_lines_joins_those_who_stand_at_its_ends(width_m):
    """Lanes of a motorway, or two banks: the strip between holds no building.

    A bridge at x = 820 links B08 and B18, and not B10, though the strip is one face.
    """
    half = width_m / 2
    xy = [(100 * k, side * (50 + half)) for side in (1, -1) for k in range(10)]
    banks = [("river", "", [(-500, y), (1500, y)]) for y in (half, -half)]
    bridge = ("street", "bridge", [(820, half + 30), (820, -half - 30)])
    territory = build(*banks, bridge, xy=xy, land=box(-50, -150 - half, 950, 150 + half))
    over = [pair for pair in reasons(territory) if pair[0] < 10 <= pair[1]]
    assert over == [(8, 18)]
    assert reasons(territory)[8, 18] == "bridge"


def test_a_river_clipped_to_the_boundary_still_parts():
    """Its ends lie inside by a hair, as clipping leaves them."""
    territory = build(("river", "", [(-49.9999999, 0.0), (100, 13), (249.8, 0.0)]))
    assert set(shut(territory)) == ACROSS


def test_a_river_that_ends_in_the_open_is_told():
    territory = build(("river", "", [(-300, 0), (120, 0)]))
    told = [f for f in territory.findings if f.code == "barrier-loose-end"]
    assert len(told) == 1
    assert "170 m of river" in told[0].message


def test_an_island_is_told_by_name():
    ring = [(60, -10), (140, -10), (140, -90), (60, -90), (60, -10)]
    territory = build(("river", "", ring))
    assert [f.first for f in territory.findings if f.code == "building-without-neighbour"] == ["B4"]


def test_edges_by_hand_are_added_and_removed_with_their_reason():
    edits = [
        ("B4", "B1", "add", "ferry"),  # forbidden by the river
        ("B0", "B1", "remove", "two schools"),
        ("B0", "B5", "add", "one landlord"),  # no contact at all
    ]
    territory = build(("river", "", ALONG), edits=edits)
    assert reasons(territory)[1, 4] == "by hand: ferry"
    assert reasons(territory)[0, 5] == "by hand: one landlord"
    assert (0, 1) not in reasons(territory)
    assert shut(territory)[0, 1] == ("", "by hand: two schools")
    assert (1, 4) not in shut(territory)
    row = territory.edges.tolist().index([1, 4])
    assert territory.border_m[row] == pytest.approx(100)
    assert territory.barrier[row] == "river"
    assert territory.by_hand.tolist() == [pair in {(0, 5), (1, 4)} for pair in reasons(territory)]
    assert territory.edges.tolist() == sorted(territory.edges.tolist())


def test_an_edge_by_hand_joins_parts():
    joined = build(("river", "", ALONG), edits=[("B1", "B4", "add", "ferry")])
    assert "separate-parts" in [f.code for f in build(("river", "", ALONG)).findings]
    assert "separate-parts" not in [f.code for f in joined.findings]


@pytest.mark.parametrize(
    ("edits", "codes"),
    [
        ([("B0", "??", "add", "x")], ["edge-building-unknown"]),
        ([("B0", "B0", "add", "x")], ["edge-to-itself"]),
        ([("B0", "", "add", "x")], ["edge-without-building"]),
        ([("B0", "B3", "join", "x")], ["edge-action"]),
        ([("B0", "B3", "add", " ")], ["edge-without-reason"]),
        ([("B0", "B3", "add", "x"), ("B3", "B0", "remove", "y")], ["edge-contradicted"]),
        ([("B0", "B3", "add", "x"), ("B3", "B0", "add", "x")], ["edge-twice"]),
        ([("B0", "B1", "add", "x"), ("B0", "B5", "remove", "y")], ["edge-exists", "edge-missing"]),
        (
            [("B0", "??", "add", ""), ("B1", "B1", "add", "x")],
            ["edge-building-unknown", "edge-to-itself", "edge-without-reason"],
        ),
    ],
)  # fmt: skip
def test_edges_by_hand_that_cannot_be_are_told_together(edits, codes):
    with pytest.raises(InputError) as raised:
        build(("river", "", ALONG), edits=edits)
    assert [finding.code for finding in raised.value.findings] == codes
    assert all(finding.fix and finding.first for finding in raised.value.findings)


def test_no_edge_by_hand_joins_two_communities():
    with pytest.raises(InputError, match="1 row joins buildings of two communities"):
        build(edits=[("B0", "B5", "add", "x")], communities=["N"] * 3 + ["S"] * 3)
