"""What is told of a job in the words it was asked in: files as sent, options as arguments."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

# Where an argument has another name than the option of the command line.
_NAMES = {
    "date": "day",
    "fix": "mend",
    "lang": "language",
    "limits": "limits_toml",
    "mask-phones": "masked",
    "max-span": "max_span_m",
    "time-limit": "time_limit_s",
}
_OPTION = re.compile(r"(?<![\w-])--([a-z]+(?:-[a-z]+)*)")
_COLUMNS = re.compile(r"--column \w+=NAME(?:(?:,| and| or)? --column \w+=NAME)*")
_COLUMN = re.compile(r"--column (\w+)=NAME")


def as_asked(told: Any, folder: Path) -> Any:
    """Return what is told of a job as a client knows it.

    Files of the job's ``folder`` go under the names they were sent by, and options of the command
    line under those of the arguments; ``told`` is of plain types.
    """
    if isinstance(told, dict):
        return {name: as_asked(inner, folder) for name, inner in told.items()}
    if isinstance(told, list):
        return [as_asked(inner, folder) for inner in told]
    if not isinstance(told, str):
        return told
    text = re.sub(re.escape(str(folder)) + r"/(?:[A-Za-z0-9_-]+/)?", "", told)
    text = _COLUMNS.sub(_columns, text)
    return _OPTION.sub(lambda found: _NAMES.get(found[1], found[1].replace("-", "_")), text)


def _columns(found: re.Match[str]) -> str:
    roles = ", ".join(f'"{role}": NAME' for role in _COLUMN.findall(found[0]))
    return f"columns {{{roles}}}"
