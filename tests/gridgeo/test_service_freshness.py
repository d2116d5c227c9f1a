"""What is published is seen by every process, and a database that is away loses nothing."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading

import pytest
import sqlalchemy as sa
from postgres_cluster import Cluster
from served import serving, until
from service_client import publish_blocks, running
from small_stores import ANN
from test_service_serving import answering

from gridgeo.service import Settings
from gridgeo.service.freshness import Freshness, Readiness
from gridgeo.service.public.catalogue import Catalogue
from gridgeo.service.public.stored import StoredPublications
from gridgeo.store import Busy, Store

FIRST, SECOND = "/collections/first.grids/items", "/collections/second.grids/items"


@pytest.fixture
def two(tmp_path):
    """A store with one community published, and a catalogue of it."""
    store = Store.open(tmp_path / "data")
    publish_blocks(store, tmp_path / "first", slug="first")
    yield store, Catalogue(StoredPublications(store))
    store.close()


def test_every_process_sees_what_another_program_publishes_and_withdraws(
    tmp_path, kind, new_address
):
    where = new_address(kind)
    store = Store.open(where)
    try:
        publish_blocks(store, tmp_path / "first", slug="first")
        with serving(tmp_path / "run", where, "--workers", "2", "--jobs", "0") as served:
            each = answering(served, count=2)
            assert served.get(SECOND).status_code == 404
            publish_blocks(store, tmp_path / "second", slug="second")
            seen: dict[str, int] = {}

            def all_see(status: int) -> bool:
                answer = served.get(SECOND)
                seen[answer.headers["x-request-id"][:24]] = answer.status_code
                return [seen.get(one) for one in each] == [status] * 2

            until(lambda: all_see(200), "both processes serve the second")
            assert len(served.get("/collections").json()["collections"]) == 6
            with store.write(ANN) as unit:
                second = unit.communities.by_slug("second")
                unit.publications.withdraw(
                    unit.publications.public(second.id).id, reason="a fault in it"
                )
            until(lambda: all_see(404), "neither process serves it any more")
            assert len(served.get("/collections").json()["collections"]) == 3
    finally:
        store.close()


def test_a_database_that_goes_away_is_waited_for(tmp_path):
    cluster = Cluster()
    try:
        url = cluster.fresh()
        store = Store.open(url)
        publish_blocks(store, tmp_path / "first", slug="first")
        with serving(tmp_path / "run", url, "--workers", "1", "--jobs", "1") as served:
            assert served.get(FIRST).status_code == 200
            cluster.process.send_signal(signal.SIGINT)
            cluster.process.wait(60)
            until(lambda: served.get("/ready").status_code == 503, "not ready")
            told = served.get("/ready").json()
            assert (told["ready"], told["database"], told["catalogue"]) == (False, "away", "ok")
            # the public reads on, of grids in memory, and the process is alive
            assert served.get(FIRST).status_code == 200
            assert served.get(f"{FIRST}?limit=3").status_code == 200
            assert served.get("/health").status_code == 200
            until(lambda: "gridgeo_database_up 0.0" in served.get("/metrics").text, "figures")
            until(lambda: "cannot be looked at" in served.log, "it is logged")
            cluster.log.close()
            cluster.start()
            until(lambda: served.get("/ready").status_code == 200, f"ready again: {served.log}")
            publish_blocks(store, tmp_path / "second", slug="second")
            until(lambda: served.get(SECOND).status_code == 200, "the second is seen")
            assert served.log.count("what is published cannot be looked at") == 1
            assert "can be looked at again" in served.log
            assert "the foreman died" not in served.log, served.log
            assert "Traceback" not in served.log
            assert cluster.password not in served.log + served.said
            assert served.stop() == 0
        store.close()
    finally:
        cluster.drop()


def test_a_service_begins_without_its_database_and_tells_so(tmp_path, cluster):
    url = cluster.fresh()
    away = url.replace(f":{cluster.port}/", ":1/")
    with running(Settings(database=away)) as client:
        told = client.get("/ready")
        assert told.status_code == 503
        assert told.json()["catalogue"] == "not loaded"
        assert client.get("/health").status_code == 200
        assert client.get("/communities").status_code == 401
    cluster.remove(url)


def test_a_look_that_fails_is_told_once_and_what_was_known_stays(two, caplog):
    _, catalogue = two
    freshness = Freshness(catalogue)
    freshness.look()
    known = catalogue.communities
    real = catalogue.source

    class Away:
        def mark(self):
            raise Busy("the database is away")

    catalogue.source = Away()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            freshness.look()
        assert catalogue.communities == known
        assert [one.message for one in caplog.records] == [
            "what is published cannot be looked at; serving what is known (the database is away)"
        ]
        catalogue.source = real
        freshness.look()
    assert "again" in caplog.records[-1].message
    assert freshness.loaded


def test_a_fault_of_ours_does_not_end_the_looking(two, caplog):
    _, catalogue = two
    freshness = Freshness(catalogue)

    class Broken:
        def mark(self):
            raise KeyError("a bug")

    catalogue.source = Broken()
    freshness.look()
    assert not freshness.loaded
    assert caplog.records[0].exc_info is not None


def test_what_is_valid_now_is_read_before_anybody_asks(two):
    _, catalogue = two
    Freshness(catalogue).look()
    current = catalogue.current("first")
    for part in ("grids", "buildings", "boundary", "answers"):
        assert catalogue.at_hand(current, part) is not None


def test_a_version_that_is_being_read_holds_nobody_up_who_asks_for_another(two, tmp_path):
    store, catalogue = two
    publish_blocks(store, tmp_path / "second", slug="second")
    catalogue.refresh()
    first, second = catalogue.current("first"), catalogue.current("second")
    real, at_it, go_on = catalogue.source, threading.Event(), threading.Event()

    class Slow:
        def file(self, key, name):
            if key == first.key:
                at_it.set()
                assert go_on.wait(60)
            return real.file(key, name)

    catalogue.source = Slow()
    read = []
    reading = [
        threading.Thread(target=lambda: read.append(catalogue.layer(first, "grids"))) for _ in "ab"
    ]
    for thread in reading:
        thread.start()
    assert at_it.wait(60)
    assert len(catalogue.layer(second, "grids")) > 0
    assert catalogue.at_hand(first, "grids") is None
    go_on.set()
    for thread in reading:
        thread.join()
    assert read[0] is read[1]


def test_a_schema_of_another_version_is_not_ready(two):
    store, catalogue = two
    freshness = Freshness(catalogue)
    freshness.look()
    readiness = Readiness(store, freshness)
    assert asyncio.run(readiness.facts()) == {"database": "ok", "schema": "ok", "catalogue": "ok"}
    with store.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0000'"))
    assert asyncio.run(Readiness(store, freshness).facts())["schema"] == "of another version"
