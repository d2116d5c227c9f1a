"""Which readers of GDAL a job may use: those of the formats that are taken, and no others.

GDAL looks at what is in a file, not at its name: a "buildings.gpkg" that is really a VRT names
any file of this machine, or an address on the net, and that would be read in its place.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

# MEM is where GDAL keeps what it reads for itself.
TAKEN = ("GPKG", "ESRI Shapefile", "GeoJSON", "GeoJSONSeq", "TopoJSON", "FlatGeobuf", "MEM")


def without_other_readers(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return an environment in which GDAL, once started, has no readers but those taken."""
    import pyogrio

    others = sorted(set(pyogrio.list_drivers()) - set(TAKEN))
    return {
        **environment,
        "GDAL_SKIP": ",".join(others),
        # nor does it fetch what a file names
        "GDAL_HTTP_MAX_RETRY": "0",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    }
