"""Make the buildings of Riverside as they stand a year later: same seed, same bytes.

Run as ``python data/make_next_year.py [--out DIR] [--seed N]``; see data/README.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
from make_riverside import (
    DEFAULT_SEED,
    Town,
    building_id,
    building_table,
    check,
    draw,
    write_layer,
)
from riverside_buildings import CLEARED_LANE, new_tower
from riverside_people import after_a_year, floating, settle

FILE = "riverside_next_year.gpkg"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write ``riverside_next_year.gpkg``; return the exit status."""
    parser = argparse.ArgumentParser(description="Make the buildings of Riverside a year later.")
    default_out = Path(__file__).resolve().parent
    parser.add_argument("--out", type=Path, default=default_out, help="folder to write to")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="seed of the random draws")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    write_layer(a_year_later(draw(options.seed), options.seed), options.out / FILE, "buildings")
    return 0


def a_year_later(town: Town, seed: int) -> gpd.GeoDataFrame:
    """Return the buildings a year after ``town``: who is still there keeps the id.

    One lane is gone, one tower is new, with the next number never given; counts have changed.

    Raises:
        ValueError: the tower stands in the way.
    """
    rng = np.random.default_rng([seed, 1])
    held = [row for row, site in enumerate(town.sites) if site.compound != CLEARED_LANE]
    tower = new_tower(town.sites, rng)
    sites = [*(town.sites[row] for row in held), tower]
    check(town.ground, sites)
    rosters = [after_a_year(town.sites[row], town.rosters[row], rng) for row in held]
    rosters.append(settle(tower, rng))
    persons = [sum(home.persons for home in roster) for roster in rosters]
    counts = town.buildings[["registered", "floating"]]
    # as large a share of each building is registered elsewhere as before
    share = (counts["floating"] / counts.sum(axis=1)).fillna(0)
    elsewhere = [round(persons[at] * float(share[row])) for at, row in enumerate(held)]
    elsewhere.append(floating(tower, persons[-1], rng))
    ids = [building_id(row) for row in (*held, len(town.sites))]
    return building_table(town.ground, sites, ids, rosters, elsewhere)


if __name__ == "__main__":
    sys.exit(main())
