"""Prefixes of communities: digit by digit, every fault at once."""

from __future__ import annotations

import pandas as pd
import pytest

from gridgeo.errors import InputError
from gridgeo.prefixes import Prefixes, prefixes_of_column, read_prefixes, settle_prefixes
from gridgeo.schemes import known_schemes

BEIJING = known_schemes()["db11t2157"]
UNITS = known_schemes()["cjt349"]
GOOD = ("110101", "001", "002")


def faults_of(said, names, scheme=BEIJING) -> dict[str, str]:
    with pytest.raises(InputError) as told:
        settle_prefixes(scheme, said, names)
    return {finding.code: finding.message for finding in told.value.findings}


@pytest.mark.parametrize(
    "text",
    [
        "110101001002",
        "110101-001-002",
        " 110101 001 002 ",
        "１１０１０１００１００２",
        "110101/001.002",
    ],
)
def test_a_prefix_may_be_written_in_a_row_or_in_parts(text) -> None:
    assert settle_prefixes(BEIJING, Prefixes({"A": text}), ["A", "A"]) == {"A": GOOD}
    assert settle_prefixes(BEIJING, Prefixes(whole=text), ["A"]) == {"A": GOOD}


def test_parts_that_all_share_are_named_once() -> None:
    said = Prefixes({"A": "110101001002", "B": "110101001601"}, {"service": "010203"})
    assert settle_prefixes(UNITS, said, ["A", "B"]) == {
        "A": ("010203", *GOOD),
        "B": ("010203", "110101", "001", "601"),
    }


def test_every_fault_is_told_at_once_with_the_first_and_how_many() -> None:
    said = Prefixes({
        "A": "110101600002", "B": "110101700003", "C": "11010100100", "D": "1101010010O2",
        "E": "110101001009", "F": "110101001009", "G": "010101001000", "X": "110101001001",
    })  # fmt: skip
    told = faults_of(said, [*"ABCDEFGH"])
    assert "(first: X)" in told["prefix-of-stranger"]
    assert told["prefix-missing"] == "1 community has no prefix (H)"
    assert told["prefix-unreadable"].startswith(
        "2 communities have prefixes that are not 12 digits"
    )
    assert "county 6 + street 3 + community 3" in told["prefix-unreadable"]
    assert told["prefix-twice"] == "1 community has the prefix of another one (F)"
    assert "(G)" in told["prefix-out-of-range"]


def test_a_part_out_of_range_is_told_with_what_is_known() -> None:
    told = faults_of(Prefixes({"A": "110101600002", "B": "110101700003"}), ["A", "B"])
    assert told["prefix-out-of-range"] == (
        "2 communities have a street 600 in their prefix, where 001-099 (street), 100-199 (town), "
        "200-399 (township), 400-599 (enterprise) is known (first: A)"
    )
    assert (
        "community 000" in faults_of(Prefixes({"A": "110101001000"}), ["A"])["prefix-out-of-range"]
    )


@pytest.mark.parametrize("text", ["1.10101E+11", "11010100100x", "none", "۱۱۰۱۰۱۰۰۱۰۰۲", "1"])
def test_what_is_no_prefix_is_refused(text) -> None:
    assert list(faults_of(Prefixes({"A": text}), ["A"])) == ["prefix-unreadable"]


def test_a_prefix_without_a_name_needs_a_single_community() -> None:
    assert "names no community" in faults_of(Prefixes(whole="1"), ["A", "B"])["prefix-of-none"]


def test_shared_parts_are_checked_too() -> None:
    told = faults_of(Prefixes({"A": "110101001002"}, {"service": "12", "city": "1"}), ["A"], UNITS)
    assert "the service '12' is not 6 digits" in told["part-unreadable"]
    assert "no part 'city'" in told["part-unknown"]


def test_a_table_gives_many_prefixes(tmp_path) -> None:
    path = tmp_path / "p.csv"
    path.write_text(
        "社区,统计代码\n滨河,110101001001\n东门,110101001002\n东门,110101001002\n",
        encoding="gb18030",
    )
    assert read_prefixes(path) == {"滨河": "110101001001", "东门": "110101001002"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "has not one column for community, prefix"),
        ("community,code,prefix\nA,1,2\n", "has not one column for prefix"),
        ("community,prefix\nA,1\nA,2\nB,3\n,4\n", "2 rows give a community two prefixes"),
        ("community,prefix\n,4\n", "names no community"),
    ],
)
def test_a_table_that_does_not_tell_is_refused(tmp_path, text, said) -> None:
    path = tmp_path / "p.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_prefixes(path)
    with pytest.raises(InputError, match="no such file"):
        read_prefixes(tmp_path / "none.csv")


def test_a_column_of_the_buildings_gives_prefixes() -> None:
    table = pd.DataFrame(
        {"community": ["A", "A", "B"], "code": [110101001001, None, 110101001002.0]}
    )
    assert prefixes_of_column(table, "code") == {"A": "110101001001", "B": "110101001002"}
    table["code"] = ["1", "2", "3"]
    with pytest.raises(InputError, match="1 community has several values in 'code' \\(A\\)"):
        prefixes_of_column(table, "code")
    with pytest.raises(InputError, match="no column 'codes'; there are community, code"):
        prefixes_of_column(table, "codes")
