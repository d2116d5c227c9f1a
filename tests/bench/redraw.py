"""python -m tests.bench.redraw FILE.csv: towns a year later, redrawn beside drawn afresh."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from solvers import Budget, Problem, Solution, Terms, solve, verify

from .apart import run_apart
from .instances import Town, read_towns
from .machine import describe, in_words
from .towns import GRACE_S, chosen, made_up

NOISE, GROWN, GROWTH = (
    0.03,
    0.02,
    0.25,
)  # of every block's figures; share of blocks, and by how much
HEAD = (
    f"{'town':<6}{'run':<8}{'blocks':>7}{'grids':>7}{'in band':>8}{'violation':>11}{'bound':>9}"
    f"{'moved':>8}{'bound':>8}{'share':>8}{'objective':>11}{'s':>7}{'cpu s':>7}"
)


@dataclass(frozen=True)
class Run:
    """What one way of dividing the changed town gave; ``share``: of all households moved."""

    town: str
    kind: str
    blocks: int
    grids: int
    in_band: int
    violation: float
    violation_bound: float
    moved: int
    moved_bound: int | None
    share: float
    objective: float
    bound: float | None
    status: str
    all_s: float
    cpu_s: float
    stopped: bool
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Options:
    """How towns are changed and solved; ``max_moved``: a cap, as a share of all households."""

    max_span_m: float
    time_limit_s: float
    seed: int
    max_moved: float | None


def year_later(problem: Problem, seed: int) -> Problem:
    """Return the problem with other figures: noise on all blocks, and a few that have grown.

    As in the prototype: households by 3 % and, in 2 % of the blocks, a quarter more; people by
    their own 3 %, never fewer than households.
    """
    rng = np.random.RandomState(seed)
    n = problem.n
    households, people = problem.weights.T.astype(float)
    more = (rng.rand(n) < GROWN) * GROWTH
    now = np.maximum(1, np.round(households * (1 + rng.normal(0, NOISE, n) + more)))
    lives = np.maximum(now, np.round(people * (1 + rng.normal(0, NOISE, n) + more)))
    return replace(problem, weights=np.column_stack([now, lives]).astype(np.int64))


def bench(town: Town, options: Options) -> list[Run]:
    """Divide a town, change its figures, then redraw it and draw it afresh; code is warm."""
    solve(made_up().problem(options.max_span_m), _budget(60))
    old = replace(town.problem(options.max_span_m), terms=Terms())
    plan = solve(old, _budget(options.time_limit_s), options.seed).labels
    now = year_later(old, options.seed)
    kept = replace(now, old=plan)
    out = [_judged(town, "as was", kept, plan)]
    tasks = [("redraw", kept), ("fresh", now)]
    if options.max_moved is not None:
        cap = int(options.max_moved * int(now.weights[:, 0].sum()))
        tasks.append(("capped", replace(kept, most_moved=cap)))
    for kind, problem in tasks:
        begun, cpu = time.monotonic(), time.process_time()
        solution = solve(problem, _budget(options.time_limit_s), options.seed)
        took = time.monotonic() - begun, time.process_time() - cpu
        out.append(_judged(town, kind, kept, solution.labels, solution, took))
    return out


def _budget(seconds: float) -> Budget:
    return Budget(seconds, clock=time.monotonic)


def _judged(
    town: Town,
    kind: str,
    problem: Problem,
    labels: np.ndarray,
    solution: Solution | None = None,
    took: tuple[float, float] = (0.0, 0.0),
) -> Run:
    """Return a run as the verifier has it, never in the solver's words but for its bounds."""
    verdict = verify(problem, labels)
    faults = list(verdict.faults)
    if solution is not None:
        said = [("violation", solution.violation, float(verdict.violation), 1e-4)]
        said.append(("objective", solution.objective, verdict.cost, 1e-6 * max(1, verdict.cost)))
        if kind != "fresh":
            said.append(("households moved", solution.moved, verdict.moved, 0))
        for what, ours, theirs, slack in said:
            if abs(ours - theirs) > slack:
                faults.append(f"the verifier makes the {what} {theirs}, the solver {ours}")
    redraws = solution is not None and kind != "fresh"
    return Run(
        town=town.name,
        kind=kind,
        blocks=town.n,
        grids=len(verdict.costs),
        in_band=verdict.in_band,
        violation=float(verdict.violation),
        violation_bound=0.0 if solution is None else solution.violation_bound,
        moved=verdict.moved,
        moved_bound=solution.moved_bound if redraws and solution is not None else None,
        share=verdict.moved / int(problem.weights[:, 0].sum()),
        objective=verdict.cost,
        bound=None if solution is None else solution.bound,
        status="" if solution is None else str(solution.status),
        all_s=round(took[0], 2),
        cpu_s=round(took[1], 2),
        stopped=solution is not None and solution.stopped,
        faults=tuple(faults),
    )


def main(words: list[str]) -> int:
    """Bench the towns asked for; 1 where a plan does not stand, or a run gave none."""
    asked = _parser().parse_args(words)
    options = Options(asked.max_span, asked.time_limit, asked.seed, asked.max_moved)
    machine = describe()
    print(in_words(machine))
    print(f"seed {options.seed}, span {options.max_span_m:g} m, violations first, then moves, then")
    print("inertia in 10^6 household m2; the changed town redrawn, and drawn afresh beside it")
    print(HEAD)
    rows, failed = [], False
    for town in chosen(read_towns(asked.csv), asked.towns):
        limit_s = 4 * options.time_limit_s + GRACE_S
        outcome = run_apart(bench, town, options, limit_s=limit_s)
        if outcome.error:
            failed = True
            print(f"{town.name:<6}{outcome.error}", flush=True)
            continue
        for run in outcome.value:
            failed |= bool(run.faults) and run.kind != "as was"
            _tell(run)
            rows.append(asdict(run))
    if asked.json:
        text = {"machine": machine, "options": asdict(options), "runs": rows}
        asked.json.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")
    return int(failed)


def _tell(run: Run) -> None:
    bound = "-" if run.moved_bound is None else f"{run.moved_bound:,}"
    print(
        f"{run.town:<6}{run.kind:<8}{run.blocks:>7}{run.grids:>7}{run.in_band:>8}"
        f"{run.violation:>11.4f}{run.violation_bound:>9.4f}{run.moved:>8,}{bound:>8}"
        f"{run.share:>8.2%}{run.objective:>11.3f}{run.all_s:>7.1f}{run.cpu_s:>7.1f}",
        flush=True,
    )
    for fault in run.faults:
        print(f"      FAULT: {fault}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.redraw", description=__doc__)
    parser.add_argument("csv", type=Path, metavar="FILE.csv")
    parser.add_argument("--towns", default="all", help="names with commas between, or all")
    parser.add_argument("--max-span", type=float, default=250.0, metavar="M")
    parser.add_argument("--time-limit", type=float, default=60.0, metavar="S", help="for each run")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument(
        "--max-moved", type=float, metavar="SHARE", help="also with a cap: 0.005 of all households"
    )
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
