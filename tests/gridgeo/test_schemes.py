"""Schemes of codes as data: those that come along, an office's own, and faults in a file."""

from __future__ import annotations

import pytest

from gridgeo.errors import InputError
from gridgeo.schemes import known_schemes, read_schemes, scheme_named

OURS = """
[scheme.ours]
about = "Blocks of the east district"
parts = [
  { name = "district", digits = 2, low = 10 },
  { name = "street", digits = 3, ranges = { street = "001-099", town = "100-199" } },
]
separator = "-"
sequence = { digits = 2, first = 10, last = 79 }
alone = 0
order = "columns"
"""


def write(tmp_path, text):
    path = tmp_path / "schemes.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "values", "first", "last"),
    [
        ("db11t2157", ["110101", "001", "002"], "110101001002001", "110101001002999"),
        ("cjt349", ["010203", "110101", "001", "601"], "01020311010100160101", "99"),
        ("db6101t3185", ["610102", "001", "002"], "610102001002001", "999"),
        ("gbt30428", ["110101", "001", "002"], "110101001002001", "999"),
        ("gbt30428-street4", ["110101", "0001", "002"], "1101010001002001", "999"),
    ],
)
def test_a_known_scheme_gives_codes_of_its_form(name, values, first, last) -> None:
    scheme = known_schemes()[name]
    numbering = scheme.numbering(values)
    assert numbering.id_of(numbering.first) == first
    assert numbering.last is not None
    assert numbering.id_of(numbering.last).endswith(last)
    assert len(first) == scheme.digits + numbering.digits
    assert [len(value) for value in values] == [part.digits for part in scheme.parts]


def test_a_prefix_is_told_part_by_part_with_what_its_ranges_mean() -> None:
    told = known_schemes()["cjt349"].told(["010203", "110101", "100", "601"])
    assert told == (
        "service 010203, county 110101, street 100 (town), community 601 (several communities in "
        "one)"
    )


def test_what_was_told_from_memory_says_so() -> None:
    schemes = known_schemes()
    assert "memory" in schemes["gbt30428"].unsure
    assert not schemes["db11t2157"].unsure


def test_the_scheme_of_an_office_is_read(tmp_path) -> None:
    (scheme,) = read_schemes(write(tmp_path, OURS)).values()
    numbering = scheme.numbering(["12", "003"])
    assert numbering.id_of(10) == "12-003-10"
    assert (numbering.last, numbering.alone, numbering.order) == (79, 0, "columns")
    assert scheme.parts[1].range_of(150) == "town"
    assert scheme.parts[1].range_of(200) is None
    assert scheme.parts[0].range_of(9) is None
    assert scheme.parts[1].allowed() == "001-099 (street), 100-199 (town)"


def test_every_fault_of_a_file_is_told_at_once(tmp_path) -> None:
    text = """
title = 1
[scheme.a]
parts = [{ name = "x", digits = 0 }, { digits = 3, low = 7, high = 3 }, 7]
sequence = { digits = 2, first = 5, last = 100 }
separator = "a"
order = "spiral"
colour = "red"
[scheme.b]
parts = [
  { name = "x", digits = 2, ranges = { low = "20-10", odd = 7 } }, { name = "x", digits = 1 },
]
alone = 4
sequence = 3
[scheme."c d"]
[scheme.e]
parts = []
about = 3
"""
    with pytest.raises(InputError) as told:
        read_schemes(write(tmp_path, text))
    said = str(told.value)
    for part in (
        "has no use for title", "digits = 0", "name = None", "low = 7 and high = 3",
        "[part 3] is no table", "from 5 to 100", "separator = 'a'", "order = 'spiral'",
        "has no use for colour", "low = '20-10'", "odd = 7", "no range of 2 digits", "alone = 4",
        "sequence = 3", "[scheme.c d] is no scheme", "[scheme.e] has no parts", "about = 3",
    ):  # fmt: skip
        assert part in said, part


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"x = ", "no TOML"),
        (b"\xff", "not UTF-8"),
        (b"", "no scheme"),
        (b"scheme = 3", "no scheme"),
    ],
)
def test_a_file_that_holds_no_schemes_is_refused(tmp_path, text, said) -> None:
    path = tmp_path / "schemes.toml"
    path.write_bytes(text)
    with pytest.raises(InputError, match=said):
        read_schemes(path)
    with pytest.raises(InputError, match="No such file"):
        read_schemes(tmp_path / "none.toml")


def test_a_name_nobody_knows_is_told_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"did you mean 'db11t2157'"):
        scheme_named("db11t2175", known_schemes())
    with pytest.raises(InputError, match="no scheme is named"):
        scheme_named(None, known_schemes())
