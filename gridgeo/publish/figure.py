"""A plan as a figure of matplotlib, for reports: every grid, its name, and what is out of band."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

import maps

from ..model import Plan
from ..public_shapes import public_grounds
from .sheet import planner_sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LINES = {"river": ("#8fbcdc", 4.0), "street": ("#b9b4ab", 1.2)}
_OTHER_LINE = ("#8d8a94", 1.2)


def plot(plan: Plan, ax: Axes | None = None) -> Axes:
    """Draw a plan in metres of its CRS and return the axes; a new figure where none is given.

    Neighbours differ in colour, grids out of band are hatched. For the planner's report, not
    for the public: nothing is left out.
    """
    from matplotlib.collections import LineCollection, PathCollection
    from matplotlib.figure import Figure

    if ax is None:
        ax = Figure(figsize=(8, 8), layout="constrained").add_subplot()
    sheet = planner_sheet(plan)
    colours = maps.colour_grids(sheet.grids)
    ids, grounds = public_grounds(plan)
    good = {grid.grid_id: grid.in_band for grid in sheet.grids}
    for grid_id, ground in zip(ids, grounds, strict=True):
        look: dict[str, Any] = {"edgecolor": "white", "linewidth": 1.5}
        if not good[grid_id]:
            look = {"edgecolor": "#9b1c1c", "linewidth": 1.5, "hatch": "////"}
        fill = maps.PALETTE[colours[grid_id]]
        ax.add_collection(PathCollection([_path(ground)], facecolor=fill, **look))
    if plan.barriers is not None:
        for kind in sorted(set(plan.barriers["kind"])):
            shapes = plan.barriers.geometry[plan.barriers["kind"] == kind]
            colour, width = _LINES.get(str(kind), _OTHER_LINE)
            cut = shapely.intersection(np.asarray(shapes.values, dtype=object), plan.territory.area)
            parts = [p for p in shapely.get_parts(cut) if p.geom_type == "LineString"]
            runs = [shapely.get_coordinates(part) for part in parts]
            ax.add_collection(LineCollection(runs, colors=colour, linewidths=width))
    shapes = np.asarray(plan.buildings.table.geometry.values, dtype=object)
    flat = shapely.get_dimensions(shapes) == 2
    ax.add_collection(PathCollection([_path(s) for s in shapes[flat]], facecolor="#4b5563"))
    dots = shapely.get_coordinates(shapes[~flat])
    ax.scatter(dots[:, 0], dots[:, 1], s=4, color="#4b5563", zorder=2)
    for grid_id, ground in zip(ids, grounds, strict=True):
        x, y = shapely.get_coordinates(shapely.point_on_surface(ground))[0]
        ax.annotate(
            grid_id, (x, y), ha="center", va="center", fontsize=8, zorder=3,
            bbox={"boxstyle": "round,pad=0.2", "facecolor": "white", "edgecolor": "none",
                  "alpha": 0.75},
        )  # fmt: skip
    ax.set_aspect("equal")
    ax.set_axis_off()
    ax.autoscale_view()
    return ax


def _path(shape: Any) -> Any:
    """Return a polygon with its holes as one path."""
    from matplotlib.path import Path

    rings = [
        shapely.get_coordinates(ring)
        for part in shapely.get_parts(shape)
        for ring in (part.exterior, *part.interiors)
    ]
    return Path.make_compound_path(*(Path(ring, closed=True) for ring in rings))
