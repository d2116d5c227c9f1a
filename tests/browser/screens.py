"""The screens that pages are looked at on, width and height in pixels."""

from __future__ import annotations

SIZES = {"desktop": (1280, 800), "phone": (375, 740)}
