"""The collections of OGC API - Features: three a community, told as the standard wants it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from .axes import CRS84, crs_uri
from .catalogue import Catalogue, Publication
from .layers import KINDS, SCHEMAS, moment_text, schema_of
from .tiles import MEDIA_TYPE as MVT

_REL = "http://www.opengis.net/def/rel/ogc/1.0/"
# WGS 84, Web Mercator, CGCS2000 in degrees; and the plan's own CRS besides.
_EPSG = (4326, 3857, 4490)
_TITLES = {"grids": "Grids of {name}", "buildings": "Buildings of {name}",
           "boundary": "Boundary of {name}"}  # fmt: skip
_TOLD = {
    "grids": "The grids that the community is divided into, and who owns each.",
    "buildings": "The buildings of the community: their ids and the grid each is in.",
    "boundary": "The ground that the grids fill.",
}
_WHEN = " Without datetime: what is valid now; with it: the version that was valid then."


@dataclass(frozen=True)
class Collection:
    """A kind of layer of one community, over all its versions."""

    name: str
    kind: str
    versions: tuple[Publication, ...]

    @property
    def newest(self) -> Publication:
        """The version published last."""
        return self.versions[-1]

    @property
    def title(self) -> str:
        """What people call it."""
        return _TITLES[self.kind].format(name=self.newest.name)

    @property
    def told(self) -> str:
        """What is in it."""
        return _TOLD[self.kind]

    @property
    def description(self) -> str:
        """What is in it, and what its time means."""
        return self.told + _WHEN

    @property
    def crs(self) -> tuple[str, ...]:
        """The URIs of the CRSs it comes in, beside CRS 84."""
        own = () if self.newest.epsg in (None, *_EPSG) else (self.newest.epsg,)
        return tuple(crs_uri(code) for code in (*_EPSG, *own) if code is not None)

    @property
    def bounds(self) -> list[float]:
        """West, south, east, north of all versions together."""
        each = [one.bounds for one in self.versions]
        lows = [min(bounds[k] for bounds in each) for k in (0, 1)]
        return lows + [max(bounds[k] for bounds in each) for k in (2, 3)]

    @property
    def interval(self) -> list[str | None]:
        """When its first version begins, and its last ends."""
        end = self.newest.life.ends
        first = min(one.life.begins for one in self.versions)
        return [moment_text(first), None if end is None else moment_text(end)]


def collections_of(catalogue: Catalogue) -> Iterator[Collection]:
    """Yield every collection, by community and then by kind."""
    for slug, versions in catalogue.communities.items():
        for kind in KINDS:
            yield Collection(f"{slug}.{kind}", kind, versions)


def find_collection(catalogue: Catalogue, name: str) -> Collection | None:
    """Return a collection by its name, None where there is none."""
    slug, dot, kind = name.rpartition(".")
    versions = catalogue.communities.get(slug)
    if not dot or kind not in KINDS or not versions:
        return None
    return Collection(name, kind, versions)


def link(href: str, rel: str, *, kind: str = "application/json", title: str = "") -> dict[str, Any]:
    """Return a link of an answer."""
    return {"href": href, "rel": rel, "type": kind, **({"title": title} if title else {})}


def in_two_forms(
    href: str, title: str, *, form: str, kind: str = "application/json"
) -> list[dict[str, Any]]:
    """Return links to this answer and to its other form; ``form`` is which this is."""
    glue = "&" if "?" in href else "?"
    forms = {"json": kind, "html": "text/html"}
    return [
        link(f"{href}{glue}f={name}", "self" if name == form else "alternate", kind=media,
             title=f"{title} as {name.upper()}")
        for name, media in forms.items()
    ]  # fmt: skip


def collection_facts(collection: Collection, base: str, *, form: str) -> dict[str, Any]:
    """Return what is told of a collection."""
    href = f"{base}/collections/{quote(collection.name)}"
    slug = collection.newest.slug
    schema = "application/schema+json"
    return {
        "id": collection.name,
        "title": collection.title,
        "description": collection.description,
        "itemType": "feature",
        "extent": {
            "spatial": {"bbox": [collection.bounds], "crs": CRS84},
            "temporal": {
                "interval": [collection.interval],
                "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian",
            },
        },
        "crs": [CRS84, *collection.crs],
        "storageCrs": CRS84,
        "links": [
            *in_two_forms(href, collection.title, form=form),
            # without f: GDAL puts the id of a feature behind it
            link(f"{href}/items", "items", kind="application/geo+json", title="Features"),
            link(f"{href}/items?f=html", "items", kind="text/html", title="Features as pages"),
            link(f"{href}/queryables", f"{_REL}queryables", kind=schema,
                 title="What it can be filtered by"),
            link(f"{href}/schema", f"{_REL}schema", kind=schema, title="What features tell"),
            # GDAL learns the types of fields from it
            link(f"{href}/feature-schema", "describedby", kind=schema, title="A feature"),
            link(f"{href}/tiles", f"{_REL}tilesets-vector", title="Vector tiles"),
            link(f"{href}/tiles/{{z}}/{{x}}/{{y}}.mvt", "item", kind=MVT,
                 title="Vector tiles in Web Mercator") | {"templated": True},
            link(f"{base}/sites/{quote(slug)}/", "related", kind="text/html", title="The map"),
        ],
    }  # fmt: skip


def queryables_facts(collection: Collection, base: str) -> dict[str, Any]:
    """Return what a collection can be filtered by, as a JSON Schema."""
    return _schema(collection, f"{base}/collections/{quote(collection.name)}/queryables")


def schema_facts(collection: Collection, base: str) -> dict[str, Any]:
    """Return what the features of a collection tell, as a JSON Schema of OGC API Part 5."""
    facts = _schema(collection, f"{base}/collections/{quote(collection.name)}/schema")
    told = {
        name: {**fact, "readOnly": True, "x-ogc-propertySeq": at}
        for at, (name, fact) in enumerate(facts["properties"].items(), 1)
    }
    identity = [n for n, f in SCHEMAS[collection.kind].items() if f.get("x-ogc-role") == "id"]
    return {**facts, "properties": told, "required": [*identity, "geometry"]}


def feature_schema_facts(collection: Collection, base: str) -> dict[str, Any]:
    """Return what a feature of a collection is in GeoJSON, as a JSON Schema.

    No property is required, and each may be null, which the types do not say: GDAL reads but one.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{base}/collections/{quote(collection.name)}/feature-schema",
        "title": collection.title,
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "string"},
            "geometry": {"$ref": "https://geojson.org/schema/Geometry.json"},
            "properties": {"type": "object", "properties": dict(SCHEMAS[collection.kind])},
        },
    }


def _schema(collection: Collection, href: str) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": href,
        "type": "object",
        "title": collection.title,
        "description": collection.description,
        "properties": schema_of(collection.kind),
        "additionalProperties": False,
    }
