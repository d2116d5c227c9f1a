"""Which solver finishes a plan: the name a planner gave, against what PuLP finds here."""

from __future__ import annotations

from .errors import InputError
from .intake.telling import error, listed

# The names people use, and what PuLP calls them. "" leaves the choice to the solvers.
_ALIASES = {"highs": ("HiGHS",), "cbc": ("PULP_CBC_CMD", "COIN_CMD")}
AUTO = "auto"


def chosen_solver(name: str) -> str:
    """Return the solver of a name: "" for auto, "highs", "cbc", or as PuLP spells it.

    Raises:
        InputError: PuLP does not know it, or does not find it on this computer.
    """
    import pulp

    asked = name.strip().casefold()
    if asked in ("", AUTO):
        return ""
    known = pulp.listSolvers()
    found = pulp.listSolvers(onlyAvailable=True)
    if asked in _ALIASES:
        if set(_ALIASES[asked]) & set(found):
            return asked
        known = [*known, asked]
    for spelt in known:
        if spelt.casefold() == asked and spelt in found:
            return str(spelt)
    short = [alias for alias, names in _ALIASES.items() if set(names) & set(found)]
    is_known = asked in {spelt.casefold() for spelt in known}
    what = "is not installed here" if is_known else "is no solver that PuLP knows"
    message = (
        f"--solver {name}: {what}; available are: {listed(dict.fromkeys([AUTO, *short, *found]))}"
    )
    raise InputError([error("solver-unavailable", message, "name one of them", first=name)])
