"""A published version as layers of features in memory; read from files that passed the gate."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import numpy as np
import shapely

Array = np.ndarray[Any, Any]
Read = Callable[[str], bytes]

KINDS = ("grids", "buildings", "boundary")
# What a client may filter by, as JSON Schema has it; "geometry" besides.
_TEXT: Mapping[str, Any] = {"type": "string"}
_WHOLE: Mapping[str, Any] = {"type": "integer"}
_MOMENT: Mapping[str, Any] = {"type": "string", "format": "date-time"}
_LIFE: Mapping[str, Mapping[str, Any]] = {
    "version": _WHOLE,
    "valid_from": _MOMENT,
    "valid_to": _MOMENT,
}
SCHEMAS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "grids": {
        "grid_id": _TEXT,
        "community": _TEXT,
        "kind": _TEXT,
        "in_band": {"type": "boolean"},
        "households": _WHOLE,
        "population": _WHOLE,
        "colour": _WHOLE,
        "owner_name": _TEXT,
        "owner_phone": _TEXT,
        **_LIFE,
    },
    "buildings": {"building_id": _TEXT, "grid_id": _TEXT, **_LIFE},
    "boundary": {"community": _TEXT, **_LIFE},
}
_IDS = {"grids": "grid_id", "buildings": "building_id", "boundary": "community"}
_GEOMETRY = {"grids": "polygon", "buildings": "any", "boundary": "polygon"}


@dataclass(frozen=True)
class Life:
    """When a version is valid: from, and to but not with, a moment in UTC; None for no end."""

    version: int
    begins: datetime
    ends: datetime | None = None

    def meets(self, first: datetime | None, last: datetime | None) -> bool:
        """Return whether it is valid at some moment from first to last; None is open."""
        return (last is None or self.begins <= last) and (
            self.ends is None or first is None or first < self.ends
        )

    @property
    def facts(self) -> dict[str, Any]:
        """What a feature tells of it."""
        end = None if self.ends is None else moment_text(self.ends)
        return {"version": self.version, "valid_from": moment_text(self.begins), "valid_to": end}


@dataclass(frozen=True, eq=False)
class Layer:
    """Features of one kind of one version; row i is always the same feature, ids ascending.

    ``ids``: of text. ``properties``: what each may tell. ``shapes``: in WGS 84, longitude first,
    object (n,).
    """

    kind: str
    life: Life
    ids: tuple[str, ...]
    properties: tuple[Mapping[str, Any], ...]
    shapes: Array

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """The shapes, found by their boxes."""
        shapely.prepare(self.shapes)
        return shapely.STRtree(self.shapes)

    @cached_property
    def row_of(self) -> Mapping[str, int]:
        """The row of a feature by its id."""
        return {feature_id: row for row, feature_id in enumerate(self.ids)}

    @cached_property
    def said(self) -> list[str | None]:
        """The features as GeoJSON texts in longitude and latitude, as far as any were asked for."""
        return [None] * len(self)

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        west, south, east, north = shapely.total_bounds(self.shapes).tolist()
        return west, south, east, north


def schema_of(kind: str) -> dict[str, Any]:
    """Return the queryables of a kind of layer as properties of a JSON Schema."""
    shape = {"format": f"geometry-{_GEOMETRY[kind]}", "x-ogc-role": "primary-geometry"}
    return {"geometry": shape, **{name: dict(fact) for name, fact in SCHEMAS[kind].items()}}


def read_layers(read: Read, life: Life, community: str) -> dict[str, Layer]:
    """Return the layers of a version from its published files; ``read`` gives one by its name."""
    grids = _features(read("grids.geojson"))
    owners = {row["grid_id"]: row for row in _rows(read("grids.csv"))}
    told = []
    for _, facts in grids:
        row = owners.get(facts["grid_id"], {})
        # the table writes a sign before what a spreadsheet would run as a formula
        people = {name: row.get(name, "") for name in ("owner_name", "owner_phone")}
        told.append({**facts, **{n: text.removeprefix("'") for n, text in people.items()}})
    shapes = np.array([shape for shape, _ in grids], dtype=object)
    out = {"grids": _layer("grids", life, told, shapes)}
    buildings = _features(read("buildings.geojson"))
    out["buildings"] = _layer(
        "buildings",
        life,
        [facts for _, facts in buildings],
        np.array([shape for shape, _ in buildings], dtype=object),
    )
    names = np.array([facts["community"] or community for _, facts in grids], dtype=object)
    each = sorted(set(names.tolist()))
    whole = [shapely.union_all(shapes[names == name]) for name in each]
    out["boundary"] = _layer(
        "boundary", life, [{"community": name} for name in each], np.array(whole, dtype=object)
    )
    return out


def moment_text(moment: datetime) -> str:
    """Return a moment as RFC 3339 has it, in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _layer(kind: str, life: Life, told: list[dict[str, Any]], shapes: Array) -> Layer:
    ids = [str(facts[_IDS[kind]]) for facts in told]
    order = sorted(range(len(ids)), key=ids.__getitem__)
    known = SCHEMAS[kind]
    kept = [
        {**{name: told[row][name] for name in known if name in told[row]}, **life.facts}
        for row in order
    ]
    held = shapes[order] if order else np.empty(0, dtype=object)
    return Layer(kind, life, tuple(ids[row] for row in order), tuple(kept), held)


def _features(content: bytes) -> list[tuple[Any, dict[str, Any]]]:
    told = json.loads(content)["features"]
    shapes = shapely.from_geojson([json.dumps(feature["geometry"]) for feature in told])
    return [(shape, one["properties"]) for shape, one in zip(shapes, told, strict=True)]


def _rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
