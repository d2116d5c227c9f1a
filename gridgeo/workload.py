"""What a workload such as "households + 3*elderly" means, and what it is for every building."""

from __future__ import annotations

import ast
import keyword
import math
import re
import unicodedata
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import Finding, InputError
from .intake.columns import asked_column, usual_column
from .intake.telling import Rows, error, listed
from .intake.values import amounts
from .model import Buildings

Array = np.ndarray[Any, Any]

# Workload is counted in thousandths: sums stay exact, and finer would be no news to anyone.
PARTS = 1_000
MOST = 10**12  # of a whole town, so that the sum of the thousandths is exact in a float
_LONGEST = 1_000  # characters
_SHOWN = 60  # of what is wrong
# A name in quotes or backticks, or the words between such names.
_TOKENS = re.compile(r"'[^'\\]*'|\"[^\"\\]*\"|`[^`]*`|[^'\"`]+|.", re.DOTALL)
_SIGNS = {ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply}
_HOW = (
    "write columns and numbers with + - * and brackets, as 'households + 3*elderly'; a column "
    "whose name has spaces or signs, or begins with a digit, goes in backticks"
)


@dataclass(frozen=True, eq=False)
class Workload:
    """The workload of every building in whole parts: ``parts`` int64 (n,), each 1/``scale``.

    ``scale`` is the smallest divisor of 1000 that makes all of them whole; 1 where they are.
    """

    parts: Array
    scale: int

    def in_units(self, parts: Array) -> Array:
        """Return sums of parts in the units of the expression; whole numbers stay int64."""
        return parts if self.scale == 1 else parts / self.scale


def workload_of(buildings: Buildings, text: str) -> tuple[Workload, list[Finding]]:
    """Return the workload of every building, and what should be told of it.

    ``text`` holds names of columns of the buildings (``households`` and ``population`` are
    among them), numbers, ``+ - *`` and brackets; nothing else is read, and nothing is run.
    A name that is no identifier stands in backticks or quotes. Results are rounded to
    thousandths.

    Raises:
        InputError: every fault: signs that are not allowed, columns that are not there or
            hold something else than numbers, a workload that is negative or 0 everywhere.
    """
    tree = _parsed(text)
    table = buildings.table
    lost = sorted(set(_names(tree)) - set(column_names(buildings)))
    if lost:
        raise InputError([_lost(text, lost, buildings)])
    columns = {name: amounts(table[name]) for name in sorted(set(_names(tree)))}
    rows = Rows(buildings.ids, "building", "buildings")
    faults = [
        rows.fault(
            "workload-not-number",
            np.isnan(values),
            (f"has no number in {name!r}", f"have no number in {name!r}"),
            "fill it, or leave it out of --workload",
        )
        for name, values in columns.items()
        if np.isnan(values).any()
    ]
    if faults:
        raise InputError(faults)
    with np.errstate(over="ignore", invalid="ignore"):
        values = np.zeros(len(buildings)) + _value(tree, columns)
    return _counted(values, text, rows)


def settled(text: str, buildings: Buildings, used: Mapping[str, str]) -> str:
    """Return the expression with every name that of a column the buildings have.

    A name is a column, but for case and spaces; or a role (``registered`` by its usual
    names); or the column that the file read a role from, in ``used`` by role.

    Raises:
        InputError: an expression that cannot be read; names that are neither.
    """
    tree = _parsed(text)
    there = column_names(buildings)
    from_file = {name: role for role, name in used.items() if role in there}
    meant: dict[str, str] = {}
    lost = []
    for name in sorted(set(_names(tree))):
        found = name if name in there else from_file.get(name)
        found = found or asked_column(name, there) or usual_column(name, there)
        if found is None:
            lost.append(name)
        else:
            meant[name] = found
    if lost:
        raise InputError([_lost(text, lost, buildings)])
    return renamed(text, meant)


def columns_of(text: str) -> tuple[str, ...]:
    """Return the columns that an expression names, sorted.

    Raises:
        InputError: an expression that cannot be read.
    """
    return tuple(sorted(set(_names(_parsed(text)))))


def renamed(text: str, names: Mapping[str, str]) -> str:
    """Return the expression with columns called by their new names, where these differ."""
    tree = _parsed(text)
    if all(names.get(name, name) == name for name in _names(tree)):
        return text.strip()
    return ast.unparse(_Renaming(names).visit(tree))


class _Renaming(ast.NodeTransformer):
    """Puts a column's new name in place of its old one, in backticks where it needs them."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._new(node.id)

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return self._new(node.value) if isinstance(node.value, str) else node

    def _new(self, name: str) -> ast.Name:
        name = self._names.get(name, name)
        # Python reads identifiers in their normal form, and keeps some for itself
        bare = name.isidentifier() and not keyword.iskeyword(name)
        bare = bare and unicodedata.normalize("NFKC", name) == name
        return ast.Name(name if bare else (f"`{name}`" if "`" not in name else repr(name)))


def column_names(buildings: Buildings) -> list[str]:
    """Return the columns a planner can name: all but the shape."""
    table = buildings.table
    return [str(name) for name in table.columns if name != table.geometry.name]


def _parsed(text: str) -> ast.expr:
    """Return the tree of an expression that holds nothing but names, numbers and + - *.

    Raises:
        InputError: it cannot be read; each sign that is not allowed.
    """
    if not text.strip():
        raise _unreadable(text, "is empty")
    if len(text) > _LONGEST:
        raise _unreadable(text, f"is longer than {_LONGEST:,} characters")
    tokens = _TOKENS.findall(text)
    open_ = [token for token in tokens if token in {"'", '"', "`"}]
    if open_:
        raise _unreadable(text, f"opens {open_[0]} and does not close it")
    plain = "".join(token for token in tokens if token[0] not in "'\"`")
    odd = sorted({c for c in plain if c in "#\\;:=" or (c.isspace() and c != " ")})
    if odd:
        raise _unreadable(text, f"holds {listed(repr(c) for c in odd)}")
    # in brackets, so that neither a letter before nor a name beside becomes part of it
    python = "".join(f"({t[1:-1]!r})" if t[0] in "'\"`" else t for t in tokens).strip()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Python, on code that looks odd
            tree = ast.parse(python, mode="eval").body
        wrong = list(_not_allowed(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as fault:
        said = fault.msg if isinstance(fault, SyntaxError) else "too deep or too long a number"
        raise _unreadable(text, f"cannot be read ({said})") from fault
    if wrong:
        raise _unreadable(text, f"holds {listed(dict.fromkeys(wrong))}")
    return tree


def _not_allowed(node: ast.expr) -> Iterator[str]:
    """Yield what is neither a name, a number, nor a sum, difference or product."""
    if isinstance(node, ast.BinOp) and type(node.op) in _SIGNS:
        yield from _not_allowed(node.left)
        yield from _not_allowed(node.right)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd | ast.USub):
        yield from _not_allowed(node.operand)
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        if float(str(node.value)) > MOST:
            yield f"a number over {MOST:,}"
    elif not (isinstance(node, ast.Name) or _is_quoted(node)):
        yield repr(ast.unparse(node)[:_SHOWN])


def _is_quoted(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _names(tree: ast.expr) -> list[str]:
    """Return the columns an expression names."""
    bare = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    quoted = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return [*bare, *(name for name in quoted if isinstance(name, str))]


def _value(node: ast.expr, columns: Mapping[str, Array]) -> Any:
    if isinstance(node, ast.BinOp):
        sign = _SIGNS[type(node.op)]
        return sign(_value(node.left, columns), _value(node.right, columns))
    if isinstance(node, ast.UnaryOp):
        inner = _value(node.operand, columns)
        return -inner if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.Name):
        return columns[node.id]
    assert isinstance(node, ast.Constant)  # nothing else was let in
    return columns[node.value] if isinstance(node.value, str) else float(str(node.value))


def _counted(values: Array, text: str, rows: Rows) -> tuple[Workload, list[Finding]]:
    """Return values as whole parts; raise what no workload can be."""
    said = f"--workload {text.strip()}"
    if not np.isfinite(values).all() or np.abs(values).sum() > MOST:
        message = f"{said}: comes to more than {MOST:,} over all buildings"
        raise InputError([error("workload-huge", message, "write it in larger units", first=text)])
    if (values < 0).any():
        what = (f"has a negative workload ({said})", f"have a negative workload ({said})")
        raise InputError([rows.fault("workload-negative", values < 0, what, "mend the expression")])
    parts = np.round(values * PARTS).astype(np.int64)
    if not parts.any():
        message = f"{said}: is 0 in every building"
        raise InputError([error("workload-nothing", message, "name other columns", first=text)])
    common = math.gcd(PARTS, int(np.gcd.reduce(parts)))
    told = []
    off = np.abs(values * PARTS - parts) > 1e-6 * np.maximum(1, parts)
    if off.any():
        what = ("has a workload", "have a workload")
        fine = tuple(f"{word} finer than a thousandth, which was rounded" for word in what)
        fix = f"multiply the expression by {PARTS:,} if that matters"
        told.append(rows.warning("workload-rounded", off, (fine[0], fine[1]), fix))
    return Workload(parts // common, PARTS // common), told


def _unreadable(text: str, what: str) -> InputError:
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
    fault = error("workload-unreadable", f"--workload {shown!r} {what}", _HOW, first=shown)
    return InputError([fault])


def _lost(text: str, lost: list[str], buildings: Buildings) -> Finding:
    one = len(lost) == 1
    message = (
        f"--workload {text.strip()!r}: {listed(repr(name) for name in lost)} "
        f"{'is not a column' if one else 'are not columns'} of the buildings; columns there are: "
        f"{listed(column_names(buildings))}"
    )
    fix = "name others, in backticks where a name has spaces or signs"
    return error("workload-column-missing", message, fix, count=len(lost), first=lost[0])
