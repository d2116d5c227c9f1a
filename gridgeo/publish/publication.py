"""Everything outputs are drawn from, gathered once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import maps

from ..model import Plan
from .edition import Edition
from .people import People

Files = dict[str, str | bytes]


@dataclass(frozen=True, eq=False)
class Publication:
    """What is published: ``sheet`` and ``people`` hold only what may be shown, ``plan`` all.

    ``pages``: file name of each grid's page.
    """

    plan: Plan
    sheet: maps.Sheet
    people: People
    edition: Edition
    words: maps.Words
    pages: Mapping[str, str]

    @property
    def workers(self) -> Mapping[str, maps.Worker]:
        """The owner of each grid that has one, as far as may be shown."""
        return self.people.workers

    @cached_property
    def fills(self) -> Mapping[str, str]:
        """The colour of each grid, "#rrggbb"."""
        rows = maps.colour_grids(self.sheet.grids)
        return {grid_id: maps.PALETTE[row] for grid_id, row in rows.items()}
