"""The foreman: takes jobs from the queue, gives each a process, and minds its time and memory."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ..store import Actor, Busy, Conflict, Failed, JobState, Store
from ..store.tables import Job
from .child import NICE, WHERE
from .housekeeping import JOBS, held_folder, tidy
from .processes import end_all_below, end_all_of, memory_mb
from .readers import without_other_readers

_LOG = logging.getLogger("gridgeo.jobs")
_ACTOR = Actor("foreman")
# So long a job may be silent before it is given up: its process or its machine died.
SILENCE_S = 60.0
# A job whose process died is begun again so often; then it is marked as interrupted.
MOST_ATTEMPTS = 2
# What a cancelled solve gets to hand in its best plan before it is killed.
GRACE_S = 60.0
# So often what has expired is removed.
TIDY_S = 3600.0
_LOOK_S = 0.2
_AWAY_S = 2.0


@dataclass(frozen=True)
class Bounds:
    """What a job may take."""

    time_s: float = 3600.0
    memory_mb: int = 8000


@dataclass
class Running:
    """A job and its process."""

    job_id: str
    owner: str
    process: subprocess.Popen[bytes]
    began_s: float
    folder: Path
    told_s: float | None = None

    def end(self) -> None:
        """End its process and all that it began, if they run, and remove its files."""
        end_all_below(self.process.pid)
        self.process.kill()
        self.process.wait()
        end_all_of(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass
class Foreman:
    """Runs up to ``places`` jobs at once; ``where``: the store, a folder or a URL.

    ``nice``: how far its jobs stand back behind other processes, 0 to 19. A foreman that takes
    the place of one that died has its ``name``, and takes over its jobs.
    """

    where: str | Path
    places: int = 1
    bounds: Bounds = Bounds()
    running: list[Running] = field(default_factory=list)
    name: str = field(default_factory=lambda: f"{os.uname().nodename}-{uuid.uuid4().hex[:8]}")
    nice: int = 10
    # where the files of its jobs are; None: where all such files are
    folder: Path | None = None

    def work(self, stopped: Callable[[], bool]) -> None:
        """Do jobs until ``stopped``; then end their processes, and let the jobs wait again.

        A database that is away is waited for.
        """
        with held_folder(JOBS, self.name) as self.folder:
            self._work(stopped)

    def _work(self, stopped: Callable[[], bool]) -> None:
        store: Store | None = None
        took_over, failing, tidy_s = False, "", time.monotonic()
        try:
            while not stopped():
                try:
                    if store is None:
                        store = Store.open(self.where)
                    if not took_over:
                        self.take_over(store)
                        took_over = True
                    self.look(store)
                    if time.monotonic() >= tidy_s:
                        tidy(store)
                        tidy_s = time.monotonic() + TIDY_S
                    failing = ""
                except Exception as fault:  # noqa: BLE001  # jobs must be minded when it is over
                    passing = isinstance(fault, Busy | Failed)
                    if repr(fault) != failing:
                        _LOG.warning(
                            "jobs cannot be minded; trying again (%s)",
                            str(fault).partition("\n")[0],
                            exc_info=None if passing else fault,
                        )
                    failing = repr(fault)
                time.sleep(_AWAY_S if failing else _LOOK_S)
            if store is not None:
                self.give_back(store)
        except (Busy, Failed) as fault:
            # nobody hears of them any more, and so another foreman begins them again
            _LOG.warning("the jobs under way could not be given back (%s)", fault)
        finally:
            for one in self.running:
                one.end()
            if store is not None:
                store.close()

    def look(self, store: Store) -> None:
        """Mind those that run, begin those that wait."""
        for one in list(self.running):
            if one.process.poll() is not None:
                self.running.remove(one)
                one.end()
                self._bury(store, one)
            else:
                self._mind(store, one)
        self._wake_the_dead(store)
        while len(self.running) < self.places:
            owner = f"{self.name}-{uuid.uuid4().hex[:8]}"
            with store.read() as unit:
                if not unit.jobs.count(state=JobState.QUEUED.value):
                    return
            with store.write(_ACTOR) as unit:
                job = unit.jobs.claim(owner)
            if job is None:
                return
            self.running.append(self._begun(job.id, owner))

    def take_over(self, store: Store) -> None:
        """Queue the jobs of the one before: their processes ended with it."""
        with store.read() as unit:
            running = unit.jobs.page(limit=1000, state=JobState.RUNNING.value)
        mine = [job for job in running if (job.owner or "").startswith(f"{self.name}-")]
        for job in mine:
            _LOG.warning("job %s: its foreman died; it is begun again", job.id)
            self._wake(store, job)

    def give_back(self, store: Store) -> None:
        """End all processes; their jobs wait again, and are begun anew after a restart."""
        for one in self.running:
            one.end()
            with contextlib.suppress(Conflict), store.write(_ACTOR) as unit:
                unit.jobs.queue_again(one.job_id, one.owner)
        self.running.clear()

    def _begun(self, job_id: str, owner: str) -> Running:
        # whatever it puts there, and however it ends: it goes with the job
        folder = Path(tempfile.mkdtemp(prefix="gridgeo-job-", dir=self.folder))
        process = subprocess.Popen(
            [sys.executable, "-m", "gridgeo.jobs.child", job_id, owner],
            env={
                **without_other_readers(),
                WHERE: str(self.where),
                NICE: str(self.nice),
                "TMPDIR": str(folder),
            },
            stdin=subprocess.DEVNULL,
        )
        return Running(job_id, owner, process, time.monotonic(), folder)

    def _mind(self, store: Store, one: Running) -> None:
        """End a job that takes too much, or that was cancelled and does not end by itself."""
        now_s = time.monotonic()
        why, state = "", JobState.FAILED
        late = f"It ran longer than {self.bounds.time_s:g} seconds"
        used_mb = memory_mb(one.process.pid)
        if used_mb > self.bounds.memory_mb:
            why = f"It took {used_mb:,} MB, and may take {self.bounds.memory_mb:,}"
        elif now_s - one.began_s > self.bounds.time_s:
            if one.told_s is None:
                # first it is asked to end with what it has
                one.told_s = now_s
                error = {"code": "bound", "message": f"{late}; what it had by then is kept"}
                with contextlib.suppress(Conflict), store.write(_ACTOR) as unit:
                    unit.jobs.cancel(one.job_id, error=error)
            elif now_s - one.told_s > GRACE_S:
                why = f"{late}, and did not end by itself"
        elif one.told_s is None:
            with store.read() as unit:
                asked = unit.jobs.get(one.job_id).cancel_asked_at
            if asked is not None and datetime.now(UTC) - asked > timedelta(seconds=GRACE_S):
                why, state = "It was cancelled and did not end by itself", JobState.CANCELLED
        if why:
            one.end()
            self.running.remove(one)
            self._end(store, one, {"code": "bound", "message": why}, state=state)

    def _bury(self, store: Store, one: Running) -> None:
        """Settle a job whose process has ended without saying so."""
        with store.read() as unit:
            job = unit.jobs.get(one.job_id)
        if job.state != JobState.RUNNING or job.owner != one.owner:
            return
        if job.attempts < MOST_ATTEMPTS and job.cancel_asked_at is None:
            _LOG.warning("job %s: its process died; it is begun again", one.job_id)
            with contextlib.suppress(Conflict), store.write(_ACTOR) as unit:
                unit.jobs.queue_again(one.job_id, one.owner)
            return
        status = one.process.returncode
        died = signal.Signals(-status).name if status < 0 else f"status {status}"
        self._end(store, one, {"code": "died", "message": f"Its process ended by {died}"},
                  state=JobState.INTERRUPTED)  # fmt: skip

    def _end(
        self,
        store: Store,
        one: Running,
        error: dict[str, Any],
        *,
        state: JobState,
    ) -> None:
        with contextlib.suppress(Conflict), store.write(_ACTOR) as unit:
            unit.jobs.end(one.job_id, one.owner, state=state, error=error)

    def _wake_the_dead(self, store: Store) -> None:
        """Queue again, or mark, the jobs of a foreman that is no more."""
        before = datetime.now(UTC) - timedelta(seconds=SILENCE_S)
        mine = {one.job_id for one in self.running}
        with store.read() as unit:
            running = unit.jobs.page(limit=1000, state=JobState.RUNNING.value)
        silent = [
            job
            for job in running
            if job.id not in mine and (job.heartbeat_at is None or job.heartbeat_at < before)
        ]
        for job in silent:
            self._wake(store, job)

    def _wake(self, store: Store, job: Job) -> None:
        with contextlib.suppress(Conflict), store.write(_ACTOR) as unit:
            if job.attempts < MOST_ATTEMPTS and job.cancel_asked_at is None:
                unit.jobs.queue_again(job.id, job.owner or "")
            else:
                error = {"code": "died", "message": "Nothing was heard of it any more"}
                unit.jobs.end(job.id, job.owner or "", state=JobState.INTERRUPTED, error=error)
