"""gridgeo publish: everything is made, looked at by the gate, and only then written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import maps

from ..errors import Finding, Findings, InputError
from ..intake.telling import error, warning
from ..model import Plan
from ..privacy import Gate, kind_fault
from ..suppression import Earlier, hidden_grids
from ..withheld import Withheld
from .changes import holds_comparison
from .edition import Edition
from .outputs import makers
from .people import read_people
from .previous import MANIFEST, Previous, is_publication, manifest, read_previous
from .publication import Files, Publication
from .sheet import make_sheet
from .written import write_whole

# What documents refuse to draw: a chat too long for its code, shapes too thin, too many services.
_UNDRAWABLE = (maps.SheetError, maps.CardError, maps.QrTextError, maps.BasemapError)
_OWN = ("building_id", "households", "population", "community", "geometry")


@dataclass(frozen=True)
class Published:
    """Where the published files lie, and what should be told about them."""

    index: Path
    geojson: Path
    table: Path
    files: tuple[Path, ...]
    findings: Findings

    def main_files(self) -> list[Path]:
        """Return what was written without the pages and boards of single grids, which are many."""
        inner, whole = self.index.parent, ("board-community.pdf", "board-entrances.pdf")
        return [
            path
            for path in self.files
            if path.parent == inner
            and path.name != MANIFEST
            and (path.name in whole or not path.name.startswith("board-"))
        ]


def publish(
    plan: Plan,
    folder: str | Path,
    *,
    owners: str | Path | None = None,
    title: str | None = None,
    edition: Edition | None = None,
) -> Published:
    """Write a plan for the public into ``folder``, which any web server can serve.

    ``index.html`` and ``grids/CODE.html`` open from disk too and ask the network for nothing;
    ``grids.geojson``, ``buildings.geojson`` and ``grids.csv`` are for programs. What may stand in
    them is an allow-list, see ``gridgeo.privacy``: no figure of a building, no attribute of the
    input but name and address of a building; counts of grids only where ``edition`` asks for
    them. ``owners`` is a table of community workers, see ``gridgeo.owners``. Files are replaced
    only when all of them could be made; those of an earlier publication that are no more go.

    Raises:
        InputError: a choice, the owners' table or the previous publication cannot be used; the
            gate refuses, and names the fields; or the folder cannot be written.
    """
    edition = edition or Edition()
    target = Path(folder)
    faults = edition.faults()
    if holds_comparison(target):
        message = f"{target}: the comparison of two plans lies there, which is for the office"
        faults.append(error("folder-internal", message, "name another folder", first=str(target)))
    if faults:
        raise InputError(faults)
    words = maps.Words.of(edition.language)
    grids = sorted(set(plan.grid_ids.tolist()))
    before = _previous(edition, target)
    people = read_people(
        grids,
        words,
        owners=owners,
        services=edition.services,
        staff=plan.record.staff,
        photos_beside=edition.photos_beside,
    )
    counts, said = _counts(plan, edition, before)
    sheet = make_sheet(
        plan, people.workers, words, title=title, counts=counts, colours=before.colours
    )
    if edition.credits.strip():
        sheet = replace(sheet, credits=(edition.credits.strip(),))
    files, odd = _made(Publication(plan, sheet, people, edition, words, maps.page_files(grids)))
    files[MANIFEST] = manifest([*files, MANIFEST])
    gone = _files_of(target) - set(files)
    try:
        write_whole(target, files, gone=sorted(gone))
    except OSError as fault:
        message = f"{target}: {fault.strerror or fault}"
        fix = "name a folder that can be written with -o"
        raise InputError([error("folder-not-writable", message, fix, first=str(target))]) from fault
    return Published(
        target / "index.html",
        target / "grids.geojson",
        target / "grids.csv",
        tuple(target / name for name in files),
        Findings((*people.findings, *said, *odd)),
    )


def _made(told: Publication) -> tuple[Files, list[Finding]]:
    """Make every output, unless the gate refuses one: then none. And what is odd about them.

    Raises:
        InputError: what may not be public, of all outputs at once.
    """
    table, book = told.plan.buildings.table, told.plan.book
    columns = {str(name): table[name] for name in table.columns if name not in _OWN}
    gate = Gate(
        Withheld.of(columns, told.people.owners), counts=told.edition.counts == "suppressed"
    )
    faults: list[Finding] = kind_fault(book.kind_column if book else "")
    files: Files = {}
    odd: list[Finding] = []
    undrawable: dict[str, list[str]] = {}
    for maker in makers():
        if not maker.wanted(told.edition):
            continue
        try:
            material = maker.material(told)
            refused = gate.check(maker.output, material)
            made = {} if refused else maker.files(told, material)
            odd += [] if refused else maker.findings(told, material)
        except _UNDRAWABLE as fault:
            undrawable.setdefault(str(fault), []).append(maker.output)
            continue
        for name, content in made.items():
            refused += gate.check_file(maker.output, name, content)
        faults += refused
        files |= made
    fix = "mend what is named; nothing was written"
    # what lies in the owners file or the address spoils several outputs alike: it is told once
    faults += [
        error("output-impossible", f"{', '.join(outputs)}: {why}", fix, first=outputs[0])
        for why, outputs in undrawable.items()
    ]
    if faults:
        raise InputError(faults)
    return files, odd


def _counts(
    plan: Plan, edition: Edition, before: Previous
) -> tuple[Mapping[str, tuple[int, int]] | None, list[Finding]]:
    """Return households and people of the grids whose counts may be shown, None for no counts."""
    if edition.counts == "none":
        return None, []
    counts = np.column_stack([plan.buildings.households, plan.buildings.population])
    hidden = hidden_grids(
        plan.grid_ids,
        counts,
        communities=plan.buildings.communities,
        ids=plan.buildings.ids.tolist(),
        earlier=before.earlier,
    )
    grids, of = np.unique(plan.grid_ids, return_inverse=True)
    sums = np.zeros((len(grids), 2), dtype=np.int64)
    np.add.at(sums, of, counts)
    shown = {
        grid: (int(pair[0]), int(pair[1]))
        for grid, pair in zip(grids.tolist(), sums, strict=True)
        if grid not in hidden
    }
    if not hidden:
        return shown, []
    first = min(hidden)
    message = f"the counts of {len(hidden)} of {len(grids)} grids are not shown (first: {first})"
    why = "They are small, or would give away small ones or what a single building holds"
    return shown, [warning("counts-suppressed", message, why, count=len(hidden), first=first)]


def _previous(edition: Edition, target: Path) -> Previous:
    if edition.previous is not None:
        return read_previous(Path(edition.previous))
    if is_publication(target):
        return read_previous(target)
    return Previous(Earlier({}, {}))


def _files_of(folder: Path) -> set[str]:
    return set(read_previous(folder).files) if is_publication(folder) else set()
