"""python -m tests.bench.lookups: shapely's STRtree and rtree side by side, for each look-up."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyproj
import rtree
import shapely

from gridgeo.building_index import _packed, _Tree, _unpacked
from gridgeo.locate import GridIndex

from .machine import describe, in_words

SIDE_M = 200.0


def squares(count: int, side_m: float) -> np.ndarray:
    """Return ``count`` squares side by side in rows, like the grids or houses of a town."""
    wide = int(np.ceil(np.sqrt(count)))
    row, column = np.divmod(np.arange(count), wide)
    return shapely.box(column * side_m, row * side_m, (column + 1) * side_m, (row + 1) * side_m)


def grids(count: int) -> np.ndarray:
    """Return squares with borders of some hundred corners, as real grids have."""
    return shapely.segmentize(squares(count, SIDE_M), SIDE_M / 40)


def timed(work: Callable[[], object], *, repeat: int = 1) -> float:
    """Return CPU seconds a run."""
    began = time.process_time()
    for _ in range(repeat):
        work()
    return (time.process_time() - began) / repeat


def look_up_grids(count: int, points: int) -> None:
    """Print look-ups of the grid a point is in: both, one by one and all at once."""
    grounds = grids(count)
    shapely.prepare(grounds)
    ids = np.array([f"G-{k:05d}" for k in range(count)], dtype=object)
    tree = shapely.STRtree(grounds)
    crs = pyproj.CRS.from_epsg(4548)
    index = GridIndex(ids, grounds, crs, tree, lambda lonlat: lonlat)
    rows = [(k, tuple(ground.bounds), None) for k, ground in enumerate(grounds)]
    boxes = rtree.index.Index(iter(rows))
    east, north = shapely.total_bounds(grounds)[2:]
    xy = np.random.default_rng(0).uniform(0, 1, (points, 2)) * [east, north]
    some = xy[:5000]

    def by_rtree() -> np.ndarray:
        out = []
        for x, y in some.tolist():
            hits = sorted(boxes.intersection((x, y, x, y)))
            out.append(next((k for k in hits if shapely.intersects_xy(grounds[k], x, y)), -1))
        return np.array(out)

    def one_by_one() -> list[str]:
        return [index.grid_at_xy(x, y) for x, y in some.tolist()]

    if not (np.append(ids, "")[by_rtree()] == index.locate_xy(some)).all():
        raise SystemExit("the two do not agree")
    print(f"\n{count:,} grids of {shapely.get_num_coordinates(grounds[0])} corners")
    made_s = timed(lambda: shapely.STRtree(grounds)), timed(lambda: rtree.index.Index(iter(rows)))
    print(f"  make STRtree               {made_s[0] * 1e3:9.2f} ms")
    print(f"  make rtree                 {made_s[1] * 1e3:9.2f} ms")
    for name, work, n in (
        ("one by one, GridIndex", one_by_one, len(some)),
        ("one by one, rtree", by_rtree, len(some)),
        ("all at once, GridIndex", lambda: index.locate_xy(xy), points),
    ):
        print(f"  {name:25s}  {n / timed(work):9,.0f} points a second")


def edit_buildings(count: int) -> None:
    """Print what one new building costs, and a restart: a tree in memory and one on disk."""
    houses = squares(count, 12.0)
    names = [f"B{k:07d}" for k in range(count)]
    new = shapely.box(-50, -50, -40, -40)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "tree")

        def make() -> None:
            stream = (
                (k, house.bounds, _packed(name, house))
                for k, (name, house) in enumerate(zip(names, houses, strict=True))
            )
            _Tree(path, stream, overwrite=True).close()

        made_s = timed(make)
        kept = Path(folder) / "houses.wkb.npy"
        np.save(kept, np.array(shapely.to_wkb(houses), dtype=object), allow_pickle=True)
        on_disk = _Tree(path)

        def restart() -> list[str]:
            tree = _Tree(path)
            found = [
                _unpacked(item.object)[0]
                for item in tree.intersection((30, 30, 30, 30), objects=True)
            ]
            tree.close()
            return found

        def restart_in_memory() -> np.ndarray:
            held = shapely.from_wkb(np.load(kept, allow_pickle=True))
            return shapely.STRtree(held).query(shapely.Point(30, 30))

        def edit() -> None:
            on_disk.insert(count, new.bounds, _packed("new", new))
            on_disk.delete(count, new.bounds)

        size_mb = sum(part.stat().st_size for part in Path(folder).glob("tree.*")) / 1e6
        print(f"\n{count:,} buildings")
        print(f"  make rtree on disk         {made_s * 1e3:9.1f} ms, {size_mb:.0f} MB")
        print(
            f"  make STRtree               {timed(lambda: shapely.STRtree(houses)) * 1e3:9.1f} ms"
        )
        print(f"  restart + 1 look-up, rtree {timed(restart, repeat=5) * 1e3:9.1f} ms")
        print(f"  the same, STRtree          {timed(restart_in_memory) * 1e3:9.1f} ms")
        print(f"  one in and out, rtree      {timed(edit, repeat=200) * 1e3:9.2f} ms")
        rebuild_s = timed(lambda: shapely.STRtree(np.append(houses, new)), repeat=3)
        print(f"  the same, STRtree          {2 * rebuild_s * 1e3:9.1f} ms")
        on_disk.close()


def main() -> None:
    """Print the table that the docstrings of the two indexes quote."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grids", type=int, nargs="+", default=[500, 10_000])
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--buildings", type=int, nargs="+", default=[1_000, 100_000])
    asked = parser.parse_args()
    print(in_words(describe(("numpy", "shapely", "rtree"))))
    for count in asked.grids:
        look_up_grids(count, asked.points)
    for count in asked.buildings:
        edit_buildings(count)


if __name__ == "__main__":
    main()
