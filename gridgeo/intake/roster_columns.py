"""Which column of a roster is which: by override, else by its usual English and Chinese names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..errors import Finding
from .columns import Chosen, asked_column, column_missing
from .tiers import Header, doubled_columns, find_column, missing_columns

# Names by role, in tiers as in columns.py: the first tier that a file holds decides.
_WORDS: dict[str, tuple[str, ...]] = {
    "household": (
        "household household_id",
        "household_no household_number hh_id hh_no hhid hh household_code home_id family_id "
        "户号 户编号 户id 家庭编号 家庭号 家庭id 户籍号 户口号 户代码 户编码",
        "flat flat_no dwelling_id dwelling room room_no 房号 房间号 门牌号 室号 户室号 住址编号",
    ),
    "building": (
        "building building_id",
        "bldg bldg_id bld_id building_no building_number building_code building_name block blk "
        "楼栋 楼栋编号 楼栋号 楼栋id 楼栋代码 楼栋编码 楼栋名称 建筑 建筑编号 建筑物编号 建筑id "
        "楼宇 楼宇编号 楼号 幢号 栋号 楼幢 楼幢号 楼幢编号 幢 栋 楼",
    ),
    "entrance": (
        "entrance entrance_id",
        "entrance_no entrance_number entrance_name unit unit_no unit_number stair staircase "
        "单元 单元号 单元编号 单元名称 门洞 门洞号 梯号 楼梯",
    ),
    "persons": (
        "persons",
        "people population pop members residents household_size num_persons num_people "
        "person_count 人数 家庭人口 家庭人口数 人口 人口数 家庭人数 总人口 总人数 成员数 实住人数 "
        "常住人数 居住人数",
    ),
    "status": (
        "status",
        "residence_status registration hukou household_status population_type person_type "
        "resident_type 户籍状态 户籍性质 户籍类型 人口类型 人口性质 人口类别 人员类型 人员类别 "
        "居住类型 居住状态 户籍情况 居住性质 户籍 是否户籍 是否户籍人口 常住流动",
        "类型 类别 性质",
    ),
    "registered": (
        "registered",
        "registered_persons registered_population 户籍人口 户籍人数 户籍人口数",
    ),
    "floating": (
        "floating",
        "floating_persons floating_population migrants 流动人口 流动人数 流动人口数 "
        "暂住人口 外来人口 是否流动 流动",
    ),
}
_NAMES = {role: tuple(tuple(tier.split()) for tier in tiers) for role, tiers in _WORDS.items()}
# "registered" and "floating" are roles of a file of buildings too
ROSTER_ROLES = ("household", "building", "entrance", "persons", "status")


def choose_roster_columns(
    names: Sequence[str],
    overrides: Mapping[str, str],
    *,
    where: str,
    repeated: Sequence[str] = (),
) -> Chosen:
    """Find the columns a roster needs: ``household`` and ``building``; and those it may have.

    ``entrance``, ``persons``, and ``status`` or ``registered`` and ``floating`` are optional.
    ``overrides``: column by role. ``repeated``: names that stand twice and cannot be used.
    """
    of: dict[str, str] = {}
    findings: list[Finding] = []
    for role, asked in sorted(overrides.items()):
        found = asked_column(asked, names)
        if found is None:
            findings.append(column_missing(asked, role, names, where))
        else:
            of[role] = found
    for role in (role for role in _NAMES if role not in overrides):
        findings += _find(role, names, where, of)
    told = {finding.first for finding in findings}
    lacking = [role for role in ("household", "building") if role not in of and role not in told]
    looked = "; ".join(f"{role} ({_samples(role)})" for role in lacking)
    fix = "name them with " + " ".join(f"--column {role}=NAME" for role in lacking)
    header = Header(names, where, repeated)
    findings += missing_columns(lacking, header, fix=fix, looked=looked)
    return Chosen(of, (*findings, *doubled_columns(of, header)))


def _find(role: str, names: Sequence[str], where: str, of: dict[str, str]) -> list[Finding]:
    fix = f"name the right one with --column {role}=NAME"
    if role in ("registered", "floating"):
        fix = "rename or delete one of them"
    return find_column(role, _NAMES[role], Header(names, where), of, fix=fix)


def _samples(role: str) -> str:
    usual = [name for tier in _NAMES[role] for name in tier]
    english = [name for name in usual if name.isascii()][:4]
    chinese = [name for name in usual if not name.isascii()][:4]
    return ", ".join(english + chinese)
