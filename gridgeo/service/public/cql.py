"""CQL2 filters over features: leaves are judged by cql2, what is unknown stays unknown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import cql2

LANGUAGES = ("cql2-text", "cql2-json")
LONGEST = 20_000
_JOINTS = frozenset({"and", "or", "not"})
_OPERATORS = _JOINTS | frozenset({
    "=", "<>", "<", ">", "<=", ">=", "isNull", "like", "between", "in", "casei", "accenti",
    "+", "-", "*", "/",
    "s_intersects", "s_within", "s_contains", "s_disjoint", "s_equals", "s_touches", "s_crosses",
    "s_overlaps", "t_after", "t_before", "t_equals",
})  # fmt: skip
_DEEPEST = 50


class FilterError(ValueError):
    """A filter that cannot be read, or does not fit the features."""


@dataclass(frozen=True, eq=False)
class Filter:
    """A filter ready to be asked: an operator over others, or a leaf of cql2.

    A leaf that speaks of a property without a value is unknown, as CQL2 has it: neither it nor
    its negation holds.
    """

    operator: str
    parts: tuple[Filter, ...] = ()
    leaf: cql2.Expr | None = None
    names: frozenset[str] = frozenset()

    @classmethod
    def read(cls, text: str, language: str, known: Iterable[str]) -> Filter:
        """Return the filter of a text.

        Raises:
            FilterError: it cannot be read, or asks for what there is not.
        """
        if len(text) > LONGEST:
            raise FilterError(f"filter is longer than {LONGEST:,} signs")
        try:
            parse = cql2.parse_text if language == LANGUAGES[0] else cql2.parse_json
            expression = parse(text)
            expression.validate()
            tree = expression.to_json()
        except (cql2.ParseError, cql2.ValidationError, ValueError, RecursionError) as fault:
            said = (str(fault).strip() or "unreadable").splitlines()[0][:200]
            raise FilterError(f"filter cannot be read as {language} ({said})") from fault
        strange = sorted(set(_properties(tree)) - set(known))
        if strange:
            raise FilterError(f"filter: {', '.join(strange)[:200]} is no queryable")
        unknown = sorted(set(_operators(tree)) - _OPERATORS)
        if unknown:
            raise FilterError(f"filter: {', '.join(unknown)[:200]} is not known here")
        return cls._of(tree, 0)

    @classmethod
    def _of(cls, tree: Any, depth: int) -> Filter:
        if depth > _DEEPEST:
            raise FilterError(f"filter: brackets stand deeper than {_DEEPEST}")
        operator = tree.get("op", "") if isinstance(tree, Mapping) else ""
        if operator in _JOINTS:
            return cls(operator, tuple(cls._of(part, depth + 1) for part in tree["args"]))
        names = frozenset(() if operator == "isNull" else _properties(tree))
        return cls("", leaf=cql2.parse_json(json.dumps(tree)), names=names)

    def holds(self, feature: Mapping[str, Any]) -> bool | None:
        """Return whether it holds for a feature of GeoJSON, None where that is unknown.

        Raises:
            FilterError: it compares what cannot be compared.
        """
        if self.leaf is not None:
            return self._leaf_holds(feature)
        said = [part.holds(feature) for part in self.parts]
        if self.operator == "not":
            return None if said[0] is None else not said[0]
        decisive = self.operator == "or"
        if decisive in said:
            return decisive
        return None if None in said else not decisive

    def _leaf_holds(self, feature: Mapping[str, Any]) -> bool | None:
        assert self.leaf is not None
        told = feature["properties"]
        if any(name != "geometry" and told.get(name) is None for name in self.names):
            return None
        try:
            return bool(self.leaf.matches(dict(feature)))
        except Exception as fault:  # cql2 has no class of its own for it
            raise FilterError(f"filter: {self.leaf.to_text()[:200]} cannot be decided") from fault


def _properties(tree: Any) -> Iterable[str]:
    if isinstance(tree, Mapping):
        if set(tree) == {"property"}:
            yield str(tree["property"])
        for inner in tree.values():
            yield from _properties(inner)
    elif isinstance(tree, list):
        for inner in tree:
            yield from _properties(inner)


def _operators(tree: Any) -> Iterable[str]:
    if isinstance(tree, Mapping):
        if "op" in tree:
            yield str(tree["op"])
        for inner in tree.values():
            yield from _operators(inner)
    elif isinstance(tree, list):
        for inner in tree:
            yield from _operators(inner)
