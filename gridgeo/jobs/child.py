"""One job in a process of its own: ``python -m gridgeo.jobs.child JOB OWNER``.

Where the store is comes through the environment, since a password may be in it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import GridGeoError, InputError
from ..logs import set_up_logs
from ..store import Actor, Busy, Conflict, Failed, JobState, Store, Unit
from .arguments import arguments_of
from .parent import when_parent_is_gone
from .task import Task, plain

WHERE, NICE, FOLDER = "GRIDGEO_JOB_STORE", "GRIDGEO_JOB_NICE", "GRIDGEO_JOB_FOLDER"
LOG_FORMAT, LOG_LEVEL = "GRIDGEO_LOG_FORMAT", "GRIDGEO_LOG_LEVEL"
# Where memory runs out, the kernel ends a job before it ends what answers requests.
_FIRST_TO_GO = "800"
_WAIT_S = 50.0
_LOG = logging.getLogger("gridgeo.jobs")


def run(store: Store, job_id: str, owner: str, folder: Path) -> JobState:
    """Do a job that was claimed by ``owner``, and end it in the store; return how it ended.

    ``folder``: an empty one to work in, which the foreman removes.
    """
    from .work import do

    with store.read() as unit:
        job = unit.jobs.get(job_id)
        user = unit.users.get(job.user_id) if job.user_id else None
    actor = Actor(user.name if user else "job", job.user_id or "", f"job-{job_id}")
    task = Task(store, job_id, owner, actor, job.community_id or "", folder)
    beating = task.beating()
    ended: dict[str, Any]
    try:
        result = do(task, job.kind, arguments_of(job.kind, job.arguments))
        state = JobState.CANCELLED if task.cancelled else JobState.DONE
        ended = {"state": state, "result": task.as_asked(plain(result))}
    except InputError as fault:
        findings = [finding.as_dict() for finding in fault.findings]
        told = {"message": str(fault), "findings": findings}
        ended = _failed("input-unusable", **task.as_asked(plain(told)))
    except GridGeoError as fault:
        ended = _failed("refused", task.as_asked(str(fault)))
    except MemoryError:
        ended = _failed("memory", "The job needed more memory than it may take")
    except Exception:  # noqa: BLE001  # a fault of ours: told in the log, not to the client
        _LOG.exception("job %s failed", job_id)
        ended = _failed("fault", f"A fault of the program; the log tells it under {job_id}")
    finally:
        task.rest(beating)
    _end(store, actor, lambda unit: unit.jobs.end(job_id, owner, **ended))
    return JobState(ended["state"])


def _end(store: Store, actor: Actor, end: Callable[[Unit], object]) -> None:
    """End a job; a database that is away for a moment is waited for: the work is done."""
    until_s = time.monotonic() + _WAIT_S
    while True:
        try:
            with contextlib.suppress(Conflict), store.write(actor) as unit:
                end(unit)
            return
        except (Busy, Failed):
            if time.monotonic() > until_s:
                raise
            time.sleep(1.0)


def _failed(code: str, message: str, **more: Any) -> dict[str, Any]:
    return {"state": JobState.FAILED, "error": {"code": code, "message": message, **more}}


def stand_back(nice: int) -> None:
    """Let requests go first: of processors, and of memory where it runs out."""
    with contextlib.suppress(OSError):
        os.nice(nice)
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO, encoding="ascii")


def main() -> None:
    """Run the job named on the command line."""
    # a job whose foreman is gone is begun again by the next one: there must not be two of it
    when_parent_is_gone(lambda: os._exit(1))
    set_up_logs(os.environ.get(LOG_FORMAT, "text"), os.environ.get(LOG_LEVEL, "info"))
    stand_back(int(os.environ.get(NICE, "0")))
    # Ctrl-C in a terminal reaches the whole group: the foreman decides what becomes of a job
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    store = Store.open(os.environ[WHERE])
    try:
        run(store, sys.argv[1], sys.argv[2], Path(os.environ[FOLDER]))
    finally:
        store.close()


if __name__ == "__main__":
    main()
