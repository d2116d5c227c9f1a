"""What the API takes and tells: names of the store, never a secret nor a hash of one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from ..jobs.arguments import (
    CheckArguments,
    Line,
    PartitionArguments,
    PublishArguments,
    RedrawArguments,
)
from .forms import Name, Password, Slug, UserName
from .sign_in import LONGEST_PASSWORD

RoleName = Literal["viewer", "worker", "planner", "admin"]
Scope = Literal["read", "write", "admin"]


class Taken(BaseModel):
    """What a client sends: nothing besides what is named, and "no" is no false."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Told(BaseModel):
    """What a client is told, read from a row of the store."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


Row = TypeVar("Row", bound=Told)


class Page(Told, Generic[Row]):
    """Some rows of a list; ``next`` is where the following ones are, null where none are."""

    items: list[Row]
    next: str | None


class NewCommunity(Taken):
    """A community to add."""

    slug: Slug
    name: Name


class CommunityChange(Taken):
    """What changes of a community."""

    name: Name


class CommunityTold(Told):
    """A community."""

    id: str
    slug: str
    name: str
    created_at: datetime
    revision: int


class UploadTold(Told):
    """A file that was sent."""

    id: str
    name: str
    media_type: str
    file_sha256: str
    created_at: datetime
    expires_at: datetime | None


class BuildingSetTold(Told):
    """Buildings that were checked and kept."""

    id: str
    community_id: str
    number: int
    file_name: str
    file_sha256: str
    counts: dict[str, Any]
    findings: list[Any]
    made_by: str
    created_at: datetime


class PlanTold(Told):
    """A plan."""

    id: str
    community_id: str
    building_set_id: str
    number: int
    parent_id: str | None
    action: str
    digest: str
    status: str
    objective: float | None
    bound: float | None
    gap: float | None
    violations: list[Any]
    counts: dict[str, Any]
    recipe: dict[str, Any]
    file_sha256: str
    made_by: str
    reason: str
    created_at: datetime


class PublicationTold(Told):
    """A publication."""

    id: str
    community_id: str
    plan_id: str
    number: int
    edition: dict[str, Any]
    counts: dict[str, Any]
    made_by: str
    created_at: datetime
    valid_from: datetime
    valid_to: datetime | None
    withdrawn_at: datetime | None
    withdrawn_reason: str
    revision: int


class Withdrawal(Taken):
    """Why a publication is taken back."""

    reason: Name


class NewWorker(Taken):
    """A community worker to add; ``code`` is the word the office knows them by."""

    code: Name
    name: Name


class WorkerChange(Taken):
    """What changes of a worker."""

    name: Name | None = None
    active: bool | None = None


class WorkerTold(Told):
    """A community worker."""

    id: str
    community_id: str
    code: str
    name: str
    active: bool
    created_at: datetime
    revision: int


class NewCheck(Taken):
    """Check files that were uploaded, and keep them as a building set."""

    kind: Literal["check"]
    arguments: CheckArguments


class NewPartition(Taken):
    """Divide a building set into grids."""

    kind: Literal["partition"]
    arguments: PartitionArguments


class NewRedraw(Taken):
    """Redraw a plan, so that few households change owner."""

    kind: Literal["redraw"]
    arguments: RedrawArguments


class NewPublication(Taken):
    """Publish a plan."""

    kind: Literal["publish"]
    arguments: PublishArguments


NewJobTaken = Annotated[
    NewCheck | NewPartition | NewRedraw | NewPublication, Field(discriminator="kind")
]


class JobTold(Told):
    """A job and what became of it."""

    id: str
    kind: str
    community_id: str | None
    state: str
    arguments: dict[str, Any]
    progress: dict[str, Any]
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    attempts: int
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    cancel_asked_at: datetime | None


class SignIn(Taken):
    """A name and its password."""

    name: Annotated[str, Field(max_length=80)]
    password: Annotated[str, Field(max_length=LONGEST_PASSWORD)]


class Joining(Taken):
    """What a person chooses who was invited."""

    name: UserName
    full_name: Line = ""
    password: Password


class NewPassword(Taken):
    """A new password, and the old one as proof."""

    old: Annotated[str, Field(max_length=LONGEST_PASSWORD)]
    new: Password


class UserChange(Taken):
    """What changes of a user."""

    full_name: Line | None = None
    role: RoleName | None = None
    disabled: bool | None = None


class UserTold(Told):
    """A user."""

    id: str
    name: str
    full_name: str
    role: str
    disabled_at: datetime | None
    created_at: datetime
    revision: int


class NewInvitation(Taken):
    """Whom to invite."""

    role: RoleName = "viewer"
    hours: Annotated[float, Field(gt=0, le=24 * 30)] = 72.0


class InvitationTold(Told):
    """An invitation, without its link."""

    id: str
    role: RoleName
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    used_by: str | None


class InvitationMade(InvitationTold):
    """An invitation and its link, which is told only now."""

    link: str


class NewPasswordLink(Taken):
    """How long a link for a new password holds."""

    hours: Annotated[float, Field(gt=0, le=24 * 30)] = 72.0


class PasswordLinkMade(Told):
    """A link for a new password, which is told only now; withdrawn as the token of its id."""

    id: str
    user_id: str
    expires_at: datetime
    link: str


class NewToken(Taken):
    """A token to make; it does no more than its user may."""

    name: Name
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=3)] = ["read"]
    days: Annotated[int, Field(ge=1, le=366)] = 90


class TokenTold(Told):
    """A token, without its secret."""

    id: str
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class TokenMade(TokenTold):
    """A token and its secret, which is told only now."""

    token: str


class AuditEntryTold(Told):
    """A write: who, what, before and after."""

    id: str
    created_at: datetime
    actor: str
    actor_id: str
    action: str
    kind: str
    resource_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    request_id: str
