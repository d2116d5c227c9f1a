"""gridgeo store: thin commands with one clear message for what they cannot do."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from small_stores import fill
from typer.testing import CliRunner

from gridgeo.cli import app
from gridgeo.store import Store
from gridgeo.store.migrating import newest_revision


def run(*words: object, **env: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["store", *map(str, words)], env=env)
    return done.exit_code, done.output


def test_a_store_goes_out_and_comes_in(store: Store, tmp_path: Path) -> None:
    fill(store)
    if store.engine.dialect.name == "sqlite":
        where = ("--data", Path(str(store.url.database)).parent)
    else:
        where = ("--database", store.url.render_as_string(hide_password=False))
    status, told = run("export", tmp_path / "out.zip", *where)
    assert (status, "2 plans" in told) == (0, True), told
    status, told = run("import", tmp_path / "out.zip", "--data", tmp_path / "new")
    assert (status, "2 plans" in told) == (0, True), told
    again = Store.open(tmp_path / "new")
    with again.read() as unit:
        assert unit.communities.by_slug("riverside").name == "Riverside"
    again.close()


def test_a_backup_put_back_is_the_store(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "data")
    fill(store)
    # while it is open
    status, told = run("backup", tmp_path / "b.sqlite", "--data", tmp_path / "data")
    assert status == 0, told
    store.close()
    (tmp_path / "new").mkdir()
    shutil.copy(tmp_path / "b.sqlite", tmp_path / "new/gridgeo.sqlite")
    status, told = run("migrate", GRIDGEO_DATA=str(tmp_path / "new"))
    assert (status, told) == (0, f"The store has schema {newest_revision()}\n")


def test_a_backup_for_which_there_is_no_room_is_told(tmp_path: Path, monkeypatch) -> None:
    Store.open(tmp_path / "data").close()
    real = sqlite3.connect

    def small(*args: object) -> sqlite3.Connection:
        connection = real(*args)
        connection.execute("PRAGMA max_page_count = 2")
        return connection

    monkeypatch.setattr("gridgeo.store.backup.sqlite3.connect", small)
    status, told = run("backup", tmp_path / "b.sqlite", "--data", tmp_path / "data")
    assert status == 2, told
    assert "disk is full" in " ".join(told.split())
    assert [one.name for one in tmp_path.iterdir()] == ["data"]


def test_the_place_is_one(tmp_path: Path) -> None:
    for words in ((), ("--data", tmp_path, "--database", "sqlite:///x")):
        status, told = run("migrate", *words)
        assert (status, "--data DIR or --database URL" in told) == (2, True), told


def test_what_is_said_goes_before_the_environment_and_there_the_database_before_the_folder(
    tmp_path: Path,
) -> None:
    """As for serve: an image that names a folder is given a database besides."""
    both = {"GRIDGEO_DATA": str(tmp_path / "a"), "GRIDGEO_DATABASE": f"sqlite:///{tmp_path}/b.db"}
    assert run("migrate", **both)[0] == 0
    assert [one.name for one in tmp_path.iterdir()] == ["b.db"]
    assert run("migrate", "--data", tmp_path / "c", **both)[0] == 0
    assert sorted(one.name for one in tmp_path.iterdir()) == ["b.db", "c"]


def test_a_folder_without_a_store_is_not_made_into_one(tmp_path: Path) -> None:
    for command in ("export", "backup"):
        status, told = run(command, tmp_path / "out", "--data", tmp_path / "data")
        assert (status, "There is no store" in told) == (2, True), told
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("import", "NOWHERE", "--data", "DATA"), "There is nothing at"),
        (("migrate", "--database", "mysql://ann:geheim@h/db"), "cannot hold the store"),
        (
            ("migrate", "--database", "postgresql://ann:geheim@127.0.0.1:1/db"),
            "cannot be reached",
        ),
    ],
)
def test_what_cannot_be_done_is_told_in_one_message(
    tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    here = {"NOWHERE": str(tmp_path / "nowhere"), "DATA": str(tmp_path / "data")}
    status, told = run(*(here.get(word, word) for word in words))
    assert status == 2
    assert says in told
    assert "geheim" not in told
    assert "Traceback" not in told


def test_an_export_is_not_written_over(tmp_path: Path) -> None:
    Store.open(tmp_path / "data").close()
    (tmp_path / "out.zip").write_bytes(b"mine")
    status, told = run("export", tmp_path / "out.zip", "--data", tmp_path / "data")
    assert (status, "is there already" in told) == (2, True), told
    assert (tmp_path / "out.zip").read_bytes() == b"mine"
