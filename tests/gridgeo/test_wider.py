"""What wider bands would do for a plan's grids is counted, and the least move is found."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from gridgeo.wider import Step, inside, move_of, wider_bands

BANDS = np.array([[300, 500], [1000, 1500]])


def told(*totals: tuple[int, int]) -> list[tuple[dict[tuple[int, int], int], int]]:
    steps = wider_bands(np.array(totals), BANDS, widest=0.5)
    return [({(m.weight, m.side): m.value for m in s.moves}, s.in_band) for s in steps]


def test_grids_in_band_need_no_wider_band() -> None:
    assert told((400, 1200), (300, 1000), (500, 1500)) == []


def test_the_limit_that_helps_most_grids_is_moved_and_no_further_than_it_must() -> None:
    assert told((400, 960), (400, 985), (505, 1200)) == [
        ({(1, 0): 960}, 2),
        ({(1, 0): 960, (0, 1): 505}, 3),
    ]


def test_of_two_that_help_alike_the_lesser_move_is_told() -> None:
    assert told((400, 990), (540, 1200), (400, 1200))[0] == ({(1, 0): 990}, 2)


def test_a_far_move_is_told_after_the_slight_one_and_too_far_a_one_not_at_all() -> None:
    assert told((400, 990), (700, 1200), (720, 1200)) == [
        ({(1, 0): 990}, 1),
        ({(0, 1): 720}, 2),
        ({(0, 1): 720, (1, 0): 990}, 3),
    ]
    assert told((800, 1200)) == []


@pytest.mark.parametrize("seed", range(20))
def test_no_single_limit_puts_more_grids_in_band(seed: int) -> None:
    rng = np.random.default_rng(seed)
    totals = np.column_stack([rng.integers(250, 600, 12), rng.integers(900, 1700, 12)])
    steps = wider_bands(totals, BANDS, widest=0.5)
    before = int(inside(totals, BANDS).sum())
    for step in steps:
        assert step.in_band > before
        before = step.in_band
        wide = BANDS.copy()
        for move in step.moves:
            assert move == move_of(BANDS, move.weight, move.side, move.value)
            wide[move.weight, move.side] = move.value
        assert step.in_band == sum(
            wide[0, 0] <= h <= wide[0, 1] and wide[1, 0] <= p <= wide[1, 1]
            for h, p in totals.tolist()
        )
    best = max((s.in_band for s in steps if len(s.moves) == 1), default=0)
    for k, side in product(range(2), range(2)):
        wide = BANDS.copy()
        wide[k, side] = wide[k, side] * 3 // 2 if side else -(-wide[k, side] // 2)
        assert inside(totals, wide).sum() <= max(best, *(s.in_band for s in steps))


def test_a_step_is_a_value() -> None:
    assert Step((), 1) == Step((), 1)
