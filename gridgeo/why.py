"""Why the bands cannot be kept: certificates and the plan at hand, in a planner's sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .division import Part
from .errors import Finding, Severity
from .model import Band, Buildings, Limits
from .reasons import GridFacts, distance_outside, explain
from .ruled_out import RuledOut
from .wider import Move, inside, move_of, wider_bands
from .wording import MOST_NAMED, count, ratio_outside, some

Array = np.ndarray[Any, Any]

_MOST_AREAS = 3  # areas told one by one; what is left is told together
_MOST_PARTS = 2  # parts likewise
_TRIFLE = 0.5  # a limit that has to move by more than this share is no advice


@dataclass(frozen=True, eq=False)
class _Town:
    """The community as the sentences need it, figures per building row taken once.

    ``grid_ids``: the grid of every row. ``kinds``: the weights in the order of the certificates:
    noun, band, figure per row.
    """

    limits: Limits
    ruled: RuledOut
    grid_ids: Array
    ids: Array
    xy: Array
    kinds: list[tuple[str, Band, Array]]

    @property
    def bands(self) -> Array:
        """The bands as int64 (w, 2)."""
        return np.array([[band.low, band.high] for _, band, _ in self.kinds], np.int64)

    @property
    def no_grid(self) -> str:
        """In which grid a building does not fit, as far as that is proved."""
        span_m = self.limits.max_span_m
        rule = "" if span_m is None else f" and {span_m:,.0f} m"
        kept = f" with {self.ruled.kept} kept whole" if self.ruled.kept_whole else ""
        return f"in no grid within both bands{rule}, however it is drawn{kept}"

    def names(self, rows: Array) -> str:
        """Return the first few building ids."""
        few = [str(name) for name in self.ids[rows[: MOST_NAMED + 1]]]
        return some(few, of=len(rows))

    def place(self, rows: Array) -> str:
        """Return the part of the community that buildings lie in: " in the north-east", or ""."""
        if 2 * len(rows) > len(self.ruled.rows):
            return ""
        mine = self.xy[self.ruled.rows]
        low, high = mine.min(axis=0), mine.max(axis=0)
        # a community that is long and narrow has ends, but no sides
        wide_m = np.maximum(high - low, 1e-9)
        part = (self.xy[rows].mean(axis=0) - low) / wide_m
        thirds = np.where(3 * wide_m < wide_m.max(), 1, np.minimum((3 * part).astype(int), 2))
        east, north = thirds.tolist()
        words = [("south", "", "north")[north], ("west", "", "east")[east]]
        said = "-".join(word for word in words if word)
        return f" in the {said or 'middle'}"

    def grids(self, rows: Array) -> str:
        """Return the grids that buildings are in: "grid CT-011", "grids CT-011 and CT-012"."""
        ids = sorted(set(self.grid_ids[rows]))
        return f"{'grid' if len(ids) == 1 else 'grids'} {some(ids)}"


def reasons_of(buildings: Buildings, part: Part, *, piece: Array, ids: Array) -> dict[str, str]:
    """Return the reasons of every grid of a part that is out of band, by grid id.

    ``piece``: int64 (n,), the connected piece among the part's buildings that a building is in.
    ``ids``: the grid of every row of the part.
    """
    if part.frozen and part.limits is not None:
        said = explain(
            buildings, part.limits, GridFacts(part.rows.tolist(), None, True, frozen=True)
        )
        return {str(ids[0]): said} if said else {}
    if part.ruled is None or part.limits is None:
        return {}
    rows, ruled = part.rows, part.ruled
    proved = part.result.violation <= part.result.violation_bound
    dead, numberless = ruled.dead_rows, ruled.without_number
    out: dict[str, str] = {}
    for grid in sorted(set(ids)):
        members = rows[ids == grid]
        whole = np.flatnonzero(piece == piece[members[0]])
        alone_m = None
        if len(whole) == len(members):
            others = rows[piece[rows] != piece[members[0]]]
            alone_m = distance_outside(buildings, members, others)
        facts = GridFacts(
            members.tolist(),
            alone_m,
            proved,
            members[np.isin(members, dead)].tolist(),
            int(numberless[ids == grid][0]),
            part.among,
        )
        said = explain(buildings, part.limits, facts)
        if said:
            out[grid] = said
    return out


def why_not(buildings: Buildings, limits: Limits, ids: Array, ruled: RuledOut) -> list[Finding]:
    """Return what keeps a community's grids from the bands, gravest first, and what would help.

    ``ids``: object (n,), the grid of every building row. What is said of buildings and areas is
    proved for every plan; what is said of wider bands is counted on the plan at hand.
    """
    town = _Town(
        limits=limits,
        ruled=ruled,
        grid_ids=ids,
        ids=buildings.ids,
        xy=buildings.xy,
        kinds=[
            ("household", limits.households, buildings.households),
            ("person", limits.population, buildings.population),
        ],
    )
    small = [piece for piece in ruled.certificates.pieces if _lacks(town, piece)]
    odd = [p for p in ruled.certificates.pieces if not p.fits and not _lacks(town, p)]
    return [
        *_oversize(town),
        *_too_small(town, small),
        *_no_number(town, odd),
        *_dead(town, {int(node) for piece in small for node in piece.nodes}),
        *_all_together(town),
        *_wider(town),
    ]


def _oversize(town: _Town) -> list[Finding]:
    rows = town.ruled.rows_of(town.ruled.certificates.oversize)
    if not len(rows):
        return []
    each = []
    for row in rows:
        over = [count(int(of[row]), noun) for noun, band, of in town.kinds if of[row] > band.high]
        each.append(f"{town.ids[row]} with {' and '.join(over)}")
    one = len(rows) == 1
    whose = "it by its" if one else "them by their"
    return [
        _note(
            "building-over-limit",
            f"{count(len(rows), 'building')} {'is' if one else 'are'} more than a grid may hold "
            f"and {'stands' if one else 'stand'} alone: {some(each)}",
            f"Enter {whose} entrances, each a building of its own",
            town.ids[rows],
        )
    ]


def _lacks(town: _Town, piece: Any) -> list[str]:
    """Return what a piece holds where that is less than one grid needs."""
    return [
        count(int(total), noun)
        for total, (noun, band, _) in zip(piece.totals, town.kinds, strict=True)
        if total < band.low
    ]


def _too_small(town: _Town, pieces: Sequence[Any]) -> list[Finding]:
    if not pieces:
        return []
    pieces = sorted(pieces, key=lambda piece: (-len(piece.nodes), int(piece.nodes[0])))
    rows = town.ruled.rows_of(np.concatenate([piece.nodes for piece in pieces]))
    parts = []
    for piece in pieces[: MOST_NAMED + 1]:
        mine = town.ruled.rows_of(piece.nodes)
        parts.append(f"{town.names(mine)}{town.place(mine)} ({', '.join(_lacks(town, piece))})")
    one = len(pieces) == 1
    whole = one and len(rows) == len(town.ruled.rows)
    lead = f"{count(len(pieces), 'part')} cut off from the rest {'is' if one else 'are'}"
    them, grids = ("it", "be a small grid") if one else ("them", "be small grids")
    fix = f"Join {them} to a neighbour by a bridge or a larger --reach, or let {them} {grids}"
    least = " and ".join(count(band.low, noun) for noun, band, _ in town.kinds)
    return [
        _note(
            "part-under-limit",
            f"{'The community is' if whole else lead} less than one grid, which needs {least}: "
            f"{some(parts, of=len(pieces), between='; ')}",
            "" if whole else fix,
            town.ids[rows],
        )
    ]


def _no_number(town: _Town, pieces: Sequence[Any]) -> list[Finding]:
    """Tell of pieces whose totals no number of grids can share within all bands."""
    pieces = sorted(pieces, key=lambda piece: (-len(piece.nodes), int(piece.nodes[0])))
    out = []
    for piece in pieces[:_MOST_PARTS]:
        rows = town.ruled.rows_of(piece.nodes)
        place = town.place(rows)
        lead = f"The {count(len(rows), 'building')} cut off{place} ({town.names(rows)})"
        if not place:
            lead = f"The {count(len(rows), 'building')} of the largest part"
        if len(rows) == len(town.ruled.rows):
            lead = f"All {count(len(rows), 'building')} together"
        each = [
            _shares(int(total), noun, counts)
            for total, (noun, _, _), counts in zip(
                piece.totals, town.kinds, piece.counts, strict=True
            )
        ]
        said = f"{lead} cannot be shared by any number of grids: {', '.join(each)}"
        ratio = ratio_outside(int(piece.totals[0]), int(piece.totals[1]), town.limits)
        if ratio:
            said = f"{lead} have {ratio}"
        fix = _share_fix(town, piece)
        out.append(_note("part-without-number", said, fix, town.ids[rows]))
    if len(pieces) > _MOST_PARTS:
        more = pieces[_MOST_PARTS:]
        rows = town.ruled.rows_of(np.concatenate([piece.nodes for piece in more]))
        said = (
            f"{count(len(more), 'more part')} ({town.names(rows)}) cannot be shared by any number "
            "of grids within both bands"
        )
        out.append(_note("part-without-number", said, "", town.ids[rows]))
    return out


def _shares(total: int, noun: str, counts: Array) -> str:
    fewest, most = int(counts[0]), int(counts[1])
    amount = count(total, noun)
    if fewest > most:
        return f"{amount} are too many for {count(most, 'grid')} and too few for {fewest:,}"
    numbers = f"{fewest:,}" if fewest == most else f"{fewest:,} to {most:,}"
    return f"{amount} make {numbers} {'grid' if most == 1 else 'grids'}"


def _share_fix(town: _Town, piece: Any) -> str:
    """Return the least move of limits, few first, with which the totals allow some number."""
    found = []
    for groups in range(1, len(piece.nodes) + 1):
        need = []
        for k, (total, (_, band, _)) in enumerate(zip(piece.totals, town.kinds, strict=True)):
            least, most = int(total) // groups, -(-int(total) // groups)
            if least < band.low:
                need.append(move_of(town.bands, k, 0, least))
            if most > band.high:
                need.append(move_of(town.bands, k, 1, most))
        if max(move.share for move in need) <= _TRIFLE:
            found.append((len(need), sum(move.share for move in need), groups, need))
    if not found:
        return ""
    *_, groups, need = min(found, key=lambda one: one[:3])
    return f"By their totals {_band(town.limits, need)} would allow {count(groups, 'grid')}"


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
    households, population = (int(of[rows].sum()) for *_, of in town.kinds)
    ratio = ratio_outside(households, population, town.limits)
    facts = [ratio, town.grids(rows)] if ratio else [town.grids(rows)]
    if len(areas) > 1:
        places = sorted({town.place(town.ruled.rows_of(area)).strip() for area in areas} - {""})
        lead = f"{count(len(rows), 'more building')} ({town.names(rows)})"
        lead += f" {some(places)}" if places else ""
    else:
        lead = f"{count(len(rows), 'building')}{town.place(rows)} ({town.names(rows)})"
    one = len(rows) == 1
    mine = [dead[node] for node in nodes]
    return _note(
        "building-in-no-grid",
        f"{lead} {'fits' if one else 'fit'} {town.no_grid}{_most(town, mine)} ({'; '.join(facts)})",
        _dead_fix(town, mine, "it" if one else "each of them"),
        town.ids[rows],
    )


def _most(town: _Town, dead: Sequence[Any]) -> str:
    """Return what grids with the nodes fall short of, where that is the same for all."""
    (weight, *others) = {d.weight for d in dead}
    if others or weight < 0:
        return ""
    noun, band, _ = town.kinds[weight]
    most = count(max(d.most for d in dead), noun)
    them = "it" if len(dead) == 1 else "one of them"
    return f": under the upper limits a grid with {them} holds at most {most}, not {band.low:,}"


def _dead_fix(town: _Town, dead: Sequence[Any], who: str) -> str:
    """Return the least move of a limit with which each of the nodes is in some grid in band."""
    moves = []
    for k in range(len(town.kinds)):
        for side in (0, 1):
            values = [int(d.nearest[k, side]) for d in dead]
            if min(values) >= 0:
                value = min(values) if side == 0 else max(values)
                moves.append(move_of(town.bands, k, side, value))
    moves.sort(key=lambda move: move.share)
    if not moves:
        return ""
    said = " or ".join(_band(town.limits, [move]) for move in moves[:2])
    return f"With {said} {who} would fit in some grid"


def _all_together(town: _Town) -> list[Finding]:
    """Tell that there is a proof where nothing else can be told of it."""
    if town.ruled.certificates.impossible or not town.ruled.proved:
        return []
    said = (
        "No building and no part rules the bands out by itself; that every plan has a grid out of "
        "band is proved by the search over all plans"
    )
    return [_note("no-single-cause", said, "", town.ids[town.ruled.rows])]


def _wider(town: _Town) -> list[Finding]:
    """Tell how many of the plan's own grids wider bands would put in band."""
    grids, of = np.unique(town.grid_ids[town.ruled.rows].astype(str), return_inverse=True)
    totals = np.column_stack(
        [np.bincount(of, values[town.ruled.rows]).astype(np.int64) for *_, values in town.kinds]
    )
    steps = wider_bands(totals, town.bands, widest=_TRIFLE)
    if not steps:
        return []
    good = inside(totals, town.bands)
    now = int(good.sum())
    each = [
        ("all " if step.in_band == len(grids) else "")
        + f"{step.in_band:,} with {_band(town.limits, step.moves)}"
        for step in steps
    ]
    return [
        _note(
            "band-wider",
            f"{now:,} of the {len(grids):,} grids of this plan {'is' if now == 1 else 'are'} in "
            f"band; it would be {', '.join(each)}",
            "Divide again with such a band: there may be a still better plan then",
            grids[~good],
        )
    ]


def _band(limits: Limits, moves: Sequence[Move]) -> str:
    """Return bands with some limits moved as the command line takes them."""
    said = []
    for k, (word, band) in enumerate(
        (("households", limits.households), ("population", limits.population))
    ):
        moved = {move.side: move.value for move in moves if move.weight == k}
        if moved:
            said.append(f"{word} {moved.get(0, band.low)}:{moved.get(1, band.high)}")
    return " and ".join(said)


def _note(code: str, message: str, fix: str, offenders: Array) -> Finding:
    return Finding(code, Severity.NOTE, message, fix, len(offenders), str(offenders[0]))
