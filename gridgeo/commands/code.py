"""gridgeo code: codes of a scheme as the ids of a plan's grids."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .. import options
from .told import told

if TYPE_CHECKING:
    from ..arguments import Arguments
    from ..console import Screen
    from ..model import Plan
    from ..prefixes import Prefixes
    from ..schemes import Scheme

_MOST_COMMUNITIES = 12


def code(  # noqa: PLR0913, PLR0917  # each one an option of the command
    plan: options.PlanFile,
    scheme: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="db11t2157, cjt349, db6101t3185, gbt30428, gbt30428-street4, or one of "
            "--scheme-file.",
        ),
    ] = None,
    scheme_file: Annotated[
        Path | None, typer.Option(metavar="FILE.toml", help="Schemes of your own.")
    ] = None,
    prefix: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COMMUNITY=DIGITS",
            help="What goes before the number of a grid, as RV=110101001001; DIGITS alone where "
            "there is one community; repeatable.",
        ),
    ] = None,
    prefixes: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Prefixes: CSV or Excel with community and prefix."),
    ] = None,
    prefix_column: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Column of the buildings that holds the prefix."),
    ] = None,
    part: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=DIGITS",
            help="A part of the prefix that is the same everywhere, as service=010203; repeatable.",
        ),
    ] = None,
    afresh: Annotated[
        bool, typer.Option("--afresh", help="Retire every code and give new ones; say the reason.")
    ] = False,
    reason: options.Reason = "",
    person: options.Person = "",
    date: options.Day = None,
    output: options.PlanAgain = None,
) -> None:
    """Give the grids of a plan codes of a scheme.

    Grids are numbered in bands from north to south, from west to east within a band (grids whose
    centres are less than half a grid apart, north to south, are in one band). A code that was
    given is kept, and never given to another grid; new grids take the numbers after the
    highest ever given. The plan tells which id each code replaces: gridgeo log PLAN.

    Schemes are told as they were read of: check the standard before claiming conformity.

    Exit status: 0 done; 2 not a plan, no such scheme, prefixes that cannot be used, grids that
    bear other codes, or a community whose numbers are full: then nothing was written.
    """
    with told("; nothing was written") as screen:
        from ..arguments import Arguments
        from ..coding import code_plan
        from ..errors import InputError

        said = Arguments()
        sources = [str(path) for path in (scheme_file, prefixes) if path is not None]
        target = plan if output is None else output
        said.plan_file("-o", target, sources=sources)
        day = said.today("--date", date)
        held = said.plan("PLAN", str(plan))
        chosen = said.scheme(scheme, scheme_file)
        asked = _asked(said, held, (prefix or [], prefixes, prefix_column, part or []))
        if said.faults or held is None or chosen is None:
            raise InputError(said.faults)
        coded = code_plan(held, chosen, asked, day=day, person=person, reason=reason, afresh=afresh)
        if coded is held:
            screen.say(f"Every grid bears a code of {chosen.name} already.")
        _tell(screen, held, coded, chosen)
        if coded is not held or target != plan:
            screen.paths([coded.save(target)])


def _asked(
    said: Arguments,
    plan: Plan | None,
    words: tuple[list[str], Path | None, str | None, list[str]],
) -> Prefixes:
    """Return what the options say of prefixes; those of a table or column only where needed."""
    from ..errors import InputError
    from ..prefixes import Prefixes, prefixes_of_column, read_prefixes

    prefix, table, column, part = words
    whole = [word for word in prefix if "=" not in word]
    of = said.pairs("--prefix", [word for word in prefix if "=" in word], last=True)
    parts = said.pairs("--part", part)
    if len(whole) > 1:
        fix = "Name the community of each, as RV=110101001001"
        said.fault("prefix-twice", f"--prefix {whole[1]}: stands twice", fix, first=whole[1])
    if table is not None and column is not None:
        fix = "Leave one of them out"
        said.fault("prefixes-twice", "both --prefixes and --prefix-column are given", fix)
    there = set() if plan is None else set(plan.buildings.communities.tolist())
    try:
        found = {} if table is None else read_prefixes(table)
        if column is not None and plan is not None:
            found |= prefixes_of_column(plan.buildings.table, column)
    except InputError as fault:
        said.faults += fault.findings
        found = {}
    known = {name: text for name, text in found.items() if name in there}
    return Prefixes({**known, **of}, parts, whole[0] if whole else "")


def _tell(screen: Screen, before: Plan, after: Plan, scheme: Scheme) -> None:
    """Tell how many grids were coded, from which code to which, and what to check."""
    import numpy as np

    names = sorted(set(after.buildings.communities.tolist()))
    prefixes = next(v.recipe["prefixes"] for v in reversed(after.record.versions)
                    if v.action == "code")  # fmt: skip
    for name in names[:_MOST_COMMUNITIES]:
        rows = after.buildings.communities == name
        ids = sorted(set(after.grid_ids[rows].tolist()))
        new = len({i for i, old in zip(after.grid_ids, before.grid_ids, strict=True)
                   if i != old} & set(ids))  # fmt: skip
        said = f"{ids[0]} to {ids[-1]}" if len(ids) > 1 else ids[0]
        parts = scheme.told(prefixes[name].split("-"))
        screen.say(f"{name} ({parts}): {len(ids):,} grids, {new:,} coded now: {said}.")
    if len(names) > _MOST_COMMUNITIES:
        screen.say(f"And {len(names) - _MOST_COMMUNITIES:,} more communities.")
    ended = sum(bool(entry.ended) for entry in after.record.codes)
    new = len(np.unique(after.grid_ids[after.grid_ids != before.grid_ids].astype(str)))
    screen.say(f"{new:,} grids coded by {scheme.name}; {ended:,} ids are retired in all.")
    if scheme.unsure:
        screen.say(f"Not sure: {scheme.unsure}.", style="yellow")
    screen.say("Check the standard before claiming conformity.")
