"""What a grid should hold: bands, and a book of them by kind and by community; frozen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True, order=True)
class Band:
    """Inclusive integer bounds, ``low <= x <= high``.

    Raises:
        ValueError: bounds negative or crossed.
    """

    low: int
    high: int

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high:
            raise ValueError(f"a band needs 0 <= low <= high, not {self.low}:{self.high}")

    @classmethod
    def parse(cls, text: str) -> Band:
        """Read ``"300:500"``.

        Raises:
            ValueError: not two whole numbers with a colon between them.
        """
        low, colon, high = text.partition(":")
        if not (colon and low.strip().isdecimal() and high.strip().isdecimal()):
            raise ValueError(f"a band is written LOW:HIGH, as 300:500, not {text!r}")
        return cls(int(low), int(high))

    def __contains__(self, value: int) -> bool:
        return self.low <= value <= self.high

    def __str__(self) -> str:
        return f"{self.low}:{self.high}"


@dataclass(frozen=True)
class Limits:
    """What a grid should hold: households, people and, where asked, its greatest span.

    ``max_span_m`` is the largest distance between two buildings of one grid, in metres;
    None leaves it open.
    """

    households: Band = Band(300, 500)
    population: Band = Band(1000, 1500)
    max_span_m: float | None = None

    def __post_init__(self) -> None:
        if self.max_span_m is not None and not self.max_span_m > 0:
            raise ValueError(f"max_span_m must be positive, not {self.max_span_m}")


@dataclass(frozen=True)
class Rule:
    """Limits that are other than the usual ones; None leaves one as it was.

    ``max_span_m``: inf lifts a limit. ``exclusive``: every connected piece of the kind is a grid
    of its own, whatever it holds; with ``each``, every connected piece of each value of that
    column of the buildings.
    """

    households: Band | None = None
    population: Band | None = None
    max_span_m: float | None = None
    exclusive: bool | None = None
    each: str | None = None

    def over(self, other: Rule) -> Rule:
        """Return this rule, with what it leaves open taken from another."""
        mine = {f.name: getattr(self, f.name) for f in fields(self)}
        return Rule(**{k: getattr(other, k) if v is None else v for k, v in mine.items()})

    def as_dict(self) -> dict[str, Any]:
        """Return what it says in plain types, as a limits file says it."""
        said = {f.name: getattr(self, f.name) for f in fields(self)}
        said["households"] = None if self.households is None else str(self.households)
        said["population"] = None if self.population is None else str(self.population)
        if self.max_span_m == math.inf:
            said["max_span_m"] = "inf"  # JSON has no infinity
        return {name: value for name, value in said.items() if value is not None}

    @classmethod
    def of_dict(cls, said: Mapping[str, Any]) -> Rule:
        """Return the rule that ``as_dict`` told.

        Raises:
            ValueError, TypeError: it is none.
        """
        found = dict(said)
        for name in ("households", "population"):
            if name in found:
                found[name] = Band.parse(found[name])
        if "max_span_m" in found:
            found["max_span_m"] = float(found["max_span_m"])
        return cls(**found)


@dataclass(frozen=True)
class LimitBook:
    """The limits of every grid: the usual ones, and rules by kind and by community.

    ``kind_column``: the column of the buildings that names their kind (self-managed,
    property-managed, scattered; a school), "" where kinds are not told apart. ``kinds`` and
    ``communities``: rules by name; ``in_community``: rules for a kind in one community, by
    (community, kind). What a narrower rule leaves open is that of the next wider one: kind in
    community, then kind, then community, then ``usual``.
    """

    usual: Limits = Limits()
    kind_column: str = ""
    kinds: Mapping[str, Rule] = field(default_factory=dict)
    communities: Mapping[str, Rule] = field(default_factory=dict)
    in_community: Mapping[tuple[str, str], Rule] = field(default_factory=dict)

    @property
    def is_plain(self) -> bool:
        """Whether the usual limits hold for every grid and kinds do not matter."""
        return not (self.kind_column or self.kinds or self.communities or self.in_community)

    def rule(self, community: str, kind: str) -> Rule:
        """Return what is said of a kind in a community, without the usual limits."""
        none = Rule()
        return (
            self.in_community.get((community, kind), none)
            .over(self.kinds.get(kind, none))
            .over(self.communities.get(community, none))
        )

    def limits_of(self, community: str, kind: str = "") -> Limits | None:
        """Return the limits of grids of a kind in a community, None where it is exclusive."""
        rule = self.rule(community, kind)
        if rule.exclusive:
            return None
        span_m = self.usual.max_span_m if rule.max_span_m is None else rule.max_span_m
        return Limits(
            rule.households or self.usual.households,
            rule.population or self.usual.population,
            None if span_m == math.inf else span_m,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the rules in plain types, without the usual limits."""
        inner: dict[str, dict[str, Any]] = {
            name: rule.as_dict() for name, rule in self.communities.items()
        }
        for (community, kind), rule in self.in_community.items():
            own = inner.setdefault(community, {}).setdefault("kind", {})
            own[kind] = rule.as_dict()
        return {
            "kind_column": self.kind_column,
            "kind": {name: self.kinds[name].as_dict() for name in sorted(self.kinds)},
            "community": {name: inner[name] for name in sorted(inner)},
        }

    @classmethod
    def of_dict(cls, usual: Limits, said: Mapping[str, Any]) -> LimitBook:
        """Return the book that ``as_dict`` told.

        Raises:
            ValueError, TypeError, KeyError, AttributeError: it is none.
        """
        communities, both = {}, {}
        for name, rules in said["community"].items():
            own = {key: value for key, value in rules.items() if key != "kind"}
            if own:
                communities[name] = Rule.of_dict(own)
            for kind, rule in rules.get("kind", {}).items():
                both[name, kind] = Rule.of_dict(rule)
        kinds = {name: Rule.of_dict(rule) for name, rule in said["kind"].items()}
        return cls(usual, str(said["kind_column"]), kinds, communities, both)
