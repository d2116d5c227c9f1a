"""A file of edges made by hand to a clean table, or what is wrong with it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..edge_edits import ADD, COLUMNS, REMOVE, edit_faults
from ..errors import Finding, InputError
from .source import read_source
from .telling import errors_in
from .tiers import plain
from .values import texts

_NAMES = {
    "a": "a from building_a building_id_a 楼栋a 楼栋1 甲",
    "b": "b to building_b building_id_b 楼栋b 楼栋2 乙",
    "action": "action 操作 动作",
    "reason": "reason why note 原因 理由 说明",
}
_ACTIONS = {
    plain(word): action
    for action, words in (
        (ADD, "add join + 增加 添加 新增 连接"),
        (REMOVE, "remove delete cut 删除 移除 断开"),
    )
    for word in words.split()
}


def read_edges(
    named: str, ids: np.ndarray | None
) -> tuple[pd.DataFrame | None, tuple[Finding, ...]]:
    """Read edges to add or remove; nothing is raised.

    Args:
        named: CSV or Excel, "file" or "file:sheet", with the columns a, b, action (add or
            remove) and reason.
        ids: of the buildings, object (n,); None where they could not be read.

    Returns:
        The columns ``a``, ``b``, ``action`` and ``reason`` as text, the row numbers of the
        file as index ("row 7"); None where anything is at fault.
    """
    try:
        raw = read_source(named, "edges")
    except InputError as fault:
        return None, fault.findings
    by_name = {plain(str(name)): name for name in raw.attributes.columns}
    columns = {}
    for role in COLUMNS:
        found = [by_name[plain(word)] for word in _NAMES[role].split() if plain(word) in by_name]
        if found:
            columns[role] = texts(raw.attributes[found[0]])
    index = [f"row {number}" for number in raw.numbers.tolist()]
    edits = pd.DataFrame(columns, index=pd.Index(index, dtype=object), dtype=object)
    if "action" in edits:
        words = edits["action"].tolist()
        edits["action"] = [_ACTIONS.get(plain(word) or word.strip(), word) for word in words]
    known = ids
    if known is None and {"a", "b"} <= set(columns):
        # the faults of the buildings are told elsewhere; here every id counts as known
        known = np.concatenate([columns["a"], columns["b"]])
    findings = [*raw.findings]
    for finding in edit_faults(edits, np.empty(0, object) if known is None else known):
        findings.append(finding.about(named))
    return (None if errors_in(findings) else edits), tuple(findings)
