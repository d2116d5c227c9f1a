"""Files in, a clean Community out, with every fault told at once."""

from .check import check_community
from .households import roster_findings
from .locks import read_locks
from .read import read_community, read_ground

__all__ = ["check_community", "read_community", "read_ground", "read_locks", "roster_findings"]
