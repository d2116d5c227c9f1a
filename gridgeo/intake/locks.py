"""A file of locks to locks, or what is wrong with it."""

from __future__ import annotations

from collections import Counter

import numpy as np

from ..errors import Finding, InputError
from ..keeping import LOCK_KINDS, Lock
from .source import read_source
from .telling import Rows, error, errors_in, listed
from .tiers import plain
from .values import texts

_NAMES = {
    "lock": "lock kind type 锁定 类型 锁",
    "a": "a 对象 对象a 甲",
    "b": "b 对象b 乙 另一对象",
    "reason": "reason why note 原因 理由 说明",
}
_KINDS = {
    plain(word): kind
    for kind, words in zip(
        LOCK_KINDS,
        (
            "building to 楼栋 归入",
            "grid freeze frozen 网格 冻结",
            "together 一起 同网格",
            "apart 分开 不同网格",
            "border 边界",
        ),
        strict=True,
    )
    for word in words.split()
}
_NEEDS_B = tuple(kind for kind in LOCK_KINDS if kind != "grid")


def read_locks(named: str) -> tuple[Lock, ...]:
    """Read locks for a redraw.

    Args:
        named: CSV or Excel, "file" or "file:sheet", one lock a row. ``lock`` is what it does,
            ``a`` and ``b`` what it is about, ``reason`` may be empty:

            ==========  ===========  ============  ==============================================
            lock        a            b             what holds in every plan
            ==========  ===========  ============  ==============================================
            building    building id  old grid id   the building is in the grid that goes on as b
            grid        old grid id                no building leaves the grid, none enters
            together    building id  building id   both are in one grid
            apart       building id  building id   they are in two grids
            border      old grid id  old grid id   no grid has buildings that were in a and in b
            ==========  ===========  ============  ==============================================

    Raises:
        InputError: every fault of the file at once: no such column, an unknown lock, a blank, a
            lock that stands twice, or one of a building or grid with itself.
    """
    raw = read_source(named, "locks")
    by_name = {plain(str(name)): name for name in raw.attributes.columns}
    columns = {}
    for role, words in _NAMES.items():
        found = [by_name[plain(word)] for word in words.split() if plain(word) in by_name]
        if found:
            columns[role] = texts(raw.attributes[found[0]])
    lacking = [role for role in ("lock", "a") if role not in columns]
    if lacking:
        message = f"{named}: no column for {listed(lacking)}"
        fix = "give the columns lock, a, b, reason; lock is one of " + ", ".join(LOCK_KINDS)
        raise InputError([error("locks-columns", message, fix, first=lacking[0])])
    n = len(raw.attributes)
    blank = np.full(n, "", dtype=object)
    words, a = columns["lock"].tolist(), columns["a"].tolist()
    b, reason = columns.get("b", blank).tolist(), columns.get("reason", blank).tolist()
    kinds = [_KINDS.get(plain(word), word) for word in words]
    locks = tuple(
        Lock(kind, one, "" if kind == "grid" else other, why, f"row {number}")
        for kind, one, other, why, number in zip(
            kinds, a, b, reason, raw.numbers.tolist(), strict=True
        )
    )
    faults = [*raw.findings, *_faults(named, locks, extra=b)]
    if errors_in(faults):
        raise InputError([fault for fault in faults if errors_in([fault])])
    return locks


def _faults(named: str, locks: tuple[Lock, ...], *, extra: list[str]) -> list[Finding]:
    """Name what is wrong with locks by themselves; ``extra``: the column b as it stands."""
    rows = Rows(np.array([str(lock) for lock in locks], dtype=object), "lock", "locks",
                f"{named}: ")  # fmt: skip
    seen = Counter(_same(lock) for lock in locks)
    known = [lock.kind in LOCK_KINDS for lock in locks]
    checks = (
        ("lock-unknown", [not is_known for is_known in known],
         ("is of no kind there is", "are of no kind there is"),
         f"write one of {', '.join(LOCK_KINDS)} in the column lock"),
        ("lock-blank", [not lock.a or (lock.kind in _NEEDS_B and not lock.b) for lock in locks],
         ("does not say what it is about", "do not say what they are about"), "fill a and b"),
        ("lock-overfull", [lock.kind == "grid" and bool(other)
                           for lock, other in zip(locks, extra, strict=True)],
         ("of a grid names something in b", "of grids name something in b"),
         "leave b empty, or write border for a border between two grids"),
        ("lock-of-one", [lock.a == lock.b != "" and lock.kind != "building" for lock in locks],
         ("names the same twice", "name the same twice"), "name two"),
        ("lock-twice", [ok and seen[_same(lock)] > 1
                        for lock, ok in zip(locks, known, strict=True)],
         ("stands more than once", "stand more than once"), "keep one of the rows"),
    )  # fmt: skip
    told = []
    for code, bad, what, fix in checks:
        if any(bad):
            told.append(rows.fault(code, np.array(bad, dtype=bool), what, fix))
    return told


def _same(lock: Lock) -> tuple[str, ...]:
    """Return what two locks have alike that say the same."""
    ends = (lock.a, lock.b) if lock.kind == "building" else tuple(sorted((lock.a, lock.b)))
    return (lock.kind, *ends)
