"""What short texts must look like: an expression for programs, and words for people."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic.fields import FieldInfo

from .sign_in import LONGEST_PASSWORD, SHORTEST_PASSWORD

_LONGEST_NAME_BYTES = 200


def _like(pattern: str, words: str, **more: Any) -> tuple[FieldInfo, AfterValidator]:
    """Return what text must be like, for the document and for who sends something else."""
    shape = re.compile(pattern)

    def check(text: str) -> str:
        if not shape.fullmatch(text):
            raise ValueError(words)
        return text

    field: FieldInfo = Field(json_schema_extra={"pattern": f"^{pattern}$"}, **more)
    return field, AfterValidator(check)


Slug = Annotated[
    str,
    *_like(
        r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?",
        "Write 1 to 63 small letters a to z, digits and inner hyphens, as 'riverside-north'",
        examples=["riverside"],
    ),
]
Name = Annotated[
    str,
    *_like(
        r"[^\x00-\x1f]*[^\x00-\x20][^\x00-\x1f]*",
        "Write a name in one line, not blanks alone",
        min_length=1,
        max_length=200,
    ),
]
UserName = Annotated[
    str,
    *_like(r"[^\s\x00-\x1f]+", "Write a name without blanks", min_length=1, max_length=80),
]
Password = Annotated[str, Field(min_length=SHORTEST_PASSWORD, max_length=LONGEST_PASSWORD)]


def _fits_a_disk(name: str) -> str:
    if len(name.encode()) > _LONGEST_NAME_BYTES:
        raise ValueError(f"a name of at most {_LONGEST_NAME_BYTES} bytes")
    return name


# A name within a folder: no path, nothing but dots is no name.
FileName = Annotated[
    str,
    *_like(
        r"[^\x00-\x1f/\\]*[^\x00-\x1f/\\. ][^\x00-\x1f/\\]*",
        "Give the name of a file without folders, as buildings.gpkg",
        min_length=1,
        max_length=_LONGEST_NAME_BYTES,
        examples=["buildings.gpkg"],
    ),
    AfterValidator(_fits_a_disk),
]
