"""The command line: arguments in, exit status out; all work is done by the rooms below."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from .commands.check import check
from .commands.code import code
from .commands.compare import compare
from .commands.demo import demo
from .commands.evaluate import evaluate
from .commands.export import export
from .commands.import_grids import import_grids
from .commands.locate import locate
from .commands.log import log
from .commands.owners import owners
from .commands.partition import partition
from .commands.publish import publish
from .commands.redraw import redraw
from .commands.rerun import rerun
from .commands.serve import serve
from .commands.store import store
from .commands.territory import territory
from .commands.waive import waive

app = typer.Typer(
    help="Divide a community into grids, prove how good they are, and show them on a map.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Run the command line; the entry point of ``gridgeo``."""
    for stream in (sys.stdout, sys.stderr):
        # a console of another code page shows "?" for a letter it lacks, and goes on
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    app()


def _tell_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"gridgeo {version('gridgeo')}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_tell_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    pass


for command in (
    demo, check, territory, partition, redraw, evaluate, compare, owners, code, waive, log, rerun,
    publish, export, serve,
):  # fmt: skip
    app.command()(command)
app.command("import")(import_grids)  # a word of Python's own
# a longitude of -74 is no option
app.command(context_settings={"ignore_unknown_options": True})(locate)
app.add_typer(store, name="store")
