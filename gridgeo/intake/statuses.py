"""Who is registered and who is floating: words and figures of a roster to two counts a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..errors import Finding
from .telling import Rows, listed, warning
from .tiers import plain
from .values import amounts, texts

Array = np.ndarray[Any, Any]

_REGISTERED = (
    "registered local resident permanent native 户籍 户籍人口 本地户籍 本地 本市 本区 本街道 "
    "本社区 在册 本地人口 人户一致 户籍居民 户籍人员"
)
_FLOATING = (
    "floating migrant temporary nonlocal tenant 流动 流动人口 暂住 暂住人口 外来 外来人口 外地 "
    "非户籍 非户籍人口 非本地 租住 租户 寄住 流动人员"
)
# 常住 also counts migrants who have stayed long: read as registered, and told.
_LASTING = "常住 常住人口"
_KIND = {
    plain(word): kind
    for kind, words in (("registered", _REGISTERED), ("floating", _FLOATING), ("lasting", _LASTING))
    for word in words.split()
}
_YES = frozenset(("yes", "y", "true", "1", "是", "有"))
_NO = frozenset(("no", "n", "false", "0", "否", "无"))
_FEW = 5  # so many odd words are shown; more are no statuses, and might be names


@dataclass(frozen=True, eq=False)
class Statuses:
    """``registered`` and ``floating``: int64 (n,), persons of each row, 0 where unknown; None
    where the roster tells neither. ``findings``: what should be told.
    """

    registered: Array | None
    floating: Array | None
    findings: tuple[Finding, ...] = ()


def read_statuses(
    attributes: pd.DataFrame, of: Mapping[str, str], persons: Array, rows: Rows
) -> Statuses:
    """Return how many of the ``persons``, int64 (n,), of each row are registered and floating.

    ``of``: column by role: ``status`` holds words, ``registered`` and ``floating`` figures or
    yes and no; one of the two is enough. ``rows``: the rows, for messages.
    """
    if "status" in of and attributes[of["status"]].notna().any():
        return _by_words(texts(attributes[of["status"]]), of["status"], persons, rows)
    given = [role for role in ("registered", "floating") if role in of]
    if not given:
        return Statuses(None, None)
    cells = {role: texts(attributes[of[role]]) for role in given}
    words = {plain(str(word)) for held in cells.values() for word in held if word}
    # figures of 0 and 1 that add up are no answers
    if words <= _YES | _NO and not (len(given) == 2 and words <= {"0", "1"}):
        return _by_flags(cells, {role: of[role] for role in given}, persons, rows)
    return _by_figures(attributes, {role: of[role] for role in given}, persons, rows)


def _by_words(cells: Array, column: str, persons: Array, rows: Rows) -> Statuses:
    kinds = {word: plain(str(word)) for word in set(cells.tolist())}
    if {kind for kind in kinds.values() if kind} <= _YES | _NO and any(kinds.values()):
        role = "floating" if "流动" in column or "float" in column.casefold() else "registered"
        return _by_flags({role: cells}, {role: column}, persons, rows)
    said = np.array([_KIND.get(kinds[word], "") for word in cells], dtype=object)
    if not (said != "").any():
        told = rows.warning(
            "status-not-read",
            np.ones(len(cells), dtype=bool),
            (
                f"holds no status that is known in {column!r}",
                f"hold no status that is known in {column!r}",
            ),
            "write registered or floating (户籍, 流动); nobody is counted as either",
        )
        return Statuses(None, None, (told,))
    is_registered, is_floating = np.isin(said, ("registered", "lasting")), said == "floating"
    findings = _odd(cells, ~(is_registered | is_floating), column, rows)
    lasting = int((said == "lasting").sum())
    if lasting:
        findings.append(
            warning(
                "status-lasting",
                f"{rows.prefix}{lasting} rows have the status 常住 in {column!r}, which is read "
                "as registered",
                "write 流动 where migrants are meant",
                count=lasting,
            )
        )
    return Statuses(
        np.where(is_registered, persons, 0), np.where(is_floating, persons, 0), tuple(findings)
    )


def _by_flags(
    cells: Mapping[str, Array], of: Mapping[str, str], persons: Array, rows: Rows
) -> Statuses:
    role = next(iter(cells))
    words = [plain(str(word)) for word in cells[role]]
    yes = np.array([word in _YES for word in words], dtype=bool)
    no = np.array([word in _NO for word in words], dtype=bool)
    if len(cells) == 2:
        other = np.array([plain(str(word)) in _YES for word in cells["floating"]], dtype=bool)
        findings = _both(yes == other, of, rows)
        no = other & ~yes
    else:
        findings = _odd(cells[role], ~(yes | no), of[role], rows)
    own, rest = np.where(yes, persons, 0), np.where(no, persons, 0)
    mine, theirs = (own, rest) if role == "registered" else (rest, own)
    return Statuses(mine, theirs, tuple(findings))


def _by_figures(
    attributes: pd.DataFrame, of: Mapping[str, str], persons: Array, rows: Rows
) -> Statuses:
    held = {role: amounts(attributes[column]) for role, column in of.items()}
    for role in ("registered", "floating"):
        if role not in held:
            other = next(iter(held.values()))
            held[role] = persons - other
    with np.errstate(invalid="ignore"):
        whole = np.ones(len(persons), dtype=bool)
        for values in held.values():
            whole &= (values >= 0) & (values == np.floor(values))
        fits = whole & (held["registered"] + held["floating"] == persons)
    findings = []
    if not fits.all():
        said = " and ".join(repr(column) for column in of.values())
        what = f"other figures in {said} than persons"
        fix = "correct them; these persons are counted, but neither as registered nor as floating"
        told = (f"has {what}", f"have {what}")
        findings.append(rows.warning("status-figures-differ", ~fits, told, fix))
    registered, floating = (
        np.where(fits, held[role], 0).astype(np.int64) for role in ("registered", "floating")
    )
    return Statuses(registered, floating, tuple(findings))


def _odd(cells: Array, odd: Array, column: str, rows: Rows) -> list[Finding]:
    if not odd.any():
        return []
    words = sorted({str(word) for word in cells[odd] if word})
    shown = f" ({listed(repr(word) for word in words)})" if 0 < len(words) <= _FEW else ""
    what = f"a status in {column!r} that is neither registered nor floating{shown}"
    fix = "write registered or floating (户籍, 流动); these persons are counted, but as neither"
    told = (f"has none, or {what}", f"have none, or {what}")
    return [rows.warning("status-unknown", odd, told, fix)]


def _both(alike: Array, of: Mapping[str, str], rows: Rows) -> list[Finding]:
    if not alike.any():
        return []
    said = " and ".join(repr(column) for column in of.values())
    what = f"the same answer in {said}"
    fix = "a person is one of the two; registered is taken where both say yes"
    return [rows.warning("status-both", alike, (f"has {what}", f"have {what}"), fix)]
