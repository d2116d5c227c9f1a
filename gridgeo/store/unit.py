"""A unit: every resource of the store within one transaction."""

from __future__ import annotations

from .resources import (
    AuditLog,
    BuildingSets,
    Communities,
    Files,
    IdempotencyKeys,
    Invitations,
    Jobs,
    Plans,
    Publications,
    Sessions,
    SignInAttempts,
    Tokens,
    Uploads,
    Users,
    Workers,
)
from .trail import UnitSession


class Unit:
    """The resources, all of one transaction; given by ``Store.read`` and ``Store.write``."""

    def __init__(self, session: UnitSession) -> None:
        self.session = session
        self.communities = Communities(session)
        self.workers = Workers(session)
        self.building_sets = BuildingSets(session)
        self.plans = Plans(session)
        self.publications = Publications(session)
        self.files = Files(session)
        self.users = Users(session)
        self.sessions = Sessions(session)
        self.tokens = Tokens(session)
        self.invitations = Invitations(session)
        self.sign_in_attempts = SignInAttempts(session)
        self.jobs = Jobs(session)
        self.uploads = Uploads(session)
        self.idempotency_keys = IdempotencyKeys(session)
        self.audit_log = AuditLog(session)
