"""The tables of the store, one class each."""

from .audit import AuditEntry
from .files import PIECE_BYTES, File, FileChunk, Upload
from .jobs import ENDS, IdempotencyKey, Job, JobState
from .people import Invitation, Role, Session, SignInAttempt, Token, User
from .plans import BuildingSet, Community, Plan, Worker
from .publications import (
    Publication,
    PublicationFile,
    PublishedBoundary,
    PublishedBuilding,
    PublishedGrid,
)
from .row import JsonObject, Table, now

__all__ = [
    "ENDS",
    "PIECE_BYTES",
    "AuditEntry",
    "BuildingSet",
    "Community",
    "File",
    "FileChunk",
    "IdempotencyKey",
    "Invitation",
    "Job",
    "JobState",
    "JsonObject",
    "Plan",
    "Publication",
    "PublicationFile",
    "PublishedBoundary",
    "PublishedBuilding",
    "PublishedGrid",
    "Role",
    "Session",
    "SignInAttempt",
    "Table",
    "Token",
    "Upload",
    "User",
    "Worker",
    "now",
]
