"""A foreman outlives its database, takes over from the one before, and its jobs stand back."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from datetime import timedelta

from served import children_of, environment, is_there, until
from small_stores import ANN
from test_jobs import asked, begun, blocks, checked, place  # noqa: F401  # a fixture

from gridgeo.jobs.child import stand_back
from gridgeo.jobs.foreman import SILENCE_S, Foreman
from gridgeo.jobs.task import Task
from gridgeo.store import Actor, Busy, JobState, NewJob, Store
from gridgeo.store.tables import now


def running_job(store: Store, community: str, owner: str) -> str:
    with store.write(ANN) as unit:
        job_id = unit.jobs.add(NewJob("check", community_id=community)).id
        assert unit.jobs.claim(owner).id == job_id
    return job_id


def state_of(store: Store, job_id: str) -> str:
    with store.read() as unit:
        return unit.jobs.get(job_id).state


def test_only_jobs_of_the_one_before_are_taken_over(place, tmp_path):  # noqa: F811
    store, community, _ = place
    mine = running_job(store, community, "host-1-aaaa")
    others = [running_job(store, community, name) for name in ("host-11-bbbb", "host-2-cccc")]
    Foreman(tmp_path / "data", name="host-1").take_over(store)
    assert state_of(store, mine) == JobState.QUEUED
    assert [state_of(store, one) for one in others] == [JobState.RUNNING] * 2


def test_a_job_taken_over_too_often_is_marked(place, tmp_path):  # noqa: F811
    store, community, _ = place
    job_id = running_job(store, community, "host-1-aaaa")
    following = Foreman(tmp_path / "data", name="host-1")
    following.take_over(store)
    with store.write(ANN) as unit:
        unit.jobs.claim("host-1-bbbb")
    following.take_over(store)
    assert state_of(store, job_id) == JobState.INTERRUPTED


def test_a_process_of_a_job_ends_with_its_foreman(place, tmp_path):  # noqa: F811
    """The foreman is a process here, so that it can be killed."""
    store, _, _ = place
    buildings = checked(place, blocks(tmp_path / "b.gpkg", wide=30, high=20, households=37))
    job_id = asked(place, "partition", {"building_set_id": buildings, "time_limit_s": 600})
    code = (
        "from gridgeo.jobs.foreman import Foreman; import sys; "
        "Foreman(sys.argv[1], nice=3).work(lambda: False)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "data")], env=environment()
    ) as foreman:
        try:
            until(lambda: state_of(store, job_id) == JobState.RUNNING, "the job runs")
            (process,) = until(lambda: children_of(foreman.pid), "it has a process")
            until(lambda: os.getpriority(os.PRIO_PROCESS, process) == 3, "it stands back")
        finally:
            foreman.send_signal(signal.SIGKILL)
        until(lambda: not is_there(process), "the process of the job ends")


def test_a_database_that_is_away_is_told_once_and_waited_for(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("gridgeo.jobs.foreman._AWAY_S", 0.01)
    foreman = Foreman(tmp_path / "data")
    looks = []

    def look(_store: Store) -> None:
        looks.append(1)
        if len(looks) < 4:
            raise Busy("the database is away")

    monkeypatch.setattr(foreman, "look", look)
    with caplog.at_level(logging.WARNING):
        foreman.work(lambda: len(looks) >= 5)
    assert [one.message for one in caplog.records] == [
        "jobs cannot be minded; trying again (the database is away)"
    ]


def test_a_store_that_cannot_be_opened_yet_is_opened_later(tmp_path, monkeypatch):
    monkeypatch.setattr("gridgeo.jobs.foreman._AWAY_S", 0.01)
    real, tries = Store.open, []

    def later(where):
        tries.append(where)
        if len(tries) < 3:
            raise Busy("the database is away")
        return real(where)

    monkeypatch.setattr(Store, "open", later)
    foreman = Foreman(tmp_path / "data")
    looks = []
    monkeypatch.setattr(foreman, "look", looks.append)
    foreman.work(lambda: bool(looks))
    assert len(tries) == 3


def test_a_job_is_alive_though_the_database_is_away_for_a_moment(place, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.setattr("gridgeo.jobs.task.BEAT_S", 0.01)
    store, community, _ = place
    job_id = running_job(store, community, "w-1")
    task = Task(store, job_id, "w-1", Actor("job"), community, tmp_path)
    real, failures = store.write, []

    def write(actor):
        if len(failures) < 5:
            failures.append(1)
            raise Busy("the database is away")
        return real(actor)

    monkeypatch.setattr(store, "write", write)
    thread = task.beating()
    task.step("Reading")

    def told() -> bool:
        with store.read() as unit:
            return unit.jobs.get(job_id).progress == {"step": "Reading"}

    until(told, "it is heard of again")
    task.rest(thread)
    assert not task.cancelled


def test_standing_back_is_no_need_where_it_is_not_allowed(monkeypatch):
    def refuse(*_args: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "nice", refuse)
    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    monkeypatch.setattr("gridgeo.jobs.child._FIRST_TO_GO", "no number")
    stand_back(5)


def test_a_job_that_nobody_hears_of_any_more_is_begun_again_by_another_service(
    place,  # noqa: F811
    tmp_path,
):
    """All processes of a service were killed at once; the next one has another name."""
    store, community, _ = place
    silent, alive = (running_job(store, community, f"host-{k}-aaaa") for k in (1, 2))
    following = Foreman(tmp_path / "data", places=0)

    def unheard_of() -> None:
        with store.write(ANN) as unit:
            unit.jobs.get(silent).heartbeat_at = now() - timedelta(seconds=2 * SILENCE_S)
        following.look(store)

    unheard_of()
    assert state_of(store, silent) == JobState.QUEUED
    assert state_of(store, alive) == JobState.RUNNING
    with store.write(ANN) as unit:
        assert unit.jobs.claim("host-3-aaaa").id == silent
    unheard_of()
    with store.read() as unit:
        job = unit.jobs.get(silent)
    assert (job.state, job.error["code"]) == (JobState.INTERRUPTED, "died")
