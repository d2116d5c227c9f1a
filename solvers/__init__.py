"""Arrays and graphs in, labels and a proof out."""

from .assign import Assigned, assign
from .assign_model import Bands, Contiguity
from .backends import SolverError
from .contract import join
from .graphs import components, group_components
from .problem import Budget, Problem, Progress, Solution, Status, Terms
from .reduce import Certificates, certificates
from .run import share_out, solve
from .staffing import Staffed, StaffingProblem, staff
from .verify import LOCK_PRICE as LOCK_BROKEN
from .verify import Verdict, broken_locks, verify

__all__ = [
    "LOCK_BROKEN",
    "Assigned",
    "Bands",
    "Budget",
    "Certificates",
    "Contiguity",
    "Problem",
    "Progress",
    "Solution",
    "SolverError",
    "Staffed",
    "StaffingProblem",
    "Status",
    "Terms",
    "Verdict",
    "assign",
    "broken_locks",
    "certificates",
    "components",
    "group_components",
    "join",
    "share_out",
    "solve",
    "staff",
    "verify",
]
