"""Figures for Prometheus: what they count, and who may read them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from service_client import publish_blocks, running
from service_people import new_token
from small_stores import ANN

from gridgeo.service import Settings
from gridgeo.service.metrics import Metrics
from gridgeo.store import JobState, NewJob, Store
from gridgeo.store.tables import Job

TOKEN = "a token of sixteen"


@pytest.fixture
def data(tmp_path):
    store = Store.open(tmp_path / "data")
    publish_blocks(store, tmp_path / "blocks")
    store.close()
    return tmp_path / "data"


def figures(text: str) -> dict[tuple, float]:
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_requests_are_counted_by_their_route_and_not_by_their_path(data):
    with running(Settings(data=data)) as client:
        for path in ("blocks.grids", "blocks.buildings", "blocks.boundary"):
            client.get(f"/collections/{path}/items?limit=1")
        client.get("/collections/none.grids/items")
        client.get("/nothing/here")
        client.get("/nothing/else")
        client.request("BREW", "/locate")
        told = figures(client.get("/metrics").text)
    route = "/collections/{collectionId}/items"
    assert told["gridgeo_requests_total", "GET", route, "200"] == 3
    assert told["gridgeo_requests_total", "GET", route, "404"] == 1
    assert told["gridgeo_requests_total", "GET", "none", "404"] == 2
    assert told["gridgeo_request_seconds_count", route] == 4
    assert [key for key in told if "BREW" in key] == []
    assert [key for key in told if "blocks" in str(key)] == []


def test_strange_methods_and_paths_make_no_new_rows(data):
    store = Store.open(data)
    metrics = Metrics(store)
    for number in range(1000):
        metrics.count(f"M{number}", "", 405, 0.001)
    assert len(metrics._known) == 0
    assert metrics.text().count(b"gridgeo_requests_total{") == 1
    store.close()


def test_jobs_are_told_by_state_and_what_ended_by_its_seconds(store):
    with store.write(ANN) as unit:
        jobs = [unit.jobs.add(NewJob("partition")) for _ in range(4)]
        unit.jobs.claim("w-1")
        unit.jobs.claim("w-2")
        unit.jobs.end(jobs[0].id, "w-1", state=JobState.DONE, result={})
    with store.write(ANN) as unit:
        row = unit.session.get(Job, jobs[0].id)
        row.started_at = row.ended_at - timedelta(seconds=90)
    told = figures(Metrics(store).text().decode())
    assert told["gridgeo_jobs", "queued"] == told["gridgeo_queue_length",] == 2
    assert told["gridgeo_jobs", "running"] == told["gridgeo_jobs", "done"] == 1
    assert told["gridgeo_jobs", "failed"] == 0
    assert told["gridgeo_jobs_ended_total", "partition"] == 1
    assert told["gridgeo_job_seconds_total", "partition"] == pytest.approx(90, abs=1)
    assert told["gridgeo_publications",] == 0
    assert told["gridgeo_database_up",] == 1


def test_the_store_is_not_asked_at_every_look(store):
    metrics = Metrics(store)
    before = metrics.text()
    with store.write(ANN) as unit:
        unit.jobs.add(NewJob("partition"))
    assert metrics.text() == before
    assert figures(Metrics(store).text().decode())["gridgeo_queue_length",] == 1


def test_a_token_of_the_settings_is_asked_for(data):
    with running(Settings(data=data, metrics_token=TOKEN)) as client:
        assert client.get("/metrics").status_code == 401
        for said in (f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer ", "Bearer ü"):
            answer = client.get("/metrics", headers={"authorization": said.encode("utf-8")})
            assert answer.status_code == 401, said
            assert TOKEN not in answer.text
        admin = new_token(client.store, "ada", "admin")
        assert client.get("/metrics", headers=admin).status_code == 401
        answer = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert "gridgeo_publications 1.0" in answer.text


@pytest.mark.parametrize(
    "more", [{"behind_proxy": True}, {"base_url": "https://grids.example.org"}]
)
def test_without_a_token_nobody_reads_them_through_a_proxy(data, more):
    with running(Settings(data=data, **more)) as client:
        assert client.get("/metrics").status_code == 403


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_a_request_that_came_over_a_proxy_is_not_of_this_machine(data, name):
    with running(Settings(data=data)) as client:
        assert client.get("/metrics", headers={name: "127.0.0.1"}).status_code == 403
        assert client.get("/metrics").status_code == 200
