"""How the next grid id of a community is made: what goes before, how many digits, how far."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from .errors import Finding, InputError
from .intake.telling import error

# How grids are met that get numbers: see ``gridgeo.codes.reading_order``.
ORDERS = ("rows", "columns")
# An id of digits alone, so long, is a code: what stands before its last digits is no number.
_CODE_DIGITS = 9
_SEQUENCE_DIGITS = 3
_NUMBERED = re.compile(r"(.*?)([0-9]+)", re.DOTALL)


@dataclass(frozen=True)
class Numbering:
    """Ids of a community: ``prefix`` and a number of ``digits`` digits at least.

    ``first``: the number that the numbering begins with. ``last``: the highest there may be, None
    where more digits are taken. ``alone``: the number of a grid that is its whole community, None
    where it is like any other. ``scheme``: the name of the scheme of codes, "" for plain ids.
    ``order``: one of ``ORDERS``.
    """

    prefix: str
    digits: int = _SEQUENCE_DIGITS
    first: int = 1
    last: int | None = None
    alone: int | None = None
    scheme: str = ""
    order: str = ORDERS[0]

    def id_of(self, number: int) -> str:
        """Return the id of a number."""
        return f"{self.prefix}{number:0{self.digits}d}"

    def number_of(self, grid_id: str) -> int | None:
        """Return the number in an id, None where it is no id of this numbering."""
        rest = grid_id.removeprefix(self.prefix)
        if not (grid_id.startswith(self.prefix) and rest.isascii() and rest.isdecimal()):
            return None
        # "G-0001" is none where "G-001" is the first; "G-1000" is one that took a digit more
        return int(rest) if rest == f"{int(rest):0{self.digits}d}" else None

    def highest(self, issued: Iterable[str]) -> int:
        """Return the highest number among ids, one below the first where there is none."""
        numbers = (self.number_of(grid_id) for grid_id in issued)
        return max((n for n in numbers if n is not None), default=self.first - 1)

    def next_ids(self, count: int, issued: Iterable[str], *, community: str) -> list[str]:
        """Return ids for so many new grids of a community, after the highest ever issued.

        Raises:
            InputError: the numbers end before that.
        """
        taken = set(issued)
        number = max(self.highest(taken), self.first - 1)
        out: list[str] = []
        while len(out) < count:
            number += 1
            if self.last is not None and number > self.last:
                raise InputError([self._full(count, len(out), community)])
            if self.id_of(number) not in taken:
                out.append(self.id_of(number))
        return out

    def as_dict(self) -> dict[str, Any]:
        """Return the numbering in plain types, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Numbering:
        """Return the numbering of ``as_dict``.

        Raises:
            TypeError: it is none.
        """
        out = cls(**facts)
        whole = (out.digits, out.first, *(n for n in (out.last, out.alone) if n is not None))
        texts = (out.prefix, out.scheme, out.order)
        if not all(type(n) is int for n in whole) or not all(type(t) is str for t in texts):
            raise TypeError(f"{dict(facts)} is no numbering")
        return out

    def _full(self, count: int, done: int, community: str) -> Finding:
        assert self.last is not None
        named = f" of {self.scheme}" if self.scheme else ""
        message = (
            f"the numbers{named} in {community} are full: {count} new grids need an id, {done} are "
            f"left up to {self.id_of(self.last)}, and one that was given out is never given again"
        )
        fix = (
            "Code the plan afresh with another prefix, or with a scheme of more digits: gridgeo "
            "code --afresh --reason"
        )
        return error("codes-full", message, fix, count=count - done, first=community)


def plain_numbering(community: str) -> Numbering:
    """Return the numbering of ids that partition gives: the community's name and a number."""
    return Numbering(f"{community}-")


def numbering_like(community: str, grid_ids: Iterable[str]) -> Numbering:
    """Return the numbering that the ids of a community follow, the plain one where they do not.

    Ids of one prefix and a number ("W1", "W2", "W17") go on so ("W18"). Of codes of digits
    alone (nine or more) the last three are the number, if the others agree.
    """
    plain = plain_numbering(community)
    ids = sorted(set(grid_ids))
    if not ids or all(plain.number_of(grid_id) is not None for grid_id in ids):
        return plain
    split = [_parts(grid_id) for grid_id in ids]
    prefixes = {None if parts is None else parts[0] for parts in split}
    if len(prefixes) != 1 or None in prefixes:
        return plain
    lengths = [len(parts[1]) for parts in split if parts is not None]
    padded = any(parts is not None and parts[1].startswith("0") for parts in split)
    (prefix,) = prefixes
    assert prefix is not None
    if prefix.isdecimal():
        return Numbering(prefix, _SEQUENCE_DIGITS, last=10**_SEQUENCE_DIGITS - 1)
    return Numbering(prefix, min(lengths) if padded else 1)


def _parts(grid_id: str) -> tuple[str, str] | None:
    """Return what goes before the number of an id, and the number; None where it has none."""
    found = _NUMBERED.fullmatch(grid_id)
    if found is None:
        return None
    before, digits = found.groups()
    if before:
        return before, digits
    return (digits[:-3], digits[-3:]) if len(digits) >= _CODE_DIGITS else (before, digits)
