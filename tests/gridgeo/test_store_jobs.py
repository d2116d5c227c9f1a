"""Jobs and repeated requests: each done by one, once, and ended once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from small_stores import ANN

from gridgeo.store import Conflict, JobState, NewJob, NotFound, Stale, Store, TooMany, blob_of
from gridgeo.store.tables import now

TOMORROW = timedelta(days=1)


def queued(store: Store, *kinds: str) -> list[str]:
    with store.write(ANN) as unit:
        return [unit.jobs.add(NewJob(kind, {"seed": 7})).id for kind in kinds]


def test_jobs_are_claimed_in_their_order_and_once(store: Store) -> None:
    first, second, third = queued(store, "partition", "publish", "partition")
    with store.write(ANN) as unit:
        claimed = unit.jobs.claim("w1", kinds=["publish"])
        assert claimed is not None
        assert (claimed.id, claimed.state, claimed.owner) == (second, "running", "w1")
        assert (claimed.attempts, claimed.arguments) == (1, {"seed": 7})
        assert [unit.jobs.claim("w2").id for _ in range(2)] == [first, third]
        assert unit.jobs.claim("w3") is None


def test_two_units_claim_different_jobs(store: Store) -> None:
    if store.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time: its second unit waits for the first")
    first, second = queued(store, "a", "a")
    with store.write(ANN) as one, store.write(ANN) as two:
        assert [one.jobs.claim("w1").id, two.jobs.claim("w2").id] == [first, second]


def test_progress_is_seen_by_its_revision_and_not_in_the_log(store: Store) -> None:
    [job_id] = queued(store, "partition")
    with store.write(ANN) as unit:
        unit.jobs.claim("w1")
    with store.write(ANN) as unit:
        before = unit.jobs.get(job_id).revision
        job = unit.jobs.beat(job_id, "w1", progress={"bound": 2.5, "gap": None})
        assert job.revision == before + 1
    with store.read() as unit:
        assert unit.jobs.get(job_id).progress == {"bound": 2.5, "gap": None}
        assert [e.action for e in unit.audit_log.about("jobs", job_id)] == ["add", "change"]


def test_a_job_ends_once_and_by_its_owner(store: Store) -> None:
    [job_id] = queued(store, "partition")
    with store.write(ANN) as unit:
        unit.jobs.claim("w1")
        with pytest.raises(Conflict, match="not w2's"):
            unit.jobs.end(job_id, "w2", state=JobState.DONE)
        with pytest.raises(Conflict, match="does not end running"):
            unit.jobs.end(job_id, "w1", state=JobState.RUNNING)
        job = unit.jobs.end(job_id, "w1", state=JobState.DONE, result={"plan": "p"})
        assert (job.state, job.result, job.error) == ("done", {"plan": "p"}, None)
        for refused in (
            lambda: unit.jobs.end(job_id, "w1", state=JobState.FAILED),
            lambda: unit.jobs.beat(job_id, "w1"),
            lambda: unit.jobs.cancel(job_id),
        ):
            with pytest.raises(Conflict):
                refused()
        with pytest.raises(NotFound):
            unit.jobs.beat("nothing", "w1")


def test_a_job_that_waits_is_cancelled_and_one_that_runs_is_asked(store: Store) -> None:
    running, waiting = queued(store, "a", "a")
    with store.write(ANN) as unit:
        unit.jobs.claim("w1")
        assert unit.jobs.cancel(waiting).state == "cancelled"
        asked = unit.jobs.cancel(running)
        assert asked.state == "running"
        assert unit.jobs.cancel(running).cancel_asked_at == asked.cancel_asked_at
        with pytest.raises(Stale):
            unit.jobs.cancel(running, revision=1)
        assert unit.jobs.beat(running, "w1").cancel_asked_at is not None
        kept = unit.jobs.end(running, "w1", state=JobState.CANCELLED, result={"plan": "best"})
        assert (kept.state, kept.result) == ("cancelled", {"plan": "best"})
        assert unit.jobs.claim("w1") is None


def test_a_worker_is_told_that_its_job_is_not_its_any_more(store: Store) -> None:
    silent, alive = queued(store, "a", "a")
    with store.write(ANN) as unit:
        unit.jobs.claim("w1")
        unit.jobs.claim("w2")
        unit.jobs.beat(alive, "w2")
        unit.jobs.end(silent, "w1", state=JobState.INTERRUPTED)
        with pytest.raises(Conflict, match="interrupted"):
            unit.jobs.beat(silent, "w1")
        again = unit.jobs.queue_again(alive, "w2")
        assert (again.state, again.owner) == ("queued", None)
        assert unit.jobs.claim("w3").attempts == 2


def test_the_queue_has_an_end(store: Store) -> None:
    with store.write(ANN) as unit:
        unit.jobs.add(NewJob("a"), most_waiting=2)
        unit.jobs.add(NewJob("a"), most_waiting=2)
        with pytest.raises(TooMany, match="2 jobs wait"):
            unit.jobs.add(NewJob("a"), most_waiting=2)
        unit.jobs.claim("w1")
        unit.jobs.add(NewJob("a"), most_waiting=2)


def test_a_request_that_comes_again_is_answered_and_not_done(store: Store) -> None:
    names = {"route": "POST /plans", "key": "k"}
    with store.write(ANN) as unit:
        begun = unit.idempotency_keys.begin(
            "u", **names, request_hash="h", expires_at=now() + TOMORROW
        )
        assert begun is None
        unit.idempotency_keys.finish("u", **names, status=201, response={"id": 7})
    with store.write(ANN) as unit:
        again = unit.idempotency_keys.begin(
            "u", **names, request_hash="h", expires_at=now() + TOMORROW
        )
        assert again is not None
        assert (again.status, again.response) == (201, {"id": 7})
        with pytest.raises(Conflict, match="another request"):
            unit.idempotency_keys.begin(
                "u", **names, request_hash="other", expires_at=now() + TOMORROW
            )
        # another user's key of the same word is another key
        assert None is unit.idempotency_keys.begin(
            "v", **names, request_hash="h", expires_at=now() + TOMORROW
        )


def test_a_key_may_be_used_again_when_it_has_expired_or_its_write_failed(store: Store) -> None:
    names = {"route": "POST /plans", "key": "k", "request_hash": "h"}
    with pytest.raises(ZeroDivisionError), store.write(ANN) as unit:  # noqa: PT012
        unit.idempotency_keys.begin("u", **names, expires_at=now() + TOMORROW)
        raise ZeroDivisionError
    for _ in range(2):
        with store.write(ANN) as unit:
            assert unit.idempotency_keys.begin("u", **names, expires_at=now() - TOMORROW) is None


def test_uploads_are_judged_and_swept(store: Store) -> None:
    with store.write(ANN) as unit:
        kept = unit.uploads.add(blob_of(b"a"), name="a.gpkg", media_type="x/y")
        unit.uploads.add(
            blob_of(b"b"), name="b.gpkg", media_type="x/y", expires_at=now() - TOMORROW
        )
        assert unit.uploads.judge(kept.id, {"findings": []}).revision == 2
        assert (unit.uploads.sweep(), unit.files.sweep()) == (1, 1)
        assert unit.uploads.get(kept.id).verdict == {"findings": []}
