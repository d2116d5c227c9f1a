"""How a job ends: what came of it is kept with its end, once, and by whose job it still is."""

from __future__ import annotations

import errno
import subprocess
import time
from datetime import timedelta

import pytest
from small_stores import ANN
from test_jobs import asked, blocks, checked, ended, place  # noqa: F401  # a fixture

from gridgeo.jobs import work
from gridgeo.jobs.child import run
from gridgeo.jobs.foreman import Bounds, Foreman, Running
from gridgeo.jobs.task import Task
from gridgeo.store import Full, Store
from gridgeo.store.resources import Plans
from gridgeo.store.tables import now


@pytest.fixture
def claimed(place, tmp_path):  # noqa: F811
    """A store with a partition that "w-1" has taken up."""
    buildings = checked(place, blocks(tmp_path / "b.gpkg"))
    job_id = asked(place, "partition", {"building_set_id": buildings})
    with place[0].write(ANN) as unit:
        assert unit.jobs.claim("w-1").id == job_id
    return place[0], job_id


def told(store: Store, job_id: str):
    with store.read() as unit:
        return unit.jobs.get(job_id), unit.plans.count()


def test_a_process_whose_job_was_given_to_another_keeps_nothing(claimed):
    store, job_id = claimed
    with store.write(ANN) as unit:
        unit.jobs.queue_again(job_id, "w-1")
        unit.jobs.claim("w-2")
    run(store, job_id, "w-1")
    job, plans = told(store, job_id)
    assert (job.state, job.owner, plans) == ("running", "w-2", 0)
    run(store, job_id, "w-2")
    job, plans = told(store, job_id)
    assert (job.state, plans) == ("done", 1)
    assert job.result["number"] == 1


def test_a_plan_is_not_kept_without_the_end_of_its_job(claimed, monkeypatch):
    """What a process that dies between the two would leave: a plan, and the job begun again."""
    store, job_id = claimed
    monkeypatch.setattr("gridgeo.store.resources.jobs.Jobs.end", _die)
    with pytest.raises(SystemExit):
        run(store, job_id, "w-1")
    job, plans = told(store, job_id)
    assert (job.state, plans) == ("running", 0)


def _die(*_args: object, **_more: object) -> None:
    raise SystemExit


def test_a_disk_that_is_full_for_a_moment_costs_no_work(claimed, monkeypatch):
    monkeypatch.setattr("gridgeo.jobs.task._AGAIN_S", 0.01)
    store, job_id = claimed
    real_add, tries = Plans.add, []

    def full(*args: object, **more: object):
        tries.append(1)
        if len(tries) < 3:
            raise Full("The disk of the database is full")
        return real_add(*args, **more)

    monkeypatch.setattr(Plans, "add", full)
    run(store, job_id, "w-1")
    job, plans = told(store, job_id)
    assert (job.state, plans, len(tries)) == ("done", 1, 3)


def test_no_room_for_its_files_is_said_in_words(claimed, monkeypatch):
    store, job_id = claimed

    def full(*_args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Store, "save", full)
    run(store, job_id, "w-1")
    job, _ = told(store, job_id)
    assert (job.state, job.error["code"]) == ("failed", "disk")
    assert "Make room" in job.error["message"]


@pytest.mark.parametrize("though_cancelled", [True, False])
def test_a_cancelled_job_keeps_its_best_plan_and_publishes_nothing(
    claimed, monkeypatch, though_cancelled
):
    store, job_id = claimed
    with store.write(ANN) as unit:
        unit.jobs.cancel(job_id)

    def do(task: Task, _said: object):
        return task.keep(lambda _unit: {"number": 1}, though_cancelled=though_cancelled)

    monkeypatch.setitem(work.WORK, "partition", do)
    run(store, job_id, "w-1")
    job, _ = told(store, job_id)
    assert job.state == "cancelled"
    assert job.result == ({"number": 1} if though_cancelled else None)


def test_a_cancelled_publication_does_not_come_out(place, tmp_path):  # noqa: F811
    store = place[0]
    buildings = checked(place, blocks(tmp_path / "b.gpkg"))
    plan = ended(place, asked(place, "partition", {"building_set_id": buildings})).result["plan_id"]
    job_id = asked(place, "publish", {"plan_id": plan, "prints": False})
    with store.write(ANN) as unit:
        unit.jobs.claim("w-1")
        unit.jobs.cancel(job_id)
    run(store, job_id, "w-1")
    job, _ = told(store, job_id)
    assert (job.state, job.result) == ("cancelled", None)
    with store.read() as unit:
        assert unit.publications.count() == 0


def test_a_job_to_be_cancelled_is_not_begun_again_after_a_stop(claimed, tmp_path):
    store, job_id = claimed
    with store.write(ANN) as unit:
        unit.jobs.cancel(job_id)
        unit.jobs.queue_again(job_id, "w-1")
    job, _ = told(store, job_id)
    assert job.state == "cancelled"
    assert job.ended_at is not None


def test_a_job_over_its_time_ends_with_what_it_has_and_says_why(claimed, tmp_path):
    store, job_id = claimed
    with subprocess.Popen(["sleep", "60"]) as process:
        foreman = Foreman(tmp_path / "data", bounds=Bounds(time_s=5))
        began_s = time.monotonic() - 6
        foreman.running.append(Running(job_id, "w-1", process, began_s, tmp_path / "j"))
        foreman.look(store)
        process.kill()
    run(store, job_id, "w-1")
    job, plans = told(store, job_id)
    assert (job.state, job.error["code"], plans) == ("cancelled", "bound", 1)
    assert "longer than 5 seconds" in job.error["message"]


def test_a_cancelled_job_that_hangs_is_ended_as_cancelled(claimed, tmp_path):
    store, job_id = claimed
    with store.write(ANN) as unit:
        unit.jobs.cancel(job_id).cancel_asked_at = now() - timedelta(minutes=5)
    with subprocess.Popen(["sleep", "60"]) as process:
        foreman = Foreman(tmp_path / "data")
        foreman.running.append(Running(job_id, "w-1", process, time.monotonic(), tmp_path / "j"))
        foreman.look(store)
    job, _ = told(store, job_id)
    assert (job.state, process.returncode) == ("cancelled", -9)
    assert "did not end" in job.error["message"]
