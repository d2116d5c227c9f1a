"""QR codes as vector drawings: the same text gives the same drawing."""

from __future__ import annotations

from functools import lru_cache

import segno

# The white around a code that scanners need, in modules (ISO/IEC 18004).
QUIET_MODULES = 4
# One mask of the eight instead of a search for the best: three times as fast, and repeatable.
_MASK = 2
# A code must scan from paper that hangs outdoors: M restores 15%. Long texts fall back to L.
_ERROR_LEVELS = ("m", "l")


class QrTextError(ValueError):
    """A text that no QR code can carry."""


@lru_cache(maxsize=512)
def qr_svg(text: str) -> str:
    """Return the QR code of a text as SVG, black on white with its quiet zone.

    One path in a viewBox of modules, without a size of its own: give it one where it is shown.
    A module should be 0.4 mm or more on paper to be read by a phone.

    Raises:
        QrTextError: the text is empty, has lone surrogates or over some 2,900 bytes.
    """
    matrix = _matrix(text)
    size = len(matrix) + 2 * QUIET_MODULES
    # Runs of dark modules in one path: seams between touching pieces cannot show in it.
    runs = "".join(
        f"M{start + QUIET_MODULES} {row + QUIET_MODULES}h{length}v1h-{length}z"
        for row, modules in enumerate(matrix)
        for start, length in _runs(modules)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}"'
        ' shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}h-{size}z"/><path d="{runs}"/></svg>'
    )


def qr_modules(text: str) -> int:
    """Return how many modules wide the drawing of a text is, quiet zone and all.

    Raises:
        QrTextError: as ``qr_svg``.
    """
    return len(_matrix(text)) + 2 * QUIET_MODULES


@lru_cache(maxsize=512)
def _matrix(text: str) -> list[list[bool]]:
    if not text:
        raise QrTextError("a QR code needs a text to carry")
    for level in _ERROR_LEVELS:
        try:
            code = segno.make_qr(text, error=level, mask=_MASK, boost_error=False)
        except segno.DataOverflowError:
            continue
        except UnicodeEncodeError:
            raise QrTextError(
                f"a QR code cannot carry {text[:40]!r}: it is no valid text"
            ) from None
        return [[bool(module) for module in row] for row in code.matrix]
    raise QrTextError(f"a QR code cannot carry {len(text)} signs; shorten {text[:40]!r}...")


def _runs(modules: list[bool]) -> list[tuple[int, int]]:
    """Start and length of each run of dark modules in a row."""
    runs: list[tuple[int, int]] = []
    for column, dark in enumerate(modules):
        if dark and column and modules[column - 1]:
            start, length = runs[-1]
            runs[-1] = (start, length + 1)
        elif dark:
            runs.append((column, 1))
    return runs
