"""How many households may move: a cap shared among the parts of a town, and plans under it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .drawing import Drawn, draw
from .errors import Finding
from .solving import Asked, shared_out

Array = np.ndarray[Any, Any]
Part = tuple[str, str]  # a community and a kind


@dataclass(frozen=True, eq=False)
class Marks:
    """Plans that tell what moving buys; part by part, of the same parts.

    ``least``: violations first, then fewest moved. ``still``: as few as can move, whatever
    that violates; None where there is one part only, which needs no sharing. ``free``: the
    objective instead of fewest moved; None where it was not asked for.
    """

    least: Drawn
    still: Drawn | None = None
    free: Drawn | None = None


def needs_of(drawn: Drawn) -> dict[Part, tuple[int, float]]:
    """Return what every part moves and violates, by community and kind."""
    out: dict[Part, tuple[int, float]] = {}
    for community, division in drawn.divisions.items():
        for part in division.parts:
            if part.limits is not None and not part.frozen:
                moved, violation = out.get((community, part.kind), (0, 0.0))
                result = part.result
                out[community, part.kind] = (
                    moved + (result.moved or 0),
                    violation + result.violation,
                )
    return out


def marks_of(
    asked: Asked, told: Sequence[Finding], least: Drawn, seconds: float | None, *, free: bool
) -> Marks:
    """Return the marks of a town whose plan of least violation is known."""
    parts = needs_of(least)
    still, loose = None, None
    if len(parts) > 1:
        binding = [part for part, (moved, _) in parts.items() if moved]
        none = _capped(asked, dict.fromkeys(parts, 0), spend=False, binding=binding)
        still = draw(none, told, seconds)
    if free:
        loose = draw(_capped(asked, {}, spend=True), told, seconds)
    return Marks(least, still, loose)


def draw_within(
    asked: Asked, told: Sequence[Finding], marks: Marks, cap: int, seconds: float | None,
    *, spend: bool = False,
) -> Drawn:  # fmt: skip
    """Return a plan in which at most ``cap`` households of the parts move, if that can be.

    ``spend``: whether those that violations do not need may move for the objective.
    """
    needs = needs_of(marks.least)
    names = list(needs)
    moved = [needs[name][0] for name in names]
    if marks.still is None:
        binding = names if cap < sum(moved) else []
        one = _capped(asked, dict.fromkeys(names, cap), spend=spend, binding=binding)
        return draw(one, told, seconds)
    before = needs_of(marks.still)
    gains = [max(0.0, before.get(name, needs[name])[1] - needs[name][1]) for name in names]
    sizes = _sizes(asked, names)
    if marks.free is not None and cap > sum(moved):
        after = needs_of(marks.free)
        wish = [max(0, after.get(name, needs[name])[0] - needs[name][0]) for name in names]
        sizes = wish if any(wish) else sizes
    caps = shared_out(cap, moved, gains, sizes)
    binding = [name for name, most, need in zip(names, caps, moved, strict=True) if most < need]
    every = _capped(asked, dict(zip(names, caps, strict=True)), spend=spend, binding=binding)
    return draw(every, told, seconds)


def _capped(
    asked: Asked, caps: Mapping[Part, int], *, spend: bool, binding: Sequence[Part] = ()
) -> Asked:
    assert asked.keep is not None  # only a redraw moves households
    keep = replace(asked.keep, caps=caps, spend=spend, binding=frozenset(binding))
    return replace(asked, keep=keep)


def _sizes(asked: Asked, names: Sequence[Part]) -> list[int]:
    """Return the households of every part, at least 1."""
    town = asked.town.buildings
    out = []
    for community, kind in names:
        mine = (town.communities == community) & (asked.kinds == kind)
        out.append(max(1, int(town.households[mine].sum())))
    return out
