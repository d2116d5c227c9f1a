"""A job in its own process: its store, its folder, how it tells where it stands, when to end."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from ..solving import Standing, Watch
from ..store import Actor, Busy, Conflict, Failed, JobState, Store, Unit
from ..store.tables import Job
from .words import said_to_programs

T = TypeVar("T")

# So often a job says that it is alive, and hears whether it is to stop.
BEAT_S = 1.0
# What was worked out is kept in hand so long while the database is away.
_WAIT_S, _AGAIN_S = 50.0, 1.0


class GivenUpError(Exception):
    """The job is another process's by now: nothing of this one is kept."""


class CancelledError(Exception):
    """The job was cancelled before anything of it was kept."""


@dataclass
class Task:
    """What a job has at hand; ``folder`` is its own and goes when it ends."""

    store: Store
    job_id: str
    owner: str
    actor: Actor
    community_id: str
    folder: Path
    progress: dict[str, Any] = field(default_factory=dict)
    _cancelled: threading.Event = field(default_factory=threading.Event)
    _over: threading.Event = field(default_factory=threading.Event)

    def step(self, words: str, **facts: Any) -> None:
        """Say what is being done now; told with the next beat."""
        self.progress = {"step": words, **facts}

    @property
    def watch(self) -> Watch:
        """How a solver tells where it stands, and hears that it is to end with its best."""
        return Watch(self._standing, self._cancelled.is_set)

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked the job to end."""
        return self._cancelled.is_set()

    def file(self, upload_id: str | None) -> Path | None:
        """Return an upload as a file under the name it came by; None for none."""
        if upload_id is None:
            return None
        with self.store.read() as unit:
            upload = unit.uploads.get(upload_id)
        beside = self.folder / upload_id
        beside.mkdir(exist_ok=True)
        return self.store.save(upload.file_sha256, beside / Path(upload.name).name)

    def keep(
        self, add: Callable[[Unit], dict[str, Any]], *, though_cancelled: bool = False
    ) -> dict[str, Any]:
        """Write what came of the job and, in the same unit, that it has ended: both or neither.

        ``though_cancelled``: it is the best so far, and kept where somebody cancelled the job.

        Raises:
            GivenUpError: the job is not this process's any more.
            CancelledError: it was cancelled, and half of it is worth nothing.
            StoreError: the store refuses what came of it.
        """

        def end(unit: Unit) -> dict[str, Any]:
            if not self.job_id:
                return plain(add(unit))
            asked = self._held(unit).cancel_asked_at is not None
            if asked and not though_cancelled:
                self._cancelled.set()  # heard of here first
                raise CancelledError
            result = plain(add(unit))
            state = JobState.CANCELLED if asked else JobState.DONE
            told = self.named_as_sent(result)
            unit.jobs.end(self.job_id, self.owner, state=state, result=told)
            return result

        return self._written(end)

    def fail(self, state: JobState, error: dict[str, Any] | None) -> None:
        """End the job without anything to keep.

        Raises:
            GivenUpError: the job is not this process's any more.
        """

        def end(unit: Unit) -> None:
            self._held(unit)
            unit.jobs.end(self.job_id, self.owner, state=state, error=error)

        self._written(end)

    def _held(self, unit: Unit) -> Job:
        try:
            return unit.jobs.beat(self.job_id, self.owner)
        except Conflict as fault:
            raise GivenUpError from fault

    def _written(self, write: Callable[[Unit], T]) -> T:
        """Write in a unit; a database that is away for a moment is waited for: the work is done."""
        until_s = time.monotonic() + _WAIT_S
        while True:
            try:
                with self.store.write(self.actor) as unit:
                    return write(unit)
            except (Busy, Failed):
                if time.monotonic() > until_s:
                    raise
                time.sleep(_AGAIN_S)

    def named_as_sent(self, told: Any) -> Any:
        """Return what is told in the words of who sent it: names of files, arguments of the job."""
        return as_sent(told, self.folder)

    def beating(self) -> threading.Thread:
        """Start to tell the store that the job is alive; ends with ``rest``."""
        thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        thread.start()
        return thread

    def rest(self, thread: threading.Thread) -> None:
        """Stop telling."""
        self._over.set()
        thread.join()

    def _beat(self) -> None:
        while not self._over.wait(BEAT_S):
            try:
                with self.store.write(self.actor) as unit:
                    row = unit.jobs.beat(self.job_id, self.owner, progress=dict(self.progress))
            except Conflict:
                self._cancelled.set()  # it is not ours any more
                return
            except (Busy, Failed):
                continue  # the database may come back before anybody misses us
            if row.cancel_asked_at is not None:
                self._cancelled.set()

    def _standing(self, now: Standing) -> None:
        self.step(
            now.step,
            community=now.community,
            best=now.best,
            bound=now.bound,
            gap=now.gap,
            violation=now.violation,
        )


def plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts as JSON has them: no NaN, no arrays."""
    from ..report import in_plain_types

    return {name: in_plain_types(value) for name, value in facts.items()}


def as_sent(told: Any, folder: Path) -> Any:
    """Return what is told with files under their own names, and options as a job's arguments."""
    if isinstance(told, dict):
        return {name: as_sent(inner, folder) for name, inner in told.items()}
    if isinstance(told, list):
        return [as_sent(inner, folder) for inner in told]
    if not isinstance(told, str):
        return told
    bare = re.sub(re.escape(str(folder)) + r"/(?:[A-Za-z0-9_-]+/)?", "", told)
    return said_to_programs(bare)
