"""A plan to what the public sees: a web map, GeoJSON and a summary; grids' figures only."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

import maps

from .crs import to_lonlat
from .errors import Finding, Findings, InputError, Severity
from .evaluate import scorecard
from .kinds import kinds_of
from .model import SOLE_COMMUNITY, Limits, Plan, Status
from .owners import Owner, read_owners
from .public_shapes import public_grounds

DEFAULT_TITLE = "Community grids"
_SUMMARY = (
    "grid_id", "community", "buildings", "households", "population", "in_band", "reasons",
    "owner_name", "owner_phone",
)  # fmt: skip


@dataclass(frozen=True)
class Published:
    """Where the published files lie, and what should be told about them."""

    index: Path
    geojson: Path
    summary: Path
    findings: Findings


def publish(
    plan: Plan,
    folder: str | Path,
    *,
    owners: str | Path | None = None,
    title: str | None = None,
) -> Published:
    """Write ``index.html``, ``grids.geojson`` and ``summary.csv`` into ``folder``.

    The page opens from disk and asks the network for nothing. What is public is an allow-list:
    a grid's id, community, kind, counts, band and reasons, its owner where one consented, and a
    building's id, name and grid. ``owners`` is a table of community workers; see
    ``gridgeo.owners``. Files are replaced only when all of them could be made.

    Raises:
        InputError: the owners' table cannot be used, or the folder cannot be written.
    """
    people, findings = _owners(plan, owners)
    sheet = make_sheet(plan, people, title=title)
    pages = {
        "index.html": maps.render_web(sheet),
        "grids.geojson": maps.grids_geojson(sheet),
        "summary.csv": _summary(sheet),
    }
    target = Path(folder)
    try:
        _write_all(target, pages)
    except OSError as error:
        raise InputError(
            [
                Finding(
                    "folder-not-writable",
                    Severity.ERROR,
                    f"{target}: {error.strerror or error}",
                    "Name a folder that can be written with -o",
                    first=str(target),
                )
            ]
        ) from error
    return Published(
        target / "index.html", target / "grids.geojson", target / "summary.csv", findings
    )


def explore(plan: Plan) -> Any:
    """Return the web map of a plan as a Folium map."""
    return maps.web_map(make_sheet(plan, {}))


def make_sheet(plan: Plan, owners: dict[str, Owner], *, title: str | None = None) -> maps.Sheet:
    """Return what may be shown of a plan, in WGS 84; borders as ``public_grounds`` has them."""
    crs = plan.buildings.table.crs
    table = scorecard(plan)
    grounds = to_lonlat(public_grounds(plan)[1], crs)
    grids = tuple(
        maps.GridShape(
            grid_id=row.grid_id,
            community="" if row.community == SOLE_COMMUNITY else row.community,
            polygon=ground,
            buildings=int(row.buildings),
            households=int(row.households),
            population=int(row.population),
            in_band=bool(row.in_band),
            reasons=row.reasons,
            worker=_worker(owners.get(row.grid_id)),
            kind=getattr(row, "kind", ""),
        )
        for row, ground in zip(table.itertuples(index=False), grounds, strict=True)
    )
    shapes = to_lonlat(np.asarray(plan.buildings.table.geometry.values, dtype=object), crs)
    buildings = tuple(
        maps.BuildingShape(building_id, name, grid, shape)
        for building_id, name, grid, shape in zip(
            plan.buildings.ids, _names(plan), plan.grid_ids, shapes, strict=True
        )
    )
    return maps.Sheet(
        title=title or DEFAULT_TITLE,
        grids=grids,
        buildings=buildings,
        lines=_lines(plan),
        credits=(),
        notes=("Figures are those of whole grids; none of single homes is shown.",),
        proof=proof_sentence(plan),
        bands=_bands(plan),
    )


def _worker(owner: Owner | None) -> maps.Worker:
    return maps.Worker() if owner is None else maps.Worker(owner.name, owner.phone)


def _bands(plan: Plan) -> str:
    """Return what a grid holds in principle, and what a kind or a community holds instead."""
    said = f"In principle a grid holds {_band_words(plan.limits)}"
    if plan.book is None:
        return f"{said}."
    book = plan.book
    kinds = kinds_of(plan.buildings, book.kind_column)
    places = sorted(set(zip(plan.buildings.communities.tolist(), kinds.tolist(), strict=True)))
    several = len({community for community, _ in places}) > 1
    other: dict[str, list[str]] = {}
    for community, kind in places:
        limits = plan.limits_of(community, kind)
        words = "whatever is there" if limits is None else _band_words(limits)
        if words != _band_words(plan.limits):
            parts = [community] if several or not book.kind_column else []
            parts += [kind or "no kind"] if book.kind_column else []
            other.setdefault(words, []).append(" ".join(parts))
    each = [f"{words} where it is {', '.join(names)}" for words, names in other.items()]
    return "; ".join([said, *each]) + "."


def _band_words(limits: Limits) -> str:
    households, people = limits.households, limits.population
    return (
        f"{households.low:,} to {households.high:,} households and {people.low:,} to "
        f"{people.high:,} people"
    )


def proof_sentence(plan: Plan) -> str:
    """Return one sentence for the public: how good the plan is known to be."""
    under = "; ".join(sorted({r.covers for r in plan.results if r.covers}))
    return f"{_standing(plan)}{f' ({under})' if under else ''}."


def _standing(plan: Plan) -> str:
    aim = plan.aim
    if plan.status is Status.OPTIMAL:
        better = "is more compact" if aim.is_default else "does better by the weights chosen"
        return f"Proved: no other division within the bands {better}"
    if plan.status is Status.INFEASIBLE:
        return "Proved: no division keeps every grid within the bands; this one departs least"
    if all(r.violation == 0 for r in plan.results):
        if plan.gap is None:
            return "Every grid is within the bands"
        better = "more compact" if aim.is_default else "better by the weights chosen"
        return f"Every grid is within the bands; none can be over {plan.gap:.1%} {better}"
    return "The best division found so far; not proved to be the best possible"


def _names(plan: Plan) -> list[str]:
    table = plan.buildings.table
    if "name" not in table.columns:
        return [""] * len(table)
    return ["" if pd.isna(value) else str(value) for value in table["name"]]


def _lines(plan: Plan) -> tuple[maps.LineShape, ...]:
    """Return streets and rivers within sight of the territory, for orientation."""
    crs = plan.buildings.table.crs
    lines = []
    if plan.barriers is not None and len(plan.barriers):
        shapes = np.asarray(plan.barriers.geometry.values, dtype=object)
        near = shapely.intersection(shapes, plan.territory.area)
        names = plan.barriers["name"] if "name" in plan.barriers.columns else [""] * len(near)
        for kind, name, line in zip(plan.barriers["kind"], names, near, strict=True):
            parts = [p for p in shapely.get_parts(line) if p.geom_type == "LineString"]
            if parts and not line.is_empty:  # a line out of sight comes back as an empty one
                text = "" if pd.isna(name) else str(name)
                shape = to_lonlat(np.array([shapely.multilinestrings(parts)]), crs)[0]
                lines.append(maps.LineShape(str(kind), text, shape))
    rim = to_lonlat(np.array([shapely.boundary(plan.territory.area)]), crs)[0]
    lines += [maps.LineShape("boundary", "", ring) for ring in shapely.get_parts(rim)]
    return tuple(lines)


def _owners(plan: Plan, path: str | Path | None) -> tuple[dict[str, Owner], Findings]:
    if path is None:
        return {}, Findings()
    owners, findings = read_owners(path)
    known = set(plan.grid_ids)
    missing = sorted(known - set(owners))
    said = list(findings)
    if missing:
        said.append(
            Finding(
                "grid-without-owner",
                Severity.WARNING,
                f"{len(missing)} of {len(known)} grids have no owner (first: {missing[0]})",
                f"Give them one in {Path(path).name}, column grid_id",
                len(missing),
                missing[0],
            )
        )
    strangers = sorted(set(owners) - known)
    if strangers:
        said.append(
            Finding(
                "owner-without-grid",
                Severity.WARNING,
                f"{len(strangers)} owners are named for grids that are not in the plan "
                f"(first: {strangers[0]})",
                f"Correct grid_id in {Path(path).name}",
                len(strangers),
                strangers[0],
            )
        )
    return {grid: owner for grid, owner in owners.items() if grid in known}, Findings(tuple(said))


def _summary(sheet: maps.Sheet) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    columns = [*_SUMMARY, *(["kind"] if any(grid.kind for grid in sheet.grids) else [])]
    writer.writerow(columns)
    for grid in sheet.ordered_grids():
        owner = {"owner_name": grid.worker.name, "owner_phone": grid.worker.phone}
        cells = [owner[c] if c in owner else getattr(grid, c) for c in columns]
        writer.writerow([_plain(cell) for cell in cells])
    return "\ufeff" + out.getvalue()  # Excel reads UTF-8 only behind this mark


def _plain(cell: object) -> object:
    """Return a cell that a spreadsheet shows as text: never a formula."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return "'" + cell
    return cell


def _write_all(folder: Path, pages: dict[str, str]) -> None:
    """Write beside, then rename: a failure leaves what was there before."""
    folder.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".publishing-", dir=folder))
    try:
        for name, text in pages.items():
            (beside / name).write_text(text, encoding="utf-8", newline="")
        for name in pages:
            (beside / name).replace(folder / name)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
