"""python -m tests.bench.territory --points 100000: cells and graph, beside momepy and libpysal."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from gridgeo.territory import build_territory, coverage_faults

from .apart import peak_mb, run_apart
from .machine import describe, in_words
from .street_town import StreetTown, street_town

PACKAGES = ("numpy", "scipy", "shapely", "geopandas", "momepy", "libpysal")
LIMIT_S = 3600.0
HEAD = (
    f"{'method':<22}{'cells':>9}{'edges':>9}{'CPU s':>8}{'wall s':>8}{'peak MB':>9}"
    f"{'empty':>7}{'parts':>7}  coverage"
)


@dataclass(frozen=True)
class Source:
    """Where a town comes from: made up, or a file; a child process makes it again."""

    points: int = 0
    footprints: int = 0
    dirty: bool = False
    file: str = ""
    seed: int = 0

    def town(self) -> StreetTown:
        """Return the town."""
        if self.file:
            from .village import read_village

            return read_village(self.file)
        n = self.points or self.footprints
        return street_town(n, self.seed, footprints=not self.points, dirty=self.dirty)


@dataclass(frozen=True)
class Row:
    """What a method made of a town; ``coverage``: what the one check for all says of it."""

    method: str
    buildings: int
    cells: int
    edges: int
    cpu_s: float
    wall_s: float
    peak_mb: float
    without_cell: int
    in_parts: int
    valid: bool
    coverage: str


def ours(town: StreetTown) -> tuple[np.ndarray, int]:
    """Cells, graph and the barrier of every edge."""
    land = build_territory(town.buildings, boundary=town.boundary, barriers=town.barriers)
    return land.cells, len(land.edges)


def momepy_enclosed(town: StreetTown) -> tuple[np.ndarray, int]:
    """Enclosed tessellation within all barriers, and the rook graph; labels no edge."""
    import momepy
    from libpysal.graph import Graph

    shapes = _areas(town)
    enclosures = momepy.enclosures(town.barriers.geometry, limit=town.boundary.geometry, clip=True)
    cells = momepy.enclosed_tessellation(shapes, enclosures, n_jobs=1)
    # a building in two enclosures has two cells under one number, which the graph cannot take
    graph = Graph.build_contiguity(cells.reset_index(drop=True), rook=True, strict=True)
    return _by_building(cells, len(shapes)), graph.n_edges // 2


def momepy_plain(town: StreetTown) -> tuple[np.ndarray, int]:
    """Morphological tessellation, which knows no barriers, and the rook graph."""
    import momepy
    from libpysal.graph import Graph

    shapes = _areas(town)
    cells = momepy.morphological_tessellation(shapes, clip=town.boundary.geometry.iloc[0])
    graph = Graph.build_contiguity(cells, rook=True, strict=True)
    return _by_building(cells, len(shapes)), graph.n_edges // 2


METHODS = {"ours": ours, "momepy enclosed": momepy_enclosed, "momepy morphological": momepy_plain}


def _areas(town: StreetTown) -> gpd.GeoSeries:
    """Footprints; points as squares of two metres, since momepy takes areas alone."""
    shapes = np.asarray(town.buildings.table.geometry.values, dtype=object)
    dots = shapely.get_type_id(shapes) == 0
    return gpd.GeoSeries(
        np.where(dots, shapely.buffer(shapes, 1.0, cap_style="square"), shapes),
        crs=town.buildings.table.crs,
    )


def _by_building(cells: gpd.GeoDataFrame, n: int) -> np.ndarray:
    """All cells: one a building in front, None where it got none, then those without."""
    shapes, of = np.asarray(cells.geometry.values, dtype=object), np.asarray(cells.index)
    held = of >= 0
    parts = {row: [] for row in range(n)}
    for row, shape in zip(of[held].tolist(), shapes[held], strict=True):
        parts[row].append(shape)
    whole = [
        None if not p else p[0] if len(p) == 1 else shapely.union_all(p) for p in parts.values()
    ]
    out = np.empty(n + int((~held).sum()), dtype=object)
    out[:n], out[n:] = whole, shapes[~held]
    return out


def measure(method: str, source: Source) -> Row:
    """Run one method on one town, in this process; the town is made before the clock starts."""
    town = source.town()
    n = len(town.buildings)
    if method == "ours":  # scipy and shapely load parts of themselves when first used
        ours(street_town(50, footprints=not source.points))
    wall_s, cpu_s = time.monotonic(), time.process_time()
    cells, edges = METHODS[method](town)
    cpu_s, wall_s = time.process_time() - cpu_s, time.monotonic() - wall_s
    held_mb = peak_mb()
    own, there = cells[:n], cells[~shapely.is_missing(cells)]
    area = shapely.union_all(town.boundary.geometry.values)
    told = verdict(there, area)
    return Row(
        method=method,
        buildings=n,
        cells=len(there),
        edges=edges,
        cpu_s=round(cpu_s, 2),
        wall_s=round(wall_s, 2),
        peak_mb=round(held_mb),
        without_cell=int((shapely.is_missing(own) | shapely.is_empty(own)).sum()),
        in_parts=int((shapely.get_type_id(own) != 3).sum()),
        valid=told == "valid",
        coverage=told,
    )


def verdict(cells: np.ndarray, area) -> str:
    """Return "valid", or what keeps cells from covering an area once."""
    faults = coverage_faults(cells, area)
    gaps = "" if faults.mismatched else _narrow_gaps(cells, area)
    told = [
        f"{name} {value:,.2f} m2"
        for name, value in (
            ("gap", faults.gap_m2), ("outside", faults.outside_m2), ("overlap", faults.overlap_m2)
        )
        if value > faults.tolerance_m2
    ]  # fmt: skip
    told += ["edges do not match"] if faults.mismatched else []
    told += [f"{faults.invalid} cells invalid"] if faults.invalid else []
    told += [f"{faults.broken} cells in parts"] if faults.broken else []
    told += [gaps] if gaps else []
    return "valid" if faults.none and not gaps else "INVALID: " + ", ".join(told)


def _narrow_gaps(cells: np.ndarray, area) -> str:
    """Gaps up to a decimetre wide between cells; narrow bays of the boundary itself are none."""
    edges = shapely.coverage_invalid_edges(cells, gap_width=0.1)
    beside = shapely.difference(
        edges[~shapely.is_empty(edges)], shapely.buffer(area.boundary, 1e-6)
    )
    metres = float(shapely.length(beside).sum())
    return f"{metres:,.1f} m of narrow gaps" if metres > 0 else ""


def main(words: list[str]) -> int:
    """Measure every method; 1 where ours has no valid coverage."""
    asked = _parser().parse_args(words)
    source = Source(asked.points, asked.footprints, asked.dirty, asked.file, asked.seed)
    if not (source.points or source.footprints or source.file):
        raise SystemExit("say what to measure: --points N, --footprints N or --file FILE.gpkg")
    methods = asked.methods.split(",") if asked.methods else list(METHODS)
    if unknown := [name for name in methods if name not in METHODS]:
        raise SystemExit(f"no method {', '.join(unknown)}; there are {', '.join(METHODS)}")
    machine = describe(PACKAGES)
    print(in_words(machine))
    what = source.file or (
        f"{source.points:,} points" if source.points else f"{source.footprints:,} footprints"
    )
    print(f"{what}{', dirty' if source.dirty else ''}, seed {source.seed}")
    print(HEAD)
    rows, failed = [], False
    for method in methods:
        outcome = run_apart(measure, method, source, limit_s=LIMIT_S)
        row: Row | None = outcome.value
        if row is None:
            print(f"{method:<22}{outcome.error}", flush=True)
            failed |= method == "ours"
            rows.append({"method": method, "error": outcome.error})
            continue
        print(
            f"{row.method:<22}{row.cells:>9,}{row.edges:>9,}{row.cpu_s:>8.1f}{row.wall_s:>8.1f}"
            f"{row.peak_mb:>9,.0f}{row.without_cell:>7,}{row.in_parts:>7,}  {row.coverage}",
            flush=True,
        )
        failed |= method == "ours" and not row.valid
        rows.append(asdict(row))
    print("empty: buildings without a cell; parts: buildings whose cell is not one polygon")
    if asked.json:
        text = {"machine": machine, "source": asdict(source), "rows": rows}
        asked.json.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")
    return int(failed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.territory", description=__doc__)
    parser.add_argument("--points", type=int, default=0, metavar="N", help="made-up points")
    parser.add_argument("--footprints", type=int, default=0, metavar="N", help="or footprints")
    parser.add_argument("--dirty", action="store_true", help="footprints overlap and repeat")
    parser.add_argument("--file", default="", metavar="FILE.gpkg", help="or a file of layers")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--methods", default="", help="names with commas between; all of them")
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
