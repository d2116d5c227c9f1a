"""The web map: a Folium map of grids and buildings in one page that asks for nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import folium
import numpy as np
import shapely
from branca.element import Element, Figure, MacroElement
from folium.template import Template
from shapely.geometry.base import BaseGeometry

from .colours import PALETTE, colour_grids
from .escape import html_text, script_json
from .geojson import rounded, rounded_grids, shape_geojson
from .labels import label_point, line_label
from .offline import ASSETS, inline_assets, require_offline
from .sheet import Sheet

_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
# Four squares, so that a server is not asked for a favicon either.
_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Cpath fill='%2377aadd' d='M0 0h7v7H0z'/%3E%3Cpath fill='%23eedd88' d='M9 0h7v7H9z'/%3E"
    "%3Cpath fill='%2344bb99' d='M0 9h7v7H0z'/%3E%3Cpath fill='%23ffaabb' d='M9 9h7v7H9z'/%3E"
    "%3C/svg%3E"
)
_LINE_STYLES: dict[str, dict[str, object]] = {
    "river": {"color": "#8fbcdc", "weight": 7, "opacity": 0.9},
    "rail": {"color": "#8d8a94", "weight": 3, "opacity": 0.8, "dashArray": "8 5"},
    "motorway": {"color": "#c9a24b", "weight": 5, "opacity": 0.8},
    "wall": {"color": "#a08c78", "weight": 2, "opacity": 0.8, "dashArray": "2 4"},
    "boundary": {"color": "#6b7280", "weight": 2, "opacity": 0.8, "dashArray": "6 6"},
    "street": {"color": "#b9b4ab", "weight": 2.5, "opacity": 0.75},
}


def render_web(sheet: Sheet) -> str:
    """Draw a sheet as one self-contained web page.

    The page needs no network and no other file, loads nothing, and shows every word of the
    sheet as text, whatever the words are. The same sheet gives the same page, byte for byte.

    Raises:
        SheetError: a grid too thin to be drawn at 7 decimals of a degree.
        OnlineLinkError: the page would load something; a fault of this program, not of the sheet.
    """
    chart = web_map(sheet)
    page = _SheetFigure(sheet.title, sealed=True)
    page.add_child(chart)
    return page.render()


def web_map(sheet: Sheet) -> folium.Map:
    """Build the Folium map of a sheet, to look at in a notebook or to add layers to.

    It carries its own scripts and styles, so it shows without a network too. Layers added to
    it may load what they like (a basemap, say); ``render_web`` would refuse such a map.
    """
    colours = colour_grids(sheet.grids)
    west, south, east, north = shapely.total_bounds([grid.polygon for grid in sheet.grids])
    chart = _SheetMap([(south + north) / 2, (west + east) / 2])
    layers = {
        "grids": _grids_layer(sheet, colours),
        "lines": _lines_layer(sheet),
        "buildings": _buildings_layer(sheet),
    }
    for key, layer in layers.items():
        if layer is not None:
            _named(layer, key).add_to(chart)
    _named(folium.LayerControl(collapsed=True), "layers").add_to(chart)
    names = {key: layer.get_name() for key, layer in layers.items() if layer is not None}
    _named(_SheetPage(script_json(_words(sheet, colours)), names), "sheet").add_to(chart)
    _SheetFigure(sheet.title, sealed=False).add_child(chart)
    return chart


class _SheetFigure(Figure):
    """The page around the map: language, title, policy, and every asset put in its place."""

    _template = Template(
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "{% if this.sealed %}"
        '<meta http-equiv="Content-Security-Policy" content="{{ this.policy }}">\n'
        "{% endif %}"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<title>{{ this.title }}</title>\n"
        '<link rel="icon" href="{{ this.icon }}">\n'
        "{{ this.header.render(**kwargs) }}\n</head>\n<body>\n"
        "{{ this.html.render(**kwargs) }}\n"
        "<script>\n{{ this.script.render(**kwargs) }}\n</script>\n</body>\n</html>\n"
    )
    policy = _POLICY
    icon = _ICON

    def __init__(self, title: str, *, sealed: bool) -> None:
        super().__init__(ratio="65%", title=html_text(title))
        self.sealed = sealed
        # Figure's own charset tag comes after the title; ours comes first.
        self.header._children.clear()

    def render(self, **kwargs: Any) -> str:
        """Render, take out Folium's zoom-locking viewport tag, inline, and check if sealed."""
        # Rendering leaves its pieces in these three: without a fresh start a map shown twice,
        # as notebooks do, says some things twice.
        parts = (self.header, self.html, self.script)
        before = [part._children.copy() for part in parts]
        page = str(super().render(**kwargs))
        for part, children in zip(parts, before, strict=True):
            part._children = children
        page = re.sub(r'<meta name="viewport" content="[^"]*user-scalable=no" />\s*', "", page)
        page = "\n".join(line.rstrip() for line in page.split("\n") if line.strip())
        page = inline_assets(page) + "\n"
        if self.sealed:
            require_offline(page)
        return page


class _SheetMap(folium.Map):  # type: ignore[misc]
    """A Folium map that loads our Leaflet and page, and nothing of Folium's ten files."""

    def __init__(self, centre: list[float]) -> None:
        super().__init__(
            location=centre,
            zoom_start=15,
            tiles=None,
            prefer_canvas=True,
            zoom_control="bottomright",
            attribution_control=False,
            font_size="14px",
            max_zoom=22,
            zoom_snap=0.25,
        )
        self._id = "sheet"
        # Lists of this map alone: Folium's are shared by every map of the process.
        self.default_js = [("leaflet", "leaflet/leaflet.js"), ("page", "page/page.js")]
        self.default_css = [("leaflet_css", "leaflet/leaflet.css"), ("page_css", "page/page.css")]


class _SheetPage(MacroElement):
    """Title, search, legend and popups: the words as inert JSON, the page built from them."""

    _template = Template(
        "{% macro script(this, kwargs) %}\n"
        "gridgeoPage({{ this._parent.get_name() }}, { {{ this.arguments }} });\n"
        "{% endmacro %}"
    )

    def __init__(self, words: str, layers: dict[str, str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "SheetPage"
        self.words = words
        self.arguments = ", ".join(f"{key}: {name}" for key, name in layers.items())

    def render(self, **kwargs: Any) -> str:
        """Put the frame of the page and the words into the figure, then the call."""
        figure: Any = self.get_root()
        body = figure.html
        words = f'<script type="application/json" id="sheet-words">{self.words}</script>'
        body.add_child(_Literal(words), name="sheet_words")
        # Before the map, so that the keyboard reaches the search first.
        frame = (ASSETS / "page" / "page.html").read_text(encoding="utf-8")
        body.add_child(_Literal(frame), name="sheet_frame", index=0)
        super().render(**kwargs)  # type: ignore[no-untyped-call]
        return ""


class _Literal(Element):
    """Text that no template engine reads: plain Elements would run ``{{ }}`` found in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def render(self, **kwargs: Any) -> str:
        """Return the text as it is."""
        return self._text


def _named(element: Any, name: str) -> Any:
    # Folium's ids are random; ours make the page the same each time.
    element._id = name
    return element


def _collection(shapes: list[Any]) -> dict[str, object]:
    """Features with their row as id and no words at all: words travel in the JSON block."""
    features = [
        {"type": "Feature", "id": row, "properties": {}, "geometry": shape_geojson(shape)}
        for row, shape in enumerate(shapes)
        if shape is not None
    ]
    return {"type": "FeatureCollection", "features": features}


def _layer(
    shapes: list[Any], name: str, *, style: Callable[[Any], dict[str, object]], **options: Any
) -> folium.GeoJson | None:
    data = _collection(shapes)
    if not data["features"]:
        return None
    return folium.GeoJson(data, name=name, style_function=style, **options)


def _grids_layer(sheet: Sheet, colours: dict[str, int]) -> folium.GeoJson | None:
    grids = sheet.ordered_grids()

    def style(feature: Any) -> dict[str, object]:
        grid = grids[feature["id"]]
        look: dict[str, object] = {
            "fillColor": PALETTE[colours[grid.grid_id]],
            "fillOpacity": 0.58,
            "color": "#ffffff",
            "weight": 2.5,
            "opacity": 1,
        }
        if not grid.in_band:
            look |= {"color": "#9b1c1c", "weight": 3, "dashArray": "8 5"}
        return look

    return _layer(rounded_grids(sheet), "Grids", style=style, smooth_factor=0.2)


def _buildings_layer(sheet: Sheet) -> folium.GeoJson | None:
    def style(_feature: Any) -> dict[str, object]:
        return {
            "fill": True,
            "fillColor": "#4b5563",
            "fillOpacity": 0.78,
            "color": "#374151",
            "weight": 0.75,
            "opacity": 0.8,
        }

    shapes = [rounded(building.shape) for building in sheet.ordered_buildings()]
    dot = folium.CircleMarker(radius=4)
    return _layer(shapes, "Buildings", style=style, smooth_factor=0.2, marker=dot)


def _lines_layer(sheet: Sheet) -> folium.GeoJson | None:
    # Rivers first, so that the streets of a bridge lie over them.
    lines = sorted(sheet.lines, key=lambda line: (line.kind != "river", line.kind))

    def style(feature: Any) -> dict[str, object]:
        look = _LINE_STYLES.get(lines[feature["id"]].kind, _LINE_STYLES["street"])
        return look | {"fill": False, "interactive": False}

    return _layer([rounded(line.line) for line in lines], "Streets and water", style=style)


def _words(sheet: Sheet, colours: dict[str, int]) -> dict[str, object]:
    """Everything the page says, and where; rows in the order of the features."""
    grids = sheet.ordered_grids()
    row_of = {grid.grid_id: row for row, grid in enumerate(grids)}
    bounds = np.round(shapely.total_bounds([grid.polygon for grid in grids]), 7).tolist()
    return {
        "title": sheet.title,
        "bands": sheet.bands,
        "proof": sheet.proof,
        "notes": list(sheet.notes),
        "credits": list(sheet.credits),
        "bounds": bounds,
        "palette": list(PALETTE),
        "kinds": sorted({line.kind for line in sheet.lines}),
        "ways": _ways(sheet),
        "grids": [
            {
                "id": grid.grid_id,
                # the line under a grid's id says both
                "community": " · ".join(part for part in (grid.community, grid.kind) if part),
                "buildings": grid.buildings,
                "households": grid.households,
                "population": grid.population,
                "inBand": bool(grid.in_band),
                "reasons": grid.reasons,
                "owner": grid.worker.name,
                "phone": grid.worker.phone,
                "colour": colours[grid.grid_id],
                "label": list(label_point(grid.polygon)),
            }
            for grid in grids
        ],
        "buildings": [
            [building.building_id, building.name, row_of[building.grid_id]]
            for building in sheet.ordered_buildings()
        ],
    }


def _ways(sheet: Sheet) -> list[list[object]]:
    """One label for each name of a street or river, on its longest line."""
    longest: dict[tuple[str, str], BaseGeometry] = {}
    for line in sheet.lines:
        key = (line.kind, line.name)
        if line.name and (key not in longest or line.line.length > longest[key].length):
            longest[key] = line.line
    return [
        [*key, *line_label(line)] for key, line in sorted(longest.items(), key=lambda kv: kv[0])
    ]
