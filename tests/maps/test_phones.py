"""A masked phone never shows all its digits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.phones import MASK, masked_phone


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
