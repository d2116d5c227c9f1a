"""The page of a comparison: one map of two plans with a slider between them; asks for nothing."""

from __future__ import annotations

from typing import Any

import shapely

from .change_sheet import ChangedBuilding, ChangeSheet, GridState
from .changes_words import changes_words
from .colours import DEGREE_M, PALETTE
from .escape import script_json
from .geojson import rounded
from .labels import label_point
from .packed import packed_shapes
from .sheet import SheetError
from .web import OfflineMap, PageFigure, PageFrame, lines_layer, named, pane, shape_layer
from .words import ENGLISH, Words

_SCRIPTS = ("page/dom", "page/buildings", "changes/sides", "changes/cards", "changes/changes")
_STYLES = ("page/page", "changes/changes")


def render_changes(sheet: ChangeSheet, words: Words | None = None) -> str:
    """Draw a comparison as one self-contained web page; see ``maps.render_web`` for its rules.

    The page shows households of single buildings: for the office, not for the public.

    Raises:
        SheetError: shapes in metres, or a grid too thin to be drawn at 7 decimals of a degree.
        OnlineLinkError: the page would load something; a fault of this program.
    """
    words = words or Words.of(ENGLISH)
    page = PageFigure(sheet.title, words.language, "data:")
    page.add_child(changes_map(sheet, words))
    return page.render()


def changes_map(sheet: ChangeSheet, words: Words | None = None) -> Any:
    """Build the Folium map of a comparison, to look at in a notebook."""
    if not sheet.in_degrees:
        raise SheetError("the page of a comparison is drawn in degrees, and its shapes are not")
    words = words or Words.of(ENGLISH)
    say = changes_words(words)
    sides = {"before": _ordered(sheet.before), "after": _ordered(sheet.after)}
    colours = dict(zip(sides, sheet.colours(DEGREE_M), strict=True))
    whole = [grid.polygon for grids in sides.values() for grid in grids]
    west, south, east, north = shapely.total_bounds(whole).tolist()
    centre = [(south + north) / 2, (west + east) / 2]
    chart = OfflineMap(centre, scripts=_SCRIPTS, styles=_STYLES)
    for side in sides:
        # beneath Leaflet's own overlays (400): streets lie over the grids of both sides
        named(pane(f"gg-{side}", 390), f"pane_{side}").add_to(chart)
    layers = {
        side: _grids_layer(side, grids, colours[side], say[side]) for side, grids in sides.items()
    }
    layers["lines"] = lines_layer(sheet.lines, say["ways"])
    names = {}
    for key, layer in layers.items():
        if layer is not None:
            named(layer, key).add_to(chart)
            names[key] = layer.get_name()
    data = _data(sheet, sides, words)
    data["bounds"] = [round(side, 7) for side in (west, south, east, north)]
    data["say"] = say
    data["crs"] = chart.crs
    frame = PageFrame(
        script_json(data), say, names, call="gridgeoChanges", frame="changes/changes.html"
    )
    named(frame, "sheet").add_to(chart)
    PageFigure(sheet.title, words.language, None).add_child(chart)
    return chart


def _ordered(grids: tuple[GridState, ...]) -> list[GridState]:
    return sorted(grids, key=lambda grid: grid.grid_id)


def _grids_layer(side: str, grids: list[GridState], colours: dict[str, int], name: str) -> Any:
    """Draw the grids of a side in a pane of its own, which the slider cuts."""
    shapes = [rounded(grid.polygon) for grid in grids]
    lost = [grid.grid_id for grid, shape in zip(grids, shapes, strict=True) if shape is None]
    if lost:
        raise SheetError(f"{len(lost)} grids vanish when rounded (first: {lost[0]})")

    def style(feature: Any) -> dict[str, object]:
        grid = grids[feature["id"]]
        look: dict[str, object] = {
            "fillColor": PALETTE[colours[grid.grid_id]], "fillOpacity": 0.58, "color": "#ffffff",
            "weight": 2.5, "opacity": 1, "interactive": False,
        }  # fmt: skip
        if not grid.in_band:
            look |= {"color": "#9b1c1c", "weight": 3, "dashArray": "8 5"}
        return look

    return shape_layer(shapes, name, style=style, smooth_factor=0.2, pane=f"gg-{side}")


def _data(sheet: ChangeSheet, sides: dict[str, list[GridState]], words: Words) -> dict[str, object]:
    """Return all the page says and shows, as plain lists and texts."""
    row_of = {
        side: {grid.grid_id: row for row, grid in enumerate(grids)} for side, grids in sides.items()
    }
    buildings = sheet.ordered_buildings()
    still = [building for building in buildings if not building.differs]
    moving = [building for building in buildings if building.differs]
    heirs = {row_of["before"][a]: row_of["after"][b] for a, b in sheet.heirs.items()}
    carried = {"before": heirs, "after": {new: old for old, new in heirs.items()}}
    return {
        "title": sheet.title,
        "summary": list(sheet.summary),
        "sides": {
            side: [
                {
                    "id": grid.grid_id,
                    "owner": grid.owner,
                    "buildings": words.number(grid.buildings),
                    "households": words.number(grid.households),
                    "population": words.number(grid.population),
                    "weight": grid.households,
                    "inBand": grid.in_band,
                    "kin": carried[side].get(row, -1),
                    "label": list(label_point(grid.polygon)),
                }
                for row, grid in enumerate(grids)
            ]
            for side, grids in sides.items()
        },
        "still": _columns(still, row_of, words),
        "moving": _columns(moving, row_of, words) | {"moves": [b.moves for b in moving]},
        "flows": _flows(moving, row_of, words),
    }


def _columns(
    buildings: list[ChangedBuilding], row_of: dict[str, dict[str, int]], words: Words
) -> dict[str, object]:
    """Buildings by column, as the scripts read them."""
    return {
        "ids": [building.building_id for building in buildings],
        "names": [building.name for building in buildings],
        "addresses": [building.address for building in buildings],
        "households": [words.number(building.households) for building in buildings],
        "from": [row_of["before"].get(building.from_grid, -1) for building in buildings],
        "to": [row_of["after"].get(building.to_grid, -1) for building in buildings],
        "nearZoom": 0,
        "shapes": packed_shapes([building.shape for building in buildings]),
    }


def _flows(
    moving: list[ChangedBuilding], row_of: dict[str, dict[str, int]], words: Words
) -> list[dict[str, object]]:
    """Sum what moves from grid to grid, the most households first."""
    rows: dict[tuple[str, str], list[int]] = {}
    for row, building in enumerate(moving):
        if building.moves:
            rows.setdefault((building.from_grid, building.to_grid), []).append(row)
    sums = {pair: sum(moving[row].households for row in those) for pair, those in rows.items()}
    return [
        {
            "from": row_of["before"][pair[0]],
            "to": row_of["after"][pair[1]],
            "households": words.number(sums[pair]),
            "buildings": words.number(len(rows[pair])),
            "rows": rows[pair],
        }
        for pair in sorted(rows, key=lambda pair: (-sums[pair], pair))
    ]
