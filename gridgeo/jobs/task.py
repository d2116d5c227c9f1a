"""A job in its own process: its store, its folder, how it tells where it stands, when to end."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..solving import Standing, Watch
from ..store import Actor, Busy, Conflict, Failed, Store
from .words import said_to_programs

# So often a job says that it is alive, and hears whether it is to stop.
BEAT_S = 1.0


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
