"""Databases for the tests: each one new, SQLite in a folder and a real PostgreSQL with PostGIS."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from postgres_cluster import Cluster, NoPostgresError

from gridgeo.store import Store

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
    """The name of a database with an up-to-date schema, to be copied."""
    Store.open(cluster.fresh()).close()
    return f"made_{cluster.made}"


@pytest.fixture(params=[SQLITE, POSTGRESQL])
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of database in turn."""
    return str(request.param)


@pytest.fixture
def new_address(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[str], str]:
    """Give the address of a new, empty database of a kind: a folder or a URL."""
    made = 0

    def address(kind: str) -> str:
        nonlocal made
        made += 1
        if kind == SQLITE:
            return str(tmp_path / f"data_{made}")
        fresh: str = request.getfixturevalue("cluster").fresh()
        return fresh

    return address


@pytest.fixture
def store(
    kind: str, new_address: Callable[[str], str], request: pytest.FixtureRequest
) -> Iterator[Store]:
    """An empty store, on each kind of database in turn."""
    if kind == POSTGRESQL:
        template = request.getfixturevalue("migrated")
        where = request.getfixturevalue("cluster").fresh(template=template)
    else:
        where = new_address(kind)
    opened = Store.open(where)
    yield opened
    opened.close()
