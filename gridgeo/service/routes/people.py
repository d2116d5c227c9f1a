"""Sign-ins, users, invitations, tokens, and the log of who did what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from ...jobs.arguments import RowId
from ...store import NotFound, Store, Unit
from ...store import Role as StoredRole
from ...store.tables import Token
from ..access import Actor, GuardedRoute, Role, check_not_foreign, needs
from ..paging import Cursor, Limit, page_of
from ..problems import MissingError, NotAllowedError
from ..schemas import (
    AuditEntryTold,
    InvitationMade,
    InvitationTold,
    NewInvitation,
    NewPassword,
    NewToken,
    Page,
    SignIn,
    TokenMade,
    TokenTold,
    UserChange,
    UserTold,
)
from ..sign_in import (
    COOKIE,
    address_of,
    at_the_door,
    begin_session,
    check_password,
    hasher,
    set_cookie,
)
from ..writing import Done, check_match, store_actor, told, write

router = APIRouter(route_class=GuardedRoute, tags=["People"])
# Whoever signed in, whatever they may; a token does not make tokens unless it bears that scope.
Anyone = Annotated[Actor, needs(Role.VIEWER)]
Self = Annotated[Actor, needs(Role.VIEWER, "admin")]
Admin = Annotated[Actor, needs(Role.ADMIN, "admin")]
Nobody = Annotated[Actor, needs(Role.PUBLIC)]
Word = Annotated[str, Query(max_length=64, pattern=r"^[A-Za-z0-9_-]*$")]


@router.post("/sessions", status_code=201, response_model=UserTold)
async def sign_in(request: Request, _actor: Nobody, body: SignIn) -> Response:
    """Sign in with a name and a password; the browser gets a cookie."""
    check_not_foreign(request)

    def do() -> Response:
        store, settings = _store(request), request.app.state.settings
        user = check_password(store, settings, body.name, body.password, address_of(request))
        asker = store_actor(request, Actor(user.name, user_id=user.id))
        with store.write(asker) as unit:
            secret = begin_session(unit, user.id, request)
        answer = JSONResponse(UserTold.model_validate(user).model_dump(mode="json"), 201)
        set_cookie(answer, request, secret)
        return answer

    return await at_the_door(request, do)


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
async def change_password(request: Request, actor: Self, body: NewPassword) -> Response:
    """Change one's own password; every session ends, tokens go on."""

    def do() -> Response:
        store, settings = _store(request), request.app.state.settings
        user = check_password(store, settings, actor.name, body.old, address_of(request))
        hashed = hasher().hash(body.new)
        with store.write(store_actor(request, actor)) as unit:
            unit.users.change(user.id, password_hash=hashed)
            unit.sessions.end_all(user.id)
        answer = Response(None, 204)
        answer.delete_cookie(COOKIE)
        return answer

    return await at_the_door(request, do)


@router.get("/users", response_model=Page[UserTold])
def users(request: Request, _actor: Admin, after: Cursor = "", limit: Limit = 100) -> Response:
    """Return the users."""
    with _store(request).read() as unit:
        rows = unit.users.page(after=after, limit=limit + 1)
    return page_of(request, rows, UserTold, limit)


@router.get("/users/{row_id}", response_model=UserTold)
def user(request: Request, row_id: RowId, _actor: Admin) -> Response:
    """Return a user."""
    with _store(request).read() as unit:
        row = unit.users.get(row_id)
    return told(request, row, UserTold.model_validate(row))


@router.patch("/users/{row_id}", response_model=UserTold)
def change_user(request: Request, row_id: RowId, actor: Admin, body: UserChange) -> Response:
    """Change a user's name or role, or shut them out and let them in again."""

    def do(unit: Unit) -> Done:
        row = unit.users.locked(row_id)
        check_match(request, row)
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


@router.get("/invitations", response_model=Page[InvitationTold])
def invitations(
    request: Request, _actor: Admin, after: Cursor = "", limit: Limit = 100
) -> Response:
    """Return the invitations, used ones too, without their links."""
    with _store(request).read() as unit:
        rows = unit.invitations.page(after=after, limit=limit + 1)
    return page_of(request, rows, InvitationTold, limit)


@router.post("/invitations", status_code=201, response_model=InvitationMade)
def invite(request: Request, actor: Admin, body: NewInvitation) -> Response:
    """Make a link with which one person makes an account, once; it is told only now."""
    base = request.app.state.public.base(request)

    def do(unit: Unit) -> Done:
        expires = datetime.now(UTC) + timedelta(hours=body.hours)
        row, secret = unit.invitations.add(role=StoredRole(body.role), expires_at=expires)
        link = {"link": f"{base}/join/{secret}"}
        return Done(InvitationTold.model_validate(row), 201, secret=link)

    return write(request, actor, do, body=body)


@router.delete("/invitations/{row_id}", status_code=204)
def withdraw_invitation(request: Request, row_id: RowId, actor: Admin) -> Response:
    """Make a link worthless that nobody has used."""

    def do(unit: Unit) -> Done:
        unit.invitations.withdraw(row_id)
        return Done(None, 204)

    return write(request, actor, do)


@router.get("/tokens", response_model=Page[TokenTold])
def tokens(request: Request, actor: Anyone, after: Cursor = "", limit: Limit = 100) -> Response:
    """Return one's own tokens, without their secrets."""
    with _store(request).read() as unit:
        rows = unit.tokens.page(after=after, limit=limit + 1, user_id=actor.user_id)
    return page_of(request, rows, TokenTold, limit)


@router.post("/tokens", status_code=201, response_model=TokenMade)
def add_token(request: Request, actor: Self, body: NewToken) -> Response:
    """Make a token for programs; its secret is told only now."""
    expires = datetime.now(UTC) + timedelta(days=body.days)
    if actor.scopes is not None:
        if not set(body.scopes) <= actor.scopes:
            raise NotAllowedError("A token makes no token that may more than itself")
        if actor.until is not None and expires > actor.until:
            raise NotAllowedError("A token makes no token that lives longer than itself")

    def do(unit: Unit) -> Done:
        row, secret = unit.tokens.add(
            actor.user_id, name=body.name, scopes=list(body.scopes), expires_at=expires
        )
        return Done(TokenTold.model_validate(row), 201, secret={"token": secret})

    return write(request, actor, do, body=body)


@router.delete("/tokens/{row_id}", status_code=204)
def revoke_token(request: Request, row_id: RowId, actor: Self) -> Response:
    """Make one of one's own tokens worthless; an admin anybody's."""

    def do(unit: Unit) -> Done:
        _own_token(unit, row_id, actor)
        unit.tokens.revoke(row_id)
        return Done(None, 204)

    return write(request, actor, do)


@router.get("/audit-log", response_model=Page[AuditEntryTold])
def audit_log(
    request: Request,
    _actor: Admin,
    before: Cursor = "",
    limit: Limit = 100,
    kind: Word = "",
    resource_id: Word = "",
    actor_id: Word = "",
) -> Response:
    """Return who changed what, newest first; of one kind, thing or person where that is said."""
    asked = {"kind": kind, "resource_id": resource_id, "actor_id": actor_id}
    equal = {name: value for name, value in asked.items() if value}
    with _store(request).read() as unit:
        rows = unit.audit_log.newest(before=before, limit=limit + 1, **equal)
    return page_of(request, rows, AuditEntryTold, limit, word="before")


def _own_token(unit: Unit, row_id: RowId, actor: Actor) -> Token:
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
