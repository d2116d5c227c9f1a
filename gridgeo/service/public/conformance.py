"""Which parts of which standards are met: no more, and no less; the tests hold each to it."""

from __future__ import annotations

from collections.abc import Mapping

_SPEC = "http://www.opengis.net/spec/"
# Of CQL2, "functions" and "array-functions" are not: there are no functions to call, no arrays.
_CLASSES: Mapping[str, tuple[str, ...]] = {
    "ogcapi-common-1/1.0": ("core", "landing-page", "oas30", "html", "json"),
    "ogcapi-features-1/1.0": ("core", "oas30", "html", "geojson"),
    "ogcapi-features-2/1.0": ("crs",),
    "ogcapi-features-3/1.0": (
        "queryables",
        "queryables-query-parameters",
        "filter",
        "features-filter",
    ),
    "ogcapi-features-5/1.0": (
        "schemas",
        "core-roles-features",
        "returnables-and-receivables",
        "queryables",
    ),
    "ogcapi-tiles-1/1.0": ("core", "tileset", "tilesets-list", "geodata-tilesets", "mvt"),
    "cql2/1.0": (
        "cql2-text",
        "cql2-json",
        "basic-cql2",
        "advanced-comparison-operators",
        "case-insensitive-comparison",
        "accent-insensitive-comparison",
        "basic-spatial-functions",
        "basic-spatial-functions-plus",
        "spatial-functions",
        "temporal-functions",
        "property-property",
        "arithmetic",
    ),
}

CONFORMANCE = tuple(
    f"{_SPEC}{spec}/conf/{name}" for spec, names in _CLASSES.items() for name in names
)
