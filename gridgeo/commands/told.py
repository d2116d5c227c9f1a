"""What a command was told that it cannot use: one message, and exit status 2."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from ..console import Screen

BAD_INPUT = 2


@contextmanager
def told(outcome: str = "") -> Iterator[Screen]:
    """Give a screen; turn errors made on purpose into one message and exit status 2."""
    from ..console import Screen
    from ..errors import GridGeoError, InputError

    screen = Screen()
    try:
        yield screen
    except InputError as error:
        faults = [finding.sentence() for finding in error.findings]
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        screen.complain(faults, lead=f"{count} in the input{outcome}:")
        raise typer.Exit(BAD_INPUT) from error
    except GridGeoError as error:
        screen.complain([str(error)])
        raise typer.Exit(BAD_INPUT) from error
