"""python -m tests.bench.towns FILE.csv: our solver on real towns, verified, timed, weighed."""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from solvers import Budget, Problem, Progress, solve, verify

from .apart import Outcome, run_apart
from .instances import Town, read_towns, town_of
from .machine import describe, in_words
from .score import Score, score

GRACE_S = 600.0  # on top of the time limit: to compile, and for searches that look up rarely
HEAD = (
    f"{'town':<6}{'run':<6}{'blocks':>7}{'columns':>9}{'grids':>7}{'in band':>8}{'objective':>12}"
    f"{'bound':>12}{'gap':>8}{'best s':>8}{'proof s':>8}{'all s':>8}{'peak MB':>9}"
)


@dataclass(frozen=True)
class Run:
    """What one solve gave; ``best_s``: when the incumbent was last improved; ``proof_s``: when
    nothing was left to prove, None if that was not reached. ``faults``: whatever does not stand."""

    town: str
    kind: str
    blocks: int
    columns: int
    score: Score
    status: str
    objective: float
    bound: float | None
    gap: float | None
    best_s: float
    proof_s: float | None
    all_s: float
    stopped: bool
    covers: str
    max_span_m: float | None
    faults: tuple[str, ...]
    trace: list[tuple[float, str, float | None, float | None]]
    labels: list[int] = field(repr=False)


@dataclass(frozen=True)
class Options:
    """How each town is solved; no span: left to the solver."""

    max_span_m: float | None
    time_limit_s: float
    seed: int


def bench(town: Town, options: Options, kind: str) -> Run:
    """Solve a town in this process; warm: after a small made-up one has loaded all code."""
    if kind == "warm":
        solve(made_up().problem(options.max_span_m), Budget(60, clock=time.monotonic))
    problem = town.problem(options.max_span_m)
    begun = time.monotonic()
    trace: list[tuple[float, str, float | None, float | None]] = []

    def note(progress: Progress) -> None:
        trace.append((time.monotonic() - begun, progress.step, progress.best, progress.bound))

    budget = Budget(options.time_limit_s, clock=time.monotonic, report=note)
    solution = solve(problem, budget, options.seed)
    all_s = time.monotonic() - begun
    proved = solution.status == "optimal"
    return Run(
        town=town.name,
        kind=kind,
        blocks=town.n,
        columns=getattr(solution, "columns", 0),
        score=score(town, solution.labels),
        status=str(solution.status),
        objective=solution.objective,
        bound=solution.bound,
        gap=solution.gap,
        best_s=_last_improved(trace, solution.objective, all_s),
        proof_s=all_s if proved else None,
        all_s=all_s,
        stopped=solution.stopped,
        covers=solution.covers,
        max_span_m=solution.max_span_m if np.isfinite(solution.max_span_m) else None,
        faults=_faults(problem, town, solution.labels, solution.objective),
        trace=trace,
        labels=solution.labels.tolist(),
    )


def _last_improved(trace: list, objective: float, all_s: float) -> float:
    """Return when the objective was first reported; where it never was, the end."""
    reached = [s for s, _, best, _ in trace if best is not None and best <= objective * (1 + 1e-9)]
    return min(reached, default=all_s)


def _faults(problem: Problem, town: Town, labels: np.ndarray, objective: float) -> tuple[str, ...]:
    """Return what the verifier finds, and where verifier, score and solver disagree on the cost."""
    verdict = verify(problem, labels)
    faults = list(verdict.faults)
    for name, cost in (("verifier", verdict.cost), ("score", score(town, labels).cost)):
        if abs(cost - objective) > 1e-6 * max(1.0, abs(cost)):
            faults.append(f"the {name} makes the cost {cost:.6f}, the solver {objective:.6f}")
    return tuple(faults)


def made_up(side: int = 8) -> Town:
    """Return a small town of blocks of about a hundred households, for code to be loaded on."""
    rng = np.random.default_rng(0)
    row, column = np.divmod(np.arange(side * side), side)
    xy = np.column_stack([column, row]) * 60.0 + rng.uniform(-20, 20, (side * side, 2))
    households = rng.integers(40, 160, side * side)
    people = (households * rng.uniform(2.5, 3.5, side * side)).astype(np.int64)
    return town_of("made up", [str(i) for i in range(side * side)], households, people, xy)


def main(words: list[str]) -> int:
    """Bench the towns asked for; 1 where a plan does not stand, or a run gave none."""
    asked = _parser().parse_args(words)
    towns = chosen(read_towns(asked.csv), asked.towns)
    options = Options(asked.max_span, asked.time_limit, asked.seed)
    machine = describe()
    print(in_words(machine))
    print(f"seed {options.seed}, span {options.max_span_m or 'left open'}, cost in 10^6 household")
    print("m2 with penalty; warm: code loaded; cold: code compiled as after installing")
    print(HEAD)
    runs, failed = [], False
    kinds = [(town, "warm") for town in towns]
    if not asked.warm_only:
        kinds.insert(0, (towns[0], "cold"))
    for town, kind in kinds:
        outcome = _run_apart(town, options, kind)
        failed |= bool(outcome.error) or bool(outcome.value.faults)
        _tell(town, kind, outcome)
        if not outcome.error:
            runs.append((town, outcome))
    if asked.json:
        rows = [{**asdict(o.value), "peak_mb": round(o.peak_mb)} for _, o in runs]
        text = {"machine": machine, "options": asdict(options), "runs": rows}
        asked.json.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")
    if asked.labels:
        write_labels(asked.labels, [(t, o.value.labels) for t, o in runs if o.value.kind == "warm"])
    return int(failed)


def _run_apart(town: Town, options: Options, kind: str) -> Outcome:
    limit_s = options.time_limit_s + GRACE_S
    if kind == "warm":
        return run_apart(bench, town, options, kind, limit_s=limit_s)
    before = os.environ.get("NUMBA_CACHE_DIR")
    with tempfile.TemporaryDirectory() as empty:
        os.environ["NUMBA_CACHE_DIR"] = empty
        try:
            return run_apart(bench, town, options, kind, limit_s=limit_s)
        finally:
            del os.environ["NUMBA_CACHE_DIR"]
            if before is not None:
                os.environ["NUMBA_CACHE_DIR"] = before


def _tell(town: Town, kind: str, outcome: Outcome) -> None:
    if outcome.error:
        print(f"{town.name:<6}{kind:<6}{town.n:>7}  {outcome.error}", flush=True)
        return
    run: Run = outcome.value
    print(
        f"{run.town:<6}{run.kind:<6}{run.blocks:>7}{run.columns:>9}{run.score.grids:>7}"
        f"{run.score.in_band:>8}{run.objective:>12.3f}{_or_dash(run.bound, '.3f'):>12}"
        f"{_or_dash(run.gap, '.2%'):>8}{run.best_s:>8.1f}{_or_dash(run.proof_s, '.1f'):>8}"
        f"{run.all_s:>8.1f}{outcome.peak_mb:>9.0f}",
        flush=True,
    )
    span = "" if run.max_span_m is None else f"over grids up to {run.max_span_m:.0f} m wide"
    for words in (run.covers, span, *(f"FAULT: {fault}" for fault in run.faults)):
        if words:
            print(f"      {words}")


def _or_dash(number: float | None, form: str) -> str:
    return "-" if number is None else format(number, form)


def chosen(towns: dict[str, Town], names: str) -> list[Town]:
    """Return the towns named, comma between them, or all."""
    if names == "all":
        return list(towns.values())
    unknown = [name for name in names.split(",") if name not in towns]
    if unknown:
        raise SystemExit(f"no town {', '.join(unknown)}; there are {', '.join(towns)}")
    return [towns[name] for name in names.split(",")]


def write_labels(path: Path, plans: list[tuple[Town, list[int]]]) -> None:
    """Write building_id,grid with grids like TG-17, numbered from 1 by their first block."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["building_id", "grid"])
        for town, labels in plans:
            for building, label in zip(town.ids, labels, strict=True):
                writer.writerow([building, f"{town.name}-{label + 1}"])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.towns", description=__doc__)
    parser.add_argument("csv", type=Path, metavar="FILE.csv")
    parser.add_argument("--towns", default="all", help="names with commas between, or all")
    parser.add_argument(
        "--max-span", type=float, metavar="M", help="without it: left to the solver"
    )
    parser.add_argument("--time-limit", type=float, default=60.0, metavar="S", help="for each town")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--labels", type=Path, metavar="FILE", help="building_id,grid")
    parser.add_argument(
        "--warm-only", action="store_true", help="do not also run the first town cold"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
