"""A book of limits as a column of a plan's table, and that back to a book."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .limits import LimitBook, Limits, Rule
from .model import Buildings
from .workload import column_names

BOOK = "limits_by"


def book_column(book: LimitBook | None, names: Mapping[str, str]) -> dict[str, str]:
    """Return the rules of a book as JSON under ``BOOK``; nothing where there is no book.

    ``names``: the name in the file of every column of the buildings.
    """
    if book is None:
        return {}
    # the file may call a column by another name
    column = book.kind_column and names.get(book.kind_column, book.kind_column)
    filed = replace(
        book,
        kind_column=column,
        kinds={key: _renamed(rule, names) for key, rule in book.kinds.items()},
        in_community={key: _renamed(rule, names) for key, rule in book.in_community.items()},
    )
    return {BOOK: json.dumps(filed.as_dict(), ensure_ascii=False, sort_keys=True)}


def _renamed(rule: Rule, names: Mapping[str, str]) -> Rule:
    return replace(rule, each=rule.each and names.get(rule.each, rule.each))


def book_of_row(row: Mapping[str, Any], usual: Limits, buildings: Buildings) -> LimitBook | None:
    """Return the book in a row of a plan's table, None where the plan has none.

    Raises:
        ValueError: what stands there is no book, or of columns the buildings do not have.
    """
    if BOOK not in row:
        return None
    try:
        book = LimitBook.of_dict(usual, json.loads(row[BOOK]))
    except (ValueError, TypeError, KeyError, AttributeError) as fault:
        raise ValueError(f"{BOOK!r} cannot be read ({fault!r})") from fault
    rules = [*book.kinds.values(), *book.in_community.values()]
    wanted = {book.kind_column, *(rule.each for rule in rules)} - {"", None}
    lost = sorted(str(name) for name in wanted if name not in column_names(buildings))
    if lost:
        raise ValueError(f"{BOOK!r}: the buildings have no column {', '.join(lost)}")
    return book
