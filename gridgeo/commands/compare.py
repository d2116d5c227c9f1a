"""gridgeo compare: two plans, who moves from whom to whom, and the papers for handing over."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .told import told


def compare(  # noqa: PLR0913, PLR0917  # each one an option of the command
    before: Annotated[Path, typer.Argument(metavar="A.gpkg", help="The plan as it was.")],
    after: Annotated[Path, typer.Argument(metavar="B.gpkg", help="The plan as it is to be.")],
    folder: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="Also write tables, map and sheets."),
    ] = None,
    lang: Annotated[str, typer.Option(metavar="en|zh", help="Language of map and sheets.")] = "en",
    title: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Heading of map and sheets.")
    ] = None,
    date: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="The day printed on the sheets.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the comparison as JSON only.")
    ] = False,
) -> None:
    """Compare two plans of the same ground: what moves from whom to whom.

    Grids are matched by the households they share, not by their ids. With -o DIR: moves.csv,
    compare.json, compare.html (a map with a slider) and handover.pdf (a sheet for each grid that
    gains or loses). They name buildings and count households: for the office, not for the public.

    Exit status: 0 done, whether or not anything differs; 2 not plans, plans without a building in
    common, or a folder that cannot be used: then nothing was written.
    """
    with told() as screen:
        from ..arguments import Arguments
        from ..changes_told import flow_table, grid_table, standing_table
        from ..compare import compare as compare_plans
        from ..errors import InputError
        from ..publish import ChangesEdition, change_sentences, write_changes

        said = Arguments()
        old, new = said.plan("A", str(before)), said.plan("B", str(after))
        if folder is not None:
            said.folder("-o", folder)
        edition = ChangesEdition(language=lang, title=title, day=said.day("--date", date))
        faults = [*said.faults, *edition.faults()]
        if faults or old is None or new is None:
            raise InputError(faults)
        found = compare_plans(old, new)
        written = [] if folder is None else write_changes(found, folder, edition=edition)
        if as_json:
            import json

            typer.echo(json.dumps(found.as_dict(), indent=2, allow_nan=False))
            return
        screen.warnings(found.findings)
        tables = [standing_table(found)]
        if not found.is_empty:
            tables += [grid_table(found)]
        if found.buildings_moved:
            tables += [flow_table(found)]
        for table in tables:
            if table.title:
                screen.say(table.title)
            screen.table(table.heads, table.rows, words=table.words)
        for sentence in change_sentences(found):
            screen.say(sentence, style="bold")
        screen.paths(written)
