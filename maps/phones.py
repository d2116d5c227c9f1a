"""Telephone numbers: as they are shown, whole or partly masked, and as they are dialled."""

from __future__ import annotations

import re
import unicodedata

MASK = "*"
# What stands between two numbers written into one field; spaces and dashes stand inside of one.
_BETWEEN = re.compile(r"([/\\,;|、，；／]|\bor\b|或)")
# The longest number there is (ITU-T E.164); more digits must be two numbers side by side.
_MOST_DIGITS = 15
# What begins a field is dialled, and behind a sign of it an extension.
_DIALLED = re.compile(
    r"(?P<number>[+(\d][\d\s().-]*)(?:(?:ext\.?|转|x|#)\s*(?P<extension>\d+))?", re.IGNORECASE
)


def tel_link(phone: str) -> str:
    """Return the link that calls a number: its digits, a pause before an extension.

    Of several numbers in a field the first is called; where there is none to call, "" is returned.
    """
    found = _DIALLED.match(unicodedata.normalize("NFKC", phone).strip())
    if found is None:
        return ""
    sign = "+" if found["number"].startswith("+") else ""
    digits = re.sub(r"\D", "", found["number"])
    if not 0 < len(digits) <= _MOST_DIGITS:
        return ""
    return f"tel:{sign}{digits}{',' + found['extension'] if found['extension'] else ''}"


def masked_phone(phone: str) -> str:
    """Return a phone number with its middle digits as stars: 138****8000, 010-****5678.

    Four digits are hidden, before the last four where the number has nine or more; of four or
    fewer digits none is shown. Each of several numbers in the field is masked.
    """
    return "".join(_masked(part) for part in _BETWEEN.split(phone))


def _masked(number: str) -> str:
    places = [place for place, sign in enumerate(number) if sign.isdigit()]
    count = len(places)
    tail = 4 if count >= 9 else max(count - 4, 0) // 2
    head = 3 if count > _MOST_DIGITS else max(count - tail - 4, 0)
    hidden = set(places[head : count - tail])
    return "".join(MASK if place in hidden else sign for place, sign in enumerate(number))
