"""What moving households buys: plans from none moved to a plan drawn afresh, as a price list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from .carrying import Ready, moved_of
from .drawing import Drawn
from .model import Plan
from .moving import draw_within, marks_of, needs_of

# Of the households that the least violation needs, and of those that a fresh plan moves beyond.
BELOW = (0.0, 0.25, 0.5, 0.75)
BEYOND = (0.1, 0.25, 0.5, 1.0)


HEADS = ("Households moved", "Share", "Violation", "Out of band", "Objective")


@dataclass(frozen=True, eq=False)
class Price:
    """The best plan found among those that move at most ``cap`` households."""

    cap: int
    plan: Plan

    @property
    def moved(self) -> int:
        """The households that change owner."""
        return moved_of(self.plan.results)

    @property
    def violation(self) -> float:
        """The violation of the bands, see ``CommunityResult``."""
        return float(sum(result.violation for result in self.plan.results))


@dataclass(frozen=True, eq=False)
class PriceList:
    """Prices from fewest moved to most; none is as good as another one in everything and dearer."""

    prices: tuple[Price, ...]

    @property
    def table(self) -> pd.DataFrame:
        """One row a price, ready for CSV.

        ``moved``, ``moved_percent`` of all households, ``violation``, ``out_of_band`` and
        ``grids``, ``objective`` (see ``Objective``), ``status``, ``plan``: the name of its file.
        """
        rows = []
        for price in self.prices:
            plan = price.plan
            whole = max(1, int(plan.buildings.households.sum()))
            rows.append(
                {
                    "moved": price.moved,
                    "moved_percent": round(100 * price.moved / whole, 3),
                    "violation": round(price.violation, 6),
                    "out_of_band": len(plan.reasons),
                    "grids": len(set(plan.grid_ids)),
                    "objective": round(plan.objective, 6),
                    "status": plan.status.value,
                    "plan": file_of(price),
                }
            )
        return pd.DataFrame(rows)

    def lines(self) -> list[tuple[str, ...]]:
        """Return the prices as text, under ``HEADS``."""
        return [
            (
                f"{row['moved']:,}",
                f"{row['moved_percent']:.1f} %",
                f"{row['violation']:.3f}",
                f"{row['out_of_band']:,} of {row['grids']:,}",
                f"{row['objective']:.3f}",
            )
            for row in self.table.to_dict("records")
        ]


def file_of(price: Price) -> str:
    """Return the name of the plan's file: "moved-00194.gpkg"."""
    return f"moved-{price.moved:05d}.gpkg"


def price_list(ready: Ready, least: Drawn, *, known: Sequence[Plan] = ()) -> PriceList:
    """Return the best plans by how many households move; ``least``: the redraw without a cap.

    ``known``: other redrawn plans of the same town.

    Each is, among the plans that move at most so many, one that violates the bands least, and then
    one of least objective: as far as its share of the time allowed. A run that is cancelled gives
    the plans that it has.
    """
    asked, told, clock = ready.asked, ready.told, ready.clock
    steps = len(BELOW) + len(BEYOND) + 2
    marks = marks_of(asked, told, least, clock.share_s(1 / steps), free=True)
    assert marks.free is not None
    needed = sum(moved for moved, _ in needs_of(least).values())
    wished = max(needed, sum(moved for moved, _ in needs_of(marks.free).values()))
    caps = {int(needed * share) for share in BELOW}
    caps |= {int(needed + (wished - needed) * share) for share in BEYOND}
    found = [Price(needed, ready.finished(least.plan))]
    found += [Price(moved_of(plan.results), plan) for plan in known]
    todo = sorted(caps - {needed})
    for at, cap in enumerate(todo):
        if asked.watch.cancelled():
            break
        share_s = clock.share_s(1 / (len(todo) - at))
        drawn = draw_within(asked, told, marks, cap, share_s, spend=True)
        found.append(Price(cap, ready.finished(drawn.plan)))
    if not asked.watch.cancelled():
        found.append(Price(wished, ready.finished(marks.free.plan)))
    return PriceList(tuple(_best(found)))


def _best(prices: list[Price]) -> list[Price]:
    """Return the prices that no other one beats, fewest moved first, one for each number."""
    out: list[Price] = []
    for price in sorted(prices, key=lambda p: (p.moved, p.violation, p.plan.objective)):
        worth = (price.violation, price.plan.objective)
        if not out or worth < min((other.violation, other.plan.objective) for other in out):
            out.append(price)
    return out
