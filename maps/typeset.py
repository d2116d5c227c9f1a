"""Words and shapes into a PDF by a typst template: the same input, the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst

from .escape import script_json
from .fonts import font_paths

TEMPLATES = Path(__file__).resolve().parent / "assets" / "print"


def typeset(
    template: str,
    data: object,
    *,
    pictures: Mapping[str, bytes] | None = None,
    tagged: bool = True,
) -> bytes:
    """Return the PDF of a template.

    Args:
        template: a file of ``maps/assets/print``; it may import the others there.
        data: what JSON can say. The template reads it as ``json(bytes(sys.inputs.data))``: text
            comes as text and is never read as markup.
        pictures: PNG, JPEG or SVG files by plain name, which the template shows as
            ``image(name)``.
        tagged: whether what each piece is (a heading, a picture) is kept for screen readers.
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
            pdf_tags=tagged,
        )
    assert isinstance(pdf, bytes)
    return pdf


def imposed(template: str, data: Mapping[str, Any], pictures: Mapping[str, bytes]) -> bytes:
    """Return the PDF of sheets of cards of which many are alike: each kind is drawn once.

    The template is set twice: ``data.part`` is "fronts" for a page of each kind, then "sheets"
    for the pages to print, on which the file "fronts.pdf" is shown page by page.
    """
    fronts = typeset(template, {**data, "part": "fronts"}, pictures=pictures)
    sheets = {**data, "part": "sheets"}
    # of a sheet of alike cards to be cut, tags would say eight times a page: here is a picture
    return typeset(template, sheets, pictures={"fronts.pdf": fronts}, tagged=False)


@cache
def _fonts() -> typst.Fonts:
    # With typst's own few fonts as the last resort for a letter that ours lack.
    return typst.Fonts(include_system_fonts=False, font_paths=list(font_paths()))
