"""The schema: made at opening, the same as the tables say, opened by several at once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from postgres_cluster import Cluster
from small_stores import fill

from gridgeo.store import Store
from gridgeo.store.engine import url_of
from gridgeo.store.errors import Busy, Failed, Refused, StoreError
from gridgeo.store.migrating import differences, newest_revision, revision_of
from gridgeo.store.tables import Table


def test_tables_and_migrations_agree(own_store: Store) -> None:
    with own_store.engine.connect() as connection:
        assert differences(connection) == []
        assert revision_of(connection) == newest_revision()


def test_a_difference_between_tables_and_migrations_is_seen(own_store: Store) -> None:
    with own_store.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE jobs ADD COLUMN more text"))
        connection.execute(sa.text("DROP INDEX ix_plans_digest"))
    with own_store.engine.connect() as connection:
        seen = {difference[0] for difference in differences(connection)}
    assert seen == {"remove_column", "add_index"}


def test_fill_leaves_no_table_empty(store: Store) -> None:
    fill(store)
    with store.engine.connect() as connection:
        empty = [
            table.name
            for table in Table.metadata.sorted_tables
            if connection.scalar(sa.select(sa.func.count()).select_from(table)) == 0
        ]
    assert empty == []


def test_four_processes_open_a_new_store_at_once(
    kind: str, new_address: Callable[[str], str]
) -> None:
    where = new_address(kind)
    code = "import sys; from gridgeo.store import Store; Store.open(sys.argv[1]).close()"
    started = [
        subprocess.Popen([sys.executable, "-c", code, where], stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    told = [process.communicate(timeout=120)[1] for process in started]
    assert [process.returncode for process in started] == [0] * 4, told
    store = Store.open(where)
    with store.engine.connect() as connection:
        assert differences(connection) == []
    store.close()


def test_a_schema_of_a_later_program_is_refused(own_store: Store) -> None:
    with own_store.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="schema that this program does not know"):
        Store.open(own_store.url.render_as_string(hide_password=False))


@pytest.mark.parametrize("where", ["mysql://u@h/db", "sqlite://", "sqlite:///:memory:", "://"])
def test_another_database_is_refused_in_words(where: str) -> None:
    with pytest.raises(Refused, match=r"postgresql://user@host"):
        url_of(where)


def test_a_password_is_not_said_again() -> None:
    with pytest.raises(Refused) as told:
        url_of("postgresql://ann:geheim@host:port/db")
    assert "geheim" not in str(told.value)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "gridgeo.sqlite").write_bytes(b"no database, and longer than a header" * 9)
    with pytest.raises(StoreError, match="file is not a database"):
        Store.open(tmp_path)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match="cannot stand in"):
        Store.open(tmp_path / "file" / "data")


def test_a_server_that_is_away_is_told(cluster: Cluster) -> None:
    with pytest.raises(Busy, match="cannot be reached"):
        Store.open("postgresql://gridgeo:x@127.0.0.1:1/db")
    # there, and the password is wrong
    with pytest.raises(Busy, match="password authentication failed"):
        Store.open(cluster.dsn("postgres").replace(cluster.password, "wrong"))


def test_a_database_without_postgis_is_told(cluster: Cluster) -> None:
    cluster.run("CREATE ROLE plain LOGIN PASSWORD 'plain'")
    cluster.run("CREATE DATABASE plain OWNER plain")
    where = cluster.dsn("plain").replace(f"gridgeo:{cluster.password}", "plain:plain")
    with pytest.raises(StoreError, match="CREATE EXTENSION postgis"):
        Store.open(where)
    # its administrator does as told
    cluster.run("CREATE EXTENSION postgis", database="plain")
    store = Store.open(where)
    fill(store)
    store.ping()
    store.close()
    cluster.remove(where)
    cluster.run("DROP ROLE plain")


def test_a_database_that_went_away_is_told_and_found_again(own_store: Store) -> None:
    if own_store.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no server that could go away")
    with pytest.raises(Busy, match="is away"), own_store.read() as unit:  # noqa: PT012
        connection = unit.session.connection()
        pid = connection.scalar(sa.text("SELECT pg_backend_pid()"))
        with own_store.engine.connect() as other:
            other.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        unit.communities.count()
    own_store.ping()


def test_a_failure_without_a_word_of_its_own_keeps_the_words_of_the_database(
    own_store: Store,
) -> None:
    with (
        pytest.raises(
            Failed, match=r"The database failed: (OperationalError|UndefinedTable)"
        ) as told,
        own_store.read() as unit,
    ):
        unit.session.connection().execute(sa.text("SELECT nothing FROM nowhere"))
    assert "nowhere" in str(told.value.__cause__)
    own_store.ping()


def test_the_file_of_sqlite_is_for_its_owner_alone(new_address: Callable[[str], str]) -> None:
    store = Store.open(new_address("sqlite"))
    fill(store)
    folder = store.url.database
    assert folder is not None
    files = list(Path(folder).parent.iterdir())
    assert {path.name for path in files} >= {"gridgeo.sqlite", "gridgeo.sqlite-wal"}
    assert {path.stat().st_mode & 0o077 for path in files} == {0}
    store.close()
