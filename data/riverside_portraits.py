"""Portraits of the community workers, drawn flat and friendly; no real face stands behind them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

WIDTH_PX, HEIGHT_PX = 160, 200
# Drawn larger and averaged down, so that edges are smooth.
_OVERSAMPLING = 4
_COLOURS = 64

_BACKGROUNDS = ("#cfe3ec", "#e7dcc8", "#d5e6d1", "#e6d5e0", "#dadff0", "#efe0d2")
_SKINS = ("#f1c9a5", "#e8b88f", "#d9a47a", "#f4d3b5")
_HAIRS = ("#2b2320", "#3a2c25", "#1f1f24", "#8d8a88", "#4a3527")
_SHIRTS = ("#2f6690", "#a23e48", "#3c7a57", "#6c5b95", "#c27c2c", "#44546a", "#8a4f7d")
_INK = "#33261f"


@dataclass(frozen=True)
class _Look:
    background: str
    skin: str
    hair: str
    shirt: str
    style: int  # 0 short, 1 parted, 2 bob, 3 long, 4 bun
    glasses: bool


def draw_portrait(number: int, path: Path) -> None:
    """Draw worker ``number`` (from 1) as a PNG of 160 x 200 px; same number, same picture."""
    look = _Look(
        background=_BACKGROUNDS[number % len(_BACKGROUNDS)],
        skin=_SKINS[(number * 3) % len(_SKINS)],
        hair=_HAIRS[(number * 2 + number // 5) % len(_HAIRS)],
        shirt=_SHIRTS[(number * 3) % len(_SHIRTS)],
        # Names alternate between women and men; so do the haircuts.
        style=(2 + (number // 2) % 3) if number % 2 else (number // 2) % 2,
        glasses=number % 4 == 3 or number % 7 == 2,
    )
    size = (WIDTH_PX * _OVERSAMPLING, HEIGHT_PX * _OVERSAMPLING)
    picture = Image.new("RGB", size, look.background)
    _Brush(ImageDraw.Draw(picture)).portrait(look)
    small = picture.reduce(_OVERSAMPLING)
    small = small.quantize(_COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small.save(path, format="PNG", optimize=False, compress_level=9)


@dataclass(frozen=True)
class _Brush:
    """Draws in units of the finished picture's pixels."""

    draw: ImageDraw.ImageDraw

    def oval(self, x: float, y: float, rx: float, ry: float, *, fill: str) -> None:
        k = _OVERSAMPLING
        box = (round(k * (x - rx)), round(k * (y - ry)), round(k * (x + rx)), round(k * (y + ry)))
        self.draw.ellipse(box, fill=fill)

    def block(self, box: tuple[float, float, float, float], *, radius: float, fill: str) -> None:
        k = _OVERSAMPLING
        corners = tuple(round(k * c) for c in box)
        self.draw.rounded_rectangle(corners, radius=round(k * radius), fill=fill)

    def shape(self, points: list[tuple[float, float]], *, fill: str) -> None:
        k = _OVERSAMPLING
        self.draw.polygon([(round(k * x), round(k * y)) for x, y in points], fill=fill)

    def arc(self, box: tuple[float, float, float, float], span: tuple[int, int]) -> None:
        k = _OVERSAMPLING
        corners = tuple(round(k * c) for c in box)
        self.draw.arc(corners, start=span[0], end=span[1], fill=_INK, width=round(2.2 * k))

    def portrait(self, look: _Look) -> None:
        self._back_hair(look)
        self._body(look)
        self._head(look)
        self._fringe(look)
        self._face(look)

    def _back_hair(self, look: _Look) -> None:
        if look.style == 2:
            self.block((39, 40, 121, 128), radius=40, fill=look.hair)
        elif look.style == 3:
            self.block((38, 39, 122, 168), radius=41, fill=look.hair)
        elif look.style == 4:
            self.oval(80, 32, 17, 15, fill=look.hair)
            self.oval(80, 76, 40, 40, fill=look.hair)
        else:
            self.oval(80, 72, 39, 36, fill=look.hair)

    def _body(self, look: _Look) -> None:
        self.block((22, 148, 138, 240), radius=38, fill=look.shirt)
        self.block((67, 116, 93, 160), radius=11, fill=_shade(look.skin, 0.90))
        self.shape(
            [(62, 147), (80, 172), (98, 147), (104, 154), (80, 186), (56, 154)], fill="#f7f5f0"
        )

    def _head(self, look: _Look) -> None:
        if look.style != 2:
            self.oval(45, 94, 6, 9, fill=_shade(look.skin, 0.93))
            self.oval(115, 94, 6, 9, fill=_shade(look.skin, 0.93))
        self.block((46, 50, 114, 138), radius=33, fill=look.skin)

    def _fringe(self, look: _Look) -> None:
        if look.style == 0:
            self.shape(
                [(45, 82), (46, 58), (62, 44), (98, 44), (114, 58), (115, 82), (108, 68), (52, 68)],
                fill=look.hair,
            )
        elif look.style == 1:
            self.shape(
                [
                    (44, 86),
                    (45, 56),
                    (66, 42),
                    (102, 44),
                    (115, 60),
                    (116, 84),
                    (108, 70),
                    (70, 62),
                    (54, 70),
                ],
                fill=look.hair,
            )
        else:
            self.shape(
                [
                    (44, 92),
                    (45, 62),
                    (66, 44),
                    (94, 44),
                    (115, 62),
                    (116, 92),
                    (104, 72),
                    (84, 60),
                    (60, 72),
                ],
                fill=look.hair,
            )

    def _face(self, look: _Look) -> None:
        for x in (66, 94):
            self.oval(x, 94, 3.6, 4.4, fill=_INK)
            self.oval(x + 1.2, 92.6, 1.2, 1.2, fill="#ffffff")
            self.arc((x - 9, 80, x + 9, 94), (220, 320))
        self.arc((75, 98, 85, 108), (20, 160))
        self.arc((66, 102, 94, 122), (25, 155))
        for x in (57, 103):
            self.oval(x, 108, 6, 4, fill=_shade(look.skin, 0.95, warm=True))
        if look.glasses:
            for x in (66, 94):
                self.arc((x - 12, 83, x + 12, 106), (0, 360))
            self.arc((77, 90, 83, 96), (180, 360))


def _shade(colour: str, factor: float, *, warm: bool = False) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    red_factor = 1.0 if warm else factor
    return f"#{int(red * red_factor):02x}{int(green * factor):02x}{int(blue * factor):02x}"
