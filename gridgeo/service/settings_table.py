"""All settings in one table: for the documents, and as they are in force here."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from .settings import PREFIX, Settings

# In the environment of our own processes; nobody sets it by hand.
_OWN = frozenset({f"{PREFIX}JOB_STORE"})


def settings_table(now: Settings | None = None) -> str:
    """Return a Markdown table: name, default and meaning; with ``now`` what is in force too."""
    heads = ["Setting", "Default", *(["Now"] if now is not None else []), "Meaning"]
    rows = []
    for name, field in Settings.model_fields.items():
        told = [f"`{PREFIX}{name.upper()}`", _told(field.default)]
        if now is not None:
            told.append(_told(getattr(now, name)))
        rows.append([*told, field.description or ""])
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def strange_names(environment: Iterable[str]) -> list[str]:
    """Return a sentence for every name with our prefix that is no setting."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | _OWN
    out = []
    for name in sorted(environment):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            near = difflib.get_close_matches(name.upper(), sorted(known - _OWN), 1)
            meant = f"; {near[0]} may be meant" if near else ""
            out.append(f"{name} in the environment is no setting and does nothing{meant}")
    return out


def _told(value: Any) -> str:
    if value is None or value == "":
        return "none"
    if isinstance(value, SecretStr):
        return "set, not shown"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value) if not isinstance(value, Path) else f"`{value}`"
