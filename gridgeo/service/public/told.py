"""What the public is told, as schemas for the OpenAPI document; the answers are made elsewhere."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Said(BaseModel):
    """A part of an answer; what the standard lets an answer hold besides is no fault."""

    model_config = ConfigDict(extra="allow")


class Link(Said):
    """Where something else is."""

    href: str
    rel: str
    type: str | None = None
    title: str | None = None
    templated: bool | None = None


class LandingPage(Said):
    """The links to everything there is."""

    title: str
    description: str
    links: list[Link]


class Conformance(Said):
    """The conformance classes that are met."""

    conforms_to: list[str] = Field(alias="conformsTo")


class SpatialExtent(Said):
    """Boxes: west, south, east, north."""

    bbox: list[list[float]]
    crs: str


class TemporalExtent(Said):
    """Times: from, to; null for open."""

    interval: list[list[str | None]]


class Extent(Said):
    """Where and when."""

    spatial: SpatialExtent
    temporal: TemporalExtent


class CollectionFacts(Said):
    """A collection of features."""

    id: str
    title: str
    description: str
    extent: Extent
    item_type: Literal["feature"] = Field(alias="itemType")
    crs: list[str]
    storage_crs: str = Field(alias="storageCrs")
    links: list[Link]


class CollectionList(Said):
    """All collections."""

    collections: list[CollectionFacts]
    links: list[Link]


class Queryables(Said):
    """A JSON Schema of what a collection can be filtered by."""

    schema_is: str = Field(alias="$schema")
    id: str = Field(alias="$id")
    type: Literal["object"]
    title: str
    properties: dict[str, Any]


class Geometry(Said):
    """A shape of GeoJSON."""

    type: Literal["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon",
                  "MultiPolygon", "GeometryCollection"]  # fmt: skip


class FeatureFacts(Said):
    """A feature of GeoJSON."""

    type: Literal["Feature"]
    id: str
    geometry: Geometry
    properties: dict[str, Any]


class FeatureList(Said):
    """Features of GeoJSON, a page of them."""

    type: Literal["FeatureCollection"]
    number_matched: int = Field(alias="numberMatched", ge=0)
    number_returned: int = Field(alias="numberReturned", ge=0)
    links: list[Link]
    features: list[FeatureFacts]


class Owner(Said):
    """Who looks after a grid."""

    name: str
    phone: str


class Found(Said):
    """A building that an address may mean."""

    building_id: str
    name: str
    address: str


class Match(Said):
    """A grid that was found."""

    community: str
    slug: str
    grid_id: str
    owner: Owner
    page: str
    version: int
    building: Found | None = None


class Matches(Said):
    """The grids that were found; none is no fault."""

    matches: list[Match]


_JSON, _GEOJSON, _HTML = "application/json", "application/geo+json", "text/html"
_TILE = "application/vnd.mapbox-vector-tile"
# By the path of a route: the schema of each media type it answers with, None for bytes.
ANSWERS: dict[str, dict[str, type[Said] | None]] = {
    "/": {_JSON: LandingPage, _HTML: None},
    "/conformance": {_JSON: Conformance, _HTML: None},
    "/collections": {_JSON: CollectionList, _HTML: None},
    "/collections/{collection_id}": {_JSON: CollectionFacts, _HTML: None},
    "/collections/{collection_id}/queryables": {
        "application/schema+json": Queryables,
        _HTML: None,
    },
    "/collections/{collection_id}/items": {_GEOJSON: FeatureList, _HTML: None},
    "/collections/{collection_id}/items/{feature_id}": {_GEOJSON: FeatureFacts, _HTML: None},
    "/collections/{collection_id}/tiles/{zoom}/{column}/{row}.mvt": {_TILE: None},
    "/locate": {_JSON: Matches},
    "/sites/{slug}/{name}": {"*/*": None},
}


def schemas_of_answers() -> dict[str, Any]:
    """Return the schemas of all answers by their names, as components of OpenAPI."""
    out: dict[str, Any] = {}
    for each in ANSWERS.values():
        for model in each.values():
            if model is not None:
                made = model.model_json_schema(
                    by_alias=True, ref_template="#/components/schemas/{model}"
                )
                out |= made.pop("$defs", {})
                out[model.__name__] = made
    return out
