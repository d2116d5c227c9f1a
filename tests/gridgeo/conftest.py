"""Databases for the tests: each one new, SQLite in a folder and a real PostgreSQL with PostGIS."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from postgres_cluster import Cluster, NoPostgresError

from gridgeo.store import Store
from gridgeo.store.tables import Table

# How fast examples are made says how busy the machine is, and nothing about the product.
settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calm")

SQLITE, POSTGRESQL = "sqlite", "postgresql"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL with PostGIS of our own; without one, skipped here and failed under CI."""
    try:
        made = Cluster()
    except NoPostgresError as fault:
        message = f"NO POSTGRESQL: {fault}; the store was NOT tried on it"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    yield made
    made.drop()


@pytest.fixture(scope="session")
def migrated(cluster: Cluster) -> str:
    """The URL of a database with an up-to-date schema; who uses it leaves its schema alone."""
    url = cluster.fresh()
    Store.open(url).close()
    return url


@pytest.fixture(params=[SQLITE, POSTGRESQL])
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of database in turn."""
    return str(request.param)


@pytest.fixture
def new_address(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[str], str]]:
    """Give the address of a new, empty database of a kind: a folder or a URL."""
    made: list[str] = []

    def address(kind: str) -> str:
        if kind == SQLITE:
            made.append(str(tmp_path / f"data_{len(made)}"))
        else:
            made.append(request.getfixturevalue("cluster").fresh())
        return made[-1]

    yield address
    for where in made:
        if "://" in where:
            request.getfixturevalue("cluster").remove(where)


@pytest.fixture
def store(
    kind: str, new_address: Callable[[str], str], request: pytest.FixtureRequest
) -> Iterator[Store]:
    """An empty store, on each kind of database in turn; its schema stays as it is."""
    shared = kind == POSTGRESQL
    opened = Store.open(request.getfixturevalue("migrated") if shared else new_address(kind))
    yield opened
    if shared:
        _empty(opened)
    opened.close()


@pytest.fixture
def own_store(kind: str, new_address: Callable[[str], str]) -> Iterator[Store]:
    """An empty store whose schema a test may spoil, on each kind of database in turn."""
    opened = Store.open(new_address(kind))
    yield opened
    opened.close()


def _empty(store: Store) -> None:
    with store.engine.begin() as connection:
        # as a replica does: neither foreign keys nor the guards of what is kept for good
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        for table in Table.metadata.sorted_tables:
            connection.execute(sa.delete(table))
