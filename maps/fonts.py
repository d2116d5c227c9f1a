"""The fonts that print is set in: a Chinese and a Latin one, the same on every machine."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

# Both are Noto fonts under the SIL Open Font License 1.1, each package with its licence file, and
# both are variable: every weight from thin to black is drawn as its designers meant it.
LATIN = "Noto Sans"
CHINESE = "Noto Sans CJK SC"
_PACKAGES = ("fontpkg_noto_sans", "manimgx_fonts_cjk")


def font_paths() -> list[str]:
    """Return the folders of the fonts, as typst takes them."""
    return [str(_folder(package)) for package in _PACKAGES]


def families(language: str) -> tuple[str, ...]:
    """Return the font families of a language, the first one first.

    Chinese text keeps the Latin letters and figures that were drawn for it; the rest of the
    alphabets come from the Latin font. Other languages have it the other way round.
    """
    return (CHINESE, LATIN) if language.startswith("zh") else (LATIN, CHINESE)


def _folder(package: str) -> Path:
    # Found, not imported: the files are all that is needed.
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"the font package {package} is missing: pip install gridgeo")
    return Path(spec.origin).parent
