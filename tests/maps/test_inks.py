"""Printed colours are read by everyone, and patterns tell them apart on a grey printer."""

from __future__ import annotations

import itertools

import pytest
import shapely
from shapely import box

from maps import PALETTE
from maps.inks import INK, NAVY, PALE_BUILDING, building_fill, hatch, mix, tint


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("row", range(len(PALETTE)))
def test_labels_stand_out_from_every_ground_and_building(row):
    assert _contrast(INK, building_fill(row)) > 6
    assert _contrast(NAVY, tint(row)) > 7
    assert _contrast(INK, PALE_BUILDING) > 7


def test_no_two_colours_share_a_pattern():
    ground = box(0, 0, 40, 40)
    patterns = [shapely.normalize(hatch(ground, row, unit=1.0)) for row in range(len(PALETTE))]
    for one, other in itertools.combinations(patterns, 2):
        assert not one.equals(other)


def test_a_pattern_stays_in_its_ground_and_goes_on_across_a_border():
    left, right = box(0, 0, 20, 30), box(20, 0, 45, 30)
    both = hatch(box(0, 0, 45, 30), 0, unit=1.0)
    parts = shapely.union_all([hatch(ground, 0, unit=1.0) for ground in (left, right)])
    assert left.buffer(1e-9).contains(hatch(left, 0, unit=1.0))
    assert parts.length == pytest.approx(both.length)


def test_mixing_goes_from_one_colour_to_the_other():
    assert mix("#000000", "#ff8000", 0) == "#000000"
    assert mix("#000000", "#ff8000", 1) == "#ff8000"
    assert mix("#000000", "#ff8000", 0.5) == "#804000"
