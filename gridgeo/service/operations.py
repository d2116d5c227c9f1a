"""What each operation of the OpenAPI document says besides its types: who may, what may go wrong.

FastAPI writes paths, parameters and bodies; here come security, problems, headers, links.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, Field

from .access import Role, needs_of
from .examples import add_examples
from .open_route import OpenRoute
from .problems import MEDIA_TYPE
from .public.told import ANSWERS, schemas_of_answers
from .sign_in import COOKIE

_SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "description": "A token, see POST /tokens"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "A sign-in"},
}
_SAID = {
    304: "The reader has it already",
    400: "Something asked for cannot be understood",
    401: "Sign in first, or send a token",
    403: "Who asks may not do this",
    404: "There is no such thing",
    406: "There is no form that the reader would take",
    409: "It contradicts what is there",
    410: "It was there, and is no more",
    412: "It was changed in between",
    413: "More than is taken at once",
    415: "The body is not said to be JSON",
    422: "The request, or the data, cannot be used",
    429: "Too often, or too many waiting",
    503: "The database is busy; try again",
    507: "The disk of the service is full",
}
_HEADERS = {
    "if-none-match": "ETag that the reader has already; then 304",
    "if-match": "ETag that was read; the write is done only if it still holds",
    "idempotency-key": "A word of the client's own; the same write sent again is not done again",
}
_TAGGED: dict[str, Any] = {"ETag": {"schema": {"type": "string"}}}
_PLACED: dict[str, Any] = {"Location": {"schema": {"type": "string"}}, **_TAGGED}
_PAGED: dict[str, Any] = {"Link": {"schema": {"type": "string"}}}
# Writes that are not once only: what signs in and out, and proves itself by the old password.
_EACH_TIME = frozenset({"sign_in", "sign_out", "change_password"})
# What they make has no address of its own.
_TOLD_ONCE = frozenset({"sign_in", "invite", "add_token", "add_password_link"})
_REVISED = frozenset({"change_community", "change_worker", "change_user", "withdraw", "cancel"})
# Where an answer leads: from an operation, with its status, by a name, to another.
_ID, _FIRST, _SLUG = "$response.body#/id", "$response.body#/items/0/id", "$request.path.slug"
_LINKS: dict[tuple[str, str], dict[str, tuple[str, dict[str, Any]]]] = {
    ("communities", "200"): {
        name: (name, {"parameters": {"slug": "$response.body#/items/0/slug"}})
        for name in ("community", "change_community", "building_sets", "plans", "publications",
                     "workers", "jobs", "upload", "add_worker")
    },
    ("users", "200"): {
        name: (name, {"parameters": {"row_id": _FIRST}})
        for name in ("user", "change_user", "add_password_link")
    },
    ("workers", "200"): {
        name: (name, {"parameters": {"row_id": _FIRST}}) for name in ("worker", "change_worker")
    },
    ("jobs", "200"): {
        name: (name, {"parameters": {"row_id": _FIRST}}) for name in ("job", "cancel", "events")
    },
    ("collections", "200"): {
        name: (name, {"parameters": {"collectionId": "$response.body#/collections/0/id"}})
        for name in ("collection", "queryables", "items", "vector_tile", "tile_of_matrix",
                     "tilesets_of_collection", "tilejson_of_collection", "tileset_of_collection")
    },
    ("items", "200"): {
        "item": ("item", {"parameters": {"collectionId": "$request.path.collectionId",
                                         "featureId": "$response.body#/features/0/id"}}),
    },
    ("add_community", "201"): {
        name: (name, {"parameters": {"slug": "$response.body#/slug"}})
        for name in ("community", "change_community", "add_worker", "workers", "upload", "add_job",
                     "jobs", "building_sets", "plans", "publications")
    },
    ("add_worker", "201"): {
        name: (name, {"parameters": {"row_id": _ID}}) for name in ("worker", "change_worker")
    },
    ("upload", "201"): {
        "check": ("add_job", {"parameters": {"slug": _SLUG}, "requestBody": {
            "kind": "check", "arguments": {"buildings": _ID}}}),
    },
    ("building_sets", "200"): {
        "building_set": ("building_set", {"parameters": {"row_id": _FIRST}}),
        "building_set_file": ("building_set_file", {"parameters": {"row_id": _FIRST}}),
        "partition": ("add_job", {"parameters": {"slug": _SLUG}, "requestBody": {
            "kind": "partition", "arguments": {"building_set_id": _FIRST}}}),
    },
    ("plans", "200"): {
        "plan": ("plan", {"parameters": {"row_id": _FIRST}}),
        "plan_file": ("plan_file", {"parameters": {"row_id": _FIRST}}),
        "publish": ("add_job", {"parameters": {"slug": _SLUG}, "requestBody": {
            "kind": "publish", "arguments": {"plan_id": _FIRST}}}),
        "redraw": ("add_job", {"parameters": {"slug": _SLUG}, "requestBody": {
            "kind": "redraw", "arguments": {
                "plan_id": _FIRST,
                "building_set_id": "$response.body#/items/0/building_set_id"}}}),
    },
    ("publications", "200"): {
        name: (name, {"parameters": {"row_id": _FIRST}}) for name in ("publication", "withdraw")
    },
    ("add_job", "202"): {
        name: (name, {"parameters": {"row_id": _ID}}) for name in ("job", "cancel", "events")
    },
    ("add_token", "201"): {"revoke_token": ("revoke_token", {"parameters": {"row_id": _ID}})},
    ("add_password_link", "201"): {
        "revoke_token": ("revoke_token", {"parameters": {"row_id": _ID}})
    },
    ("invite", "201"): {
        "withdraw_invitation": ("withdraw_invitation", {"parameters": {"row_id": _ID}})
    },
}  # fmt: skip


class Fault(BaseModel):
    """One fault of a request."""

    where: str
    message: str


class Problem(BaseModel):
    """What went wrong, as RFC 9457 has it."""

    type: str = Field(examples=["urn:gridgeo:problem:not-found"])
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    faults: list[Fault] | None = None
    findings: list[dict[str, Any]] | None = None


def complete(document: dict[str, Any], app: FastAPI) -> dict[str, Any]:
    """Return a document of FastAPI with what its operations say besides."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    made = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= made.pop("$defs") | {"Problem": made} | schemas_of_answers()
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    add_examples(schemas)
    document["components"]["securitySchemes"] = dict(_SECURITY)
    for path, operation, route in _operations(document, app):
        name = operation["operationId"] = route.name
        needed = needs_of(route)
        guarded = bool(needed) and needed[0].role is not Role.PUBLIC
        responses = operation["responses"]
        # FastAPI's own form of it is not what is answered
        responses.pop("422", None)
        if isinstance(route, OpenRoute):
            responses["200"] = _public_answer(path, responses.get("200", {}))
        else:
            # not the name of a function
            operation["summary"] = operation["description"].split("\n")[0].removesuffix(".")
            role = needed[0].role.name.lower()
            who = f"Needs the role {role}, of a token the scope {needed[0].scope}."
            if guarded:
                operation["security"] = [{"token": []}, {"cookie": []}]
                operation["description"] = f"{operation.get('description', '')}\n\n{who}".strip()
        for code in _problems(path, operation, name, guarded=guarded, route=route):
            responses[str(code)] = _problem(code, as_page=isinstance(route, OpenRoute))
        _tell_headers(operation, name, route, path)
        for (asked, status), links in _LINKS.items():
            if asked == name:
                responses[status]["links"] = {
                    word: {"operationId": there, **more} for word, (there, more) in links.items()
                }
    return document


def _operations(
    document: dict[str, Any], app: FastAPI
) -> Iterator[tuple[str, dict[str, Any], Any]]:
    for route in app.routes:
        path = getattr(route, "path_format", "")
        for method in sorted(getattr(route, "methods", None) or ()):
            operation = document["paths"].get(path, {}).get(method.lower())
            if operation is not None:
                yield path, operation, route


def _problems(
    path: str, operation: dict[str, Any], name: str, *, guarded: bool, route: Any
) -> list[int]:
    """Return the statuses an operation may answer with when it is not done."""
    writes = not route.methods & {"GET"}
    out = {503}
    if isinstance(route, OpenRoute):
        out |= {400, 406, *((304,) if _is_tagged(route, path) else ())}
    elif operation.get("parameters") or operation.get("requestBody"):
        out |= {422}
    if "{" in path:
        out |= {404}
    if guarded:
        out |= {401, 403}
    if writes:
        out |= {400, 413, 422, 507}
    if "application/json" in operation.get("requestBody", {}).get("content", {}):
        out |= {415}
    if writes and name not in _EACH_TIME:
        out |= {409}
    if name in _REVISED:
        out |= {412}
    if name in ("withdraw", "withdraw_invitation"):
        out |= {410}
    if name in ("sign_in", "change_password"):
        out |= {401, 403, 429}
    if name == "add_job":
        out |= {429}
    if _is_tagged(route, path):
        out |= {304}
    return sorted(out)


def _is_tagged(route: Any, path: str) -> bool:
    """Return whether what a route returns has a tag: one row, and what the public reads."""
    if isinstance(route, OpenRoute):
        return path in ANSWERS and path != "/locate"
    return "GET" in route.methods and path.endswith(("_id}", "{slug}", "/file", "/me"))


def _problem(status: int, *, as_page: bool) -> dict[str, Any]:
    if status == 304:
        return {"description": _SAID[304]}
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    if as_page:
        content["text/html"] = {"schema": {"type": "string"}}
    return {"description": _SAID[status], "content": content}


def _public_answer(path: str, told: dict[str, Any]) -> dict[str, Any]:
    if path not in ANSWERS:
        return told
    content = {}
    for media, model in ANSWERS[path].items():
        if model is not None:
            content[media] = {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}
        elif media == "*/*":
            content[media] = {}  # whatever the file is
        else:
            binary = {} if media.startswith("text/") else {"format": "binary"}
            content[media] = {"schema": {"type": "string", **binary}}
    headers = {} if path == "/locate" else {"headers": _TAGGED}
    return {"description": told.get("description", "OK"), "content": content, **headers}


def _tell_headers(operation: dict[str, Any], name: str, route: Any, path: str) -> None:
    """Add the headers that an operation heeds, and those it answers with."""
    writes = not route.methods & {"GET"}
    heeded = []
    if _is_tagged(route, path):
        heeded.append("if-none-match")
    if name in _REVISED:
        heeded.append("if-match")
    if writes and name not in _EACH_TIME:
        heeded.append("idempotency-key")
    for header in heeded:
        # of a tag nothing is asked: one that is none is one that does not match
        limits: dict[str, Any] = {}
        if header == "idempotency-key":
            limits = {"minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"}
        operation.setdefault("parameters", []).append({
            "name": header, "in": "header", "required": False, "description": _HEADERS[header],
            "schema": {"type": "string", **limits},
        })  # fmt: skip
    for status, answer in operation["responses"].items():
        if not status.startswith("2") or status == "204" or "headers" in answer:
            continue
        created = status in ("201", "202") and name not in _TOLD_ONCE
        if created:
            answer["headers"] = dict(_PLACED)
        elif name in _REVISED or _is_tagged(route, path):
            answer["headers"] = dict(_TAGGED)
        elif not writes and name not in ("events",):
            answer["headers"] = dict(_PAGED)
