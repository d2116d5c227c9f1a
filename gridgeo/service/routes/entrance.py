"""The pages by which people come in: sign in, make an account from an invitation, sign out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from ...store import Conflict, Gone, NotFound, Refused, Role, Store
from ...store.tables import User
from ..access import Actor, check_not_foreign, check_same_site, needs
from ..access import Role as Needed
from ..pages import page
from ..problems import TABLE, NotSignedInError, TooManyError
from ..public.answers import HTML
from ..schemas import Joining
from ..sign_in import (
    COOKIE,
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    WINDOW,
    address_of,
    at_the_door,
    begin_session,
    check_password,
    find_actor,
    hasher,
    set_cookie,
    writer,
)

router = APIRouter(include_in_schema=False)
Nobody = Annotated[Actor, needs(Needed.PUBLIC)]
_FIELDS = ("name", "full_name", "password")


@router.get("/sign-in")
async def sign_in_page(request: Request, _actor: Nobody) -> Response:
    """Return the form for name and password."""
    actor = await find_actor(request)
    return sign_in_form(request, actor=actor if actor.user_id else None)


@router.post("/sign-in")
async def sign_in(request: Request, _actor: Nobody) -> Response:
    """Sign in from the form, and go on to the landing page."""
    check_same_site(request)
    said = await read_form(request, ("name", "password"))
    settings = request.app.state.settings
    try:
        user = await at_the_door(
            request, check_password, _store(request), settings, said["name"], said["password"],
            address_of(request),
        )  # fmt: skip
    except (NotSignedInError, TooManyError) as fault:
        return sign_in_form(request, str(fault), status=fault.kind.status)
    return await let_in(request, user)


@router.post("/sign-out")
async def sign_out(request: Request, _actor: Nobody) -> Response:
    """Sign out from the page."""
    check_same_site(request)
    secret = request.cookies.get(COOKIE)
    if secret:
        await run_in_threadpool(_end, _store(request), secret)
    answer = RedirectResponse(f"{request.app.state.public.base(request)}/?f=html", 303)
    answer.delete_cookie(COOKIE)
    return answer


@router.get("/join/{secret}")
async def join_page(request: Request, secret: str, _actor: Nobody) -> Response:
    """Return the form for a new account."""
    try:
        role = await run_in_threadpool(_invited, _store(request), secret)
    except (NotFound, Gone) as fault:
        return _join_page(request, str(fault), status=TABLE[type(fault)].status)
    return _join_page(request, role=role)


@router.post("/join/{secret}")
async def join(request: Request, secret: str, _actor: Nobody) -> Response:
    """Make an account of an invitation, and sign in with it."""
    check_not_foreign(request)
    said = await read_form(request, _FIELDS)
    role = ""
    try:
        role = await run_in_threadpool(_invited, _store(request), secret)
        asked = Joining.model_validate(said)
        user = await at_the_door(request, _joined, _store(request), secret, asked)
    except ValidationError as fault:
        where = sorted({str(one["loc"][0]).replace("_", " ") for one in fault.errors()})
        words = (
            f"Mend {', '.join(where)}. A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} "
            "signs, a name no blanks"
        )
        return _join_page(request, words, role=role, said=said, status=422)
    except (NotFound, Gone) as fault:
        return _join_page(request, str(fault), status=TABLE[type(fault)].status)
    except (Conflict, Refused) as fault:
        status = TABLE[type(fault)].status
        return _join_page(request, str(fault), role=role, said=said, status=status)
    return await let_in(request, user)


def _join_page(
    request: Request,
    fault: str = "",
    *,
    role: str = "",
    said: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    # what was typed comes back, but for the password
    shown = {name: text for name, text in (said or {}).items() if name != "password"}
    facts = {"fault": fault, "role": role, "said": shown}
    return uncached_page(request, "join.html", facts, status=status)


def _invited(store: Store, secret: str) -> str:
    with store.read() as unit:
        return str(unit.invitations.look(secret).role)


def _joined(store: Store, secret: str, asked: Joining) -> User:
    hashed = hasher().hash(asked.password)
    with store.write(writer(asked.name)) as unit:
        role = Role(unit.invitations.open(secret).role)
        user = unit.users.add(
            name=asked.name, role=role, full_name=asked.full_name, password_hash=hashed
        )
        unit.invitations.use(secret, user.id)
        return user


async def let_in(request: Request, user: User) -> Response:
    """Begin a session of a user, and send the browser on to the landing page."""

    def begin() -> str:
        with _store(request).write(writer(user.name, user.id)) as unit:
            return begin_session(unit, user.id, request)

    secret = await run_in_threadpool(begin)
    answer = RedirectResponse(f"{request.app.state.public.base(request)}/?f=html", 303)
    answer.headers["cache-control"] = "no-store"
    set_cookie(answer, request, secret)
    return answer


def sign_in_form(
    request: Request, fault: str = "", *, actor: Actor | None = None, status: int = 200
) -> Response:
    """Return the page for name and password, with what went wrong before."""
    with_provider = request.app.state.provider is not None
    facts = {"fault": fault, "actor": actor, "with_provider": with_provider}
    answer = uncached_page(request, "sign_in.html", facts, status=status)
    if status == TooManyError.kind.status:
        answer.headers["retry-after"] = str(int(WINDOW.total_seconds()))
    return answer


def _end(store: Store, secret: str) -> None:
    try:
        with store.read() as unit:
            session, user = unit.sessions.by_secret(secret)
    except (NotFound, Gone):
        return
    with store.write(writer(user.name, user.id)) as unit:
        unit.sessions.end(session.id)


async def read_form(request: Request, names: tuple[str, ...]) -> dict[str, str]:
    """Return what a form says; a part that lacks is empty."""
    form = await request.form(max_files=0, max_fields=10)
    return {name: value if isinstance(value := form.get(name), str) else "" for name in names}


def uncached_page(
    request: Request, name: str, facts: dict[str, Any], *, status: int = 200
) -> Response:
    """Return a page that no cache keeps."""
    base = request.app.state.public.base(request)
    headers = {"cache-control": "no-store"}
    return Response(page(name, base, facts), status, headers, media_type=HTML)


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store
