"""Which column of a table of workers or services is which, by usual English and Chinese names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .errors import Finding
from .intake.assignment_columns import GRID_WORDS
from .intake.telling import listed
from .intake.tiers import Header, doubled_columns, find_column, missing_columns

# Names by role, in tiers as for buildings: the first tier that a file holds decides.
_WORKER: dict[str, tuple[str, ...]] = {
    "grid_id": GRID_WORDS[:2],
    "worker_id": (
        "worker_id",
        "employee_id staff_id worker_no 工号 人员编号 网格员编号 员工编号",
        "id 编号 序号",
    ),
    "name": ("name", "worker_name owner_name full_name worker owner 姓名 网格员姓名 网格员 名字"),
    "phone": (
        "phone",
        "personal_phone mobile mobile_phone cell_phone cellphone 手机 手机号 手机号码 移动电话",
        "telephone tel 电话 联系电话 联系方式 电话号码",
    ),
    "office_phone": (
        "office_phone",
        "office_number work_phone landline 办公电话 单位电话 值班电话 办公室电话 座机 固定电话",
    ),
    "photo": ("photo", "portrait picture photo_file 照片 相片 头像 照片文件"),
    "duties": ("duties", "duty work_content 工作内容 工作职责 职责 岗位职责"),
    "responsibilities": (
        "responsibilities",
        "responsibility service_responsibilities 服务职责 服务责任 责任 服务承诺 服务内容",
    ),
    "consent": (
        "consent",
        "consents agreed consent_to_publish 同意公开 是否同意公开 公开同意 授权公开 是否同意 同意",
    ),
    "chat": ("chat", "wechat chat_id chat_link 微信 微信号 微信链接 聊天"),
}
_SERVICE: dict[str, tuple[str, ...]] = {
    "label": ("label", "service name line 名称 服务 单位 部门 服务名称"),
    "phone": ("phone", "number telephone tel 电话 电话号码 联系电话 号码"),
    "grid_id": _WORKER["grid_id"],
}
# What says who can serve which grid. Nothing of a home is read for any other purpose.
_STAFFING: dict[str, tuple[str, ...]] = {
    **{role: _WORKER[role] for role in ("grid_id", "worker_id", "name")},
    "office_lon": ("office_lon", "office_lng office_longitude 办公经度 单位经度"),
    "office_lat": ("office_lat", "office_latitude 办公纬度 单位纬度"),
    "office_x": ("office_x",),
    "office_y": ("office_y",),
    "office": ("office", "office_building office_address 办公地址 办公地点 办公楼栋 单位地址"),
    "home_lon": ("home_lon", "home_lng home_longitude 住址经度 家庭经度", "lon lng longitude 经度"),
    "home_lat": ("home_lat", "home_latitude 住址纬度 家庭纬度", "lat latitude 纬度"),
    "home_x": ("home_x", "x x坐标"),
    "home_y": ("home_y", "y y坐标"),
    "home": (
        "home",
        "home_building home_address 居住楼栋 住址 家庭住址 家庭地址 居住地址 现住址",
        "address building 地址 楼栋",
    ),
    "capacity": (
        "capacity",
        "max_households capacity_households 能力 服务能力 承载户数 可服务户数 最多户数 工时比例",
    ),
    "experience": (
        "experience",
        "experience_years years_of_experience years seniority 经验 工作年限 从业年限 年限 工龄",
    ),
    "languages": ("languages", "language speaks 语言 语种 会说语言 方言 掌握语言"),
    "not_in": (
        "not_in",
        "excluded excluded_grids exclusions exclude 回避 回避网格 回避楼栋 不可服务 不宜服务",
    ),
    "fixed": ("fixed", "fix fixed_grid 固定 固定网格 是否固定"),
    "community": ("community", "community_name 社区 所属社区 社区名称"),
}
_VOLUNTEER: dict[str, tuple[str, ...]] = {
    "grid_id": _WORKER["grid_id"],
    "worker_id": ("volunteer_id", "worker_id 志愿者编号 人员编号", "id 编号 序号"),
    "name": ("name", "volunteer volunteer_name full_name 姓名 志愿者姓名 志愿者 名字"),
    "role": ("role", "duty post 角色 职责 岗位 职务 志愿角色"),
    "kind": ("kind", "volunteer_kind type 类别 类型 志愿者类别 人员类别 身份"),
    "building": (
        "building",
        "building_id building_name 楼栋 楼栋编号 楼栋名称 楼号 所在楼栋",
        "address home 地址 住址",
    ),
    "lon": ("lon", "lng longitude 经度"),
    "lat": ("lat", "latitude 纬度"),
    "x": ("x", "x坐标"),
    "y": ("y", "y坐标"),
}
_NEED: dict[str, tuple[str, ...]] = {
    "grid_id": (*_WORKER["grid_id"], "building building_id 楼栋 楼栋编号"),
    "language": ("language", "languages needs 语言 语种 需要语言 方言"),
}
# What a reader of another language may find in a column of its own, as name_zh.
_SAID = frozenset({"name", "duties", "responsibilities", "label"})


@dataclass(frozen=True)
class WorkerColumns:
    """Column by role, for the roles that were found; and what was wrong."""

    of: Mapping[str, str]
    findings: tuple[Finding, ...] = ()


def worker_columns(
    header: Header, language: str, *, needed: Sequence[str] = ("grid_id", "name")
) -> WorkerColumns:
    """Find the columns of a table of workers: those ``needed``, and those it may have.

    A column that bears the language at its end (``duties_zh``) goes before the one without.
    """
    return _choose(_WORKER, needed, header, language)


def service_columns(header: Header, language: str) -> WorkerColumns:
    """Find the columns of a table of services: ``label`` and ``phone``, and ``grid_id``."""
    return _choose(_SERVICE, ("label", "phone"), header, language)


def staffing_columns(header: Header) -> WorkerColumns:
    """Find the columns that say who can serve which grid: ``name``, and those it may have."""
    return _choose(_STAFFING, ("name",), header)


def volunteer_columns(header: Header) -> WorkerColumns:
    """Find the columns of a table of volunteers: ``name`` and ``role``, and where they serve."""
    return _choose(_VOLUNTEER, ("name", "role"), header)


def need_columns(header: Header) -> WorkerColumns:
    """Find the columns of a table of languages needed: ``grid_id`` and ``language``."""
    return _choose(_NEED, ("grid_id", "language"), header)


def _choose(
    roles: Mapping[str, tuple[str, ...]], needed: Sequence[str], header: Header, language: str = ""
) -> WorkerColumns:
    of: dict[str, str] = {}
    findings: list[Finding] = []
    for role, tiers in roles.items():
        endings = (f"_{language}", "") if language and role in _SAID else ("",)
        forms = [[w + end for w in tier.split()] for end in endings for tier in tiers]
        fix = f"call the right one {role}, and rename or delete the others"
        findings += find_column(role, forms, header, of, fix=fix)
    unclear = {finding.first for finding in findings}
    lacking = [role for role in needed if role not in of and role not in unclear]
    findings += missing_columns(lacking, header, fix=f"name the columns {listed(lacking)}")
    return WorkerColumns(of, (*findings, *doubled_columns(of, header)))
