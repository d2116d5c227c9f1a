"""A QR code carries its text, whole and the same each time."""

from __future__ import annotations

import re

import pytest
import segno

from maps.qr import QUIET_MODULES, QrTextError, qr_svg

LINK = "https://example.org/site/grids/110101001001001.html"


def dark_modules(svg: str) -> set[tuple[int, int]]:
    """Column and row of each module the drawing blackens, the quiet zone taken off."""
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", svg)
    return {
        (int(column) + step - QUIET_MODULES, int(row) - QUIET_MODULES)
        for column, row, length in runs
        for step in range(int(length))
    }


@pytest.mark.parametrize("text", [LINK, "微信号: lotus_07", "x" * 2500])
def test_the_drawing_is_the_code_module_by_module(text):
    matrices = [
        segno.make_qr(text, error=level, mask=2, boost_error=False).matrix
        for level in "ml"
        if level == "l" or len(text) < 2000
    ]
    expected = {
        (column, row)
        for row, bits in enumerate(matrices[0])
        for column, bit in enumerate(bits)
        if bit
    }
    svg = qr_svg(text)
    assert dark_modules(svg) == expected
    assert f'viewBox="0 0 {len(matrices[0]) + 2 * QUIET_MODULES} ' in svg


def test_same_text_same_bytes():
    first = qr_svg(LINK)
    qr_svg.cache_clear()
    assert qr_svg(LINK) == first
    assert qr_svg(LINK + "?") != first


@pytest.mark.parametrize("text", ["", "\ud800", "x" * 4000])
def test_what_no_code_can_carry_is_told(text):
    with pytest.raises(QrTextError, match="QR code"):
        qr_svg(text)


def test_a_code_stands_in_the_quiet_zone_that_scanners_need():
    """Four modules of white on every side, ISO/IEC 18004: said here, not taken from the code."""
    svg = qr_svg("https://example.org/grids/RV-001.html")
    side = int(re.search(r'viewBox="0 0 (\d+) ', svg)[1])
    dark = [(int(x), int(y), int(n)) for x, y, n in re.findall(r"M(\d+) (\d+)h(\d+)v1", svg)]
    assert min(x for x, _, _ in dark) == min(y for _, y, _ in dark) == 4
    assert max(x + n for x, _, n in dark) == max(y + 1 for _, y, _ in dark) == side - 4
