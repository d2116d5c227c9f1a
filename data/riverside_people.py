"""The people of Riverside: households of every building, and the community workers.

Nobody here exists. Only ``Generator.random`` is drawn from: its stream is the one least
likely to change with NumPy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from riverside_buildings import FOUNDRY, Site

# Share of households with 1, 2, 3, ... persons.
_FAMILIES = (0.10, 0.24, 0.36, 0.20, 0.08, 0.02)
_COURTYARD = (0.08, 0.20, 0.34, 0.24, 0.10, 0.04)
_ONE_PERSON_FLATS = (0.90, 0.09, 0.01)
_FLATS_A_FLOOR = {"high-rise": 4, "walk-up": 3}
_FLOATING_SHARE = {"high-rise": 0.18, "walk-up": 0.12, "house": 0.30}


@dataclass(frozen=True)
class Household:
    """One household: through which entrance it is reached (from 1), and how many persons."""

    entrance: int
    persons: int


@dataclass(frozen=True)
class Worker:
    """A community worker as the office lists them; ``consent``: photo and mobile may be shown."""

    worker_id: str
    name: str
    office_phone: str
    mobile: str
    consent: bool


def settle(site: Site, rng: np.random.Generator) -> tuple[Household, ...]:
    """Return the households of one building, entrance by entrance; some flats stand empty."""
    if site.kind == "house":
        families = 2 + int(rng.random() * 5)
        return tuple(Household(1, _persons(_COURTYARD, rng)) for _ in range(families))
    if site.compound == FOUNDRY.name:
        # A hostel of its works once: twenty rooms a floor, let one by one.
        flats, empty, sizes = 10, 0.06, _ONE_PERSON_FLATS
    elif site.kind in _FLATS_A_FLOOR:
        flats, empty, sizes = _FLATS_A_FLOOR[site.kind], 0.04, _FAMILIES
        if site.kind == "high-rise" and site.entrances == 2:
            flats = 3
    else:
        return ()
    return tuple(
        Household(entrance, _persons(sizes, rng))
        for entrance in range(1, site.entrances + 1)
        for _ in range(flats * site.floors)
        if rng.random() >= empty
    )


def after_a_year(
    site: Site, roster: Sequence[Household], rng: np.random.Generator
) -> tuple[Household, ...]:
    """Return who lives in a building a year later: some moved out or in, were born or left."""
    sizes = _ONE_PERSON_FLATS if site.compound == FOUNDRY.name else _FAMILIES
    stayed: list[Household] = []
    for home in roster:
        gone, new, change = rng.random() < 0.03, rng.random() < 0.035, rng.random()
        persons = home.persons + (change < 0.05) - (change > 0.97 and home.persons > 1)
        if not gone:
            stayed.append(Household(home.entrance, persons))
        if new:
            stayed.append(Household(home.entrance, _persons(sizes, rng)))
    return tuple(stayed)


def floating(site: Site, persons: int, rng: np.random.Generator) -> int:
    """Return how many of a building's persons are registered elsewhere."""
    share = 0.80 if site.compound == FOUNDRY.name else _FLOATING_SHARE.get(site.kind, 0.0)
    return min(persons, round(persons * share * (0.7 + 0.6 * rng.random())))


def staff(count: int) -> tuple[Worker, ...]:
    """Return the first ``count`` community workers.

    Raises:
        ValueError: more are asked for than the community has.
    """
    if count > len(_NAMES):
        raise ValueError(f"Riverside has {len(_NAMES)} workers, not {count}: add names")
    return tuple(
        Worker(
            worker_id=f"W{i:02d}",
            name=name,
            # No such numbers are given out: they only look like numbers.
            office_phone=f"0000-5550{100 + i}",
            mobile=f"100000001{i:02d}",
            consent=i % 5 != 4,
        )
        for i, name in enumerate(_NAMES[:count], start=1)
    )


def _persons(sizes: Sequence[float], rng: np.random.Generator) -> int:
    draw, persons = float(rng.random()), 1
    for share in sizes[:-1]:
        if draw < share:
            break
        draw -= share
        persons += 1
    return persons


_NAMES = (
    "Lin Mei",
    "Chen Bo",
    "Zhao Yun",
    "Wang Lan",
    "Xu Ping",
    "Sun Hao",
    "Zhou Jing",
    "Guo Tao",
    "He Fang",
    "Luo Wen",
    "Tang Yue",
    "Deng Kai",
    "Song Li",
    "Feng Rui",
    "Cao Min",
    "Ye Qing",
    "Pan Dong",
    "Jiang Xia",
    "Shen Yi",
    "Qin Lei",
    "Du Juan",
    "Fan Ning",
)
# The same people, in the same order.
CHINESE_NAMES = (
    "林梅", "陈波", "赵芸", "王岚", "徐平", "孙浩", "周静", "郭涛", "何芳", "罗文", "唐悦",
    "邓凯", "宋丽", "冯睿", "曹敏", "叶青", "潘东", "江霞", "沈怡", "秦雷", "杜鹃", "范宁",
)  # fmt: skip
