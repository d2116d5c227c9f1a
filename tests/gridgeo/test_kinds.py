"""Kinds: bands of their own, not mixed where it can be helped, told where not; exclusive grids."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from functools import cache
from importlib import import_module

import numpy as np
import pytest
from made_towns import board
from small_plans import execute

import gridgeo as gg
from gridgeo.errors import InputError
from gridgeo.evaluate import evaluate, evaluate_file
from gridgeo.kinds import kind_of_grids, settle_book
from gridgeo.limits import Band, LimitBook, Limits, Rule
from gridgeo.model import Buildings, Objective, Plan, Status
from gridgeo.plan_file import read_plan, write_plan
from gridgeo.pockets import Ground, judge
from gridgeo.proof import proof_lines
from gridgeo.publish import Edition, publish
from gridgeo.report import plan_facts
from gridgeo.solving import divide_few

USUAL = Limits(Band(300, 500), Band(900, 1500))
SMALL = Rule(households=Band(100, 200), population=Band(300, 600))


def book(**kinds: Rule) -> LimitBook:
    return LimitBook(USUAL, "kind", kinds)


def divided(households: list[list[int]], kinds: list[str], limits, **how) -> Plan:
    town, land = board(households, kind=kinds, **how.pop("columns", {}))
    return gg.partition(town, limits, territory=land, time_limit_s=None, **how)


def codes(findings) -> list[str]:
    return [finding.code for finding in findings]


def grids_of(plan: Plan) -> dict[str, list[str]]:
    """The buildings of every grid."""
    out = defaultdict(list)
    for building, grid in zip(plan.buildings.ids, plan.grid_ids, strict=True):
        out[grid].append(str(building))
    return dict(out)


def test_every_kind_keeps_its_own_bands_and_none_is_mixed() -> None:
    """AAAA   six blocks of A make two grids of 300, two of B each one of 100 to 200.
    AABB"""
    plan = divided([[100] * 4, [100] * 4], ["AAAA", "AABB"], book(B=SMALL))
    table = plan.scorecard()
    assert evaluate(plan).faults == ()
    assert table["in_band"].all()
    assert plan.status is Status.OPTIMAL
    by_kind = table.groupby("kind")["households"].apply(sorted).to_dict()
    assert by_kind in ({"A": [300, 300], "B": [100, 100]}, {"A": [300, 300], "B": [200]})
    assert "kinds-mixed" not in codes(plan.findings)
    kinds = plan.buildings.table["kind"].to_numpy(str)
    for rows in grids_of(plan).values():
        assert len({kinds[list(plan.buildings.ids).index(row)] for row in rows}) == 1
    (line,) = proof_lines(plan)
    assert "Note: over plans in which every grid is of one kind, as asked." in line


def test_kinds_that_can_stand_alone_are_not_mixed_even_if_mixing_were_more_compact() -> None:
    """A and B in turns, 100 each: rows of one kind, though squares would be rounder."""
    plan = divided([[100] * 4, [100] * 4], ["AAAA", "BBBB"], USUAL, kind="kind")
    table = plan.scorecard()
    assert evaluate(plan).faults == ()
    assert table["kind"].tolist() == ["A", "B"]
    assert table["in_band"].all()
    free = divided([[100] * 4, [100] * 4], ["AAAA", "BBBB"], USUAL)
    assert free.objective < plan.objective
    assert free.book is None


def test_a_pocket_joins_its_neighbour_and_is_told_with_its_reason() -> None:
    """One B of 100 among A: by itself no grid."""
    plan = divided([[100] * 4, [100] * 4], ["AAAA", "ABAA"], USUAL, kind="kind")
    card = evaluate(plan)
    assert card.faults == ()
    assert card.table["in_band"].all()
    assert card.table["kind"].tolist() == ["A", "A"]
    (note,) = [n for n in plan.findings.notes if n.code == "kinds-mixed"]
    grid = plan.grid_ids[list(plan.buildings.ids).index("1-1")]
    assert note.message == (
        f"{grid} is of kind A and holds 100 households of kind B (1-1): by itself the building of "
        "kind B there has 100 households where a grid of theirs holds 300 to 500 and 300 people "
        "where a grid of theirs holds 900 to 1,500"
    )
    assert note.first == "1-1"
    assert "but for 1 building (1-1) that is divided with the kind around it" in (
        plan.results[0].covers
    )


def test_a_pocket_stays_where_joining_it_would_help_nobody() -> None:
    """A full grid of A beside a B that nobody can take in without being too large."""
    plan = divided([[250, 250, 280]], ["AAB"], USUAL, kind="kind")
    card = evaluate(plan)
    assert card.faults == ()
    assert card.table["kind"].tolist() == ["A", "B"]
    assert "kinds-mixed" not in codes(plan.findings)
    (reason,) = plan.reasons.values()
    assert "280 households, 20 under 300" in reason
    assert "kind B in the community has only 1 building" in reason


def test_a_part_of_a_kind_too_large_for_one_grid_and_too_small_for_two_is_cut_once() -> None:
    """B has 550, a grid 300 to 450: what is over joins A, the rest stays its own grid."""
    limits = Limits(Band(300, 450), Band(900, 1350))
    plan = divided([[110] * 5, [110] * 5], ["BBBBB", "AAAAA"], limits, kind="kind")
    card = evaluate(plan)
    assert card.faults == ()
    assert card.table["in_band"].all()
    mixed = [n for n in plan.findings.notes if n.code == "kinds-mixed"]
    assert 1 <= len(mixed) <= 2
    assert plan.results[0].violation == 0


def test_the_kind_of_a_grid_is_that_of_most_of_its_households_and_so_are_its_bands() -> None:
    """150 of B, whose grids hold 250 to 260, take in the A of 100 beside them."""
    rule = Rule(households=Band(250, 260), population=Band(750, 780))
    plan = divided([[150, 100, 300]], ["BAA"], book(B=rule))
    card = evaluate(plan)
    assert card.faults == ()
    assert card.table[["kind", "households"]].to_numpy().tolist() == [["B", 250], ["A", 300]]
    assert card.table["in_band"].all()


def test_of_equals_the_kind_with_more_buildings_gives_its_name_then_the_first() -> None:
    town, _ = board([[100, 50, 50, 100, 100, 0, 0]])
    kinds = np.array(["A", "B", "B", "D", "C", "F", "E"], dtype=object)
    of = np.array([0, 0, 0, 1, 1, 2, 2])
    assert kind_of_grids(town.buildings, kinds, of, 3).tolist() == ["B", "C", "E"]


def test_a_school_is_a_grid_of_its_own_whatever_its_size() -> None:
    """S stands in the middle of A: two pieces of it are two grids, and nobody else's."""
    plan = divided(
        [[100, 0, 150], [100, 0, 150], [100, 100, 0]],
        ["ASA", "ASA", "AAS"],
        book(S=Rule(exclusive=True)),
    )
    card = evaluate(plan)
    assert card.faults == ()
    assert card.table["in_band"].all()
    assert plan.status is Status.OPTIMAL
    own = [rows for grid, rows in grids_of(plan).items()
           if card.table.set_index("grid_id")["kind"][grid] == "S"]  # fmt: skip
    assert sorted(own) == [["0-1", "1-1"], ["2-2"]]
    assert plan.limits_of("T", "S") is None


def test_each_value_of_a_column_makes_an_exclusive_grid() -> None:
    plan = divided(
        [[100, 100, 100, 100], [0, 0, 0, 0]],
        ["AAAA", "SSSS"],
        book(S=Rule(exclusive=True, each="name")),
        columns={"name": ["....", "xxyy"]},
    )
    assert evaluate(plan).faults == ()
    assert sorted(map(tuple, grids_of(plan).values())) == [
        ("0-0", "0-1", "0-2", "0-3"),
        ("1-0", "1-1"),
        ("1-2", "1-3"),
    ]


def test_a_town_of_exclusive_kinds_alone_is_divided_too(tmp_path) -> None:
    plan = divided([[0, 10], [20, 30]], ["SS", "SM"], book(S=Rule(exclusive=True),
                                                        M=Rule(exclusive=True)))  # fmt: skip
    assert evaluate(plan).faults == ()
    assert plan.status is Status.OPTIMAL
    assert evaluate_file(write_plan(plan, tmp_path / "p.gpkg")).faults == ()


def test_communities_have_limits_of_their_own_and_kinds_in_them_too() -> None:
    town, land = board([[100] * 6], kind=["AAAABB"])
    table = town.buildings.table.copy()
    table["community"] = ["T", "T", "T", "U", "U", "U"]
    town = replace(town, buildings=Buildings(table))
    limits = LimitBook(
        USUAL,
        "kind",
        communities={"U": Rule(households=Band(100, 100), population=Band(300, 300))},
        in_community={("U", "B"): Rule(households=Band(200, 200), population=Band(600, 600))},
    )
    plan = gg.partition(town, limits, territory=land, time_limit_s=None)
    card = evaluate(plan)
    assert card.faults == ()
    assert card.table[["community", "kind", "households", "in_band"]].to_numpy().tolist() == [
        ["T", "A", 300, True],
        ["U", "A", 100, True],
        ["U", "B", 200, True],
    ]


def test_rules_are_taken_from_the_narrowest_place_that_says_something() -> None:
    span = Rule(max_span_m=600.0)
    limits = LimitBook(
        Limits(max_span_m=900.0), "kind",
        {"A": Rule(households=Band(1, 2))},
        {"T": Rule(households=Band(5, 6), population=Band(7, 8))},
        {("T", "A"): span, ("T", "B"): Rule(max_span_m=np.inf)},
    )  # fmt: skip
    assert limits.limits_of("T", "A") == Limits(Band(1, 2), Band(7, 8), 600.0)
    assert limits.limits_of("T", "B") == Limits(Band(5, 6), Band(7, 8), None)
    assert limits.limits_of("U", "A") == Limits(Band(1, 2), Band(1000, 1500), 900.0)
    assert LimitBook.of_dict(limits.usual, limits.as_dict()) == limits


def test_an_empty_kind_is_a_kind_and_is_told() -> None:
    plan = divided([[100] * 3, [100] * 3], ["AAA", "..."], USUAL, kind="kind")
    assert evaluate(plan).faults == ()
    (warning,) = [f for f in plan.findings.warnings if f.code == "kind-missing"]
    assert warning.message == (
        "3 buildings have no kind in 'kind', and are divided as those of no kind (first: 1-0)"
    )
    assert sorted(plan.scorecard()["kind"]) == ["", "A"]


def test_columns_of_kinds_are_found_by_their_usual_names_only_where_rules_need_them() -> None:
    town, _ = board([[100, 100]], 管理类型=["AB"], type=["CD"])
    found, _ = settle_book(town, LimitBook(kinds={"A": SMALL}), None)
    assert found.kind_column == "管理类型"
    assert settle_book(town, Limits(), None)[0].is_plain
    assert settle_book(town, Limits(), "TYPE")[0].kind_column == "type"
    bare, _ = board([[100, 100]])
    for asked, said in ((None, "no column of the buildings names them"), ("sort", "--kind sort")):
        with pytest.raises(InputError, match=said):
            settle_book(bare, LimitBook(kinds={"A": SMALL}), asked)
    with pytest.raises(InputError, match='each = "name" of kind A: the buildings have no such'):
        settle_book(town, LimitBook(kinds={"A": Rule(exclusive=True, each="name")}), None)


def test_rules_that_no_building_is_of_are_told_with_the_nearest_name() -> None:
    town, _ = board([[100, 100]], kind=["AB"])
    limits = LimitBook(USUAL, "kind", {"Aa": SMALL}, {"TT": SMALL}, {("T", "C"): SMALL})
    _, told = settle_book(town, limits, None)
    assert [f.message for f in told] == [
        "the limits of kind 'Aa' are not used: no building is of it (did you mean 'A'?); "
        "there are: A, B",
        "the limits of community 'TT' are not used: no building is of it (did you mean 'T'?); "
        "there are: T",
        "the limits of community T: kind 'C' are not used: no building is of it; there are: A, B",
    ]


@pytest.fixture(scope="module")
def mixed() -> Plan:
    """A board of A with two schools, a quarter of B with small grids, and a pocket of C."""
    return divided(
        [[100, 100, 100, 0, 90], [100, 60, 100, 100, 90], [100, 100, 0, 100, 90]],
        ["AAASB", "ACAAB", "AASAB"],
        book(B=SMALL, S=Rule(exclusive=True)),
        objective=Objective(border=0.01, balance=1e-4, quarter=0.1, compounds="court"),
        columns={"court": ["aabbc", "aabbc", "ddbbc"]},
    )


def test_a_plan_with_kinds_comes_back_from_its_file_and_gives_the_same_bytes(tmp_path, mixed):
    assert evaluate(mixed).faults == ()
    assert {"kinds-mixed"} <= set(codes(mixed.findings.notes))
    path = write_plan(mixed, tmp_path / "a.gpkg")
    assert evaluate_file(path).faults == ()
    back = read_plan(path)
    assert back.book == mixed.book
    assert back.scorecard()["kind"].tolist() == mixed.scorecard()["kind"].tolist()
    assert write_plan(back, tmp_path / "b.gpkg").read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        # a household more puts a grid of B out of its own band, though not out of the usual one
        ("update buildings set households = households + 111 where building_id = '0-4'",
         "reason-missing"),
        ("update plan set limits_by = replace(limits_by, '100:200', '100:179')", "reason-missing"),
        ("update buildings set grid_id = (select grid_id from buildings where building_id = '0-2')"
         " where building_id = '0-3'", "exclusive-mixed"),
        ("update grids set kind = 'B'", "stored-kind"),
        ("alter table grids drop column kind", "stored-kind"),
    ],
)  # fmt: skip
def test_an_edit_that_breaks_the_bands_of_a_kind_is_found(tmp_path, mixed, statement, expected):
    path = write_plan(mixed, tmp_path / "p.gpkg")
    execute(path, statement)
    assert expected in codes(evaluate_file(path).faults)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("update plan set limits_by = 'x'", "'limits_by' cannot be read"),
        ("update plan set limits_by = replace(limits_by, '100:200', 'many')", "cannot be read"),
        ("update plan set limits_by = replace(limits_by, '\"kind_column\": \"kind\"', "
         "'\"kind_column\": \"sort\"')", "no column sort"),
    ],
)  # fmt: skip
def test_limits_damaged_in_their_file_are_no_plan(tmp_path, mixed, statement, said):
    path = write_plan(mixed, tmp_path / "p.gpkg")
    execute(path, statement)
    with pytest.raises(gg.PlanFileError, match=said):
        read_plan(path)


def test_two_schools_in_one_grid_are_found_and_so_is_one_in_two() -> None:
    plan = divided([[100, 100, 100], [0, 0, 0]], ["AAA", "SSS"], book(S=Rule(exclusive=True)))
    ids = plan.grid_ids.copy()
    ids[-1] = "T-009"
    assert "exclusive-parted" in codes(evaluate(replace(plan, grid_ids=ids)).faults)


def test_publishing_and_report_tell_the_kinds(tmp_path, mixed) -> None:
    published = publish(mixed, tmp_path / "site", edition=Edition(prints=False))
    page = published.index.read_text(encoding="utf-8")
    assert "T · B" in page
    assert "100 to 200 households and 300 to 600 people where it is B" in page
    assert "whatever is there where it is S" in page
    assert '"kind":"B"' in published.geojson.read_text(encoding="utf-8")
    assert ",kind," in published.table.read_text(encoding="utf-8-sig").splitlines()[0]
    facts = plan_facts(mixed, mixed.scorecard(), columns={})
    assert facts["limits_by"]["kind"]["B"] == {"households": "100:200", "population": "300:600"}
    assert "kind" in facts["grids_table"][0]


def test_compounds_that_lie_in_two_kinds_are_kept_whole_within_each_and_told() -> None:
    plan = divided([[100] * 3, [100] * 3], ["AAA", "BBB"], USUAL, kind="kind", whole="court",
                   columns={"court": ["xy.", "xy."]})  # fmt: skip
    assert evaluate(plan).faults == ()
    (told,) = [f for f in plan.findings.warnings if f.code == "unit-in-kinds"]
    assert told.message == (
        "2 units lie in several kinds and are kept whole within each (first: x)"
    )


def test_a_span_of_one_kind_is_kept_by_its_grids_alone() -> None:
    limits = book(B=Rule(max_span_m=150.0, households=Band(100, 500), population=Band(300, 1500)))
    plan = divided([[100] * 4, [100] * 4], ["AAAA", "BBBB"], limits)
    card = evaluate(plan)
    assert card.faults == ()
    spans_m = card.table.groupby("kind")["span_m"].max()
    assert spans_m["B"] <= 150 < spans_m["A"]
    with pytest.raises(InputError, match="cannot yet be kept whole under a rule on the span"):
        divided([[100] * 4], ["AABB"], limits, whole="kind")


def brute_force(ground: Ground, *, pure: bool) -> Fraction:
    """The least violation of any plan, every division of the ground being tried."""
    n = len(ground.kind)
    beside = {i: set() for i in range(n)}
    for a, b in ground.edges.tolist():
        beside[a].add(b)
        beside[b].add(a)

    @cache
    def worth(rows: frozenset[int]) -> Fraction | None:
        seen, todo = {min(rows)}, [min(rows)]
        while todo:
            more = (beside[todo.pop()] & rows) - seen
            seen |= more
            todo += more
        kinds = {int(ground.kind[i]) for i in rows}
        judged = judge(ground, np.array(sorted(rows)))
        fits = seen == rows and judged.allowed and not (pure and len(kinds) > 1)
        return judged.violation if fits else None

    @cache
    def least(left: frozenset[int]) -> Fraction | None:
        if not left:
            return Fraction(0)
        first, rest = min(left), sorted(left - {min(left)})
        best = None
        for mask in range(1 << len(rest)):
            group = frozenset([first, *(r for k, r in enumerate(rest) if mask >> k & 1)])
            own = worth(group)
            if own is not None and (best is None or own < best):
                more = least(left - group)
                if more is not None and (best is None or own + more < best):
                    best = own + more
        return best

    found = least(frozenset(range(n)))
    assert found is not None
    return found


def test_small_towns_are_no_worse_than_kinds_apart_and_seldom_worse_than_the_best() -> None:
    """Every division of 36 random boards of eight blocks is tried."""
    rng = np.random.default_rng(5)
    best = could = 0
    for town_number in range(36):
        households = (rng.integers(0, 6, (2, 4)) * 50 + 50).tolist()
        kind = ["".join(row) for row in rng.choice(list("AAAB"), (2, 4))]
        rules = {"B": Rule(Band(200, 400), Band(600, 1200))} if town_number % 2 else {}
        plan = divided(households, kind, LimitBook(USUAL, "kind", rules))
        card = evaluate(plan)
        assert card.faults == ()
        names, code = np.unique(plan.buildings.table["kind"].to_numpy(str), return_inverse=True)
        limits = [plan.limits_of("T", name) for name in names]
        ground = Ground(
            plan.buildings.households, plan.buildings.population, plan.buildings.xy, code,
            plan.territory.edges, plan.territory.border_m, names.tolist(), limits,
        )  # fmt: skip
        apart, least = brute_force(ground, pure=True), brute_force(ground, pure=False)
        found = sum(
            (judge(ground, np.flatnonzero(plan.grid_ids == g)).violation
             for g in set(plan.grid_ids)), Fraction(0),
        )  # fmt: skip
        assert least <= found <= apart
        if apart == 0:
            assert "kinds-mixed" not in codes(plan.findings)
        elif least == 0:
            could, best = could + 1, best + (found == 0)
    assert could >= 20
    assert best >= 0.85 * could


def test_a_search_for_hosts_that_ran_out_of_time_is_told() -> None:
    """AAAB   the B would join the As; without time nobody asks them."""
    town, land = board([[100] * 4], kind=["AAAB"])
    limits = book(A=Rule(households=Band(300, 500)))
    (calm,) = gg.partition(town, limits, territory=land, time_limit_s=None).results
    (hasty,) = gg.partition(town, limits, territory=land, time_limit_s=0.0).results
    assert (calm.violation, calm.stopped) == (0.0, False)
    assert "time ran out" not in calm.covers
    assert hasty.violation > 0
    assert hasty.stopped
    assert "time ran out before all was tried" in hasty.covers


def test_one_question_about_a_pocket_takes_a_tenth_of_the_time_at_most(monkeypatch) -> None:
    asked_s = []

    def few(asked, free, ask, share_s):
        asked_s.append(share_s)
        labels, _ = divide_few(asked, free, ask, share_s)
        return labels, False

    monkeypatch.setattr(import_module("gridgeo.drawing"), "divide_few", few)
    town, land = board([[100] * 4], kind=["AAAB"])
    limits = book(A=Rule(households=Band(300, 500)))
    (result,) = gg.partition(town, limits, territory=land, time_limit_s=600.0).results
    assert asked_s
    assert max(asked_s) <= 60.0
    assert result.violation == 0.0
    assert "time ran out" not in result.covers  # nothing is out of band for want of it


@pytest.mark.parametrize("asked", ["building_id", "id", "楼栋编号"])
def test_each_may_name_the_ids_as_the_file_does(asked: str) -> None:
    town, _ = board([[100] * 4], kind=["AAAS"])
    limits = book(S=Rule(exclusive=True, each=asked))
    settled, _ = settle_book(town, limits, None)
    assert settled.kinds["S"].each == "building_id"
