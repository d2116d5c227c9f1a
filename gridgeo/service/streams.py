"""Places for streams that stay open: so many in a process, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from .problems import TooManyError

_AGAIN_S = 30


class Level(Protocol):
    """What shows how many are open."""

    def inc(self) -> None: ...  # noqa: D102

    def dec(self) -> None: ...  # noqa: D102


class Streams:
    """Counts the streams that are open."""

    def __init__(self, most: int, shown: Level) -> None:
        self.most, self.shown, self.open = most, shown, 0

    def check(self) -> None:
        """Refuse where there is no place.

        Raises:
            TooManyError: so many are open already.
        """
        if self.open >= self.most:
            raise TooManyError("Too many streams are open. Ask for the job itself instead",
                               retry_after_s=_AGAIN_S)  # fmt: skip

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place as long as the block lasts."""
        self.open += 1
        self.shown.inc()
        try:
            yield
        finally:
            self.open -= 1
            self.shown.dec()
