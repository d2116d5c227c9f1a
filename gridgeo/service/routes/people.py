"""Sign-ins, users, invitations, tokens, and the log of who did what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from ...store import NotFound, Store, Unit
from ...store import Role as StoredRole
from ...store.tables import Token
from ..access import Actor, Role, needs
from ..problems import MissingError, NotAllowedError, NotSignedInError
from ..schemas import (
    AuditEntryTold,
    NewInvitation,
    NewPassword,
    NewToken,
    SignIn,
    TokenTold,
    UserChange,
    UserTold,
)
from ..sign_in import (
    COOKIE,
    address_of,
    begin_session,
    check_password,
    hasher,
    set_cookie,
)
from ..writing import MOST_AT_ONCE, Done, expected, page_of, store_actor, told, write

router = APIRouter(tags=["People"])
# Whoever signed in, whatever they may; a token does not make tokens unless it bears that scope.
Anyone = Annotated[Actor, needs(Role.VIEWER)]
Self = Annotated[Actor, needs(Role.VIEWER, "admin")]
Admin = Annotated[Actor, needs(Role.ADMIN, "admin")]
Nobody = Annotated[Actor, needs(Role.PUBLIC)]
Limit = Annotated[int, Query(ge=1, le=MOST_AT_ONCE)]
After = Annotated[str, Query(max_length=64)]


@router.post("/sessions", status_code=201, response_model=UserTold)
def sign_in(request: Request, _actor: Nobody, body: SignIn) -> Response:
    """Sign in with a name and a password; the browser gets a cookie."""
    store, settings = _store(request), request.app.state.settings
    user = check_password(store, settings, body.name, body.password, address=address_of(request))
    asker = store_actor(request, Actor(user.name, user_id=user.id))
    with store.write(asker) as unit:
        secret = begin_session(unit, user.id, request)
    answer = JSONResponse(UserTold.model_validate(user).model_dump(mode="json"), 201)
    set_cookie(answer, request, secret)
    return answer


@router.delete("/sessions/current", status_code=204)
def sign_out(request: Request, actor: Anyone) -> Response:
    """Sign out: the cookie is worth nothing any more."""
    secret = request.cookies.get(COOKIE)
    if actor.by_cookie and secret:
        with _store(request).write(store_actor(request, actor)) as unit:
            session, _ = unit.sessions.by_secret(secret)
            unit.sessions.end(session.id)
    answer = Response(None, 204)
    answer.delete_cookie(COOKIE)
    return answer


@router.get("/users/me", response_model=UserTold)
def me(request: Request, actor: Anyone) -> Response:
    """Return who asks."""
    with _store(request).read() as unit:
        row = unit.users.get(actor.user_id)
    return told(request, row, UserTold.model_validate(row))


@router.put("/users/me/password", status_code=204)
def change_password(request: Request, actor: Self, body: NewPassword) -> Response:
    """Change one's own password; every session but those that begin anew ends."""
    settings = request.app.state.settings
    store = _store(request)
    user = check_password(store, settings, actor.name, body.old, address=address_of(request))
    if user.id != actor.user_id:
        raise NotSignedInError("Name or password is wrong")
    hashed = hasher().hash(body.new)
    with store.write(store_actor(request, actor)) as unit:
        unit.users.change(actor.user_id, password_hash=hashed)
        unit.sessions.end_all(actor.user_id)
    return Response(None, 204)


@router.get("/users")
def users(request: Request, _actor: Admin, after: After = "", limit: Limit = 100) -> Response:
    """Return the users."""
    with _store(request).read() as unit:
        rows = unit.users.page(after=after, limit=limit)
    return page_of(request, rows, [UserTold.model_validate(row) for row in rows], limit)


@router.patch("/users/{row_id}", response_model=UserTold)
def change_user(request: Request, row_id: str, actor: Admin, body: UserChange) -> Response:
    """Change a user's name or role, or shut them out and let them in again."""

    def do(unit: Unit) -> Done:
        row = unit.users.locked(row_id, revision=expected(request))
        values = body.model_dump(exclude_none=True, exclude={"disabled"})
        if values:
            row = unit.users.change(row_id, **values)
        if body.disabled is True:
            row = unit.users.disable(row_id)
            unit.sessions.end_all(row_id)
        elif body.disabled is False:
            row = unit.users.enable(row_id)
        return Done(UserTold.model_validate(row), revision=row.revision)

    return write(request, actor, do, body=body)


@router.post("/invitations", status_code=201)
def invite(request: Request, actor: Admin, body: NewInvitation) -> Response:
    """Make a link with which one person makes an account, once; it is told only now."""
    expires = datetime.now(UTC) + timedelta(hours=body.hours)
    with _store(request).write(store_actor(request, actor)) as unit:
        row, secret = unit.invitations.add(role=StoredRole(body.role), expires_at=expires)
    base = request.app.state.public.base(request)
    facts = {"id": row.id, "role": row.role, "expires_at": expires.isoformat(),
             "link": f"{base}/join/{secret}"}  # fmt: skip
    return JSONResponse(facts, 201, {"cache-control": "no-store"})


@router.get("/tokens")
def tokens(request: Request, actor: Anyone, after: After = "", limit: Limit = 100) -> Response:
    """Return one's own tokens, without their secrets."""
    with _store(request).read() as unit:
        rows = unit.tokens.page(after=after, limit=limit, user_id=actor.user_id)
    return page_of(request, rows, [TokenTold.model_validate(row) for row in rows], limit)


@router.post("/tokens", status_code=201)
def add_token(request: Request, actor: Self, body: NewToken) -> Response:
    """Make a token for programs; its secret is told only now."""
    if actor.scopes is not None and not set(body.scopes) <= actor.scopes:
        raise NotAllowedError("A token makes no token that may more than itself")
    expires = datetime.now(UTC) + timedelta(days=body.days)
    with _store(request).write(store_actor(request, actor)) as unit:
        row, secret = unit.tokens.add(
            actor.user_id, name=body.name, scopes=list(body.scopes), expires_at=expires
        )
    facts: dict[str, Any] = TokenTold.model_validate(row).model_dump(mode="json")
    return JSONResponse(facts | {"token": secret}, 201, {"cache-control": "no-store"})


@router.delete("/tokens/{row_id}", status_code=204)
def revoke_token(request: Request, row_id: str, actor: Self) -> Response:
    """Make one of one's own tokens worthless; an admin anybody's."""

    def do(unit: Unit) -> Done:
        _own_token(unit, row_id, actor)
        unit.tokens.revoke(row_id)
        return Done(None, 204)

    return write(request, actor, do)


@router.get("/audit-log")
def audit_log(
    request: Request,
    _actor: Admin,
    before: Annotated[str, Query(max_length=64)] = "",
    limit: Limit = 100,
) -> Response:
    """Return who changed what, newest first."""
    with _store(request).read() as unit:
        rows = unit.audit_log.newest(before=before, limit=limit)
    bodies = [AuditEntryTold.model_validate(row) for row in rows]
    return page_of(request, rows, bodies, limit, after="before")


def _own_token(unit: Unit, row_id: str, actor: Actor) -> Token:
    """Return a token that an actor may revoke; of another's it is not told that it is there."""
    try:
        row: Token = unit.tokens.get(row_id)
    except NotFound as fault:
        raise MissingError("There is no such token of yours") from fault
    if row.user_id != actor.user_id and actor.role is not Role.ADMIN:
        raise MissingError("There is no such token of yours")
    return row


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store
