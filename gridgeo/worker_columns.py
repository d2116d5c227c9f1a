"""Which column of a table of workers or services is which, by usual English and Chinese names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .errors import Finding
from .intake.telling import listed
from .intake.tiers import Header, doubled_columns, find_column, missing_columns

# Names by role, in tiers as for buildings: the first tier that a file holds decides.
_WORKER: dict[str, tuple[str, ...]] = {
    "grid_id": ("grid_id", "grid grid_code grid_no 网格编号 网格编码 网格号 网格代码 网格id 网格"),
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
# What a reader of another language may find in a column of its own, as name_zh.
_SAID = frozenset({"name", "duties", "responsibilities", "label"})


@dataclass(frozen=True)
class WorkerColumns:
    """Column by role, for the roles that were found; and what was wrong."""

    of: Mapping[str, str]
    findings: tuple[Finding, ...] = ()


def worker_columns(
    names: Sequence[str], language: str, *, where: str, repeated: Sequence[str] = ()
) -> WorkerColumns:
    """Find the columns of a table of workers: ``grid_id`` and ``name``, and those it may have.

    A column that bears the language at its end (``duties_zh``) goes before the one without.
    """
    return _choose(_WORKER, ("grid_id", "name"), names, language, where=where, repeated=repeated)


def service_columns(
    names: Sequence[str], language: str, *, where: str, repeated: Sequence[str] = ()
) -> WorkerColumns:
    """Find the columns of a table of services: ``label`` and ``phone``, and ``grid_id``."""
    return _choose(_SERVICE, ("label", "phone"), names, language, where=where, repeated=repeated)


def _choose(
    roles: Mapping[str, tuple[str, ...]],
    needed: Sequence[str],
    names: Sequence[str],
    language: str,
    *,
    where: str,
    repeated: Sequence[str],
) -> WorkerColumns:
    header = Header(names, where, repeated)
    of: dict[str, str] = {}
    findings: list[Finding] = []
    for role, tiers in roles.items():
        endings = (f"_{language}", "") if role in _SAID else ("",)
        forms = [[w + end for w in tier.split()] for end in endings for tier in tiers]
        fix = f"call the right one {role}, and rename or delete the others"
        findings += find_column(role, forms, header, of, fix=fix)
    told = {finding.first for finding in findings}
    lacking = [role for role in needed if role not in of and role not in told]
    fix = f"name the columns {listed(lacking)}"
    findings += missing_columns(lacking, header, fix=fix)
    return WorkerColumns(of, (*findings, *doubled_columns(of, header)))
