"""How intake words its findings: how many, which first, and what there is instead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import Finding, Severity

_MAX_LISTED = 30


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of one file as a planner knows them.

    ``names``: object array of str, shape (n,), an id or "row 7" each; ``one`` and ``many``
    are the words for a row ("building", "buildings"); ``prefix`` goes before a message;
    ``at``: int64 (n,), where these rows stand in the whole table, None where they are all of it.
    """

    names: np.ndarray[Any, Any]
    one: str
    many: str
    prefix: str = ""
    at: np.ndarray[Any, Any] | None = None

    def fault(
        self, code: str, bad: np.ndarray[Any, Any], what: tuple[str, str], fix: str
    ) -> Finding:
        """Return an error over the rows ``bad`` (bool, shape (n,)); ``what`` is one, many."""
        return self._tell(Severity.ERROR, code, bad, what, fix)

    def warning(
        self, code: str, bad: np.ndarray[Any, Any], what: tuple[str, str], fix: str
    ) -> Finding:
        """Return a warning over the rows ``bad``, worded as ``fault`` does."""
        return self._tell(Severity.WARNING, code, bad, what, fix)

    def _tell(
        self,
        weight: Severity,
        code: str,
        bad: np.ndarray[Any, Any],
        what: tuple[str, str],
        fix: str,
    ) -> Finding:
        count = int(np.count_nonzero(bad))
        first = str(self.names[int(np.argmax(bad))])
        plural = f"{self.prefix}\0 {self.many} {what[1]} (first: {first})"
        message = plural.replace("\0", str(count))
        if count == 1:
            message = f"{self.prefix}1 {self.one} {what[0]} ({first})"
        rows = np.flatnonzero(bad) if self.at is None else self.at[bad]
        where = tuple(rows.tolist())
        return Finding(code, weight, message, _begun(fix), count, first, where, plural)


def listed(names: Iterable[object]) -> str:
    """Return names as one readable list, cut after thirty."""
    texts = [str(name) for name in names]
    if len(texts) > _MAX_LISTED:
        return ", ".join(texts[:_MAX_LISTED]) + f" and {len(texts) - _MAX_LISTED} more"
    return ", ".join(texts) if texts else "none"


def error(code: str, message: str, fix: str = "", *, count: int = 1, first: str = "") -> Finding:
    """Return an error that is not about rows."""
    return Finding(code, Severity.ERROR, message, _begun(fix), count, first)


def warning(code: str, message: str, fix: str = "", *, count: int = 1, first: str = "") -> Finding:
    """Return a warning that is not about rows."""
    return Finding(code, Severity.WARNING, message, _begun(fix), count, first)


def errors_in(findings: Sequence[Finding]) -> bool:
    """Return whether any of the findings stops a run."""
    return any(finding.severity is Severity.ERROR for finding in findings)


def _begun(fix: str) -> str:
    """Return the fix as the beginning of a sentence."""
    return fix[:1].upper() + fix[1:]
