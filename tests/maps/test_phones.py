"""A masked phone never shows all its digits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.phones import MASK, masked_phone, tel_link


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13800138000", "138****8000"),
        ("138 0013 8000", "138 **** 8000"),
        ("+86 138-0013-8000", "+86 138-****-8000"),
        ("010-12345678", "010-****5678"),
        ("8765 4321", "87** **21"),
        ("１３８００１３８０００", "１３８****８０００"),
        ("110", "***"),
        ("12345", "1****"),
        ("", ""),
        ("office only", "office only"),
        ("13800138000/13900139001", "138****8000/139****9001"),
        ("13800138000、13900139001", "138****8000、139****9001"),
        ("13800138000 13900139001", "138******** *******9001"),
    ],
)
def test_middle_digits_are_stars(phone, shown):
    assert masked_phone(phone) == shown


@given(st.text(alphabet="0123456789 -+()/;.x", max_size=40))
def test_of_no_number_more_than_eleven_digits_and_never_all_are_shown(phone):
    masked = masked_phone(phone)
    assert len(masked) == len(phone)
    hidden = sum(before != after for before, after in zip(phone, masked, strict=True))
    digits = sum(sign.isdigit() for sign in phone)
    assert hidden == masked.count(MASK) >= min(digits, 4)


@pytest.mark.parametrize(
    ("phone", "link"),
    [
        ("010-6555 1234", "tel:01065551234"),
        ("+86 138 0013 8000", "tel:+8613800138000"),
        ("010-6555 1234 转 8", "tel:01065551234,8"),
        ("(010) 65551234 ext. 12", "tel:01065551234,12"),
        ("（010）６５５５１２３４", "tel:01065551234"),
        ("110", "tel:110"),
        ("010-6555 1234 / 13900139000", "tel:01065551234"),
        ("010-6555 1234、13900139000", "tel:01065551234"),
    ],
)
def test_a_number_is_called_by_its_digits_and_the_first_of_several(phone: str, link: str) -> None:
    assert tel_link(phone) == link


@pytest.mark.parametrize("phone", ["", "office", "+", "()", "13800138000 13900139000", "ask: 110"])
def test_what_is_no_number_to_call_gives_no_link(phone: str) -> None:
    assert tel_link(phone) == ""
