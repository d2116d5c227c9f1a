"""Graphs small enough to draw, and small random problems of every kind there is."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import combinations

import numpy as np

from solvers import Budget, Problem, Terms

SMALL_BANDS = [[3, 5], [8, 16]]
RANDOM_BANDS = [
    SMALL_BANDS,
    [[4, 5], [8, 16]],  # shares in these are whole millionths
    [[4, 8], [10, 25]],
    [[2, 8], [5, 25]],
    [[0, 5], [0, 16]],
    [[4, 5], [0, 1000]],
    [[4, 4], [10, 12]],
    [[0, 0], [0, 16]],  # nobody may live there
    [[0, 5], [0, 0]],
    [[1, 1000], [1, 1000]],
]
BANDS_SHARE = [0.2, 0.2, 0.15, 0.2, 0.05, 0.05, 0.05, 0.02, 0.03, 0.05]


def path_edges(n: int) -> list[tuple[int, int]]:
    """0 - 1 - 2 - ... - n-1."""
    return [(i, i + 1) for i in range(n - 1)]


def cycle_edges(n: int) -> list[tuple[int, int]]:
    """0 - 1 - 2 - ... - n-1 - 0."""
    return [*path_edges(n), (0, n - 1)]


def star_edges(n: int) -> list[tuple[int, int]]:
    """Node 0 in the middle, all others at it."""
    return [(0, i) for i in range(1, n)]


def clique_edges(n: int) -> list[tuple[int, int]]:
    """All with all."""
    return list(combinations(range(n), 2))


def king_edges(rows: int, columns: int) -> list[tuple[int, int]]:
    r"""Streets and diagonals of a chessboard.

    0 - 1 - 2
    | X | X |
    3 - 4 - 5
    """
    r, c = np.divmod(np.arange(rows * columns), columns)
    return [
        (i, j)
        for i, j in combinations(range(rows * columns), 2)
        if max(abs(r[i] - r[j]), abs(c[i] - c[j])) == 1
    ]


def problem_of(edges, households, population=None, *, bands=None, xy=None, span=np.inf) -> Problem:
    """Return a problem; people are three a household, nodes 100 m apart in a row, if not told."""
    households = np.asarray(households, np.int64)
    n = len(households)
    population = 3 * households if population is None else np.asarray(population, np.int64)
    where = np.column_stack([100.0 * np.arange(n), np.zeros(n)]) if xy is None else xy
    return Problem(
        np.column_stack([households, population]),
        np.array(SMALL_BANDS if bands is None else bands, np.int64),
        np.array(where, float),
        np.array(edges, np.int64).reshape(-1, 2),
        span,
    )


def jittered_lattice(side: int, households: int, *, seed: int = 0, step_m: float = 60.0) -> Problem:
    """Return a chessboard of about so many households a node, three people each, true bands."""
    rng = np.random.default_rng(seed)
    n = side * side
    r, c = np.divmod(np.arange(n), side)
    xy = np.column_stack([c, r]) * step_m + rng.uniform(-step_m / 4, step_m / 4, (n, 2))
    mass = rng.integers(int(households * 0.8), int(households * 1.2) + 1, n)
    people = (mass * rng.uniform(2.6, 3.4, n)).astype(np.int64)
    bands = [[300, 500], [1000, 1500]]
    return problem_of(king_edges(side, side), mass, people, bands=bands, xy=xy)


def random_problem(seed: int, *, most_nodes: int = 9) -> Problem:
    """Return a random small problem; the seed decides graph, weights, bands and span.

    Among them: paths, stars, cycles, cliques, scattered pieces, one node; nodes at one point,
    without households, over a cap; tight spans; open bands and bands that end at nothing.
    """
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, most_nodes + 1, 2).max())
    edges = _random_edges(n, rng)
    xy = rng.integers(0, 3000, (n, 2)).astype(float)
    if rng.random() < 0.3:
        xy[rng.integers(0, n)] = xy[0]
    households = rng.integers(1, 5, n)
    households[rng.random(n) < rng.choice([0.0, 0.3])] = 0
    population = households * rng.integers(2, 5, n) + rng.integers(0, 2, n)
    if rng.random() < 0.15:
        (households if rng.random() < 0.5 else population)[rng.integers(0, n)] = 31
    bands = RANDOM_BANDS[rng.choice(len(RANDOM_BANDS), p=BANDS_SHARE)]
    span = np.inf if rng.random() < 0.75 else float(rng.integers(300, 2500))
    return problem_of(edges, households, population, bands=bands, xy=xy, span=span)


def every_term(problem: Problem, seed: int) -> Problem:
    """Return the problem with all terms, quarters and locks; every other one with a penalty."""
    rng = np.random.default_rng(seed)
    pairs = np.array(list(combinations(range(problem.n), 2)), np.int64).reshape(-1, 2)
    locks = pairs[rng.permutation(len(pairs))[:4]]
    terms = Terms(
        1.0,
        balance=(0.3, 0.01),
        target=(4.0, 12.0),
        border=0.01,
        quarter=0.2,
        penalty=(5.0, 0.5, 0.2) if seed % 2 else None,
    )
    return replace(
        problem,
        terms=terms,
        border_m=rng.uniform(0, 90, len(problem.edges)),
        quarter=rng.integers(-1, 3, problem.n),
        together=locks[:2],
        apart=locks[2:],
    )


def _random_edges(n: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    kind = rng.choice(["tree", "some", "some", "path", "star", "cycle", "clique", "scattered"])
    if n > 2 and kind in ("path", "star", "cycle"):
        return {"path": path_edges, "star": star_edges, "cycle": cycle_edges}[str(kind)](n)
    if kind == "clique":
        return clique_edges(n)
    edges = set()
    if kind != "scattered":
        edges = {(int(rng.integers(0, j)), j) for j in range(1, n)}
    if kind != "tree":
        edges |= {pair for pair in clique_edges(n) if rng.random() < 0.25}
    return sorted(edges)


def unhurried() -> Budget:
    """Return a budget that never strikes."""
    return Budget(None, clock=time.monotonic)


def all_light(problem: Problem, threshold: int, budget: Budget) -> np.ndarray:
    """Call every place crowded, in place of ``solvers.crowded.crowded``."""
    return problem.weights[:, 0] < threshold
