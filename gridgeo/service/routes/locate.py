"""My grid, my worker: a place or an address to the grid it is in, over all communities."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import shapely
from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ..answering import answered, refuse_others
from ..documents import parameter, told_as
from ..open_route import open_router
from ..pages import page
from ..problems import BadRequestError
from ..public.answers import HTML, Made, Prepared
from ..public.catalogue import Catalogue, NoLongerPublicError, Publication
from ..public.directory import MOST_FOUND, MOST_LETTERS, grid_at

router = open_router(tags=["Public"])
_HEADERS = {"access-control-allow-origin": "*", "cache-control": "public, max-age=30"}
# The way it is asked nearly always; everything else is read with more care.
_PLACE = re.compile(rb"lon=(-?\d{1,3}(?:\.\d{1,20})?)&lat=(-?\d{1,2}(?:\.\d{1,20})?)")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_MOST_FOUND = 50
# Boxes of so many communities are looked through sooner than a tree is asked.
_FEW = 8
# A form may be sent empty.
_ASKED = {
    "name": "q",
    "in": "query",
    "required": False,
    "description": "Words of an address",
    "schema": {"type": "string", "maxLength": MOST_LETTERS},
}


@dataclass(frozen=True, eq=False)
class PlacesNow:
    """All grids valid at one look at the source; ``said``: what was told of them before."""

    catalogue: Catalogue
    generation: int
    valid: tuple[Publication, ...]
    tree: shapely.STRtree
    said: dict[tuple[str, str], Prepared] = field(default_factory=dict)

    def near(self, lon: float, lat: float) -> list[Publication]:
        """Return the versions a place may be in, by the boxes they lie in."""
        if len(self.valid) <= _FEW:
            return [
                one
                for one in self.valid
                if one.bounds[0] <= lon <= one.bounds[2] and one.bounds[1] <= lat <= one.bounds[3]
            ]
        rows = self.tree.query(shapely.Point(lon, lat)).tolist()
        return [self.valid[row] for row in sorted(rows)]

    def at_once(self, near: Sequence[Publication], place: shapely.Point) -> Prepared | None:
        """Return what is told of a place; None where something must be read or made first."""
        for publication in near:
            grids = self.catalogue.at_hand(publication, "grids")
            if grids is None:
                return None
            grid_id = grid_at(grids, place)
            if grid_id:
                return self.said.get((publication.key, grid_id))
        return _NOTHING

    def at(self, near: Sequence[Publication], place: shapely.Point) -> Prepared:
        """Return what is told of a place, however long it takes, and keep it."""
        for publication in near:
            with suppress(NoLongerPublicError):  # it may be withdrawn a moment ago
                grid_id = grid_at(self.catalogue.layer(publication, "grids"), place)
                if grid_id:
                    entry = self.catalogue.answers(publication)[grid_id]
                    said = _answer({"matches": [match_facts(publication, entry)]})
                    return self.said.setdefault((publication.key, grid_id), said)
        return _NOTHING


@dataclass
class Places:
    """All grids that are valid now, by place; made again when anything published changes."""

    catalogue: Catalogue
    now: PlacesNow | None = None

    def renewed(self) -> PlacesNow:
        """Return what is valid now; a look-up under way keeps what it began with."""
        now = self.now
        standing = self.catalogue.standing
        if now is None or now.generation != standing.generation:
            valid = tuple(standing.current.values())
            tree = shapely.STRtree([shapely.box(*one.bounds) for one in valid])
            now = self.now = PlacesNow(self.catalogue, standing.generation, valid, tree)
        return now


@router.get(
    "/locate",
    summary="Which grid is this place or address in, and who owns it?",
    openapi_extra=told_as(*map(parameter, ("lon", "lat", "q", "community"))),
)
async def locate(request: Request) -> Response:
    """Return the grid at ``lon`` and ``lat``, or the buildings that ``q`` may mean."""
    places: PlacesNow = request.app.state.places.renewed()
    usual = _PLACE.fullmatch(request.scope["query_string"])
    if usual is not None:
        numbers = float(usual[1]), float(usual[2])
        if abs(numbers[0]) <= 180 and abs(numbers[1]) <= 90:
            return await _by_place(places, *numbers)
    refuse_others(request, ("lon", "lat", "q", "community"))
    said = request.query_params
    text = said.get("q")
    if text is not None and set(said) <= {"q", "community"}:
        if not text.strip() or len(text) > MOST_LETTERS:
            raise BadRequestError(f"q must be words of an address, at most {MOST_LETTERS} letters")
        slug = said.get("community")
        if slug is not None and slug not in places.catalogue.communities:
            raise BadRequestError(f"there is no community {slug[:80]!r}")
        return _answer({"matches": await run_in_threadpool(_by_text, places, text, slug)})
    lon, lat = _number(said.get("lon"), 180), _number(said.get("lat"), 90)
    if lon is None or lat is None or len(said) > 2:
        raise BadRequestError(
            "give lon and lat in degrees, as lon=116.4&lat=39.9, or q and perhaps community"
        )
    return await _by_place(places, lon, lat)


@router.get(
    "/find",
    summary="A page to look an address up on",
    openapi_extra=told_as(_ASKED),
    response_class=Response,
)
async def find(request: Request) -> Response:
    """Return a page with the buildings that ``q`` may mean, and who looks after them."""
    refuse_others(request, ("q",))
    asked = request.query_params.get("q", "").strip()
    if len(asked) > MOST_LETTERS:
        raise BadRequestError(f"q must be words of an address, at most {MOST_LETTERS} letters")

    def make(base: str) -> Made:
        places: PlacesNow = request.app.state.places.renewed()
        matches = _by_text(places, asked, None) if asked else []
        # of one community no more are looked for: there may be others
        facts = {"asked": asked, "matches": matches, "is_all": len(matches) < MOST_FOUND}
        return Made(page("found.html", base, facts), HTML)

    return await answered(request, make, "find")


async def _by_place(places: PlacesNow, lon: float, lat: float) -> Response:
    near = places.near(lon, lat)
    if not near:
        return _NOTHING
    place = shapely.Point(lon, lat)
    said = places.at_once(near, place)
    return await run_in_threadpool(places.at, near, place) if said is None else said


def match_facts(publication: Publication, entry: Mapping[str, str]) -> dict[str, Any]:
    """Return what is told of a grid that was found; ``entry``: what was published of it."""
    return {
        "community": publication.name,
        "slug": publication.slug,
        "grid_id": entry["grid_id"],
        "owner": {"name": entry["owner_name"], "phone": entry["owner_phone"]},
        "page": f"/sites/{quote(publication.slug)}/{quote(entry['page'])}",
        "version": publication.life.version,
    }


def _by_text(places: PlacesNow, text: str, slug: str | None) -> list[dict[str, Any]]:
    """Return the buildings a text may mean, the nearest of all communities first."""
    found: list[tuple[int, Publication, Mapping[str, Any]]] = []
    for publication in places.valid:
        if slug in (None, publication.slug):
            with suppress(NoLongerPublicError):
                near = places.catalogue.directory(publication).look_up(text)
                found += [(distance, publication, building) for distance, building in near]
    found.sort(key=lambda one: one[0])
    matches = []
    for _, publication, building in found[:_MOST_FOUND]:
        with suppress(NoLongerPublicError):
            entry = places.catalogue.answers(publication)[building["grid_id"]]
            told = {name: building[name] for name in ("building_id", "name", "address")}
            matches.append(match_facts(publication, entry) | {"building": told})
    return matches


def _number(text: str | None, most: float) -> float | None:
    if text is None or not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if abs(value) <= most else None


def _answer(facts: Any) -> Prepared:
    content = json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()
    made = Response(content, headers=_HEADERS, media_type="application/json")
    return Prepared(content, made.raw_headers)


_NOTHING = _answer({"matches": []})
