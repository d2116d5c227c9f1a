"""What a job says is wrong names what a job can be told, not options of the command line."""

from __future__ import annotations

import pytest

from gridgeo.jobs.words import said_to_programs


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "Name them with --column households=NAME --column population=NAME.",
            'Name them with "columns": {"households": "NAME", "population": "NAME"}.',
        ),
        ("Name it with --crs, as --crs EPSG:4490.", 'Name it with "crs", as "crs": "EPSG:4490".'),
        ("--fix swaps them back", '"mend": true swaps them back'),
        ("Undo it with gridgeo check --fix, or not", 'Undo it with "mend": true, or not'),
        ("Leave out either --whole or --max-span", 'Leave out either "whole" or "max_span_m"'),
        ("--lang xx: there is no such choice", '"language" xx: there is no such choice'),
        (
            "Name one, as town.gpkg:houses.",
            'Name one in "layers", as {"buildings": "houses"}.',
        ),
        ("give it one, as --weights balance=1", 'give it one, as "weights" balance=1'),
        (
            "Name a PNG or JPEG, seen from the table.",
            "Name a PNG or JPEG, and send them in a .zip as "
            '"photos", under the paths in the table.',
        ),
        ("A street called --where-else stays", "A street called --where-else stays"),
    ],
)
def test_options_are_told_as_arguments(said, told):
    assert said_to_programs(said) == told
