"""The first schema, with what neither changes nor goes, and layers for PostGIS."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gridgeo.store.errors import StoreError
from gridgeo.store.migrations.first_schema import SCHEMA

revision = "0001"
down_revision = None

KEPT_FOR_GOOD = ("audit_log", "building_sets", "plans")
SHAPES = {
    "public_grids": "published_grids",
    "public_buildings": "published_buildings",
    "public_boundaries": "published_boundaries",
}
NAMES = {
    "published_grids": "grid_id",
    "published_buildings": "building_id",
    "published_boundaries": "boundary_id",
}


def upgrade() -> None:
    """Make all tables; on PostgreSQL with views that show geometry."""
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        _ask_for_postgis(bind)
        SCHEMA.create_all(bind, checkfirst=False)
        _guard_postgresql()
        for view, table in SHAPES.items():
            _show_shapes(view, table)
    else:
        SCHEMA.create_all(bind, checkfirst=False)
        _guard_sqlite()


def _ask_for_postgis(bind: sa.Connection) -> None:
    if bind.scalar(sa.text("SELECT 1 FROM pg_extension WHERE extname = 'postgis'")):
        return
    try:
        op.execute("CREATE EXTENSION postgis")
    except sa.exc.DBAPIError as fault:
        raise StoreError(
            f"The database has no PostGIS, and this user cannot add it ({fault.orig}). "
            "As its administrator, install PostGIS and say: CREATE EXTENSION postgis."
        ) from fault


def _show_shapes(view: str, table: str) -> None:
    """Give QGIS a layer of what is public and not withdrawn, with an index over its shapes."""
    shape = "ST_SetSRID(ST_GeomFromWKB({}wkb), 4326)::geometry(Geometry, 4326)"
    op.execute(f"CREATE INDEX ix_{table}_shape ON {table} USING gist (({shape.format('')}))")
    more = ", s.grid_id" if table == "published_buildings" else ""
    op.execute(
        f"CREATE VIEW {view} AS SELECT c.slug AS community, p.number AS publication, "
        f"p.valid_from, p.valid_to, s.{NAMES[table]}{more}, s.properties, "
        f"{shape.format('s.')} AS shape FROM {table} s "
        "JOIN publications p ON p.id = s.publication_id "
        "JOIN communities c ON c.id = p.community_id WHERE p.withdrawn_at IS NULL"
    )


def _guard_sqlite() -> None:
    for table in KEPT_FOR_GOOD:
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        # REPLACE would remove the old row without a word where recursive triggers are off
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION gridgeo_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table in KEPT_FOR_GOOD:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION gridgeo_append_only()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION gridgeo_append_only()"
        )
