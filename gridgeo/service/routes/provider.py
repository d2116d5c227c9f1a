"""Sign-in with the account of an organisation: to its OpenID Connect provider and back."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from ...store import NotFound, Role, Store, Unit
from ...store.tables import User
from ..access import Actor, needs
from ..access import Role as Needed
from ..oidc import Person, Provider, ProviderAwayError, Way
from ..problems import MissingError, NotSignedInError
from ..sign_in import writer
from .entrance import let_in, sign_in_form

router = APIRouter(include_in_schema=False)
Nobody = Annotated[Actor, needs(Needed.PUBLIC)]
_COOKIE, _PATH = "gridgeo_provider", "/sign-in/provider"
_BACK = f"{_PATH}/return"
_LONGEST_S = 600
_BLANKS = re.compile(r"[\s\x00-\x1f]+")
_LONGEST_NAME = 72


@router.get(_PATH)
async def to_provider(request: Request, _actor: Nobody) -> Response:
    """Send the browser to the provider."""
    way = Way.new()
    try:
        address = await _provider(request).address(way, _back(request))
    except ProviderAwayError as fault:
        return sign_in_form(request, _said(fault), status=fault.kind.status)
    answer = RedirectResponse(address, 303, {"cache-control": "no-store"})
    # Lax: the browser comes back from another site
    answer.set_cookie(_COOKIE, str(way), max_age=_LONGEST_S, path=_PATH, httponly=True,
                      samesite="lax", secure=request.app.state.settings.https)  # fmt: skip
    return answer


@router.get(_BACK)
async def from_provider(request: Request, _actor: Nobody) -> Response:
    """Let in whom the provider names; who comes first gets an account."""
    way = Way.read(request.cookies.get(_COOKIE, ""))
    provider = _provider(request)
    role = Role(request.app.state.settings.oidc_role)
    try:
        person = await provider.person(request.query_params, way, _back(request))
        user = await run_in_threadpool(_user_of, request.app.state.store, person, role)
    except (NotSignedInError, ProviderAwayError) as fault:
        answer = sign_in_form(request, _said(fault), status=fault.kind.status)
    else:
        answer = await let_in(request, user)
    answer.delete_cookie(_COOKIE, path=_PATH)
    return answer


def _user_of(store: Store, person: Person, role: Role) -> User:
    """Return the user of a person; one who is not known becomes one.

    An account that has the same name is another's, as far as anybody here can tell.
    """
    with store.write(writer(_name(person.name))) as unit:
        try:
            user = unit.users.by_subject(person.subject)
        except NotFound:
            user = unit.users.add(
                name=_free_name(unit, _name(person.name)),
                role=role,
                full_name=_BLANKS.sub(" ", person.full_name).strip(),
                email=person.email and _BLANKS.sub("", person.email),
                subject=person.subject,
            )
    if user.disabled_at is not None:
        raise NotSignedInError("This account is shut out; ask an admin")
    return user


def _name(said: str) -> str:
    seen = "".join(sign for sign in said if sign.isprintable() or sign.isspace())
    return _BLANKS.sub("-", seen.strip())[:_LONGEST_NAME].casefold() or "somebody"


def _free_name(unit: Unit, name: str) -> str:
    number, free = 1, name
    while _is_taken(unit, free):
        number += 1
        free = f"{name}-{number}"
    return free


def _is_taken(unit: Unit, name: str) -> bool:
    try:
        unit.users.by_name(name)
    except NotFound:
        return False
    return True


def _said(fault: NotSignedInError | ProviderAwayError) -> str:
    return str(fault) if isinstance(fault, NotSignedInError) else f"{fault.kind.title}. {fault}"


def _provider(request: Request) -> Provider:
    provider: Provider | None = request.app.state.provider
    if provider is None:
        raise MissingError("There is no sign-in of an organisation here")
    return provider


def _back(request: Request) -> str:
    return f"{request.app.state.public.base(request)}{_BACK}"
