"""Names of buildings that mean the same, or several buildings at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ..intake.building_names import alike, names_several
from ..intake.tiers import plain
from ..intake.values import texts
from .case import Sheet, fault_of
from .diagnosis import Fault, Remedy

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
