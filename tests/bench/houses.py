"""python -m tests.bench.houses 100000: divide a synthetic town of houses, verify it, measure."""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from solvers import Budget, Problem, Progress, solve, verify

from .town_of_houses import BANDS, TERMS, town_of_houses


def measure(n: int, seed: int, *, time_limit_s: float, runs: int) -> tuple[dict, np.ndarray]:
    """Return what a run gave and took, and the labels; the last of ``runs`` is the warm one."""
    began = time.monotonic()
    problem = town_of_houses(n, seed)
    figures: dict = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {sys.version.split()[0]}",
        "load_before": round(os.getloadavg()[0], 1),
        "houses": n,
        "seed": seed,
        "graph_s": round(time.monotonic() - began, 1),
        "graph_peak_mb": _peak_mb(),
    }
    seconds, plans = [], []
    for _ in range(runs):
        began = time.monotonic()
        log = _Log(began)
        budget = Budget(time_limit_s, clock=time.monotonic, report=log)
        solution = solve(problem, budget, seed)
        seconds.append(round(time.monotonic() - began, 1))
        plans.append(log.plan_s)
    # the plan stands before the work on its bound begins
    figures |= {"plan_cold_s": plans[0], "all_cold_s": seconds[0]}
    figures |= {"plan_warm_s": plans[-1], "all_warm_s": seconds[-1]} if runs > 1 else {}
    figures["peak_mb"] = _peak_mb()
    began = time.monotonic()
    verdict = verify(problem, solution.labels)
    in_band, objective = _judged(problem, solution.labels)
    return figures | {
        "load_after": round(os.getloadavg()[0], 1),
        "grids": len(verdict.costs),
        "in_band": in_band,
        "objective": round(objective, 3),
        "objective_told": round(solution.objective, 3),
        "objective_verified": round(verdict.cost, 3),
        "faults": list(verdict.faults),
        "bound": solution.bound,
        "gap": solution.gap,
        "stopped": solution.stopped,
        "verify_s": round(time.monotonic() - began, 1),
    }, solution.labels


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


@dataclass
class _Log:
    """Tells every new step, and remembers when the last plan stood."""

    began: float
    step: str = ""
    plan_s: float | None = None

    def __call__(self, progress: Progress) -> None:
        after_s = time.monotonic() - self.began
        if progress.step != self.step:
            cost = "" if progress.best is None else f" {progress.best:.1f}"
            sys.stderr.write(f"  {after_s:6.1f} s  {progress.step}{cost}\n")
        if progress.step == "plan":
            self.plan_s = round(after_s, 1)
        self.step = progress.step


def _judged(problem: Problem, labels: np.ndarray) -> tuple[int, float]:
    """Return the groups in band and the cost, from the raw arrays and by no line of ``solvers``."""
    households, people = problem.weights.T.astype(float)
    h, p = np.bincount(labels, households), np.bincount(labels, people)
    x, y = (np.bincount(labels, households * c) / h for c in problem.xy.T)
    away2 = (problem.xy[:, 0] - x[labels]) ** 2 + (problem.xy[:, 1] - y[labels]) ** 2
    cost = float((households * away2).sum()) / 1e6
    cost += float((2 * ((h - 400) / 100) ** 2 + 2 * ((p - 1250) / 250) ** 2).sum())
    (low_h, high_h), (low_p, high_p) = BANDS
    beyond_h = np.maximum(low_h - h, 0) + np.maximum(h - high_h, 0)
    beyond_p = np.maximum(low_p - p, 0) + np.maximum(p - high_p, 0)
    out = (beyond_h > 0) | (beyond_p > 0)
    assert TERMS.penalty is not None
    fixed, a_household, a_person = TERMS.penalty
    cost += float(fixed * out.sum() + a_household * beyond_h.sum() + a_person * beyond_p.sum())
    return int((~out).sum()), cost


def main() -> None:
    """Measure, print, and write what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("houses", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--time-limit", type=float, default=600.0)
    parser.add_argument("--runs", type=int, default=2, help="1 compiles and measures at once")
    parser.add_argument("--json", type=Path, help="write the figures there")
    parser.add_argument("--labels", type=Path, help="write building_id,grid there")
    asked = parser.parse_args()
    figures, labels = measure(
        asked.houses, asked.seed, time_limit_s=asked.time_limit, runs=asked.runs
    )
    told = json.dumps(figures, indent=1) + "\n"
    sys.stdout.write(told)
    if asked.json:
        asked.json.write_text(told, encoding="utf-8")
    if asked.labels:
        rows = np.column_stack([np.arange(len(labels)), labels])
        np.savetxt(asked.labels, rows, "%d", ",", header="building_id,grid", comments="")


if __name__ == "__main__":
    main()
