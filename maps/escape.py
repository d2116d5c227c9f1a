"""Make words inert: text that a browser shows and never runs."""

from __future__ import annotations

import html
import json
import re

# Lone surrogates cannot be written as UTF-8, and browsers drop or replace these controls.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
# What ends a script, starts a tag, an entity, a template literal or a template tag somewhere.
_SPECIAL = "<>&'`${}\u2028\u2029"


def plain(text: str) -> str:
    """Return text with what no page can show (controls, lone surrogates) as U+FFFD."""
    return _UNPRINTABLE.sub("\ufffd", text)


def html_text(text: str) -> str:
    """Return text safe between tags, in quoted attributes and inside a JS template literal."""
    escaped = html.escape(plain(text))
    for sign in "`$\\{}":
        escaped = escaped.replace(sign, f"&#{ord(sign)};")
    return escaped


def script_json(value: object) -> str:
    """Return JSON safe inside a ``<script>`` element, and inert to Jinja and template literals.

    Args:
        value: dicts with text keys, lists, text, numbers, True, False, None. Text is taken as
            ``plain`` leaves it.

    Raises:
        ValueError: a number that is not finite.
    """
    text = json.dumps(_plain_all(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    # Outside strings JSON has of these signs only braces, and those never stand doubled as "{{".
    return re.sub(r'"(?:[^"\\]|\\.)*"', lambda match: _inert(match.group()), text)


def _plain_all(value: object) -> object:
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return {key: _plain_all(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain_all(item) for item in value]
    return value


def _inert(string: str) -> str:
    for sign in _SPECIAL:
        string = string.replace(sign, f"\\u{ord(sign):04x}")
    return string
