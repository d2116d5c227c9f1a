"""Export, import and backup: exact from either database into either, checked, of one moment."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from small_stores import ANN, a_plan, fill

from gridgeo.store import Busy, Conflict, Damaged, Full, NotFound, Refused, Store, StoreError
from gridgeo.store.backup import back_up
from gridgeo.store.exporting import export_store
from gridgeo.store.importing import import_store
from gridgeo.store.shelves import new_shelf, open_shelf
from gridgeo.store.tables import Table

KINDS = ("sqlite", "postgresql")


def rows_of(store: Store) -> dict[str, list[Any]]:
    """Every row of every table, pieces of files among them."""
    with store.engine.connect() as connection:
        return {
            table.name: sorted(
                (tuple(row) for row in connection.execute(sa.select(table))), key=repr
            )
            for table in Table.metadata.sorted_tables
        }


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def exported(tmp_path: Path, new_address: Callable[[str], str]) -> Path:
    """A folder with the export of a store that has something in every table."""
    store = Store.open(new_address("sqlite"))
    fill(store)
    export_store(store, tmp_path / "exported")
    store.close()
    return tmp_path / "exported"


@pytest.mark.parametrize("to", KINDS)
@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_an_import_is_the_store_that_was_exported(
    store: Store, new_address: Callable[[str], str], tmp_path: Path, to: str, name: str
) -> None:
    fill(store)
    told = export_store(store, tmp_path / name)
    where = new_address(to)
    assert import_store(tmp_path / name, where) == told
    other = Store.open(where)
    assert rows_of(other) == rows_of(store)
    # and its export has the same bytes
    export_store(other, tmp_path / f"again_{name}")
    if name == "out":
        assert files_of(tmp_path / name) == files_of(tmp_path / "again_out")
    else:
        assert (tmp_path / name).read_bytes() == (tmp_path / "again_out.zip").read_bytes()
    # it can be worked with
    with other.write(ANN) as unit:
        town = unit.communities.by_slug("riverside")
        buildings = unit.building_sets.latest(town.id)
        assert unit.plans.add(town.id, a_plan(buildings.id, words=b"a later one")).number == 3
    other.close()


def test_an_export_is_of_one_moment(store: Store, tmp_path: Path) -> None:
    town = fill(store)
    stop = threading.Event()

    def write() -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            new = a_plan(town.building_set_id, words=str(turn).encode())
            with store.write(ANN) as unit:
                unit.plans.add(town.community_id, new)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        exports = [tmp_path / f"e{turn}" for turn in range(4)]
        told = [export_store(store, path) for path in exports]
        backups = []
        if store.engine.dialect.name == "sqlite":
            backups = [back_up(store, tmp_path / f"b{turn}.sqlite") for turn in range(4)]
    finally:
        stop.set()
        writer.join()
    counts = [count["plans"] for count in told]
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]
    for path, count in zip(exports, told, strict=True):
        lines = (path / "tables/plans.jsonl").read_text().splitlines()
        plans = [json.loads(line) for line in lines]
        assert [plan["number"] for plan in plans] == list(range(1, count["plans"] + 1))
        names = {path.name for path in (path / "files").rglob("*") if path.is_file()}
        assert {plan["file_sha256"] for plan in plans} <= names
        log = (path / "tables/audit_log.jsonl").read_text()
        assert all(plan["id"] in log for plan in plans)
    for path in backups:
        folder = tmp_path / f"from_{path.stem}"
        folder.mkdir()
        shutil.copy(path, folder / "gridgeo.sqlite")
        again = Store.open(folder)
        with again.read() as unit:
            for plan in unit.plans.of_community(town.community_id, limit=1000):
                unit.files.read(plan.file_sha256)
        again.close()


def test_a_backup_is_the_store(
    store: Store, new_address: Callable[[str], str], tmp_path: Path
) -> None:
    fill(store)
    kind = store.engine.dialect.name
    path = back_up(store, tmp_path / ("b.sqlite" if kind == "sqlite" else "b.zip"))
    assert path.stat().st_mode & 0o077 == 0
    where = new_address(kind)
    if kind == "sqlite":
        Path(where).mkdir()
        shutil.copy(path, Path(where) / "gridgeo.sqlite")
    else:
        import_store(path, where)
    again = Store.open(where)
    assert rows_of(again) == rows_of(store)
    again.close()
    with pytest.raises(Conflict, match="already"):
        back_up(store, path)


def test_a_backup_of_a_damaged_database_is_none(
    new_address: Callable[[str], str], tmp_path: Path
) -> None:
    where = new_address("sqlite")
    store = Store.open(where)
    fill(store)
    store.close()
    database = Path(where) / "gridgeo.sqlite"
    with sqlite3.connect(database) as raw:
        # an entry of an index goes, its row stays
        raw.execute("PRAGMA writable_schema = ON")
        raw.execute("DELETE FROM sqlite_schema WHERE name = 'ix_plans_digest'")
    raw.close()
    store = Store.open(where)
    with pytest.raises(Damaged, match="database is damaged"):
        back_up(store, tmp_path / "b.sqlite")
    assert not (tmp_path / "b.sqlite").exists()
    store.close()


def test_an_export_does_not_replace_what_stands_there(exported: Path, store: Store) -> None:
    before = files_of(exported)
    with pytest.raises(Conflict, match="is there already"):
        export_store(store, exported)
    assert files_of(exported) == before


def test_an_export_that_fails_leaves_nothing(store: Store, tmp_path: Path) -> None:
    fill(store)
    with store.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM file_chunks WHERE seq = 1"))
    for name in ("out", "out.zip"):
        with pytest.raises(Damaged, match="missing"):
            export_store(store, tmp_path / name)
    assert [path for path in tmp_path.iterdir() if not path.name.startswith("data_")] == []


def test_an_export_is_for_its_owner_alone(exported: Path) -> None:
    assert exported.stat().st_mode & 0o077 == 0


def test_a_store_that_holds_something_is_not_imported_into(store: Store, exported: Path) -> None:
    fill(store)
    before = rows_of(store)
    with pytest.raises(Conflict, match="Import into a new one"):
        import_store(exported, store.url.render_as_string(hide_password=False))
    assert rows_of(store) == before


def change_line(path: Path) -> None:
    path.write_text(path.read_text().replace('"optimal"', '"x"').replace('"feasible"', '"x"'))


def change_number(path: Path) -> None:
    manifest = json.loads(path.read_text())
    manifest["tables"]["plans"]["rows"] += 1
    path.write_text(json.dumps(manifest))


def change_schema(path: Path) -> None:
    path.write_text(path.read_text().replace('"schema": "', '"schema": "9'))


def some_file(folder: Path) -> Path:
    return min((folder / "files").rglob("*/*"))


@pytest.mark.parametrize(
    ("harm", "kind_of_error", "says"),
    [
        (lambda e: change_line(e / "tables/plans.jsonl"), Damaged, "not what was exported"),
        (lambda e: (e / "tables/users.jsonl").unlink(), Damaged, "lacks the file tables/users"),
        (lambda e: (e / "tables/users.jsonl").write_text(""), Damaged, "contradicts|not what was"),
        (lambda e: (e / "tables/users.jsonl").write_text("{"), Damaged, "users, row 1"),
        (lambda e: (e / "tables/users.jsonl").write_text('{"id":"1"}'), Damaged, "its columns"),
        (lambda e: some_file(e).write_bytes(b"other"), Damaged, "its hash differs"),
        (lambda e: some_file(e).unlink(), Damaged, "lacks the file files/"),
        (lambda e: (e / "files/more").write_text(""), Damaged, "1 files are no part"),
        (lambda e: (e / "manifest.json").unlink(), Damaged, r"lacks the file manifest\.json"),
        (lambda e: (e / "manifest.json").write_text("["), Damaged, "no JSON"),
        (lambda e: (e / "manifest.json").write_text("{}"), Refused, "no export of format"),
        (lambda e: change_number(e / "manifest.json"), Damaged, "not what was exported"),
        (lambda e: change_schema(e / "manifest.json"), StoreError, "does not know"),
        (shutil.rmtree, NotFound, "There is nothing at"),
    ],
)
def test_harm_to_an_export_is_seen_and_nothing_is_imported(
    exported: Path,
    store: Store,
    harm: Callable[[Path], object],
    kind_of_error: type[StoreError],
    says: str,
) -> None:
    harm(exported)
    with pytest.raises(kind_of_error, match=says):
        import_store(exported, store.url.render_as_string(hide_password=False))
    assert {name: rows for name, rows in rows_of(store).items() if rows} == {}


def test_a_zip_with_a_changed_byte_is_refused(
    exported: Path, tmp_path: Path, new_address: Callable[[str], str]
) -> None:
    path = tmp_path / "out.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files_of(exported).items():
            archive.writestr(name, content)
    whole = path.read_bytes()
    at = whole.index(b"the buildings of")
    path.write_bytes(whole[:at] + b"T" + whole[at + 1 :])
    with pytest.raises(Damaged):
        import_store(path, new_address("sqlite"))
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Damaged, match=r"no \.zip, or a broken one"):
        import_store(path, new_address("sqlite"))


def test_whatever_bit_of_a_zip_is_changed_it_is_read_or_called_damaged(tmp_path: Path) -> None:
    path = tmp_path / "out.zip"
    names = ("manifest.json", "tables/plans.jsonl")
    with new_shelf(path) as shelf:
        for name in names:
            with shelf.writing(name) as stream:
                stream.write(b"some text, some text\n" * 9)
    whole = path.read_bytes()
    damaged = 0
    for bit in range(8 * len(whole)):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        try:
            with open_shelf(path) as shelf:
                for name in names:
                    shelf.reading(name).read()
        except Damaged:
            damaged += 1
    assert damaged > 4 * len(whole)


@pytest.mark.parametrize(
    ("said", "kind_of_error"),
    [("database or disk is full", Full), ("database is locked", Busy), ("no such", Damaged)],
)
def test_what_stopped_an_import_is_said(
    exported: Path, tmp_path: Path, monkeypatch, said: str, kind_of_error: type[StoreError]
) -> None:
    def stop(_self: object) -> None:
        raise sa.exc.OperationalError("INSERT", {}, sqlite3.OperationalError(said))

    monkeypatch.setattr("gridgeo.store.importing._Import.run", stop)
    with pytest.raises(kind_of_error):
        import_store(exported, tmp_path / "new")


def test_a_full_disk_under_a_new_store_is_told(tmp_path: Path, monkeypatch) -> None:
    def stop(*_args: object) -> None:
        raise sa.exc.OperationalError("CREATE", {}, sqlite3.OperationalError("disk is full"))

    monkeypatch.setattr("gridgeo.store.migrating.command.upgrade", stop)
    with pytest.raises(Full, match="Make room"):
        Store.open(tmp_path / "new")


def test_the_files_of_an_export_are_named_by_their_hash(exported: Path) -> None:
    for path in (exported / "files").rglob("*/*"):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
