"""What is wrong or odd with a roster against the buildings, in a planner's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ..errors import Finding
from .building_names import How, KnownBuildings, Match
from .roster_rows import RosterRows, which_rows
from .telling import Rows, error, listed, warning

Array = np.ndarray[Any, Any]

_FEW = 5


def faults_of_matches(
    rows: RosterRows, matches: Mapping[str, Match], known: KnownBuildings
) -> list[Finding]:
    """Tell buildings that are unknown, several at once, not unique, or matched by likeness."""
    name = rows.source.name
    out = []
    for how, tell in (
        (How.UNKNOWN, _unknown),
        (How.RANGE, _ranges),
        (How.TWO_OF_A_NAME, _unclear),
    ):
        texts = [text for text, match in matches.items() if match.how is how]
        if texts:
            out.append(tell(_rows_of(rows, texts), texts, matches, name))
    near = [text for text, match in matches.items() if match.how is How.ALIKE]
    if near:
        shown = [f"{t!r} as {known.ids[matches[t].row]}" for t in near[:_FEW]]
        more = f" and {len(near) - _FEW} more" if len(near) > _FEW else ""
        numbers = _rows_of(rows, near)
        out.append(
            warning(
                "roster-building-alike",
                f"{name}: {_count(numbers)} a building a little otherwise than the buildings do, "
                f"and {'it was' if len(near) == 1 else 'they were'} read by likeness: "
                f"{', '.join(shown)}{more} (first: {_first(numbers)})",
                "check that they are the same; write the building ids to be sure",
                count=len(numbers),
                first=_first(numbers),
            )
        )
    twofold = [text for text, match in matches.items() if match.by_name]
    if twofold:
        numbers, text = _rows_of(rows, twofold), twofold[0]
        out.append(
            warning(
                "roster-id-or-name",
                f"{name}: {_count(numbers)} what is the id of one building and the name of another "
                f"(first: {_first(numbers)}, {text!r} is also the name of "
                f"{matches[text].by_name}); the ids were used",
                "write the building ids if names were meant",
                count=len(numbers),
                first=_first(numbers),
            )
        )
    return out


def faults_of_places(rows: RosterRows, places: pd.DataFrame) -> list[Finding]:
    """Tell households in two places, and those that stand twice; ``places``: a row each."""
    frame = places.assign(row=rows.numbers)[(places["home"] >= 0) & ~rows.repeats]
    name = rows.source.name
    out = []
    if len(frame) and bool(frame["door"].iloc[0]):
        out.append(
            warning(
                "household-door-numbers",
                f"{name}: most household ids occur in several buildings or entrances, so they are "
                "read as door numbers: those of another building or entrance are other households",
                "give each household an id of its own if that is not meant",
            )
        )
    homes = frame.groupby("home")
    wide = homes["building"].transform("nunique") > 1
    out += _in_two(frame[wide], "building", name)
    split = ~wide & (homes["entrance"].transform("nunique") > 1)
    out += _in_two(frame[split], "entrance", name)
    twice = ~wide & ~split & (homes["row"].transform("size") > 1)
    if not rows.by_person and twice.any():
        numbers = frame.loc[twice, "row"].to_numpy(np.int64)
        count = frame.loc[twice, "home"].nunique()
        out.append(
            error(
                "household-twice",
                f"{name}: {count} {_plural(count, 'household stands', 'households stand')} in "
                f"several rows that are not alike (first: {_pair(frame[twice])})",
                "keep one row a household; of a list of persons leave out the column of persons",
                count=count,
                first=which_rows(numbers[:1]),
            )
        )
    return out


def told_left_out(rows: RosterRows, matches: Mapping[str, Match]) -> list[Finding]:
    """Tell rows of buildings that ``--where`` leaves out; they are not counted."""
    texts = [text for text, match in matches.items() if match.how is How.OUTSIDE]
    if not texts:
        return []
    numbers = _rows_of(rows, texts)
    are = _plural(len(numbers), "row is of a building", f"rows are of {len(texts)} buildings")
    message = f"{rows.source.name}: {len(numbers)} {are} that --where leaves out"
    return [
        warning(
            "roster-left-out",
            f"{message} and not counted ({which_rows(numbers)})",
            "",
            count=len(numbers),
            first=_first(numbers),
        )
    ]


def without_households(households: Array, known: KnownBuildings) -> list[Finding]:
    """Tell buildings that the roster does not name; ``households``: int64 (n,) by building."""
    empty = households == 0
    if not empty.any() or not len(households):
        return []
    order = np.argsort(known.ids.astype(str))
    rows = Rows(known.ids[order], "building", "buildings")
    what = ("has no household in the roster", "have no household in the roster")
    fix = "nothing to do where nobody lives; else add their rows"
    return [rows.warning("building-without-households", empty[order], what, fix)]


def disagreements(sums: pd.DataFrame, known: KnownBuildings, name: str) -> list[Finding]:
    """Tell that the file of buildings counts otherwise; ``sums``: a row a building."""
    out = []
    order = np.argsort(known.ids.astype(str))
    for role, noun in (("households", "households"), ("population", "people")):
        if role not in known.own:
            continue
        own = known.own[role][order]
        ours = sums[role].to_numpy(np.int64)[order]
        differ = ~np.isnan(own) & (own != ours)
        if not differ.any():
            continue
        first = int(np.argmax(differ))
        count = int(np.count_nonzero(differ))
        out.append(
            warning(
                f"roster-{role}-differ",
                f"the file of buildings has other {noun} than {name} for {count} of {len(own)} "
                f"buildings (first: {known.ids[order][first]}, {own[first]:,.0f} there and "
                f"{ours[first]:,} in the roster); the roster is used",
                "check which of the two is newer",
                count=count,
                first=str(known.ids[order][first]),
            )
        )
    return out


def _unknown(numbers: Array, texts: list[str], matches: Mapping[str, Match], name: str) -> Finding:
    hints = [
        f"{text!r} may be {' or '.join(matches[text].others)}, whose name is a range"
        for text in texts
        if matches[text].others
    ]
    hint = f"; {'; '.join(hints[:_FEW])}" if hints else ""
    what = _plural(len(texts), "a building that is not there", "buildings that are not there")
    return error(
        "roster-building-unknown",
        f"{name}: {_count(numbers)} {what}: {listed(repr(t) for t in texts)} "
        f"(first: {_first(numbers)}){hint}",
        "write ids or names of the buildings, add the buildings, or delete these rows",
        count=len(numbers),
        first=_first(numbers),
    )


def _ranges(numbers: Array, texts: list[str], _: Mapping[str, Match], name: str) -> Finding:
    return error(
        "roster-building-range",
        f"{name}: {_count(numbers)} several buildings at once: {listed(repr(t) for t in texts)} "
        f"(first: {_first(numbers)})",
        "write for each household the one building it is in",
        count=len(numbers),
        first=_first(numbers),
    )


def _unclear(numbers: Array, texts: list[str], matches: Mapping[str, Match], name: str) -> Finding:
    shown = [f"{text!r} ({listed(matches[text].others)})" for text in texts]
    return error(
        "roster-building-unclear",
        f"{name}: {_count(numbers)} what several buildings are called: {listed(shown)} "
        f"(first: {_first(numbers)})",
        "write the ids of these buildings",
        count=len(numbers),
        first=_first(numbers),
    )


def _in_two(frame: pd.DataFrame, place: str, name: str) -> list[Finding]:
    if not len(frame):
        return []
    count = frame["home"].nunique()
    stand = _plural(count, "household stands", "households stand")
    first = f"row {frame['row'].iloc[0]}"
    return [
        error(
            f"household-in-two-{place}s",
            f"{name}: {count} {stand} in more than one {place} (first: {_pair(frame)})",
            f"give each household an id of its own, or correct its {place}",
            count=count,
            first=first,
        )
    ]


def _pair(frame: pd.DataFrame) -> str:
    """Return the rows of the household that stands first."""
    first = frame["home"].iloc[0]
    return which_rows(frame.loc[frame["home"] == first, "row"].to_numpy(np.int64))


def _rows_of(rows: RosterRows, texts: list[str]) -> Array:
    return np.asarray(rows.numbers[np.isin(rows.building.astype(str), texts)], dtype=np.int64)


def _count(numbers: Array) -> str:
    return _plural(len(numbers), "1 row names", f"{len(numbers)} rows name")


def _first(numbers: Array) -> str:
    return f"row {numbers[0]}"


def _plural(count: int, one: str, many: str) -> str:
    return one if count == 1 else many
