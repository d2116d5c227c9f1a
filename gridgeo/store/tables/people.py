"""Who may do what: users, their sessions and tokens, and links that work once."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .row import QUIET, SECRET, Identified, Revised, Table


class Role(StrEnum):
    """What a user may do; each may what the ones before may."""

    VIEWER = "viewer"
    WORKER = "worker"
    PLANNER = "planner"
    ADMIN = "admin"


_ROLES = "role IN ('viewer', 'worker', 'planner', 'admin')"


class User(Identified, Revised, Table, kw_only=True):
    """A person with an account; ``name`` is what they sign in with, in small letters."""

    __tablename__ = "users"
    __table_args__ = (sa.CheckConstraint(_ROLES, name="role"),)

    name: Mapped[str] = mapped_column(unique=True)
    full_name: Mapped[str] = mapped_column(default="")
    email: Mapped[str | None] = mapped_column(default=None)
    role: Mapped[str]
    # of argon2; None for who comes in by OIDC only
    password_hash: Mapped[str | None] = mapped_column(default=None, info=SECRET)
    # issuer and subject of OIDC in one word
    subject: Mapped[str | None] = mapped_column(default=None, unique=True)
    worker_id: Mapped[str | None] = mapped_column(
        sa.ForeignKey("workers.id"), default=None, index=True
    )
    disabled_at: Mapped[datetime | None] = mapped_column(default=None)


class Session(Identified, Table, kw_only=True):
    """A browser that is signed in; the cookie itself is not kept."""

    __tablename__ = "sessions"

    user_id: Mapped[str] = mapped_column(sa.ForeignKey("users.id"), index=True)
    secret_hash: Mapped[str] = mapped_column(unique=True, info=SECRET)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    last_used_at: Mapped[datetime | None] = mapped_column(default=None, info=QUIET)
    address: Mapped[str] = mapped_column(default="")
    agent: Mapped[str] = mapped_column(default="")


class Token(Identified, Table, kw_only=True):
    """A key for programs; it acts for its user, within its scopes."""

    __tablename__ = "tokens"

    user_id: Mapped[str] = mapped_column(sa.ForeignKey("users.id"), index=True)
    name: Mapped[str]
    secret_hash: Mapped[str] = mapped_column(unique=True, info=SECRET)
    scopes: Mapped[list[str]]
    expires_at: Mapped[datetime | None] = mapped_column(default=None)
    last_used_at: Mapped[datetime | None] = mapped_column(default=None, info=QUIET)
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)


class Invitation(Identified, Table, kw_only=True):
    """A link that makes an account, once."""

    __tablename__ = "invitations"
    __table_args__ = (sa.CheckConstraint(_ROLES, name="role"),)

    secret_hash: Mapped[str] = mapped_column(unique=True, info=SECRET)
    role: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None] = mapped_column(default=None)
    used_by: Mapped[str | None] = mapped_column(sa.ForeignKey("users.id"), default=None)


class SignInAttempt(Identified, Table, kw_only=True):
    """A sign-in that failed, counted against the next ones; swept when old."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (sa.Index(None, "subject", "created_at"),)
    audited: ClassVar[bool] = False  # the service notes failures in the log in its own words

    # a user's name, or an address: whatever is counted
    subject: Mapped[str]
