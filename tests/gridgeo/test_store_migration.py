"""Migrations: from the first schema on, data and all; one that fails leaves what was there."""

from __future__ import annotations

import gzip
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from small_stores import ANN, a_plan, fill

from gridgeo.store import Immutable, Store, migrating
from gridgeo.store.engine import open_engine, url_of
from gridgeo.store.importing import import_store
from gridgeo.store.migrating import differences, newest_revision, revision_of

DATA = Path(__file__).parent / "data"

NEXT = '''
"""One more, for a test."""
import sqlalchemy as sa
from alembic import op
revision = "{name}"
down_revision = "{after}"
def upgrade():
    op.add_column("jobs", sa.Column("more", sa.Text()))
    op.execute("UPDATE jobs SET more = kind")
    {last}
'''


def check_the_first_store(store: Store) -> None:
    """It has what ``small_stores.fill`` put into it, and can be worked with."""
    with store.engine.connect() as connection:
        assert revision_of(connection) == newest_revision()
        assert differences(connection) == []
    with store.write(ANN) as unit:
        town = unit.communities.by_slug("riverside")
        plans = unit.plans.of_community(town.id)
        assert [plan.action for plan in plans] == ["partition", "redraw"]
        assert unit.files.read(plans[0].file_sha256) == b"a plan"
        assert plans[1].parent_id == plans[0].id
        assert unit.workers.by_code(town.id, "W1").name == "李雷"
        assert unit.users.by_name("ben").role == "worker"
        assert unit.publications.public(town.id).number == 2
        assert unit.jobs.page()[0].progress == {"gap": 0.25, "bound": 1e-7}
        # two pieces, and their hash
        assert len(unit.files.read(unit.uploads.page()[0].file_sha256)) == (1 << 21) + 4
        assert {entry.actor for entry in unit.audit_log.page(limit=1000)} == {"ann"}
        assert unit.plans.add(town.id, a_plan(plans[0].building_set_id)).number == 3
    with pytest.raises(Immutable), store.write(ANN) as unit:
        unit.session.connection().execute(sa.text("DELETE FROM audit_log"))


def test_a_database_of_the_first_schema_is_brought_up_to_date(tmp_path: Path) -> None:
    stored = gzip.decompress((DATA / "store_0001.sqlite.gz").read_bytes())
    (tmp_path / "gridgeo.sqlite").write_bytes(stored)
    store = Store.open(tmp_path)
    check_the_first_store(store)
    store.close()


def test_an_export_of_the_first_schema_is_read(
    kind: str, new_address: Callable[[str], str]
) -> None:
    where = new_address(kind)
    import_store(DATA / "store_0001.zip", where)
    store = Store.open(where)
    check_the_first_store(store)
    store.close()


def test_the_first_migration_makes_what_it_made_at_first(tmp_path: Path) -> None:
    stored = gzip.decompress((DATA / "store_0001.sqlite.gz").read_bytes())
    (tmp_path / "stored.sqlite").write_bytes(stored)
    engine = open_engine(url_of(tmp_path))
    migrating.upgrade(engine, "0001")
    engine.dispose()
    schemas = []
    for name in ("stored.sqlite", "gridgeo.sqlite"):
        with closing(sqlite3.connect(tmp_path / name)) as raw:
            rows = raw.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name")
            schemas.append(rows.fetchall())
    assert schemas[0] == schemas[1]


@pytest.fixture
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the migrations that a test may add to."""
    folder = tmp_path / "migrations"
    shutil.copytree(
        migrating._FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
    )
    monkeypatch.setattr(migrating, "_FOLDER", folder)
    return folder / "versions"


def columns_of_jobs(store: Store) -> set[str]:
    with store.engine.connect() as connection:
        return {column["name"] for column in sa.inspect(connection).get_columns("jobs")}


def test_a_migration_that_fails_leaves_the_schema_and_the_data(
    own_store: Store, versions: Path
) -> None:
    fill(own_store)
    where = own_store.url.render_as_string(hide_password=False)
    before = newest_revision()
    bad = NEXT.format(name="bad", after=before, last="raise ZeroDivisionError")
    (versions / "later.py").write_text(bad, encoding="utf-8")
    with pytest.raises(ZeroDivisionError):
        Store.open(where)
    assert "more" not in columns_of_jobs(own_store)
    with own_store.engine.connect() as connection:
        assert revision_of(connection) == before
    good = NEXT.format(name="good", after=before, last="")
    (versions / "later.py").write_text(good, encoding="utf-8")
    Store.open(where).close()
    with own_store.engine.connect() as connection:
        assert revision_of(connection) == "good"
        assert connection.scalar(sa.text("SELECT more FROM jobs")) == "partition"


def test_an_export_of_an_older_schema_is_read_with_it_and_then_migrated(
    kind: str, new_address: Callable[[str], str], versions: Path
) -> None:
    (versions / "later.py").write_text(
        NEXT.format(name="later", after=newest_revision(), last=""), encoding="utf-8"
    )
    where = new_address(kind)
    import_store(DATA / "store_0001.zip", where)
    store = Store.open(where)
    with store.engine.connect() as connection:
        assert revision_of(connection) == "later"
        assert connection.scalar(sa.text("SELECT more FROM jobs")) == "partition"
    store.close()
