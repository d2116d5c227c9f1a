"""Community workers as owners of grids: one row a worker, joined by grid id."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .errors import Finding, Findings, InputError, Severity
from .intake.tables import read_csv, read_excel

_YES = frozenset({"yes", "y", "true", "1", "是", "同意"})


@dataclass(frozen=True)
class Owner:
    """The worker in charge of a grid, with what may be shown in public.

    ``phone`` is the office number where there is one; a mobile number is shown only where the
    worker's consent is on record.
    """

    name: str
    phone: str


def read_owners(path: str | Path) -> tuple[dict[str, Owner], Findings]:
    """Read a table (CSV or Excel) with ``grid_id`` and ``name``; return owners by grid id.

    Also used where present: ``office_phone``, ``mobile`` (or ``phone``), ``consent``. Without
    a recorded consent a worker's name and mobile stay out, and only the office number is shown.

    Raises:
        InputError: no such file, columns missing, or a grid with two owners.
    """
    source = Path(path)
    if not source.is_file():
        raise InputError(
            [
                Finding(
                    "file-missing", Severity.ERROR, f"{source}: no such file", "Check the path",
                    first=str(source),
                )
            ]
        )  # fmt: skip
    table = (read_excel(source, None, "workers") if _is_excel(source) else read_csv(source))[0]
    missing = [column for column in ("grid_id", "name") if column not in table.columns]
    faults = []
    if missing:
        faults.append(
            Finding(
                "owner-columns-missing",
                Severity.ERROR,
                f"{source.name} has no column {' and no column '.join(missing)}; "
                f"columns there are: {', '.join(map(str, table.columns))}",
                "Name the columns grid_id and name",
                len(missing),
                missing[0],
            )
        )
        raise InputError(faults)
    owners: dict[str, Owner] = {}
    twice: list[str] = []
    silent = 0
    for row in table.to_dict("records"):
        text = {key: "" if value is None else str(value).strip() for key, value in row.items()}
        grid = text["grid_id"]
        if not grid:
            continue
        if grid in owners:
            twice.append(grid)
        agreed = text.get("consent", "").casefold() in _YES
        silent += not agreed
        mobile = text.get("mobile") or text.get("phone") or ""
        office = text.get("office_phone", "")
        owners[grid] = Owner(
            name=text["name"] if agreed else "",
            phone=office or (mobile if agreed else ""),
        )
    if twice:
        faults.append(
            Finding(
                "grid-with-two-owners",
                Severity.ERROR,
                f"{len(set(twice))} grids have more than one owner (first: {twice[0]})",
                f"Leave one row a grid in {source.name}",
                len(set(twice)),
                twice[0],
            )
        )
        raise InputError(faults)
    if silent:
        faults.append(
            Finding(
                "owner-without-consent",
                Severity.WARNING,
                f"{silent} workers have no recorded consent: their names are not shown",
                "Record 'yes' in the column consent once they agree",
                silent,
            )
        )
    return owners, Findings(tuple(faults))


def _is_excel(path: Path) -> bool:
    return path.suffix.lower() in {".xlsx", ".xlsm"}
