"""One job in a process of its own: ``python -m gridgeo.jobs.child JOB OWNER``.

Where the store is comes through the environment, since a password may be in it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import GridGeoError, InputError
from ..logs import set_up_logs
from ..store import NO_ROOM, Actor, Full, JobState, Store
from .arguments import arguments_of
from .parent import when_parent_is_gone
from .processes import end_all_below
from .task import CancelledError, GivenUpError, Task, plain

WHERE, NICE = "GRIDGEO_JOB_STORE", "GRIDGEO_JOB_NICE"
LOG_FORMAT, LOG_LEVEL = "GRIDGEO_LOG_FORMAT", "GRIDGEO_LOG_LEVEL"
# Where memory runs out, the kernel ends a job before it ends what answers requests.
_FIRST_TO_GO = "800"
_LOG = logging.getLogger("gridgeo.jobs")


def run(store: Store, job_id: str, owner: str) -> None:
    """Do a job that was claimed by ``owner``; what came of it and its end are kept together."""
    from .work import do

    with store.read() as unit:
        job = unit.jobs.get(job_id)
        user = unit.users.get(job.user_id) if job.user_id else None
    actor = Actor(user.name if user else "job", job.user_id or "", f"job-{job_id}")
    with tempfile.TemporaryDirectory(prefix="gridgeo-job-") as folder:
        task = Task(store, job_id, owner, actor, job.community_id or "", Path(folder))
        beating = task.beating()
        try:
            error = _tried(task, lambda: do(task, job.kind, arguments_of(job.kind, job.arguments)))
        except GivenUpError:
            return
        finally:
            task.rest(beating)
        if error is not None:
            state = JobState.CANCELLED if task.cancelled else JobState.FAILED
            with contextlib.suppress(GivenUpError):
                task.fail(state, error or None)


def _tried(task: Task, work: Callable[[], object]) -> dict[str, Any] | None:
    """Return why work came to nothing: {} where it was cancelled; None where it did not."""
    try:
        work()
    except CancelledError:
        return {}
    except InputError as fault:
        findings = [finding.as_dict() for finding in fault.findings]
        told = plain({"message": str(fault), "findings": findings})
        return {"code": "input-unusable", **task.named_as_sent(told)}
    except Full as fault:
        return {"code": "disk", "message": str(fault)}
    except GridGeoError as fault:
        return {"code": "refused", "message": task.named_as_sent(str(fault))}
    except MemoryError:
        return {"code": "memory", "message": "The job needed more memory than it may take"}
    except GivenUpError:
        raise
    except Exception as fault:  # noqa: BLE001  # told in the log, not to the client
        if isinstance(fault, OSError) and fault.errno in NO_ROOM:
            return {"code": "disk", "message": "The disk is full. Make room, and ask again"}
        _LOG.exception("job %s failed", task.job_id)
        message = f"A fault of the program; the log tells it under {task.job_id}"
        return {"code": "fault", "message": message}
    return None


def stand_back(nice: int) -> None:
    """Let requests go first: of processors, and of memory where it runs out."""
    with contextlib.suppress(OSError):
        os.nice(nice)
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO, encoding="ascii")


def _leave() -> None:
    end_all_below(os.getpid())
    os._exit(1)


def main() -> None:
    """Run the job named on the command line."""
    # a job whose foreman is gone is begun again by the next one: there must not be two of it
    when_parent_is_gone(_leave)
    set_up_logs(os.environ.get(LOG_FORMAT, "text"), os.environ.get(LOG_LEVEL, "info"))
    stand_back(int(os.environ.get(NICE, "0")))
    # Ctrl-C in a terminal reaches the whole group: the foreman decides what becomes of a job
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    store = Store.open(os.environ[WHERE])
    try:
        run(store, sys.argv[1], sys.argv[2])
    finally:
        store.close()


if __name__ == "__main__":
    main()
