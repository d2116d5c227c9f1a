"""What nobody needs goes: uploads after their week, and the files of processes that were killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from served import environment, until
from small_stores import ANN
from test_jobs import asked, begun, blocks, checked, place  # noqa: F401  # a fixture

from gridgeo.jobs.foreman import Foreman
from gridgeo.jobs.housekeeping import JOBS, held_folder, tidy
from gridgeo.store import NotFound, Store, blob_of
from gridgeo.store.tables import now

WEEK = timedelta(days=7)


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def upload(store: Store, content: bytes, expires_at) -> str:
    with store.write(ANN) as unit:
        return unit.uploads.add(
            blob_of(content), name="b.csv", media_type="x/y", expires_at=expires_at
        ).id


def make_old(path: Path, days: float) -> None:
    moment = (now() - timedelta(days=days)).timestamp()
    os.utime(path, (moment, moment))


def test_uploads_go_when_they_expire_unless_a_job_waits_for_them(place):  # noqa: F811
    store = place[0]
    old, asked_for = (upload(store, name, now() - WEEK) for name in (b"old", b"asked for"))
    new = upload(store, b"new", now() + WEEK)
    job_id = asked(place, "check", {"buildings": asked_for})
    for _ in range(2):  # done twice it does no more
        tidy(store)
        with store.read() as unit:
            assert [one.id for one in unit.uploads.page()] == sorted([asked_for, new])
            assert sorted(unit.files.all_names()) == sorted(
                blob_of(content).sha256 for content in (b"asked for", b"new")
            )
    with store.write(ANN) as unit:
        unit.jobs.cancel(job_id)
    tidy(store)
    with store.read() as unit, pytest.raises(NotFound):
        unit.uploads.get(asked_for)
    assert old != new


def test_keys_that_have_expired_go(place):  # noqa: F811
    store = place[0]
    names = {"route": "POST /plans", "request_hash": "h"}
    with store.write(ANN) as unit:
        unit.idempotency_keys.begin("u", **names, key="old", expires_at=now() - WEEK)
        unit.idempotency_keys.begin("v", **names, key="new", expires_at=now() + WEEK)
    tidy(store)
    with store.read() as unit:
        assert [one.key for one in unit.idempotency_keys.page()] == ["new"]


def test_a_foreman_tidies(place, tmp_path, temporary):  # noqa: F811
    store = place[0]
    upload(store, b"old", now() - WEEK)

    def is_tidy() -> bool:
        with store.read() as unit:
            return unit.uploads.count() == 0

    Foreman(tmp_path / "data").work(is_tidy)
    assert is_tidy()


def test_the_files_of_a_job_that_is_killed_go(place, tmp_path, temporary):  # noqa: F811
    buildings = checked(place, blocks(tmp_path / "b.gpkg", wide=30, high=20, households=37))
    job_id = asked(place, "partition", {"building_set_id": buildings, "time_limit_s": 600})
    process = begun(place, job_id)
    until(lambda: list(temporary.rglob("town.gpkg")), "the job has files")
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    store, _, foreman = place
    foreman.places = 0
    foreman.look(store)
    assert list(temporary.iterdir()) == []


def test_what_killed_processes_and_uploads_left_goes_and_nothing_else(temporary):
    for name in ("gridgeo-jobs-dead", "of-another", "gridgeo-jobs-held"):
        (temporary / name).mkdir()
        (temporary / name / "town.gpkg").touch()
    for name in ("gridgeo-upload-old", "gridgeo-upload-comes"):
        (temporary / name).touch()
    make_old(temporary / "gridgeo-upload-old", 2)
    code = (
        "import sys, time; from gridgeo.jobs.housekeeping import JOBS, held_folder\n"
        "with held_folder(JOBS, 'held') as folder:\n    print(folder, flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        env={**environment(), "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        try:
            assert other.stdout is not None
            assert other.stdout.readline().strip() == str(temporary / "gridgeo-jobs-held")
            for name in ("gridgeo-jobs-dead", "gridgeo-upload-old"):
                assert not (temporary / name).exists()
            with held_folder(JOBS, "mine") as folder:
                assert {one.name for one in temporary.iterdir()} == {
                    folder.name, "of-another", "gridgeo-jobs-held",
                    "gridgeo-upload-comes",
                }  # fmt: skip
        finally:
            other.kill()
    with held_folder(JOBS, "mine") as folder:
        assert not (temporary / "gridgeo-jobs-held").exists()
    assert not folder.exists()
