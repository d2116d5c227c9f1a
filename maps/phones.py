"""Telephone numbers as they are shown: whole, or partly masked."""

from __future__ import annotations

import re

MASK = "*"
# What stands between two numbers written into one field; spaces and dashes stand inside of one.
_BETWEEN = re.compile(r"([/\\,;|、，；／]|\bor\b|或)")
# The longest number there is (ITU-T E.164); more digits must be two numbers side by side.
_MOST_DIGITS = 15


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
