"""Long work: what waits, what runs and how far it is, and requests that came twice."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .row import QUIET, Identified, JsonObject, Revised, Table


class JobState(StrEnum):
    """Where a job is in its life; the last four are its ends."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


ENDS = (JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.INTERRUPTED)


class Job(Identified, Revised, Table, kw_only=True):
    """A piece of long work, done by a worker process named ``owner``."""

    __tablename__ = "jobs"
    __table_args__ = (
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'interrupted')",
            name="state",
        ),
        sa.Index(None, "state", "id"),
    )

    kind: Mapped[str]
    community_id: Mapped[str | None] = mapped_column(
        sa.ForeignKey("communities.id"), default=None, index=True
    )
    user_id: Mapped[str | None] = mapped_column(sa.ForeignKey("users.id"), default=None, index=True)
    state: Mapped[str] = mapped_column(default=JobState.QUEUED)
    arguments: Mapped[JsonObject] = mapped_column(default_factory=dict)
    # {"time_s": 600, "memory_mb": 2048}
    limits: Mapped[JsonObject] = mapped_column(default_factory=dict)
    progress: Mapped[JsonObject] = mapped_column(default_factory=dict, info=QUIET)
    result: Mapped[JsonObject | None] = mapped_column(default=None)
    # a problem in plain words: {"code": ..., "message": ...}
    error: Mapped[JsonObject | None] = mapped_column(default=None)
    owner: Mapped[str | None] = mapped_column(default=None)
    # how often a worker has taken it up
    attempts: Mapped[int] = mapped_column(default=0)
    cancel_asked_at: Mapped[datetime | None] = mapped_column(default=None)
    heartbeat_at: Mapped[datetime | None] = mapped_column(default=None, info=QUIET)
    started_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


class IdempotencyKey(Identified, Table, kw_only=True):
    """A write that a client may send again without its being done again."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (sa.UniqueConstraint("user_id", "route", "key"),)
    audited: ClassVar[bool] = False  # what the request did is told itself

    # "" for nobody
    user_id: Mapped[str]
    route: Mapped[str]
    key: Mapped[str]
    request_hash: Mapped[str]
    # None while the first request is under way
    status: Mapped[int | None] = mapped_column(default=None)
    response: Mapped[JsonObject | None] = mapped_column(default=None)
    expires_at: Mapped[datetime] = mapped_column(index=True)
