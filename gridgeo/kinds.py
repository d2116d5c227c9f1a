"""The kind of every building and of every grid; a book of limits settled for a town."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from .errors import Finding, InputError
from .intake.columns import asked_column, kind_columns, renamed_column
from .intake.telling import Rows, error, listed, warning
from .intake.values import texts
from .limits import LimitBook, Limits
from .limits_file import nearest
from .model import Buildings, Community
from .workload import column_names

Array = np.ndarray[Any, Any]


def settle_book(
    town: Community, limits: Limits | LimitBook | None, kind: str | None
) -> tuple[LimitBook, list[Finding]]:
    """Return the limits of a town with the column of kinds found, and what should be told.

    ``kind``: the column asked for. Without one a book that has rules for kinds names it, or it
    is found by its usual names.

    Raises:
        InputError: every fault: no such column, none or several to be found, a column of
            ``each`` that is not there.
    """
    book = limits if isinstance(limits, LimitBook) else LimitBook(limits or Limits())
    faults: list[Finding] = []
    column = _kind_column(town, book, kind, faults)
    book = replace(book, kind_column=column, **_settled_each(town, book, faults))
    if faults:
        raise InputError(faults)
    return book, [*_strangers(town, book), *_blank(town, book)]


def book_faults(
    town: Community, limits: Limits | LimitBook | None, kind: str | None
) -> tuple[Finding, ...]:
    """Return what ``settle_book`` would refuse."""
    try:
        settle_book(town, limits, kind)
    except InputError as fault:
        return fault.findings
    return ()


def kinds_of(buildings: Buildings, column: str) -> Array:
    """Return the kind of every building, object (n,) of stripped text, "" for none."""
    if not column:
        return np.full(len(buildings), "", dtype=object)
    return texts(buildings.table[column])


def kind_of_grids(buildings: Buildings, kinds: Array, of: Array, count: int) -> Array:
    """Return the kind of every grid, object (g,): that of most of its households.

    ``kinds``: object (n,). ``of``: int64 (n,), the grid of every building, -1 for none. Of
    equals the kind with more buildings wins, then the first in order of names.
    """
    names, code = np.unique(kinds.astype(str), return_inverse=True)
    held = np.flatnonzero(of >= 0)
    main = main_kinds(code.ravel()[held], of[held], buildings.households[held], count)
    return np.asarray(names.astype(object)[main])


def main_kinds(code: Array, of: Array, households: Array, count: int) -> Array:
    """Return the number of the kind of every grid, int64 (g,), as ``kind_of_grids`` has it.

    All (n,): ``code`` the kind of a building, from 0; ``of`` its grid, 0..count-1.
    """
    kinds = int(code.max(initial=0)) + 1
    cell, shape = of * kinds + code, (count, kinds)
    mass = np.bincount(cell, households, count * kinds).reshape(shape)
    number = np.bincount(cell, minlength=count * kinds).reshape(shape)
    most = (mass == mass.max(axis=1, keepdims=True)) & (number > 0)
    # of equals the first
    return np.asarray(np.where(most, number, 0).argmax(axis=1), np.int64)


def exclusive_pieces(buildings: Buildings, book: LimitBook, kinds: Array, edges: Array) -> Array:
    """Return which grid of its own an exclusive building is in, int64 (n,), -1 for others.

    Each is a connected piece, along ``edges``, of one kind in one community, and of one value of
    the column ``each`` where the rule names one; numbered by their first building.
    """
    places = list(zip(buildings.communities.tolist(), kinds.tolist(), strict=True))
    rules = {place: book.rule(*place) for place in set(places)}
    alone = np.array([bool(rules[place].exclusive) for place in places], np.bool_)
    piece = np.full(len(kinds), -1, np.int64)
    if not alone.any():
        return piece
    columns = {rule.each for rule in rules.values() if rule.exclusive and rule.each}
    values = {name: texts(buildings.table[name]) for name in columns}
    keys = np.full(len(kinds), "", dtype=object)
    for row in np.flatnonzero(alone):
        each = rules[places[row]].each
        keys[row] = "\0".join([*places[row], values[each][row] if each else ""])
    inside = edges[alone[edges].all(axis=1) & (keys[edges[:, 0]] == keys[edges[:, 1]])]
    n = len(kinds)
    graph = coo_array((np.ones(len(inside), np.int8), (inside[:, 0], inside[:, 1])), shape=(n, n))
    _, label = connected_components(graph, directed=False)
    _, first, of = np.unique(label[alone], return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    piece[alone] = rank[of.ravel()]
    return piece


def kind_word(kind: str) -> str:
    """Return how a kind is spoken of: "kind scattered", or "no kind"."""
    return f"kind {kind}" if kind else "no kind"


def _kind_column(town: Community, book: LimitBook, asked: str | None, faults: list[Finding]) -> str:
    there = column_names(town.buildings)
    wanted = asked or book.kind_column
    if wanted:
        found = asked_column(wanted, there)
        if found is None:
            said = "--kind" if asked else "kind_column ="
            message = (
                f"{said} {wanted}: the buildings have no such column; columns there are: "
                f"{listed(there)}"
            )
            faults.append(error("kind-column-missing", message, "name one of them with --kind",
                                first=wanted))  # fmt: skip
        return found or ""
    if not (book.kinds or book.in_community):
        return ""
    usual = kind_columns(there)
    if len(usual) == 1:
        return usual[0]
    if usual:
        message = f"{listed(repr(name) for name in usual)} may each name the kinds of buildings"
    else:
        message = (
            "the limits have rules for kinds, and no column of the buildings names them; "
            f"columns there are: {listed(there)}"
        )
    faults.append(error("kind-column-needed", message, "name the column with --kind COLUMN"))
    return ""


def _settled_each(town: Community, book: LimitBook, faults: list[Finding]) -> dict[str, Any]:
    """Return the rules for kinds with the columns of ``each`` as the buildings call them."""
    there = column_names(town.buildings)
    out: dict[str, dict[Any, Any]] = {}
    for part in ("kinds", "in_community"):
        out[part] = {}
        for name, rule in getattr(book, part).items():
            found = None
            if rule.each:
                found = asked_column(rule.each, there) or renamed_column(rule.each, there)
            if rule.each and found is None:
                kind = name if isinstance(name, str) else name[1]
                message = (
                    f'each = "{rule.each}" of kind {kind}: the buildings have no such column; '
                    f"columns there are: {listed(there)}"
                )
                fix = "name one of them in the file of limits"
                faults.append(error("each-column-missing", message, fix, first=rule.each))
            out[part][name] = replace(rule, each=found)
    return out


def _strangers(town: Community, book: LimitBook) -> list[Finding]:
    """Tell rules for kinds and communities that no building is of."""
    kinds = set(kinds_of(town.buildings, book.kind_column).tolist())
    communities = set(town.buildings.communities.tolist())
    pairs = set(
        zip(
            town.buildings.communities.tolist(),
            kinds_of(town.buildings, book.kind_column).tolist(),
            strict=True,
        )
    )
    named = sorted({*book.communities, *(community for community, _ in book.in_community)})
    told = [_stranger("kind", name, kinds) for name in sorted(set(book.kinds) - kinds)]
    told += [_stranger("community", name, communities) for name in named if name not in communities]
    for community, kind in sorted(book.in_community):
        if community in communities and (community, kind) not in pairs:
            own = {k for c, k in pairs if c == community}
            told.append(_stranger(f"community {community}: kind", kind, own))
    return told


def _stranger(what: str, name: str, known: set[str]) -> Finding:
    there = sorted(known - {""})
    message = (
        f"the limits of {what} {name!r} are not used: no building is of it"
        f"{nearest(name, there)}; there are: {listed(there)}"
    )
    code = "limits-of-no-kind" if what.endswith("kind") else "limits-of-no-community"
    return warning(code, message, "write it as the buildings do", first=name)


def _blank(town: Community, book: LimitBook) -> list[Finding]:
    """Tell buildings whose kind is blank; where all are, there is nothing to tell apart."""
    if not book.kind_column:
        return []
    blank = kinds_of(town.buildings, book.kind_column) == ""
    if not blank.any():
        return []
    rows = Rows(town.buildings.ids, "building", "buildings")
    column = book.kind_column
    what = (f"has no kind in {column!r}, and is divided as one of no kind",
            f"have no kind in {column!r}, and are divided as those of no kind")  # fmt: skip
    return [rows.warning("kind-missing", blank, what, f"fill {column!r} if they have one")]


def limits_by_kind(book: LimitBook, community: str, kinds: Sequence[str]) -> dict[str, Limits]:
    """Return the limits of the kinds of a community that are not exclusive."""
    found = {kind: book.limits_of(community, kind) for kind in kinds}
    return {kind: limits for kind, limits in found.items() if limits is not None}
