"""Waivers: grids out of band that somebody accepted, with the figures they had then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from .errors import Finding, InputError
from .intake.telling import Rows, error, listed
from .lineage import with_version, words_faults
from .model import Plan
from .record import Version, Waiver
from .scorecard import scorecard
from .wording import count

_FIGURES = ("households", "population")


@dataclass(frozen=True)
class WaiverCard:
    """A waiver beside the grid as it is.

    ``then`` and ``now``: households and people when it was waived and now; None where it is not
    known, or the grid is not there any more. ``in_band``: of now, None where it is not there.
    """

    waiver: Waiver
    then: tuple[int, int] | None
    now: tuple[int, int] | None
    in_band: bool | None

    @property
    def changed(self) -> bool | None:
        """Whether the figures are others than when it was waived, None where nobody knows."""
        return None if self.then is None or self.now is None else self.then != self.now

    def as_dict(self) -> dict[str, Any]:
        """Return the card in plain types, ready for JSON."""
        blank = (None, None)
        return {
            "grid_id": self.waiver.grid_id,
            "reason": self.waiver.reason,
            "person": self.waiver.person,
            "made": self.waiver.made,
            "then": dict(zip(_FIGURES, self.then or blank, strict=True)),
            "now": dict(zip(_FIGURES, self.now or blank, strict=True)),
            "changed": self.changed,
            "in_band": self.in_band,
        }

    def sentence(self) -> str:
        """Return the card as one line: who accepted the grid and why, and what is other now."""
        of = self.waiver
        day = f" on {of.made}" if of.made else ""
        said = f"{of.grid_id} was waived{day} by {of.person}: {of.reason.rstrip('.')}."
        if self.now is None:
            return f"{said} There is no such grid any more; withdraw the waiver."
        if self.changed:
            assert self.then is not None
            said += f" Its figures have changed since: {_words(self.then)} then, {_words(self.now)}"
            said += " now."
        if self.in_band:
            said += " It is in band now; the waiver can be withdrawn."
        return said


def waive(plan: Plan, grids: str | Sequence[str], *, reason: str, person: str, day: str) -> Plan:
    """Return the plan with grids out of band accepted by a person for a reason.

    A waiver holds for the grid's id until it is withdrawn or the grid ends, whatever becomes of its
    figures; those of now are kept, so that ``evaluate`` can tell when they have changed. It
    changes no figure, no status and nothing that is published. ``day``: in ISO's form.

    Raises:
        InputError: every fault at once: no reason or person, grids that are not there, that are
            in band, or that are waived already.
    """
    names = _names(grids)
    table = scorecard(plan).set_index("grid_id")
    faults = [*_unsaid({"reason": reason, "person": person}), *_faults_of_names(names, table)]
    waived = {waiver.grid_id for waiver in plan.record.waivers}
    good = {name for name in names if name in table.index and bool(table.at[name, "in_band"])}
    faults += _told(names, good, "grid-in-band", "in band, and need no waiver",
                    "Waive grids that are out of band")  # fmt: skip
    faults += _told(names, waived - good, "waived-already", "waived already",
                    "Withdraw the waiver first, with --withdraw")  # fmt: skip
    if faults:
        raise InputError(faults)
    figures = {name: {figure: int(table.at[name, figure]) for figure in _FIGURES} for name in names}
    new = (Waiver(name, reason.strip(), person.strip(), day) for name in names)
    record = replace(plan.record, waivers=(*plan.record.waivers, *new))
    recipe = {"grids": figures, "changed": {"grids waived": len(names)}}
    version = Version("waive", "", day, person.strip(), reason.strip(), recipe)
    return with_version(replace(plan, record=record), version)


def withdraw_waivers(
    plan: Plan, grids: str | Sequence[str], *, person: str, day: str, reason: str = ""
) -> Plan:
    """Return the plan without the waivers of some grids; its history keeps them.

    Raises:
        InputError: every fault at once: no person, grids that are not waived.
    """
    names = _names(grids)
    waived = {waiver.grid_id for waiver in plan.record.waivers}
    faults = [*_unsaid({"person": person}), *words_faults({"reason": reason})]
    there = listed(sorted(waived)) if waived else "none"
    faults += _told(names, set(names) - waived, "not-waived", "not waived",
                    f"Grids with a waiver: {there}")  # fmt: skip
    if not names:
        faults.append(error("grid-missing", "no grid is named", "name the grids"))
    if faults:
        raise InputError(faults)
    left = tuple(waiver for waiver in plan.record.waivers if waiver.grid_id not in names)
    recipe = {"withdrawn": names, "changed": {"waivers withdrawn": len(names)}}
    version = Version("waive", "", day, person.strip(), reason.strip(), recipe)
    record = replace(plan.record, waivers=left)
    return with_version(replace(plan, record=record), version)


def waiver_cards(plan: Plan, table: pd.DataFrame) -> tuple[WaiverCard, ...]:
    """Return every waiver of a plan beside its grid; ``table``: the plan's scorecard."""
    rows = {row["grid_id"]: row for row in table.to_dict("records")}
    then = _figures_then(plan.record.versions)
    cards = []
    for waiver in plan.record.waivers:
        row = rows.get(waiver.grid_id)
        now = None if row is None else (int(row["households"]), int(row["population"]))
        in_band = None if row is None else bool(row["in_band"])
        cards.append(WaiverCard(waiver, then.get(waiver.grid_id), now, in_band))
    return tuple(cards)


def _figures_then(versions: Sequence[Version]) -> dict[str, tuple[int, int]]:
    """Return the figures that waived grids had then, by the id they bear now."""
    out: dict[str, tuple[int, int]] = {}
    for version in versions:
        given = version.recipe.get("codes") if version.action == "code" else None
        if isinstance(given, Mapping):
            out = {str(given.get(grid, grid)): figures for grid, figures in out.items()}
        grids = version.recipe.get("grids") if version.action == "waive" else None
        for grid, said in grids.items() if isinstance(grids, Mapping) else ():
            named = said if isinstance(said, Mapping) else {}
            figures = [named[name] for name in _FIGURES if isinstance(named.get(name), int)]
            out.pop(str(grid), None)
            if len(figures) == 2:  # a record that was changed by hand may know nothing of it
                out[str(grid)] = figures[0], figures[1]
    return out


def _names(grids: str | Sequence[str]) -> list[str]:
    return [grids] if isinstance(grids, str) else list(dict.fromkeys(grids))


def _unsaid(said: Mapping[str, str]) -> list[Finding]:
    """Return what is not said, and what cannot be shown."""
    lacking = [name for name, text in said.items() if not text.strip()]
    return [
        *(
            error(f"{name}-missing", f"no {name} is given", f"say it with --{name}", first=name)
            for name in lacking
        ),
        *words_faults(said),
    ]


def _faults_of_names(names: Sequence[str], table: pd.DataFrame) -> list[Finding]:
    if not names:
        return [error("grid-missing", "no grid is named", "name the grids")]
    out = sorted(str(grid) for grid in table.index[~table["in_band"].to_numpy(bool)])
    fix = f"grids out of band: {listed(out)}" if out else "every grid of the plan is in band"
    return _told(names, set(names) - set(table.index), "grid-unknown", "not there", fix)


def _told(names: Sequence[str], odd: set[str], code: str, what: str, fix: str) -> list[Finding]:
    """Return a fault of those names that are odd, if there are any."""
    bad = np.array([name in odd for name in names], bool)
    if not bad.any():
        return []
    rows = Rows(np.array(names, dtype=object), "grid", "grids")
    one = what.replace("need ", "needs ", 1)
    return [rows.fault(code, bad, (f"is {one}", f"are {what}"), fix)]


def _words(figures: tuple[int, int]) -> str:
    return f"{count(figures[0], 'household')} and {count(figures[1], 'person')}"
