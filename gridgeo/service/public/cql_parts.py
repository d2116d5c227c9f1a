"""What a CQL2 filter is made of: parts, each of a kind, that a layer can be asked about."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .layers import Layer


class FilterError(ValueError):
    """A filter that cannot be read, or does not fit the features."""


class Kind(StrEnum):
    """What a part of a filter is."""

    TEXT = "a text"
    NUMBER = "a number"
    TRUTH = "true or false"
    MOMENT = "a moment"
    DAY = "a day"
    INTERVAL = "an interval"
    SHAPE = "a shape"


@dataclass(frozen=True, eq=False)
class Asked:
    """A layer that a filter is asked of, and how long that may take, in seconds of this thread."""

    layer: Layer
    until_s: float

    def check(self) -> None:
        """Give up where it takes too long.

        Raises:
            FilterError: it does.
        """
        if time.thread_time() > self.until_s:
            raise FilterError("filter: it takes too long over so many features; ask for less")


@dataclass(frozen=True, eq=False)
class Part:
    """A part of a filter: ``of`` gives its value for the rows of a layer.

    ``literal``: its value where it is the same for all features, else None.
    """

    kind: Kind
    of: Callable[[Asked], Any]
    literal: Any = None
