"""Buildings by place, in an index on disk that survives a restart and is edited one by one."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyproj
import rtree
import shapely

from .crs import mover_to
from .errors import Finding, InputError, PlanFileError, Severity
from .plan_file import read_plan

Array = np.ndarray[Any, Any]

# What a folder must hold to be believed: changed whenever the files mean something else.
_FORMAT = 1
_FOLDER = ".buildings-index"
_ROUNDING_M = 1e-6
_META, _EDITS, _OPEN, _TREE = "meta.json", "edits.jsonl", "being-edited", "tree"


@dataclass(frozen=True)
class Nearby:
    """A building and how far it is, in metres; 0 where the place is in it."""

    building_id: str
    distance_m: float


class BuildingIndex:
    """The buildings of a plan by place, kept in a folder beside the plan file.

    The files are those of rtree: a tree of boxes on disk that is opened in under a millisecond
    whatever its size, reads the few pages that an answer needs, and takes in or drops a box in
    0.05 ms. shapely's STRtree lives in memory and cannot be edited: among 100,000 buildings a
    restart costs it 100 ms, and one new building 15. What is made in a moment and asked in
    bulk, like the grids of a plan, it answers ten times faster, and so has ``GridIndex``
    (``python -m tests.bench.lookups`` has both side by side).

    The folder names the buildings it was made from by a hash. Where the plan holds others
    by now it is made again, and edits of before are dropped: they are in the new plan or were
    not wanted. After a crash it is made again too, and the edits are done once more.

    rtree does nothing, and says nothing, if a building is deleted with a box that is not its
    own; here ``delete`` finds the box by itself, and raises where there is none. One process
    may edit; while it does no other may open the index.
    """

    def __init__(
        self, folder: Path, tree: _Tree, meta: Mapping[str, Any], *, rebuilt: bool
    ) -> None:
        self.folder = folder
        self.crs = pyproj.CRS.from_wkt(meta["crs"])
        self.rebuilt = rebuilt  # whether it had to be made anew when it was opened
        self._tree = tree
        self._count = int(meta["count"])  # rtree would walk over all of them to know
        self._to_metric: Callable[[Array], Array] = mover_to(self.crs)

    @classmethod
    def open(cls, plan_path: str | Path) -> BuildingIndex:
        """Open the index of the plan in a file; make it where there is none or it is stale.

        Raises:
            PlanFileError: not a plan, or the folder beside it cannot be written.
        """
        path = Path(plan_path)
        folder = path.with_name(path.name + _FOLDER)
        meta = _meta_of(folder)
        # a file that nobody touched need not be read to know that it is the same
        untouched = "stamp" in meta and meta["stamp"] == _stamp_of(path)
        told = meta["buildings"] if untouched else _hash_of(path)
        kept = meta.get("buildings") == told
        try:
            tree = _tree_of(folder, meta) if kept else None
            if tree is not None:
                if meta["stamp"] != _stamp_of(path):  # touched, and the buildings are the same
                    meta |= {"stamp": _stamp_of(path)}
                    _write_beside(folder / _META, json.dumps(meta))
                return cls(folder, tree, meta, rebuilt=False)
            edits = _edits_of(folder) if kept else []
            meta = _make(path, folder, told, edits=edits)
            index = cls(folder, _Tree(str(folder / _TREE)), meta, rebuilt=True)
        except (OSError, rtree.exceptions.RTreeError) as fault:
            raise PlanFileError(f"{folder}: the index cannot be written ({fault})") from fault
        for edit in edits:
            shape = shapely.from_wkb(bytes.fromhex(edit["shape"]))
            (index._put if edit["do"] == "insert" else index._drop)(edit["id"], shape)
        return index

    def __len__(self) -> int:
        return self._count

    def __enter__(self) -> BuildingIndex:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Write out what was edited; the index cannot be used after that."""
        self._tree.close()
        if (self.folder / _OPEN).exists():
            meta = _meta_of(self.folder)
            _write_beside(
                self.folder / _META,
                json.dumps(meta | {"count": self._count, "sizes": _sizes_of(self.folder)}),
            )
            (self.folder / _OPEN).unlink()

    def building_at(self, lon: float, lat: float) -> str:
        """Return the id of the building at a place in WGS 84 degrees, "" if there is none.

        Its wall counts as in it; of several the one whose id comes first.
        """
        x, y = self._to_metric(np.array([[lon, lat]]))[0]
        if not np.isfinite([x, y]).all():
            return ""
        found = self._in_box((x, y, x, y))
        return min((held for held, s in found if shapely.intersects_xy(s, x, y)), default="")

    def nearest(self, lon: float, lat: float) -> Nearby | None:
        """Return the building nearest to a place in WGS 84 degrees; None without buildings.

        Of several at the same distance the one whose id comes first.
        """
        x, y = self._to_metric(np.array([[lon, lat]]))[0]
        if not len(self) or not np.isfinite([x, y]).all():
            return None
        place = shapely.Point(x, y)
        # the nearest box need not hold the nearest wall, but none beyond its wall is nearer
        reach_m = min(
            shapely.distance(_unpacked(item.object)[1], place)
            for item in self._tree.nearest((x, y, x, y), 1, objects=True)
        )
        reach_m += _ROUNDING_M
        found = self._in_box((x - reach_m, y - reach_m, x + reach_m, y + reach_m))
        distance_m, held = min((float(shapely.distance(s, place)), held) for held, s in found)
        return Nearby(held, distance_m)

    def insert(self, building_id: str, shape: Any) -> None:
        """Add one building: its id and its shape, a shapely geometry in ``crs``.

        Raises:
            InputError: no id, no shape with a place, or the building stands there already.
        """
        if not building_id or shape is None or not np.isfinite(shape.bounds).all():
            raise InputError([_fault("building-unplaced", building_id, "has no id or no place")])
        if any(held == building_id for held, _ in self._in_box(shape.bounds)):
            raise InputError([_fault("building-twice", building_id, "stands there already")])
        self._note("insert", building_id, shape)
        self._put(building_id, shape)

    def delete(self, building_id: str, shape: Any) -> None:
        """Drop one building; ``shape``, in ``crs``, says about where it stands.

        Its box is looked up there, so that the shape may have changed since.

        Raises:
            InputError: no such building there; nothing is dropped.
        """
        if len(self._boxes(building_id, shape)) != 1:
            raise InputError([_fault("building-unknown", building_id, "does not stand there")])
        self._note("delete", building_id, shape)
        self._drop(building_id, shape)

    def _put(self, building_id: str, shape: Any) -> None:
        self._tree.insert(_key_of(building_id), shape.bounds, _packed(building_id, shape))
        self._count += 1

    def _drop(self, building_id: str, shape: Any) -> None:
        for box in self._boxes(building_id, shape):
            self._tree.delete(_key_of(building_id), box)
            self._count -= 1
        if self._boxes(building_id, shape):  # rtree itself would not say
            raise InputError([_fault("building-stuck", building_id, "could not be dropped")])

    def _boxes(self, building_id: str, shape: Any) -> list[tuple[float, ...]]:
        """Return the boxes, as they were stored, of a building that stands where ``shape`` is."""
        items = self._tree.intersection(shape.bounds, objects=True)
        return [tuple(item.bbox) for item in items if _unpacked(item.object)[0] == building_id]

    def _in_box(self, box: tuple[float, ...]) -> Iterator[tuple[str, Any]]:
        for item in self._tree.intersection(box, objects=True):
            yield _unpacked(item.object)

    def _note(self, do: str, building_id: str, shape: Any) -> None:
        """Write down an edit before it is done: a crash may lose the tree, not the edit."""
        (self.folder / _OPEN).touch()
        edit = {"do": do, "id": building_id, "shape": shapely.to_wkb(shape).hex()}
        with (self.folder / _EDITS).open("a", encoding="utf-8") as journal:
            journal.write(json.dumps(edit) + "\n")
            journal.flush()
            os.fsync(journal.fileno())


class _Tree(rtree.index.Index):
    """An rtree of bytes: unpickling what stands in a file would run whatever it says."""

    def dumps(self, obj: object) -> bytes:
        assert isinstance(obj, bytes)
        return obj

    def loads(self, string: bytes) -> object:
        return string


def _packed(building_id: str, shape: Any) -> bytes:
    name = building_id.encode()
    return len(name).to_bytes(4, "big") + name + bytes(shapely.to_wkb(shape))


def _unpacked(held: Any) -> tuple[str, Any]:
    end = 4 + int.from_bytes(held[:4], "big")
    return held[4:end].decode(), shapely.from_wkb(held[end:])


def _key_of(building_id: str) -> int:
    """Return the whole number that rtree wants beside the box, the same in every run."""
    return int.from_bytes(hashlib.sha256(building_id.encode()).digest()[:8], "big") >> 1


def _tree_of(folder: Path, meta: Mapping[str, Any]) -> _Tree | None:
    """Return the tree in a folder, None if it was left in the middle of an edit or is damaged."""
    if (folder / _OPEN).exists() or _sizes_of(folder) != meta["sizes"]:
        return None
    return _Tree(str(folder / _TREE))


def _sizes_of(folder: Path) -> list[int]:
    files = [folder / f"{_TREE}.{part}" for part in ("dat", "idx")]
    return [file.stat().st_size if file.is_file() else -1 for file in files]


def _stamp_of(path: Path) -> list[int]:
    """Return what changes when a file is written: its time and size; nothing for no file."""
    try:
        now = path.stat()
    except OSError:
        return []
    return [now.st_mtime_ns, now.st_size]


def _make(path: Path, folder: Path, told: str, *, edits: list[dict[str, str]]) -> dict[str, Any]:
    """Make the folder of an index beside and put it in its place; return what it says of itself."""
    table = read_plan(path).buildings.table
    crs = pyproj.CRS.from_user_input(table.crs)
    shapes = np.asarray(table.geometry.values, dtype=object)
    boxes = shapely.bounds(shapes).tolist()
    rows = zip(table["building_id"].tolist(), boxes, shapes, strict=True)
    beside = Path(tempfile.mkdtemp(prefix=".index-", dir=path.parent))
    try:
        stream = ((_key_of(name), box, _packed(name, shape)) for name, box, shape in rows)
        tree = _Tree(str(beside / _TREE), stream)
        tree.close()
        meta = {
            "format": _FORMAT,
            "buildings": told,
            "stamp": _stamp_of(path),
            "crs": crs.to_wkt(),
            "count": len(table),
            "sizes": _sizes_of(beside),
        }
        _write_beside(beside / _META, json.dumps(meta))
        if edits:  # not done yet: a crash before they are must find them here
            lines = "".join(json.dumps(edit) + "\n" for edit in edits)
            _write_beside(beside / _EDITS, lines)
            (beside / _OPEN).touch()
        shutil.rmtree(folder, ignore_errors=True)
        beside.replace(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return meta


def _hash_of(path: Path) -> str:
    """Hash the buildings of a plan file: their ids and shapes, whatever else is in it.

    The bytes of the file would not do: QGIS changes them when it only looks.
    """
    if not path.is_file():
        raise PlanFileError(f"{path}: no such file")
    digest = hashlib.sha256()
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as file:
            ((column,),) = file.execute(
                "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = 'buildings'"
            ).fetchall()
            quoted = '"' + str(column).replace('"', '""') + '"'
            for name, shape in file.execute(
                f"SELECT building_id, {quoted} FROM buildings ORDER BY building_id"
            ):
                digest.update(f"{len(name)} {len(shape)} {name}".encode())
                digest.update(shape)
    except (sqlite3.Error, ValueError, TypeError) as fault:
        raise PlanFileError(f"{path}: not a GridGeo plan ({fault})") from fault
    return digest.hexdigest()


def _meta_of(folder: Path) -> dict[str, Any]:
    """Return what an index says of itself; nothing if there is none that can be used."""
    try:
        meta = json.loads((folder / _META).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    sound = isinstance(meta, dict) and meta.get("format") == _FORMAT
    return meta if sound and {"buildings", "stamp", "crs", "count", "sizes"} <= set(meta) else {}


def _edits_of(folder: Path) -> list[dict[str, str]]:
    """Return the edits that were noted; a line that a crash cut short was never done."""
    try:
        lines = (folder / _EDITS).read_text(encoding="utf-8").splitlines(keepends=True)
    except OSError:
        return []
    return [json.loads(line) for line in lines if line.endswith("\n")]


def _write_beside(path: Path, text: str) -> None:
    draft = path.with_name(path.name + ".new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def _fault(code: str, building_id: str, what: str) -> Finding:
    fix = "Check its id and its shape, in the CRS of the plan"
    return Finding(code, Severity.ERROR, f"building {building_id!r} {what}", fix, 1, building_id)
