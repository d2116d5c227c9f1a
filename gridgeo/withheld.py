"""What may be shown of a worker, and the texts that may stand in no public file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from .owners import Owner
from .personal_words import is_identity

# Numbers of fewer digits (a floor, an extension) tell no person.
_FEWEST_DIGITS = 6
_FEWEST_SIGNS = 2
_CHINA = "86"
_SIGN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s\-–.()/]+(?=\d)")
_NUMBER = re.compile(r"\d{6,}")


def shown(owner: Owner) -> Owner:
    """Return what may be shown of an owner: photo, own number and chat only with consent.

    Without it the office number stands in for the worker's own. The name is that of an office
    held in public and is always shown.
    """
    if owner.consent:
        return replace(owner, phone=owner.phone or owner.office_phone)
    return replace(owner, phone=owner.office_phone, photo=None, chat="")


@dataclass(frozen=True)
class Withheld:
    """Texts that may stand in no file, each with the field it comes from.

    ``numbers``: by their digits alone. ``names``: of two words or more, in small letters, or of
    two Chinese signs or more; a single word ("Park") tells nobody and stands in many names.
    """

    numbers: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[bytes, str] = field(default_factory=dict)

    @classmethod
    def of(cls, columns: Mapping[str, Iterable[Any]], owners: Iterable[Owner]) -> Withheld:
        """Gather them.

        Args:
            columns: the columns of the plan's buildings by name; those that name persons count.
            owners: as the office knows them; of those without consent all that ``shown`` drops.
        """
        texts = [
            (text, f"buildings.{name}")
            for name, cells in columns.items()
            if is_identity(name)
            for text in dict.fromkeys(map(_text, cells))
        ]
        pictures, free = {}, set[str]()
        for owner in owners:
            public, who = shown(owner), owner.worker_id or owner.grid_id
            free |= {*_numbers(public.phone), *_numbers(owner.office_phone), *_numbers(public.chat)}
            texts += [
                (getattr(owner, name), f"owners.{name} ({who})")
                for name in ("phone", "chat")
                if getattr(public, name) != getattr(owner, name)
            ]
            if owner.photo is not None and public.photo is None:
                pictures[owner.photo] = f"owners.photo ({who})"
        numbers = {n: where for text, where in texts for n in _numbers(text) if n not in free}
        names = {name: where for text, where in texts for name in [_name(text)] if name}
        return cls(numbers, names, pictures)

    def found_in(self, text: str) -> str:
        """Return the field from which something in ``text`` is withheld, "" for none."""
        hidden = self.number_in(text)
        if hidden or not self.names:
            return hidden
        return next((self.names[part] for part in self._parts(text) if part in self.names), "")

    def number_in(self, text: str) -> str:
        """Return the field from which a number in ``text`` is withheld, "" for none."""
        if not self.numbers:
            return ""
        return next((self.numbers[n] for n in _numbers(text) if n in self.numbers), "")

    def _parts(self, text: str) -> Iterator[str]:
        """Yield whatever part of a text could be a withheld name, by their lengths."""
        signs = {len(name) for name in self.names if _SIGN.fullmatch(name)}
        counts = {name.count(" ") + 1 for name in self.names if not _SIGN.fullmatch(name)}
        flat = _flat(text)
        for run in _SIGN.findall(flat):
            for size in signs:
                yield from (run[at : at + size] for at in range(len(run) - size + 1))
        words = flat.split()
        for count in counts:
            yield from (" ".join(words[at : at + count]) for at in range(len(words) - count + 1))


def _text(cell: Any) -> str:
    if pd.isna(cell):
        return ""
    whole = isinstance(cell, float) and cell.is_integer()
    return str(int(cell) if whole else cell)


def _flat(text: str) -> str:
    """Return a text in small letters, one space between words, no signs."""
    small = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.findall(r"[\w@]+", small))


def _numbers(text: str) -> Iterator[str]:
    """Yield the numbers in a text, without what is written between digits and without +86."""
    joined = _BETWEEN_DIGITS.sub("", unicodedata.normalize("NFKC", text))
    for number in _NUMBER.findall(joined):
        yield number
        if number.startswith(_CHINA) and len(number) > len(_CHINA) + _FEWEST_DIGITS:
            yield number[len(_CHINA) :]


def _name(text: str) -> str:
    """Return a text as it is compared if it is long enough to name a person, "" if not."""
    flat = _flat(text)
    signs = _SIGN.fullmatch(flat) is not None
    if signs:
        return flat if len(flat) >= _FEWEST_SIGNS else ""
    return flat if " " in flat and not flat.replace(" ", "").isdigit() else ""
