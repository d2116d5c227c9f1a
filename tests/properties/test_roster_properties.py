"""Of any roster every household and person is on some building, and every row is accounted for."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gridgeo.intake.building_names import KnownBuildings
from gridgeo.intake.households import homes_of
from gridgeo.intake.roster_rows import read_roster_rows
from gridgeo.sources import rows_of, rows_text

BOUNDED = settings(max_examples=60, deadline=None, derandomize=True)
IDS = ["B1", "B2", "B3", "10"]
NAMES = ["1幢", "2幢", "3幢", "10幢"]
# how each building may be called, by its row: id, name, or what is like its name
CALLED = {0: ["B1", "1幢", "１栋"], 1: ["B2", "2 号楼"], 2: ["B3", "03幢"], 3: ["10", "10幢"]}

households = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.integers(0, 2),
        st.sampled_from(["", "1", "2", "1单元", "10", "A"]),
        st.integers(1, 7),
        st.sampled_from(["registered", "floating", "户籍", "流动"]),
    ),
    min_size=1,
    max_size=40,
)
known = KnownBuildings(np.array(IDS, dtype=object), np.array(NAMES, dtype=object))


def summed(rows, header):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "roster.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header, *rows])
        read, _ = read_roster_rows(str(path), {})
    assert read is not None
    return read, homes_of(read, known)


def rows_of_households(drawn):
    return [
        (f"H{k:03d}", CALLED[b][way % len(CALLED[b])], entrance, persons, status)
        for k, (b, way, entrance, persons, status) in enumerate(drawn)
    ]


HEADER = ("household", "building", "entrance", "persons", "status")


@BOUNDED
@given(households, st.randoms(use_true_random=False))
def test_sums_are_kept_and_rows_named_whatever_the_roster(drawn, random):
    rows = rows_of_households(drawn)
    read, homes = summed(rows, HEADER)
    assert not read.by_person
    assert not [f for f in homes.findings if f.severity == "error"]
    table = homes.entrances
    assert table["households"].sum() == len(drawn)
    assert table["population"].sum() == sum(row[3] for row in drawn)
    assert (table["registered"] + table["floating"]).tolist() == table["population"].tolist()
    named = [row for text in table["source_rows"] for row in rows_of(text)]
    assert sorted(named) == list(range(2, len(drawn) + 2))
    of_buildings = homes.of_buildings(known.ids)
    expected = [sum(1 for row in drawn if row[0] == b) for b in range(4)]
    assert of_buildings["households"].tolist() == expected
    shuffled = list(rows)
    random.shuffle(shuffled)
    again = summed(shuffled, HEADER)[1].entrances
    plain = [name for name in table.columns if name != "source_rows"]
    assert again[plain].to_numpy().tolist() == table[plain].to_numpy().tolist()


@BOUNDED
@given(households)
def test_a_list_of_persons_gives_the_sums_of_its_households(drawn):
    rows = rows_of_households(drawn)
    people = [(*row[:3], row[4], f"name {k} {at}") for k, row in enumerate(rows)
              for at in range(row[3])]  # fmt: skip
    read, homes = summed(people, ("household", "building", "entrance", "status", "name"))
    assert read.by_person
    _, whole = summed(rows, HEADER)
    plain = [name for name in whole.entrances.columns if name != "source_rows"]
    assert homes.entrances[plain].to_numpy().tolist() == (
        whole.entrances[plain].to_numpy().tolist()
    )


@BOUNDED
@given(households, st.lists(st.sampled_from(["no id", "no building", "unknown", "twice"])))
def test_every_row_is_counted_or_told(drawn, faults):
    rows = rows_of_households(drawn)
    for fault in faults:
        bad = list(rows[0])
        bad[0] = "" if fault == "no id" else f"X{len(rows)}"
        bad[1] = {"no building": "", "unknown": "99幢"}.get(fault, bad[1])
        rows.append(rows[0] if fault == "twice" else tuple(bad))
    _, homes = summed(rows, HEADER)
    named = [row for text in homes.entrances["source_rows"] for row in rows_of(text)]
    assert len(named) == len(set(named)) == len(drawn)
    told = sum(
        f.count
        for f in homes.findings
        if f.code in {"households-missing", "buildings-missing", "roster-building-unknown",
                      "roster-row-twice"}
    )  # fmt: skip
    assert told >= len(rows) - len(drawn)


@BOUNDED
@given(st.lists(st.integers(1, 10_000)))
def test_ranges_hold_the_rows_they_were_made_of(numbers):
    assert rows_of(rows_text(numbers)) == sorted(set(numbers))
