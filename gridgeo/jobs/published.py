"""A folder that was published, read for the store: files, features and where they lie."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from ..publish.previous import MANIFEST
from ..store import Feature, NewPublication, PublicFile, blob_of

_MEDIA = {".geojson": "application/geo+json", ".topojson": "application/json",
          ".html": "text/html; charset=utf-8", ".csv": "text/csv; charset=utf-8"}  # fmt: skip


def read_published(
    folder: Path,
    *,
    plan_id: str,
    edition: Mapping[str, Any],
    valid_from: datetime | None = None,
) -> NewPublication:
    """Return a publication made of the files that the gate let into ``folder``.

    All that takes long is done here, before a unit of the store begins. ``edition``: the choices
    it was made with, in plain types; ``epsg``, the code of the plan's CRS, may be among them.

    Raises:
        OSError: a file is missing.
    """
    names = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
    grids = _features(folder / "grids.geojson")
    shapes = np.array([shape for shape, _ in grids], dtype=object)
    communities = np.array([facts["community"] for _, facts in grids], dtype=object)
    return NewPublication(
        plan_id=plan_id,
        edition={**edition, "bounds": shapely.total_bounds(shapes).tolist()},
        files={name: PublicFile(_media_type(name), blob_of(folder / name)) for name in names},
        grids=[Feature(facts["grid_id"], shape.wkb, facts) for shape, facts in grids],
        buildings=[
            Feature(facts["building_id"], shape.wkb, facts, facts["grid_id"])
            for shape, facts in _features(folder / "buildings.geojson")
        ],
        boundaries=[
            Feature(name or "ground", shapely.union_all(shapes[communities == name]).wkb)
            for name in sorted(set(communities.tolist()))
        ],
        valid_from=valid_from,
    )


def _features(path: Path) -> list[tuple[Any, dict[str, Any]]]:
    told = json.loads(path.read_text(encoding="utf-8"))["features"]
    shapes = shapely.from_geojson([json.dumps(feature["geometry"]) for feature in told])
    return [(shape, one["properties"]) for shape, one in zip(shapes, told, strict=True)]


def _media_type(name: str) -> str:
    known = _MEDIA.get(Path(name).suffix)
    return known or mimetypes.guess_type(name)[0] or "application/octet-stream"
