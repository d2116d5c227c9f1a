"""What a printed page shows, in millimetres from its upper left corner."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pdfplumber

PT_PER_MM = 72 / 25.4


@dataclass(frozen=True)
class Frame:
    """Left, top, right and bottom in millimetres."""

    left: float
    top: float
    right: float
    bottom: float

    def holds(self, other: Frame, slack_mm: float = 0.05) -> bool:
        return (
            self.left - slack_mm <= other.left
            and self.top - slack_mm <= other.top
            and other.right <= self.right + slack_mm
            and other.bottom <= self.bottom + slack_mm
        )

    def overlaps(self, other: Frame) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


class Page:
    """One page, read back from the PDF's own drawing operators."""

    def __init__(self, page: Any) -> None:
        self.width_mm = float(page.width) / PT_PER_MM
        self.height_mm = float(page.height) / PT_PER_MM
        self.signs = [(char["text"], _frame(char)) for char in page.chars]
        self.text = page.extract_text()
        self.fonts = {char["fontname"] for char in page.chars}
        # Crop marks alone are drawn in full black, a quarter of a point thick.
        self.marks = [
            _frame(line) for line in page.lines if abs(float(line["linewidth"]) - 0.25) < 1e-6
        ]
        # The white ground of a QR code is the one white square of 15 mm or more.
        shapes = [*page.rects, *page.curves]
        self.codes = [_frame(shape) for shape in shapes if _is_code(shape)]

    def cuts_mm(self) -> tuple[list[float], list[float]]:
        """Where the crop marks say to cut: the x and the y, in order."""
        upright = {round(m.left, 3) for m in self.marks if m.right - m.left < 0.01}
        level = {round(m.top, 3) for m in self.marks if m.bottom - m.top < 0.01}
        return sorted(upright), sorted(level)

    def cards(self) -> list[Frame]:
        """The cards between the crop marks, row by row."""
        x, y = self.cuts_mm()
        return [
            Frame(left, top, right, bottom)
            for top, bottom in zip(y[::2], y[1::2], strict=True)
            for left, right in zip(x[::2], x[1::2], strict=True)
        ]

    def text_in(self, frame: Frame) -> str:
        """The signs of a card in the order they are drawn."""
        return "".join(sign for sign, at in self.signs if frame.holds(at, slack_mm=1))


def pages(pdf: bytes) -> list[Page]:
    with pdfplumber.open(BytesIO(pdf)) as opened:
        return [Page(page) for page in opened.pages]


def _frame(thing: dict[str, Any]) -> Frame:
    return Frame(*(float(thing[key]) / PT_PER_MM for key in ("x0", "top", "x1", "bottom")))


def _is_code(shape: dict[str, Any]) -> bool:
    width_mm, height_mm = (float(shape[key]) / PT_PER_MM for key in ("width", "height"))
    fill = shape["non_stroking_color"]
    white = fill in (1, (1,), [1], (1, 1, 1), [1, 1, 1])
    return white and width_mm > 15 and abs(width_mm - height_mm) < 0.01
