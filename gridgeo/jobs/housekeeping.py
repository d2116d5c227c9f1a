"""What nobody needs any more, removed: expired uploads, and files that killed processes left."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..store import Actor, JobState, Store

_ACTOR = Actor("housekeeping")
# Where jobs have their files while they run, a folder a foreman; where the processes of a service
# gather their figures; and uploads while they come.
JOBS, FIGURES, DRAFTS = "gridgeo-jobs-", "gridgeo-figures-", "gridgeo-upload-"
# No upload takes so long.
_DRAFT_S = 86_400.0


def tidy(store: Store) -> None:
    """Remove uploads that have expired and that no job waits for, their contents, and old keys.

    Raises:
        StoreError: the store cannot be written.
    """
    with store.write(_ACTOR) as unit:
        waiting = [
            job
            for state in (JobState.QUEUED, JobState.RUNNING)
            for job in unit.jobs.page(limit=1000, state=state.value)
        ]
        said = [value for job in waiting for value in job.arguments.values()]
        unit.uploads.sweep(but={value for value in said if isinstance(value, str)})
        unit.idempotency_keys.sweep()
        unit.sessions.sweep()
        unit.files.sweep()


@contextmanager
def held_folder(kind: str, name: str) -> Iterator[Path]:
    """Give this process a folder for its files, of a kind and of its name; it goes with the block.

    What processes left that were killed is removed, folders of the kind and uploads: a process
    holds a lock on its folder, which ends with it.
    """
    above = Path(tempfile.gettempdir())
    folder = above / f"{kind}{name}"
    shutil.rmtree(folder, ignore_errors=True)
    # held before it has the name: one of such a name that nobody holds is of a process that died
    draft = Path(tempfile.mkdtemp(prefix=f".{kind}", dir=above))
    handle = os.open(draft, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        draft.rename(folder)
        for other in above.glob(f"{kind}*"):
            if _is_ours(other):
                _remove_unheld(other)
        for upload in above.glob(f"{DRAFTS}*"):
            if _is_ours(upload, age_s=_DRAFT_S):
                with contextlib.suppress(OSError):
                    upload.unlink()
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def _is_ours(path: Path, *, age_s: float = 0.0) -> bool:
    """Return whether what is at a path is ours, and nobody has touched it for so long."""
    try:
        facts = path.lstat()
    except OSError:
        return False
    return facts.st_uid == os.geteuid() and time.time() - facts.st_mtime >= age_s


def _remove_unheld(folder: Path) -> None:
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    except BlockingIOError:
        pass  # its process lives
    finally:
        os.close(handle)
