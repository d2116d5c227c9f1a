"""What short texts must look like: an expression for programs, and words for people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

from .sign_in import LONGEST_PASSWORD, SHORTEST_PASSWORD

_LONGEST_NAME_BYTES = 200


@dataclass(frozen=True)
class Form:
    """What a text must look like: an expression for programs, and words for people."""

    pattern: str
    words: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Any:
        """Check a text against the expression, and say the words where it does not fit."""
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: Any, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Return what programs are told."""
        return {**handler(schema), "pattern": self.pattern}

    def _checked(self, text: str) -> str:
        if re.fullmatch(self.pattern, text) is None:
            raise PydanticCustomError("form", "{words}", {"words": self.words})
        return text


Slug = Annotated[
    str,
    Field(examples=["riverside"]),
    Form(
        r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$",
        "Use small letters a to z, digits, and hyphens within; 63 signs at most",
    ),
]
Name = Annotated[
    str,
    Field(min_length=1, max_length=200),
    Form(
        r"^[^\x00-\x1f]*[^\x00-\x20][^\x00-\x1f]*$",
        "Use one line of text that is not blank",
    ),
]
UserName = Annotated[
    str, Field(min_length=1, max_length=80), Form(r"^[^\s\x00-\x1f]+$", "Use no blanks")
]
Password = Annotated[str, Field(min_length=SHORTEST_PASSWORD, max_length=LONGEST_PASSWORD)]


def _fits_a_disk(name: str) -> str:
    if len(name.encode()) > _LONGEST_NAME_BYTES:
        raise ValueError(f"a name of at most {_LONGEST_NAME_BYTES} bytes")
    return name


# A name within a folder: no path, nothing but dots is no name.
FileName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=_LONGEST_NAME_BYTES,
        examples=["buildings.gpkg"],
    ),
    Form(
        r"^[^\x00-\x1f/\\]*[^\x00-\x1f/\\. ][^\x00-\x1f/\\]*$",
        "Give the name of a file without folders, as buildings.gpkg",
    ),
    AfterValidator(_fits_a_disk),
]
