"""What the bound of ``discs.py`` starts from: peopled nodes by place, and a plan's own prices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .disc_dues import Dues
from .disc_kernels import Places
from .problem import VIOLATION_UNIT, BoolArray, FloatArray, IntArray, Problem
from .sweep import oversize
from .value import SQUARE_METRES, violation_of

SQUARES_A_RADIUS = 4.0  # squares of the raster along the radius of a typical group
NOTHING = 1e-9  # a cost or a weight of the inertia that is rounding
EDGE = 1.3  # nodes at the rim of a group, as a multiple of the root of its nodes, about a tenth
LET_OFF = 0.25  # what a violation of one group is let off for, as a share of a group's cost


@dataclass(frozen=True, eq=False)
class Town:
    """Nodes with prices, sorted by square, and what the known plan tells about their groups.

    Per node, ``price`` and of its group: ``worth`` cost a household; ``disc`` squared radius of the
    disc that has its inertia, times ``square_m``; ``rate`` (n, w) multipliers; ``cost``. Where it
    could be nothing, a tenth of the mean stands. ``edge``: share of a price by which about the
    root of a group's nodes fall in or out. ``fixed``: cost of the nodes that stand alone, less
    what violations are let off for.
    """

    places: Places
    dues: Dues
    price: FloatArray
    worth: FloatArray
    disc: FloatArray
    rate: FloatArray
    cost: FloatArray
    mean_price: float
    edge: float
    fixed: float

    @property
    def like(self) -> tuple[float, ...]:
        """As many numbers as weights."""
        return tuple([0.0] * len(self.dues.low))

    def top(self, price: FloatArray, rise: float) -> FloatArray:
        """Return per square the highest price a household, risen by a factor."""
        each = np.maximum(price, 0.0) * rise / self.places.mass[:, 0]
        return np.asarray(np.maximum.reduceat(each, self.places.first[:-1]))


def town_of(problem: Problem, labels: IntArray, level: int) -> Town | None:
    """Return the town, None where no group of the plan costs anything that is looked at here."""
    alone = oversize(problem)
    priced = np.flatnonzero(~alone & (problem.weights[:, 0] > 0))
    if len(priced) == 0 or problem.terms.compactness < NOTHING:
        return None
    group = np.unique(labels[priced], return_inverse=True)[1]
    xy = (problem.xy - problem.xy.mean(axis=0))[priced]
    mass = problem.weights[priced].astype(float)
    total = np.column_stack([np.bincount(group, column) for column in mass.T]).astype(float)
    homes = total[:, 0]
    centre = np.column_stack([np.bincount(group, mass[:, 0] * at) / homes for at in xy.T])
    off_m2 = ((xy - centre[group]) ** 2).sum(axis=1)
    plain = _dues(problem, priced, alone)
    inertia = plain.square_m * np.bincount(group, mass[:, 0] * off_m2)
    dues, let_off = _let_off(problem, plain, level, inertia + _due(total, plain))
    cost = inertia + _due(total, dues)
    if cost.sum() < NOTHING:
        return None
    mean = float(cost.sum() / homes.sum())
    disc = 2 * inertia / homes
    rate = 2 * dues.balance * (total - dues.target)
    rate[:, 0] = (cost - (rate[:, 1:] * total[:, 1:]).sum(axis=1)) / homes
    price = (rate[group] * mass).sum(axis=1)
    rate[:, 0] -= disc
    disc = np.maximum(disc, mean / 10)
    radius_m = float(np.sqrt(np.median(disc[group]) / dues.square_m))
    order, first = _by_square(xy, radius_m / SQUARES_A_RADIUS)
    group = group[order]
    return Town(
        places=_places(xy[order], mass[order], first),
        dues=dues,
        price=price[order],
        worth=np.maximum(cost / homes, mean / 10)[group],
        disc=disc[group],
        rate=rate[group],
        cost=np.maximum(cost, mean / 10 * homes)[group],
        mean_price=mean,
        edge=float(np.clip(EDGE / np.sqrt(len(priced) / len(homes)), 0.1, 0.5)),
        fixed=float(_due(problem.weights[alone].astype(float), plain).sum()) - let_off,
    )


def _dues(problem: Problem, priced: IntArray, alone: BoolArray) -> Dues:
    """Return what a group is asked besides its inertia; out of band is forbidden or priced."""
    terms = problem.terms
    w = problem.weights.shape[1]
    penalty = np.array(terms.penalty or (np.inf, *np.zeros(w)))
    mass = problem.weights.astype(float)
    return Dues(
        balance=np.array(terms.balance or np.zeros(w)),
        target=np.array(terms.target or np.zeros(w)),
        low=problem.bands[:, 0].astype(float),
        high=problem.bands[:, 1].astype(float),
        least=mass[priced].min(axis=0),
        most=mass[~alone].sum(axis=0),
        base=float(penalty[0]),
        below=penalty[1:],
        above=penalty[1:],
        spare=mass[~alone & (mass[:, 0] == 0)].sum(axis=0),
        square_m=problem.terms.compactness * SQUARE_METRES,
    )


def _due(total: FloatArray, dues: Dues) -> FloatArray:
    """Return what groups with these sums (g, w) owe; where out of band is forbidden, as if not."""
    out = np.asarray((dues.balance * (total - dues.target) ** 2).sum(axis=1))
    if np.isfinite(dues.base):
        below, above = np.maximum(dues.low - total, 0), np.maximum(total - dues.high, 0)
        out += np.where(((below > 0) | (above > 0)).any(axis=1), dues.base, 0.0)
        out += below @ dues.below + above @ dues.above
    return out


def _let_off(problem: Problem, dues: Dues, level: int, costs: FloatArray) -> tuple[Dues, float]:
    """Return the dues with a price on violations, and what a plan of this level owes for them.

    What nodes that stand alone violate by is in every plan. A share is rounded to a millionth, so
    the violation of a group, at least 1, is less than its exact one by a millionth at most.
    """
    if np.isfinite(dues.base):
        return dues, 0.0
    left = level - sum(violation_of(w, problem.bands) for w in problem.weights[oversize(problem)])
    if left <= 0:
        return dues, 0.0
    groups_let_off = left / VIOLATION_UNIT
    rate = LET_OFF * float(costs.mean()) if groups_let_off < len(costs) else 0.0
    charged = rate * (1 - len(dues.low) / VIOLATION_UNIT)
    dues = dues._replace(
        base=charged,
        below=charged / np.maximum(dues.low, 1),
        above=charged / np.maximum(dues.high, 1),
    )
    return dues, rate * groups_let_off


def _by_square(xy: FloatArray, side_m: float) -> tuple[IntArray, IntArray]:
    """Return the nodes in the order of the squares of a raster, and where each square starts."""
    column, row = np.floor((xy - xy.min(axis=0)) / side_m).astype(np.int64).T
    order = np.lexsort((column, row))
    column, row = column[order], row[order]
    starts = np.append(True, (np.diff(column) != 0) | (np.diff(row) != 0))
    return order, np.append(np.flatnonzero(starts), len(xy))


def _places(xy: FloatArray, mass: FloatArray, first: IntArray) -> Places:
    """Return the nodes with the extremes of every square."""
    x, y = np.ascontiguousarray(xy.T)
    ratio = mass / mass[:, :1]
    starts = first[:-1]
    low, high = np.minimum.reduceat, np.maximum.reduceat
    return Places(
        x=x,
        y=y,
        mass=np.ascontiguousarray(mass),
        first=first,
        box=np.column_stack([low(x, starts), high(x, starts), low(y, starts), high(y, starts)]),
        ratio=np.ascontiguousarray(
            np.stack([low(ratio, starts, axis=0), high(ratio, starts, axis=0)], axis=1)
        ),
    )
