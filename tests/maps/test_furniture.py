"""Scale bars are as long as they say; legends name what is there."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from maps.furniture import legend, scale_bar
from maps.inks import BAR
from maps.scale import ROUND_SCALES, View
from maps.words import Words


@pytest.mark.parametrize("scale", ROUND_SCALES)
@pytest.mark.parametrize("unit", [1.0, 841 / 297])
def test_each_bar_is_100_m_long(scale, unit):
    bar = scale_bar(View((0, 0), scale, 300, 200), Words.of("en"), unit=unit)
    drawn = re.findall(rf'd="M([\d.]+) 0L[^"]*" fill="{BAR}"', bar.drawing.decode())
    ends = re.findall(rf'<path d="M([^"]*)z" fill="{BAR}"', bar.drawing.decode())
    for path in ends:
        xs = [float(point.split()[0]) for point in path.split("L")]
        assert max(xs) - min(xs) == pytest.approx(100_000 / scale, abs=0.01)
    assert drawn
    total_m = float(bar.marks[-1][1].removesuffix(" m").replace(",", ""))
    assert len(ends) == total_m / 100


@pytest.mark.parametrize("scale", ROUND_SCALES)
def test_marks_leave_each_other_room(scale):
    bar = scale_bar(View((0, 0), scale, 300, 200), Words.of("en"), unit=1.0)
    places = [at_mm for at_mm, _ in bar.marks]
    assert all(after - before >= 9 for before, after in pairwise(places))


def test_a_map_narrower_than_100_m_has_a_shorter_bar():
    bar = scale_bar(View((0, 0), 500, 150, 150), Words.of("en"), unit=1.0)
    assert bar.width_mm <= 150
    assert bar.marks[-1] == (pytest.approx(100), "50 m")


@pytest.mark.parametrize("scale", ROUND_SCALES)
def test_marks_stand_where_their_words_say(scale):
    bar = scale_bar(View((0, 0), scale, 300, 200), Words.of("en"), unit=1.0)
    for at_mm, words in bar.marks:
        length_m = float(words.removesuffix(" m").replace(",", ""))
        assert at_mm == pytest.approx(length_m * 1000 / scale)
    assert bar.marks[-1][1].endswith(" m")
    assert bar.marks[-1][0] == pytest.approx(bar.width_mm)


def test_legend_names_what_the_map_shows_and_nothing_else():
    words = Words.of("en")
    said = [text for _, text in legend(words, {"river", "rail"}, unit=1, pale=False, here=False)]
    assert said == ["Grid border", "River", "Railway"]
    said = [text for _, text in legend(words, {"wall"}, unit=1, pale=True, here=True)]
    assert said == ["Grid border", "Neighbouring grid", "Wall", "You are here"]
