"""Who asks: by a cookie of a sign-in or by a token; passwords, and how often they may be wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from fastapi import Request
from pwdlib import PasswordHash
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from .. import store as stores
from ..store import Gone, NotFound, Store, Unit
from ..store.tables import User
from .access import Actor, Role
from .problems import NotSignedInError, TooManyError
from .settings import Settings

COOKIE = "gridgeo_session"
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200
_WINDOW = timedelta(minutes=10)
# A use of a session or a token is noted once in so long: not every request is a write.
_NOTED_AFTER = timedelta(minutes=5)
SCOPES = ("read", "write", "admin")


@cache
def hasher() -> PasswordHash:
    """Return what hashes passwords: argon2, with the parameters its makers recommend."""
    return PasswordHash.recommended()


@cache
def _nobody() -> str:
    """A hash that no password has: an unknown name takes as long as a wrong password."""
    return hasher().hash("nobody's password")


def actor_of(user: User, **more: Any) -> Actor:
    """Return a user as who asks."""
    return Actor(user.name, Role[user.role.upper()], user.id, **more)


async def find_actor(request: Request) -> Actor:
    """Return who asks; a token that does not hold is refused, a stale cookie is nobody.

    Raises:
        NotSignedInError: a token that is none, or is no more.
    """
    header = request.headers.get("authorization", "")
    cookie = request.cookies.get(COOKIE)
    if not header and not cookie:
        return Actor()
    return await run_in_threadpool(_found, request.app.state.store, header, cookie)


def _found(store: Store, header: str, cookie: str | None) -> Actor:
    if header:
        scheme, _, secret = header.partition(" ")
        if scheme.lower() != "bearer":
            raise NotSignedInError("Send the token as: Authorization: Bearer TOKEN")
        try:
            with store.read() as unit:
                token, user = unit.tokens.by_secret(secret.strip())
        except (NotFound, Gone) as fault:
            raise NotSignedInError("The token is not known, or holds no more") from fault
        if _is_old(token.last_used_at):
            with store.write(stores.Actor(user.name, user.id)) as unit:
                unit.tokens.touch(token.id)
        return actor_of(user, scopes=frozenset(token.scopes))
    try:
        with store.read() as unit:
            session, user = unit.sessions.by_secret(cookie or "")
    except (NotFound, Gone):
        return Actor()
    if _is_old(session.last_used_at):
        with store.write(stores.Actor(user.name, user.id)) as unit:
            unit.sessions.touch(session.id)
    return actor_of(user, by_cookie=True)


def check_password(store: Store, settings: Settings, name: str, password: str, *,
                   address: str) -> User:  # fmt: skip
    """Return the user whose name and password these are.

    Raises:
        TooManyError: too many sign-ins failed under that name, or from that address.
        NotSignedInError: they are not; which of the two is wrong is not told.
    """
    asker = stores.Actor(name.strip()[:80] or "nobody")
    since = datetime.now(UTC) - _WINDOW
    subjects = (f"name:{name.strip().casefold()[:80]}", f"address:{address}")
    with store.read() as unit:
        failed = max(unit.sign_in_attempts.since(subject, since) for subject in subjects)
        try:
            user = unit.users.by_name(name)
        except NotFound:
            user = None
    if failed >= settings.sign_in_attempts:
        wait_s = _WINDOW.total_seconds()
        raise TooManyError("Too many sign-ins failed. Wait ten minutes", retry_after_s=wait_s)
    kept = user.password_hash if user is not None and user.password_hash else _nobody()
    right, renewed = hasher().verify_and_update(password[:LONGEST_PASSWORD], kept)
    if user is None or not user.password_hash or user.disabled_at is not None or not right:
        with store.write(asker) as unit:
            for subject in subjects:
                unit.sign_in_attempts.add(subject)
            unit.sign_in_attempts.sweep(since - _WINDOW)
            unit.audit_log.note("sign-in failed", kind="users", facts={"address": address})
        raise NotSignedInError("Name or password is wrong")
    with store.write(stores.Actor(user.name, user.id)) as unit:
        unit.sign_in_attempts.forget(subjects[0])
        if renewed is not None:
            unit.users.change(user.id, password_hash=renewed)
    return user


def begin_session(unit: Unit, user_id: str, request: Request) -> str:
    """Sign a user in; return the secret for the cookie."""
    settings: Settings = request.app.state.settings
    unit.sessions.sweep()
    expires = datetime.now(UTC) + timedelta(hours=settings.session_hours)
    return unit.sessions.add(
        user_id,
        expires_at=expires,
        address=address_of(request),
        agent=request.headers.get("user-agent", ""),
    )[1]


def set_cookie(response: Response, request: Request, secret: str) -> None:
    """Give the browser the secret of its session: for this site, and not for scripts."""
    settings: Settings = request.app.state.settings
    response.set_cookie(
        COOKIE,
        secret,
        max_age=int(settings.session_hours * 3600),
        httponly=True,
        samesite="lax",
        secure=settings.secure_cookies or settings.base_url.startswith("https:"),
        path="/",
    )


def address_of(request: Request) -> str:
    """Return the address a request comes from."""
    return request.client.host if request.client else ""


def _is_old(used: datetime | None) -> bool:
    return used is None or datetime.now(UTC) - used > _NOTED_AFTER
