"""The web map: a Folium map of grids and buildings in one page that asks for nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import folium
import shapely
from branca.element import Element, Figure, MacroElement
from folium.template import Template

from .basemaps import BD09, WGS84, Basemap, BasemapError
from .colours import PALETTE, colour_grids
from .escape import html_text, script_json
from .geojson import rounded, rounded_grids, shape_geojson
from .offline import ASSETS, inline_assets, require_offline
from .page_data import page_data, shift_terms
from .page_words import page_words
from .people import Around
from .sheet import LineShape, Lonlat, Sheet
from .words import ENGLISH, Words

_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src {images}; "
    "base-uri 'none'; form-action 'none'"
)
# Four squares, so that a server is not asked for a favicon either.
_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Cpath fill='%2377aadd' d='M0 0h7v7H0z'/%3E%3Cpath fill='%23eedd88' d='M9 0h7v7H9z'/%3E"
    "%3Cpath fill='%2344bb99' d='M0 9h7v7H0z'/%3E%3Cpath fill='%23ffaabb' d='M9 9h7v7H9z'/%3E"
    "%3C/svg%3E"
)
_SCRIPTS = tuple(
    f"page/{name}" for name in ("dom", "buildings", "cards", "labels", "search", "where", "page")
)
_STYLES = ("page/page",)
_LINE_STYLES: dict[str, dict[str, object]] = {
    "river": {"color": "#8fbcdc", "weight": 7, "opacity": 0.9},
    "rail": {"color": "#8d8a94", "weight": 3, "opacity": 0.8, "dashArray": "8 5"},
    "motorway": {"color": "#c9a24b", "weight": 5, "opacity": 0.8},
    "wall": {"color": "#a08c78", "weight": 2, "opacity": 0.8, "dashArray": "2 4"},
    "boundary": {"color": "#6b7280", "weight": 2, "opacity": 0.8, "dashArray": "6 6"},
    "street": {"color": "#b9b4ab", "weight": 2.5, "opacity": 0.75},
}


def render_web(
    sheet: Sheet,
    words: Words | None = None,
    *,
    basemap: Basemap | None = None,
    shift: Callable[[Lonlat], Lonlat] | None = None,
    around: Around | None = None,
) -> str:
    """Draw a sheet as one self-contained web page.

    The page needs no network and no other file, loads nothing, and shows every word of the
    sheet as text, whatever the words are. With a basemap it loads the tiles of that one and may
    load nothing else. The same sheet gives the same page, byte for byte.

    Args:
        sheet: in WGS 84, whatever the basemap.
        words: of the page's language; English if not given.
        basemap: to lay beneath.
        shift: from WGS 84 degrees, float64 (n, 2), to degrees of the basemap's datum, where that
            is another one. What the page draws is moved by it; the sheet stays as it is.
        around: pages of the grids to link to, and numbers to call; none if not given.

    Raises:
        SheetError: a grid too thin to be drawn at 7 decimals of a degree.
        BasemapError: a basemap of another datum, and no ``shift``.
        OnlineLinkError: the page would load something; a fault of this program, not of the sheet.
    """
    words = words or Words.of(ENGLISH)
    chart = web_map(sheet, words, basemap=basemap, shift=shift, around=around)
    images = " ".join(["data:", *(basemap.hosts() if basemap else ())])
    page = PageFigure(sheet.title, words.language, images)
    page.add_child(chart)
    return page.render()


def web_map(
    sheet: Sheet,
    words: Words | None = None,
    *,
    basemap: Basemap | None = None,
    shift: Callable[[Lonlat], Lonlat] | None = None,
    around: Around | None = None,
) -> folium.Map:
    """Build the Folium map of a sheet, to look at in a notebook or to add layers to.

    It carries its own scripts and styles, so it shows without a network too. Layers added to
    it may load what they like; ``render_web`` would refuse such a map. Arguments and errors are
    those of ``render_web``.
    """
    words = words or Words.of(ENGLISH)
    say = page_words(words)
    colours = colour_grids(sheet.grids)
    shown, terms = sheet, None
    if basemap is not None and basemap.datum != WGS84:
        if shift is None:
            raise BasemapError(f"{basemap.name} is drawn in {basemap.datum}: give a shift to it")
        shown, terms = sheet.moved(shift), shift_terms(sheet, shift)
    west, south, east, north = shapely.total_bounds([grid.polygon for grid in shown.grids])
    chart = OfflineMap([(south + north) / 2, (west + east) / 2], basemap)
    for key, tiles in _tile_layers(basemap).items():
        named(tiles, key).add_to(chart)
    layers = {
        "grids": _grids_layer(shown, colours, name=say["grids"], on_tiles=basemap is not None),
        "lines": lines_layer(shown.lines, say["ways"]),
        "buildings": _BuildingsLayer(say["buildings"]) if sheet.buildings else None,
    }
    for key, layer in layers.items():
        if layer is not None:
            named(layer, key).add_to(chart)
    named(folium.LayerControl(collapsed=True), "layers").add_to(chart)
    names = {key: layer.get_name() for key, layer in layers.items() if layer is not None}
    data = page_data(shown, words, colours, around=around or Around())
    data["shift"] = terms
    data["crs"] = chart.crs
    data["fill"] = _fill(basemap is not None)
    data["tiles"] = {"by": basemap.attribution, "terms": basemap.terms} if basemap else None
    named(PageFrame(script_json(data), say, names), "sheet").add_to(chart)
    PageFigure(sheet.title, words.language, None).add_child(chart)
    return chart


class PageFigure(Figure):
    """The page around the map: language, title, policy, and every asset put in its place."""

    _template = Template(
        '<!DOCTYPE html>\n<html lang="{{ this.language }}">\n<head>\n<meta charset="utf-8">\n'
        "{% if this.policy %}"
        '<meta http-equiv="Content-Security-Policy" content="{{ this.policy }}">\n'
        "{% endif %}"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<title>{{ this.title }}</title>\n"
        '<link rel="icon" href="{{ this.icon }}">\n'
        "{{ this.header.render(**kwargs) }}\n</head>\n<body>\n"
        "{{ this.html.render(**kwargs) }}\n"
        "<script>\n{{ this.script.render(**kwargs) }}\n</script>\n</body>\n</html>\n"
    )
    icon = _ICON

    def __init__(self, title: str, language: str, images: str | None) -> None:
        super().__init__(ratio="65%", title=html_text(title))
        self.language = language
        self.policy = None if images is None else _POLICY.format(images=images)
        # Figure's own charset tag comes after the title; ours comes first.
        self.header._children.clear()

    def render(self, **kwargs: Any) -> str:
        """Render, take out Folium's zoom-locking viewport tag, inline, and check what is sealed."""
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
        if self.policy:
            require_offline(page)
        return page


class OfflineMap(folium.Map):  # type: ignore[misc]
    """A Folium map that loads our Leaflet and page, and nothing of Folium's ten files."""

    def __init__(
        self,
        centre: list[float],
        basemap: Basemap | None = None,
        *,
        scripts: Sequence[str] = _SCRIPTS,
        styles: Sequence[str] = _STYLES,
    ) -> None:
        # Baidu's tiles are cut on a plane of its own
        baidu = ["page/baidu"] if basemap is not None and basemap.datum == BD09 else []
        super().__init__(
            location=centre,
            zoom_start=15,
            tiles=None,
            prefer_canvas=True,
            zoom_control="bottomright",
            attribution_control=False,
            font_size="14px",
            max_zoom=22,
            fade_animation=False,
            # tiles between two zooms are blurred, and seams show
            zoom_snap=0.25 if basemap is None else 1,
            crs="BD09" if baidu else "EPSG3857",
        )
        self._id = "sheet"
        # Lists of this map alone: Folium's are shared by every map of the process.
        self.default_js = [
            ("leaflet", "leaflet/leaflet.js"),
            *((name.replace("/", "_"), f"{name}.js") for name in (*baidu, *scripts)),
        ]
        self.default_css = [
            ("leaflet_css", "leaflet/leaflet.css"),
            *((f"{name.replace('/', '_')}_css", f"{name}.css") for name in styles),
        ]


class PageFrame(MacroElement):
    """Title, search, legend and popups: the words as inert JSON, the page built from them."""

    _template = Template(
        "{% macro script(this, kwargs) %}\n"
        "{{ this.call }}({{ this._parent.get_name() }}, { {{ this.arguments }} });\n"
        "{% endmacro %}"
    )

    def __init__(
        self,
        data: str,
        say: dict[str, str],
        layers: dict[str, str],
        *,
        call: str = "gridgeoPage",
        frame: str = "page/page.html",
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "SheetPage"
        self.call = call
        self.frame = frame
        self.data = data
        self.say = say
        self.arguments = ", ".join(f"{key}: {name}" for key, name in layers.items())

    def render(self, **kwargs: Any) -> str:
        """Put the frame of the page and the words into the figure, then the call."""
        figure: Any = self.get_root()
        body = figure.html
        words = f'<script type="application/json" id="sheet-words">{self.data}</script>'
        body.add_child(_Literal(words), name="sheet_words")
        # Before the map, so that the keyboard reaches the search first.
        frame = (ASSETS / self.frame).read_text(encoding="utf-8")
        frame = re.sub(r"%(\w+)%", lambda match: html_text(self.say[match.group(1)]), frame)
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


def named(element: Any, name: str) -> Any:
    """Return the element under a name of ours."""
    # Folium's ids are random; ours make the page the same each time.
    element._id = name
    return element


def pane(name: str, z_index: int) -> Any:
    """Return a sheet of glass of a map: what names it lies at that height, and may be cut."""
    return folium.map.CustomPane(name, z_index=z_index)


def _collection(shapes: list[Any]) -> dict[str, object]:
    """Features with their row as id and no words at all: words travel in the JSON block."""
    features = [
        {"type": "Feature", "id": row, "properties": {}, "geometry": shape_geojson(shape)}
        for row, shape in enumerate(shapes)
        if shape is not None
    ]
    return {"type": "FeatureCollection", "features": features}


def shape_layer(
    shapes: list[Any], name: str, *, style: Callable[[Any], dict[str, object]], **options: Any
) -> folium.GeoJson | None:
    """Draw shapes in degrees, ``style`` telling the look of each by its row; None without any."""
    data = _collection(shapes)
    if not data["features"]:
        return None
    return folium.GeoJson(data, name=name, style_function=style, **options)


def _tile_layers(basemap: Basemap | None) -> dict[str, folium.TileLayer]:
    urls = {"tiles": basemap.url, "tile_names": basemap.names_url} if basemap else {}
    return {
        key: folium.TileLayer(
            tiles=url,
            attr=html_text(basemap.attribution),
            max_native_zoom=basemap.max_zoom,
            max_zoom=22,
            control=False,
        )
        for key, url in urls.items()
        if basemap is not None and url
    }


def _fill(on_tiles: bool) -> float:
    return 0.35 if on_tiles else 0.58


def _grids_layer(
    sheet: Sheet, colours: dict[str, int], *, name: str, on_tiles: bool
) -> folium.GeoJson | None:
    grids = sheet.ordered_grids()

    def style(feature: Any) -> dict[str, object]:
        grid = grids[feature["id"]]
        look: dict[str, object] = {
            "fillColor": PALETTE[colours[grid.grid_id]],
            "fillOpacity": _fill(on_tiles),
            "color": "#334155" if on_tiles else "#ffffff",
            "weight": 2.5,
            "opacity": 1,
            "interactive": False,
        }
        if not grid.in_band:
            look |= {"color": "#9b1c1c", "weight": 3, "dashArray": "8 5"}
        return look

    return shape_layer(rounded_grids(sheet), name, style=style, smooth_factor=0.2)


class _BuildingsLayer(folium.map.Layer):  # type: ignore[misc]
    """All buildings in one canvas, drawn by ``page/buildings.js`` from what is packed."""

    _template = Template(
        "{% macro script(this, kwargs) %}\n"
        "var {{ this.get_name() }} = gridgeoBuildings(gridgeoWords().buildings);\n"
        "{% endmacro %}"
    )

    def __init__(self, name: str) -> None:
        super().__init__(name=name, overlay=True)
        self._name = "Buildings"


def lines_layer(shown: Iterable[LineShape], name: str) -> folium.GeoJson | None:
    """Draw streets and water, each kind in its own look."""
    # Rivers first, so that the streets of a bridge lie over them.
    lines = sorted(shown, key=lambda line: (line.kind != "river", line.kind))

    def style(feature: Any) -> dict[str, object]:
        look = _LINE_STYLES.get(lines[feature["id"]].kind, _LINE_STYLES["street"])
        return look | {"fill": False, "interactive": False}

    return shape_layer([rounded(line.line) for line in lines], name, style=style)
