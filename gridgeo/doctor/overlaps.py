"""Footprints that share ground: drawn twice, one in another, over the neighbour's by a sliver."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from ..intake.overlaps import WIDE_M2, Pairs, overlapping_pairs
from ..intake.places import polygonal, without
from .case import Town
from .diagnosis import Change, Fault, Remedy

Array = np.ndarray[Any, Any]

# Of both footprints: then they are one drawn twice. Of the smaller: then it lies in the other.
_SAME_SHARE, _INSIDE_SHARE = 0.95, 0.99
# A sliver is narrow and a small part of both; less ground than _TOUCH_M2 is rounding.
_SLIVER_M, _SLIVER_SHARE, _TOUCH_M2 = 1.0, 0.05, 0.01


def check_overlaps(town: Town) -> Town:
    """Tell footprints that share ground; cut slivers, merge what is empty and drawn twice."""
    if town.crs is None and not _looks_metric(town.shapes):
        return town
    pairs = overlapping_pairs(without(town.shapes, town.gone))
    return judge_overlaps(town, pairs)


def judge_overlaps(town: Town, pairs: Pairs) -> Town:
    """Tell pairs of footprints that share ground, and mend what is certain."""
    keep = pairs.shared_m2 > _TOUCH_M2
    left, right, shared_m2 = pairs.left[keep], pairs.right[keep], pairs.shared_m2[keep]
    if not len(left):
        return town
    area_m2 = shapely.area(town.shapes)
    smaller_m2 = np.minimum(area_m2[left], area_m2[right])
    larger_m2 = np.maximum(area_m2[left], area_m2[right])
    same = shared_m2 >= _SAME_SHARE * larger_m2
    inside = ~same & (shared_m2 >= _INSIDE_SHARE * smaller_m2)
    thin = ~same & ~inside & (shared_m2 <= _SLIVER_SHARE * smaller_m2)
    thin[thin] = _width_m(town.shapes[left[thin]], town.shapes[right[thin]]) <= _SLIVER_M
    wide = ~same & ~inside & ~thin & (shared_m2 > WIDE_M2)
    # of two equal ones the later is inside, so that the first stays
    inner = np.where(area_m2[left] < area_m2[right], left, right)
    outer = left + right - inner
    town = _drawn_twice(town, left[same], right[same])
    town = _one_in_another(town, inner[inside], outer[inside])
    town, uncut = _cut(town, inner[thin], outer[thin])
    a, b = np.concatenate([left[wide], uncut[0]]), np.concatenate([right[wide], uncut[1]])
    return _overlap(town, a, b)


def _drawn_twice(town: Town, left: Array, right: Array) -> Town:
    """Merge a footprint without anyone into the one of the same ground; tell the others."""
    empty = _empty(town)
    code = "footprint-doubled"
    merged: dict[int, int] = {}
    told = np.zeros(len(left), dtype=bool)
    for at, (a, b) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        gone, kept = (b, a) if empty[b] else (a, b)
        if empty[gone] and _may_merge(town, gone, kept, merged):
            merged[gone] = kept
        else:
            told[at] = True
    town = _merge(town, merged, code, "has the footprint of another and nobody in it")
    what = "the same footprint as another, and somebody in both"
    if town.households is None or town.population is None:
        what = "the same footprint as another"
    fix = "check that no building stands in the file twice; if both are right, leave them"
    return _pairs(
        town,
        left[told],
        right[told],
        code,
        what=(f"has {what}", f"have {what}"),
        fix=fix,
        hand=True,
    )


def _one_in_another(town: Town, inner: Array, outer: Array) -> Town:
    """Merge a footprint without anyone into the one around it; tell the others."""
    empty = _empty(town)
    code = "footprint-inside"
    merged: dict[int, int] = {}
    told = np.zeros(len(inner), dtype=bool)
    times = np.bincount(inner, minlength=len(town.shapes))
    for at, (a, b) in enumerate(zip(inner.tolist(), outer.tolist(), strict=True)):
        if empty[a] and times[a] == 1 and _may_merge(town, a, b, merged):
            merged[a] = b
        else:
            told[at] = True
    town = _merge(town, merged, code, "stands within another and has nobody in it")
    what = ("stands within another", "stand within others")
    fix = "right for a tower on a podium; else draw them side by side"
    return _pairs(town, inner[told], outer[told], code, what=what, fix=fix, one_side=True)


def _cut(town: Town, smaller: Array, larger: Array) -> tuple[Town, tuple[Array, Array]]:
    """Cut slivers off the larger footprint; return too the pairs where that would harm it."""
    shapes = town.shapes.copy()
    before_m2 = shapely.area(town.shapes)
    lost: dict[int, list[int]] = {}
    uncut = []
    for a, b in zip(smaller.tolist(), larger.tolist(), strict=True):
        if town.gone[a] or town.gone[b]:
            continue
        rest = polygonal(shapely.difference(shapes[b], shapes[a]))
        parts = shapely.get_num_geometries(shapes[b])
        whole = rest is not None and rest.is_valid and shapely.get_num_geometries(rest) <= parts
        if whole and rest.area >= (1 - _SLIVER_SHARE) * before_m2[b]:
            shapes[b] = rest
            lost.setdefault(b, []).append(a)
        else:
            uncut.append((a, b))
    left, right = np.array(uncut, dtype=np.int64).reshape(-1, 2).T
    if not lost:
        return town, (left, right)
    bad = np.zeros(len(shapes), dtype=bool)
    bad[list(lost)] = True
    what = ("lies over a neighbour by a sliver", "lie over neighbours by slivers")
    finding = town.rows.warning("overlap-sliver", bad, what, "--fix cuts the slivers off")
    names = town.rows.names
    changes = tuple(
        town.change(row, "overlap-sliver", "shape", texts=(
            f"{before_m2[row]:,.2f} m2", f"{shapely.area(shapes[row]):,.2f} m2",
            f"the sliver is left to {', '.join(str(names[a]) for a in lost[row][:5])}"))
        for row in sorted(lost)
    )  # fmt: skip
    partners = tuple(str(names[lost[row][0]]) for row in sorted(lost))
    fault = Fault(finding, Remedy.MENDABLE, finding.rows, partners, changes)
    return replace(town, shapes=shapes).told(fault), (left, right)


def _overlap(town: Town, left: Array, right: Array) -> Town:
    what = f"another by more than {WIDE_M2:.0f} m2"
    return _pairs(
        town,
        left,
        right,
        "overlap",
        what=(f"overlaps {what}", f"overlap {what}"),
        fix="the ground in both is shared out between them; draw them again if that is wrong",
    )


def _pairs(  # noqa: PLR0913  # what to tell of which pairs
    town: Town,
    left: Array,
    right: Array,
    code: str,
    *,
    what: tuple[str, str],
    fix: str,
    hand: bool = False,
    one_side: bool = False,
) -> Town:
    """Tell pairs by building, each with one that it is at odds with."""
    partner: dict[int, int] = {}
    for a, b in zip(left.tolist(), right.tolist(), strict=True):
        if town.gone[a] or town.gone[b]:
            continue
        partner.setdefault(a, b)
        if not one_side:
            partner.setdefault(b, a)
    if not partner:
        return town
    bad = np.zeros(len(town.shapes), dtype=bool)
    bad[list(partner)] = True
    with_whom = str(town.rows.names[partner[min(partner)]])
    more = (f"{what[0]}, {with_whom}", f"{what[1]}, the first with {with_whom}")
    finding = town.rows.warning(code, bad, more, fix)
    partners = tuple(str(town.rows.names[partner[row]]) for row in sorted(partner))
    remedy = Remedy.BY_HAND if hand else Remedy.NOTE
    return town.told(Fault(finding, remedy, finding.rows, partners))


def _merge(town: Town, merged: dict[int, int], code: str, what: str) -> Town:
    """Let rows go into others: nobody is lost with them, and the change tells their cells."""
    if not merged:
        return town
    bad = np.zeros(len(town.shapes), dtype=bool)
    bad[list(merged)] = True
    many = what.replace("has", "have").replace("stands", "stand").replace("another", "others")
    finding = town.rows.warning(code, bad, (what, many), "--fix leaves out the empty ones")
    names = town.rows.names
    changes: list[Change] = []
    for row, kept in sorted(merged.items()):
        cells = town.sheet.raw.attributes.iloc[row].dropna().astype("str").to_dict()
        was = json.dumps({str(k): v for k, v in cells.items()}, ensure_ascii=False)
        why = f"nobody lives in it, and its ground is that of {names[kept]}"
        changes.append(
            town.change(row, code, "row", texts=(was, f"merged into {names[kept]}", why))
        )
    partners = tuple(str(names[merged[row]]) for row in sorted(merged))
    fault = Fault(finding, Remedy.MENDABLE, finding.rows, partners, tuple(changes))
    return replace(town, gone=town.gone | bad).told(fault)


def _may_merge(town: Town, gone: int, kept: int, merged: dict[int, int]) -> bool:
    """Whether a row can go into another without a doubt."""
    return (
        town.may_merge
        and not (town.gone[gone] or town.gone[kept])
        and gone not in merged
        and kept not in merged
        and gone not in merged.values()
        and bool(town.community[gone] == town.community[kept])
    )


def _empty(town: Town) -> Array:
    """Rows known to hold neither households nor people."""
    if town.households is None or town.population is None:
        return np.zeros(len(town.shapes), dtype=bool)
    empty: Array = town.counted & (town.households == 0) & (town.population == 0)
    return empty


def _width_m(left: Array, right: Array) -> Array:
    """Mean width of the ground two footprints share, float64 (n,)."""
    shared = shapely.intersection(left, right)
    width_m: Array = 2.0 * shapely.area(shared) / shapely.length(shared)
    return width_m


def _looks_metric(shapes: Array) -> bool:
    """Whether coordinates of no known CRS are metres: some are no degrees."""
    there = shapes[~shapely.is_missing(shapes)]
    if not len(there):
        return False
    bounds = shapely.total_bounds(there)
    return bool(np.isfinite(bounds).all() and np.abs(bounds).max() > 360)
