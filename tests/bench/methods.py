"""How each method is called on a town: a town, a time limit and a seed in, labels and a note out.

A method imports what it needs itself: one that is not installed is a line in the table. Labels
are int (n,), -1 for a block the method left out.
"""

from __future__ import annotations

import random
import time
import warnings
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from solvers import Bands, Budget, Contiguity, Terms, solve
from solvers.graphs import adjacency

from .instances import BANDS, Town
from .score import score

DEEPEST = 12  # steps from a centre to its blocks that CP-SAT is allowed

Answer = tuple[np.ndarray, str]
Method = Callable[[Town, float | None, float, int], Answer]


def groups_to_ask(town: Town) -> int:
    """Return the middle of how many grids the bands allow, for methods that want to be told."""
    households, people = int(town.households.sum()), int(town.population.sum())
    (h_low, h_high), (p_low, p_high) = BANDS
    fewest = max(people / p_high, households / h_high)
    most = min(people / p_low, households / h_low)
    return max(1, round((fewest + most) / 2))


def ours(town: Town, max_span_m: float | None, limit_s: float, seed: int) -> Answer:
    """Set partitioning, this project's solve()."""
    solution = solve(town.problem(max_span_m), Budget(limit_s, clock=time.monotonic), seed)
    gap = "no bound" if solution.gap is None else f"gap {solution.gap:.2%}"
    return solution.labels, f"{solution.status}, {gap}{_limit(solution.stopped)}"


def assignment_highs(town: Town, max_span_m: float | None, limit_s: float, seed: int) -> Answer:
    """Hess' assignment model with hard bands and separators, by HiGHS through PuLP."""
    import pulp

    return _assignment(
        town, max_span_m, limit_s, lambda left_s: pulp.HiGHS(msg=False, timeLimit=left_s, threads=1)
    )


def assignment_cbc(town: Town, max_span_m: float | None, limit_s: float, seed: int) -> Answer:
    """Hess' assignment model with hard bands and separators, by CBC through PuLP."""
    import pulp

    def cbc(left_s: float) -> pulp.LpSolver:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # PuLP is about to move its CBC elsewhere
            return pulp.PULP_CBC_CMD(msg=False, timeLimit=left_s, threads=1)

    return _assignment(town, max_span_m, limit_s, cbc)


def _assignment(town: Town, max_span_m: float | None, limit_s: float, solver) -> Answer:
    """Solve, cut, again; at the limit the last answer counts, even if it is in pieces."""
    import pulp

    from solvers.assign_model import AssignmentModel

    end = time.monotonic() + limit_s
    problem = replace(town.problem(max_span_m), terms=Terms())
    model = AssignmentModel(problem, k=None, bands=Bands.HARD, contiguity=Contiguity.CUTS)
    labels = np.full(town.n, -1)
    if not model.may.any(axis=1).all():
        return labels, "proved: no plan in band"
    model.aim_at(model.cost)
    while (left_s := end - time.monotonic()) > 1:
        status = model.lp.solve(solver(left_s))
        model.rounds += 1
        if status == pulp.LpStatusInfeasible:
            return labels, "proved: no plan in band"
        if model.lp.sol_status not in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible):
            break
        labels = model.read(np.array([v.value() or 0.0 for v in model.x.values()]))
        if not model.cut_off(labels):
            struck = _limit(model.lp.sol_status != pulp.LpSolutionOptimal)
            return labels, f"rounds {model.rounds}, cuts {model.cuts}{struck}"
    return labels, f"rounds {model.rounds}, cuts {model.cuts}{_limit(True)}"


def cpsat(town: Town, max_span_m: float | None, limit_s: float, seed: int) -> Answer:
    """The assignment model in CP-SAT, two workers; contiguous by a tree of parents with depths.

    A block is in reach of its centre: the span, or 250 m where none is given.
    """
    from ortools.sat.python import cp_model

    n, (h_band, p_band) = town.n, BANDS
    graph = adjacency(n, town.edges)
    near = [graph.neighbour[graph.start[i] : graph.start[i + 1]].tolist() for i in range(n)]
    square_m2 = ((town.xy[:, None] - town.xy[None]) ** 2).sum(axis=2)
    reach_m = 250.0 if max_span_m is None else max_span_m
    model = cp_model.CpModel()
    x = {(i, j): model.new_bool_var("") for i, j in np.argwhere(square_m2 <= reach_m**2).tolist()}
    of_node: list[list[int]] = [[] for _ in range(n)]
    of_root: list[list[int]] = [[] for _ in range(n)]
    for i, j in x:
        of_node[i].append(j)
        of_root[j].append(i)
    depth = [model.new_int_var(0, DEEPEST, "") for _ in range(n)]
    for i in range(n):
        model.add_exactly_one(x[i, j] for j in of_node[i])
        parents = []
        for other in near[i]:
            is_parent = model.new_bool_var("")
            parents.append(is_parent)
            model.add(depth[i] == depth[other] + 1).only_enforce_if(is_parent)
            for j in of_node[i]:
                same = [x[other, j]] if (other, j) in x else []
                model.add_bool_or([is_parent.negated(), x[i, j].negated(), *same])
        model.add_exactly_one([*parents, x[i, i]])
        model.add(depth[i] == 0).only_enforce_if(x[i, i])
    for j in range(n):
        for weight, (low, high) in ((town.households, h_band), (town.population, p_band)):
            total = sum(int(weight[i]) * x[i, j] for i in of_root[j])
            model.add(total >= low * x[j, j])
            model.add(total <= high * x[j, j])
        for i in of_root[j]:
            model.add_implication(x[i, j], x[j, j])
    model.minimize(
        sum(int(town.households[i] * square_m2[i, j] / 1e3) * v for (i, j), v in x.items())
    )
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = limit_s
    solver.parameters.num_workers = 2
    solver.parameters.random_seed = seed
    status = solver.solve(model)
    labels = np.full(n, -1)
    if status == cp_model.INFEASIBLE:
        return labels, f"proved: no plan in band within {reach_m:.0f} m and {DEEPEST} steps"
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        for (i, j), variable in x.items():
            if solver.value(variable):
                labels[i] = j
    return labels, f"{solver.status_name(status).lower()}{_limit(status != cp_model.OPTIMAL)}"


def maxp(town: Town, max_span_m: float | None, limit_s: float, seed: int) -> Answer:
    """As many grids as reach the lower band of households (spopt MaxPHeuristic)."""
    from spopt.region import MaxPHeuristic

    frame, weights = _pysal(town)
    np.random.seed(seed)  # noqa: NPY002 - spopt draws from the global state
    model = MaxPHeuristic(frame, weights, ["x", "y"], "households", BANDS[0][0])
    model.solve()
    return np.array(model.labels_), ""


def azp(town: Town, max_span_m: float | None, limit_s: float, seed: int) -> Answer:
    """So many compact grids, no bands (spopt AZP)."""
    from spopt.region import AZP

    frame, weights = _pysal(town)
    k = groups_to_ask(town)
    model = AZP(frame, weights, ["x", "y"], n_clusters=k, random_state=seed)
    model.solve()
    return np.array(model.labels_), f"k = {k}"


def metis(town: Town, max_span_m: float | None, limit_s: float, seed: int) -> Answer:
    """So many grids of like households, few cut edges (METIS)."""
    import pymetis

    k, graph = groups_to_ask(town), adjacency(town.n, town.edges)
    _, labels = pymetis.part_graph(
        k,
        xadj=graph.start.tolist(),
        adjncy=graph.neighbour.tolist(),
        vweights=town.households.tolist(),
        options=pymetis.Options(contig=1, seed=seed),
        recursive=False,
    )
    return np.array(labels), f"k = {k}"


def tree(town: Town, max_span_m: float | None, limit_s: float, seed: int) -> Answer:
    """So many grids cut off random spanning trees (GerryChain recursive_tree_part)."""
    labels = _tree(town, _gerry_graph(town), seed)
    return labels, f"k = {groups_to_ask(town)}"


def recom(town: Town, max_span_m: float | None, limit_s: float, seed: int) -> Answer:
    """From there, two grids at a time merged and split anew, kept if no dearer (ReCom)."""
    from gerrychain import Partition, proposals, updaters

    begun = time.monotonic()
    graph, k = _gerry_graph(town), groups_to_ask(town)
    labels = _tree(town, graph, seed)
    best, steps, refused = score(town, labels).cost, 0, 0
    plan = Partition(
        graph, dict(enumerate(labels.tolist())), {"households": updaters.Tally("households")}
    )
    draw = random.Random(seed)
    while time.monotonic() - begun < limit_s:
        steps += 1
        try:
            other = proposals.recom(plan, "households", town.households.sum() / k, 0.25, rng=draw)
        except RuntimeError:  # a pair that no tree splits; GerryChain gives up on it
            refused += 1
            continue
        drawn = np.array([other.assignment[i] for i in range(town.n)])
        if (cost := score(town, drawn).cost) <= best:
            plan, labels, best = other, drawn, cost
    return labels, f"k = {k}, {steps} steps, {refused} refused"


def _pysal(town: Town):
    import geopandas as gpd
    from libpysal.weights import W

    graph = adjacency(town.n, town.edges)
    near = {i: graph.neighbour[graph.start[i] : graph.start[i + 1]].tolist() for i in range(town.n)}
    frame = gpd.GeoDataFrame(
        {"x": town.xy[:, 0], "y": town.xy[:, 1], "households": town.households},
        geometry=gpd.points_from_xy(*town.xy.T),
    )
    return frame, W(near, silence_warnings=True)


def _gerry_graph(town: Town):
    import networkx
    from gerrychain import Graph

    warnings.simplefilter("ignore")  # GerryChain turns its own on when imported
    graph = networkx.Graph()
    for i, households in enumerate(town.households.tolist()):
        graph.add_node(i, households=households)
    graph.add_edges_from(town.edges.tolist())
    return Graph.from_networkx(graph)


def _tree(town: Town, graph, seed: int) -> np.ndarray:
    from gerrychain.partition import recursive_tree_part

    k = groups_to_ask(town)
    plan = recursive_tree_part(
        graph, range(k), town.households.sum() / k, "households", 0.25, rng=random.Random(seed)
    )
    plan = getattr(plan, "assignment", plan)
    return np.array([plan[i] for i in range(town.n)])


def _limit(struck: bool) -> str:
    return ", limit struck" if struck else ""


METHODS: dict[str, Method] = {
    "ours": ours,
    "assign-highs": assignment_highs,
    "assign-cbc": assignment_cbc,
    "cpsat": cpsat,
    "maxp": maxp,
    "azp": azp,
    "tree": tree,
    "recom": recom,
    "metis": metis,
}
