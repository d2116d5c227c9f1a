"""python -m tests.bench.peers FILE.csv: what others offer beside ours, judged by the same score."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from solvers import Budget, solve, verify
from solvers.graphs import number_by_first

from .apart import run_apart
from .instances import Town, read_towns
from .machine import OURS, describe, in_words
from .methods import METHODS
from .score import Score, score
from .towns import chosen, made_up

GRACE_S = 30.0  # beyond twice the limit a method is taken to hang
PEERS = ("spopt", "libpysal", "gerrychain", "networkx", "pymetis", "ortools")
HEAD = f"{'town':<6}{'method':<14}{'seconds':>8}{'grids':>7}{'good':>6}{'cost':>12}{'MB':>7}  note"


@dataclass(frozen=True)
class Row:
    """One method on one town; ``score`` None where it gave no plan. ``faults``: the verifier's."""

    town: str
    method: str
    seconds: float
    peak_mb: float
    score: Score | None
    faults: tuple[str, ...]
    note: str


def call(
    method: str, town: Town, max_span_m: float | None, limit_s: float, seed: int
) -> tuple[float, np.ndarray, str]:
    """Return seconds, labels and note; runs in a process of its own, code loaded first."""
    if method == "ours":
        solve(made_up().problem(max_span_m), Budget(60, clock=time.monotonic))
    begun = time.monotonic()
    labels, note = METHODS[method](town, max_span_m, limit_s, seed)
    return time.monotonic() - begun, np.asarray(labels, np.int64), note


def row_of(method: str, town: Town, max_span_m: float | None, limit_s: float, seed: int) -> Row:
    """Run one method apart and judge what it gave.

    A block that was left out stands alone: a plan has to say who cares for it.
    """
    outcome = run_apart(
        call, method, town, max_span_m, limit_s, seed, limit_s=2 * limit_s + GRACE_S
    )
    empty = Row(town.name, method, outcome.seconds, outcome.peak_mb, None, (), outcome.error)
    if outcome.error:
        return empty
    seconds, labels, note = outcome.value
    left_out = labels < 0
    if left_out.all():
        return Row(town.name, method, seconds, outcome.peak_mb, None, (), note)
    labels = np.where(left_out, labels.max() + 1 + np.arange(town.n), labels)
    if left_out.any():
        note = f"{note}, {int(left_out.sum())} blocks left out".lstrip(", ")
    faults = verify(town.problem(max_span_m), number_by_first(labels)).faults
    return Row(town.name, method, seconds, outcome.peak_mb, score(town, labels), faults, note)


def main(words: list[str]) -> int:
    """Run every method on every town; 1 where a plan of ours has faults or is missing."""
    asked = _parser().parse_args(words)
    methods = asked.methods.split(",")
    if unknown := [name for name in methods if name not in METHODS]:
        raise SystemExit(f"no method {', '.join(unknown)}; there are {', '.join(METHODS)}")
    machine = describe((*OURS, *PEERS))
    print(in_words(machine))
    print(f"seed {asked.seed}, limit {asked.time_limit:.0f} s each; good: in both bands and in one")
    print("piece; cost in 10^6 household m2 with penalty, for all methods alike")
    print(HEAD)
    rows = []
    for town in chosen(read_towns(asked.csv), asked.towns):
        for method in methods:
            row = row_of(method, town, asked.max_span, asked.time_limit, asked.seed)
            rows.append(row)
            _tell(row)
    if asked.json:
        text = {
            "machine": machine,
            "options": {
                "time_limit_s": asked.time_limit, "max_span_m": asked.max_span, "seed": asked.seed
            },
            "rows": [asdict(row) for row in rows],
        }  # fmt: skip
        asked.json.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")
    return int(any(row.method == "ours" and (row.faults or row.score is None) for row in rows))


def _tell(row: Row) -> None:
    figures = f"{'-':>7}{'-':>6}{'-':>12}"
    if row.score is not None:
        figures = f"{row.score.grids:>7}{row.score.good:>6}{row.score.cost:>12.2f}"
    notes = [row.note, f"{len(row.faults)} faults ({row.faults[0]})" if row.faults else ""]
    print(
        f"{row.town:<6}{row.method:<14}{row.seconds:>8.1f}{figures}{row.peak_mb:>7.0f}"
        f"  {'; '.join(filter(None, notes))}",
        flush=True,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.peers", description=__doc__)
    parser.add_argument("csv", type=Path, metavar="FILE.csv")
    parser.add_argument("--towns", default="TG,CL", help="names with commas between, or all")
    parser.add_argument("--methods", default=",".join(METHODS), help="names with commas between")
    parser.add_argument("--max-span", type=float, metavar="M", help="for those that know of one")
    parser.add_argument("--time-limit", type=float, default=60.0, metavar="S", help="for each")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
