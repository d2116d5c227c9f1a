"""gridgeo compare -o: tables, map and handover sheets of a comparison, for the office alone."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import maps
from maps import OpenMatter

from ..compare import Comparison
from ..errors import Finding, InputError
from ..intake.telling import error, listed
from .change_sheets import sheet_in_degrees, sheet_in_metres
from .outputs import spreadsheet_text
from .previous import is_publication
from .publication import Files
from .written import write_whole

__all__ = ["ChangesEdition", "OpenMatter", "explore_changes", "holds_comparison", "write_changes"]

# Sheets of an earlier comparison that are not made any more go.
_SHEETS = re.compile(r"handover(-\d+)?\.pdf")


@dataclass(frozen=True)
class ChangesEdition:
    """The choices of what is written of a comparison.

    ``language``: of map and sheets, as "en" or "zh". ``title``: of both; None for a usual one.
    ``day``: printed on the sheets. ``matters``: what is not settled yet in buildings or grids
    that change hands; those of a grid that does not change are left out.
    """

    language: str = "en"
    title: str | None = None
    day: date | None = None
    matters: tuple[OpenMatter, ...] = ()

    def faults(self) -> list[Finding]:
        """Return everything that is wrong with the choices themselves."""
        if self.language in maps.languages():
            return []
        message = f"--lang {self.language}: there is no such choice"
        fix = f"name one of {listed(maps.languages())}"
        return [error("choice-unknown", message, fix, first=self.language)]


def write_changes(
    told: Comparison, folder: str | Path, *, edition: ChangesEdition | None = None
) -> list[Path]:
    """Write a comparison into ``folder`` and return the paths of its files.

    ``moves.csv`` (one row a building that moves), ``compare.json``, ``compare.html`` (both plans
    on one map with a slider, works from disk and asks the network for nothing), ``handover.pdf``
    (a sheet for each grid that gains or loses; ``handover-1.pdf`` and on where they are more than
    25, none where nothing changes hands) and a ``README.txt`` that says what they are. They name
    buildings and count the households of each: they are for the office. They do not pass the gate
    of ``publish``, and are not written into a folder that is published.

    Raises:
        InputError: no such language; the folder is published or cannot be written; something
            cannot be drawn. Nothing is written then.
    """
    edition = edition or ChangesEdition()
    target = Path(folder)
    faults = edition.faults() + _public(target)
    if faults:
        raise InputError(faults)
    words = maps.Words.of(edition.language)
    title = edition.title or words("Changes of the community grids")
    try:
        files = _made(told, words, title, edition=edition)
    except maps.SheetError as fault:
        fix = "mend what is named; nothing was written"
        raise InputError([error("output-impossible", str(fault), fix)]) from fault
    try:
        write_whole(target, files, gone=sorted(_sheets_of(target) - set(files)))
    except OSError as fault:
        message = f"{target}: {fault.strerror or fault}"
        fix = "name a folder that can be written with -o"
        raise InputError([error("folder-not-writable", message, fix, first=str(target))]) from fault
    return [target / name for name in files]


def holds_comparison(folder: Path) -> bool:
    """Return whether a folder holds what ``write_changes`` wrote."""
    return all((folder / name).is_file() for name in ("moves.csv", "compare.json"))


def explore_changes(told: Comparison) -> Any:
    """Return the map of a comparison as a Folium map, for a notebook."""
    words = maps.Words.of("en")
    return maps.changes_map(sheet_in_degrees(told, words, words("Changes of the community grids")))


def _sheets_of(target: Path) -> set[str]:
    if not holds_comparison(target):
        return set()
    return {path.name for path in target.iterdir() if _SHEETS.fullmatch(path.name)}


def _made(told: Comparison, words: maps.Words, title: str, *, edition: ChangesEdition) -> Files:
    files: Files = {
        "README.txt": _readme(words),
        "moves.csv": _moves(told),
        "compare.json": json.dumps(told.as_dict(), ensure_ascii=False, indent=1,
                                   allow_nan=False) + "\n",
        "compare.html": maps.render_changes(sheet_in_degrees(told, words, title), words),
    }  # fmt: skip
    sheets = maps.handover_pdfs(
        sheet_in_metres(told, words, title), words, day=edition.day, matters=edition.matters
    )
    if len(sheets) == 1:
        return files | {"handover.pdf": sheets[0]}
    width = len(str(len(sheets)))  # so that they sort as they follow
    return files | {
        f"handover-{part:0{width}d}.pdf": pdf for part, pdf in enumerate(sheets, start=1)
    }


def _moves(told: Comparison) -> str:
    """One row a building that moves, as ``Comparison.moves`` has it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    moves = told.moves
    writer.writerow(moves.columns)
    for row in moves.itertuples(index=False):
        writer.writerow([spreadsheet_text(cell) for cell in row])
    return "\ufeff" + out.getvalue()  # Excel reads UTF-8 only behind this mark


def _readme(words: maps.Words) -> str:
    lines = [
        words("INTERNAL. These files name buildings and count the households of each."),
        words("Do not publish them, display them or put them on a web server."),
        "",
        words("moves.csv: one row for each building that moves to another grid."),
        words("compare.json: all figures, for programs."),
        words("compare.html: both plans on one map; open it in a browser, no network is needed."),
        words("handover.pdf: a sheet for each grid that gains or loses; none if none does."),
    ]
    return "\n".join(lines) + "\n"


def _public(target: Path) -> list[Finding]:
    """Return the fault of writing where the public reads: a publication, or inside one."""
    for folder in (target, *target.resolve().parents):
        if is_publication(folder):
            message = f"-o {target}: {folder} is published, and a comparison is for the office"
            return [error("folder-public", message, "name another folder", first=str(folder))]
    return []
