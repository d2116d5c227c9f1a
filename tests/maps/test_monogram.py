"""A monogram tells workers apart, looks the same everywhere, and holds no live words."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.monogram import DISC_COLOURS, disc_colour, initials, monogram


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("李伟", "李"),
        (" 欧阳 修 ", "欧"),
        ("김철수", "김"),
        ("Li Wei", "LW"),
        ("ana maría de la cruz", "AC"),
        ("Zhang San 张三", "ZS"),
        ("张三 (Zhang San)", "张"),
        ("Cher", "C"),
        ("A\u030asa O\u0308berg", "ÅÖ"),
        ("ßen ßo", "ß"),
        ("مريم علي", "م"),
        ("#eval(1)", "E"),
        ("", ""),
        ("😀 138", ""),
        ("\ud800", ""),
    ],
)
def test_initials_are_a_surname_sign_or_two_capitals(name, said):
    assert initials(name) == said


def test_a_name_keeps_its_colour_and_names_differ():
    assert disc_colour("李伟") == disc_colour(" 李伟") == "#0b6670"
    assert {disc_colour(f"worker {n}") for n in range(100)} == set(DISC_COLOURS)


@pytest.mark.parametrize("colour", DISC_COLOURS)
def test_white_letters_are_legible_on_every_disc(colour):
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [((s + 0.055) / 1.055) ** 2.4 if s > 0.03928 else s / 12.92 for s in shares]
    luminance = sum(w * s for w, s in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    assert 1.05 / (luminance + 0.05) > 6.3


@given(name=st.text() | st.text("<>&\"'`$ab\u0301李\ud800"))
def test_whatever_the_name_the_drawing_is_sound_and_carries_at_most_two_letters(name):
    svg = monogram(name)
    drawn = ElementTree.fromstring(svg)
    assert {element.tag.rpartition("}")[2] for element in drawn.iter()} <= {
        *("svg", "circle", "text", "path"),
    }
    assert "".join(drawn.itertext()) == initials(name)
    assert len(initials(name)) <= 2
