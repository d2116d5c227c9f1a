"""Arrays and graphs in, labels and a proof out."""

from .contract import join
from .graphs import components, group_components
from .problem import Budget, Problem, Progress, Solution, Status, Terms
from .reduce import Certificates, certificates
from .run import solve
from .verify import Verdict, verify

__all__ = [
    "Budget",
    "Certificates",
    "Problem",
    "Progress",
    "Solution",
    "Status",
    "Terms",
    "Verdict",
    "certificates",
    "components",
    "group_components",
    "join",
    "solve",
    "verify",
]
