"""The fonts are there, each with its licence, and speak for every sign print needs."""

from __future__ import annotations

from importlib.metadata import files
from pathlib import Path

import pytest
import typst

from maps.fonts import CHINESE, LATIN, families, font_paths


def test_both_families_are_found_without_the_system_s_fonts():
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=font_paths()
    )
    assert {LATIN, CHINESE} <= set(fonts.families())


@pytest.mark.parametrize("language", ["en", "zh", "zh_Hant", "fr"])
def test_every_language_has_both_families(language):
    assert set(families(language)) == {LATIN, CHINESE}
    assert (families(language)[0] == CHINESE) == language.startswith("zh")


@pytest.mark.parametrize("package", ["fontpkg-noto-sans", "manimgx-fonts-cjk"])
def test_the_licence_lies_beside_the_font(package):
    licences = [file for file in files(package) or [] if file.name.startswith("LICENSE")]
    assert licences
    for licence in licences:
        assert "SIL Open Font License, Version 1.1" in Path(licence.locate()).read_text("utf-8")
