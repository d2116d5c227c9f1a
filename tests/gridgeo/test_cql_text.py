"""CQL2 in text is read as the standard's own examples and another parser read it, in one pass."""

from __future__ import annotations

from typing import Any

import cql2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridgeo.service.public.cql_text import CqlError, parse_text

# From OGC 21-065r2, its examples and schema/examples/text, shortened where they are long.
EXAMPLES = """
city='Toronto'
avg(windSpeed) < 4
balance-150.0 > 0
updated >= DATE('1970-01-01')
geometry IS NOT NULL
name LIKE 'Smith%'
depth BETWEEN 100.0 and 150.0
cityName IN ('Toronto','Frankfurt','Tokyo','New York')
category NOT IN (1,2,3,4)
CASEI(road_class) IN (CASEI('Οδος'),CASEI('Straße'))
ACCENTI(etat_vol) = ACCENTI('débárquér')
S_INTERSECTS(geometry,POINT(36.319836 32.288087))
S_CROSSES(road,POLYGON((43.7286 -79.2986,43.7311 -79.2996,43.7323 -79.2972,43.7286 -79.2986)))
T_INTERSECTS(event_time, INTERVAL('1969-07-16T05:32:00Z','1969-07-24T16:50:35Z'))
T_DURING(INTERVAL(touchdown, liftOff), INTERVAL('1969-07-16T13:32:00Z','1969-07-24T16:50:35Z'))
S_WITHIN(road,Buffer(geometry,10,'m'))
vehicle_height > (bridge_clearance-1)
eo:cloud_cover BETWEEN 0.1 AND 0.2 AND landsat:wrs_row=28 AND landsat:wrs_path=203
eo:cloud_cover=0.1 OR eo:cloud_cover=0.2
eo:cloud_cover < 0.1 AND S_INTERSECTS(geometry,BBOX(1,2,3,4))
NOT (floors=1)
NOT floors < 5
"date" >= TIMESTAMP('2022-04-14T14:52:00Z')
value=field^2
2 > foo / 2 + 3
a + b * c - d / 2 > 0
a % 4 = 1 AND b DIV 2 = 3
material LIKE 'bri%' AND cost > -100
T_AFTER(built, DATE('2012-06-05'))
T_INTERSECTS(INTERVAL(valid_from,valid_to), INTERVAL('2019-09-09','..'))
S_INTERSECTS(geometry,MULTIPOINT((0 0),(1 0.5)))
S_INTERSECTS(geometry,MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5))))
S_INTERSECTS(geometry,GEOMETRYCOLLECTION(POINT(1.9 2.00001),LINESTRING(0 0,1.5 1.5)))
S_INTERSECTS(POINT(-1 -2.5),geometry)
A_CONTAINS(ids,('x','y'))
swimming_pool=true
a.b:c_d = '阳光' AND 区='路'
a ='it''s'
a LIKE 'x\\%%'
""".strip().splitlines()


@pytest.mark.parametrize("text", EXAMPLES)
def test_a_filter_is_read_as_another_parser_reads_it(text: str) -> None:
    assert numbers_alike(parse_text(text)) == numbers_alike(cql2.parse_text(text).to_json())


def numbers_alike(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {name: numbers_alike(inner) for name, inner in tree.items()}
    if isinstance(tree, list):
        return [numbers_alike(inner) for inner in tree]
    is_number = isinstance(tree, int | float) and not isinstance(tree, bool)
    return float(tree) if is_number else tree


def test_escapes_are_those_of_the_standard() -> None:
    # /req/cql2-text/escaping
    said = parse_text(r"a = 'it\'s ''x'' \\ \a\b\t\n\v\f\r'")["args"][1]
    assert said == "it's 'x' \\ \a\b\t\n\v\f\r"
    assert parse_text(r"a LIKE '\%\_\\\t%'")["args"][1] == "\\%\\_\\\\\t%"


def test_keywords_are_read_in_any_case_and_quoted_names_as_they_stand() -> None:
    assert parse_text("a Is nOt nUlL and TRUE") == parse_text("a IS NOT NULL AND true")
    assert parse_text('"AND" = 1 AND "a ""b"""=2')["args"][0]["args"][0] == {"property": "AND"}
    assert parse_text('"a ""b""" = 2')["args"][0] == {"property": 'a "b"'}


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("THIS IS NOT A FILTER", "sign 13"), ("a =", "too early"), ("a = 1 b", "sign 7"),
        ("a = 'x", "sign 5"), ("(a = 1", "too early"), ("a = 1)", "sign 6"), ("", "too early"),
        ("a = b = c", "sign 7"), ("a LIKE b", "sign 8"), ("a ILIKE 'b'", "sign 3"),
        ("a IN ()", "sign 7"), ("a BETWEEN 1", "too early"), ("a = #", "sign 5"),
        ("POINT(1)", "sign 8"), ("a NOT = 1", "sign 7"), ("AND a = 1", "sign 1"),
    ],
)  # fmt: skip
def test_what_is_no_cql2_is_told_where_it_stops_being_it(text: str, where: str) -> None:
    with pytest.raises(CqlError, match=where):
        parse_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 9_000, "((((" * 20 + "a = 1", "(" * 30 + "a =! 1" + ")" * 30, "NOT " * 4_000 + "a=1",
        "a = " + "-" * 15_000 + "1", "a = " + "+".join("1" * 9_000), "casei(" * 3_000 + "a",
        "a = '" + "''" * 9_000, "S_INTERSECTS(g," + "GEOMETRYCOLLECTION(" * 900,
        "a IN (" + "(1)," * 4_000 + "1)", '"' * 19_999, "a" * 19_000 + " =", "\\" * 20_000,
        "a = 1e" + "9" * 19_000, "a LIKE " + "casei(" * 3_000, "[" * 20_000,
    ],
)  # fmt: skip
def test_no_text_of_a_strangers_length_takes_long(text: str) -> None:
    # a parser that goes back and tries again would not come to an end before the test is stopped
    assert len(said_of(text)) < 200


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.text(alphabet="a1'\"()=<>,.-+*/%^ ANDORTILKEBWSU\\\n阳", max_size=40))
def test_any_text_is_read_or_refused_and_nothing_else_happens(text: str) -> None:
    assert said_of(text)


def said_of(text: str) -> str:
    try:
        parse_text(text)
    except CqlError as fault:
        return str(fault)
    return "read"
