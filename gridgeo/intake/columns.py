"""Which column of a file is which: by override, else by its usual English and Chinese names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..errors import Finding
from .telling import error, listed
from .tiers import Header, doubled_columns, find_column, missing_columns, plain

# Names by role, in tiers: the first tier that a file holds decides, and two names of one tier
# are a question to the planner. Compared after `plain`, so "Building ID" is "buildingid".
_WORDS: dict[str, tuple[str, ...]] = {
    "building_id": (
        "building_id",
        "bldg_id bld_id building_no building_number building_code bldg_no "
        "楼栋编号 楼栋号 楼栋id 楼栋代码 楼栋编码 建筑编号 建筑物编号 建筑id "
        "楼宇编号 楼宇编码 楼幢编号 幢编号",
        "building_uid 楼栋 楼号 幢号 栋号 楼幢号",
        "id 编号",
    ),
    "households": (
        "households",
        "household hh num_households hhs hh_count household_count dwelling_units dwellings "
        "total_dwelling_units 户数 总户数 住户数 家庭户数 居民户数 住户",
    ),
    "population": (
        "population",
        "pop persons people residents inhabitants total_population num_people "
        "人口 人口数 总人口 总人口数 人数 总人数 居住人口 实有人口",
    ),
    "registered": (
        "registered",
        "registered_population registered_residents 户籍人口 户籍 户籍人数 户籍人口数",
    ),
    "floating": (
        "floating",
        "floating_population migrants migrant_population temporary_population "
        "流动人口 流动人口数 暂住人口 外来人口",
    ),
    "lon": ("lon", "lng long longitude 经度 东经"),
    "lat": ("lat", "latitude 纬度 北纬"),
    "x": ("x", "easting point_x coord_x x_coord x坐标 东坐标 横坐标"),
    "y": ("y", "northing point_y coord_y y_coord y坐标 北坐标 纵坐标"),
}
_NAMES = {role: tuple(tuple(tier.split()) for tier in tiers) for role, tiers in _WORDS.items()}
# 常住人口 counts long-term migrants but not short-term ones: used only where nothing better is.
_POPULATION_AT_LAST = (("resident_population", "常住人口", "常住人口数"),)
_COMMUNITY = (("community",), ("community_name", "社区", "社区名称", "所属社区", "社区名"))
# Looked for only where kinds of buildings are asked for; a bare 类型 names them at last.
_KIND = (
    (
        "management_kind", "management_type", "management", "管理类型", "管理方式", "小区类型",
        "管理类别",
    ),
    ("kind", "building_kind", "grid_kind", "类别"),
    ("type", "building_type", "类型", "楼栋类型"),
)  # fmt: skip
_LARGER = ("town", "estate", "street_office", "街道", "镇")  # names a file, not its communities
BUILDING_ID_NAMES = _NAMES["building_id"]
ROLES = tuple(_NAMES)
COUNT_ROLES = ("households", "population", "registered", "floating")


@dataclass(frozen=True)
class Chosen:
    """Column of the file by role, for the roles that were found; and what was wrong."""

    of: Mapping[str, str]
    findings: tuple[Finding, ...] = ()


def choose_columns(
    names: Sequence[str],
    overrides: Mapping[str, str],
    *,
    where: str,
    places: bool,
    repeated: Sequence[str] = (),
    counted: bool = True,
) -> Chosen:
    """Find the columns a table of buildings needs.

    Args:
        names: the columns there are.
        overrides: column by role; a role is one of ``ROLES``.
        where: the file, for messages.
        places: whether lon and lat, or x and y, are needed too.
        repeated: names that stand twice in the file and so cannot be used.
        counted: whether it must count; a roster does it in its place, and then what can be
            found is for comparison.

    Returns:
        ``building_id``, ``households``, and ``population`` or both of ``registered`` and
        ``floating``; with ``places`` also ``lon`` and ``lat`` or ``x`` and ``y``. What could
        not be found is told in the findings, all at once.
    """
    of: dict[str, str] = {}
    findings = _apply(overrides, names, where, of)
    asked = set(overrides)
    asked_parts = bool(asked & {"registered", "floating"}) and "population" not in asked
    for role, tiers in _NAMES.items():
        if role in asked or (role == "population" and asked_parts):
            continue
        if role in ("lon", "lat", "x", "y") and not places:
            continue
        told = _find(role, tiers, names, where, of)
        findings += told if counted or role not in COUNT_ROLES else []
    if "population" in of and not asked_parts:
        of.pop("registered", None)
        of.pop("floating", None)
    elif not {"registered", "floating"} <= set(of) and not asked_parts:
        told = _find("population", _POPULATION_AT_LAST, names, where, of)
        findings += told if counted else []
    if places:
        _settle_places(of, asked)
    unclear = {finding.first for finding in findings}
    required = ("building_id", "households", "population") if counted else ("building_id",)
    findings += _missing(of, unclear, names, where, places, required=required)
    counting = {} if counted else dict.fromkeys(COUNT_ROLES)
    used = {role: name for role, name in of.items() if role not in counting}
    findings += doubled_columns(used, Header(names, where, repeated))
    return Chosen(of, tuple(findings))


def community_column(names: Sequence[str], asked: str | None) -> str | None:
    """Return the column that names the community: the one asked for, else by usual names."""
    if asked is not None:
        match = _match(asked, names)
        if match is not None:
            return match
    for tier in _COMMUNITY:
        found = [name for name in names if plain(name) in {plain(usual) for usual in tier}]
        if found:
            return found[0]
    return None


def kind_columns(names: Sequence[str]) -> list[str]:
    """Return the columns that may name the kind of a building; several are a question."""
    for tier in _KIND:
        usual = {plain(form) for name in tier for form in (name, cut(name))}
        found = [name for name in names if plain(name) in usual]
        if found:
            return found
    return []


def naming_columns(names: Sequence[str]) -> list[str]:
    """Return the columns that may name the one community of a file, the likeliest first."""
    tiers = (*_COMMUNITY, _LARGER)
    return [
        name for tier in tiers for name in names if plain(name) in {plain(usual) for usual in tier}
    ]


def column_missing(asked: str, role: str, names: Sequence[str], where: str) -> Finding:
    """Return the finding that there is no column of the name that was asked for."""
    return error(
        "column-missing",
        f"{where}: no column {asked!r} to read {role} from; columns there are: {listed(names)}",
        f"name one of them with --column {role}=NAME",
        first=role,
    )


def asked_column(asked: str, names: Sequence[str]) -> str | None:
    """Return the column that ``asked`` means, exactly or but for case and spaces."""
    return _match(asked, names)


def usual_column(role: str, names: Sequence[str]) -> str | None:
    """Return the one column that bears a usual name of a role, None where none or several do."""
    for tier in _NAMES.get(role, ()):
        usual = {plain(name) for name in tier}
        found = [name for name in names if plain(name) in usual]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def renamed_column(asked: str, names: Sequence[str]) -> str | None:
    """Return the role among ``names`` that a file's own usual name stands for, as 'id' does."""
    roles = [role for role in _NAMES if role in names and usual_column(role, [asked])]
    return roles[0] if len(roles) == 1 else None


def _match(asked: str, names: Sequence[str]) -> str | None:
    if asked in names:
        return asked
    alike = [name for name in names if plain(name) == plain(asked)]
    return alike[0] if len(alike) == 1 else None


def _apply(
    overrides: Mapping[str, str], names: Sequence[str], where: str, of: dict[str, str]
) -> list[Finding]:
    findings = []
    for role, asked in sorted(overrides.items()):
        if role not in ROLES:
            findings.append(
                error(
                    "column-role-unknown",
                    f"--column {role}={asked}: there is no {role!r} to name a column for",
                    f"use one of {listed(ROLES)}",
                    first=role,
                )
            )
            continue
        match = _match(asked, names)
        if match is None:
            findings.append(column_missing(asked, role, names, where))
        else:
            of[role] = match
    return findings


def _find(
    role: str,
    tiers: tuple[tuple[str, ...], ...],
    names: Sequence[str],
    where: str,
    of: dict[str, str],
) -> list[Finding]:
    forms = [[*tier, *map(cut, tier)] for tier in tiers]
    fix = f"name the right one with --column {role}=NAME"
    return find_column(role, forms, Header(names, where), of, fix=fix)


def cut(name: str) -> str:
    """Return what ten bytes, all that a shapefile has for a name, leave of it."""
    return name.encode()[:10].decode(errors="ignore")


def _settle_places(of: dict[str, str], asked: set[str]) -> None:
    """Keep one pair: x and y where they were asked for, else lon and lat where both are there."""
    degrees = {"lon", "lat"} <= set(of) and not asked & {"x", "y"}
    for role in ("x", "y") if degrees else ("lon", "lat"):
        if degrees or {"x", "y"} <= set(of):
            of.pop(role, None)


def _missing(
    of: Mapping[str, str],
    unclear: set[str],
    names: Sequence[str],
    where: str,
    places: bool,
    *,
    required: Sequence[str],
) -> list[Finding]:
    """Return one finding over everything that was not found, so that it reads in one go."""
    lacking, looked_for = [], []
    for role in ("building_id", "households"):
        if role in required and role not in of and role not in unclear:
            lacking.append(role)
            looked_for.append(f"{role} ({_samples(role)})")
    has_parts = {"registered", "floating"} <= set(of)
    clear = not unclear & {"population", "registered"}
    if "population" in {*required} - {*of} and not has_parts and clear:
        lacking.append("population")
        halves = [of[half] for half in ("registered", "floating") if half in of]
        note = f"; {halves[0]!r} alone is only half of it" if halves else ""
        looked_for.append(
            f"population ({_samples('population')}; or registered + floating, 户籍人口 + "
            f"流动人口{note})"
        )
    options = list(lacking)
    has_pair = {"lon", "lat"} <= set(of) or {"x", "y"} <= set(of)
    if places and not has_pair and not unclear & {"lon", "lat", "x", "y"}:
        lacking.append("coordinates")
        looked_for.append("lon and lat (经度, 纬度) or x and y (X坐标, Y坐标)")
        options += ["lon", "lat"]
    fix = "name them with " + " ".join(f"--column {role}=NAME" for role in options)
    return missing_columns(lacking, Header(names, where), fix=fix, looked="; ".join(looked_for))


def _samples(role: str) -> str:
    usual = [name for tier in _NAMES[role] for name in tier]
    english = [name for name in usual if name.isascii()][:4]
    chinese = [name for name in usual if not name.isascii()][:3]
    return ", ".join(english + chinese)
