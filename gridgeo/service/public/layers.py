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

from .columns import Column, Moments, Numbers, column

Array = np.ndarray[Any, Any]
Read = Callable[[str], bytes]

KINDS = ("grids", "buildings", "boundary")
# What a client may filter by, as JSON Schema has it; "geometry" besides.
_TEXT: dict[str, Any] = {"type": "string"}
_WHOLE: dict[str, Any] = {"type": "integer"}
_MOMENT: dict[str, Any] = {"type": "string", "format": "date-time"}
_LIFE: Mapping[str, Mapping[str, Any]] = {
    "version": _WHOLE | {"title": "Version", "minimum": 1},
    "valid_from": _MOMENT | {"title": "Valid from", "x-ogc-role": "primary-interval-start"},
    "valid_to": _MOMENT | {"title": "Valid to", "x-ogc-role": "primary-interval-end"},
}
SCHEMAS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "grids": {
        "grid_id": _TEXT | {"title": "Grid", "x-ogc-role": "id"},
        "community": _TEXT | {"title": "Community"},
        "kind": _TEXT | {"title": "Kind of grid"},
        "in_band": {"type": "boolean", "title": "Within the band"},
        "households": _WHOLE | {"title": "Households", "minimum": 0},
        "population": _WHOLE | {"title": "Population", "minimum": 0},
        "colour": _WHOLE | {"title": "Colour on the map"},
        "owner_name": _TEXT | {"title": "Owner"},
        "owner_phone": _TEXT | {"title": "Telephone of the owner"},
        **_LIFE,
    },
    "buildings": {
        "building_id": _TEXT | {"title": "Building", "x-ogc-role": "id"},
        "grid_id": _TEXT | {"title": "Grid"},
        **_LIFE,
    },
    "boundary": {"community": _TEXT | {"title": "Community", "x-ogc-role": "id"}, **_LIFE},
}
ID_NAMES = {"grids": "grid_id", "buildings": "building_id", "boundary": "community"}
_GEOMETRY = {
    "grids": "polygon-or-multipolygon",
    "buildings": "any",
    "boundary": "polygon-or-multipolygon",
}
# What a feature takes: its shape, its place in the tree, its id, and it all once more as text.
_FEATURE_BYTES, _CORNER_BYTES = 1_600, 48


@dataclass(frozen=True)
class Life:
    """When a version is valid: from, and to but not with, a moment in UTC; None for no end."""

    version: int
    begins: datetime
    ends: datetime | None = None

    def meets(self, first: datetime | None, last: datetime | None) -> bool:
        """Return whether it is valid at some moment from first to last; None is open."""
        if self.ends is not None and self.ends <= self.begins:
            return False  # another took its place before it came into force
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

    ``ids``: of text. ``columns``: what they tell, by name. ``shapes``: in WGS 84, longitude
    first, object (n,).
    """

    kind: str
    life: Life
    ids: tuple[str, ...]
    columns: Mapping[str, Column]
    shapes: Array

    def __len__(self) -> int:
        return len(self.ids)

    def facts(self, row: int) -> dict[str, Any]:
        """Return what the feature of a row tells."""
        return {n: held.at(row) for n, held in self.columns.items()} | self.life.facts

    def told(self, name: str) -> Column | Moments | None:
        """Return a queryable of all rows; None where no feature tells it."""
        if name == "version":
            return Numbers(np.full(len(self), float(self.life.version)))
        if name in ("valid_from", "valid_to"):
            moment = self.life.begins if name == "valid_from" else self.life.ends
            return Moments.all(moment, len(self))
        return self.columns.get(name)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """The shapes, found by their boxes."""
        return shapely.STRtree(self.shapes)

    @cached_property
    def boxes(self) -> Array:
        """West, south, east, north of every shape in degrees, float64 (n, 4)."""
        return np.asarray(shapely.bounds(self.shapes), dtype=np.float64).reshape(-1, 4)

    @cached_property
    def row_of(self) -> Mapping[str, int]:
        """The row of a feature by its id."""
        return {feature_id: row for row, feature_id in enumerate(self.ids)}

    @cached_property
    def said(self) -> list[str | None]:
        """The features as GeoJSON texts in longitude and latitude, as far as any were asked for."""
        return [None] * len(self)

    @cached_property
    def weight(self) -> int:
        """About how many bytes it takes."""
        corners = int(shapely.get_num_coordinates(self.shapes).sum())
        columns = sum(held.weight for held in self.columns.values())
        return _CORNER_BYTES * corners + _FEATURE_BYTES * len(self) + columns


def schema_of(kind: str) -> dict[str, Any]:
    """Return the queryables of a kind of layer as properties of a JSON Schema."""
    shape = {
        "title": "Shape",
        "format": f"geometry-{_GEOMETRY[kind]}",
        "x-ogc-role": "primary-geometry",
    }
    return {"geometry": shape, **{name: dict(fact) for name, fact in SCHEMAS[kind].items()}}


def read_grids(read: Read, life: Life) -> Layer:
    """Return the grids of a version from its published files; ``read`` gives one by its name."""
    grids = _features(read("grids.geojson"))
    owners = {row["grid_id"]: row for row in _rows(read("grids.csv"))}
    told = []
    for _, facts in grids:
        row = owners.get(facts["grid_id"], {})
        # the table writes a sign before what a spreadsheet would run as a formula
        people = {name: row.get(name, "") for name in ("owner_name", "owner_phone")}
        # nobody has no name: IS NULL finds the grids without an owner
        told.append({**facts, **{n: text.removeprefix("'") or None for n, text in people.items()}})
    return _layer("grids", life, told, [shape for shape, _ in grids])


def read_buildings(read: Read, life: Life) -> Layer:
    """Return the buildings of a version from its published files."""
    buildings = _features(read("buildings.geojson"))
    told = [facts for _, facts in buildings]
    return _layer("buildings", life, told, [shape for shape, _ in buildings])


def boundary_of(grids: Layer, community: str) -> Layer:
    """Return the ground of each community of a version; ``community``: where a grid names none."""
    held = grids.columns.get("community")
    names = [(held and held.at(row)) or community for row in range(len(grids))]
    of = np.array(names, dtype=object)
    each = sorted(set(names))
    shapes = [shapely.union_all(grids.shapes[of == name]) for name in each]
    return _layer("boundary", grids.life, [{"community": name} for name in each], shapes)


def moment_text(moment: datetime) -> str:
    """Return a moment as RFC 3339 has it, in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _layer(kind: str, life: Life, told: list[dict[str, Any]], shapes: list[Any]) -> Layer:
    ids = [str(facts[ID_NAMES[kind]]) for facts in told]
    order = sorted(range(len(ids)), key=ids.__getitem__)
    columns = {
        name: column([told[row].get(name) for row in order], fact["type"])
        for name, fact in SCHEMAS[kind].items()
        if name not in _LIFE and any(name in facts for facts in told)
    }
    held = np.empty(len(order), dtype=object)
    held[:] = [shapes[row] for row in order]
    return Layer(kind, life, tuple(ids[row] for row in order), columns, held)


def _features(content: bytes) -> list[tuple[Any, dict[str, Any]]]:
    told = json.loads(content)["features"]
    shapes = _sound(shapely.from_geojson([json.dumps(feature["geometry"]) for feature in told]))
    return [(shape, one["properties"]) for shape, one in zip(shapes, told, strict=True)]


def _sound(shapes: Array) -> Array:
    """Return shapes that can be joined and cut: a rounded corner may lie beyond another side."""
    for at in np.flatnonzero(~shapely.is_valid(shapes)):
        area = shapely.make_valid(shapes[at], method="structure", keep_collapsed=False)
        shapes[at] = shapely.make_valid(shapes[at]) if area.is_empty else area
    return shapes


def _rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
