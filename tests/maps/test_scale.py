"""Scales are round, as large as there is room for, and true."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box
from shapely.geometry import LineString, Point

from maps.scale import ROUND_SCALES, View, fit, paper_mm, round_scale

SIDES_M = st.floats(1.0, 1e5)
SIDES_MM = st.floats(20.0, 1200.0)


@given(SIDES_M, SIDES_M, SIDES_MM, SIDES_MM)
def test_ground_fits_and_the_next_larger_scale_has_no_room(wide_m, high_m, wide_mm, high_mm):
    def has_room(scale):
        return wide_m * 1000 <= wide_mm * scale and high_m * 1000 <= high_mm * scale

    scale = round_scale((wide_m, high_m), (wide_mm, high_mm))
    assert has_room(scale)
    if scale in ROUND_SCALES:
        assert not any(has_room(larger) for larger in ROUND_SCALES if larger < scale)
    else:
        assert not has_room(ROUND_SCALES[-1])
        assert not has_room(scale / 1.6)
        assert int(str(scale).rstrip("0")) in {1, 125, 15, 2, 25, 3, 4, 5, 75}


@given(SIDES_M, SIDES_M, st.floats(-1e7, 1e7), st.floats(-1e7, 1e7))
def test_all_of_the_ground_is_in_the_frame_within_the_padding(wide, high, x, y):
    view = fit(box(x, y, x + wide, y + high), (250.0, 200.0), padding_mm=7.0)
    left, top, right, bottom = view.on_paper(box(x, y, x + wide, y + high)).bounds
    slack = 1e-3
    assert left >= 7 - slack
    assert top >= 7 - slack
    assert right <= 243 + slack
    assert bottom <= 193 + slack


def test_north_is_up_east_is_right_and_lengths_are_true():
    view = View((1000.0, 2000.0), 2000, 100.0, 80.0)
    assert view.on_paper(Point(1000, 2000)).coords[0] == (50.0, 40.0)
    assert view.on_paper(Point(1020, 2010)).coords[0] == pytest.approx((60.0, 35.0))
    assert view.on_paper(LineString([(0, 0), (30, 40)])).length == pytest.approx(25.0)
    assert view.mm(100.0) == 50.0
    assert view.frame_m().bounds == (900.0, 1920.0, 1100.0, 2080.0)


@given(st.floats(0, 900), st.floats(0, 700))
def test_a_shifted_view_keeps_its_spot_in_the_frame(x, y):
    ground = box(0, 0, 900, 700)
    view = View((x, y), 1000, 180.0, 130.0).shifted_over(ground, beyond_mm=8.0)
    assert view.frame_m().contains(Point(x, y))
    assert ground.buffer(8.001, join_style="mitre").contains(view.frame_m())


def test_a_small_ground_is_shown_in_the_middle():
    view = View((3.0, 3.0), 1000, 180.0, 130.0).shifted_over(box(0, 0, 10, 10), beyond_mm=8.0)
    assert view.centre_m == (5.0, 5.0)


def test_unknown_paper_is_named_with_those_there_are():
    with pytest.raises(ValueError, match=r"'B5'.*A0.*A4"):
        paper_mm("B5")
