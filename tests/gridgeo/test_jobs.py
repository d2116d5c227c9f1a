"""Jobs in real processes: files checked, divided and published; bounds, cancels, crashes."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import box
from small_stores import ANN

from gridgeo.jobs.foreman import Bounds, Foreman
from gridgeo.jobs.processes import memory_mb
from gridgeo.plan_file import read_plan
from gridgeo.store import JobState, NewJob, Store, blob_of

ENDS = ("done", "failed", "cancelled", "interrupted")
LONG_S = 120


@pytest.fixture
def place(tmp_path):
    """A store with a community, and a foreman for it."""
    store = Store.open(tmp_path / "data")
    with store.write(ANN) as unit:
        community = unit.communities.add(slug="blocks", name="Blocks").id
    foreman = Foreman(tmp_path / "data")
    yield store, community, foreman
    for one in foreman.running:
        one.end()
    store.close()


def blocks(path: Path, *, wide: int = 4, high: int = 3, households=100) -> Path:
    """A checkerboard of blocks of flats, 100 m apart."""
    cells = [(x, y) for y in range(high) for x in range(wide)]
    gpd.GeoDataFrame(
        {
            "building_id": [f"B{x:02d}{y:02d}" for x, y in cells],
            "households": [households] * len(cells),
            "population": [300] * len(cells),
        },
        geometry=[box(100 * x, 100 * y, 100 * x + 60, 100 * y + 60) for x, y in cells],
        crs=3414,
    ).to_file(path)
    return path


def asked(place, kind: str, arguments: dict) -> str:
    store, community, _ = place
    with store.write(ANN) as unit:
        return unit.jobs.add(NewJob(kind, arguments, community_id=community)).id


def uploaded(place, path: Path) -> str:
    store, community, _ = place
    with store.write(ANN) as unit:
        return unit.uploads.add(
            blob_of(path), name=path.name, media_type="x/y", community_id=community
        ).id


def ended(place, job_id: str):
    """The job once it has ended, the foreman looking after it meanwhile."""
    store, _, foreman = place
    for _ in range(LONG_S * 10):
        foreman.look(store)
        with store.read() as unit:
            job = unit.jobs.get(job_id)
        if job.state in ENDS:
            return job
        time.sleep(0.1)
    raise AssertionError(f"the job is still {job.state}: {job.progress}")


def begun(place, job_id: str):
    """The process of a job once it has one; that of the job before may not have gone yet."""
    store, _, foreman = place
    for _ in range(LONG_S * 10):
        foreman.look(store)
        mine = [one.process for one in foreman.running if one.job_id == job_id]
        if mine:
            return mine[0]
        time.sleep(0.1)
    raise AssertionError("the job was not begun")


def checked(place, path: Path) -> str:
    job = ended(place, asked(place, "check", {"buildings": uploaded(place, path)}))
    assert job.state == "done", job.error
    return str(job.result["building_set_id"])


def test_files_become_buildings_these_a_plan_and_that_is_published(place, tmp_path):
    store, community, _ = place
    buildings = checked(place, blocks(tmp_path / "b.gpkg"))
    job = ended(place, asked(place, "partition", {"building_set_id": buildings, "seed": 3}))
    assert job.state == "done", job.error
    with store.read() as unit:
        row = unit.plans.get(job.result["plan_id"])
    plan = read_plan(store.save(row.file_sha256, tmp_path / "plan.gpkg"))
    assert (row.action, row.number, row.digest) == ("partition", 1, plan.record.versions[-1].digest)
    assert plan.seed == 3
    assert row.counts == {"grids": 3, "in_band": 3}
    job = ended(place, asked(place, "publish", {"plan_id": row.id, "prints": False}))
    assert job.state == "done", job.error
    with store.read() as unit:
        public = unit.publications.public(community)
        names = [file.path for file in unit.publications.files(public.id)]
        assert len(unit.publications.grids(public.id)) == 3
        assert len(unit.publications.buildings(public.id)) == 12
    assert {"index.html", "grids.geojson", "directory.json"} <= set(names)
    again = ended(place, asked(place, "publish", {"plan_id": row.id, "prints": False}))
    assert again.result["number"] == 2


def test_a_plan_is_redrawn_for_the_buildings_of_now(place, tmp_path):
    store = place[0]
    first = checked(place, blocks(tmp_path / "b.gpkg"))
    plan = ended(place, asked(place, "partition", {"building_set_id": first})).result["plan_id"]
    now = checked(place, blocks(tmp_path / "now.gpkg", wide=5))
    arguments = {"plan_id": plan, "building_set_id": now, "reason": "a row more"}
    job = ended(place, asked(place, "redraw", arguments))
    assert job.state == "done", job.error
    with store.read() as unit:
        row = unit.plans.get(job.result["plan_id"])
    assert (row.action, row.parent_id, row.number) == ("redraw", plan, 2)
    drawn = read_plan(store.save(row.file_sha256, tmp_path / "next.gpkg"))
    assert drawn.was is not None
    assert (drawn.was == "").sum() == 3
    assert [version.action for version in drawn.record.versions] == ["partition", "redraw"]


def test_files_at_fault_are_refused_whole_with_all_findings(place, tmp_path):
    store, community, _ = place
    path = blocks(tmp_path / "b.gpkg", households=None)
    job = ended(place, asked(place, "check", {"buildings": uploaded(place, path)}))
    assert job.state == "failed"
    assert job.error["code"] == "input-unusable"
    assert job.error["findings"]
    with store.read() as unit:
        assert unit.building_sets.count(community_id=community) == 0


def test_a_job_that_takes_too_much_memory_or_time_is_ended(place, tmp_path):
    store, community, _ = place
    buildings = checked(place, blocks(tmp_path / "b.gpkg"))
    small = Foreman(tmp_path / "data", bounds=Bounds(memory_mb=20))
    job = ended(
        (store, community, small), asked(place, "partition", {"building_set_id": buildings})
    )
    assert (job.state, job.error["code"]) == ("failed", "bound")
    assert "MB" in job.error["message"]
    assert memory_mb(os.getpid()) > 20


def test_a_job_whose_process_dies_is_begun_again_once_and_then_marked(place, tmp_path):
    store, _, foreman = place
    buildings = checked(place, blocks(tmp_path / "b.gpkg"))
    job_id = asked(place, "partition", {"building_set_id": buildings})
    for _ in range(2):
        process = begun(place, job_id)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        foreman.look(store)
    job = ended(place, job_id)
    assert (job.state, job.attempts) == ("interrupted", 2)
    assert "SIGKILL" in job.error["message"]


def test_jobs_of_a_foreman_that_stops_wait_and_are_done_by_the_next(place, tmp_path):
    store, community, foreman = place
    buildings = checked(place, blocks(tmp_path / "b.gpkg"))
    job_id = asked(place, "partition", {"building_set_id": buildings})
    begun(place, job_id)
    foreman.give_back(store)
    with store.read() as unit:
        assert unit.jobs.get(job_id).state == JobState.QUEUED
    following = Foreman(tmp_path / "data")
    job = ended((store, community, following), job_id)
    following.give_back(store)
    assert (job.state, job.attempts) == ("done", 2)


def test_a_cancelled_job_keeps_its_best_plan(place, tmp_path):
    store, community, foreman = place
    buildings = checked(place, blocks(tmp_path / "b.gpkg", wide=30, high=20, households=37))
    job_id = asked(place, "partition", {"building_set_id": buildings, "time_limit_s": 600})
    for _ in range(LONG_S * 10):
        foreman.look(store)
        with store.read() as unit:
            job = unit.jobs.get(job_id)
        if job.progress.get("best") is not None or job.state in ENDS:
            break
        time.sleep(0.1)
    assert job.state == "running", (job.state, job.error)
    with store.write(ANN) as unit:
        unit.jobs.cancel(job_id)
    job = ended(place, job_id)
    assert job.state == "cancelled"
    with store.read() as unit:
        assert unit.plans.get(job.result["plan_id"]).community_id == community
