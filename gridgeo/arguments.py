"""Words of the command line to values; every fault is gathered, none is raised."""

from __future__ import annotations

import math
import os
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import Finding, InputError, PlanFileError, Severity
from .model import Band, LimitBook, Limits, Objective, Plan

# The tables by which a file of ours is known.
_OURS = {
    "plan": {"grids", "cells", "plan"},
    "territory": {"cells", "edges", "territory"},
    "mended file": {"faults", "changes"},
}

# The roles of columns that a file of old grids has; ``grid_id`` is of no other file.
_OF_OLD = ("grid_id",)

if TYPE_CHECKING:
    import pyproj

    from .keeping import Lock
    from .old_grids import OldGrids
    from .schemes import Scheme


@dataclass
class Arguments:
    """Reads one word after another and keeps what was wrong in ``faults``."""

    faults: list[Finding] = field(default_factory=list)

    def fault(self, code: str, message: str, fix: str, *, first: str = "") -> None:
        """Note a fault."""
        self.faults.append(Finding(code, Severity.ERROR, message, fix, first=first))

    def band(self, option: str, text: str, *, example: Band) -> Band:
        """Return ``"300:500"`` as a band; the example stands for one that cannot be read."""
        try:
            return Band.parse(text)
        except ValueError as said:
            fix = f"Write it as {option} {example}, the smaller number first"
            self.fault("band-unreadable", f"{option} {text}: {said}", fix, first=text)
            return example

    def metres(self, option: str, text: str | None) -> float | None:
        """Return a length above 0, None where none was given or it cannot be read."""
        value = _number(text)
        if text is None or (value is not None and 0 < value < math.inf):
            return value
        fix = f"Give a number of metres above 0, as {option} 400"
        self.fault("length-unreadable", f"{option} {text}: not a length", fix, first=text)
        return None

    def seconds(self, option: str, text: str | None) -> float | None:
        """Return a time of 0 or more, None where none was given or it cannot be read."""
        value = _number(text)
        if text is None or (value is not None and value >= 0):
            return value
        fix = f"Give a number of seconds, 0 or more, as {option} 60"
        self.fault("time-unreadable", f"{option} {text}: not a time", fix, first=text)
        return None

    def day(self, option: str, text: str | None) -> date | None:
        """Return a day, None where none was given or it cannot be read."""
        try:
            return None if text is None else date.fromisoformat(text)
        except ValueError:
            fix = f"Write it as {option} 2026-03-01"
            self.fault("day-unreadable", f"{option} {text}: not a day", fix, first=str(text))
            return None

    def today(self, option: str, text: str | None) -> str:
        """Return a day in ISO's form, today's where none was given or it cannot be read."""
        return (self.day(option, text) or date.today()).isoformat()

    def seed(self, option: str, text: str) -> int:
        """Return a whole number of 0 or more; 0 stands for one that cannot be read."""
        if text.strip().isdecimal():
            return int(text)
        fix = f"Give a whole number, 0 or more, as {option} 7"
        self.fault("seed-unreadable", f"{option} {text}: not a seed", fix, first=text)
        return 0

    def limits(self, path: str | None, *, households: str | None, population: str | None,
               max_span: str | None) -> LimitBook:  # fmt: skip
        """Return the limits of a file and of the options; an option may say what it leaves open."""
        from .limits_file import LimitsFile, read_limits_file

        file = LimitsFile(LimitBook(), frozenset())
        try:
            file = file if path is None else read_limits_file(path)
        except InputError as said:
            self.faults += said.findings
        usual = file.book.usual
        said_of = {"households": households, "population": population, "max_span_m": max_span}
        options = {"max_span_m": "--max-span"}
        for name in sorted(file.named):
            word, option = said_of[name], options.get(name, f"--{name}")
            if word is not None:
                message = f"{option} {word}: {path} says {name} = {getattr(usual, name)} too"
                self.fault("limits-twice", message, "Leave one of them out", first=option)
        bands: dict[str, Any] = {
            name: self.band(f"--{name}", word, example=getattr(Limits(), name))
            for name, word in said_of.items()
            if word is not None and name != "max_span_m"
        }
        span_m = self.metres("--max-span", max_span)
        if span_m is not None:
            bands["max_span_m"] = span_m
        return replace(file.book, usual=replace(usual, **bands))

    def objective(
        self, weights: str | None, *, workload: str, target: str | None, compounds: str
    ) -> Objective:
        """Return what is to be minimised, the default for what cannot be read.

        Weights that are not named are those of the default; that of compounds is chosen.
        """
        goal = _number(target)
        if target is not None and (goal is None or not 0 <= goal < math.inf):
            fix = "Give a number of 0 or more, as --target 400"
            self.fault("target-unreadable", f"--target {target}: not a workload", fix, first=target)
            goal = None
        asked = Objective(workload=workload, target=goal, compounds=compounds)
        try:
            found = {} if weights is None else Objective.parse_weights(weights)
            return Objective(**found, workload=workload, target=goal, compounds=compounds)
        except ValueError as said:
            fix = "Write it as --weights compactness=1,balance=0,border=0.01,quarter=0"
            first = str(weights)
            self.fault("weights-unreadable", f"--weights {weights}: {said}", fix, first=first)
            return asked

    def staffing_weights(self, text: str | None) -> dict[str, float]:
        """Return what counts when workers are given to grids, {} for what cannot be read."""
        from .staffing_aims import StaffingAims

        try:
            return {} if text is None else StaffingAims.parse_weights(text)
        except ValueError as said:
            fix = "Write it as --weights near=1,known=1,capacity=1,experience=1"
            self.fault("weights-unreadable", f"--weights {text}: {said}", fix, first=str(text))
            return {}

    def solver(self, name: str) -> str:
        """Return the name of a solver that is there; "" (any) stands for one that is not."""
        from .solver_choice import chosen_solver

        try:
            return chosen_solver(name)
        except InputError as said:
            self.faults += said.findings
            return ""

    def plan(self, option: str, path: str | None) -> Plan | None:
        """Return the plan in a file, None where none was given or it cannot be read."""
        from .plan_file import read_plan

        try:
            return None if path is None else read_plan(path)
        except PlanFileError as said:
            fix = "Name a plan that gridgeo partition wrote"
            self.fault("plan-unreadable", f"{option} {said}", fix, first=str(path))
            return None

    def scheme(self, name: str | None, file: Path | None) -> Scheme | None:
        """Return a scheme of a file, or of those that are known; None where it cannot be had."""
        from .schemes import known_schemes, read_schemes, scheme_named

        try:
            own = {} if file is None else read_schemes(file)
            return scheme_named(name, own if name is None and own else {**known_schemes(), **own})
        except InputError as said:
            self.faults += said.findings
            return None

    def pairs(self, option: str, words: Sequence[str], *, last: bool = False) -> dict[str, str]:
        """Return the values by name of words such as ``"RV=110101"``; none may stand twice.

        ``last``: a name may hold a "=", a value does not.
        """
        of: dict[str, str] = {}
        for word in words:
            name, equals, value = word.rpartition("=") if last else word.partition("=")
            name, value = name.strip(), value.strip()
            if not (equals and name and value):
                fix = f"Write NAME=VALUE, as {option} RV=110101001001"
                self.fault("pair-unreadable", f"{option} {word}: not a pair", fix, first=word)
            elif name in of:
                message = f"{option} gives {name} twice, as {of[name]!r} and as {value!r}"
                self.fault("pair-twice", message, "Name one of them", first=name)
            else:
                of[name] = value
        return of

    def old(self, path: str, columns: Mapping[str, str], crs: str | None) -> OldGrids | None:
        """Return the grids of before in a file, None where they cannot be read."""
        from .old_file import read_old

        try:
            return read_old(
                path, columns={k: v for k, v in columns.items() if k in _OF_OLD}, crs=crs
            )
        except InputError as said:
            self.faults += said.findings
            return None

    def locks(self, path: str | None) -> tuple[Lock, ...]:
        """Return the locks in a file, none where none was given or it cannot be read."""
        from .intake import read_locks

        try:
            return () if path is None else read_locks(path)
        except InputError as said:
            self.faults += said.findings
            return ()

    def moved(self, option: str, text: str | None) -> int | float | None:
        """Return how many households may move, or as a share below 1.0 what part of all.

        A whole number is a number of households, a float a share; None where nothing was said or
        it cannot be read.
        """
        if text is None:
            return None
        share = _number(text.strip().removesuffix("%")) if text.strip().endswith("%") else None
        if share is not None and 0 <= share <= 100:
            return share / 100
        if text.strip().isdecimal():
            return int(text)
        fix = f"Give households, as {option} 150, or a share of all, as {option} 2%"
        self.fault("moved-unreadable", f"{option} {text}: neither", fix, first=text)
        return None

    def crs(self, option: str, named: str | None) -> pyproj.CRS | None:
        """Return the CRS of a name, None where none was given or it is not known."""
        from .intake.read import parse_crs

        crs, faults = parse_crs(named)
        self.faults += faults
        return crs

    def place(self, words: Sequence[str], *, in_degrees: bool) -> tuple[float, float] | None:
        """Return the two numbers of a place, None if they cannot be read or are no degrees."""
        text = " ".join(words) or "nothing"
        numbers = [_number(word) for word in words]
        if len(words) != 2 or None in numbers:
            fix = "Give longitude and latitude, as 116.4 39.9, or a file with --points"
            self.fault("place-unreadable", f"{text}: not a place", fix, first=text)
            return None
        x, y = (float(number) for number in numbers if number is not None)
        if in_degrees and not (abs(x) <= 180 and abs(y) <= 90):
            fix = "Longitude comes first; for metres name their CRS with --crs"
            self.fault("place-out-of-range", f"{text}: not longitude, latitude", fix, first=text)
            return None
        return x, y

    def columns(self, option: str, words: Sequence[str]) -> dict[str, str]:
        """Return the column by role of words such as ``"households=HH_NUM"``."""
        of: dict[str, str] = {}
        for word in words:
            role, equals, name = (part.strip() for part in word.partition("="))
            if not (equals and role and name):
                fix = f"Write ROLE=NAME, as {option} households=HH_NUM"
                self.fault("column-unreadable", f"{option} {word}: not a pair", fix, first=word)
            elif of.get(role, name) != name:
                fix = "Name one of them"
                message = f"{option} gives {role} twice, as {of[role]!r} and as {name!r}"
                self.fault("column-twice", message, fix, first=role)
            else:
                of[role] = name
        return of

    def plan_file(self, option: str, path: Path, *, sources: Sequence[str | None]) -> None:
        """Check that a plan can be written to ``path``; ``sources`` are files to be kept."""
        self._geopackage(option, path, sources, what="plan")

    def territory_file(self, option: str, path: Path, *, sources: Sequence[str | None]) -> None:
        """Check that a territory can be written to ``path``; ``sources`` are to be kept."""
        self._geopackage(option, path, sources, what="territory")

    def _geopackage(
        self, option: str, path: Path, sources: Sequence[str | None], *, what: str
    ) -> None:
        from .plan_file import check_plan_path

        try:
            check_plan_path(path, what=what)
        except PlanFileError as said:
            message, _, fix = str(said).partition(". ")
            self.fault("output-unusable", f"{option} {message}", fix)
            return
        if not self._writable(option, path, sources) or not path.exists():
            return
        tables = _tables_of(path)
        if not tables >= _OURS[what] or (what == "territory" and "plan" in tables):
            fix = "Name another file, or remove this one first"
            self.fault("output-foreign", f"{option} {path}: exists and is no {what}", fix)

    def layers_file(self, option: str, path: Path, *, sources: Sequence[str | None]) -> None:
        """Check that a GeoPackage other than a plan can be written to ``path``."""
        if path.suffix.lower() != ".gpkg":
            fix = "Name it with the suffix .gpkg"
            self.fault("output-unusable", f"{option} {path}: what is written is a GeoPackage", fix)
        elif path.with_name(f"{path.name}-wal").exists():
            fix = "Close it there (QGIS), or give another name"
            self.fault("output-unusable", f"{option} {path}: open in another program", fix)
        elif path.is_dir() or not path.parent.is_dir() or not path.exists():
            self.file(option, path, sources=sources)
        elif self._writable(option, path, sources) and not (
            _tables_of(path) >= _OURS["mended file"]
        ):
            fix = "Name another file, or remove this one first"
            self.fault("output-foreign", f"{option} {path}: exists and is no mended file", fix)

    def file(self, option: str, path: Path, *, sources: Sequence[str | None]) -> None:
        """Check that a file can be written to ``path``; ``sources`` are files to be kept."""
        if path.is_dir():
            self.fault("output-unusable", f"{option} {path}: this is a folder", "Name a file")
        elif not path.parent.is_dir():
            message = f"{option} {path}: there is no folder {path.parent}"
            self.fault("output-unusable", message, "Make it first")
        else:
            self._writable(option, path, sources)

    def folder(self, option: str, path: Path) -> None:
        """Check that ``path`` is a folder or could be made one."""
        above = path
        while not above.exists() and above != above.parent:
            above = above.parent
        if not above.is_dir():
            fix = "Name a folder, or one to be made"
            self.fault("output-folder", f"{option} {path}: {above} is not a folder", fix)
        elif not os.access(above, os.W_OK):
            fix = "Name a place that can be written to"
            self.fault("output-denied", f"{option} {path}: may not be written", fix)

    def _writable(self, option: str, path: Path, sources: Sequence[str | None]) -> bool:
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            fix = "Name a place that can be written to"
            self.fault("output-denied", f"{option} {path}: may not be written", fix)
        elif any(_same(path, source) for source in sources):
            fix = "Name another file, so that neither is lost"
            self.fault("output-twice", f"{option} {path}: this run has another use for it", fix)
        else:
            return True
        return False


def _number(text: str | None) -> float | None:
    try:
        value = math.nan if text is None else float(text)
    except ValueError:
        return None
    return None if math.isnan(value) else value


def _same(path: Path, source: str | None) -> bool:
    """Whether ``source``, a file or "file:layer", is the file ``path``."""
    names = [] if source is None else [source, source.rpartition(":")[0]]
    return any(
        Path(name).resolve() == path.resolve()
        or (path.exists() and Path(name).exists() and path.samefile(name))
        for name in names
        if name
    )


def _tables_of(path: Path) -> set[str]:
    """The tables of an existing GeoPackage, which tell whether it is ours and may be replaced."""
    try:
        # as a URI SQLite can be told not to touch the file
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as file:
            found = file.execute("SELECT table_name FROM gpkg_contents").fetchall()
    except sqlite3.Error:
        return set()
    return {name for (name,) in found}
