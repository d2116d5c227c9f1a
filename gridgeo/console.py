"""What a person sees in the terminal: tables, warnings, progress; data stays inert."""

from __future__ import annotations

import math
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.status import Status as Spinner
from rich.table import Table
from rich.text import Text

from .errors import Finding, Severity

if TYPE_CHECKING:
    import pandas as pd

    from .doctor import Diagnosis, Fault
    from .solving import Standing
    from .trace import Trace
    from .waivers import WaiverCard

# More grids than this are told as a summary and the grids that are out of band.
MOST_ROWS = 40
MOST_NOTES = 18
_ABORTED = 130
# What a scorecard has where the objective asks for it; a border is in two grids, as is what
# is cut off a compound, and counts once in all.
_TERM_HEADS = {"workload": "Workload", "border_m": "Off\nlines", "cut_off": "Cut off"}
_IN_METRES = {"Span", _TERM_HEADS["border_m"]}
_SHARES = {"workload": 1.0, "border_m": 0.5, "cut_off": 0.5}

# What can be done about a fault: as one, as many of them are counted, in which colour.
_REMEDIES = {
    "by hand": ("by hand", "for a person", "bold red"),
    "mendable": ("mendable", "for --fix to mend", "yellow"),
    "note": ("note", "to note", "cyan"),
}


class Screen:
    """Results on stdout, errors and progress on stderr.

    Neither reads markup or emoji codes: whatever stands in the data is shown as it is.
    """

    def __init__(self) -> None:
        self.out = Console(markup=False, emoji=False, highlight=False)
        self.err = Console(markup=False, emoji=False, highlight=False, stderr=True)

    def say(self, text: str, *, style: str = "") -> None:
        """Print a line of the result."""
        _line(self.out, Text(clean(text), style=style))

    def complain(self, faults: Iterable[str], *, lead: str = "") -> None:
        """Print faults on stderr, one a line."""
        if lead:
            _line(self.err, Text(clean(lead), style="bold red"))
        for fault in faults:
            _line(self.err, Text("  " + clean(fault) if lead else clean(fault)))

    def columns(self, of: Mapping[str, str]) -> None:
        """Tell which column of the input was used for what."""
        if of:
            pairs = ", ".join(f"{role} from {name!r}" for role, name in of.items())
            self.say(f"Columns used: {pairs}.")

    def warnings(self, findings: Iterable[Finding]) -> None:
        """Tell findings that are lived with."""
        for finding in findings:
            self.say(f"Warning: {finding.sentence()}", style="yellow")

    def notes(self, findings: Iterable[Finding]) -> None:
        """Tell what explains a plan; where there is much, the rest is left to the report."""
        told = list(findings)
        for finding in told[:MOST_NOTES]:
            self.say(f"Why: {finding.sentence()}")
        if len(told) > MOST_NOTES:
            self.say(f"{len(told) - MOST_NOTES:,} more reasons are in the plan and in the report.")

    def paths(self, paths: Iterable[Path]) -> None:
        """Tell where files were written, never broken over lines."""
        for path in paths:
            self.out.print(Text(clean(f"Wrote {path}")), soft_wrap=True)

    def next_step(self, before: str, path: Path, after: str) -> None:
        """Tell what to do with a file, its path never broken over lines."""
        self.out.print(Text(clean(f"{before} {path} {after}.")), soft_wrap=True)

    def rows(self, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
        """Print a table of texts; its columns give way where the terminal is narrow.

        A pipe or a file gets whole lines, so that they can be searched.
        """
        texts = [[clean(cell) for cell in row] for row in (heads, *rows)]
        if not self.out.is_terminal:
            widths = [max(map(cell_len, column)) for column in zip(*texts, strict=True)]
            for row in texts:
                cells = [set_cell_size(c, w) for c, w in zip(row, widths, strict=True)]
                self.say("  ".join(cells).rstrip())
            return
        table = _table("")
        table.columns.clear()
        for head in texts[0]:
            table.add_column(Text(head), overflow="fold")
        for row in texts[1:]:
            table.add_row(*map(Text, row))
        self.out.print(table)

    def verdict(self, path: Path, faults: Iterable[str]) -> None:
        """Tell whether a plan is sound, or each of its faults."""
        told = list(faults)
        if not told:
            self.say(f"{path}: sound; every figure recomputed agrees.", style="bold")
            return
        self.say(f"{path}: unsound, {_count(len(told), 'fault')}:", style="bold red")
        for fault in told:
            self.say(f"  {fault}")

    def diagnosis(self, found: Diagnosis) -> None:
        """Print the faults of a file, those that need a person first, and what comes of it."""
        faults = found.by_weight()
        if self.out.is_terminal and faults:
            self.out.print(_fault_table(faults))
        for fault in [] if self.out.is_terminal else faults:
            # a pipe or a file gets whole lines, so that they can be searched
            self.say(f"{_REMEDIES[fault.remedy][0]}: {fault.code}: {fault.finding.sentence()}")
        said = [
            f"{len(found.of(remedy)):,} {words}"
            for remedy, (_, words, _) in _REMEDIES.items()
            if found.of(remedy)
        ]
        buildings = _count(len(found.buildings), "building")
        text = f"{found.source}: {found.status}; {buildings}, {', '.join(said) or 'no fault'}."
        self.say(text, style=("bold green", "bold yellow", "bold red")[found.exit_status])

    def trace(self, traced: Trace) -> None:
        """Print how a grid adds up, where one was asked for, and what a roster has otherwise."""
        source = traced.source
        if traced.grid_id:
            where = f"Rows of {source.name}" if source else "Rows"
            table = _table("Building", "Households", "Population")
            table.add_column(Text(clean(where)), overflow="fold")
            for building in traced.buildings:
                counts = (f"{building.households:,}", f"{building.population:,}")
                cells = (building.building_id, *counts, building.rows or "none")
                table.add_row(*(Text(clean(cell)) for cell in cells))
            table.add_section()
            total = (traced.grid_id, f"{traced.households:,}", f"{traced.population:,}", "")
            table.add_row(*(Text(clean(cell), style="bold") for cell in total))
            self.out.print(table)
        if source is not None:
            kind = f", {source.told}" if source.told else ""
            self.say(f"Rows are those of {source.name}{kind}; sha256 {source.sha256}.")
        for finding in traced.findings:
            fault = finding.severity is Severity.ERROR
            word, style = ("Fault", "bold red") if fault else ("Warning", "yellow")
            self.say(f"{word}: {finding.sentence()}", style=style)

    def grids(self, table: pd.DataFrame, *, waivers: Sequence[WaiverCard] = ()) -> None:
        """Print grids with totals; many grids as a summary and those out of band; waivers."""
        waived = {card.waiver.grid_id for card in waivers}
        rows = [row | {"waived": row["grid_id"] in waived} for row in table.to_dict("records")]
        if len(rows) <= MOST_ROWS:
            self.out.print(self._grid_table(rows, totals=True))
        else:
            self.out.print(self._community_table(rows))
            outside = [row for row in rows if not row["in_band"]]
            if outside:
                self.say("Grids out of band:")
                self.out.print(self._grid_table(outside, totals=False))
        for row in rows:
            if not row["in_band"]:
                self.say(f"{row['grid_id']} is out of band: {row['reasons'] or 'no reason kept'}.")
        for card in waivers:
            self.say(card.sentence())

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[str]], *, words: int = 1) -> None:
        """Print rows of text under heads; the first columns, ``words`` of them, are no figures."""
        table = _table(heads[0], narrow=len(heads) > 6)
        for place, head in enumerate(heads[1:], start=1):
            left = place < words
            table.add_column(Text(head), justify="left" if left else "right", overflow="fold")
        for row in rows:
            table.add_row(*(Text(clean(cell)) for cell in row))
        self.out.print(table)

    def _grid_table(self, rows: list[dict[Any, Any]], *, totals: bool) -> Table:
        more = [name for name in _TERM_HEADS if rows and name in rows[0]]
        kinds = ["Kind"] if rows and "kind" in rows[0] else []
        heads = ("Buildings", "Households", "Population", "Span")
        terms = (_TERM_HEADS[name] for name in more)
        table = _table("Grid", *heads, *terms, "In band", *kinds, narrow=bool(more or kinds))
        communities = _by_community(rows)
        for name, own in communities.items():
            for row in own:
                table.add_row(
                    Text(clean(row["grid_id"])),
                    *(Text(number) for number in _counts([row])),
                    Text(_span([row])),
                    *(Text(f"{row[name]:,.0f}") for name in more),
                    self._mark(row["in_band"], waived=row["waived"]),
                    *(Text(clean(row["kind"])) for _ in kinds),
                    end_section=row is own[-1],
                )
            if totals:
                title = "Total" if len(communities) == 1 else f"{name} in all"
                good = sum(bool(row["in_band"]) for row in own)
                sums = (sum(row[name] for row in own) * _SHARES[name] for name in more)
                figures = [*_counts(own), _span(own), *(f"{total:,.0f}" for total in sums)]
                cells = [title, *figures, f"{good} of {len(own)}", *("" for _ in kinds)]
                bold = [Text(clean(cell), style="bold") for cell in cells]
                table.add_row(*bold, end_section=True)
        return table

    def _community_table(self, rows: list[dict[Any, Any]]) -> Table:
        heads = ("Community", "Grids", "Buildings", "Households", "Population", "Span", "In band")
        table = _table(*heads)
        communities = _by_community(rows)
        groups = list(communities.items())
        if len(groups) > 1:
            groups.append(("Total", rows))
        for name, own in groups:
            good = sum(bool(row["in_band"]) for row in own)
            cells = [name, f"{len(own):,}", *_counts(own), _span(own), f"{good:,}"]
            style = "" if good == len(own) else "yellow"
            end = len(groups) > 1 and name == groups[-2][0]
            table.add_row(*(Text(clean(cell), style=style) for cell in cells), end_section=end)
        return table

    def _mark(self, in_band: bool, *, waived: bool) -> Text:
        if not in_band and waived:
            return Text("waived", style="yellow")
        if not in_band:
            return Text("out of band", style="bold red")
        return Text("✓" if self.out.encoding.startswith("utf") else "yes", style="green")


class Progress:
    """One live line on a terminal; elsewhere a plain line whenever the step changes."""

    def __init__(self, screen: Screen) -> None:
        self._console = screen.err
        self._live = screen.err.is_terminal and not screen.err.is_dumb_terminal
        self._spinner = Spinner(Text(""), console=screen.err)
        self._said = ""

    def __enter__(self) -> Progress:
        if self._live:
            self._spinner.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._spinner.stop()

    def step(self, text: str) -> None:
        """Tell what is being done."""
        self._tell(text, text)

    def standing(self, now: Standing) -> None:
        """Tell where the search stands: best plan, bound and gap, as far as they are known."""
        step = f"{now.community}: {now.step}"
        # a search that has just begun knows its bound as -inf
        figures = [
            f"{name} {value:{form}}"
            for name, value, form in (
                ("violation", now.violation, ".3f"),
                ("moved", now.moved, ",d"),
                ("best", now.best, ".3f"),
                ("bound", now.bound, ".3f"),
                ("gap", now.gap, ".2%"),
            )
            if value is not None and math.isfinite(value)
        ]
        self._tell(step, f"{step}: {', '.join(figures)}" if figures else step)

    def _tell(self, step: str, text: str) -> None:
        if self._live:
            self._spinner.update(Text(clean(text)))
        elif step != self._said:
            self._console.print(Text(clean(text)), soft_wrap=True)
        self._said = step


@contextmanager
def stopping(screen: Screen) -> Iterator[Callable[[], bool]]:
    """Give a question, whether to stop: the first Ctrl-C answers yes, a second ends at once.

    Nothing is being written meanwhile, so ending at once leaves nothing half-written.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set  # only the main thread hears signals
        return

    def hear(*_: object) -> None:
        # print() may be what was interrupted: write past it
        if asked.is_set():
            # the progress line has hidden the cursor
            os.write(2, b"\x1b[?25h\nAborted.\n" if screen.err.is_terminal else b"Aborted.\n")
            os._exit(_ABORTED)
        asked.set()
        os.write(2, b"\nStopping; the best plan so far is kept. Ctrl-C once more aborts.\n")

    before = signal.signal(signal.SIGINT, hear)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def hushed() -> Iterator[None]:
    """Drop what libraries in C write to stdout: HiGHS prints its name whatever it is told.

    The result of a command is all that belongs there; progress goes to stderr.
    """
    sys.stdout.flush()
    try:
        kept = os.dup(1)
    except OSError:  # no stdout at all, as under a service
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def clean(text: object) -> str:
    """Return text on one line without control characters, which could drive a terminal."""
    flat = " ".join(str(text).splitlines())
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in flat)


def _line(console: Console, text: Text) -> None:
    # a pipe or a file gets whole lines, so that they can be searched
    console.print(text, soft_wrap=not console.is_terminal)


def _table(first: str, *others: str, narrow: bool = False) -> Table:
    """Make a table; a narrow one has more columns and still fits eighty letters."""
    table = Table(
        box=SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=narrow,
        padding=(0, 0) if narrow else (0, 1),
    )  # fmt: skip
    table.add_column(Text(first), overflow="fold")
    for head in others:
        unit = ("\n(m)" if narrow else " (m)") if head in _IN_METRES else ""
        table.add_column(Text(head + unit), justify="right")
    return table


def _fault_table(faults: list[Fault]) -> Table:
    """Make a table of faults, coloured by what can be done about them."""
    table = _table("")
    table.add_column(Text("Count"), justify="right")
    table.add_column(Text("Fault"), overflow="fold")
    for fault, after in zip(faults, [*faults[1:], None], strict=True):
        word, _, style = _REMEDIES[fault.remedy]
        what = Text.assemble((f"{fault.code}\n", style), clean(fault.finding.message), ". ")
        what.append(f"{clean(fault.finding.fix)}." if fault.finding.fix else "", style="dim")
        count = f"{fault.finding.count:,}" if fault.rows else "file"
        end = after is None or after.remedy is not fault.remedy
        table.add_row(Text(word, style=style), Text(count), what, end_section=end)
    return table


def _by_community(rows: list[dict[Any, Any]]) -> dict[str, list[dict[Any, Any]]]:
    out: dict[str, list[dict[Any, Any]]] = {}
    for row in rows:
        out.setdefault(str(row["community"]), []).append(row)
    return out


def _counts(rows: list[dict[Any, Any]]) -> list[str]:
    names = ("buildings", "households", "population")
    return [f"{sum(int(row[name]) for row in rows):,}" for name in names]


def _span(rows: list[dict[Any, Any]]) -> str:
    return f"{max(float(row['span_m']) for row in rows):,.0f}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
