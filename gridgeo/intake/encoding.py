"""Which encoding the text of a file is in, when the file does not say or says it wrongly."""

from __future__ import annotations

import codecs
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass

# GB2312 is the core of GB18030. Text that only decodes through rare corners of GB18030 is
# most likely something else: a French "é," is a legal but odd GBK character.
_COMMON_SHARE = 0.9
# Bytes that part cells in a CSV file; none of them is half of a character in any encoding here.
_CELL_ENDS = re.compile(rb"([,;\t\r\n\"])")
_CODE_PAGES = {"936": "gb18030", "1252": "cp1252", "65001": "utf-8", "950": "big5"}


@dataclass(frozen=True)
class Spelling:
    """In which encoding the text of a file was read, and how that is known.

    ``codec``: Python's name, "ascii" where there is nothing to know, "mixed" where some cells
    are GB18030 and some UTF-8; ``declared``: what the file itself says, None where it says
    nothing; ``has_bom``: whether it begins with a byte-order mark; ``odd``: in a mixed file the
    texts of the rarer encoding, sorted.
    """

    codec: str
    declared: str | None = None
    has_bom: bool = False
    odd: tuple[str, ...] = ()


def csv_text(raw: bytes) -> tuple[str, Spelling]:
    """Decode a CSV file, cell by cell where GB18030 and UTF-8 stand mixed in it."""
    has_bom = raw.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    body = raw.removeprefix(codecs.BOM_UTF8)
    codec = guess_encoding(body)
    if codec not in ("utf-16", "utf-8-sig"):
        cells = _CELL_ENDS.split(body)
        odd = _odd_texts({cell for cell in cells if not cell.isascii()})
        if odd:
            text = "".join(decode_cell(cell) for cell in cells)
            return text, Spelling("mixed", has_bom=has_bom, odd=odd)
    text = body.decode(codec, errors="replace").removeprefix("\ufeff")
    name = "ascii" if text.isascii() else codec.removesuffix("-sig")
    return text, Spelling(name, has_bom=has_bom)


def decode_cell(cell: bytes) -> str:
    """Decode one cell of a file in which UTF-8 and GB18030 stand mixed."""
    whole = _whole(cell)
    if _is_wide_utf8(whole):
        return whole.decode("utf-8")
    for codec in ("gb18030", "utf-8"):
        text = _decoded(whole, codec)
        if text is not None:
            return text
    return cell.decode("latin-1")


def _odd_texts(cells: Iterable[bytes]) -> tuple[str, ...]:
    """Return the texts of the rarer encoding where UTF-8 and GB18030 both occur, else none."""
    utf8: list[str] = []
    chinese: list[str] = []
    for cell in sorted(cells):
        if _is_wide_utf8(cell):
            utf8.append(cell.decode("utf-8"))
        else:
            text = _decoded(cell, "gb18030")
            if text is not None and _looks_chinese(text):
                chinese.append(text)
    return tuple(sorted(utf8 if len(utf8) < len(chinese) else chinese))


def _is_wide_utf8(cell: bytes) -> bool:
    """Whether bytes are UTF-8 beyond doubt: two of GB18030 can pass for one Latin letter."""
    text = _decoded(cell, "utf-8")
    if text is None or not _is_wide(text):
        return False
    other = _decoded(cell, "gb18030")
    return other is None or _looks_chinese(text) or not _looks_chinese(other)


def _is_wide(text: str) -> bool:
    """Whether a text holds Chinese, or anything as far up in Unicode."""
    return any(ord(letter) >= 0x2E80 for letter in text)


def guess_encoding(raw: bytes) -> str:
    """Return the Python codec that ``raw`` is most likely written in.

    A byte-order mark decides; then strict UTF-8; then GB18030 where nearly all its characters
    are everyday Chinese; else Windows Latin (cp1252), or latin-1 which decodes anything.
    """
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for codec in ("utf-8-sig", "gb18030", "cp1252"):
        text = _decoded(raw, codec)
        if text is not None and (codec != "gb18030" or _looks_chinese(text)):
            return codec
    return "latin-1"


def dbf_encoding(dbf: bytes, declared: str | None) -> Spelling:
    """Return how the attributes of a shapefile are spelled, from the bytes of its ``.dbf``.

    Args:
        dbf: the whole file.
        declared: what the ``.cpg`` beside it says, None without one. It is believed as long
            as the text decodes with it, and does not stand mixed.
    """
    texts = _dbf_texts(dbf)
    joined = b"\n".join(texts)
    codec = _codec_name(declared)
    if not texts:
        return Spelling("ascii", declared)
    if codec not in ("utf-8", "gb18030", None) and _decoded(joined, codec) is not None:
        return Spelling(codec, declared)
    guessed = guess_encoding(joined)
    if guessed != "utf-8-sig":
        odd = _odd_texts(texts)
        if odd:
            return Spelling("mixed", declared, odd=odd)
    if codec is not None and _decoded(joined, codec) is not None:
        return Spelling(codec, declared)
    return Spelling(guessed.removesuffix("-sig"), declared)


def declares(spelling: Spelling) -> bool:
    """Whether what the file says of its encoding is what it was read in."""
    return _codec_name(spelling.declared) == spelling.codec


def _codec_name(declared: str | None) -> str | None:
    word = (declared or "").strip().strip("\ufeff")
    number = word.upper().removeprefix("ANSI").removeprefix("CP").strip(" -")
    try:
        name = codecs.lookup(_CODE_PAGES.get(number, word)).name
    except LookupError:
        return None
    # One superset for the whole family, so that rare surnames decode too.
    return "gb18030" if name in ("gbk", "gb2312") else name


def _decoded(raw: bytes, codec: str) -> str | None:
    try:
        return raw.decode(codec)
    except UnicodeDecodeError:
        return None


def _looks_chinese(text: str) -> bool:
    foreign = [letter for letter in text if ord(letter) > 127]
    common = sum(1 for letter in foreign if letter.encode("gb2312", "ignore"))
    return common >= _COMMON_SHARE * len(foreign)


def _dbf_texts(dbf: bytes) -> list[bytes]:
    """Field names and text values with other than ASCII in them, whole characters only."""
    if len(dbf) < 32:
        return []
    records, header_size, record_size = struct.unpack("<IHH", dbf[4:12])
    texts: set[bytes] = set()
    spans: list[tuple[int, int]] = []
    at = 1
    for start in range(32, header_size - 1, 32):
        field = dbf[start : start + 32]
        if len(field) < 32 or field[0] == 0x0D:
            break
        texts.add(field[:11].split(b"\0")[0])
        if field[11:12] == b"C":
            # wide text fields keep the high byte of their width among the decimals
            spans.append((at, at + field[16] + 256 * field[17]))
            at += field[16] + 256 * field[17]
        else:
            at += field[16]
    for row in range(records):
        record = dbf[header_size + row * record_size : header_size + (row + 1) * record_size]
        if not record.isascii():
            texts.update(record[low:high].strip(b" \0") for low, high in spans)
    return sorted(_whole(text) for text in texts if not text.isascii())


def _whole(text: bytes) -> bytes:
    """Drop a character that the width of its field cut in two."""
    for cut in range(4):
        piece = text[: len(text) - cut]
        decoded = _decoded(piece, "utf-8")
        # the first half of a GB18030 text may pass for a Latin letter
        if decoded is not None and (cut == 0 or _is_wide(decoded)):
            return piece
    for codec in ("gb18030", "utf-8"):
        for cut in range(4):
            piece = text[: len(text) - cut]
            if _decoded(piece, codec) is not None:
                return piece
    return text
