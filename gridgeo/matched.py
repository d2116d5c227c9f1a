"""What became of the buildings of now among those of before, and how it is told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
import shapely

from .errors import Finding
from .intake.telling import Rows
from .model import Buildings
from .old_grids import OldGrids

Array = np.ndarray[Any, Any]

# One id at two places further apart is told: the ids may have been given out anew.
MOVED_M = 100.0


class How(StrEnum):
    """How a building of now was found among those of before."""

    ID = "id"
    ALIKE = "alike"  # the id, but for case, width, spaces and leading zeros
    PART = "part"  # one of the buildings that were one, or the one that they are now
    PLACE = "place"  # the same footprint, or a point beside it
    GROUND = "ground"  # it stands on the ground of an old grid
    NEAR = "near"  # in no old grid, but beside one
    UNCLEAR = "unclear"  # it may have been in one grid or in another; taken for new
    NEW = "new"


@dataclass(frozen=True, eq=False)
class Matched:
    """The grid of before of every building.

    ``was``: object (n,) of text, the old grid of building row i, "" for a new building or one
    that was in no grid. ``how``: object (n,) of ``How``. ``rows``: int64 (n,), its row among the
    old buildings; -1 where there is none, or several were joined. ``vanished``: how the file calls
    old buildings that are no longer there, sorted. ``findings``: all that was not matched by id,
    as warnings.
    """

    was: Array
    how: Array
    rows: Array
    vanished: tuple[str, ...]
    findings: tuple[Finding, ...]

    def count(self, how: How) -> int:
        """Return how many buildings were found so."""
        return int((self.how == how).sum())


def told_of(found: Matched, buildings: Buildings, old: OldGrids, shapes: Array) -> list[Finding]:
    """Return what was not simply found by its id, as warnings.

    ``shapes``: of the buildings, object (n,), in the CRS of the old ones.
    """
    ids = buildings.ids
    rows = Rows(ids, "building", "buildings")
    told = []
    for how, code, one, many, fix in (
        (How.ALIKE, "old-id-alike", "was found by an id that is written otherwise in",
         "were found by ids that are written otherwise in", "check that they are the same"),
        (How.PART, "old-part", "is part of a building, or was several, in",
         "are parts of buildings, or were several, in", ""),
        (How.PLACE, "old-by-place", "was found by its place alone in",
         "were found by their places alone in", "check them on the map"),
        (How.NEAR, "old-near", "stands just outside every grid of",
         "stand just outside every grid of", "each counts to the one beside it"),
        (How.UNCLEAR, "old-unclear", "may have been in one grid or in another of",
         "may have been in one grid or in another of", "they are taken for new"),
        (How.NEW, "old-new", "is new: it is not in", "are new: they are not in", ""),
    ):  # fmt: skip
        bad = np.asarray(found.how == how, dtype=bool)
        if not bad.any():
            continue
        first = int(np.argmax(bad))
        named, there = ids.copy(), int(found.rows[first])
        if there >= 0 and old.names[there] != ids[first]:
            named[first] = f"{ids[first]}, there {old.names[there]}"
        finding = Rows(named, "building", "buildings").warning(
            code, bad, (f"{one} {old.name}", f"{many} {old.name}"), fix
        )
        told.append(replace(finding, first=str(ids[first])))
    blank = (found.was == "") & ~np.isin(found.how, (How.NEW, How.UNCLEAR))
    if blank.any():
        what = (f"was in no grid of {old.name}", f"were in no grid of {old.name}")
        told.append(rows.warning("old-without-grid", np.asarray(blank, dtype=bool), what, ""))
    if found.vanished:
        gone = Rows(np.array(found.vanished, dtype=object), "building", "buildings",
                    f"{old.name}: ")  # fmt: skip
        all_of_them = np.ones(len(found.vanished), dtype=bool)
        what = ("is no longer there", "are no longer there")
        told.append(gone.warning("old-vanished", all_of_them, what, ""))
    return [*told, *_moved(found, rows, old, shapes)]


def _moved(found: Matched, rows: Rows, old: OldGrids, shapes: Array) -> list[Finding]:
    """Tell buildings that have their id but not their place."""
    if old.geometry is None:
        return []
    same = np.flatnonzero(np.isin(found.how, (How.ID, How.ALIKE)) & (found.rows >= 0))
    far_m = np.zeros(len(shapes))
    far_m[same] = np.nan_to_num(shapely.distance(shapes[same], old.geometry[found.rows[same]]))
    far = far_m > MOVED_M
    if not far.any():
        return []
    first_m = far_m[int(np.argmax(far))]
    what = (
        f"has its id in {old.name}, but stands {first_m:,.0f} m from there",
        f"have their ids in {old.name}, but stand over {MOVED_M:.0f} m from there",
    )
    fix = "if ids were given out anew, match by place alone; if all are off alike, check the CRS"
    return [rows.warning("old-moved", far, what, fix)]
