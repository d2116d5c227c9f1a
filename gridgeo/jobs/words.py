"""What findings say to a planner at the command line, said to one who sends a job instead."""

from __future__ import annotations

import re

from .arguments import ARGUMENTS

# Where an argument of a job has another name than the option has.
_NAMES = {
    "lang": "language",
    "limits": "limits_toml",
    "mask-phones": "masked",
    "max-span": "max_span_m",
    "max-moved": "max_moved_households",
    "no-print": "prints",
    "reach": "reach_m",
    "start": "start_plan_id",
    "time-limit": "time_limit_s",
}
_ARGUMENTS = {
    name.replace("_", "-"): name for taken in ARGUMENTS.values() for name in taken.model_fields
} | _NAMES
_PHOTOS = 'and send them in a .zip as "photos", under the paths in the table'
_COLUMNS = re.compile(r"--column ([a-z_]+)=(\S+?)(?=[\s,;.]|$)(?:,? (?:and )?(?=--column))?")
_MANY_COLUMNS = re.compile(rf"(?:{_COLUMNS.pattern})+")
_CRS = re.compile(r"--crs (EPSG:\d+)")
_FIX = re.compile(r"(?:gridgeo check )?--fix\b")
_LAYER = re.compile(r"([Nn])ame one, as \S+:([^\s:]+?)(?=\.?(?:\s|$))")
_OPTION = re.compile(rf"--({'|'.join(sorted(_ARGUMENTS, key=len, reverse=True))})(?![\w-])")


def said_to_programs(text: str) -> str:
    """Return a sentence with the options it names as the arguments of a job."""
    text = _MANY_COLUMNS.sub(_columns, text)
    text = _CRS.sub(r'"crs": "\1"', text)
    text = _FIX.sub('"mend": true', text)
    text = _LAYER.sub(r'\1ame one in "layers", as {"buildings": "\2"}', text)
    text = text.replace("seen from the table", _PHOTOS)
    return _OPTION.sub(lambda found: f'"{_ARGUMENTS[found[1]]}"', text)


def _columns(found: re.Match[str]) -> str:
    pairs = ", ".join(f'"{role}": "{name}"' for role, name in _COLUMNS.findall(found[0]))
    return f'"columns": {{{pairs}}}'
