"""Compounds and lanes that stay whole: which buildings must share a grid."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial.distance import pdist

from .errors import Finding, InputError, Severity
from .model import Buildings, Community, Limits


def units_of(town: Community, column: str | None) -> np.ndarray[Any, Any] | None:
    """Return the unit every building names, object (n,), "" for none; None without a column.

    Raises:
        InputError: the buildings have no such column.
    """
    if column is None:
        return None
    table = town.buildings.table
    if column not in table.columns:
        there = ", ".join(str(c) for c in table.columns if c != "geometry")
        raise InputError(
            [
                Finding(
                    "whole-column-missing",
                    Severity.ERROR,
                    f"the buildings have no column {column!r} to keep whole; columns there are: "
                    f"{there}",
                    "Name one of them with --whole",
                    first=column,
                )
            ]
        )
    said = ["" if pd.isna(value) else str(value).strip() for value in table[column]]
    return np.array(said, dtype=object)


def keep_whole(
    buildings: Buildings, rows: np.ndarray[Any, Any], units: np.ndarray[Any, Any], limits: Limits
) -> tuple[np.ndarray[Any, Any], list[str]]:
    """Return a label for every one of ``rows``, int64, the same for those that must not part.

    ``units``: the unit of each of ``rows``. One that is more than a grid may hold, or wider
    than a grid may be, is left to the solver building by building, and named in the second
    answer.
    """
    labels = np.arange(len(rows), dtype=np.int64)
    households, population = buildings.households[rows], buildings.population[rows]
    xy = buildings.xy[rows]
    widest_m = np.inf if limits.max_span_m is None else limits.max_span_m
    large: list[str] = []
    for unit in sorted(set(units) - {""}):
        members = np.flatnonzero(units == unit)
        if (
            households[members].sum() > limits.households.high
            or population[members].sum() > limits.population.high
            or pdist(xy[members]).max(initial=0.0) > widest_m
        ):
            large.append(unit)
        else:
            labels[members] = members[0]
    return labels, large


def units_too_large(large: list[str]) -> list[Finding]:
    """Tell the units that could not be kept whole, each once."""
    large = sorted(set(large))
    if not large:
        return []
    one = len(large) == 1
    return [
        Finding(
            "unit-too-large",
            Severity.WARNING,
            f"{len(large)} {'unit is' if one else 'units are'} more than one grid may hold and "
            f"{'was' if one else 'were'} divided (first: {large[0]})",
            "",
            len(large),
            large[0],
        )
    ]


def units_in_kinds(units: np.ndarray[Any, Any], groups: np.ndarray[Any, Any]) -> list[Finding]:
    """Tell the units that lie in several kinds: each is kept whole within a kind only.

    ``groups``: the kind of every building.
    """
    kinds = pd.Series(groups).groupby(units).nunique()
    across = sorted(str(unit) for unit in kinds.index[kinds > 1] if unit != "")
    if not across:
        return []
    one = len(across) == 1
    return [
        Finding(
            "unit-in-kinds",
            Severity.WARNING,
            f"{len(across)} {'unit lies' if one else 'units lie'} in several kinds and "
            f"{'is' if one else 'are'} kept whole within each (first: {across[0]})",
            "",
            len(across),
            across[0],
        )
    ]
