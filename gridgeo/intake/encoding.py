"""Which encoding the text of a file is in, when the file does not say or says it wrongly."""

from __future__ import annotations

import codecs
import struct

# GB2312 is the core of GB18030. Text that only decodes through rare corners of GB18030 is
# most likely something else: a French "é," is a legal but odd GBK character.
_COMMON_SHARE = 0.9
_CODE_PAGES = {"936": "gb18030", "1252": "cp1252", "65001": "utf-8", "950": "big5"}


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


def dbf_encoding(dbf: bytes, declared: str | None) -> str:
    """Return the codec of a shapefile's attributes from the bytes of its ``.dbf``.

    Args:
        dbf: the whole file.
        declared: what the ``.cpg`` beside it says, None without one. It is believed as long
            as the text decodes with it.
    """
    text = b"\n".join(_dbf_texts(dbf))
    codec = _codec_name(declared)
    if codec is not None and _decoded(text, codec) is not None:
        return codec
    guessed = guess_encoding(text)
    return "utf-8" if guessed == "utf-8-sig" else guessed


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
    for codec in ("utf-8", "gb18030"):
        for cut in range(4):
            piece = text[: len(text) - cut]
            if _decoded(piece, codec) is not None:
                return piece
    return text
