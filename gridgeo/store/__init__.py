"""Plans in a database: SQLite by default, PostgreSQL with PostGIS by URL.

``Store.open(folder_or_url)``, then ``store.read()`` and ``store.write(Actor(...))`` give units;
a unit has one attribute a resource (``unit.plans``, ``unit.jobs``, ...).
"""

from .blobs import Blob, blob_of
from .engine import has_password
from .errors import (
    NO_ROOM,
    Busy,
    Conflict,
    Damaged,
    Failed,
    Full,
    Gone,
    Immutable,
    NotFound,
    Refused,
    Stale,
    StoreError,
    TooMany,
)
from .opening import Store
from .resources import Feature, NewBuildingSet, NewJob, NewPlan, NewPublication, PublicFile
from .tables import JobState, Role
from .trail import Actor
from .unit import Unit

__all__ = [
    "NO_ROOM",
    "Actor",
    "Blob",
    "Busy",
    "Conflict",
    "Damaged",
    "Failed",
    "Feature",
    "Full",
    "Gone",
    "Immutable",
    "JobState",
    "NewBuildingSet",
    "NewJob",
    "NewPlan",
    "NewPublication",
    "NotFound",
    "PublicFile",
    "Refused",
    "Role",
    "Stale",
    "Store",
    "StoreError",
    "TooMany",
    "Unit",
    "blob_of",
    "has_password",
]
