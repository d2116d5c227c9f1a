"""Arrays and graphs in, labels and a proof out."""

from .assign import Assigned, assign
from .assign_model import Bands, Contiguity
from .contract import join
from .graphs import components, group_components
from .problem import Budget, Problem, Progress, Solution, Status, Terms
from .run import solve
from .verify import Verdict, verify

__all__ = [
    "Assigned",
    "Bands",
    "Budget",
    "Contiguity",
    "Problem",
    "Progress",
    "Solution",
    "Status",
    "Terms",
    "Verdict",
    "assign",
    "components",
    "group_components",
    "join",
    "solve",
    "verify",
]
