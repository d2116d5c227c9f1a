"""A limits.toml: read as it is meant, and every fault of it told at once."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from test_cli_partition import CRS, row_of_blocks, run

import gridgeo as gg
from gridgeo.errors import InputError
from gridgeo.limits import Band, LimitBook, Limits, Rule
from gridgeo.plan_file import read_plan

WHOLE = """
households = "300:500"          # for every grid not named below
population = "900:1500"
max_span_m = 600
kind_column = " 管理 "
[kind.scattered]
households = "200:400"
[kind.school]
exclusive = true
each = "name"
[kind."自管"]
max_span_m = inf
[community."RV"]
population = "1:2"
[community."RV".kind.scattered]
households = "5:6"
[community.empty]
"""


def toml(folder: Path, text: str) -> Path:
    path = folder / "limits.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(InputError) as told:
        gg.read_limits(toml(folder, text))
    return [f"{fault.code}: {fault.sentence()}" for fault in told.value.findings]


def test_a_file_is_read_as_it_is_meant(tmp_path: Path) -> None:
    assert gg.read_limits(toml(tmp_path, WHOLE)) == LimitBook(
        Limits(Band(300, 500), Band(900, 1500), 600.0),
        "管理",
        {
            "scattered": Rule(households=Band(200, 400)),
            "school": Rule(exclusive=True, each="name"),
            "自管": Rule(max_span_m=math.inf),
        },
        {"RV": Rule(population=Band(1, 2))},
        {("RV", "scattered"): Rule(households=Band(5, 6))},
    )
    assert gg.read_limits(toml(tmp_path, "")) == LimitBook()


def test_a_byte_order_mark_of_an_editor_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "limits.toml"
    path.write_bytes(b'\xef\xbb\xbfhouseholds = "1:2"\r\n')
    assert gg.read_limits(path).usual.households == Band(1, 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('populaton = "1:2"', "limits-key: {}: knows no 'populaton' (did you mean 'population'?)"),
        ('households = "500:300"', "limits-band: {}: households = '500:300': a band needs 0 <="),
        ('households = "many"', "limits-band: {}: households = 'many': a band is written LOW:HIGH"),
        ("households = 300", "limits-band: {}: households = 300 is no band"),
        ("max_span_m = -1", "limits-span: {}: max_span_m = -1 is no length"),
        ("max_span_m = nan", "limits-span: {}: max_span_m = nan is no length"),
        ("max_span_m = true", "limits-span: {}: max_span_m = True is no length"),
        ('max_span_m = "600"', "limits-span: {}: max_span_m = '600' is no length"),
        ("kind_column = 5", "limits-value: {}: kind_column = 5 is no column"),
        ("kind_column = ' '", "limits-value: {}: kind_column = ' ' is no column"),
        ("kind = 'school'", "limits-value: {}: kind = 'school' is no table"),
        ("kind.school = true", "limits-value: {}: kind.school = True is no table"),
        ("[kind.' ']", "limits-name: {}: a kind has no name"),
        ("[kind.a]\n[kind.' a']", "limits-name: {}: kind 'a' stands twice"),
        ("[kind.a]\nexclusive = 'yes'",
         "limits-value: {}: [kind.a] exclusive = 'yes' is not true or false"),
        ("[kind.a]\nexclusive = true\npopulation = '1:2'",
         "limits-exclusive: {}: [kind.a] is exclusive and has limits"),
        ("[kind.a]\neach = 'name'", "limits-exclusive: {}: [kind.a] each = 'name' without"),
        ("[kind.a]\nexclusive = true\neach = 3", "limits-value: {}: [kind.a] each = 3 is no"),
        ("[community.RV]\nexclusive = true", "limits-key: {}: [community.RV] knows no 'exclusive'"),
        ("[community.RV.kind.自管]", "limits-unreadable: {}: is no TOML"),
        ("[community.RV.kind.'自管']\nhouseholds = '3'",
         "limits-band: {}: [community.RV.kind.\"自管\"] households = '3'"),
        ("households = 300:500", "limits-unreadable: {}: is no TOML: Expected newline"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_place_and_what_to_write(tmp_path: Path, text, said) -> None:
    (told,) = faults(tmp_path, text)
    assert told.startswith(said.format(tmp_path / "limits.toml"))
    assert told.count(". ") >= 1, "a fix"


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    told = faults(
        tmp_path, "popu = 1\nmax_span_m = 0\n[kind.a]\nhouseholds = 1\n[community.b]\nx=1"
    )
    assert [fault.split(":")[0] for fault in told] == [
        "limits-key", "limits-span", "limits-band", "limits-key",
    ]  # fmt: skip


def test_what_is_no_text_or_not_there_is_told(tmp_path: Path) -> None:
    path = tmp_path / "limits.toml"
    with pytest.raises(InputError, match="No such file"):
        gg.read_limits(path)
    path.write_bytes('[kind."自管"]'.encode("gbk"))
    with pytest.raises(InputError, match="is not UTF-8"):
        gg.read_limits(path)


def blocks_of_kinds(folder: Path, *kinds: str) -> Path:
    path = row_of_blocks(folder / "row.csv", len(kinds))
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    lines = [f"{line},{kind}" for line, kind in zip(lines, kinds, strict=True)]
    path.write_text("\n".join([f"{head},管理类型", *lines]) + "\n", encoding="utf-8")
    return path


def test_the_command_divides_by_a_file_and_tells_kinds(tmp_path: Path) -> None:
    kinds = ["物业"] * 4 + ["自管"] * 4 + ["散居"] + ["学校"]
    blocks = blocks_of_kinds(tmp_path, *kinds)
    limits = toml(tmp_path, 'population = "300:1500"\n[kind."自管"]\nhouseholds = "150:250"\n'
                            '[kind."学校"]\nexclusive = true\n[kind."自官"]\n')  # fmt: skip
    plan = tmp_path / "plan.gpkg"
    done = run("partition", blocks, "-o", plan, *CRS, "--limits", limits)
    assert done.exit_code in (0, 3), done.output
    said = "the limits of kind '自官' are not used: no building is of it (did you mean '自管'?)"
    assert said in done.stdout
    assert "Kind" in done.stdout
    assert "holds 100 households of kind 散居 (B08)" in done.stdout
    table = read_plan(plan).scorecard()
    assert sorted(table["kind"]) == ["学校", "物业", "自管", "自管"]
    told = run("evaluate", plan)
    assert told.exit_code == 0, told.output
    assert "学校" in told.stdout


def test_options_say_what_the_file_leaves_open_and_contradict_nothing(tmp_path: Path) -> None:
    blocks = blocks_of_kinds(tmp_path, *"AAAA")
    limits = toml(tmp_path, 'households = "300:500"\nmax_span_m = 700\n')
    plan = tmp_path / "plan.gpkg"
    done = run("partition", blocks, "-o", plan, *CRS, "--limits", limits, "--population", "9:9999")
    assert done.exit_code == 0, done.output
    assert read_plan(plan).limits == Limits(Band(300, 500), Band(9, 9999), 700.0)
    done = run(
        "partition", blocks, "-o", plan, *CRS, "--limits", limits,
        "--households", "200:400", "--max-span", "600", "--kind", "sort",
    )  # fmt: skip
    assert done.exit_code == 2
    for said in (
        "3 faults",
        f"--households 200:400: {limits} says households = 300:500 too. Leave one of them out.",
        "--max-span 600:",
        "--kind sort: the buildings have no such column; columns there are: building_id,",
    ):
        assert said in done.stderr, said


def test_faults_of_the_file_are_told_with_those_of_the_rest(tmp_path: Path) -> None:
    blocks = blocks_of_kinds(tmp_path, *"AAAA")
    limits = toml(tmp_path, "[kind.A]\nhouseholds = 3\n")
    done = run("partition", blocks, "-o", tmp_path / "p.gpkg", *CRS, "--limits", limits,
               "--seed", "x", "--quarter", "court")  # fmt: skip
    assert done.exit_code == 2
    assert done.stderr.startswith("3 faults in the input; nothing was written:")
    assert "[kind.A] households = 3 is no band" in done.stderr


def test_rules_for_kinds_need_a_column_of_kinds(tmp_path: Path) -> None:
    blocks = row_of_blocks(tmp_path / "row.csv", 4)
    limits = toml(tmp_path, '[kind.A]\nhouseholds = "1:2"\n')
    done = run("partition", blocks, "-o", tmp_path / "p.gpkg", *CRS, "--limits", limits)
    assert done.exit_code == 2
    assert "Name the column with --kind COLUMN" in done.stderr
