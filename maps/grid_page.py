"""One web page a grid, the one its QR code leads to: owner, ways to get help, contacts, map."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

import jinja2
import shapely
from markupsafe import Markup

from .colours import PALETTE, colour_grids
from .escape import plain
from .grid_map import Neighbourhood, draw_grid
from .monogram import monogram
from .offline import ASSETS, require_offline
from .people import Service, Worker, picture_type
from .phones import tel_link
from .sheet import GridShape, Sheet
from .words import Words

# The four working procedures of a grid, in the words of those who ask for help.
WAYS: tuple[tuple[str, str], ...] = (
    (
        "Everyday matters",
        "Call your grid owner or speak to them in the street. What can be settled on the spot is "
        "settled there, and written down.",
    ),
    (
        "When others have to help",
        "Your grid owner takes your request on the spot, hands it to the colleagues in charge, and "
        "comes back to you with their answer.",
    ),
    (
        "Something sudden",
        "In danger call the emergency services first, then your grid owner, who reports it at "
        "once. Street and community act without delay, and your grid owner stays with it.",
    ),
    (
        "Applications and permits",
        "Give your papers to your grid owner. They are checked, then reviewed by the community "
        "director and decided by the street office. What a higher office decides, the street "
        "passes on.",
    ),
)
# If nobody answers: so many owners of grids next door.
_NEXT_DOOR = 3


@dataclass(frozen=True)
class _Beside:
    grid_id: str
    file: str
    worker: Worker


class _Said:
    """The words of a language as a template calls them, each text made printable."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self.number = words.number
        self.known = words.known

    def __call__(self, text: str, **values: str) -> str:
        return self._words(text, **values)


def render_grid_pages(
    sheet: Sheet,
    *,
    words: Words,
    files: Mapping[str, str],
    services: Mapping[str, Sequence[Service]],
) -> Iterator[tuple[str, str]]:
    """Draw one page a grid; yield the grid's id and its page, in the order of the ids.

    A page needs neither network nor script, and shows every word as text, whatever the words
    are. It links to the pages of the grids next door and to ``../index.html``. The same sheet
    gives the same pages, byte for byte.

    Args:
        sheet: its grids with their workers; see ``Sheet``.
        words: of the language of the pages.
        files: the file name of each grid's page, by grid id; see ``page_files``.
        services: numbers to call by grid id, the nearest first.

    Raises:
        OnlineLinkError: a page would load something; a fault of this program.
    """
    colours = colour_grids(sheet.grids)
    hood = Neighbourhood.of(sheet)
    template = _pages().get_template("grid.html")
    for row, grid in enumerate(hood.grids):
        said = {
            "beside": _beside(hood, row, files),
            "services": list(services.get(grid.grid_id, ())),
            "map": draw_grid(hood, row, PALETTE[colours[grid.grid_id]]),
            "names": hood.building_names(row),
        }
        page = template.render(**said, **_owner(grid.worker), **_frame(sheet, grid, words))
        require_offline(page)
        yield grid.grid_id, page


def _frame(sheet: Sheet, grid: GridShape, words: Words) -> dict[str, Any]:
    return {
        "grid": grid,
        "title": sheet.title,
        "language": words.language,
        "t": _Said(words),
        "tel": tel_link,
        "ways": WAYS,
        "notes": [*sheet.credits],
    }


def _owner(worker: Worker) -> dict[str, Any]:
    photo = ""
    if worker.photo:
        packed = base64.b64encode(worker.photo).decode("ascii")
        photo = f"data:{picture_type(worker.photo)};base64,{packed}"
    return {
        "worker": worker,
        "photo": photo,
        "disc": Markup(monogram(worker.name)),
        "chat_link": worker.chat.lower().startswith(("https://", "http://", "weixin://")),
    }


def _beside(hood: Neighbourhood, row: int, files: Mapping[str, str]) -> list[_Beside]:
    """Return the reachable owners of the grids next door, the one with most border first."""
    own = hood.grids[row]
    rim = shapely.boundary(own.polygon)
    found: list[tuple[float, int]] = []
    for other in hood.around(row):
        grid = hood.grids[other]
        if grid.worker.phone and grid.worker != own.worker:
            shared = shapely.length(shapely.intersection(rim, shapely.boundary(grid.polygon)))
            found.append((-round(shared, 7), other))
    rows = [other for _, other in sorted(found)[:_NEXT_DOOR]]
    return [
        _Beside(g.grid_id, quote(files[g.grid_id]), g.worker) for g in (hood.grids[r] for r in rows)
    ]


@cache
def _pages() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(ASSETS / "pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=lambda value: plain(value) if type(value) is str else value,
    )
