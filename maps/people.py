"""The people of a grid as documents show them: give only what may be published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Worker:
    """The community worker who owns a grid.

    ``photo``: the bytes of a PNG or JPEG, None for a drawn monogram. ``duties`` (what the work is)
    and ``responsibilities`` (what one may expect of it): one line each. ``chat``: a link or an id
    that a QR code carries. What is not known or may not be shown is "".
    """

    name: str = ""
    phone: str = ""
    photo: bytes | None = None
    duties: tuple[str, ...] = ()
    responsibilities: tuple[str, ...] = ()
    chat: str = ""


@dataclass(frozen=True)
class Service:
    """A line to call: supervision, police, property, water, power, heating; its words and phone."""

    label: str
    phone: str


@dataclass(frozen=True)
class Around:
    """What a map of all grids tells of each by its id: where its page is, and numbers to call.

    ``pages``: the page of a grid, as a path from the map's; ``services``: the nearest first.
    """

    pages: Mapping[str, str] = field(default_factory=dict)
    services: Mapping[str, Sequence[Service]] = field(default_factory=dict)


def picture_type(photo: bytes) -> str:
    """Return the media type of a PNG or JPEG, "" of anything else."""
    if photo.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    return "image/jpeg" if photo.startswith(b"\xff\xd8\xff") else ""
