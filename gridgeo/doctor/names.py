"""Names of buildings that mean the same, or several buildings at once."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import numpy as np
import pandas as pd

from ..intake.columns import plain
from ..intake.values import texts
from .case import Sheet, fault_of
from .diagnosis import Fault, Remedy

# What marks a number as that of a building: 3幢, 3栋, 3号, 3号楼, 3座, 3#.
_MARKS = "幢栋棟号楼座#"
_MARK = re.compile(rf"(?<=[0-9a-z])[{_MARKS}]+")
_LEADING_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−~～〜至到", "-"))
_RANGE = re.compile(rf".*?(\d+)[{_MARKS}]*-(\d+)[{_MARKS}]*")
_ENGLISH_RANGE = re.compile(r"(?:blocks?|blks?\.?|buildings?|nos?\.?|houses?)(\d+)-(\d+)\b.*")
_SEVERAL = re.compile(rf"[^\d]*\d+[{_MARKS}]*([、,;和及&+/]\d+[{_MARKS}]*)+")
_NAME_COLUMNS = frozenset(
    ("name", "buildingname", "bldgname", "blockname", "address", "名称", "楼栋名称", "楼栋名",
     "楼名", "楼宇名称", "建筑名称", "楼栋", "楼号", "幢号", "栋号", "门牌", "门牌号", "地址")
)  # fmt: skip
# Where the same number is another building: every compound and every street has a block 1.
_PLACE_COLUMNS = frozenset(
    ("compound", "estate", "quarter", "neighbourhood", "neighborhood", "lane", "street", "town",
     "community", "小区", "小区名称", "院落", "弄", "路", "街", "街道", "社区", "社区名称",
     "所属社区", "所属小区")
)  # fmt: skip


def alike(text: str) -> str:
    """Return what is left of a name without marks, leading zeros, blanks, case and full width.

    "０3 号楼", "3幢" and "3#" are "3"; "桂园3栋2" is "桂园3#2".
    """
    bare = "".join(_narrow(text).split())
    bare = _LEADING_ZEROS.sub("", bare.removeprefix("第"))
    return _MARK.sub("#", bare).rstrip("#")


def names_several(text: str) -> bool:
    """Return whether a text names several buildings: "1-10幢", "3栋至5栋", "1、2号楼"."""
    bare = "".join(_narrow(text).split())
    if _SEVERAL.fullmatch(bare):
        return True
    # "3-2" may be building 3, entrance 2: only a mark or a word makes it a range
    worded = any(mark in text for mark in (*_MARKS, "至", "到", "~", "～"))
    found = _RANGE.fullmatch(bare) if worded else _ENGLISH_RANGE.fullmatch(bare)
    return found is not None and int(found[1]) < int(found[2])


def check_names(sheet: Sheet) -> Sheet:
    """Tell names that differ only in how they are written, and names of several buildings.

    Names are compared within one compound, street and community, as far as there are columns
    for them. Ids are names too where they name several buildings.
    """
    attributes = sheet.raw.attributes
    columns = [str(name) for name in attributes.columns]
    own = sheet.of.get("building_id")
    named = [name for name in columns if plain(name) in _NAME_COLUMNS and name != own]
    places = [name for name in columns if plain(name) in _PLACE_COLUMNS and name not in named]
    where = [texts(attributes[name]) for name in places]
    several = np.zeros(len(attributes), dtype=bool)
    for name in named:
        sheet = _alike(sheet, name, where)
    for name in [*([] if own is None else [own]), *named]:
        cells = texts(attributes[name])
        several |= np.array([names_several(text) for text in cells], dtype=bool)
    if not several.any():
        return sheet
    what = ("is named as several buildings", "are named as several buildings")
    fix = "if they are several, give each a row of its own; what is in one row stays together"
    return sheet.told(fault_of(sheet.rows().warning("names-range", several, what, fix)))


def _alike(sheet: Sheet, column: str, where: list[Any]) -> Sheet:
    cells = texts(sheet.raw.attributes[column])
    table = pd.DataFrame({"cell": cells, "key": [alike(text) for text in cells]})
    for at, place in enumerate(where):
        table[f"place{at}"] = place
    # without a number it is no name of one building: "车库", "garage"
    table = table[[any(letter.isnumeric() for letter in key) for key in table["key"]]]
    if not len(table):
        return sheet
    within = table.groupby([name for name in table.columns if name != "cell"], sort=False)["cell"]
    table = table[(within.transform("nunique") > 1).to_numpy()]
    bad = np.zeros(len(cells), dtype=bool)
    bad[table.index] = True
    if not bad.any():
        return sheet
    partner: dict[int, str] = {}
    for _, group in table.groupby([n for n in table.columns if n != "cell"], sort=False):
        for row, cell in group["cell"].items():
            partner[int(row)] = next(other for other in group["cell"] if other != cell)
    first = int(np.argmax(bad))
    what = f"{cells[first]!r} like {partner[first]!r}"
    finding = sheet.rows().warning(
        "names-alike",
        bad,
        (f"has a name like another's, {what}", f"have names like another's, as {what}"),
        "check that they are not one building entered twice",
    )
    partners = tuple(partner[row] for row in np.flatnonzero(bad).tolist())
    return sheet.told(Fault(finding, Remedy.NOTE, finding.rows, partners))


def _narrow(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().translate(_DASHES)
