"""What buildings, addresses and streets are called, in the language of a publication."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ..intake.tiers import plain

# Usual names of the columns, the likeliest first.
BUILDING_NAMES = (
    "name", "building_name", "bldg_name", "名称", "楼栋名称", "建筑名称", "建筑物名称", "楼名",
    "楼栋名", "楼宇名称", "楼幢名称", "楼栋", "楼号", "幢号", "栋号",
)  # fmt: skip
ADDRESSES = (
    "address", "street_address", "full_address", "addr", "地址", "详细地址", "楼栋地址",
    "门牌地址", "坐落地址", "坐落",
)  # fmt: skip
LINE_NAMES = ("name",)


def names_in(table: pd.DataFrame, usual: Sequence[str], language: str) -> list[str]:
    """Return what each row is called: in the language where the table has it, "" where nowhere.

    Args:
        table: of buildings or lines.
        usual: names of the column, the likeliest first; the first that is there counts, and
            beside it the same with the language behind: "name_zh", "name:zh", "address_en".
        language: as "zh".
    """
    by_name = {plain(str(name)).replace(":", ""): name for name in reversed(table.columns)}
    for word in map(plain, usual):
        found = [by_name[key] for key in (word + language, word) if key in by_name]
        if found:
            texts = [_texts(table[column]) for column in found]
            return [next(filter(None, row), "") for row in zip(*texts, strict=True)]
    return [""] * len(table)


def _texts(column: pd.Series) -> list[str]:
    return ["" if pd.isna(value) else str(value).strip() for value in column]
