"""How public routes answer: in the form asked for, from what was made before, or with a problem."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from fastapi import Request
from starlette.responses import Response

from .pages import page
from .problems import BadRequestError, MissingError, NotAcceptableError
from .public.answers import HTML, JSON, Answers, Made, Quick, never
from .public.catalogue import Catalogue, NoLongerPublicError
from .public.collections import Collection, find_collection
from .public.cql_parts import FilterError
from .public.negotiation import FORMS, wanted_form
from .public.query import QueryError

# A proxy must not give a browser what a program asked for.
VARY = {"vary": "Accept"}
# Links stand in the header too, but for those to fill in: a header tells no templates.
_MOST_LINKS = 20
# What a proxy reads of an answer's headers by default is 4 KB; a long filter stands in each link.
_MOST_LETTERS = 3_000


def catalogue_of(request: Request) -> Catalogue:
    """Return what is published."""
    public: Answers = request.app.state.public
    return public.catalogue


def form_asked(request: Request) -> str:
    """Return the form of the answer that a request asks for: "json" or "html".

    Raises:
        BadRequestError: ``f`` names another.
        NotAcceptableError: the client accepts neither.
    """
    form = wanted_form(request)
    if not form and "f" not in request.query_params:
        raise NotAcceptableError("there is JSON and HTML; Accept names neither")
    if form not in FORMS:
        raise BadRequestError(f"f={form[:40]}: there is json and html")
    return form


def found_collection(request: Request, name: str) -> Collection:
    """Return a collection by its name.

    Raises:
        MissingError: there is none.
    """
    found = find_collection(catalogue_of(request), name)
    if found is None:
        raise MissingError(f"there is no collection {name[:80]!r}")
    return found


def refuse_others(request: Request, known: Iterable[str]) -> None:
    """Refuse parameters that mean nothing here, and those that are said twice.

    Raises:
        BadRequestError: there are some.
    """
    said = Counter(name for name, _ in request.query_params.multi_items())
    strange = sorted(set(said) - set(known))
    if strange:
        raise BadRequestError(f"{', '.join(strange)[:200]} is no parameter here")
    twice = sorted(name for name, count in said.items() if count > 1)
    if twice:
        raise BadRequestError(f"{', '.join(twice)} stands twice")


def refuse_forms(request: Request) -> None:
    """Refuse any form but JSON, where there is no other.

    Raises:
        BadRequestError: ``f`` names one, or something else is asked for.
    """
    refuse_others(request, ("f",))
    form = request.query_params.get("f", FORMS[0])
    if form != FORMS[0]:
        raise BadRequestError(f"f={form[:40]}: there is {FORMS[0]}")


async def answered(
    request: Request, make: Callable[[str], Made], form: str, *, quick: Quick = never
) -> Response:
    """Return what ``make`` makes, and what it refuses as a problem.

    Raises:
        BadRequestError: the query cannot be answered.
        MissingError: what it is about is not public any more.
    """
    public: Answers = request.app.state.public
    try:
        return await public.answer(request, make, form=form, quick=quick)
    except (QueryError, FilterError) as fault:
        raise BadRequestError(str(fault)) from fault
    except NoLongerPublicError as fault:
        raise MissingError(str(fault)) from fault


async def in_form(
    request: Request,
    make: Callable[[str, str], tuple[dict[str, Any], str, dict[str, Any]]],
    *,
    kind: str = JSON,
) -> Response:
    """Return facts as JSON or as a page.

    ``make``: of the base address and the form makes the facts, the name of the template, and
    what the template needs besides.
    """
    form = form_asked(request)
    refuse_others(request, ("f",))

    def made(base: str) -> Made:
        facts, template, more = make(base, form)
        headers = {**VARY, **link_header(facts.get("links", ()))}
        if form == "html":
            return Made(page(template, base, {**facts, **more}), HTML, headers)
        return Made((dumped(facts) + "\n").encode(), kind, headers)

    return await answered(request, made, form)


def link_header(links: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return links as a header tells them (RFC 8288), without titles, which may not be ASCII."""
    told = [
        f'<{one["href"]}>; rel="{one["rel"]}"; type="{one["type"]}"'
        for one in links
        if not one.get("templated")
    ]
    said = ", ".join(told[:_MOST_LINKS])
    fits = said.isascii() and said.isprintable() and len(said) <= _MOST_LETTERS
    return {"link": said} if said and fits else {}


def dumped(value: Any) -> str:
    """Return plain values as JSON on one line."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
