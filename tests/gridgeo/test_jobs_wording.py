"""Messages of jobs name what was sent, in the words of the API."""

from __future__ import annotations

from pathlib import Path

import pytest

from gridgeo.jobs.arguments import ARGUMENTS
from gridgeo.jobs.wording import _NAMES, as_asked

FOLDER = Path("/tmp/gridgeo-job-x")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("/tmp/gridgeo-job-x/01a2-7/b.csv: cut off", "b.csv: cut off"),
        ("Name it with --column households=NAME.", 'Name it with columns {"households": NAME}.'),
        (
            "Name them with --column households=NAME --column population=NAME",
            'Name them with columns {"households": NAME, "population": NAME}',
        ),
        ("Use --max-span 2000 or --where", "Use max_span_m 2000 or where"),
        ("--fix writes it", "mend writes it"),
        ("a--b, 10--20 and well-known", "a--b, 10--20 and well-known"),
    ],
)
def test_files_and_options_are_told_as_they_were_asked(said, told):
    assert as_asked({"findings": [{"fix": said, "count": 3}]}, FOLDER) == {
        "findings": [{"fix": told, "count": 3}]
    }


def test_names_of_arguments_are_those_that_jobs_take():
    known = {name for each in ARGUMENTS.values() for name in each.model_fields}
    assert set(_NAMES.values()) <= known
