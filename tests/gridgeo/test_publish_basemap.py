"""A basemap changes what index.html draws and nothing else; what cannot be used is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from small_plans import block_plan

import gridgeo as gg
import maps
from gridgeo.publish import Edition

BEIJING = 4527  # CGCS2000, zone 39
OFFSET = np.array([39_450_000.0, 4_420_000.0])


def plan_in_beijing() -> gg.Plan:
    plan = block_plan()

    def moved(shapes):
        return shapely.transform(np.asarray(shapes, dtype=object), lambda xy: xy + OFFSET)

    table = plan.buildings.table
    table = table.set_geometry(moved(table.geometry.values)).set_crs(BEIJING, allow_override=True)
    territory = replace(
        plan.territory,
        cells=moved(plan.territory.cells),
        area=moved([plan.territory.area])[0],
    )
    return replace(plan, buildings=replace(plan.buildings, table=table), territory=territory)


def published(folder: Path, **choices: str) -> dict[str, bytes]:
    gg.publish(plan_in_beijing(), folder, edition=Edition(prints=False, **choices))
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.mark.parametrize("name", [name for name in maps.BASEMAPS if "tianditu" not in name])
def test_only_the_map_changes_and_the_data_is_never_shifted(tmp_path: Path, name: str) -> None:
    bare = published(tmp_path / "bare")
    under = published(tmp_path / "under", basemap=name)
    assert set(bare) == set(under)
    assert {file for file in bare if bare[file] != under[file]} == {"index.html"}


def test_own_tiles_have_their_datum_and_credit(tmp_path: Path) -> None:
    tiles = {"basemap": "https://tiles.example.org/{z}/{x}/{y}.png"}
    plain = published(tmp_path / "plain", **tiles)["index.html"]
    shifted = published(
        tmp_path / "shifted", **tiles, basemap_datum="gcj02", basemap_credit="Survey office"
    )["index.html"]
    assert b'"shift":null' in plain
    assert b'"by":"tiles.example.org"' in plain
    assert b'"shift":[[' in shifted
    assert b'"by":"Survey office"' in shifted


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"basemap": "google"}, "no basemap 'google'; there are amap, amap-img, baidu"),
        ({"basemap": "tianditu"}, "needs the key"),
        ({"basemap": "https://t.org/{z}/{x}/{y}", "basemap_datum": "x"}, "no datum 'x'"),
        ({"basemap": "osm", "basemap_datum": "gcj02"}, "said of no tiles of your own"),
        ({"basemap_credit": "Me"}, "said of no tiles of your own"),
    ],
)
def test_what_cannot_be_used_is_told_and_nothing_written(
    tmp_path: Path, choices: dict[str, str], said: str
) -> None:
    with pytest.raises(gg.InputError) as raised:
        published(tmp_path / "site", **choices)
    assert said in str(raised.value)
    assert not (tmp_path / "site").exists()
