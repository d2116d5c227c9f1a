"""A password that was forgotten: an admin makes a link, and its user sets a new one, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ...jobs.arguments import RowId
from ...store import Conflict, Gone, NotFound, Store, Unit
from ...store.tables import User
from ..access import Actor, GuardedRoute, check_same_site, needs
from ..access import Role as Needed
from ..problems import TABLE
from ..schemas import NewPasswordLink, PasswordLinkMade
from ..sign_in import LONGEST_PASSWORD, SHORTEST_PASSWORD, at_the_door, hasher, writer
from ..writing import Done, write
from .entrance import let_in, read_form, uncached_page

router = APIRouter(route_class=GuardedRoute)
Admin = Annotated[Actor, needs(Needed.ADMIN, "admin")]
Nobody = Annotated[Actor, needs(Needed.PUBLIC)]
# A link is a token with this scope alone, which no route asks for: it opens only its own page.
SCOPE = "password"
_NO_MORE = "The link is not known, was used before, or has expired. Ask an admin for another."


@router.post(
    "/users/{row_id}/password-links",
    tags=["People"],
    status_code=201,
    response_model=PasswordLinkMade,
)
def add_password_link(
    request: Request, row_id: RowId, actor: Admin, body: NewPasswordLink
) -> Response:
    """Make a link with which a user sets a new password, once; it is told only now.

    Links made before for the same user work no more.
    """
    base = request.app.state.public.base(request)

    def do(unit: Unit) -> Done:
        user = unit.users.locked(row_id)
        if user.disabled_at is not None:
            raise Conflict("This user is shut out. Let them in again first.")
        unit.tokens.revoke_all(user.id, scope=SCOPE)
        expires = datetime.now(UTC) + timedelta(hours=body.hours)
        row, secret = unit.tokens.add(
            user.id, name="a new password", scopes=[SCOPE], expires_at=expires
        )
        told = {"id": row.id, "user_id": user.id, "expires_at": expires}
        return Done(told, 201, secret={"link": f"{base}/password/{secret}"})

    return write(request, actor, do, body=body)


@router.get("/password/{secret}", include_in_schema=False)
async def password_page(request: Request, secret: str, _actor: Nobody) -> Response:
    """Return the form for a new password."""

    def look() -> str:
        with _store(request).read() as unit:
            return _user_of(unit, secret).name

    try:
        name = await run_in_threadpool(look)
    except (NotFound, Gone) as fault:
        return _page(request, fault=_NO_MORE, status=TABLE[type(fault)].status)
    return _page(request, name=name)


@router.post("/password/{secret}", include_in_schema=False)
async def set_password(request: Request, secret: str, _actor: Nobody) -> Response:
    """Set the new password, end every session, and sign in."""
    check_same_site(request)
    password = (await read_form(request, ("password",)))["password"]
    try:
        user = await at_the_door(request, _renewed, _store(request), secret, password)
    except (NotFound, Gone) as fault:
        return _page(request, fault=_NO_MORE, status=TABLE[type(fault)].status)
    if user is None:
        words = f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} signs."
        return _page(request, name="you", fault=words, status=422)
    return await let_in(request, user)


def _renewed(store: Store, secret: str, password: str) -> User | None:
    """Return the user who has a new password now; None where it is too short or too long."""
    with store.read() as unit:
        user = _user_of(unit, secret)
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        return None
    hashed = hasher().hash(password)
    with store.write(writer(user.name, user.id)) as unit:
        unit.users.locked(user.id)  # of two who use the link at once one waits here
        user = _user_of(unit, secret)
        unit.tokens.revoke_all(user.id, scope=SCOPE)
        unit.sessions.end_all(user.id)
        return unit.users.change(user.id, password_hash=hashed)


def _user_of(unit: Unit, secret: str) -> User:
    """Return whose link it is.

    Raises:
        NotFound, Gone: nobody's, or nobody's any more.
    """
    token, user = unit.tokens.by_secret(secret)
    if SCOPE not in token.scopes:
        raise NotFound("This token is no link.")
    return user


def _page(request: Request, *, name: str = "", fault: str = "", status: int = 200) -> Response:
    return uncached_page(request, "password.html", {"name": name, "fault": fault}, status=status)


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store
