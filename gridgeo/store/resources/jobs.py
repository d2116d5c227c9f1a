"""Jobs: queued, taken up by one worker at a time, heard of while they run, and ended once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from ..errors import Conflict, TooMany
from ..tables import ENDS, Job, JobState, JsonObject, now
from .resource import Resource


@dataclass(frozen=True)
class NewJob:
    """A job to be queued; see the columns of ``tables.Job``."""

    kind: str
    arguments: JsonObject = field(default_factory=dict)
    limits: JsonObject = field(default_factory=dict)
    community_id: str | None = None
    user_id: str | None = None


class Jobs(Resource[Job]):
    """The queue, and what became of it."""

    table = Job
    word = "job"

    def add(self, new: NewJob, *, most_waiting: int | None = None) -> Job:
        """Queue a job, behind those that wait.

        ``most_waiting``: how many may wait, None for no limit.

        Raises:
            TooMany: so many wait already.
        """
        if most_waiting is not None:
            # the last place is given once, also to units that come at the same moment
            self._take_turn("queue")
            if self.count(state=JobState.QUEUED.value) >= most_waiting:
                raise TooMany(f"{most_waiting} jobs wait already. Try again when some are done.")
        return self._added(
            Job(
                kind=new.kind,
                arguments=dict(new.arguments),
                limits=dict(new.limits),
                community_id=new.community_id,
                user_id=new.user_id,
            )
        )

    def claim(self, owner: str, *, kinds: Sequence[str] = ()) -> Job | None:
        """Take up the job that has waited longest, None where none waits.

        ``owner`` names the worker process, differently after each of its starts; ``kinds``: the
        kinds it can do, none for all.
        """
        waiting = sa.select(Job).filter_by(state=JobState.QUEUED.value)
        if kinds:
            waiting = waiting.where(Job.kind.in_(kinds))
        row = self.session.scalar(
            waiting.order_by(Job.id).limit(1).with_for_update(skip_locked=True)
        )
        if row is None:
            return None
        moment = now()
        return self._changed(
            row,
            state=JobState.RUNNING.value,
            owner=owner,
            attempts=row.attempts + 1,
            started_at=moment,
            heartbeat_at=moment,
            # of a try before, whose best plan is gone with it
            progress={},
            error=None,
        )

    def beat(self, job_id: str, owner: str, *, progress: JsonObject | None = None) -> Job:
        """Say that a job is alive, and how far it is; return it, with ``cancel_asked_at``.

        Raises:
            NotFound: no such job.
            Conflict: the job is not this owner's any more; the worker stops.
        """
        row = self._held(job_id, owner)
        return self._changed(
            row, heartbeat_at=now(), progress=row.progress if progress is None else progress
        )

    def end(
        self,
        job_id: str,
        owner: str,
        *,
        state: JobState,
        result: JsonObject | None = None,
        error: JsonObject | None = None,
    ) -> Job:
        """End a job that runs, in one of the states of ``ENDS``.

        Without an ``error`` the one it was cancelled with stays.

        Raises:
            NotFound: no such job.
            Conflict: the job is not this owner's any more, or the state is no end.
        """
        if state not in ENDS:
            raise Conflict(f"A job does not end {state}.")
        row = self._held(job_id, owner)
        return self._changed(
            row, state=state.value, result=result, error=error or row.error, ended_at=now()
        )

    def cancel(
        self, job_id: str, *, revision: int | None = None, error: JsonObject | None = None
    ) -> Job:
        """Cancel a job: one that waits ends now, one that runs is asked to (see ``beat``).

        ``error``: why, where nobody asked for it.

        Raises:
            NotFound, Stale: see ``Resource.locked``.
            Conflict: the job has ended.
        """
        row = self.locked(job_id, revision=revision)
        if row.state in ENDS:
            raise Conflict(f"The job has ended before: {row.state}.")
        moment = row.cancel_asked_at or now()
        if row.state == JobState.QUEUED:
            return self._changed(
                row, state=JobState.CANCELLED.value, cancel_asked_at=moment, ended_at=moment
            )
        return self._changed(row, cancel_asked_at=moment, error=error or row.error)

    def queue_again(self, job_id: str, owner: str) -> Job:
        """Put a job that runs back into the queue, at its old place: its worker gives it up.

        One that was to be cancelled is not begun again: it ends.

        Raises:
            NotFound: no such job.
            Conflict: the job is not this owner's any more.
        """
        row = self._held(job_id, owner)
        if row.cancel_asked_at is not None:
            return self._changed(row, state=JobState.CANCELLED.value, ended_at=now())
        return self._changed(
            row, state=JobState.QUEUED.value, owner=None, heartbeat_at=None, started_at=None
        )

    def by_state(self) -> dict[str, int]:
        """Return how many jobs stand where."""
        rows = sa.select(Job.state, sa.func.count()).group_by(Job.state)
        return dict(self.session.execute(rows).tuples().all())

    def ended_by_kind(self) -> list[tuple[str, int, float]]:
        """Return of each kind how many ended that had begun, and how many seconds they took."""
        took = sa.extract("epoch", Job.ended_at) - sa.extract("epoch", Job.started_at)
        rows = sa.select(Job.kind, sa.func.count(), sa.func.sum(took)).where(
            Job.ended_at.is_not(None), Job.started_at.is_not(None)
        )
        found = self.session.execute(rows.group_by(Job.kind)).tuples().all()
        return [(kind, count, float(total_s or 0)) for kind, count, total_s in found]

    def _held(self, job_id: str, owner: str) -> Job:
        row = self.locked(job_id)
        if row.state != JobState.RUNNING or row.owner != owner:
            raise Conflict(f"The job is not {owner}'s any more: it is {row.state}.")
        return row
