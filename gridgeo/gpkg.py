"""Layers as one GeoPackage: written whole or not at all, same layers, same bytes."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

# GDAL stamps a GeoPackage with the time of writing, and may build the index of a large layer
# in a thread of its own: neither may reach the bytes.
_SETTINGS = {
    "OGR_CURRENT_DATE": "2000-01-01T00:00:00.000Z",
    "OGR_GPKG_ALLOW_THREADED_RTREE": "NO",
}


def write_layers(layers: Mapping[str, pd.DataFrame], path: Path) -> Path:
    """Write layers and tables in their order; an old file there is replaced.

    Raises:
        OSError: the file could not be written; an old one stays what it was.
    """
    try:
        # a folder beside the target: the same file system, and GDAL's side files go with it
        with repeatable(), tempfile.TemporaryDirectory(prefix=".gpkg-", dir=path.parent) as beside:
            draft = Path(beside) / "draft.gpkg"
            for layer, frame in layers.items():
                _write_layer(draft, layer, frame)
            draft.replace(path)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as fault:
        raise OSError(str(fault)) from fault
    return path


def _write_layer(path: Path, layer: str, frame: pd.DataFrame) -> None:
    more = {}
    if isinstance(frame, gpd.GeoDataFrame):
        kinds = sorted(set(frame.geom_type.dropna()))
        # one kind is told to QGIS; mixed shapes stay as they are, never promoted
        more["geometry_type"] = kinds[0] if len(kinds) == 1 else "Unknown"
        more["promote_to_multi"] = False
    with warnings.catch_warnings():
        # where no CRS is known none can be written; whoever asks for the file has been told
        warnings.filterwarnings("ignore", message="'crs' was not provided")
        pyogrio.write_dataframe(
            frame, path, layer=layer, driver="GPKG", use_arrow=True, append=path.exists(), **more
        )
    if pyogrio.read_info(path, layer=layer)["features"] != len(frame):
        raise OSError(f"layer {layer!r} is not whole on disk")


@contextmanager
def repeatable() -> Iterator[None]:
    """Set GDAL so that equal layers give equal bytes; put back what was set before."""
    before = {name: pyogrio.get_gdal_config_option(name) for name in _SETTINGS}
    pyogrio.set_gdal_config_options(_SETTINGS)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)
