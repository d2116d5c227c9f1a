"""Where the files of Riverside are, the made-up community that comes with GridGeo."""

from __future__ import annotations

from pathlib import Path

from .errors import Finding, InputError, Severity


def riverside_folder() -> Path:
    """Return the folder of Riverside: inside an installed package, beside it in the sources.

    Raises:
        InputError: it is in neither.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "riverside", package.parent / "data" / "riverside"):
        if (folder / "buildings.gpkg").is_file():
            return folder
    message = f"Riverside is not there: neither in {package} nor in its sources"
    raise InputError([Finding("demo-missing", Severity.ERROR, message, "Install GridGeo again")])
