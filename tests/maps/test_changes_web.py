"""The page of a comparison: one file, the same each time, with every word in its language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from change_town import town

import maps
from maps import Words, languages, render_changes
from maps.changes_words import changes_words
from maps.offline import require_offline


def test_the_same_comparison_gives_the_same_page():
    assert render_changes(town(degrees=True)) == render_changes(town(degrees=True))


def test_the_page_asks_for_nothing():
    require_offline(render_changes(town(degrees=True)))


def test_a_grid_that_is_carried_on_keeps_its_colour():
    before, after = town(degrees=True).colours(1e5)
    for grid in ("G0", "G1", "G2"):
        assert before[grid] == after[grid]
    assert after["G4"] != after["G2"]


@pytest.mark.parametrize("language", languages())
def test_every_word_of_the_page_is_asked_for_by_the_page(language):
    folder = Path(maps.__file__).parent / "assets" / "changes"
    page = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()))
    sides = {"before", "after", "ways"}  # say[side]; named by Folium
    kinds = {"still", "moves", "new", "gone"}  # say[kind]
    said = changes_words(Words.of(language))
    asked = set(re.findall(r"say\.(\w+)", page)) | set(re.findall(r"%(\w+)%", page))
    assert set(said) == asked | sides | kinds
