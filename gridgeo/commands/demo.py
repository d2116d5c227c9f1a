"""gridgeo demo: divide Riverside and draw its map."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .divide import Job, divide_town, tell_proof
from .told import told


def demo(
    folder: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Where to write.")
    ] = Path("demo"),
) -> None:
    """Divide Riverside, a made-up community, and draw its map.

    Writes DIR/plan.gpkg, DIR/report.json and DIR/site/index.html. Exit status: 0 done;
    2 DIR cannot be written; 4 time ran out.
    """
    with told() as screen:
        from ..arguments import Arguments
        from ..errors import InputError
        from ..intake import read_community
        from ..publish import Edition
        from ..publish import publish as publish_plan
        from ..report import NO_PLAN_CAN
        from ..riverside_files import riverside_folder

        said = Arguments()
        said.folder("-o", folder)
        if said.faults:
            raise InputError(said.faults)
        data = riverside_folder()
        town = read_community(
            data / "buildings.gpkg",
            boundary=data / "boundary.gpkg",
            barriers=data / "barriers.gpkg",
            community="community",
        )
        folder.mkdir(parents=True, exist_ok=True)
        job = Job(
            folder / "plan.gpkg", folder / "report.json", whole="compound", time_limit_s=120.0
        )
        done = divide_town(screen, town, job)
        edition = Edition(prints=False)
        published = publish_plan(done.plan, folder / "site", title="Riverside", edition=edition)
        screen.warnings(published.findings)
        tell_proof(screen, done)
        screen.paths([*done.written, *published.main_files()])
        screen.next_step("Open", published.index, "in a browser; it works offline")
        # that Riverside cannot meet the bands everywhere is what the demo is to show
        raise typer.Exit(0 if done.status == NO_PLAN_CAN else done.status)
