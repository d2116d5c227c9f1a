"""Every word that the page of a comparison says, in the reader's language."""

from __future__ import annotations

from .words import Words


def changes_words(words: Words) -> dict[str, str]:
    """Return what the page and its script say, by the key they say it under.

    What the script fills in itself stands in braces, ``{n}``, and takes no plural form.
    """
    return {
        "about": words("About this comparison"),
        "internal": words("Internal, not for display"),
        "no_script": words("This map needs JavaScript, which is switched off here."),
        "map": words("Map of the grids before and after"),
        # the slider
        "before": words("Before"),
        "after": words("After"),
        "both": words("Half and half"),
        "slider": words("Slider between before and after"),
        "share": words("{n} % of the map show before", n="{n}"),
        "side": words("Which plan is shown"),
        # legend
        "legend": words("Legend"),
        "out_of_band_key": words("Grids outside the limits"),
        "still": words("Building that stays"),
        "moves": words("Building that moves"),
        "new": words("New building"),
        "gone": words("Building no longer there"),
        "ways": words("Streets and water"),
        "colours": words("A grid that is carried on keeps its colour."),
        # who gives to whom
        "flows": words("Who gives to whom"),
        "no_flows": words("No building moves to another grid."),
        "to": words("{from} to {to}", **{"from": "{from}", "to": "{to}"}),
        "houses": words("Buildings: {n}", n="{n}"),
        "homes": words("Households: {n}", n="{n}"),
        "now": words("{grid} (now {heir})", grid="{grid}", heir="{heir}"),
        "was": words("{grid} (was {heir})", grid="{grid}", heir="{heir}"),
        "ended": words("{grid} (gone)", grid="{grid}"),
        "begun": words("{grid} (new)", grid="{grid}"),
        "others": words("New and gone buildings"),
        # cards
        "building": words("Building"),
        "address": words("Address"),
        "households": words("Households"),
        "population": words("Population"),
        "buildings": words("Buildings"),
        "worker": words("Grid owner"),
        "grid_before": words("Grid before"),
        "grid_after": words("Grid after"),
        "nowhere": words("none"),
        "in_band": words("Within the limits"),
        "out_of_band": words("Outside the limits"),
        "carried": words("Carried on as"),
        "carries": words("Carries on"),
        # controls
        "zoom_in": words("Zoom in"),
        "zoom_out": words("Zoom out"),
        "close": words("Close"),
    }
