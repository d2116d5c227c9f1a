"""Why the bands cannot be kept: certificates and the plan at hand, in a planner's sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import Finding, Severity
from .model import Band, Buildings, Limits
from .wider import Option, wider_bands

Array = np.ndarray[Any, Any]

_MOST_NAMED = 4  # buildings, grids or places named in one sentence
_MOST_AREAS = 3  # areas told one by one; what is left is told together
_TRIFLE = 0.5  # a limit that has to move by more than this share is no advice


@dataclass(frozen=True, eq=False)
class RuledOut:
    """What the solvers can prove of one community, and which buildings it is about.

    ``certificates``: a ``solvers.Certificates``. ``rows``: int64 (r,), the rows of the community's
    buildings; ``node``: int64 (r,), the node that each stands for in the certificates.
    """

    certificates: Any
    rows: Array
    node: Array

    def rows_of(self, nodes: Iterable[int]) -> Array:
        """Return the rows of the buildings of some nodes."""
        return np.asarray(self.rows[np.isin(self.node, list(nodes))])

    @property
    def dead_rows(self) -> Array:
        """The rows of the buildings that fit in no grid within the bands."""
        return self.rows_of(dead.node for dead in self.certificates.dead)


@dataclass(frozen=True, eq=False)
class _Town:
    """The community as the sentences need it; ``ids``: object (n,), the grid of every row."""

    buildings: Buildings
    limits: Limits
    ids: Array
    ruled: RuledOut

    @property
    def kinds(self) -> list[tuple[str, Band, Array]]:
        """The weights in the order of the certificates: noun, band, figure per building."""
        return [
            ("household", self.limits.households, self.buildings.households),
            ("person", self.limits.population, self.buildings.population),
        ]

    def names(self, rows: Array) -> str:
        """Return the first few building ids."""
        return _some([str(name) for name in self.buildings.ids[rows]])

    def place(self, rows: Array) -> str:
        """Return the part of the community that buildings lie in: " in the north-east", or ""."""
        xy = self.buildings.xy
        low, high = xy[self.ruled.rows].min(axis=0), xy[self.ruled.rows].max(axis=0)
        if 2 * len(rows) > len(self.ruled.rows):
            return ""
        part = (xy[rows].mean(axis=0) - low) / np.maximum(high - low, 1e-9)
        east, north = np.minimum((3 * part).astype(int), 2)
        words = [("south", "", "north")[north], ("west", "", "east")[east]]
        said = "-".join(word for word in words if word)
        return f" in the {said or 'middle'}"

    def grids(self, rows: Array) -> str:
        """Return the grids that buildings are in: "grid CT-011", "grids CT-011 and CT-012"."""
        ids = sorted(set(self.ids[rows]))
        return f"{'grid' if len(ids) == 1 else 'grids'} {_some(ids)}"


def why_not(buildings: Buildings, limits: Limits, ids: Array, ruled: RuledOut) -> list[Finding]:
    """Return what keeps a community's grids from the bands, gravest first, and what would help.

    ``ids``: object (n,), the grid of every building row. What is said of buildings and areas is
    proved for every plan; what is said of wider bands is counted on the plan at hand.
    """
    town = _Town(buildings, limits, ids, ruled)
    small = [piece for piece in ruled.certificates.pieces if _lacks(town, piece)]
    odd = [p for p in ruled.certificates.pieces if not p.fits and not _lacks(town, p)]
    return [
        *_oversize(town),
        *_too_small(town, small),
        *_no_number(town, odd),
        *_dead(town, {int(node) for piece in small for node in piece.nodes}),
        *_wider(town),
    ]


def _oversize(town: _Town) -> list[Finding]:
    rows = town.ruled.rows_of(town.ruled.certificates.oversize)
    if not len(rows):
        return []
    each = []
    for row in rows:
        over = [_amount(int(of[row]), noun) for noun, band, of in town.kinds if of[row] > band.high]
        each.append(f"{town.buildings.ids[row]} with {' and '.join(over)}")
    one = len(rows) == 1
    return [
        _note(
            "building-over-limit",
            f"{_count(len(rows), 'building')} {'is' if one else 'are'} more than a grid may hold "
            f"and {'stands' if one else 'stand'} alone: {_some(each)}",
            f"Enter {'it' if one else 'them'} by entrances, as buildings of their own",
            town.buildings.ids[rows],
        )
    ]


def _lacks(town: _Town, piece: Any) -> list[str]:
    """Return what a piece holds where that is less than one grid needs."""
    return [
        _amount(int(total), noun)
        for total, (noun, band, _) in zip(piece.totals, town.kinds, strict=True)
        if total < band.low
    ]


def _too_small(town: _Town, pieces: Sequence[Any]) -> list[Finding]:
    if not pieces:
        return []
    parts, rows = [], []
    for piece in pieces:
        mine = town.ruled.rows_of(piece.nodes)
        rows.append(mine)
        parts.append(f"{town.names(mine)}{town.place(mine)} ({', '.join(_lacks(town, piece))})")
    one = len(parts) == 1
    least = " and ".join(_amount(band.low, noun) for noun, band, _ in town.kinds)
    return [
        _note(
            "part-under-limit",
            f"{_count(len(parts), 'part')} cut off from the rest {'is' if one else 'are'} less "
            f"than one grid, which needs {least}: {_some(parts, '; ')}",
            "Join them to a neighbour by a bridge or a larger --reach, or let them be small grids",
            town.buildings.ids[np.concatenate(rows)],
        )
    ]


def _no_number(town: _Town, pieces: Sequence[Any]) -> list[Finding]:
    """Tell of pieces whose totals no number of grids can share within all bands."""
    out = []
    for piece in pieces:
        rows = town.ruled.rows_of(piece.nodes)
        place = town.place(rows)
        lead = f"The {_count(len(rows), 'building')} cut off{place} ({town.names(rows)})"
        if not place:
            lead = f"The {_count(len(rows), 'building')} that hang together"
        if piece.out_of_ratio is not None:
            least, most = _ratios(town.limits)
            said = (
                f"have {piece.totals[1] / piece.totals[0]:.2f} people a household together, where "
                f"grids within both bands have {least:.2f} to {most:.2f}"
            )
        else:
            each = [
                _shares(int(total), noun, counts)
                for total, (noun, _, _), counts in zip(
                    piece.totals, town.kinds, piece.counts, strict=True
                )
            ]
            said = f"cannot be shared by any number of grids: {', '.join(each)}"
        out.append(
            _note(
                "part-without-number",
                f"{lead} {said}",
                _share_fix(town, piece),
                town.buildings.ids[rows],
            )
        )
    return out


def _shares(total: int, noun: str, counts: Array) -> str:
    fewest, most = int(counts[0]), int(counts[1])
    amount = _amount(total, noun)
    if fewest > most:
        return f"{amount} are too many for {_count(most, 'grid')} and too few for {fewest:,}"
    numbers = f"{fewest:,}" if fewest == most else f"{fewest:,} to {most:,}"
    return f"{amount} make {numbers} {'grid' if most == 1 else 'grids'}"


def _share_fix(town: _Town, piece: Any) -> str:
    """Return the least move of one limit with which the totals allow some number of grids."""
    moves = []
    for groups in range(1, len(piece.nodes) + 1):
        need = []
        for k, (total, (_, band, _)) in enumerate(zip(piece.totals, town.kinds, strict=True)):
            least, most = int(total) // groups, -(-int(total) // groups)
            if least < band.low:
                need.append(Option(k, 0, least, 1 - least / band.low))
            if most > band.high:
                need.append(Option(k, 1, most, most / max(band.high, 1) - 1))
        if len(need) == 1 and need[0].share <= _TRIFLE:
            moves.append((need[0].share, groups, need[0]))
    if not moves:
        return ""
    _, groups, option = min(moves, key=lambda move: move[:2])
    return f"By their totals {_band(town.limits, [option])} would allow {_count(groups, 'grid')}"


def _dead(town: _Town, told: set[int]) -> list[Finding]:
    """Tell of the areas whose buildings fit in no grid, but for pieces that were told already."""
    known = town.ruled.certificates
    dead = {int(d.node): d for d in known.dead}
    areas = [nodes for nodes in known.areas if int(nodes[0]) not in told]
    areas.sort(key=lambda nodes: (-len(nodes), int(nodes[0])))
    apart = areas if len(areas) <= _MOST_AREAS else areas[: _MOST_AREAS - 1]
    out = [_dead_area(town, [nodes], dead) for nodes in apart]
    rest = areas[len(apart) :]
    return [*out, _dead_area(town, rest, dead)] if rest else out


def _dead_area(town: _Town, areas: Sequence[Array], dead: dict[int, Any]) -> Finding:
    nodes = [int(node) for area in areas for node in area]
    rows = town.ruled.rows_of(nodes)
    households = int(town.buildings.households[rows].sum())
    facts = [town.grids(rows)]
    least, most = _ratios(town.limits)
    ratio = int(town.buildings.population[rows].sum()) / max(households, 1)
    if not least <= ratio <= most:
        said = "grids in band have"
        facts.insert(0, f"{ratio:.2f} people a household, {said} {least:.2f} to {most:.2f}")
    if len(areas) > 1:
        places = sorted({town.place(town.ruled.rows_of(area)).strip() for area in areas} - {""})
        lead = f"{_count(len(rows), 'more building')} ({town.names(rows)})"
        lead += f" {_some(places)}" if places else ""
    else:
        lead = f"{_count(len(rows), 'building')}{town.place(rows)} ({town.names(rows)})"
    one = len(rows) == 1
    return _note(
        "building-in-no-grid",
        f"{lead} {'fits' if one else 'fit'} in no grid within both bands, however it is drawn "
        f"({'; '.join(facts)})",
        _dead_fix(town, [dead[node] for node in nodes]),
        town.buildings.ids[rows],
    )


def _dead_fix(town: _Town, dead: Sequence[Any]) -> str:
    """Return the least move of a limit with which each of the nodes is in some grid in band."""
    options = []
    for k, (_, band, _) in enumerate(town.kinds):
        for side, limit in enumerate((band.low, band.high)):
            values = [int(d.nearest[k, side]) for d in dead]
            if min(values) >= 0:
                value = min(values) if side == 0 else max(values)
                options.append(Option(k, side, value, abs(value - limit) / max(limit, 1)))
    options.sort(key=lambda option: option.share)
    if not options:
        return ""
    said = " or ".join(_band(town.limits, [option]) for option in options[:2])
    who = "it" if len(dead) == 1 else "each of them"
    return f"With {said} some grid could hold {who}"


def _wider(town: _Town) -> list[Finding]:
    """Tell how many of the plan's own grids wider bands would put in band."""
    grids, of = np.unique(town.ids[town.ruled.rows].astype(str), return_inverse=True)
    totals = np.column_stack(
        [np.bincount(of, values[town.ruled.rows]).astype(np.int64) for *_, values in town.kinds]
    )
    bands = np.array([[band.low, band.high] for _, band, _ in town.kinds], np.int64)
    steps = wider_bands(totals, bands, widest=_TRIFLE)
    if not steps:
        return []
    now = int(((totals >= bands[:, 0]) & (totals <= bands[:, 1])).all(axis=1).sum())
    each = [
        f"{_band(town.limits, step.options)} would put "
        + ("all" if step.in_band == len(grids) else f"{step.in_band:,}")
        for step in steps
    ]
    return [
        _note(
            "band-wider",
            f"{now:,} of the {len(grids):,} grids of this plan are in band; {', '.join(each)}",
            "Divide again with a wider band: there may be a better plan then",
            grids[~((totals >= bands[:, 0]) & (totals <= bands[:, 1])).all(axis=1)],
        )
    ]


def _band(limits: Limits, options: Sequence[Option]) -> str:
    """Return bands with some limits moved as the command line takes them."""
    said = []
    for k, (word, band) in enumerate(
        (("households", limits.households), ("population", limits.population))
    ):
        moved = {option.side: option.value for option in options if option.weight == k}
        if moved:
            said.append(f"{word} {moved.get(0, band.low)}:{moved.get(1, band.high)}")
    return " with ".join(said)


def _ratios(limits: Limits) -> tuple[float, float]:
    """Return the least and the most people a household that grids within both bands can have."""
    return (
        limits.population.low / max(limits.households.high, 1),
        limits.population.high / max(limits.households.low, 1),
    )


def _note(code: str, message: str, fix: str, offenders: Array) -> Finding:
    return Finding(code, Severity.NOTE, message, fix, len(offenders), str(offenders[0]))


def _amount(number: int, noun: str) -> str:
    if noun == "person":
        return f"{number:,} {'person' if number == 1 else 'people'}"
    return _count(number, noun)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _some(words: Sequence[str], between: str = ", ") -> str:
    """Return words in a row, the first few and how many more."""
    if len(words) > _MOST_NAMED + 1:
        words = [*words[:_MOST_NAMED], f"{len(words) - _MOST_NAMED:,} more"]
    if len(words) < 2:
        return "".join(words)
    return f"{between.join(words[:-1])} and {words[-1]}"
