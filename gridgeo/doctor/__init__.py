"""The data doctor: every fault of a file of buildings, and what can be mended with certainty."""

from .check import check_files
from .diagnosis import Change, Diagnosis, Fault, Remedy

__all__ = ["Change", "Diagnosis", "Fault", "Remedy", "check_files"]
