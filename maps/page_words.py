"""Every word that the web page itself says, in the reader's language."""

from __future__ import annotations

from .words import Words


def page_words(words: Words) -> dict[str, str]:
    """Return what the page and its script say, by the key they say it under.

    What the script fills in itself stands in braces, ``{n}``, and takes no plural form.
    """
    return {
        # panel and search
        "about": words("About this map"),
        "search": words("Find your grid and its worker"),
        "placeholder": words("Building, address or worker"),
        "hits": words("What was found"),
        "nothing": words("Nothing here has this name, number or address."),
        "more": words("Found: {n}. Type more to narrow them down.", n="{n}"),
        "no_script": words("This map needs JavaScript, which is switched off here."),
        "list": words("All grids"),
        # where am I
        "where": words("Where am I?"),
        "looking": words("Looking for where you are …"),
        "here": words("You are here"),
        "you_in": words("You are in grid {grid}.", grid="{grid}"),
        "you_near": words(
            "You are near the border of grid {grid}: the device knows the place to {n} m only.",
            grid="{grid}",
            n="{n}",
        ),
        "you_out": words("You are outside of these grids."),
        "no_locator": words(
            "This browser cannot tell where you are. Search for your building instead."
        ),
        "refused": words(
            "The browser may not tell where you are, or only to a page opened with https. "
            "Search for your building instead."
        ),
        "not_found": words("Where you are could not be found. Search for your building instead."),
        # legend
        "legend": words("Legend"),
        "in_band_key": words("Grids within the limits"),
        "out_of_band_key": words("Grids outside the limits"),
        "grids": words("Grids"),
        "ways": words("Streets and water"),
        "buildings": words("Buildings"),
        "near": words("zoom in to see them"),
        "river": words("Water"),
        "street": words("Streets"),
        "rail": words("Railway"),
        "wall": words("Walls"),
        "motorway": words("Motorway"),
        "boundary": words("Boundary"),
        "colours": words("Colours only tell neighbouring grids apart."),
        # a grid, a building, a worker
        "grid": words("Grid"),
        "building": words("Building"),
        "address": words("Address"),
        "worker": words("Grid owner"),
        "phone": words("Phone"),
        "households": words("Households"),
        "population": words("Population"),
        "in_band": words("Within the limits"),
        "out_of_band": words("Outside the limits"),
        "duties": words("Duties"),
        "responsibilities": words("What you may expect"),
        "chat": words("Scan to chat"),
        "chat_id": words("Chat"),
        "contacts": words("Nearest contacts"),
        "page": words("Page of this grid: how to get help"),
        "no_worker": words("No grid owner is named yet."),
        # the map and its controls
        "map": words("Map of the grids"),
        "zoom_in": words("Zoom in"),
        "zoom_out": words("Zoom out"),
        "layers": words("Layers"),
        "close": words("Close"),
    }
