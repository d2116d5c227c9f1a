"""One error tree and the findings it carries: what, where, how many, what next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Severity(StrEnum):
    """How a finding weighs: an error stops the run, a warning is told and kept.

    A note is no fault of the input: it explains the plan.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One kind of fault in the input, or a fact about the plan, and what to do about it.

    ``message`` says what and where ("12 buildings have no households (first: B0041)"),
    ``fix`` says what next ("fill 'households', or name the column with --column").
    ``code`` is a stable kebab-case word for machines; ``count`` is how many, ``first`` the
    first offender as the planner knows it (an id, a row, a file), "" where there is none.
    ``rows``: the positions of the offenders from 0 in the table that was checked, where they
    are rows of one; ``plural``: the message with a NUL for the number, for findings of several
    pieces of a file. Both are for the doctor, and no part of a report.
    """

    code: str
    severity: Severity
    message: str
    fix: str = ""
    count: int = 1
    first: str = ""
    rows: tuple[int, ...] = field(default=(), compare=False, repr=False)
    plural: str = field(default="", compare=False, repr=False)

    def about(self, place: str) -> Finding:
        """Return the finding as one about a place, named in front."""
        return replace(self, message=f"{place}: {self.message}")

    def as_dict(self) -> dict[str, object]:
        """Return the finding in plain types, ready for JSON."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "message": self.message,
            "fix": self.fix,
            "count": self.count,
            "first": self.first,
        }

    def sentence(self) -> str:
        """Return the finding as one line: the message, then the fix."""
        return f"{self.message}. {self.fix}." if self.fix else f"{self.message}."


class GridGeoError(Exception):
    """Root of every error GridGeo raises on purpose."""


class InputError(GridGeoError):
    """Input that cannot be used; carries every finding gathered before giving up."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(f.sentence() for f in self.findings))


class PlanFileError(GridGeoError):
    """A file that is not a plan written by GridGeo, or one that is damaged."""


@dataclass(frozen=True)
class Findings:
    """Every finding of a check, errors first as found."""

    items: tuple[Finding, ...] = ()

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that stop a run."""
        return tuple(f for f in self.items if f.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that are told and lived with."""
        return tuple(f for f in self.items if f.severity is Severity.WARNING)

    @property
    def notes(self) -> tuple[Finding, ...]:
        """The findings that explain a plan."""
        return tuple(f for f in self.items if f.severity is Severity.NOTE)

    def raise_if_any(self) -> None:
        """Raise InputError with every error at once; warnings alone do not raise."""
        if self.errors:
            raise InputError(self.errors)
