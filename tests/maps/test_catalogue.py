"""Every word of every document is in every language, and no catalogue holds a word too many."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import maps
from maps import Words, languages
from maps.page_words import page_words

ROOT = Path(maps.__file__).parents[1]
LOCALE = Path(maps.__file__).parent / "locale"
# Words are asked for as ``words("...")`` and ``words.plural("...", "...", n)``.
KEYWORDS = {"words": None, "plural": (1, 2), "t": None}
METHODS = [("**.py", "python"), ("**/pages/**.html", "jinja2.ext:babel_extract")]
OTHERS = [language for language in languages() if language != "en"]


def used() -> dict[str | tuple[str, ...], str]:
    """Every message asked for in the code, and where."""
    found = {}
    for package in ("maps", "gridgeo"):
        for name, line, message, _, _ in extract_from_dir(
            ROOT / package, METHODS, keywords=KEYWORDS
        ):
            found[message] = f"{package}/{name}:{line}"
    return found


def catalogue(language: str) -> dict[str | tuple[str, ...], str | tuple[str, ...]]:
    with (LOCALE / f"{language}.po").open("rb") as file:
        return {entry.id: entry.string for entry in read_po(file, locale=language) if entry.id}


def test_words_are_found_in_the_code():
    assert "Legend" in used()
    assert ("{n} grid", "{n} grids") in used()


@pytest.mark.parametrize("language", OTHERS)
def test_every_word_used_is_in_the_catalogue_and_translated(language):
    known = catalogue(language)
    missing = {word: place for word, place in used().items() if not known.get(word)}
    forms = {word: (text,) if isinstance(text, str) else text for word, text in known.items()}
    empty = [word for word, texts in forms.items() if not all(texts)]
    assert missing == {}
    assert empty == []


def texts_in_code() -> set[str]:
    """Every text written in the code: some words stand in a tuple before they are asked for."""
    pages = (ROOT / "maps" / "assets" / "pages").glob("*.html")
    in_pages = {text for page in pages for text in re.findall(r'"([^"]+)"', page.read_text())}
    return in_pages | {
        node.value
        for package in ("maps", "gridgeo")
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


@pytest.mark.parametrize("language", OTHERS)
def test_no_word_of_the_catalogue_is_unused(language):
    assert set(catalogue(language)) - set(used()) - texts_in_code() == set()


@pytest.mark.parametrize("language", OTHERS)
def test_no_word_stands_twice_in_a_catalogue(language):
    text = (LOCALE / f"{language}.po").read_text(encoding="utf-8")
    ids = re.findall(r'^msgid ((?:"[^\n]*"\n)+)', text, re.MULTILINE)
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_fills_in_the_same_places(language):
    def places(texts: str | tuple[str, ...]) -> set[str]:
        return set(re.findall(r"\{\w+\}", texts if isinstance(texts, str) else "".join(texts)))

    for word, text in catalogue(language).items():
        assert places(text) == places(word), word


@pytest.mark.parametrize("language", languages())
def test_every_word_of_the_page_is_asked_for_by_the_page(language):
    folder = Path(maps.__file__).parent / "assets" / "page"
    page = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()))
    layers = {"grids", "ways"}  # named by Folium's layer control
    kinds = {"river", "street", "rail", "wall", "motorway", "boundary"}  # say[kind]
    said = page_words(Words.of(language))
    asked = set(re.findall(r"say\.(\w+)", page)) | set(re.findall(r"%(\w+)%", page))
    assert set(said) == asked | layers | kinds
