"""Contacts and faults of a coverage, on a few squares."""

from __future__ import annotations

import numpy as np
import pytest
from shapely import MultiPolygon, Polygon, box

from gridgeo.territory import coverage_contacts, coverage_faults

# 0 1
# 2 3   four squares of 10 m
SQUARES = np.array([box(0, 10, 10, 20), box(10, 10, 20, 20), box(0, 0, 10, 10), box(10, 0, 20, 10)])
WHOLE = box(0, 0, 20, 20)


def test_contacts_are_borders_and_not_corners():
    contacts = coverage_contacts(SQUARES)
    assert contacts.pairs.tolist() == [[0, 1], [0, 2], [1, 3], [2, 3]]
    assert contacts.pairs.dtype == np.int64
    assert contacts.length_m == pytest.approx([10] * 4)


def test_segments_belong_to_their_pair():
    contacts = coverage_contacts(SQUARES)
    assert contacts.segment_pair.tolist() == [0, 1, 2, 3]
    assert contacts.segments[0].tolist() == [[10, 10], [10, 20]]
    assert contacts.segment_length_m == pytest.approx([10] * 4)


def test_border_in_several_pieces_is_summed():
    left = Polygon([(0, 0), (10, 0), (10, 4), (8, 6), (10, 10), (0, 10)])
    right = Polygon([(10, 0), (20, 0), (20, 10), (10, 10), (8, 6), (10, 4)])
    contacts = coverage_contacts(np.array([left, right]))
    assert contacts.pairs.tolist() == [[0, 1]]
    assert contacts.length_m == pytest.approx([4 + np.hypot(2, 2) + np.hypot(2, 4)])


def test_hole_touches_what_fills_it():
    ring = box(0, 0, 30, 30).difference(box(10, 10, 20, 20))
    contacts = coverage_contacts(np.array([ring, box(10, 10, 20, 20)]))
    assert contacts.length_m == pytest.approx([40])


def test_cells_apart_have_no_contacts():
    contacts = coverage_contacts(np.array([box(0, 0, 1, 1), box(5, 5, 6, 6)]))
    assert contacts.pairs.shape == (0, 2)
    assert contacts.length_m.shape == (0,)


def test_sound_coverage_has_no_faults():
    assert coverage_faults(SQUARES, WHOLE).none


def test_gap_is_measured():
    faults = coverage_faults(SQUARES[:3], WHOLE)
    assert not faults.none
    assert faults.gap_m2 == pytest.approx(100)


def test_overlap_is_measured():
    faults = coverage_faults(np.array([*SQUARES[:3], box(9, 0, 20, 10)]), WHOLE)
    assert not faults.none
    assert faults.overlap_m2 == pytest.approx(10)
    assert faults.mismatched


def test_land_outside_is_measured():
    faults = coverage_faults(np.array([*SQUARES[:3], box(10, 0, 22, 10)]), WHOLE)
    assert faults.outside_m2 == pytest.approx(20)
    assert not faults.none


def test_missing_vertex_is_a_mismatch():
    """The right cell has a vertex on the border that the left cell lacks."""
    right = Polygon([(10, 0), (20, 0), (20, 10), (10, 10), (10, 5)])
    faults = coverage_faults(np.array([box(0, 0, 10, 10), right]), box(0, 0, 20, 10))
    assert faults.mismatched
    assert not faults.none


def test_crack_without_area_is_a_mismatch():
    """The border between the cells is off by a hair on one side: a gap of no area."""
    left = Polygon([(0, 0), (10, 0), (10 - 1e-9, 5), (10, 10), (0, 10)])
    faults = coverage_faults(np.array([left, box(10, 0, 20, 10)]), box(0, 0, 20, 10))
    assert faults.gap_m2 < faults.tolerance_m2
    assert faults.mismatched


def test_invalid_and_broken_cells_are_counted():
    bow_tie = Polygon([(10, 0), (20, 10), (20, 0), (10, 10)])
    two = MultiPolygon([box(0, 0, 4, 10), box(6, 0, 10, 10)])
    faults = coverage_faults(np.array([two, bow_tie]), box(0, 0, 20, 10))
    assert (faults.invalid, faults.broken) == (1, 1)
    assert not faults.none
