"""Ids that are written otherwise than they are meant, and rows that stand in the file twice."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import shapely

from ..intake.building_names import alike
from ..intake.values import texts
from .case import Sheet, fault_of
from .diagnosis import Change, Fault, Remedy

Array = np.ndarray[Any, Any]

# The code of partition for an id that two rows have.
_DOUBLED = "ids-doubled"
_WHOLE_FLOAT = re.compile(r"\d+\.0+")
# Ids of this width and more are codes; shorter ones are often plain counting numbers.
_CODE_WIDTH = 6
_MOST_SHORT = 0.2


def check_ids_as_written(sheet: Sheet) -> Sheet:
    """Write ids as they are meant, where that is certain, and tell where it is not."""
    if "building_id" not in sheet.of:
        return sheet
    told = -1
    # one mending may clear the way for another, which would have made two ids the same
    while told < len(sheet.faults):
        told = len(sheet.faults)
        for step in (_floats, _spaces, _wide, _zeros):
            sheet = step(sheet)
    return _uneven(_alike(sheet))


def drop_doubled_rows(sheet: Sheet) -> Sheet:
    """Drop rows that are the same in every cell and in shape as an earlier one."""
    if "building_id" not in sheet.of:
        return sheet
    raw = sheet.raw
    ids = texts(raw.attributes[sheet.of["building_id"]])
    shared = np.flatnonzero(pd.Series(ids).duplicated(keep=False).to_numpy() & (ids != ""))
    if not len(shared):
        return sheet
    cells = raw.attributes.iloc[shared].astype("str").reset_index(drop=True)
    # ids may have been mended, so they stand for themselves
    cells[sheet.of["building_id"]] = ids[shared]
    if raw.shapes is not None:
        shapes = shapely.normalize(raw.shapes[shared])
        cells["\0shape"] = [wkb or "" for wkb in shapely.to_wkb(shapes, hex=True).tolist()]
    first = cells.groupby(list(cells.columns), sort=False, dropna=False).cumcount() == 0
    same = cells.groupby(list(cells.columns), sort=False, dropna=False).ngroup().to_numpy()
    kept_of = dict(zip(same[first].tolist(), shared[first].tolist(), strict=True))
    twice = shared[~first.to_numpy()]
    if not len(twice):
        return sheet
    twin = [kept_of[group] for group in same[~first.to_numpy()].tolist()]
    bad = np.zeros(len(ids), dtype=bool)
    bad[twice] = True
    finding = sheet.rows().fault(
        _DOUBLED,
        bad,
        ("stands twice in the file, every cell alike",
         "stand once more in the file, every cell alike"),
        "--fix drops the later rows",
    )  # fmt: skip
    changes = tuple(
        Change(_DOUBLED, str(ids[row]), int(raw.numbers[row]), "row", "there twice", "dropped",
               f"the same as row {int(raw.numbers[kept])} in every cell")
        for row, kept in zip(twice.tolist(), twin, strict=True)
    )  # fmt: skip
    told = sheet.told(Fault(finding, Remedy.MENDABLE, finding.rows, changes=changes))
    where = sheet.at[twice].tolist()
    twins = {**sheet.twins, **dict(zip(where, sheet.at[twin].tolist(), strict=True))}
    opened = replace(sheet.opened, raw=raw.only(~bad))
    return replace(told, opened=opened, at=sheet.at[~bad], twins=twins)


def _floats(sheet: Sheet) -> Sheet:
    """Take whole numbers with a decimal point ("12.0") for what they were before Excel."""
    cells = sheet.raw.attributes[sheet.of["building_id"]]
    ids = texts(cells)
    if pd.api.types.is_float_dtype(cells) and not pd.api.types.is_extension_array_dtype(cells):
        # texts() has taken the point off already
        written = np.array([repr(cell) for cell in cells.tolist()], dtype=object)
        bad = (ids != "") & (written != ids)
    else:
        written = ids
        bad = np.array([_WHOLE_FLOAT.fullmatch(text) is not None for text in ids], dtype=bool)
        ids = np.where(bad, [text.partition(".")[0] for text in ids.tolist()], ids)
    what = ("became a number, as {}", "became numbers, as {}")
    return _rewritten(sheet, ids, bad, _Wording(
        "ids-floated", what, "--fix takes the decimal point off; leading zeros, if there were "
        "any, are lost", "the id is text, not a number"), written=written)  # fmt: skip


def _spaces(sheet: Sheet) -> Sheet:
    written = _cells(sheet)
    ids = np.array([" ".join(text.split()) for text in written], dtype=object)
    what = ("has blanks around or within its id, as {}", "have blanks around their ids, as {}")
    return _rewritten(sheet, ids, ids != written, _Wording(
        "ids-spaced", what, "--fix takes them off", "blanks are no part of an id"))  # fmt: skip


def _wide(sheet: Sheet) -> Sheet:
    written = _cells(sheet)
    ids = np.array([_narrow(text) for text in written], dtype=object)
    what = ("has full-width letters in its id, as {}", "have full-width letters in ids, as {}")
    return _rewritten(sheet, ids, ids != written, _Wording(
        "ids-full-width", what, "--fix writes them in plain letters",
        "the same letters, as other files write them"))  # fmt: skip


def _zeros(sheet: Sheet) -> Sheet:
    """Give leading zeros back where the other ids, all of one width, still have theirs."""
    written = _cells(sheet)
    digits = np.array([text.isascii() and text.isdigit() for text in written], dtype=bool)
    padded = digits & np.array([text.startswith("0") for text in written], dtype=bool)
    widths = {len(text) for text in written[padded]}
    if len(widths) != 1 or not (width := widths.pop()) > 1:
        return sheet
    length = np.array([len(text) for text in written])
    bad = digits & (length < width)
    if (length[digits] > width).any() or np.count_nonzero(padded) < np.count_nonzero(bad):
        return sheet
    ids = np.where(bad, [text.zfill(width) for text in written.tolist()], written)
    what = ("has lost the leading zeros of its id, as {}", "have lost their leading zeros, as {}")
    return _rewritten(sheet, ids, bad, _Wording(
        "ids-zeros-lost", what, f"--fix fills them up to {width} digits, as the others are",
        f"the other ids with leading zeros are {width} digits wide"))  # fmt: skip


class _Wording:
    """How a rewriting of ids is told."""

    def __init__(self, code: str, what: tuple[str, str], fix: str, why: str) -> None:
        self.code, self.what, self.fix, self.why = code, what, fix, why


def _rewritten(
    sheet: Sheet, ids: Array, bad: Array, wording: _Wording, *, written: Array | None = None
) -> Sheet:
    """Write the ids ``bad`` as ``ids`` has them, but for those that would clash with another."""
    old = _cells(sheet)
    before = old if written is None else written
    new = np.where(bad, ids, old)
    # two that were told apart must not become one
    clash = pd.Series(new).duplicated(keep=False).to_numpy(copy=True)
    clash &= ~pd.Series(before).duplicated(keep=False).to_numpy()
    bad = bad & ~clash
    if not bad.any():
        return sheet
    example = repr(str(before[int(np.argmax(bad))])[:40])
    what = (wording.what[0].format(example), wording.what[1].format(example))
    finding = sheet.rows().warning(wording.code, bad, what, wording.fix)
    new = np.where(bad, ids, old)
    fault = sheet.changes(
        finding,
        sheet.of["building_id"],
        lambda row: str(before[row]),
        lambda row: str(new[row]),
        wording.why,
    )
    return sheet.with_column(sheet.of["building_id"], new).told(fault)


def _alike(sheet: Sheet) -> Sheet:
    """Tell ids that differ only in 幢, 栋, 号, 楼, in zeros, case, blanks or width."""
    ids = _cells(sheet)
    # the same id twice is another fault
    single = pd.Series(ids).drop_duplicates()
    keys = pd.Series([alike(text) for text in single], index=single.index)
    shared = keys[keys.duplicated(keep=False) & (keys != "")]
    bad = np.isin(ids, single[shared.index].to_numpy())
    if not bad.any():
        return sheet
    partner = {}
    for _, group in shared.groupby(shared, sort=False):
        members = [str(ids[row]) for row in group.index]
        partner.update({one: next(m for m in members if m != one) for one in members})
    first = str(ids[int(np.argmax(bad))])
    what = f"the first like {partner[first]!r}"
    finding = sheet.rows().warning(
        "ids-alike",
        bad,
        (f"has an id like another, {what}", f"have ids like another's, {what}"),
        "check that they are not one building entered twice",
    )
    partners = tuple(partner[str(text)] for text in ids[bad])
    return sheet.told(Fault(finding, Remedy.BY_HAND, finding.rows, partners))


def _uneven(sheet: Sheet) -> Sheet:
    """Tell codes that are shorter than nearly all others: a leading zero may be missing."""
    ids = _cells(sheet)
    if not len(ids) or not all(text.isascii() and text.isdigit() for text in ids):
        return sheet
    length = np.array([len(text) for text in ids])
    usual = int(np.median(length))
    short = length < usual
    if usual < _CODE_WIDTH or length.max() > usual or not 0 < short.mean() <= _MOST_SHORT:
        return sheet
    what = (f"has an id of fewer than {usual} digits", f"have ids of fewer than {usual} digits")
    fix = "the others have as many; check that no leading zeros were lost"
    return sheet.told(fault_of(sheet.rows().warning("ids-uneven", short, what, fix)))


def _cells(sheet: Sheet) -> Array:
    """Ids as the file writes them, blanks and all; "" where missing."""
    column = sheet.raw.attributes[sheet.of["building_id"]]
    plain = texts(column)
    written = [
        cell if isinstance(cell, str) and text else text
        for cell, text in zip(column.tolist(), plain.tolist(), strict=True)
    ]
    return np.array(written, dtype=object)


def _narrow(text: str) -> str:
    """Return full-width letters, digits and signs as plain ones; nothing else changes."""
    return "".join(
        unicodedata.normalize("NFKC", c) if "\uff01" <= c <= "\uff5e" or c == "\u3000" else c
        for c in text
    )
