"""The resources of the store, one class each."""

from .audit_log import AuditLog
from .communities import Communities, Workers
from .files import Files
from .jobs import Jobs, NewJob
from .keys import Invitations, Sessions, SignInAttempts, Tokens
from .plans import BuildingSets, NewBuildingSet, NewPlan, Plans
from .publications import Feature, NewPublication, Publications, PublicFile
from .requests import IdempotencyKeys, Uploads
from .users import Users

__all__ = [
    "AuditLog",
    "BuildingSets",
    "Communities",
    "Feature",
    "Files",
    "IdempotencyKeys",
    "Invitations",
    "Jobs",
    "NewBuildingSet",
    "NewJob",
    "NewPlan",
    "NewPublication",
    "Plans",
    "PublicFile",
    "Publications",
    "Sessions",
    "SignInAttempts",
    "Tokens",
    "Uploads",
    "Users",
    "Workers",
]
