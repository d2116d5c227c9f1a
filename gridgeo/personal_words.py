"""Words by which columns about persons, and texts that tell of a person's condition, are known."""

from __future__ import annotations

import re

from .intake.tiers import plain

# Parts of the name of a column whose values name single persons or reach them.
_IDENTITY = (
    "resident_name", "tenant", "occupant", "householder", "head_of_household", "landlord",
    "lessee", "surname", "first_name", "last_name", "full_name", "person", "contact", "phone",
    "mobile", "telephone", "email", "wechat", "id_card", "id_number", "identity", "passport",
    "居民姓名", "住户姓名", "户主", "姓名", "租客", "租户", "承租", "房东", "业主", "联系人",
    "联系方式", "手机", "电话", "微信", "邮箱", "身份证", "证件号", "护照",
)  # fmt: skip
# Parts of the name of a column whose values tell of the condition of single persons.
_CONDITION = (
    "disab", "handicap", "low_income", "poverty", "welfare", "vulnerab", "living_alone",
    "lives_alone", "elderly_alone", "illness", "disease", "patient", "dementia",
    "mental_health", "addict", "parole", "correction", "religion", "ethnic", "pregnan", "widow",
    "orphan", "birth",
    "残疾", "残障", "低保", "五保", "低收入", "贫困", "困难", "特困", "救助", "独居", "孤寡",
    "空巢", "失独", "留守", "重点人员", "重点人群", "患病",
    "病人", "精神", "吸毒", "涉毒", "矫正", "刑满",
    "信访", "宗教", "民族", "孕", "出生",
)  # fmt: skip

# In a text: what is said of a household or person, not of an office that serves them.
_STATUS = re.compile(
    r"低保户|五保户|贫困户|特困户|困难户|低收入户|低收入家庭|困难家庭|独居老人|孤寡老人|空巢老人|"
    r"失独家庭|残疾人|残障人|精神病人|吸毒人员|刑满释放|社区矫正人员|信访人员|"
    r"\b(?:disabled|handicapped|low[- _]income|welfare recipients?|lives? alone|living alone|"
    r"bedridden|dementia|parolee|drug addict|mentally ill)\b",
    re.IGNORECASE,
)
_OFFICE = re.compile(
    r"联合会|残联|协会|中心|服务站|服务部|学校|医院|康复|就业|活动室|之家|公寓|机构|"
    r"\b(?:federation|association|cent(?:re|er)|school|hospital|clinic|society|office|union|"
    r"housing|home for|homes for|parking|toilet|ramp)\b",
    re.IGNORECASE,
)


def is_identity(column: str) -> bool:
    """Return whether a column is called as one that names single persons, or how to reach them."""
    name = plain(column)
    return name == "tel" or any(plain(part) in name for part in _IDENTITY)


def is_about_persons(column: str) -> bool:
    """Return whether a column is called as one about single persons, who or how they are."""
    name = plain(column)
    return is_identity(column) or any(plain(part) in name for part in _CONDITION)


def status_word(text: str) -> str:
    """Return the first word in a text that tells of a person's condition, "" for none.

    The names of offices that serve such persons ("残疾人联合会") tell of nobody.
    """
    found = _STATUS.search(text)
    return "" if found is None or _OFFICE.search(text) else found[0]
