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


class TileJson(Said):
    """Where tiles are, as MapLibre reads it."""

    tilejson: Literal["3.0.0"]
    tiles: list[str]
    bounds: list[float]
    vector_layers: list[dict[str, Any]]


class TileMatrixSet(Said):
    """How the world is cut into tiles."""

    id: str
    uri: str
    crs: str
    matrices: list[dict[str, Any]] = Field(alias="tileMatrices")


class Tileset(Said):
    """Tiles of a collection."""

    title: str
    data_type: Literal["vector"] = Field(alias="dataType")
    crs: str
    tile_matrix_set: str = Field(alias="tileMatrixSetURI")
    links: list[Link]


class Tilesets(Said):
    """The tilesets of a collection."""

    tilesets: list[Tileset]
    links: list[Link]


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
    time_stamp: str = Field(alias="timeStamp")
    number_matched: int | None = Field(None, alias="numberMatched", ge=0)
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
_SCHEMA = "application/schema+json"
_TILE = "application/vnd.mapbox-vector-tile"
# By the path of a route: the schema of each media type it answers with, None for bytes.
ANSWERS: dict[str, dict[str, type[Said] | None]] = {
    "/": {_JSON: LandingPage, _HTML: None},
    "/conformance": {_JSON: Conformance, _HTML: None},
    "/collections": {_JSON: CollectionList, _HTML: None},
    "/collections/{collectionId}": {_JSON: CollectionFacts, _HTML: None},
    "/collections/{collectionId}/queryables": {_SCHEMA: Queryables, _HTML: None},
    "/collections/{collectionId}/schema": {_SCHEMA: Queryables, _HTML: None},
    "/collections/{collectionId}/feature-schema": {_SCHEMA: Queryables, _HTML: None},
    "/collections/{collectionId}/items": {_GEOJSON: FeatureList, _HTML: None},
    "/collections/{collectionId}/items/{featureId}": {_GEOJSON: FeatureFacts, _HTML: None},
    "/tileMatrixSets/WebMercatorQuad": {_JSON: TileMatrixSet},
    "/collections/{collectionId}/tiles": {_JSON: Tilesets, _HTML: None},
    "/collections/{collectionId}/tiles/tilejson.json": {_JSON: TileJson},
    "/collections/{collectionId}/tiles/WebMercatorQuad": {_JSON: Tileset, _HTML: None},
    "/collections/{collectionId}/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}": {
        _TILE: None
    },
    "/collections/{collectionId}/tiles/{z}/{x}/{y}.mvt": {_TILE: None},
    "/locate": {_JSON: Matches},
    "/find": {_HTML: None},
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
