"""An example of everything the API takes and tells, for its document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_COMMUNITY, _SET, _PLAN, _PUBLICATION, _JOB, _UPLOAD, _USER, _TOKEN = (
    f"01a211d0-fbac-7794-a0af-48225da338b{k}" for k in range(8)
)
_FILE = "bfc0aa796039fa41ee7e54ba00a615a1c0d1eeffcef8a6b982bac7f71a55d245"
_MADE, _LATER = "2026-03-02T08:27:18.316505Z", "2026-06-01T00:00:00Z"
_INVITATION = {"id": _TOKEN, "role": "planner", "created_at": _MADE, "expires_at": _LATER,
               "used_at": None, "used_by": None}  # fmt: skip
_TOKEN_TOLD = {"id": _TOKEN, "name": "nightly upload", "scopes": ["read", "write"],
               "created_at": _MADE, "expires_at": _LATER, "last_used_at": None,
               "revoked_at": None}  # fmt: skip
_PARTITION = {"building_set_id": _SET, "households": "300:500", "population": "1000:1500",
              "max_span_m": 800, "time_limit_s": 120}  # fmt: skip

EXAMPLES: Mapping[str, dict[str, Any]] = {
    "NewCommunity": {"slug": "riverside", "name": "Riverside"},
    "CommunityChange": {"name": "Riverside Quarter"},
    "CommunityTold": {"id": _COMMUNITY, "slug": "riverside", "name": "Riverside",
                      "created_at": _MADE, "revision": 1},
    "UploadTold": {"id": _UPLOAD, "name": "buildings.gpkg",
                   "media_type": "application/octet-stream", "file_sha256": _FILE,
                   "created_at": _MADE, "expires_at": _LATER},
    "BuildingSetTold": {
        "id": _SET, "community_id": _COMMUNITY, "number": 1, "file_name": "buildings.gpkg",
        "file_sha256": _FILE, "made_by": "anna", "created_at": _MADE,
        "counts": {"buildings": 79, "households": 11997, "population": 31306, "communities": 1},
        "findings": [{"code": "overlap", "severity": "warning", "count": 2, "first": "3947",
                      "message": "2 buildings overlap another by more than 1 m2",
                      "fix": "The ground in both is shared out between them"}],
    },
    "PlanTold": {
        "id": _PLAN, "community_id": _COMMUNITY, "building_set_id": _SET, "number": 2,
        "parent_id": _PUBLICATION, "action": "redraw", "digest": _FILE, "status": "optimal",
        "objective": 24.2, "bound": 24.2, "gap": 0.0, "violations": [],
        "counts": {"grids": 37, "in_band": 37}, "recipe": {"time_limit_s": 120.0, "seed": 0},
        "file_sha256": _FILE, "made_by": "anna", "reason": "new blocks", "created_at": _MADE,
    },
    "PublicationTold": {
        "id": _PUBLICATION, "community_id": _COMMUNITY, "plan_id": _PLAN, "number": 1,
        "edition": {"language": "en", "counts": "none"},
        "counts": {"files": 84, "grids": 37, "buildings": 79, "boundaries": 1},
        "made_by": "anna", "created_at": _MADE, "valid_from": _MADE, "valid_to": None,
        "withdrawn_at": None, "withdrawn_reason": "", "revision": 1,
    },
    "Withdrawal": {"reason": "a phone number was wrong"},
    "NewWorker": {"code": "W07", "name": "Li Na"},
    "WorkerChange": {"active": False},
    "WorkerTold": {"id": _USER, "community_id": _COMMUNITY, "code": "W07", "name": "Li Na",
                   "active": True, "created_at": _MADE, "revision": 1},
    "NewCheck": {"kind": "check", "arguments": {
        "buildings": _UPLOAD, "columns": {"households": "HH_2024"}, "mend": True}},
    "NewPartition": {"kind": "partition", "arguments": _PARTITION},
    "NewRedraw": {"kind": "redraw", "arguments": {
        "plan_id": _PLAN, "building_set_id": _SET, "max_moved_share": 0.02}},
    "NewPublication": {"kind": "publish", "arguments": {
        "plan_id": _PLAN, "owners": _UPLOAD, "language": "en", "counts": "suppressed"}},
    "JobTold": {
        "id": _JOB, "kind": "partition", "community_id": _COMMUNITY, "state": "running",
        "arguments": _PARTITION, "attempts": 1, "created_at": _MADE, "started_at": _MADE,
        "progress": {"step": "plan", "community": "riverside", "best": 31.8, "bound": 24.2,
                     "gap": 0.24, "violation": 0.0},
        "result": None, "error": None, "ended_at": None, "cancel_asked_at": None,
    },
    "SignIn": {"name": "anna", "password": "correct horse battery"},
    "NewPassword": {"old": "correct horse battery", "new": "a better horse battery"},
    "UserChange": {"role": "planner"},
    "UserTold": {"id": _USER, "name": "anna", "full_name": "Anna Lee", "role": "planner",
                 "disabled_at": None, "created_at": _MADE, "revision": 1},
    "NewInvitation": {"role": "planner", "hours": 72},
    "InvitationTold": _INVITATION,
    "InvitationMade": {**_INVITATION, "link": "https://grids.example/join/ONE-TIME-SECRET"},
    "NewPasswordLink": {"hours": 24},
    "PasswordLinkMade": {"id": _TOKEN, "user_id": _USER, "expires_at": _LATER,
                         "link": "https://grids.example/password/ONE-TIME-SECRET"},
    "NewToken": {"name": "nightly upload", "scopes": ["read", "write"], "days": 90},
    "TokenTold": _TOKEN_TOLD,
    "TokenMade": {**_TOKEN_TOLD, "token": "gg_SECRET"},
    "AuditEntryTold": {
        "id": _JOB, "created_at": _MADE, "actor": "anna", "actor_id": _USER, "action": "add",
        "kind": "community", "resource_id": _COMMUNITY, "before": None,
        "after": {"slug": "riverside"}, "request_id": "ad5c3740745e4728ebf4051000000003",
    },
    "Problem": {
        "type": "urn:gridgeo:problem:not-found", "title": "Not found", "status": 404,
        "detail": "There is no such community", "instance": "/communities/nowhere",
        "request_id": "ad5c3740745e4728ebf4051000000003",
    },
    "Matches": {"matches": [{
        "community": "Riverside", "slug": "riverside", "grid_id": "R-004",
        "owner": {"name": "Li Na", "phone": "010-5550107"},
        "page": "/sites/riverside/grids/R-004.html", "version": 2}]},
    "FeatureFacts": {
        "type": "Feature", "id": "B0101",
        "geometry": {"type": "Point", "coordinates": [116.4, 39.9]},
        "properties": {"building_id": "B0101", "grid_id": "R-004", "version": 2}},
}  # fmt: skip


def add_examples(schemas: dict[str, Any]) -> None:
    """Add the example of each schema that has one; of a page, one with the row it is of."""
    for name, schema in schemas.items():
        row = name.removeprefix("Page_").removesuffix("_")
        if name in EXAMPLES:
            schema["example"] = EXAMPLES[name]
        elif row in EXAMPLES:
            schema["example"] = {"items": [EXAMPLES[row]], "next": None}
