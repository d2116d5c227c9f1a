"""Words and shapes into a PDF by a typst template: the same input, the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import typst

from .escape import script_json
from .fonts import font_paths

TEMPLATES = Path(__file__).resolve().parent / "assets" / "print"


def typeset(template: str, data: object, *, pictures: Mapping[str, bytes] | None = None) -> bytes:
    """Return the PDF of a template.

    Args:
        template: a file of ``maps/assets/print``; it may import the others there.
        data: what JSON can say. The template reads it as ``json(bytes(sys.inputs.data))``: text
            comes as text and is never read as markup.
        pictures: PNG, JPEG or SVG files by plain name, which the template shows as
            ``image(name)``.
    """
    with TemporaryDirectory() as folder:
        root = Path(folder)
        for path in TEMPLATES.glob("*.typ"):
            (root / path.name).write_bytes(path.read_bytes())
        for name, picture in (pictures or {}).items():
            (root / name).write_bytes(picture)
        compiler = typst.Compiler(root=root, font_paths=_fonts(), ignore_system_fonts=True)
        pdf = compiler.compile(
            root / template,
            format="pdf",
            sys_inputs={"data": script_json(data)},
            timestamp=0,
        )
    assert isinstance(pdf, bytes)
    return pdf


@cache
def _fonts() -> typst.Fonts:
    # With typst's own few fonts as the last resort for a letter that ours lack.
    return typst.Fonts(include_system_fonts=False, font_paths=list(font_paths()))
