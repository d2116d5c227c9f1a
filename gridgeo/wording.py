"""Numbers and lists as words: what every sentence about a plan has in common."""

from __future__ import annotations

from collections.abc import Sequence

from .model import Limits

MOST_NAMED = 4  # of a list in one sentence


def count(number: int, noun: str) -> str:
    """Return "1 building", "1,200 buildings", "2 people"."""
    if noun == "person":
        return f"{number:,} {'person' if number == 1 else 'people'}"
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def some(words: Sequence[str], *, of: int | None = None, between: str = ", ") -> str:
    """Return words in a row: the first few, and how many more ``of`` all there are."""
    total = len(words) if of is None else of
    if total > MOST_NAMED + 1:
        words = [*words[:MOST_NAMED], f"{total - MOST_NAMED:,} more"]
    if len(words) < 2:
        return "".join(words)
    return f"{between.join(words[:-1])} and {words[-1]}"


def ratio_bounds(limits: Limits) -> tuple[float, float]:
    """Return the least and the most people a household of grids within both bands."""
    return (
        limits.population.low / max(limits.households.high, 1),
        limits.population.high / max(limits.households.low, 1),
    )


def ratio_outside(households: int, population: int, limits: Limits) -> str:
    """Return people a household and what the bands need of them, "" where that is so."""
    least, most = ratio_bounds(limits)
    if households == 0 or least <= population / households <= most:
        return ""
    return (
        f"{population / households:.2f} people a household, where both bands together need "
        f"{least:.2f} to {most:.2f}"
    )
