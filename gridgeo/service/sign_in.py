"""Who asks: by a cookie of a sign-in or by a token; passwords, and how often they may be wrong."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, TypeVar

import anyio.to_thread
from fastapi import Request
from pwdlib import PasswordHash
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from .. import store as stores
from ..logs import REQUEST_ID
from ..store import Gone, NotFound, Refused, Stale, Store, Unit
from ..store.tables import User
from .access import Actor, Role
from .problems import NotSignedInError, TooManyError
from .settings import Settings

COOKIE = "gridgeo_session"
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200
WINDOW = timedelta(minutes=10)
# Under one name so many times more sign-ins may fail than from one address: a stranger at one
# address shuts out that address, and not the person whose name they know.
NAME_TIMES = 10
# A use of a session or a token is noted once in so long: not every request is a write.
_NOTED_AFTER = timedelta(minutes=5)
# A password takes argon2 some 64 MB and all of a core: so many are tried at once.
PASSWORDS_AT_ONCE = 2

T = TypeVar("T")


@cache
def hasher() -> PasswordHash:
    """Return what hashes passwords: argon2, with the parameters its makers recommend."""
    return PasswordHash.recommended()


@cache
def _nobody() -> str:
    """A hash that no password has: an unknown name takes as long as a wrong password."""
    return hasher().hash("nobody's password")


def writer(name: str, user_id: str = "") -> stores.Actor:
    """Return who writes, for the audit log, with the request that is being answered."""
    return stores.Actor(name, user_id, REQUEST_ID.get())


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
            with store.write(writer(user.name, user.id)) as unit:
                unit.tokens.touch(token.id)
        return actor_of(user, scopes=frozenset(token.scopes), until=token.expires_at)
    try:
        with store.read() as unit:
            session, user = unit.sessions.by_secret(cookie or "")
    except (NotFound, Gone):
        return Actor()
    if _is_old(session.last_used_at):
        # who signs out at this moment ends it
        with suppress(NotFound, Stale), store.write(writer(user.name, user.id)) as unit:
            unit.sessions.touch(session.id)
    return actor_of(user, by_cookie=True)


async def at_the_door(request: Request, do: Callable[..., T], *args: Any) -> T:
    """Run what tries or makes a password in a thread; a few at once, the others wait in line."""
    return await anyio.to_thread.run_sync(do, *args, limiter=request.app.state.passwords)


def check_password(
    store: Store, settings: Settings, name: str, password: str, address: str
) -> User:
    """Return the user whose name and password these are.

    ``settings.sign_in_attempts`` may fail from one address, NAME_TIMES as many under one name
    from all addresses together. Each try is counted before it is made, so that many at once are
    not more than one by one.

    Raises:
        TooManyError: too many sign-ins failed under that name, or from that address.
        NotSignedInError: they are not; which of the two is wrong is not told.
    """
    with store.read() as unit:
        user = _known(unit, name)
        # one person is one count, however their name is written
        name = name.strip().casefold() if user is None else user.name
        _check_few(unit, settings, name, address)
    # of an unknown name the log tells nothing: people type passwords there
    asker = writer(user.name, user.id) if user else writer("nobody")
    with store.write(asker) as unit:
        _check_few(unit, settings, name, address)
        unit.sign_in_attempts.sweep(datetime.now(UTC) - 2 * WINDOW)
        tried = [unit.sign_in_attempts.add(one) for one in _subjects(name, address)]
    kept = user.password_hash if user is not None and user.password_hash else _nobody()
    right, renewed = hasher().verify_and_update(password[:LONGEST_PASSWORD], kept)
    if user is None or not user.password_hash or user.disabled_at is not None or not right:
        with store.write(asker) as unit:
            unit.audit_log.note("sign-in failed", kind="users", resource_id=user.id if user else "",
                                facts={"address": address})  # fmt: skip
        raise NotSignedInError("Name or password is wrong")
    with store.write(asker) as unit:
        for one in tried:
            unit.sign_in_attempts.take_back(one)
        if renewed is not None:
            unit.users.change(user.id, password_hash=renewed)
    return user


def _known(unit: Unit, name: str) -> User | None:
    try:
        return unit.users.by_name(name)
    except (NotFound, Refused):
        return None


def _subjects(name: str, address: str) -> tuple[str, str]:
    """Return what a try is counted under: a hash of the name, and the address or its network."""
    try:
        at = ipaddress.ip_address(address)
        # who has one address of version 6 has 2^64
        network = ipaddress.ip_network((at, 64 if at.version == 6 else 32), strict=False)
    except ValueError:
        network = address  # type: ignore[assignment]
    hashed = hashlib.sha256(name.encode()).hexdigest()
    return f"name:{hashed}", f"address:{network}"


def _check_few(unit: Unit, settings: Settings, name: str, address: str) -> None:
    since = datetime.now(UTC) - WINDOW
    by_name, by_address = (
        unit.sign_in_attempts.since(one, since) for one in _subjects(name, address)
    )
    most = settings.sign_in_attempts
    if by_address >= most or by_name >= NAME_TIMES * most:
        wait_s = int(WINDOW.total_seconds())
        raise TooManyError("Too many sign-ins failed. Wait ten minutes", retry_after_s=wait_s)


def begin_session(unit: Unit, user_id: str, request: Request) -> str:
    """Sign a user in; return the secret for the cookie."""
    settings: Settings = request.app.state.settings
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
        secure=settings.https,
        path="/",
    )


def address_of(request: Request) -> str:
    """Return the address a request comes from."""
    return request.client.host if request.client else ""


def _is_old(used: datetime | None) -> bool:
    return used is None or datetime.now(UTC) - used > _NOTED_AFTER
