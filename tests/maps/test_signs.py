"""Emoji do not reach paper; letters all do, and those that no font has are told."""

from __future__ import annotations

import pytest

from maps.card_data import one_line
from maps.signs import missing_letters, printable


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Li Wei 李伟", "Li Wei 李伟"),
        ("😀Li👩‍🔧 Wei👍🏽 ⭐", "Li Wei "),
        ("🇨🇳社区1️⃣", "社区1"),
        ("☎ 110 ✓ ★", "☎ 110 ✓ ★"),  # the Chinese font has these
        ("علي بن محمد · שלום", "علي بن محمد · שלום"),
        ("क्‍ष", "क्‍ष"),  # the joiner is part of the spelling
        ("𠮷野家", "𠮷野家"),
        ("", ""),
    ],
)
def test_pictures_that_no_font_has_are_left_out_and_letters_stay(text, kept):
    assert printable(text) == kept


def test_a_line_of_nothing_but_emoji_is_empty():
    assert one_line(" 😀 🎉 ") == ""


def test_letters_that_would_be_boxes_are_told():
    assert missing_letters("Li สมชาย 李") == "สมชาย"
    assert missing_letters("علي Արամ გიორგი שלום 김 さくら Ж ñ 龘") == ""
