"""A process that writes plans into a store and says what it has committed; made to be killed.

    python store_writer.py ADDRESS COMMUNITY BUILDINGS COUNT   writes so many plans, and ends
    python store_writer.py ADDRESS COMMUNITY BUILDINGS         a mother: forks a writer for each
                                                               line of its input, a seed

A writer says "begin N", then "done N PLAN SHA256" once it is committed. A mother says "child PID"
and, when it is gone, "gone".
"""

from __future__ import annotations

import os
import random
import sys

from small_stores import ANN, a_plan

from gridgeo.store import Store, StoreError
from gridgeo.store.tables import PIECE_BYTES


def say(*words: object) -> None:
    # one write of a short line: a pipe takes it whole or, after a kill, not at all
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def content(dice: random.Random) -> bytes:
    """Bytes that no other plan has: mostly few, sometimes more than one piece."""
    size = PIECE_BYTES + dice.randrange(5000) if dice.random() < 0.15 else dice.randrange(1, 5000)
    return dice.randbytes(16) + bytes(size)


def write(where: str, town: tuple[str, str], *, seed: int, count: int) -> None:
    community_id, building_set_id = town
    dice = random.Random(seed)
    store = Store.open(where)
    for turn in range(count):
        say("begin", turn)
        new = a_plan(building_set_id, words=content(dice))
        with store.write(ANN) as unit:
            plan = unit.plans.add(community_id, new)
        say("done", turn, plan.id, plan.file_sha256)
    store.close()


def be_a_mother(where: str, town: tuple[str, str]) -> None:
    # once here, so that each writer finds everything imported
    Store.open(where).close()
    say("ready")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            say("child", os.getpid())
            try:
                write(where, town, seed=int(line), count=10**6)
            except StoreError as fault:
                say("refused", type(fault).__name__)
            finally:
                os._exit(1)
        os.waitpid(child, 0)
        say("gone")


if __name__ == "__main__":
    address, community, buildings, *more = sys.argv[1:]
    if more:
        write(address, (community, buildings), seed=os.getpid(), count=int(more[0]))
    else:
        be_a_mother(address, (community, buildings))
