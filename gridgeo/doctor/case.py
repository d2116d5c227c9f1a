"""A file of buildings on its way through the doctor: a sheet of rows, then a town in metres."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from ..errors import Finding, Severity
from ..intake.buildings import Opened, Wishes, row_names
from ..intake.source import Raw
from ..intake.telling import Rows
from .diagnosis import Change, Fault, Remedy

Array = np.ndarray[Any, Any]
# Before and after of a row, as the table of changes shows them.
Texts = Callable[[int], str]

_LONGEST = 200


@dataclass(frozen=True, eq=False)
class Sheet:
    """The rows of the file, mended so far.

    ``at``: int64 (n,), where each row stood among those that were read; ``twins``: for a row
    that was dropped, the one that stays in its place; ``edge``: the boundary in a metric CRS,
    None where there is none that can be used.
    """

    opened: Opened
    wishes: Wishes
    at: Array
    edge: gpd.GeoDataFrame | None = None
    twins: Mapping[int, int] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    @property
    def raw(self) -> Raw:
        """The rows as they stand."""
        return self.opened.raw

    @property
    def of(self) -> Mapping[str, str]:
        """The column of each role that was found."""
        return self.opened.of

    def rows(self) -> Rows:
        """How to name the rows; their findings know where they stood when read."""
        return replace(row_names(self.raw, self.of), at=self.at)

    def with_raw(self, raw: Raw) -> Sheet:
        """Return the sheet with other rows, as many as before."""
        return replace(self, opened=replace(self.opened, raw=raw))

    def with_shapes(self, shapes: Array, crs: Any) -> Sheet:
        """Return the sheet with other shapes in a CRS."""
        return self.with_raw(replace(self.raw, shapes=shapes, crs=crs))

    def with_column(self, name: str, cells: Array) -> Sheet:
        """Return the sheet with other cells, object (n,) of text or None, in one column."""
        attributes = self.raw.attributes.copy()
        attributes[name] = pd.Series(cells, dtype=object, index=attributes.index)
        return self.with_raw(replace(self.raw, attributes=attributes))

    def as_read(self, finding: Finding) -> Finding:
        """Return a finding over these rows as one that knows where they stood when read."""
        if not finding.rows:
            return finding
        return replace(finding, rows=tuple(self.at[list(finding.rows)].tolist()))

    def told(self, *faults: Fault) -> Sheet:
        """Return the sheet with more faults."""
        return replace(self, faults=(*self.faults, *faults))

    def changes(self, finding: Finding, what: str, was: Texts, now: Texts, why: str) -> Fault:
        """Return a fault that mending changes row by row; ``was``, ``now`` take rows as they stand.

        The finding knows its rows as ``at`` counts.
        """
        names = self.rows().names
        changes = tuple(
            Change(finding.code, str(names[row]), int(self.raw.numbers[row]), what,
                   _short(was(row)), _short(now(row)), why)
            for row in np.flatnonzero(np.isin(self.at, finding.rows)).tolist()
        )  # fmt: skip
        return Fault(finding, Remedy.MENDABLE, finding.rows, changes=changes)


@dataclass(frozen=True, eq=False)
class Town:
    """The buildings in metres.

    ``rows``: their names, with where they stood when read; ``shapes``: object (n,), valid,
    None where there is no place; ``crs``: None where it is not known, and then ``shapes`` are
    as the file has them; ``numbers``: of the rows in the file; ``community``: object (n,);
    ``households``, ``population``: int64 (n,), None where there is no such column;
    ``counted``: bool (n,), where both are known; ``gone``: bool (n,), rows merged into others;
    ``edge``, ``lines``: boundary and barriers in the same CRS, None where there are none;
    ``streets``: the barriers in a CRS of their own;
    ``may_merge``: whether rows may go, which a roster that names them forbids.
    """

    sheet: Sheet
    rows: Rows
    shapes: Array
    crs: pyproj.CRS | None
    community: Array
    households: Array | None
    population: Array | None
    counted: Array
    gone: Array
    edge: gpd.GeoDataFrame | None = None
    lines: gpd.GeoDataFrame | None = None
    streets: gpd.GeoDataFrame | None = None
    may_merge: bool = True
    faults: tuple[Fault, ...] = ()

    def told(self, *faults: Fault) -> Town:
        """Return the town with more faults."""
        return replace(self, faults=(*self.faults, *faults))

    def only(self, some: Array, shapes: Array) -> Town:
        """Return the town of some rows, int64 (m,), with their shapes; nothing told of it yet."""
        keep = np.zeros(len(self.gone), dtype=bool)
        keep[some] = True
        raw, sheet = self.sheet.raw, self.sheet
        # rows are cut without their shapes, which may not be there
        cut = replace(raw, shapes=None, closed=None).only(keep)
        at = sheet.at[some]
        return replace(
            self,
            sheet=replace(sheet, opened=replace(sheet.opened, raw=cut), at=at),
            rows=replace(self.rows, names=self.rows.names[some], at=at),
            shapes=shapes,
            community=self.community[some],
            households=None if self.households is None else self.households[some],
            population=None if self.population is None else self.population[some],
            counted=self.counted[some],
            gone=self.gone[some],
            faults=(),
        )

    def noted(self, findings: Iterable[Finding], remedy: Remedy = Remedy.NOTE) -> Town:
        """Return the town with findings that mending leaves alone."""
        return self.told(*(fault_of(finding, remedy) for finding in findings))

    def change(self, row: int, code: str, what: str, *, texts: tuple[str, str, str]) -> Change:
        """Return the change of a row; ``texts`` are before, after and why."""
        was, now, why = texts
        number = int(self.sheet.raw.numbers[row])
        return Change(code, str(self.rows.names[row]), number, what, was, now, why)


def fault_of(finding: Finding, remedy: Remedy | None = None) -> Fault:
    """Return a finding of intake as a fault: what stops partition needs a person."""
    if remedy is None:
        remedy = Remedy.BY_HAND if finding.severity is Severity.ERROR else Remedy.NOTE
    return Fault(finding, remedy, finding.rows)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
