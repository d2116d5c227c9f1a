"""CQL2 filters: read, each part checked for what it is, then asked of a whole layer at once."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from .columns import Array, Truths
from .cql_literals import LiteralError
from .cql_parts import Asked, FilterError, Kind, Part
from .cql_reading import read_tree
from .cql_text import CqlError, parse_text
from .layers import Layer

# The last is what drafts called CQL2 text, and all that GDAL speaks; ILIKE was a word of it.
LANGUAGES = ("cql2-text", "cql2-json", "cql-text")
LONGEST = 20_000
# So much of a processor a filter may take over one layer; an honest one takes a tenth second.
_MOST_S = 3.0


@dataclass(frozen=True, eq=False)
class Filter:
    """A filter ready to be asked."""

    root: Part

    @classmethod
    def read(cls, text: str, language: str, *, kind: str, crs: str) -> Filter:
        """Return the filter of a text.

        Args:
            text: the filter.
            language: one of ``LANGUAGES``.
            kind: of the layer, whose queryables it may name.
            crs: URI of the CRS of the shapes in it.

        Raises:
            FilterError: it cannot be read, names what there is not, or compares what differs.
        """
        if len(text) > LONGEST:
            raise FilterError(f"filter is longer than {LONGEST:,} signs")
        try:
            if language == "cql2-json":
                tree = json.loads(text, parse_constant=_no_constant)
            else:
                tree = parse_text(text, ilike=language == "cql-text")
            root = read_tree(tree, kind, crs)
        except (CqlError, LiteralError) as fault:
            raise FilterError(f"filter: {fault}") from fault
        except (ValueError, RecursionError, OverflowError) as fault:
            raise FilterError(f"filter cannot be read as {language}") from fault
        if root.kind is not Kind.TRUTH:
            raise FilterError(f"filter is {root.kind}, which neither holds nor does not")
        return cls(root)

    def holds(self, layer: Layer) -> Array:
        """Return for every row of a layer whether the filter holds, bool (n,).

        Raises:
            FilterError: it takes too long.
        """
        held: Truths = self.root.of(Asked(layer, time.thread_time() + _MOST_S))
        return held.yes


def _no_constant(name: str) -> Any:
    raise CqlError(f"{name} is no number")
