"""Whatever faults come together: all are told, mending loses nothing and leaves nothing to mend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from shapely.affinity import translate
from shapely.geometry import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

from gridgeo.doctor import Remedy, check_files
from gridgeo.errors import InputError
from gridgeo.intake import read_community

X, Y = 500_000.0, 4_400_000.0

# one house at the corner X, Y in every state a footprint can be in
SHAPES = [
    box(X, Y, X + 10, Y + 10),
    box(X, Y, X + 10.2, Y + 10),
    box(X, Y, X + 15, Y + 10),
    box(X + 2, Y + 2, X + 8, Y + 8),
    box(X - 10, Y, X + 25, Y + 10),
    Point(X + 5, Y + 5),
    Polygon([(X, Y), (X + 10, Y + 10), (X + 10, Y), (X, Y + 10)]),
    Polygon([(X, Y), (X + 10, Y), (X + 5, Y)]),
    MultiPolygon([box(X, Y, X + 3, Y + 9), box(X + 5, Y, X + 8, Y + 9)]),
    GeometryCollection([box(X, Y, X + 9, Y + 9), LineString([(X, Y), (X + 1, Y)])]),
    shapely.force_3d(box(X, Y, X + 9, Y + 9), 3.0),
    shapely.transform(box(X, Y, X + 9, Y + 9), lambda xy: xy + np.array([39e6, 0])),
    shapely.transform(box(X, Y, X + 9, Y + 9), lambda xy: xy[:, ::-1]),
    LineString([(X, Y), (X + 5, Y)]),
    Polygon(),
    None,
]
IDS = ["1", "2", "3", "03", "007", "3幢", "3栋", "３", " 4", "5.0", "1E+14", "", None]
COUNTS = ["3", "0", "1,200", "７", "4.0", "2.5", "-1", "many", "", None]

ROW = st.tuples(
    st.sampled_from(IDS),
    st.sampled_from(COUNTS),
    st.sampled_from(COUNTS),
    st.integers(0, len(SHAPES) - 1),
    st.integers(0, 7),
)


def town(rows: list[tuple[Any, ...]], folder: Path) -> Path:
    """Houses 10 m apart and less: they touch, overlap and stand in each other."""
    shapes = [
        translate(SHAPES[shape], 10.0 * place) if SHAPES[shape] is not None else None
        for *_, shape, place in rows
    ]
    frame = gpd.GeoDataFrame(
        {
            "building_id": [row[0] for row in rows],
            "households": [row[1] for row in rows],
            "population": [row[2] for row in rows],
        },
        geometry=shapes,
        crs="EPSG:4548",
    )
    path = folder / "town.gpkg"
    frame = frame.astype(dict.fromkeys(("building_id", "households", "population"), "str"))
    pyogrio.write_dataframe(frame, path, geometry_type="Unknown", promote_to_multi=False)
    return path


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    # each example writes files: to shrink one takes minutes and teaches little
    phases=[Phase.explicit, Phase.generate],
)
@given(rows=st.lists(ROW, min_size=1, max_size=9))
# one row of another zone that stands there three times among five that have no place
@example(
    rows=[
        ("3栋", None, "4.0", 11, 2), ("007", "many", "4.0", 14, 2), ("3", None, "4.0", 13, 3),
        ("3栋", None, "4.0", 11, 2), (" 4", "", "７", 4, 7), (None, "1,200", None, 14, 7),
        ("3栋", None, "4.0", 11, 2), (" 4", "3", "many", 2, 1), ("007", "1,200", "2.5", 8, 7),
    ]
)  # fmt: skip
def test_any_faults_together_are_told_and_mended_without_loss(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[Any, ...]]
) -> None:
    folder = tmp_path_factory.mktemp("town")
    path = town(rows, folder)
    found = check_files(path)
    told = {fault.code for fault in found.faults}
    try:
        refused = {finding.code for finding in read_community(path).check().errors}
    except InputError as error:
        refused = {finding.code for finding in error.findings}
    if {"coordinates-zone", "coordinates-swapped"} & told:
        # partition judges a file by the middle of all rows; where those that stand there twice
        # drew it away, the doctor tells the row itself
        refused.discard("coordinates-off-crs")
    assert refused <= told

    out = found.save(folder / "mended.gpkg")
    again = check_files(out)
    assert not again.of(Remedy.MENDABLE), [f.finding.sentence() for f in again.faults]
    by_hand = {fault.code for fault in found.of(Remedy.BY_HAND)}
    assert {fault.code for fault in again.of(Remedy.BY_HAND)} <= by_hand
    assert (again.exit_status == 2) == (found.exit_status == 2)
    if found.exit_status < 2:
        read_community(out).check().raise_if_any()

    # no row goes but with a change that says so
    gone = [change for change in found.changes if change.what == "row"]
    kept = pyogrio.read_dataframe(out, layer="buildings")
    assert len(kept) + len(gone) == len(rows)
    # every fault of a building that stands somewhere has its point
    places = pyogrio.read_dataframe(out, layer="faults")
    assert len(places) == sum(len(fault.rows) or 1 for fault in found.faults)
