"""Boundaries and barriers come with their communities and kinds, in the buildings' CRS."""

from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import LineString, box

from gridgeo.intake import read_community

CRS = "EPSG:4548"
# four houses in a row, 10 m wide and 20 m apart:  [007] [008] [09] [10]
IDS = ["10", "007", "09", "008"]


def houses() -> gpd.GeoDataFrame:
    left = {"007": 0, "008": 20, "09": 40, "10": 60}
    return gpd.GeoDataFrame(
        {
            "building_id": IDS,
            "households": [10, 7, 9, 8],
            "population": [30, 21, 27, 24],
        },
        geometry=[box(500_000 + left[i], 4_400_000, 500_010 + left[i], 4_400_010) for i in IDS],
        crs=CRS,
    )


def test_barriers_of_all_line_layers_take_their_kind_from_words_or_layer(tmp_path: Path) -> None:
    houses().to_file(tmp_path / "h.gpkg")
    path = tmp_path / "lines.gpkg"
    line = LineString([(500_000, 4_400_015), (500_100, 4_400_015)])

    def layer(called: str, **columns: list[object]) -> None:
        count = len(next(iter(columns.values())))
        shapes = [line.parallel_offset(i) for i in range(count)]
        gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS).to_file(path, layer=called)

    layer("streets", highway=["primary", "path"], bridge=["yes", None], name=["Mill  Street", None])
    layer("waterway", waterway=["stream", None], railway=[None, "rail"])
    layer("walls", fclass=["fence", "wall"], bridge=["F", "no"])
    layer(
        "other",
        kind=["铁路", "nonsense"],
        bridge=["0", "1"],
        路名=["", "文化路"],
        **{"name:en": [None, "Culture Road"]},
    )
    houses().to_file(path, layer="houses")
    lines = read_community(tmp_path / "h.gpkg", barriers=path).barriers
    assert lines is not None
    told = sorted(zip(lines["kind"].tolist(), lines["bridge"].tolist(), strict=True))
    assert told == [
        ("rail", False),
        ("rail", False),
        ("river", False),
        ("street", False),
        ("street", True),
        ("street", True),
        ("wall", False),
        ("wall", False),
    ]
    assert lines["bridge"].dtype == bool
    assert sorted(zip(lines["kind"], lines["name"], strict=True))[-5:-2] == [
        ("street", ""), ("street", "Mill Street"), ("street", "文化路"),
    ]  # fmt: skip
    assert set(lines.geom_type) == {"LineString"}
    assert lines["name_en"].tolist().count("Culture Road") == 1
    assert "name_zh" not in lines.columns
    assert lines.crs == CRS


def test_boundary_and_barriers_come_to_the_crs_of_the_buildings(tmp_path: Path) -> None:
    houses().to_file(tmp_path / "h.gpkg")
    area = gpd.GeoDataFrame(geometry=[box(499_900, 4_399_900, 500_200, 4_400_200)], crs=CRS)
    area.to_crs(4326).to_file(tmp_path / "b.geojson")
    line = LineString([(499_900, 4_400_000), (500_200, 4_400_000)])
    gpd.GeoDataFrame(geometry=[line], crs=CRS).to_crs(3857).to_file(tmp_path / "s.shp")
    town = read_community(tmp_path / "h.gpkg", tmp_path / "b.geojson", tmp_path / "s.shp")
    assert town.boundary is not None
    assert town.barriers is not None
    assert town.boundary.crs == town.barriers.crs == CRS
    assert town.boundary.area.sum() == pytest.approx(90_000, rel=1e-3)
    assert town.barriers.length.sum() == pytest.approx(300, rel=1e-3)
    assert "community" not in town.boundary.columns


def test_the_boundary_keeps_its_communities_when_they_are_asked_for(tmp_path: Path) -> None:
    houses().assign(社区=["乙", "甲", "乙", "甲"]).to_file(tmp_path / "h.gpkg")
    halves = [
        box(500_035, 4_399_900, 500_200, 4_400_200),
        box(499_900, 4_399_900, 500_035, 4_400_200),
    ]
    gpd.GeoDataFrame({"社区名称": ["乙", "甲"]}, geometry=halves, crs=CRS).to_file(
        tmp_path / "b.gpkg"
    )
    town = read_community(tmp_path / "h.gpkg", tmp_path / "b.gpkg", community="社区")
    assert town.buildings.communities.tolist() == ["甲", "甲", "乙", "乙"]
    assert town.boundary is not None
    assert sorted(town.boundary["community"]) == ["乙", "甲"]
    assert town.columns["community"] == "社区"
    assert len(town.check()) == 0
