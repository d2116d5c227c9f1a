"""A writer killed at random moments, hundreds of times: nothing acknowledged is lost, none half."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa
from postgres_cluster import Cluster
from small_stores import ANN, Town, add_town

from gridgeo.store import Store
from gridgeo.store.tables import AuditEntry, FileChunk, Plan

WRITER = Path(__file__).parent / "store_writer.py"
# more rounds for a long night: GRIDGEO_CRASHES=5000
ROUNDS = int(os.environ.get("GRIDGEO_CRASHES", "200"))


@dataclass
class Mother:
    """The process that forks the writers, and what they acknowledged."""

    process: subprocess.Popen[str]
    acknowledged: dict[str, str] = field(default_factory=dict)
    # rounds whose writer was killed between "begin" and "done"
    in_the_middle: int = 0

    def round(self, seed: int, kill: Callable[[int], object]) -> None:
        """Let a writer write until ``kill`` has killed it; note what it acknowledged."""
        assert self.process.stdin is not None
        print(seed, file=self.process.stdin, flush=True)
        first = self._line()
        assert first[0] == "child", first
        kill(int(first[1]))
        open_turns = set()
        while (words := self._line())[0] != "gone":
            if words[0] == "begin":
                open_turns.add(words[1])
            elif words[0] == "done":
                open_turns.discard(words[1])
                self.acknowledged[words[2]] = words[3]
            else:
                assert words[0] == "refused", words
        self.in_the_middle += bool(open_turns)

    def _line(self) -> list[str]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the mother is gone"
        return line.split()


@contextmanager
def mother(where: str, town: Town) -> Iterator[Mother]:
    command = [sys.executable, WRITER, where, town.community_id, town.building_set_id]
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(root), str(WRITER.parent)])},
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield Mother(process)
        assert process.stdin is not None
        process.stdin.close()
        process.wait(30)


def check(store: Store, town: Town, acknowledged: dict[str, str]) -> int:
    """Check the whole store; return how many plans were committed and never acknowledged."""
    with store.read() as unit:
        plans = unit.session.scalars(sa.select(Plan).order_by(Plan.number)).all()
        mine = {plan.id: plan.file_sha256 for plan in plans if plan.id != town.plan_id}
        assert acknowledged.items() <= mine.items()
        assert [plan.number for plan in plans] == list(range(1, len(plans) + 1))
        told = set(unit.session.scalars(sa.select(AuditEntry.resource_id).filter_by(kind="plans")))
        assert told == {plan.id for plan in plans}
        files = unit.files.all_names()
        # each content is whole: its pieces are there and give its hash
        assert sum(len(unit.files.read(name)) > 0 for name in files) == len(files)
        assert {plan.file_sha256 for plan in plans} <= set(files)
        assert unit.files.count() == len(plans) + 1
        pieces = unit.session.scalars(sa.select(FileChunk.sha256).distinct()).all()
        assert set(pieces) == set(files)
        if store.engine.dialect.name == "sqlite":
            connection = unit.session.connection()
            assert connection.scalar(sa.text("PRAGMA integrity_check")) == "ok"
            assert connection.execute(sa.text("PRAGMA foreign_key_check")).all() == []
    return len(mine) - len(acknowledged)


def killed_after(dice: random.Random, most_s: float) -> Callable[[int], None]:
    def kill(child: int) -> None:
        time.sleep(dice.uniform(0, most_s))
        os.kill(child, signal.SIGKILL)

    return kill


@pytest.mark.parametrize(("kind", "rounds"), [("sqlite", ROUNDS), ("postgresql", ROUNDS // 5)])
@pytest.mark.timeout(3600)
def test_a_killed_writer_loses_nothing_that_it_acknowledged(
    new_address: Callable[[str], str], kind: str, rounds: int
) -> None:
    where = new_address(kind)
    store = Store.open(where)
    with store.write(ANN) as unit:
        town = add_town(unit)
    dice = random.Random(7)
    with mother(where, town) as writers:
        for turn in range(rounds):
            writers.round(turn, killed_after(dice, 0.2))
            if turn % 50 == 49:
                check(store, town, writers.acknowledged)
    silent = check(store, town, writers.acknowledged)
    store.close()
    # the test was one: writers were killed in the middle of a write, and others came to its end
    assert writers.in_the_middle > rounds // 4
    assert len(writers.acknowledged) > rounds // 4
    # committed, and killed before it could say so: once a round at the most
    assert silent <= writers.in_the_middle


def test_a_killed_server_process_loses_nothing_that_it_acknowledged(cluster: Cluster) -> None:
    # a server of its own: when one of its processes is killed it throws out everybody
    own = Cluster()
    try:
        where = own.fresh()
        store = Store.open(where)
        with store.write(ANN) as unit:
            town = add_town(unit)
        dice = random.Random(7)

        def kill_the_server_process(_writer: int) -> None:
            name = where.rsplit("/", 1)[1]
            until = time.monotonic() + 30
            while time.monotonic() < until:
                time.sleep(dice.uniform(0, 0.4))
                # the writer's: the one that is newest
                rows = own.run(
                    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' "
                    f"AND datname = '{name}' ORDER BY backend_start DESC LIMIT 1"
                )
                if rows:
                    os.kill(rows[0][0], signal.SIGKILL)
                    break
            # the writer is refused by then, and ends of itself
            own.wait()

        store.close()
        with mother(where, town) as writers:
            for turn in range(8):
                writers.round(turn, kill_the_server_process)
        store = Store.open(where)
        check(store, town, writers.acknowledged)
        store.close()
        assert writers.acknowledged
        assert writers.in_the_middle
    finally:
        own.drop()
