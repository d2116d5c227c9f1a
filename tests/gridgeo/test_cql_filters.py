"""CQL2 filters hold where the standard says: every operator, and what is unknown stays unknown."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridgeo.service.public import cql
from gridgeo.service.public.axes import CRS84, crs_uri, in_crs
from gridgeo.service.public.columns import column
from gridgeo.service.public.cql import Filter
from gridgeo.service.public.cql_parts import FilterError
from gridgeo.service.public.judging import like
from gridgeo.service.public.layers import Layer, Life

IDS = ("a", "b", "c", "d", "e")
TOLD = {
    "grid_id": ("string", ["G-1", "G-2", "g-1", "Straße", None]),
    "owner_name": ("string", ["Ann", "ANN", "Àñn", "100%_", ""]),
    "households": ("integer", [1, 5, 10, None, -3]),
    "population": ("integer", [2, 5, 7, 9, 0]),
    "in_band": ("boolean", [True, False, None, True, False]),
}
LIFE = Life(3, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC))
# Unit squares beside each other from 0 to 5, all but the last, which lies within the first.
SHAPES = np.array(
    [*(shapely.box(k, 0, k + 1, 1) for k in range(4)), shapely.box(0.2, 0.2, 0.4, 0.4)]
)


@pytest.fixture(scope="module")
def layer() -> Layer:
    columns = {name: column(values, kind) for name, (kind, values) in TOLD.items()}
    return Layer("grids", LIFE, IDS, columns, SHAPES)


def found(layer: Layer, text: str, crs: str = CRS84) -> str:
    filtered = Filter.read(text, "cql2-text", kind="grids", crs=crs)
    return "".join(IDS[row] for row in np.flatnonzero(filtered.holds(layer)))


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        # basic-cql2
        ("grid_id = 'G-1'", "a"), ("grid_id <> 'G-1'", "bcd"), ("households > 1", "bc"),
        ("households >= 1", "abc"), ("households < 5", "ae"), ("households <= 5", "abe"),
        ("in_band = TRUE", "ad"), ("in_band = false", "be"), ("in_band <> true", "be"),
        ("households IS NULL", "d"), ("households IS NOT NULL", "abce"), ("geometry IS NULL", ""),
        ("in_band IS NULL", "c"), ("kind IS NULL", "abcde"), ("kind = 'x'", ""),
        ("NOT (kind = 'x')", ""), ("TRUE", "abcde"), ("FALSE", ""), ("NOT FALSE", "abcde"),
        ("grid_id > 'G'", "abcd"), ("owner_name = ''", "e"),
        # the truth table: true, false and unknown
        ("households > 1 AND in_band = TRUE", ""), ("households > 1 OR in_band = TRUE", "abcd"),
        ("NOT (households > 1)", "ae"), ("NOT (households > 1 AND in_band = TRUE)", "abe"),
        ("NOT (households > 1 OR in_band = TRUE)", "e"), ("households > 1 OR TRUE", "abcde"),
        ("NOT (households > 1 AND FALSE)", "abcde"),
        # instants
        ("valid_from = TIMESTAMP('2026-01-01T00:00:00Z')", "abcde"),
        ("valid_from < TIMESTAMP('2026-01-01T00:00:00.5Z')", "abcde"),
        ("valid_from <= DATE('2026-01-01')", "abcde"), ("valid_to > DATE('2026-07-01')", ""),
        ("valid_from = '2026-01-01'", "abcde"), ("version = 3", "abcde"), ("version <> 3", ""),
        # advanced-comparison-operators
        ("grid_id LIKE 'G-_'", "ab"), ("grid_id NOT LIKE 'G-%'", "cd"),
        ("grid_id LIKE '%'", "abcd"),
        ("owner_name LIKE '100\\%\\_'", "d"), ("owner_name LIKE '100\\%'", ""),
        ("owner_name LIKE ''", "e"), ("owner_name LIKE '%n%'", "ac"),
        ("households BETWEEN 1 AND 5", "ab"), ("households NOT BETWEEN 1 AND 5", "ce"),
        ("grid_id IN ('G-1', 'g-1')", "ac"), ("grid_id NOT IN ('G-1')", "bcd"),
        ("households IN (1, 10, 99)", "ac"), ("in_band IN (true)", "ad"),
        ("grid_id IN (CASEI('G-1'))", "c"),
        # case- and accent-insensitive-comparison
        ("CASEI(grid_id) = CASEI('g-1')", "ac"), ("CASEI(grid_id) = CASEI('STRASSE')", "d"),
        ("CASEI(owner_name) LIKE CASEI('aN%')", "ab"),
        ("ACCENTI(owner_name) = ACCENTI('Ann')", "ac"),
        ("ACCENTI(CASEI(owner_name)) = 'ann'", "abc"),
        # property-property
        ("households = population", "b"), ("5 = households", "b"), ("1 < 2", "abcde"),
        ("grid_id < owner_name", "c"), ("'G-1' = grid_id", "a"), ("'x' LIKE 'x%'", "abcde"),
        ("owner_name <> grid_id", "abcd"), ("in_band = (households > 3)", "e"),
        # arithmetic
        ("households + 1 = population", "a"), ("households * 2 > population + 2", "bc"),
        ("population / 2 = 1", "a"), ("population % 4 = 1", "bd"), ("population DIV 2 = 3", "c"),
        ("households ^ 2 = 25", "b"), ("-households = 3", "e"), ("10 / population > 1", "abcd"),
        ("households / 0 = 1 OR TRUE", "abcde"), ("NOT (households / 0 = 1)", ""),
        ("2 + 3 * 4 = 14 AND (2 + 3) * 4 = 20 AND 7 - 2 - 1 = 4", "abcde"),
    ],
)  # fmt: skip
def test_a_filter_holds_as_the_standard_has_it(layer, text, rows):
    assert found(layer, text) == rows


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("S_INTERSECTS(geometry, POINT(0.3 0.3))", "ae"),
        ("S_INTERSECTS(POINT(1 1), geometry)", "ab"),
        ("S_INTERSECTS(geometry, BBOX(2.5, 0.5, 3.5, 9))", "cd"),
        ("S_INTERSECTS(geometry, BBOX(2.5, 0.5, -100, 3.5, 9, 100))", "cd"),
        ("S_INTERSECTS(geometry, BBOX(3.5, -1, 0.1, 1))", "ad"),  # the long way round
        ("S_DISJOINT(geometry, POINT(0.3 0.3))", "bcd"),
        ("S_WITHIN(geometry, POLYGON((0 0, 2 0, 2 1, 0 1, 0 0)))", "abe"),
        ("S_CONTAINS(POLYGON((0 0, 2 0, 2 1, 0 1, 0 0)), geometry)", "abe"),
        ("S_CONTAINS(geometry, POINT(0.3 0.3))", "ae"),
        ("S_WITHIN(POINT(0.3 0.3), geometry)", "ae"),
        ("S_TOUCHES(geometry, LINESTRING(1 0, 1 1))", "ab"),
        ("S_TOUCHES(geometry, POINT(0.2 0.3))", "e"),
        ("S_CROSSES(geometry, LINESTRING(0.5 0.5, 1.5 0.5))", "ab"),
        ("S_CROSSES(LINESTRING(0.5 0.5, 1.5 0.5), geometry)", "ab"),
        ("S_OVERLAPS(geometry, POLYGON((0.5 0, 1.5 0, 1.5 1, 0.5 1, 0.5 0)))", "ab"),
        ("S_EQUALS(geometry, POLYGON((1 0, 1 0.5, 1 1, 2 1, 2 0, 1 0)))", "b"),
        ("S_EQUALS(geometry, BBOX(1, 0, 2, 1))", "b"),
        ("S_INTERSECTS(geometry, MULTIPOINT(0.3 0.3, 3.5 0.5))", "ade"),
        ("S_INTERSECTS(geometry, MULTILINESTRING((0.3 0, 0.3 1), (3.5 0, 3.5 1)))", "ade"),
        ("S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(3.5 0.5), LINESTRING(1.2 0, 1.2 1)))",
        "bd"),
        ("S_WITHIN(geometry, MULTIPOLYGON(((0 0,1 0,1 1,0 1,0 0)),((3 0,4 0,4 1,3 1,3 0))))",
        "ade"),
        ("S_EQUALS(geometry, geometry)", "abcde"),
        ("S_INTERSECTS(POINT(1 1), POINT(1 1))", "abcde"),
        ("NOT S_INTERSECTS(geometry, POINT(0.3 0.3)) AND households > 5", "c"),
    ],
)  # fmt: skip
def test_shapes_are_compared_as_simple_features_are(layer, text, rows):
    assert found(layer, text) == rows


OURS = "INTERVAL(valid_from, valid_to)"  # January to the first of July 2026


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("T_AFTER(valid_from, DATE('2025-12-31'))", True),
        ("T_AFTER(valid_from, DATE('2026-01-01'))", False),
        ("T_BEFORE(valid_from, TIMESTAMP('2026-01-01T00:00:01Z'))", True),
        ("T_EQUALS(valid_from, TIMESTAMP('2026-01-01T00:00:00Z'))", True),
        ("T_DISJOINT(valid_from, INTERVAL('2026-02-01', '..'))", True),
        ("T_INTERSECTS(valid_from, DATE('2026-01-01'))", True),
        (f"T_INTERSECTS({OURS}, INTERVAL('..', '2025-12-31'))", False),
        (f"T_INTERSECTS({OURS}, INTERVAL('..', '..'))", True),
        (f"T_CONTAINS({OURS}, INTERVAL('2026-02-01', '2026-02-28'))", True),
        (f"T_DURING({OURS}, INTERVAL('2025-01-01', '2027-01-01'))", True),
        (f"T_DURING({OURS}, INTERVAL('2026-01-01', '2027-01-01'))", False),
        (f"T_STARTS({OURS}, INTERVAL('2026-01-01', '..'))", True),
        (f"T_STARTEDBY({OURS}, INTERVAL('2026-01-01', '2026-02-01'))", True),
        (f"T_FINISHES({OURS}, INTERVAL('..', '2026-07-01T00:00:00Z'))", True),
        (f"T_FINISHEDBY({OURS}, INTERVAL('2026-05-01T00:00:00Z', '2026-07-01T00:00:00Z'))", True),
        (f"T_MEETS({OURS}, INTERVAL('2026-07-01', '..'))", True),
        (f"T_METBY({OURS}, INTERVAL('..', '2026-01-01T00:00:00Z'))", True),
        (f"T_OVERLAPS({OURS}, INTERVAL('2026-06-01', '2026-08-01'))", True),
        (f"T_OVERLAPPEDBY({OURS}, INTERVAL('2025-06-01', '2026-02-01'))", True),
        (f"T_EQUALS({OURS}, INTERVAL('2026-01-01T00:00:00Z', '2026-07-01T00:00:00Z'))", True),
    ],
)  # fmt: skip
def test_times_are_compared_as_owl_time_has_it(layer, text, holds):
    assert found(layer, text) == ("abcde" if holds else "")


def test_a_version_that_still_holds_has_an_open_end():
    life = Life(1, datetime(2026, 1, 1, tzinfo=UTC))
    layer = Layer("grids", life, ("a",), {}, SHAPES[:1])
    for text, holds in (
        (f"T_INTERSECTS({OURS}, DATE('2099-01-01'))", True),
        (f"T_INTERSECTS({OURS}, DATE('2025-01-01'))", False),
        (f"T_FINISHES({OURS}, INTERVAL('2025-01-01', '..'))", True),
        ("valid_to IS NULL", True), ("valid_to > DATE('2000-01-01')", False),
        ("NOT (valid_to > DATE('2000-01-01'))", False),
    ):  # fmt: skip
        assert (found(layer, text) == "a") == holds, text


def test_a_filter_that_takes_too_long_is_given_up(layer, monkeypatch):
    monkeypatch.setattr(cql, "_MOST_S", -1.0)
    with pytest.raises(FilterError, match="too long"):
        found(layer, "grid_id = 'G-1'")


@pytest.mark.parametrize("code", [4326, 3857, 4490])
def test_a_shape_read_in_a_crs_is_the_same_again_in_a_filter_in_that_crs(code):
    shape = shapely.box(114.3712345, 29.9812345, 114.3722346, 29.9821234)
    layer = Layer("grids", LIFE, ("a",), {}, np.array([shape]))
    uri = crs_uri(code)
    (told,) = in_crs(np.array([shape]), uri)
    for word in ("S_EQUALS", "S_WITHIN", "S_CONTAINS", "S_INTERSECTS"):
        assert found(layer, f"{word}(geometry, {told.wkt})", uri) == "a"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("secret = 'x'", "no queryable"), ("grid_id > 5", "a text with a number"),
        ("households = 'x'", "a number with a text"), ("grid_id", "neither holds"),
        ("in_band > true", "order"), ("grid_id + 1 = 2", "takes a number"),
        ("avg(households) > 1", "not known"), ("A_CONTAINS(grid_id, ('a', 'b'))", "not known"),
        ("grid_id = ('a', 'b')", "array"),
        ("S_INTERSECTS(geometry, grid_id)", "takes a shape"),
        ("valid_from > 'yesterday'", "no moment"),
        ("T_DURING(valid_from, INTERVAL('2026-01-01', '..'))", "takes an interval"),
        ("T_AFTER(valid_from, INTERVAL('2026-02-01', '2026-01-01'))", "ends before"),
        ("valid_from = DATE('2026-02-30')", "no day"), ("valid_from = DATE('x')", "no day"),
        ("valid_from = TIMESTAMP('2026-01-01T25:00:00Z')", "no moment"),
        ("S_INTERSECTS(geometry, BBOX(1000000,1000000,2000000,2000000))", "outside"),
        ("S_INTERSECTS(geometry, POINT(0 91))", "outside"),
        ("S_INTERSECTS(geometry, BBOX(1,2,3))", "box"),
        ("S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 1 0, 0 1, 0 0)))", "no valid shape"),
        ("S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 1 0)))", "no Polygon"),
        ("households = 1e999", "too large"), ("NOT households", "takes true or false"),
        ("BBOX(0,0,1,1) = BBOX(0,0,1,1)", "does not compare"),
        ("households LIKE 'x'", "takes a text"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_before_any_feature_is_asked(text, said):
    with pytest.raises(FilterError, match=said):
        Filter.read(text, "cql2-text", kind="grids", crs=CRS84)


@pytest.mark.parametrize(
    "tree",
    [None, [], {}, 5, "x", {"op": "="}, {"op": "=", "args": [1]}, {"op": "and", "args": [True]},
     {"op": ["="], "args": []}, {"op": "not", "args": [True, True]}, {"property": 5},
     {"op": "in", "args": [{"property": "grid_id"}, []]}, {"op": "=", "args": [1, None]},
     {"op": "like", "args": ["a", {"property": "grid_id"}]}, {"op": "isNull", "args": []},
     {"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "Point",
     "coordinates": []}]},
     {"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "Blob",
     "coordinates": [1]}]},
     {"op": "s_intersects", "args": [{"property": "geometry"}, {"bbox": ["a", 1, 2, 3]}]},
     {"op": "=", "args": [{"timestamp": 5}, {"timestamp": None}]}, {"interval": ["..", ".."]},
     {"op": "between", "args": [1, 2]}, {"op": "casei", "args": ["a"]}, {"date": "2026-01-01"}],
)  # fmt: skip
def test_json_that_is_no_filter_is_refused(tree):
    with pytest.raises(FilterError):
        Filter.read(json.dumps(tree), "cql2-json", kind="grids", crs=CRS84)


@pytest.mark.parametrize("text", ["", "{", "[" * 9_000, "NaN", '{"op":"=","args":[1,NaN]}',
                                  '{"op":"not","args":[' * 900, "9" * 19_000,
                                  "x" * 20_001])  # fmt: skip
def test_json_of_any_shape_is_read_or_refused(text):
    with pytest.raises(FilterError):
        Filter.read(text, "cql2-json", kind="grids", crs=CRS84)


SIGNS = st.text(alphabet="ab%_\\.*[阳\n", max_size=12)


@settings(derandomize=True, deadline=None, max_examples=500)
@given(SIGNS, SIGNS)
def test_like_is_what_a_regular_expression_of_the_same_meaning_is(pattern, text):
    meant, signs = "", iter(pattern)
    for sign in signs:
        if sign == "\\":
            meant += re.escape(next(signs, "\\"))
        else:
            meant += {"%": ".*", "_": "."}.get(sign, re.escape(sign))
    assert like(pattern)(text) == (re.fullmatch(meant, text, re.DOTALL) is not None)


def test_a_pattern_that_would_go_back_again_and_again_does_not():
    assert not like("%a" * 5_000 + "b")("a" * 5_000)
    assert like("%" * 20_000)("a" * 100)
    assert not like("%_a" * 40 + "b")("aa" * 5_000)
