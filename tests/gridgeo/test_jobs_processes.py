"""A solver that a job runs as a program of its own is minded with the job, and ends with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from served import children_of, environment, is_there, until

from gridgeo.jobs.foreman import Running
from gridgeo.jobs.processes import family, memory_mb

# as solvers.backends begins CBC
SOLVES = """
import subprocess, sys, time
solver = "held = bytearray(150 << 20); import time; time.sleep(600)"
subprocess.Popen([sys.executable, "-c", solver], start_new_session=True)
{more}
time.sleep(600)
"""


@pytest.fixture
def job(tmp_path):
    """A job and the solver that it began."""
    (tmp_path / "job").mkdir()
    running, solver = begun(tmp_path / "job")
    yield running, solver
    for one in (running.process.pid, solver):
        if is_there(one):
            os.kill(one, signal.SIGKILL)
    running.process.wait()


def begun(folder: Path, more: str = "") -> tuple[Running, int]:
    process = subprocess.Popen(
        [sys.executable, "-c", SOLVES.format(more=more)],
        env={**environment(), "TMPDIR": str(folder)},
    )
    (solver,) = until(lambda: children_of(process.pid), "it has begun its solver")
    return Running("j", "w-1", process, time.monotonic(), folder), solver


def test_the_memory_of_a_solver_is_that_of_its_job(job):
    running, solver = job
    until(lambda: memory_mb(running.process.pid) > 150, "its memory counts")
    assert family(running.process.pid) == [running.process.pid, solver]


def test_a_job_that_is_ended_takes_its_solver_along(job):
    running, solver = job
    running.end()
    until(lambda: not is_there(solver), "the solver has ended")
    assert not running.folder.exists()


def test_a_solver_ends_though_its_job_was_killed_before(job, tmp_path):
    running, solver = job
    (tmp_path / "another").mkdir()
    other, another = begun(tmp_path / "another")
    try:
        os.kill(running.process.pid, signal.SIGKILL)
        running.process.wait()
        assert is_there(solver)
        running.end()
        until(lambda: not is_there(solver), "the solver has ended")
        assert is_there(another)
    finally:
        other.end()


def test_a_job_whose_foreman_is_gone_takes_its_solver_along(tmp_path):
    more = "from gridgeo.jobs.child import _leave; sys.stdin.read(); _leave()"
    process = subprocess.Popen(
        [sys.executable, "-c", SOLVES.format(more=more)], env=environment(), stdin=subprocess.PIPE
    )
    (solver,) = until(lambda: children_of(process.pid), "it has begun its solver")
    process.communicate()
    assert process.returncode == 1
    until(lambda: not is_there(solver), "the solver has ended")
