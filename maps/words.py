"""What documents say, in the reader's language: a message catalogue a language, one file each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

# English is what the code says itself; every other language is a file here, as zh.po.
_FOLDER = Path(__file__).resolve().parent / "locale"
ENGLISH = "en"


class UnknownLanguageError(ValueError):
    """A language without a catalogue; the message names those there are."""


@dataclass(frozen=True, eq=False)
class Words:
    """The words of one language; what its catalogue lacks is said in English."""

    language: str
    _catalogue: NullTranslations

    @classmethod
    def of(cls, language: str) -> Words:
        """Return the words of a language, as "en" or "zh".

        Raises:
            UnknownLanguageError: there is no catalogue of it.
        """
        if language not in languages():
            there = ", ".join(languages())
            raise UnknownLanguageError(f"no words in {language!r}; languages there are: {there}")
        return _words_of(language)

    def __call__(self, text: str, **values: object) -> str:
        """Return an English text in this language, with ``{names}`` filled in."""
        return self._catalogue.gettext(text).format(**values)

    def known(self, text: str) -> str:
        """Return a text of the planner's, in this language if it is one of the catalogue's."""
        # A brace in a planner's text means itself; of "" a catalogue gives its own header.
        return self._catalogue.gettext(text) if text else text

    def plural(self, one: str, many: str, count: int, **values: object) -> str:
        """Return the form for a count; ``{n}`` is the count, written as the language does."""
        form = self._catalogue.ngettext(one, many, count)
        return form.format(n=self.number(count), **values)

    def date(self, day: date) -> str:
        """Return a day as the language writes it in full."""
        return str(format_date(day, format="long", locale=self.language))

    def number(self, value: float) -> str:
        """Return a number as the language writes it."""
        return str(format_decimal(value, locale=self.language))


def languages() -> tuple[str, ...]:
    """Return the languages there are words in."""
    return (ENGLISH, *sorted(file.stem for file in _FOLDER.glob("*.po")))


@cache
def _words_of(language: str) -> Words:
    if language == ENGLISH:
        return Words(language, NullTranslations())
    compiled = BytesIO()
    with (_FOLDER / f"{language}.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return Words(language, GNUTranslations(compiled))
