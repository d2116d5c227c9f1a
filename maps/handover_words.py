"""The words that every handover sheet says, in the reader's language."""

from __future__ import annotations

from .words import Words


def handover_words(words: Words) -> dict[str, str]:
    """Return what the template of handover sheets says, by the key it says it under."""
    return {
        "sheet": words("Handover sheet"),
        "internal": words("Internal, not for display"),
        "grid": words("Grid"),
        "owner": words("Grid owner"),
        "unnamed": words("not named"),
        "before": words("Before"),
        "after": words("After"),
        "buildings": words("Buildings"),
        "households": words("Households"),
        "population": words("Population"),
        "in_band": words("In band"),
        "number": words("No."),
        "building": words("Building"),
        "name": words("Name"),
        "address": words("Address"),
        "kept": words("Handed on with the grid as a whole"),
        "nothing": words("No building is taken over or handed over."),
        "matters": words("Open matters"),
        "by_hand": words("Further matters, by hand:"),
        "signatures": words("Signatures"),
        "what": words("What"),
        "giving": words("Handing over"),
        "taking": words("Taking over"),
        "witness": words("Witness"),
        "date": words("Date"),
        "comes": words("comes to the grid"),
        "leaves": words("leaves the grid"),
        "stays": words("stays"),
        "not_there": words("not there yet, or no longer"),
        "north": words("North is up"),
        "page": words("Page {n} of {all}", n="{n}", all="{all}"),
    }
