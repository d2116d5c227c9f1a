"""The GeoJSON is RFC 7946, in a fixed order, and other programs read it."""

from __future__ import annotations

import json
import re

import numpy as np
import pyogrio
import pytest
import shapely
from shapely.geometry import LinearRing, Polygon, box, shape

from maps import GridShape, Sheet, SheetError, Worker, grids_geojson
from maps.geojson import rounded


def grid(key, polygon, **changes):
    figures = {"buildings": 3, "households": 310, "population": 1200}
    figures |= {"in_band": True, "reasons": ""} | changes
    return GridShape(key, "Río 社区", polygon, worker=Worker("Li Wei", "555"), **figures)


CLOCKWISE = Polygon(
    [(113.0, 30.0), (113.0, 30.01), (113.012345678901, 30.01), (113.0123456789, 30.0)],
    holes=[[(113.002, 30.002), (113.004, 30.002), (113.004, 30.004), (113.002, 30.004)]],
)
TWO = Sheet(
    "T",
    (
        grid("TG-002", box(113.02, 30, 113.03, 30.01), in_band=False, reasons='a\u2028"quoted"'),
        grid("TG-001", CLOCKWISE),
    ),
    (),
    (),
    (),
)


def test_features_stand_in_order_of_id_with_keys_in_order():
    read = json.loads(grids_geojson(TWO))
    assert list(read) == ["type", "bbox", "features"]
    assert [f["properties"]["grid_id"] for f in read["features"]] == ["TG-001", "TG-002"]
    assert list(read["features"][0]) == ["type", "properties", "geometry"]
    assert list(read["features"][1]["properties"].items()) == [
        ("grid_id", "TG-002"),
        ("community", "Río 社区"),
        ("buildings", 3),
        ("households", 310),
        ("population", 1200),
        ("in_band", False),
        ("reasons", 'a\u2028"quoted"'),
    ]


def test_outer_rings_run_left_and_holes_right_and_all_are_closed():
    for feature in json.loads(grids_geojson(TWO))["features"]:
        outer, *holes = feature["geometry"]["coordinates"]
        assert LinearRing(outer).is_ccw
        assert not any(LinearRing(hole).is_ccw for hole in holes)
        assert all(ring[0] == ring[-1] for ring in (outer, *holes))
        assert shape(feature["geometry"]).is_valid


def test_numbers_have_at_most_seven_decimals_and_the_text_ends_with_a_newline():
    text = grids_geojson(TWO)
    assert text.endswith("}\n")
    assert "113.0123457" in text
    assert not re.search(r"\d\.\d{8}|e-|NaN|-0\.0\b", text)


def test_box_holds_every_grid_and_no_crs_is_told():
    read = json.loads(grids_geojson(TWO))
    assert read["bbox"] == [113.0, 30.0, 113.03, 30.01]
    assert "crs" not in read


def test_workers_are_left_out():
    assert "Li Wei" not in grids_geojson(TWO)
    assert "555" not in grids_geojson(TWO)


def test_same_sheet_same_text_in_whatever_order():
    turned = Sheet("T", TWO.grids[::-1], (), (), ())
    assert grids_geojson(turned) == grids_geojson(TWO)


def test_ogr_reads_it_as_wgs_84(tmp_path):
    path = tmp_path / "grids.geojson"
    path.write_text(grids_geojson(TWO), encoding="utf-8")
    table = pyogrio.read_dataframe(path)
    assert table.crs.to_epsg() == 4326
    assert table["grid_id"].tolist() == ["TG-001", "TG-002"]
    assert table["households"].tolist() == [310, 310]
    assert shapely.area(table.geometry.values).sum() == pytest.approx(
        CLOCKWISE.area + 0.0001, rel=1e-4
    )


def test_a_neck_thinner_than_the_rounding_leaves_a_valid_shape():
    """Two squares joined by a neck a millimetre wide, which rounding closes."""
    hourglass = Polygon([(0, 0), (1, 0), (0.5 + 1e-8, 0.5), (1, 1), (0, 1), (0.5 - 1e-8, 0.5)])
    result = rounded(hourglass)
    assert result is not None
    assert result.is_valid
    assert result.area == pytest.approx(0.5, rel=1e-6)


def test_neighbours_still_share_their_border_after_rounding():
    rng = np.random.default_rng(5)
    border = np.column_stack([113 + rng.uniform(-1e-4, 1e-4, 40), np.linspace(30, 30.01, 40)])
    west = Polygon([(112.99, 30), *border, (112.99, 30.01)])
    east = Polygon([(113.01, 30), *border, (113.01, 30.01)])
    assert shapely.coverage_is_valid([rounded(west), rounded(east)])


def test_a_grid_lost_in_the_rounding_is_named():
    with pytest.raises(SheetError, match=r"1 grids vanish.*TG-9"):
        grids_geojson(Sheet("T", (grid("TG-9", box(0, 0, 1e-9, 1e-9)),), (), (), ()))
