"""In which encoding the text of the file is, and whether the file says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..intake.encoding import Spelling, declares
from ..intake.telling import warning
from .case import Sheet, fault_of
from .diagnosis import Change, Fault, Remedy

_TOLD_IN_READING = "encoding-mixed"
_AS = "--fix writes a GeoPackage, whose text is always UTF-8"


def check_spelling(sheet: Sheet) -> Sheet:
    """Tell text that is not UTF-8, or that the file does not say the encoding of."""
    spelling = sheet.raw.spelling
    if spelling is None:
        return sheet
    if spelling.odd:
        return _mixed(sheet, spelling)
    faults = []
    name, file = _called(spelling.codec), sheet.raw.name
    if spelling.has_bom:
        message = f"{file} begins with a byte-order mark ({name}), which was passed over"
        faults.append(fault_of(warning("encoding-bom", message, "nothing needs to be done")))
    if spelling.codec == "ascii" or spelling.has_bom:
        return sheet.told(*faults)
    is_table = sheet.raw.is_text
    if spelling.declared is None and (spelling.codec != "utf-8" or not is_table):
        said = f"nothing says in which encoding the text of {file} is; it was read as {name}"
        said += _example(sheet)
        faults.append(_mendable("encoding-guessed", said, name))
    elif spelling.declared is not None and not declares(spelling):
        said = f"{file}: its .cpg says {spelling.declared.strip()!r}, but its text is {name}"
        faults.append(_mendable("encoding-misdeclared", said, name))
    elif spelling.codec != "utf-8":
        said = f"{file}: its text is {name}, as its .cpg says"
        faults.append(fault_of(warning("encoding-declared", said, "nothing needs to be done")))
    return sheet.told(*faults)


def _example(sheet: Sheet) -> str:
    """Return the first text whose encoding matters, for a person to see whether it reads well."""
    attributes = sheet.raw.attributes
    cells = (cell for name in attributes.columns for cell in (name, *attributes[name].tolist()))
    for cell in cells:
        if isinstance(cell, str) and not cell.isascii():
            return f", as {cell[:40]!r}"
    return ""


def _mendable(code: str, message: str, name: str) -> Fault:
    why = "a GeoPackage is UTF-8, and says so"
    change = Change(code, "", 0, "encoding", name, "UTF-8", why)
    return Fault(warning(code, message, _AS), Remedy.MENDABLE, changes=(change,))


def _mixed(sheet: Sheet, spelling: Spelling) -> Sheet:
    """Tell the cells of the rarer encoding; reading has decoded each by itself."""
    odd = set(spelling.odd)
    (finding,) = (f for f in sheet.opened.findings if f.code == _TOLD_IN_READING)
    names = sheet.rows().names
    changes, rows = [], set()
    for column in sheet.raw.attributes.columns:
        cells = sheet.raw.attributes[column].tolist()
        hits = [row for row, cell in enumerate(cells) if isinstance(cell, str) and cell in odd]
        rows.update(hits)
        changes += [
            Change(finding.code, str(names[row]), int(sheet.raw.numbers[row]), str(column),
                   "in the rarer encoding", cells[row], "each cell was decoded by itself")
            for row in hits
        ]  # fmt: skip
    where = tuple(sheet.at[np.array(sorted(rows), dtype=np.intp)].tolist())
    fault = Fault(replace(finding, fix=_AS), Remedy.MENDABLE, where, changes=tuple(changes))
    return sheet.told(fault)


def _called(codec: str) -> str:
    return {"gb18030": "GB18030", "utf-8": "UTF-8", "utf-16": "UTF-16"}.get(codec, codec)
