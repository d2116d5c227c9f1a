"""My grid, my worker: a place or an address to the grid it is in, over all communities."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import shapely
from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ..documents import parameter, told_as
from ..open_route import open_router
from ..problems import BadRequestError
from ..public.answers import Prepared
from ..public.catalogue import Catalogue, Held, Publication
from ..public.directory import MOST_LETTERS

router = open_router(tags=["Public"])
_HEADERS = {"access-control-allow-origin": "*", "cache-control": "public, max-age=30"}
# The way it is asked nearly always; everything else is read with more care.
_PLACE = re.compile(rb"lon=(-?\d{1,3}(?:\.\d{1,20})?)&lat=(-?\d{1,2}(?:\.\d{1,20})?)")
_MOST_FOUND = 50
# Boxes of so many communities are looked through sooner than a tree is asked.
_FEW = 8


@dataclass
class Places:
    """All grids that are valid now, by place; made again when anything published changes."""

    catalogue: Catalogue
    generation: int = -1
    valid: list[Publication] = field(default_factory=list)
    tree: shapely.STRtree | None = None
    said: dict[tuple[str, str], Prepared] = field(default_factory=dict)

    def renewed(self) -> Places:
        """Return itself, up to date."""
        if self.generation != self.catalogue.generation:
            generation = self.catalogue.generation
            each = map(self.catalogue.current, self.catalogue.communities)
            self.valid = [one for one in each if one is not None]
            self.tree = shapely.STRtree([shapely.box(*one.bounds) for one in self.valid])
            self.said = {}
            self.generation = generation
        return self

    def near(self, lon: float, lat: float) -> list[Publication]:
        """Return the versions a place may be in, by the boxes they lie in."""
        if len(self.valid) <= _FEW:
            return [
                one
                for one in self.valid
                if one.bounds[0] <= lon <= one.bounds[2] and one.bounds[1] <= lat <= one.bounds[3]
            ]
        assert self.tree is not None
        rows = self.tree.query(shapely.Point(lon, lat)).tolist()
        return [self.valid[row] for row in sorted(rows)]

    def at(self, near: Sequence[Publication], place: shapely.Point) -> Prepared:
        """Return what is told of a place."""
        for publication in near:
            held = self.catalogue.held(publication)
            grid_id = held.directory.grid_at(place)
            if grid_id:
                key = publication.key, grid_id
                said = self.said.get(key)
                if said is None:
                    match = match_facts(publication, held, grid_id)
                    said = self.said[key] = _answer({"matches": [match]})
                return said
        return _NOTHING


@router.get(
    "/locate",
    summary="Which grid is this place or address in, and who owns it?",
    openapi_extra=told_as(*map(parameter, ("lon", "lat", "q"))),
)
async def locate(request: Request) -> Response:
    """Return the grid at ``lon`` and ``lat``, or the buildings that ``q`` may mean."""
    places: Places = request.app.state.places.renewed()
    usual = _PLACE.fullmatch(request.scope["query_string"])
    if usual is not None:
        numbers = float(usual[1]), float(usual[2])
        if abs(numbers[0]) <= 180 and abs(numbers[1]) <= 90:
            return await _by_place(places, *numbers)
    said = request.query_params
    text = said.get("q")
    if text is not None and len(said) == 1:
        if not text.strip() or len(text) > MOST_LETTERS:
            raise BadRequestError(f"q must be words of an address, at most {MOST_LETTERS} letters")
        return await run_in_threadpool(_by_text, places, text)
    strange = sorted(set(said) - {"lon", "lat"})
    lon, lat = _number(said.get("lon"), 180), _number(said.get("lat"), 90)
    if strange or lon is None or lat is None:
        raise BadRequestError("give lon and lat in degrees, as lon=116.4&lat=39.9, or q alone")
    return await _by_place(places, lon, lat)


async def _by_place(places: Places, lon: float, lat: float) -> Response:
    near = places.near(lon, lat)
    if not near:
        return _NOTHING
    place = shapely.Point(lon, lat)
    if all(map(places.catalogue.is_held, near)):
        return places.at(near, place)
    # one has to be read first, which takes a moment
    return await run_in_threadpool(places.at, near, place)


def match_facts(publication: Publication, held: Held, grid_id: str) -> dict[str, Any]:
    """Return what is told of a grid that was found."""
    entry = held.directory.answers[grid_id]
    return {
        "community": publication.name,
        "slug": publication.slug,
        "grid_id": grid_id,
        "owner": {"name": entry["owner_name"], "phone": entry["owner_phone"]},
        "page": f"/sites/{quote(publication.slug)}/{quote(entry['page'])}",
        "version": publication.life.version,
    }


def _by_text(places: Places, text: str) -> Response:
    matches: list[dict[str, Any]] = []
    for publication in places.valid:
        held = places.catalogue.held(publication)
        for building in held.directory.look_up(text):
            match = match_facts(publication, held, building["grid_id"])
            told = {name: building[name] for name in ("building_id", "name", "address")}
            matches.append(match | {"building": told})
        if len(matches) >= _MOST_FOUND:
            break
    return _answer({"matches": matches[:_MOST_FOUND]})


def _number(text: str | None, most: float) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) <= most else None


def _answer(facts: Any) -> Prepared:
    content = json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()
    made = Response(content, headers=_HEADERS, media_type="application/json")
    return Prepared(content, made.raw_headers)


_NOTHING = _answer({"matches": []})
