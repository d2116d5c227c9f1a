"""Files of streets, rivers, railways, motorways and walls to lines with a kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from ..errors import Finding, InputError
from .places import LINES, place
from .source import Raw, read_line_layers
from .telling import Rows, error, errors_in, warning
from .tiers import plain
from .values import texts

KINDS = ("street", "river", "rail", "motorway", "wall")
# Words of OpenStreetMap, of Geofabrik's extracts and of Chinese surveys; any other is a street.
# A trunk road is a street: it has crossings, and houses along it. OpenStreetMap says with
# motorroad=yes which of them has not.
_WORDS = {
    "river": "river rivers stream canal drain ditch water waterway waterways watercourse brook "
    "河 河流 河道 水系 运河",
    "rail": "rail rails railway railways light_rail subway tram narrow_gauge monorail train "
    "铁路 轨道 地铁",
    "motorway": "motorway motorways motorway_link freeway expressway 高速 高速路 高速公路 "
    "快速路 城市快速路",
    "wall": "wall walls fence fences city_wall retaining_wall hedge barrier 墙 围墙 栅栏",
    "street": "street streets road roads highway highways path 道路 街道 路 街 "
    "bridge bridges footbridge 桥 桥梁 天桥 人行天桥 过街天桥 tunnel underpass "
    "隧道 地道 地下通道 人行地道 涵洞",
}
_KIND_OF = {plain(word): kind for kind, words in _WORDS.items() for word in words.split()}
_OVER = "bridge bridges footbridge 桥 桥梁 天桥 人行天桥 过街天桥"
_UNDER = "tunnel underpass 隧道 地道 地下通道 人行地道 涵洞"
_BRIDGE_WORDS = frozenset(plain(word) for word in _OVER.split())
_TUNNEL_WORDS = frozenset(plain(word) for word in _UNDER.split())
_KIND_COLUMNS = ("kind", "type", "fclass", "类型", "类别")
_BRIDGE_COLUMNS = ("bridge", "桥", "桥梁", "是否桥梁")
_TUNNEL_COLUMNS = ("tunnel", "隧道", "地道", "涵洞", "underpass", "culvert")
_LAYER_COLUMNS = ("layer", "层级")
# What a line is called, and what in a language of its own.
_NAME_COLUMNS = {
    "name": ("name", "名称", "道路名称", "路名", "街道名称", "河流名称", "road_name"),
    "name_en": ("name_en", "name:en"),
    "name_zh": ("name_zh", "name:zh"),
}
# A filled cell in one of these says the kind by itself, as OpenStreetMap has it.
_TELLING_COLUMNS = (("waterway", "river"), ("railway", "rail"), ("barrier", "wall"))
# What OpenStreetMap keeps of railways that are gone, and of what stands beside the rails.
_NO_RAIL = frozenset(("abandoned", "disused", "razed", "dismantled", "proposed", "platform"))
_FIX = "give a layer of lines: streets, rivers, railways, motorways, walls"
_NO = frozenset(("", "no", "n", "false", "f", "0", "none", "否", "无"))


def read_barriers(
    named: str, *, crs: pyproj.CRS | None, target: pyproj.CRS | None
) -> tuple[gpd.GeoDataFrame | None, tuple[Finding, ...]]:
    """Read the lines of a barrier file; nothing is raised.

    Args:
        named: the file, or "file:layer"; without a layer all layers of lines are read, and
            the name of a layer tells the kind of its rows where no column does.
        crs: of files that name none.
        target: the metric CRS of the buildings, None where they have none.

    Returns:
        LineStrings in a fixed order with ``kind`` (one of ``KINDS``), ``bridge`` and
        ``tunnel`` (bool): the line is on a bridge, or below the ground; and ``name``,
        ``name_en``, ``name_zh``, "" where a line has none, if any has one. None where anything
        is at fault.
    """
    try:
        layers = read_line_layers(named)
    except InputError as fault:
        return None, fault.findings
    findings: list[Finding] = []
    parts: list[gpd.GeoDataFrame] = []
    for raw in layers:
        lines, told = _lines(raw, alone=len(layers) == 1, crs=crs, target=target)
        findings += told
        if lines is not None:
            # without buildings the first layer's CRS serves, so that the rest can be checked
            target = lines.crs if target is None else target
            parts.append(lines)
    if errors_in(findings):
        return None, tuple(findings)
    parts = [part for part in parts if len(part)]
    if not parts:
        fix = _FIX
        return None, (*findings, error("barriers-empty", f"{named}: no line in it", fix))
    lines = pd.concat(parts, ignore_index=True)
    for name in _NAME_COLUMNS:
        if name in lines.columns:
            lines[name] = lines[name].fillna("")
    return _in_order(lines), tuple(findings)


def _lines(
    raw: Raw, *, alone: bool, crs: pyproj.CRS | None, target: pyproj.CRS | None
) -> tuple[gpd.GeoDataFrame | None, list[Finding]]:
    """Return the lines of one layer; areas in a layer of lines are left out and told."""
    findings = list(raw.findings)
    if raw.shapes is None:
        fix = _FIX
        return None, [*findings, error("shape-kind", f"{raw.name}: a table without shapes", fix)]
    kind_of_shape = shapely.get_type_id(raw.shapes)
    is_line = np.isin(kind_of_shape, LINES)
    if is_line.any() or not alone:
        other = ~is_line & ~shapely.is_missing(raw.shapes)
        if other.any():
            findings.append(
                warning(
                    "barriers-left-out",
                    f"{raw.name}: {int(other.sum())} shapes are not lines and were left out",
                    "barriers are lines: give the banks or the middle of a river",
                    count=int(other.sum()),
                )
            )
        raw = raw.only(is_line & ~shapely.is_empty(raw.shapes))
    gone = np.zeros(len(raw.attributes), dtype=bool)
    for words in _words_of(raw.attributes, ("railway",)):
        gone |= np.array([word.casefold() in _NO_RAIL for word in words], dtype=bool)
    raw = raw.only(~gone)
    assert raw.shapes is not None
    if not len(raw.shapes):
        return None, findings
    numbered = np.array([f"row {number}" for number in raw.numbers.tolist()], dtype=object)
    rows = Rows(numbered, "barrier", "barriers", f"{raw.name}: ")
    placed = place(raw.shapes, [raw.crs, crs], rows, kinds=LINES, target=target)
    findings += placed.findings
    if placed.crs is None or errors_in(placed.findings):
        return None, findings
    kinds = _kinds(raw)
    bridge, tunnel = _raised_and_sunk(raw, kinds)
    single, owner = shapely.get_parts(placed.shapes, return_index=True)
    rings = shapely.get_type_id(single) == LINES[1]
    single[rings] = [shapely.LineString(ring.coords) for ring in single[rings]]
    frame = gpd.GeoDataFrame(
        {
            "kind": pd.array(kinds[owner], dtype="str"),
            "bridge": bridge[owner],
            "tunnel": tunnel[owner],
        },
        geometry=single,
        crs=placed.crs,
    )
    for name, columns in _NAME_COLUMNS.items():
        names = _names(raw, columns)
        if (names != "").any():
            frame[name] = pd.array(names[owner], dtype="str")
    return frame, findings


def _names(raw: Raw, columns: tuple[str, ...]) -> np.ndarray[Any, Any]:
    """What each line is called, by the first column that says so; for maps only."""
    names = np.full(len(raw.attributes), "", dtype=object)
    for words in _words_of(raw.attributes, columns):
        names = np.where(names == "", [" ".join(word.split()) for word in words], names)
    return names


def _kinds(raw: Raw) -> np.ndarray[Any, Any]:
    """Kind of each row: by its own word, by the column that is filled, by its layer's name."""
    count = len(raw.attributes)
    by_name = {plain(str(name)): name for name in raw.attributes.columns}
    kinds = np.full(count, "", dtype=object)
    for column in (*_KIND_COLUMNS, "highway"):
        for words in _words_of(raw.attributes, (column,)):
            known = np.array([_KIND_OF.get(plain(word), "") for word in words], dtype=object)
            kinds = np.where(kinds == "", known, kinds)
    for column, kind in _TELLING_COLUMNS:
        for words in _words_of(raw.attributes, (column,)):
            filled = np.array([word.casefold() not in _NO for word in words], dtype=bool)
            kinds = np.where((kinds == "") & filled, kind, kinds)
    layer_kind = _KIND_OF.get(plain(raw.layer), "street")
    if "highway" in by_name:
        filled = texts(raw.attributes[by_name["highway"]]) != ""
        kinds = np.where((kinds == "") & filled, "street", kinds)
    kinds = np.where(kinds == "", layer_kind, kinds)
    closed = _yes(raw.attributes, ("motorroad",))
    return np.where(closed & (kinds == "street"), "motorway", kinds)


def _raised_and_sunk(
    raw: Raw, kinds: np.ndarray[Any, Any]
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Which rows are on a bridge and which in a tunnel: by column, word, layer name or level."""
    layer = np.full(len(kinds), raw.layer, dtype=object)
    said = [*_words_of(raw.attributes, _KIND_COLUMNS), layer]
    bridge, tunnel = _yes(raw.attributes, _BRIDGE_COLUMNS), _yes(raw.attributes, _TUNNEL_COLUMNS)
    for words in said:
        bridge |= np.array([plain(word) in _BRIDGE_WORDS for word in words], dtype=bool)
        tunnel |= np.array([plain(word) in _TUNNEL_WORDS for word in words], dtype=bool)
    for words in _words_of(raw.attributes, _LAYER_COLUMNS):
        # only of streets: many a river that lies open is drawn below the ground
        level = np.array([_level(word) for word in words])
        bridge |= (kinds == "street") & (level > 0)
        tunnel |= (kinds == "street") & (level < 0) & ~bridge
    return bridge, tunnel


def _words_of(attributes: pd.DataFrame, columns: tuple[str, ...]) -> Iterator[np.ndarray[Any, Any]]:
    """The texts of each of the columns that is there."""
    by_name = {plain(str(name)): name for name in attributes.columns}
    for column in columns:
        if plain(column) in by_name:
            yield texts(attributes[by_name[plain(column)]])


def _yes(attributes: pd.DataFrame, columns: tuple[str, ...]) -> np.ndarray[Any, Any]:
    """Whether any of the columns says anything but no."""
    out = np.zeros(len(attributes), dtype=bool)
    for words in _words_of(attributes, columns):
        out |= np.array([word.casefold() not in _NO for word in words], dtype=bool)
    return out


def _level(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        return 0.0


def _in_order(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Sort by kind, shape and name, so that the order of rows in a file changes nothing."""
    shapes = shapely.to_wkb(np.asarray(frame.geometry.values, dtype=object))
    names = [frame[name].tolist() for name in _NAME_COLUMNS if name in frame.columns]
    keys = list(zip(frame["kind"].tolist(), shapes.tolist(), *names, strict=True))
    return frame.iloc[sorted(range(len(keys)), key=keys.__getitem__)].reset_index(drop=True)
