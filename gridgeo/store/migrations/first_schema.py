"""The first schema, as it was and stays: stores made by the first GridGeo begin from it."""

from __future__ import annotations

import sqlalchemy as sa

# Nothing here comes from gridgeo.store.tables, which go on changing.
SCHEMA = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)
NUMBER: sa.Double[float] = sa.Double()
INTEGER = sa.BigInteger()
BOOLEAN = sa.Boolean()
BYTES = sa.LargeBinary()
JSON = sa.JSON()

sa.Table(
    "audit_log",
    SCHEMA,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("actor", TEXT, nullable=False),
    sa.Column("actor_id", TEXT, nullable=False, index=True),
    sa.Column("action", TEXT, nullable=False),
    sa.Column("kind", TEXT, nullable=False),
    sa.Column("resource_id", TEXT, nullable=False),
    sa.Column("before", JSON),
    sa.Column("after", JSON),
    sa.Column("request_id", TEXT, nullable=False),
    sa.Column("created_at", TIME, nullable=False),
    sa.Index(None, "kind", "resource_id", "id"),
)
sa.Table(
    "communities",
    SCHEMA,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("slug", TEXT, nullable=False, unique=True),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("details", JSON, nullable=False),
    sa.Column("created_at", TIME, nullable=False),
    sa.Column("revision", INTEGER, nullable=False),
)
sa.Table(
    "files",
    SCHEMA,
    sa.Column("sha256", TEXT, primary_key=True),
    sa.Column("size_bytes", INTEGER, nullable=False),
    sa.Column("created_at", TIME, nullable=False),
)
sa.Table(
    "idempotency_keys",
    SCHEMA,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("user_id", TEXT, nullable=False),
    sa.Column("route", TEXT, nullable=False),
    sa.Column("key", TEXT, nullable=False),
    sa.Column("request_hash", TEXT, nullable=False),
    sa.Column("status", INTEGER),
    sa.Column("response", JSON),
    sa.Column("expires_at", TIME, nullable=False, index=True),
    sa.Column("created_at", TIME, nullable=False),
    sa.UniqueConstraint("user_id", "route", "key"),
)
sa.Table(
    "sign_in_attempts",
    SCHEMA,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("subject", TEXT, nullable=False),
    sa.Column("created_at", TIME, nullable=False),
    sa.Index(None, "subject", "created_at"),
)
sa.Table(
    "building_sets",
    SCHEMA,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("community_id", TEXT, sa.ForeignKey("communities.id"), nullable=False),
    sa.Column("number", INTEGER, nullable=False),
    sa.Column("file_sha256", TEXT, sa.ForeignKey("files.sha256"), nullable=False, index=True),
    sa.Column("file_name", TEXT, nullable=False),
    sa.Column("findings", JSON, nullable=False),
    sa.Column("counts", JSON, nullable=False),
    sa.Column("made_by", TEXT, nullable=False),
    sa.Column("created_at", TIME, nullable=False),
    sa.CheckConstraint("number > 0", name="number"),
    sa.UniqueConstraint("community_id", "number"),
)
sa.Table(
    "file_chunks",
    SCHEMA,
    sa.Column("sha256", TEXT, sa.ForeignKey("files.sha256", ondelete="CASCADE"), primary_key=True),
    sa.Column("seq", INTEGER, primary_key=True, autoincrement=False),
    sa.Column("content", BYTES, nullable=False),
)
sa.Table(
    "workers",
    SCHEMA,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("community_id", TEXT, sa.ForeignKey("communities.id"), nullable=False),
    sa.Column("code", TEXT, nullable=False),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("details", JSON, nullable=False),
    sa.Column("active", BOOLEAN, nullable=False),
    sa.Column("created_at", TIME, nullable=False),
    sa.Column("revision", INTEGER, nullable=False),
    sa.UniqueConstraint("community_id", "code"),
)
sa.Table(
    "plans",
    SCHEMA,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("community_id", TEXT, sa.ForeignKey("communities.id"), nullable=False),
    sa.Column(
        "building_set_id", TEXT, sa.ForeignKey("building_sets.id"), nullable=False, index=True
    ),
    sa.Column("number", INTEGER, nullable=False),
    sa.Column("parent_id", TEXT, sa.ForeignKey("plans.id"), index=True),
    sa.Column("action", TEXT, nullable=False),
    sa.Column("recipe", JSON, nullable=False),
    sa.Column("digest", TEXT, nullable=False, index=True),
    sa.Column("status", TEXT, nullable=False),
    sa.Column("objective", NUMBER),
    sa.Column("bound", NUMBER),
    sa.Column("gap", NUMBER),
    sa.Column("violations", JSON, nullable=False),
    sa.Column("counts", JSON, nullable=False),
    sa.Column("file_sha256", TEXT, sa.ForeignKey("files.sha256"), nullable=False, index=True),
    sa.Column("made_by", TEXT, nullable=False),
    sa.Column("reason", TEXT, nullable=False),
    sa.Column("created_at", TIME, nullable=False),
    sa.CheckConstraint("number > 0", name="number"),
    sa.UniqueConstraint("community_id", "number"),
)
sa.Table(
    "users",
    SCHEMA,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("name", TEXT, nullable=False, unique=True),
    sa.Column("full_name", TEXT, nullable=False),
    sa.Column("email", TEXT),
    sa.Column("role", TEXT, nullable=False),
    sa.Column("password_hash", TEXT),
    sa.Column("subject", TEXT, unique=True),
    sa.Column("worker_id", TEXT, sa.ForeignKey("workers.id"), index=True),
    sa.Column("disabled_at", TIME),
    sa.Column("created_at", TIME, nullable=False),
    sa.Column("revision", INTEGER, nullable=False),
    sa.CheckConstraint("role IN ('viewer', 'worker', 'planner', 'admin')", name="role"),
)
sa.Table(
    "invitations",
    SCHEMA,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("secret_hash", TEXT, nullable=False, unique=True),
    sa.Column("role", TEXT, nullable=False),
    sa.Column("expires_at", TIME, nullable=False),
    sa.Column("used_at", TIME),
    sa.Column("used_by", TEXT, sa.ForeignKey("users.id")),
    sa.Column("created_at", TIME, nullable=False),
    sa.CheckConstraint("role IN ('viewer', 'worker', 'planner', 'admin')", name="role"),
)
sa.Table(
    "jobs",
    SCHEMA,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("kind", TEXT, nullable=False),
    sa.Column("community_id", TEXT, sa.ForeignKey("communities.id"), index=True),
    sa.Column("user_id", TEXT, sa.ForeignKey("users.id"), index=True),
    sa.Column("state", TEXT, nullable=False),
    sa.Column("arguments", JSON, nullable=False),
    sa.Column("limits", JSON, nullable=False),
    sa.Column("progress", JSON, nullable=False),
    sa.Column("result", JSON),
    sa.Column("error", JSON),
    sa.Column("owner", TEXT),
    sa.Column("attempts", INTEGER, nullable=False),
    sa.Column("cancel_asked_at", TIME),
    sa.Column("heartbeat_at", TIME),
    sa.Column("started_at", TIME),
    sa.Column("ended_at", TIME),
    sa.Column("created_at", TIME, nullable=False),
    sa.Column("revision", INTEGER, nullable=False),
    sa.CheckConstraint(
        "state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'interrupted')", name="state"
    ),
    sa.Index(None, "state", "id"),
)
sa.Table(
    "publications",
    SCHEMA,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("community_id", TEXT, sa.ForeignKey("communities.id"), nullable=False),
    sa.Column("plan_id", TEXT, sa.ForeignKey("plans.id"), nullable=False, index=True),
    sa.Column("number", INTEGER, nullable=False),
    sa.Column("edition", JSON, nullable=False),
    sa.Column("counts", JSON, nullable=False),
    sa.Column("made_by", TEXT, nullable=False),
    sa.Column("valid_from", TIME, nullable=False),
    sa.Column("valid_to", TIME),
    sa.Column("withdrawn_at", TIME),
    sa.Column("withdrawn_reason", TEXT, nullable=False),
    sa.Column("created_at", TIME, nullable=False),
    sa.Column("revision", INTEGER, nullable=False),
    sa.CheckConstraint("number > 0", name="number"),
    sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="valid"),
    sa.UniqueConstraint("community_id", "number"),
)
sa.Table(
    "sessions",
    SCHEMA,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("user_id", TEXT, sa.ForeignKey("users.id"), nullable=False, index=True),
    sa.Column("secret_hash", TEXT, nullable=False, unique=True),
    sa.Column("expires_at", TIME, nullable=False, index=True),
    sa.Column("last_used_at", TIME),
    sa.Column("address", TEXT, nullable=False),
    sa.Column("agent", TEXT, nullable=False),
    sa.Column("created_at", TIME, nullable=False),
)
sa.Table(
    "tokens",
    SCHEMA,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("user_id", TEXT, sa.ForeignKey("users.id"), nullable=False, index=True),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("secret_hash", TEXT, nullable=False, unique=True),
    sa.Column("scopes", JSON, nullable=False),
    sa.Column("expires_at", TIME),
    sa.Column("last_used_at", TIME),
    sa.Column("revoked_at", TIME),
    sa.Column("created_at", TIME, nullable=False),
)
sa.Table(
    "uploads",
    SCHEMA,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("user_id", TEXT, sa.ForeignKey("users.id"), index=True),
    sa.Column("community_id", TEXT, sa.ForeignKey("communities.id"), index=True),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("media_type", TEXT, nullable=False),
    sa.Column("file_sha256", TEXT, sa.ForeignKey("files.sha256"), nullable=False, index=True),
    sa.Column("verdict", JSON),
    sa.Column("expires_at", TIME, index=True),
    sa.Column("created_at", TIME, nullable=False),
    sa.Column("revision", INTEGER, nullable=False),
)
sa.Table(
    "publication_files",
    SCHEMA,
    sa.Column("publication_id", TEXT, sa.ForeignKey("publications.id"), primary_key=True),
    sa.Column("path", TEXT, primary_key=True),
    sa.Column("media_type", TEXT, nullable=False),
    sa.Column("size_bytes", INTEGER, nullable=False),
    sa.Column("file_sha256", TEXT, sa.ForeignKey("files.sha256"), nullable=False, index=True),
)
sa.Table(
    "published_boundaries",
    SCHEMA,
    sa.Column("publication_id", TEXT, sa.ForeignKey("publications.id"), primary_key=True),
    sa.Column("boundary_id", TEXT, primary_key=True),
    sa.Column("wkb", BYTES, nullable=False),
    sa.Column("min_lon", NUMBER, nullable=False),
    sa.Column("min_lat", NUMBER, nullable=False),
    sa.Column("max_lon", NUMBER, nullable=False),
    sa.Column("max_lat", NUMBER, nullable=False),
    sa.Column("properties", JSON, nullable=False),
)
sa.Table(
    "published_buildings",
    SCHEMA,
    sa.Column("publication_id", TEXT, sa.ForeignKey("publications.id"), primary_key=True),
    sa.Column("building_id", TEXT, primary_key=True),
    sa.Column("grid_id", TEXT, nullable=False),
    sa.Column("wkb", BYTES, nullable=False),
    sa.Column("min_lon", NUMBER, nullable=False),
    sa.Column("min_lat", NUMBER, nullable=False),
    sa.Column("max_lon", NUMBER, nullable=False),
    sa.Column("max_lat", NUMBER, nullable=False),
    sa.Column("properties", JSON, nullable=False),
)
sa.Table(
    "published_grids",
    SCHEMA,
    sa.Column("publication_id", TEXT, sa.ForeignKey("publications.id"), primary_key=True),
    sa.Column("grid_id", TEXT, primary_key=True),
    sa.Column("wkb", BYTES, nullable=False),
    sa.Column("min_lon", NUMBER, nullable=False),
    sa.Column("min_lat", NUMBER, nullable=False),
    sa.Column("max_lon", NUMBER, nullable=False),
    sa.Column("max_lat", NUMBER, nullable=False),
    sa.Column("properties", JSON, nullable=False),
)
