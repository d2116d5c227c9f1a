"""Files in, a clean Community out, with every fault told at once."""

from .check import check_community
from .households import roster_findings
from .read import read_community

__all__ = ["check_community", "read_community", "roster_findings"]
