"""gridgeo publish: a plan as a folder of maps and pages that passed the gate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .told import told


def publish(  # noqa: PLR0913, PLR0917  # each one an option of the command
    plan: Annotated[Path, typer.Argument(metavar="PLAN.gpkg", help="A plan of GridGeo.")],
    site: Annotated[
        Path, typer.Option("-o", "--output", metavar="SITE", help="The folder to write.")
    ],
    owners: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Community workers: CSV or Excel with grid_id, name, phone, ..."
        ),
    ] = None,
    services: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Numbers to call: CSV or Excel with label, phone."),
    ] = None,
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="Heading of the map.")] = None,
    lang: Annotated[str, typer.Option(metavar="en|zh", help="Language of every word.")] = "en",
    counts: Annotated[
        str,
        typer.Option(
            metavar="none|suppressed",
            help="Households and people of grids: none, or without small ones.",
        ),
    ] = "none",
    previous: Annotated[
        str | None,
        typer.Option(metavar="SITE", help="An earlier publication, which counts and colours heed."),
    ] = None,
    base_url: Annotated[
        str, typer.Option(metavar="URL", help="Where the site will stand, for QR codes.")
    ] = "",
    basemap: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Tiles beneath the map: osm, tianditu, tianditu-img, amap, amap-img, tencent, "
            "baidu, or an address with {z}, {x} and {y}.",
        ),
    ] = "",
    basemap_key: Annotated[
        str, typer.Option(metavar="TEXT", help="The key of the provider of the tiles.")
    ] = "",
    basemap_datum: Annotated[
        str, typer.Option(metavar="wgs84|gcj02|bd09", help="Of tiles of your own.")
    ] = "",
    basemap_credit: Annotated[
        str, typer.Option(metavar="TEXT", help="Whom to name for tiles of your own.")
    ] = "",
    map_number: Annotated[
        str, typer.Option(metavar="TEXT", help="Map review number, printed on boards.")
    ] = "",
    credits_text: Annotated[
        str,
        typer.Option(
            "--credits", metavar="TEXT", help="Whose data the map is, as their licence asks."
        ),
    ] = "",
    paper: Annotated[str, typer.Option(metavar="A0|A1|A2|A3", help="Paper of the boards.")] = "A3",
    entrances: Annotated[
        bool, typer.Option("--entrances", help="Also a small board for each entrance.")
    ] = False,
    per: Annotated[
        str, typer.Option(metavar="household|building", help="A card for each.")
    ] = "household",
    mask_phones: Annotated[
        bool, typer.Option("--mask-phones", help="Show phones on labels in part only.")
    ] = False,
    date: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM-DD", help="The day printed on boards and cards."),
    ] = None,
    no_print: Annotated[
        bool, typer.Option("--no-print", help="Leave out boards, cards and labels.")
    ] = False,
    topojson: Annotated[
        bool, typer.Option("--topojson", help="Also write grids.topojson.")
    ] = False,
) -> None:
    """Publish a plan: a web map, a page for each grid, and tables, in one folder.

    Only what is on the list of public fields gets out: no figure of a building or household, no
    photo or own number without consent. Counts of grids only with --counts suppressed.

    Exit status: 0 done; 2 not a plan, or files or a folder that cannot be used, or something
    that may not be public: then nothing was written.
    """
    with told() as screen:
        from ..arguments import Arguments
        from ..errors import InputError
        from ..plan_file import read_plan
        from ..publish import Edition
        from ..publish import publish as publish_plan

        said = Arguments()
        said.folder("-o", site)
        edition = Edition(
            language=lang,
            counts=counts,
            services=services,
            previous=previous,
            topojson=topojson,
            base_url=base_url,
            basemap=basemap,
            basemap_key=basemap_key,
            basemap_datum=basemap_datum,
            basemap_credit=basemap_credit,
            map_number=map_number,
            credits=credits_text,
            paper=paper,
            entrances=entrances,
            per=per,
            masked=mask_phones,
            prints=not no_print,
            day=said.day("--date", date),
        )
        faults = [*said.faults, *edition.faults()]
        if faults:
            raise InputError(faults)
        published = publish_plan(read_plan(plan), site, owners=owners, title=title, edition=edition)
        screen.warnings(published.findings)
        screen.paths(published.main_files())
        screen.next_step("Open", published.index, "in a browser; it works offline")
