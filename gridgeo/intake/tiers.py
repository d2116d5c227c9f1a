"""Choosing the columns of a file by usual names in tiers: the first tier it holds decides."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..errors import Finding
from .telling import error, listed


@dataclass(frozen=True)
class Header:
    """The columns of a file: their ``names``, those that stand twice, and what it is called."""

    names: Sequence[str]
    where: str
    repeated: Sequence[str] = ()


def plain(name: str) -> str:
    """Return a name without case, spaces, signs, full-width forms and a unit in brackets."""
    text = unicodedata.normalize("NFKC", name).casefold().strip()
    text = re.sub(r"(?<=.)[(\[].*[)\]]$", "", text)
    return re.sub(r"[\s_\-./#]+", "", text)


def find_column(
    role: str, tiers: Iterable[Sequence[str]], header: Header, of: dict[str, str], *, fix: str
) -> list[Finding]:
    """Add the column of a role to ``of``, by role; several of one tier are a question.

    A column that another role has is passed over; one called just as the first of its tier
    goes before others of that tier. ``fix``: what to do where several may be meant.
    """
    free = [name for name in header.names if name not in of.values()]
    for tier in tiers:
        usual = {plain(name) for name in tier}
        found = [name for name in free if plain(name) in usual]
        exact = [name for name in found if name == tier[0]]
        if len(found) == 1 or exact:
            of[role] = (exact or found)[0]
            return []
        if found:
            message = f"{header.where}: {listed(repr(name) for name in found)} may each be {role}"
            return [error("column-unclear", message, fix, count=len(found), first=role)]
    return []


def missing_columns(
    lacking: Sequence[str], header: Header, *, fix: str, looked: str = ""
) -> list[Finding]:
    """Tell the roles without a column in one finding, and which columns there are.

    ``looked``: the names that were looked for, "" to say nothing of them.
    """
    if not lacking:
        return []
    tried = f". Looked for: {looked}. Columns" if looked else "; columns"
    message = (
        f"{header.where} has no column for {listed(lacking)}{tried} there are: "
        f"{listed(header.names)}"
    )
    return [error("columns-missing", message, fix, count=len(lacking), first=lacking[0])]


def doubled_columns(of: Mapping[str, str], header: Header) -> list[Finding]:
    """Tell the columns in use whose name stands more than once in the file."""
    twice = {name.casefold() for name in header.repeated}
    return [
        error(
            "column-twice",
            f"{header.where}: the column {name!r}, read as {role}, stands more than once",
            "rename or delete one of them",
            first=name,
        )
        for role, name in of.items()
        if name.casefold() in twice
    ]
