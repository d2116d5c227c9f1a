"""What may be shown of a plan as a sheet of maps, in WGS 84 and in the words of a language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import shapely

import maps

from ..crs import to_lonlat
from ..evaluate import scorecard
from ..kinds import kinds_of
from ..model import SOLE_COMMUNITY, Limits, Plan, Status
from ..public_shapes import public_grounds
from .naming import ADDRESSES, BUILDING_NAMES, LINE_NAMES, names_in

DEFAULT_TITLE = "Community grids"


def explore(plan: Plan) -> Any:
    """Return the web map of a plan as a Folium map, with every figure: for the planner's eyes."""
    return maps.web_map(planner_sheet(plan))


def planner_sheet(plan: Plan) -> maps.Sheet:
    """Return a plan with all figures of its grids and their reasons; not for the public."""
    table = scorecard(plan)
    sheet = make_sheet(plan, {}, maps.Words.of("en"))
    figures = {row.grid_id: row for row in table.itertuples(index=False)}
    grids = tuple(
        replace(
            grid,
            buildings=int(figures[grid.grid_id].buildings),
            households=int(figures[grid.grid_id].households),
            population=int(figures[grid.grid_id].population),
            reasons=figures[grid.grid_id].reasons,
        )
        for grid in sheet.grids
    )
    return replace(sheet, grids=grids, proof=proof_sentence(plan))


def make_sheet(
    plan: Plan,
    people: Mapping[str, maps.Worker],
    words: maps.Words,
    *,
    title: str | None = None,
    counts: Mapping[str, tuple[int, int]] | None = None,
    colours: Sequence[tuple[Any, int]] = (),
) -> maps.Sheet:
    """Return what may be shown of a plan, in WGS 84; borders as ``public_grounds`` has them.

    Args:
        plan: what to show.
        people: who may be named for a grid, and how.
        words: of the language.
        title: of the community; "Community grids" if not given.
        counts: households and people by grid, of those grids whose counts may be shown; None
            where none are published.
        colours: of an earlier publication, the ground of each grid and its colour.
    """
    crs = plan.buildings.table.crs
    table = scorecard(plan)
    grounds = to_lonlat(public_grounds(plan)[1], crs)
    shown = counts or {}
    by_grid = dict(zip(table["grid_id"], grounds, strict=True))
    before = maps.inherited_colours(by_grid, colours)
    grids = tuple(
        maps.GridShape(
            grid_id=row.grid_id,
            community="" if row.community == SOLE_COMMUNITY else row.community,
            polygon=ground,
            buildings=None,
            households=shown[row.grid_id][0] if row.grid_id in shown else None,
            population=shown[row.grid_id][1] if row.grid_id in shown else None,
            in_band=bool(row.in_band),
            reasons="",
            worker=people.get(row.grid_id, maps.Worker()),
            kind=getattr(row, "kind", ""),
            colour=before.get(row.grid_id),
        )
        for row, ground in zip(table.itertuples(index=False), grounds, strict=True)
    )
    shapes = to_lonlat(np.asarray(plan.buildings.table.geometry.values, dtype=object), crs)
    names, addresses = (
        names_in(plan.buildings.table, usual, words.language)
        for usual in (BUILDING_NAMES, ADDRESSES)
    )
    buildings = tuple(
        maps.BuildingShape(*facts)
        for facts in zip(plan.buildings.ids, names, plan.grid_ids, shapes, addresses, strict=True)
    )
    notes = () if counts is None else (
        words("Counts under 10, and counts that would give them away, are not shown."),
    )  # fmt: skip
    return maps.Sheet(
        title=title or words(DEFAULT_TITLE),
        grids=grids,
        buildings=buildings,
        lines=lines_of(plan, words.language),
        credits=(),
        notes=notes,
        proof=public_proof(plan, words),
        bands=_bands(plan, words),
    )


def _bands(plan: Plan, words: maps.Words) -> str:
    """Return what a grid holds in principle, and what a kind or a community holds instead."""
    said = words("In principle a grid holds {band}", band=_band_words(plan.limits, words))
    end = words(".")
    if plan.book is None:
        return f"{said}{end}"
    book = plan.book
    kinds = kinds_of(plan.buildings, book.kind_column)
    places = sorted(set(zip(plan.buildings.communities.tolist(), kinds.tolist(), strict=True)))
    several = len({community for community, _ in places}) > 1
    other: dict[str, list[str]] = {}
    for community, kind in places:
        limits = plan.limits_of(community, kind)
        held = words("whatever is there") if limits is None else _band_words(limits, words)
        if held != _band_words(plan.limits, words):
            parts = [community] if several or not book.kind_column else []
            parts += [kind or words("no kind")] if book.kind_column else []
            other.setdefault(held, []).append(" ".join(parts))
    each = [
        words("{band} where it is {names}", band=band, names=words(", ").join(names))
        for band, names in other.items()
    ]
    return words("; ").join([said, *each]) + end


def _band_words(limits: Limits, words: maps.Words) -> str:
    households, people = limits.households, limits.population
    return words(
        "{low} to {high} households and {least} to {most} people",
        low=words.number(households.low),
        high=words.number(households.high),
        least=words.number(people.low),
        most=words.number(people.high),
    )


def proof_sentence(plan: Plan) -> str:
    """Return one English sentence: how good the plan is known to be, and under what conditions."""
    under = "; ".join(sorted({r.covers for r in plan.results if r.covers}))
    return _proof(plan, under, maps.Words.of("en"))


def public_proof(plan: Plan, words: maps.Words) -> str:
    """Return the same for the public, in the words of a language.

    Conditions that a resident can make sense of are said; of others it is said that there are.
    """
    plain_ones = {
        "compounds and lanes kept whole as asked": words("with compounds and lanes kept whole"),
        "over plans in which every grid is of one kind, as asked": words(
            "with every grid of one kind"
        ),
    }
    parts = {part for r in plan.results if r.covers for part in r.covers.split("; ")}
    under = [text for condition, text in plain_ones.items() if condition in parts]
    under += [words("under conditions that the plan names")] if parts - set(plain_ones) else []
    return _proof(plan, words("; ").join(under), words)


def _proof(plan: Plan, under: str, words: maps.Words) -> str:
    standing = _standing(plan, words)
    if under:
        standing = words("{sentence} ({condition})", sentence=standing, condition=under)
    return f"{standing}{words('.')}"


def _standing(plan: Plan, words: maps.Words) -> str:
    default = plan.aim.is_default
    if plan.status is Status.OPTIMAL:
        if default:
            return words("Proved: no other division within the bands is more compact")
        return words("Proved: no other division within the bands does better by the weights chosen")
    if plan.status is Status.INFEASIBLE:
        return words(
            "Proved: no division keeps every grid within the bands; this one departs least"
        )
    if all(r.violation == 0 for r in plan.results):
        if plan.gap is None:
            return words("Every grid is within the bands")
        text = (
            "Every grid is within the bands; none can be over {gap} more compact"
            if default
            else "Every grid is within the bands; none can be over {gap} better by the weights "
            "chosen"
        )
        return words(text, gap=f"{plan.gap:.1%}")
    return words("The best division found so far; not proved to be the best possible")


def lines_of(plan: Plan, language: str) -> tuple[maps.LineShape, ...]:
    """Return streets and rivers within sight of the territory, for orientation."""
    crs = plan.buildings.table.crs
    lines = []
    if plan.barriers is not None and len(plan.barriers):
        shapes = np.asarray(plan.barriers.geometry.values, dtype=object)
        near = shapely.intersection(shapes, plan.territory.area)
        names = names_in(plan.barriers, LINE_NAMES, language)
        for kind, name, line in zip(plan.barriers["kind"], names, near, strict=True):
            parts = [p for p in shapely.get_parts(line) if p.geom_type == "LineString"]
            if parts and not line.is_empty:  # a line out of sight comes back as an empty one
                shape = to_lonlat(np.array([shapely.multilinestrings(parts)]), crs)[0]
                lines.append(maps.LineShape(str(kind), name, shape))
    rim = to_lonlat(np.array([shapely.boundary(plan.territory.area)]), crs)[0]
    lines += [maps.LineShape("boundary", "", ring) for ring in shapely.get_parts(rim)]
    return tuple(lines)
