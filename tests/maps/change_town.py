"""A small town before and after a change: six grids of blocks, in metres or in degrees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry import LineString, box

from maps import ChangedBuilding, ChangeSheet, GridState, LineShape

SIDE_M = 100.0
WEST, SOUTH, DEGREE_M = 113.2, 30.1, 100_000.0


def in_degrees(shape):
    return shapely.transform(shape, lambda xy: xy / DEGREE_M + [WEST, SOUTH])


def town(
    words: Sequence[str] = ("",) * 6, *, degrees: bool = False, owners: bool = True
) -> ChangeSheet:
    """Return a street of six blocks with a house in each; words go wherever words go.

    before  | G0   | G1          | G2          | G3     |
    after   | G0          | G1   | G2   | G4          (G3 is gone, G4 is new)
    houses  |  h0  |  h1  |  h2  |  h3  |  h4  |  h5  |   h1 goes to G0, h4 to G4, h5 to G4
    """
    place = in_degrees if degrees else (lambda shape: shape)
    ids = [f"G{k}{words[k]}" for k in range(5)]

    def state(grid: int, first: int, last: int, homes: int) -> GridState:
        ground = place(box(first * SIDE_M, 0, last * SIDE_M, SIDE_M))
        owner = f"Lin {grid}{words[grid]}" if owners else ""
        return GridState(ids[grid], ground, last - first, homes, 3 * homes, homes > 15, owner)

    moves = [(0, 0, 0), (1, 1, 0), (2, 1, 1), (3, 2, 2), (4, 2, 4), (5, 3, 4)]
    buildings = tuple(
        ChangedBuilding(
            f"h{k}{words[k]}",
            place(box(k * SIDE_M + 30, 30, k * SIDE_M + 70, 60)),
            10 + k,
            ids[old],
            ids[new],
            moves=old != new,
            name=f"House {k}{words[k]}",
            address=f"Street {k}{words[k]}",
        )
        for k, old, new in moves
    )
    line = place(LineString(np.array([(0, 5), (6 * SIDE_M, 5)])))
    return ChangeSheet(
        title=f"A street{words[0]}",
        before=(state(0, 0, 1, 10), state(1, 1, 3, 23), state(2, 3, 5, 27), state(3, 5, 6, 15)),
        after=(state(0, 0, 2, 21), state(1, 2, 3, 12), state(2, 3, 4, 13), state(4, 4, 6, 29)),
        buildings=buildings,
        lines=(LineShape("street", f"Main{words[1]}", line),),
        heirs={ids[0]: ids[0], ids[1]: ids[1], ids[2]: ids[2]},
        summary=(f"Three houses move.{words[2]}",),
        in_degrees=degrees,
    )
