"""A plan as one GeoPackage that QGIS opens: written whole or not at all, same plan, same bytes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyogrio
import shapely

from .errors import PlanFileError
from .gpkg import write_layers
from .model import Plan
from .plan_tables import plan_of, tables_of

# Whole numbers and truth values with holes would come back as floats and objects.
_NULLABLE = {
    pa.int64(): pd.Int64Dtype(),
    pa.int32(): pd.Int64Dtype(),
    pa.int16(): pd.Int64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
}
_WHOLE_AGAIN = {"Int64": "int64", "boolean": "bool"}


def write_plan(plan: Plan, path: str | Path) -> Path:
    """Write a plan as a GeoPackage and return its path; an old file there is replaced.

    Layers in the plan's metric CRS: ``grids`` (one polygon each, with figures, among them those
    of the objective's terms, and reasons),
    ``buildings`` (input shapes and attributes with ``grid_id``; input columns of a name that
    is taken get ``_source`` at its end), ``cells`` (polygons with the neighbours one may walk
    to, the border with each in metres and the barrier between, as JSON lists), ``edges``
    (lines from building to building one may walk: ``a``, ``b``, ``border_m``, ``barrier`` and
    the ``reason``), ``forbidden`` (the same of contacts one may not cross), ``territory``,
    ``barriers`` where the plan has them; table ``plan``, one row a community. Its ``seconds``
    are rounded up to 1, 10, 60, 600, 3600 ...: the same plan gives the same bytes.

    Raises:
        PlanFileError: the path cannot take a plan, or the plan is not whole; nothing is
            written then, and an old file stays what it was.
    """
    path = check_plan_path(path)
    try:
        return write_layers(tables_of(plan), path)
    except OSError as fault:
        raise PlanFileError(f"{path}: the plan could not be written ({fault})") from fault


def check_plan_path(path: str | Path, *, what: str = "plan") -> Path:
    """Return the path if a plan, or ``what`` it is, can be written there; ask before a long run.

    Raises:
        PlanFileError: not named .gpkg, no such folder, a folder itself, or open in QGIS.
    """
    path = Path(path)
    if path.suffix.lower() != ".gpkg":
        raise PlanFileError(f"{path}: a {what} is a GeoPackage. Name it with the suffix .gpkg")
    if not path.parent.is_dir():
        raise PlanFileError(f"{path}: there is no folder {path.parent}. Make it first")
    if path.is_dir():
        raise PlanFileError(f"{path}: this is a folder. Name a file")
    log = path.with_name(f"{path.name}-wal")
    if log.exists():
        # SQLite would apply the log of the old file to the new one and ruin it
        raise PlanFileError(
            f"{path}: open in another program. Close it there (QGIS), or give another name; "
            f"if no program has it open, remove {log.name}"
        )
    return path


def read_plan(path: str | Path) -> Plan:
    """Read a plan that ``write_plan`` wrote.

    Raises:
        PlanFileError: no such file, no GeoPackage, no plan, or a damaged one.
    """
    return read_plan_and_tables(path)[0]


def read_plan_and_tables(path: str | Path) -> tuple[Plan, dict[str, pd.DataFrame]]:
    """Read a plan, and every layer of its file as it stands.

    Raises:
        PlanFileError: as ``read_plan``.
    """
    path = Path(path)
    tables = _read_tables(path)
    try:
        return plan_of(tables), tables
    except PlanFileError as fault:
        raise PlanFileError(f"{path}: not a whole GridGeo plan: {fault}") from fault


def _read_tables(path: Path) -> dict[str, pd.DataFrame]:
    if not path.is_file():
        raise PlanFileError(f"{path}: no such file")
    try:
        names = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
        return {name: _read_layer(path, name) for name in names}
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        shapely.errors.GEOSException,
        UnicodeDecodeError,
    ) as fault:
        raise PlanFileError(f"{path}: cannot be read ({fault})") from fault


def _read_layer(path: Path, layer: str) -> pd.DataFrame:
    frame = pyogrio.read_dataframe(
        path,
        layer=layer,
        use_arrow=True,
        arrow_to_pandas_kwargs={"types_mapper": _NULLABLE.get},
    )
    whole = {
        name: _WHOLE_AGAIN[str(dtype)]
        for name, dtype in frame.dtypes.items()
        if str(dtype) in _WHOLE_AGAIN and not frame[name].isna().any()
    }
    return frame.astype(whole) if whole else frame
