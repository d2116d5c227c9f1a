"""What went wrong, as RFC 9457 problem details: one table from exceptions to answers."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from ..errors import GridGeoError, InputError
from ..store import (
    NO_ROOM,
    Busy,
    Conflict,
    Damaged,
    Full,
    Gone,
    NotFound,
    Refused,
    Stale,
    StoreError,
    TooMany,
)
from .open_route import OpenRoute, methods_at
from .pages import page
from .public.negotiation import form_of

MEDIA_TYPE = "application/problem+json"
_LOG = logging.getLogger("gridgeo.service")
_LOGGED = "It has been logged under the request id; please report it"


@dataclass(frozen=True)
class Kind:
    """A kind of problem: the status of the answer, a name for programs, a title for people."""

    status: int
    name: str
    title: str


class ServiceError(Exception):
    """What a route refuses on purpose; the table says how it is answered."""

    kind = Kind(400, "bad-request", "The request cannot be used")

    def __init__(self, detail: str, **facts: Any) -> None:
        super().__init__(detail)
        self.facts = facts


class BadRequestError(ServiceError):
    """Something asked for cannot be understood."""


class NotAcceptableError(ServiceError):
    """There is no form of the answer that the client would take."""

    kind = Kind(406, "not-acceptable", "No such form")


class UnusableError(ServiceError):
    """It can be read, and cannot be done."""

    kind = Kind(422, "input-unusable", "The data cannot be used")


class NotSignedInError(ServiceError):
    """No proof of who asks, or one that does not hold."""

    kind = Kind(401, "not-signed-in", "Sign in first")


class NotAllowedError(ServiceError):
    """Who asks may not do this."""

    kind = Kind(403, "not-allowed", "Not allowed")


class MissingError(ServiceError):
    """There is no such thing, or it is not public."""

    kind = Kind(404, "not-found", "Not found")


class ClashError(ServiceError):
    """It contradicts what is there."""

    kind = Kind(409, "conflict", "Conflict")


class StaleError(ServiceError):
    """Somebody else changed it in between."""

    kind = Kind(412, "precondition-failed", "It was changed in between")


class TooLargeError(ServiceError):
    """More than is taken at once."""

    kind = Kind(413, "too-large", "Too large")


class TooManyError(ServiceError):
    """Too often, or too many waiting; ``retry_after_s`` says when to come again."""

    kind = Kind(429, "too-many-requests", "Too many requests")


_FULL = Kind(507, "no-room", "There is no room left")
_FAULT = Kind(500, "fault", "A fault of the service")
# Exceptions of the rooms below; of several that fit the nearest answers.
TABLE: dict[type[Exception], Kind] = {
    NotFound: MissingError.kind,
    Gone: Kind(410, "gone", "It was there, and is no more"),
    Stale: StaleError.kind,
    Conflict: ClashError.kind,
    Refused: Kind(422, "input-unusable", "The data cannot be used"),
    TooMany: TooManyError.kind,
    Busy: Kind(503, "busy", "The database is busy"),
    Full: _FULL,
    Damaged: Kind(500, "damaged", "What is kept is damaged"),
    StoreError: _FAULT,
    InputError: Kind(422, "input-unusable", "The data cannot be used"),
    GridGeoError: Kind(422, "input-unusable", "The data cannot be used"),
}
_BY_STATUS = {error.kind.status: error.kind for error in reversed(ServiceError.__subclasses__())}


def problem(
    request: Request,
    kind: Kind,
    detail: str,
    *,
    facts: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return an answer that says what went wrong, and how to find it in the log.

    As a page where a browser looks at what is public, or at nothing at all.
    """
    body = {
        "type": f"urn:gridgeo:problem:{kind.name}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "instance": request.url.path,
        "request_id": getattr(request.state, "request_id", ""),
        **(facts or {}),
    }
    said = dict(headers or {})
    if isinstance(request.scope.get("route"), OpenRoute):
        # what went wrong with a public route is for every page in the world to read too
        said["access-control-allow-origin"] = "*"
    if _may_be_looked_at(request):
        said["vary"] = "Accept"
        if _is_looked_at(request):
            content = page("problem.html", request.app.state.public.base(request), body)
            return HTMLResponse(content, kind.status, said)
    return JSONResponse(body, kind.status, said, media_type=MEDIA_TYPE)


def _may_be_looked_at(request: Request) -> bool:
    """Return whether what is asked for is public, so that a browser may show it."""
    route = request.scope.get("route")
    return request.method in ("GET", "HEAD") and isinstance(route, OpenRoute | None)


def _is_looked_at(request: Request) -> bool:
    """Return whether a person looks at a public answer in a browser."""
    asked = request.query_params.get("f")
    return asked == "html" or (
        asked is None and form_of(",".join(request.headers.getlist("accept"))) == "html"
    )


def answer_problems(app: FastAPI) -> None:
    """Let every exception be answered by the table; what is not in it is a fault of ours."""

    @app.exception_handler(ServiceError)
    async def _refused(request: Request, error: ServiceError) -> Response:
        headers = {}
        if error.kind.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        if "retry_after_s" in error.facts:
            headers["Retry-After"] = str(int(error.facts["retry_after_s"]))
        return problem(request, error.kind, str(error), facts=error.facts, headers=headers)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        elsewhere = _without_slash(request) if error.status_code == 404 else ""
        if elsewhere:
            return RedirectResponse(elsewhere, 307)
        known = _BY_STATUS.get(error.status_code)
        kind = known or Kind(error.status_code, f"http-{error.status_code}", str(error.detail))
        headers = dict(error.headers or {})
        if error.status_code == 405:
            # Starlette names the methods of one of the routes at this path alone
            headers["Allow"] = ", ".join(methods_at(dict(request.scope))[0])
            detail = f"{request.method} means nothing here; there is {headers['Allow']}"
        elif error.detail == "Not Found":  # Starlette's own word for an address it does not know
            detail = "there is nothing at this address"
        else:
            detail = str(error.detail)
        return problem(request, kind, detail, headers=headers)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        if _is_no_json(request, error):
            kind = Kind(415, "not-json", "Not in a form that is read here")
            return problem(request, kind, "Send JSON, and say so: Content-Type: application/json")
        faults = _faults(error.errors())
        kind = Kind(422, "request-invalid", "The request is not valid")
        first = faults[0]
        detail = f"{len(faults)} faults (first: {first['where']}: {first['message']})"
        if len(faults) == 1:
            detail = f"{first['where']}: {first['message']}"
        return problem(request, kind, detail, facts={"faults": faults})

    for exception, kind in TABLE.items():
        app.add_exception_handler(exception, _of_table(kind))


def _without_slash(request: Request) -> str:
    """Return the address that a request with a slash at its end means, "" for none."""
    scope = dict(request.scope)
    path = scope["path"].rstrip("/")
    if path == scope["path"] or not path or not methods_at({**scope, "path": path})[0]:
        return ""
    # Starlette would say the host that a proxy asked us by
    base = request.app.state.public.base(request)
    asked = f"?{request.url.query}" if request.url.query else ""
    return f"{base}{quote(path)}{asked}"


def fault(request: Request, error: Exception) -> Response:
    """Return the answer to what no rule knows: a full disk, or no more than how to find it."""
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return problem(request, _FULL, "The disk of the service is full. Make room on it")
    return problem(request, _FAULT, _LOGGED)


def _of_table(kind: Kind) -> Any:
    async def answer(request: Request, error: Exception) -> Response:
        if kind.status == 500:
            # its words are for who runs the service
            asked = getattr(request.state, "request_id", "")
            _LOG.error("request %s: %s", asked, error, exc_info=error)
            return problem(request, kind, _LOGGED)
        headers = {"Retry-After": "1"} if kind.status == 503 else {}
        findings = [one.as_dict() for one in getattr(error, "findings", ())]
        facts = {"findings": findings} if findings else {}
        return problem(request, kind, str(error), facts=facts, headers=headers)

    return answer


def _is_no_json(request: Request, error: RequestValidationError) -> bool:
    """Return whether a body was sent, and not said to be JSON: then it was not read."""
    said = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    unread = any(one["loc"] == ("body",) and one["type"] != "missing" for one in error.errors())
    is_json = said.startswith("application/") and said.endswith(("/json", "+json"))
    return unread and not is_json


def _faults(errors: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return where each fault of a request is and what it is, without the values themselves."""
    out = []
    for fault in errors:
        place = _place(fault["loc"])
        if fault["type"] == "union_tag_invalid":
            place = [*place, "kind"]
        out.append({"where": ".".join(map(str, place)), "message": _words(fault)})
    return out


def _words(fault: Mapping[str, Any]) -> str:
    """Return what a fault is, where pydantic's own words would not help."""
    if fault["type"] == "union_tag_invalid":  # pydantic repeats what was sent
        return f"Input should be one of {fault['ctx']['expected_tags']}"
    if fault["type"] == "value_error":
        return str(fault["ctx"]["error"])
    if fault["type"] == "extra_forbidden":
        return "Nothing of this name is taken here; leave it out, or see /openapi.json"
    if fault["type"] == "json_invalid":
        return f"Not JSON: {fault['ctx']['error']}, after {fault['loc'][-1]} signs"
    return str(fault["msg"])


def _place(loc: Sequence[Any]) -> list[Any]:
    """Return where a fault is in what was sent; pydantic also names which kind of job it is."""
    if loc[0] == "body" and len(loc) == 2 and isinstance(loc[1], int):
        return ["body"]  # where it is no JSON any more
    return [part for k, part in enumerate(loc) if not (k == 1 and loc[2:3] == ("arguments",))]
