"""Several processes at one store: nobody is refused, no number is missing or given twice."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from small_stores import ANN, Town, add_town, fill

from gridgeo.store import NewJob, Role, Store, blob_of
from gridgeo.store.errors import Conflict, TooMany
from gridgeo.store.tables import Job, Plan

WRITER = Path(__file__).parent / "store_writer.py"
EACH = 25


def start_writer(store: Store, town: Town) -> subprocess.Popen[str]:
    where = store.url.render_as_string(hide_password=False)
    command = [sys.executable, WRITER, where, town.community_id, town.building_set_id, str(EACH)]
    path = os.pathsep.join([str(Path(__file__).parents[2]), str(WRITER.parent)])
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": path},
    )


def test_three_processes_write_at_once_and_one_reads(store: Store) -> None:
    with store.write(ANN) as unit:
        town = add_town(unit)
    writers = [start_writer(store, town) for _ in range(3)]
    seen = []
    while any(writer.poll() is None for writer in writers):
        with store.read() as unit:
            numbers = unit.session.scalars(sa.select(Plan.number).order_by(Plan.number)).all()
            # whenever one looks, there are no holes
            assert numbers == list(range(1, len(numbers) + 1))
            seen.append(len(numbers))
    told = [writer.communicate() for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0, 0], told
    done = [line.split()[2] for out, _ in told for line in out.splitlines() if "done" in line]
    assert len(set(done)) == len(done) == 3 * EACH
    with store.read() as unit:
        plans = unit.plans.of_community(town.community_id, limit=1000)
        assert [plan.number for plan in plans] == list(range(1, 3 * EACH + 2))
        assert {plan.id for plan in plans} == {*done, town.plan_id}
    assert seen == sorted(seen)


def in_threads(store: Store, work: Callable[[int], object], count: int = 6) -> list[object]:
    """What each of some threads gave back, that all began at once."""
    answers: list[object] = [None] * count
    start = threading.Barrier(count)

    def run(turn: int) -> None:
        start.wait()
        try:
            answers[turn] = work(turn)
        except Exception as fault:  # noqa: BLE001 - told to the test, which looks at it
            answers[turn] = fault

    threads = [threading.Thread(target=run, args=(turn,)) for turn in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_threads_that_claim_jobs_never_share_one(store: Store) -> None:
    with store.write(ANN) as unit:
        ids = [unit.jobs.add(NewJob("partition")).id for _ in range(24)]

    def claim(turn: int) -> list[str]:
        mine = []
        for _ in range(4):
            with store.write(ANN) as unit:
                job = unit.jobs.claim(f"w{turn}")
                assert job is not None
                mine.append(job.id)
        return mine

    claimed = Counter(job for jobs in in_threads(store, claim) for job in jobs)
    assert claimed == Counter(ids)
    with store.read() as unit:
        assert set(unit.session.scalars(sa.select(Job.state))) == {"running"}


def test_threads_that_store_the_same_file_all_get_it(store: Store) -> None:
    content = bytes(range(256)) * 10_000

    def put(_turn: int) -> str:
        with store.write(ANN) as unit:
            return unit.files.put(blob_of(content))

    names = set(in_threads(store, put))
    assert names == {blob_of(content).sha256}
    with store.read() as unit:
        assert unit.files.read(blob_of(content).sha256) == content


def test_the_last_place_in_the_queue_is_given_once(store: Store) -> None:
    def queue(_turn: int) -> object:
        with store.write(ANN) as unit:
            return unit.jobs.add(NewJob("partition"), most_waiting=4)

    answers = in_threads(store, queue)
    assert sum(isinstance(answer, TooMany) for answer in answers) == 2, answers
    with store.read() as unit:
        assert unit.jobs.count() == 4


def test_two_admins_do_not_put_out_each_other(store: Store) -> None:
    with store.write(ANN) as unit:
        ids = [unit.users.add(name=f"admin{i}", role=Role.ADMIN).id for i in range(6)]

    def put_out(turn: int) -> object:
        with store.write(ANN) as unit:
            return unit.users.disable(ids[turn])

    answers = in_threads(store, put_out)
    assert sum(isinstance(answer, Conflict) for answer in answers) == 1, answers
    with store.read() as unit:
        assert unit.users.count(disabled_at=None) == 1


def test_of_changes_to_one_revision_one_wins(store: Store) -> None:
    town = fill(store)
    with store.read() as unit:
        revision = unit.communities.get(town.community_id).revision

    def rename(turn: int) -> object:
        with store.write(ANN) as unit:
            return unit.communities.change(
                town.community_id, revision=revision, name=f"name {turn}"
            )

    answers = in_threads(store, rename)
    assert sum(isinstance(answer, Conflict) for answer in answers) == 5, answers
