"""gridgeo serve for real: processes begun, replaced, stopped; faults told before it begins."""

from __future__ import annotations

import os
import re
import signal
import socket
import threading

import httpx
import pytest
from served import Served, children_of, is_there, jobs, refused, serving, until
from service_client import publish_blocks
from service_people import new_token
from small_stores import ANN
from test_jobs import blocks

from gridgeo.intake import read_community
from gridgeo.jobs.task import Task
from gridgeo.jobs.work import keep_buildings
from gridgeo.store import NewJob, Store

GRIDS = "/collections/blocks.grids/items"


@pytest.fixture
def data(tmp_path):
    """A folder with something published, and a job that would take ten minutes."""
    store = Store.open(tmp_path / "data")
    community_id = publish_blocks(store, tmp_path / "blocks")
    town = read_community(blocks(tmp_path / "b.gpkg", wide=30, high=20, households=37))
    (tmp_path / "kept").mkdir()
    task = Task(store, "", "", ANN, community_id, tmp_path / "kept")
    kept = keep_buildings(task, town, "b.gpkg", findings=[])
    said = {"building_set_id": kept["building_set_id"], "time_limit_s": 600}
    with store.write(ANN) as unit:
        unit.jobs.add(NewJob("partition", said, community_id=community_id))
    store.close()
    return tmp_path / "data"


@pytest.fixture
def store(data):
    opened = Store.open(data)
    yield opened
    opened.close()


def the_job(store: Store):
    with store.read() as unit:
        (job,) = unit.jobs.page()
    return job


def at_work(store: Store, served: Served) -> int:
    """The process of the job once it solves."""
    until(lambda: the_job(store).progress.get("best") is not None, f"solving: {served.log}")
    until(lambda: len(jobs(served.foreman())) == 1, f"in a process of its own: {served.log}")
    (process,) = jobs(served.foreman())
    return process


def answering(served: Served, *, count: int) -> set[str]:
    """The beginnings of request ids, which are one a process, once so many have answered."""
    seen: set[str] = set()

    def ask() -> bool:
        seen.add(served.get("/health").headers["x-request-id"][:24])
        return len(seen) >= count

    until(ask, f"{count} processes answer")
    return seen


def test_one_that_dies_is_replaced_and_the_others_answer_meanwhile(tmp_path, data, store):
    with serving(tmp_path / "run", data, "--workers", "2") as served:
        first = answering(served, count=2)
        assert served.said.count("/join/") == 1
        before = served.web_processes()
        assert len(before) == 2
        os.kill(before[0], signal.SIGKILL)
        for _ in range(20):
            assert served.get(GRIDS).status_code == 200
        until(lambda: len(served.web_processes()) == 2, "two again")
        until(lambda: answering(served, count=2) != first, "the new one answers")
        assert served.said.count("/join/") == 1
        # the figures are those of all processes, of the one that is gone too
        told = served.get("/metrics").text
        counted = re.search(r'gridgeo_requests_total\{.*route="/health",status="200"\} (\S+)', told)
        assert counted is not None
        assert float(counted[1]) >= len(first) + 1


def test_a_foreman_that_dies_is_replaced_and_its_job_is_begun_again(tmp_path, data, store):
    with serving(tmp_path / "run", data) as served:
        job_process, foreman = at_work(store, served), served.foreman()
        os.kill(foreman, signal.SIGKILL)
        until(lambda: not is_there(job_process), "its job ends with it")
        until(lambda: the_job(store).attempts == 2, f"the job is begun again: {served.log}")
        assert at_work(store, served) != job_process
        assert "the foreman died" in served.log


@pytest.mark.parametrize("how", ["SIGTERM to the parent", "Ctrl-C in its terminal"])
def test_a_stop_answers_what_is_under_way_and_gives_jobs_back(tmp_path, data, store, how):
    token = new_token(store, "pia", "planner")
    with serving(tmp_path / "run", data, "--workers", "2") as served:
        job_process = at_work(store, served)
        family = served.children()
        told: list[str] = []

        def listen() -> None:
            path = f"{served.base}/jobs/{the_job(store).id}/events"
            with httpx.stream("GET", path, headers=token, timeout=60) as answer:
                told.extend(answer.iter_text())
            told.append("the end")  # it was ended in order, not broken off

        listener = threading.Thread(target=listen)
        listener.start()
        until(lambda: told, "the stream has begun")
        body = b"building_id,households\nB1,10\n"
        with socket.create_connection(("127.0.0.1", served.port)) as upload:
            head = (
                "POST /communities/blocks/uploads?name=b.csv HTTP/1.1\r\nhost: x\r\n"
                f"authorization: {token['authorization']}\r\ncontent-length: {len(body)}\r\n"
                "expect: 100-continue\r\n\r\n"
            )
            upload.sendall(head.encode())
            assert upload.recv(65536).startswith(b"HTTP/1.1 100")  # it is being taken
            upload.sendall(body[:9])
            if how.startswith("SIGTERM"):
                served.process.send_signal(signal.SIGTERM)
            else:
                os.killpg(served.process.pid, signal.SIGINT)
            until(lambda: "Shutting down" in served.log, "the stop is heard")
            upload.sendall(body[9:])
            answer = upload.recv(65536)
        assert answer.startswith(b"HTTP/1.1 201"), answer
        listener.join(30)
        assert told[-1] == "the end"
        assert served.process.wait(30) == 0, served.log
        assert the_job(store).state == "queued"
        # Python's own keeper of resources ends a moment after the parent
        until(lambda: not any(map(is_there, (*family, job_process))), "nothing is left")
        assert "Traceback" not in served.log
    with store.read() as unit:
        assert [one.name for one in unit.uploads.page()] == ["b.csv"]


def test_nothing_outlives_a_parent_that_was_killed(tmp_path, data, store):
    with serving(tmp_path / "run", data, "--workers", "2") as served:
        family = [*served.children(), at_work(store, served)]
        assert len(family) >= 4
        served.process.kill()
        served.process.wait()
        until(lambda: not any(map(is_there, family)), "all have ended")


def test_workers_share_one_socket_and_a_signal_renews_them(tmp_path, data):
    with serving(tmp_path / "run", data, "--workers", "2", "--jobs", "0") as served:
        first = answering(served, count=2)
        served.process.send_signal(signal.SIGHUP)
        until(lambda: not first & answering(served, count=2), "both are new")
        assert served.stop() == 0


def test_jobs_run_behind_requests(tmp_path, data, store):
    with serving(tmp_path / "run", data, job_nice=7) as served:
        process = at_work(store, served)
        assert os.getpriority(os.PRIO_PROCESS, process) == 7
        assert os.getpriority(os.PRIO_PROCESS, served.process.pid) == 0
        assert os.sched_getscheduler(process) == os.SCHED_BATCH
        assert children_of(process) == []


def test_a_port_in_use_is_told(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, told = refused("--data", str(tmp_path / "data"), "--port", str(port))
    assert status == 2
    assert f"Cannot listen at 127.0.0.1 port {port}: Address already in use" in told
    assert "--port" in told
    assert not (tmp_path / "data").exists()


def test_an_address_that_is_not_ours_is_told():
    status, told = refused("--host", "192.0.2.1", "--port", "0")
    assert status == 2
    assert "Cannot listen at 192.0.2.1" in told


def test_a_folder_that_is_none_is_told(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    status, told = refused("--data", str(tmp_path / "file"), "--port", "0")
    assert status == 2
    assert str(tmp_path / "file") in told


def test_a_database_that_is_away_is_told_and_its_password_is_not():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"postgresql://u:geheim@127.0.0.1:{probe.getsockname()[1]}/x"
        status, told = refused("--port", "0", database=url)
        assert status == 2
        assert "cannot be reached" in told
        again, warned = refused("--port", "0", "--database", url)
    assert again == 2
    assert "list of processes" in warned
    assert "geheim" not in told + warned


def test_every_setting_that_cannot_be_used_is_told_at_once():
    status, told = refused("--workers", "0", port="abc", log_level="loud", metrics_token="short")
    assert status == 2
    assert told.startswith("4 faults")
    for name in ("--workers", "GRIDGEO_PORT", "GRIDGEO_LOG_LEVEL", "GRIDGEO_METRICS_TOKEN"):
        assert name in told
    assert "abc" not in told
    assert "short " not in told
