"""What the store refuses, by kind: the service turns each kind into one HTTP status."""

from __future__ import annotations

import errno

from sqlalchemy.exc import DontWrapMixin

from ..errors import GridGeoError

# what a system says where a disk, or a share of it, has no room left
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


class StoreError(DontWrapMixin, GridGeoError):
    """Root of what the store raises on purpose; the message is fit to be shown."""


class NotFound(StoreError):  # noqa: N818 - read aloud, these are answers and not faults
    """There is no such row."""


class Gone(StoreError):  # noqa: N818
    """It was there, and has been withdrawn, used or has expired."""


class Conflict(StoreError):  # noqa: N818
    """Something with that name, or in that state, is in the way."""


class Stale(Conflict):
    """The row has changed since the caller read it: its revision is another."""


class Immutable(Conflict):
    """The row is of a kind that is never changed nor removed."""


class Refused(StoreError):  # noqa: N818
    """A value that cannot be kept: a NUL in a text, an infinite number, a bad slug."""


class TooMany(StoreError):  # noqa: N818
    """A limit on how many is reached, as of jobs that wait."""


class Busy(StoreError):  # noqa: N818
    """The database did not come free in time, or is away; trying again may do."""


class Failed(StoreError):  # noqa: N818
    """The database failed in a way there is no other word for; its own are the cause."""


class Full(Failed):
    """The disk of the database has no room left; trying again may do once it has."""


class Damaged(StoreError):  # noqa: N818
    """What is kept is not what was put in: a hash differs or a piece is missing."""
