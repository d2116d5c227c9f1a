"""Pages of the service: templates that escape what they are given."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import jinja2


@cache
def _templates() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("gridgeo.service"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters["told"] = _told
    return made


def _told(value: Any) -> Any:
    """Return a value of JSON as a table shows it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else value


def page(template: str, base: str, facts: dict[str, Any]) -> bytes:
    """Return a page in UTF-8; ``base``: the address that links begin with."""
    return _templates().get_template(template).render({**facts, "base": base}).encode()


@cache
def beside(name: str) -> bytes:
    """Return a file that pages load: their style, their icon."""
    return (files("gridgeo.service") / "static" / name).read_bytes()
