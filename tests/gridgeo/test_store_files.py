"""Files in the store: once each, whole or not there, read in pieces, swept when unused."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_stores import ANN, add_town

from gridgeo.store import Damaged, NotFound, Store, StoreError, blob_of
from gridgeo.store.tables import PIECE_BYTES, File, FileChunk

LONG = bytes(range(251)) * 12_000  # three pieces, the last one not full


@pytest.mark.parametrize("size_bytes", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1])
def test_a_file_of_any_size_comes_back(store: Store, tmp_path: Path, size_bytes: int) -> None:
    content = (LONG * 2)[:size_bytes]
    source = tmp_path / "source"
    source.write_bytes(content)
    with store.write(ANN) as unit:
        name = unit.files.put(blob_of(source))
    with store.read() as unit:
        assert unit.files.read(name) == content
        assert unit.files.size_bytes(name) == size_bytes
    assert b"".join(store.pieces(name)) == content
    assert store.save(name, tmp_path / "saved").read_bytes() == content


def test_equal_contents_are_kept_once(store: Store) -> None:
    with store.write(ANN) as unit:
        names = {unit.files.put(blob_of(LONG)) for _ in range(3)}
    with store.write(ANN) as unit:
        names.add(unit.files.put(blob_of(LONG)))
        assert len(names) == unit.session.scalar(sa.select(sa.func.count()).select_from(File))
        assert unit.session.scalar(sa.select(sa.func.count()).select_from(FileChunk)) == 3


@given(st.integers(0, len(LONG)), st.integers(0, len(LONG) + 9))
@settings(
    derandomize=True,
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_part_of_a_file_is_read(store: Store, start: int, stop: int) -> None:
    blob = blob_of(LONG)
    with store.write(ANN) as unit:
        unit.files.put(blob)
    assert b"".join(store.pieces(blob.sha256, start=start, stop=stop)) == LONG[start:stop]


def test_a_source_that_is_written_to_meanwhile_is_not_kept(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"first")
    blob = blob_of(source)
    source.write_bytes(b"other")
    with pytest.raises(Damaged, match="written to"), store.write(ANN) as unit:
        unit.files.put(blob)
    with pytest.raises(NotFound), store.read() as unit:
        unit.files.read(blob.sha256)


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE file_chunks SET content = :other WHERE seq = 1",
        "DELETE FROM file_chunks WHERE seq = 1",
    ],
)
def test_harm_to_a_file_is_seen(store: Store, tmp_path: Path, harm: str) -> None:
    with store.write(ANN) as unit:
        name = unit.files.put(blob_of(LONG))
    with store.engine.begin() as connection:
        values = {"other": b"x" * PIECE_BYTES} if ":other" in harm else {}
        connection.execute(sa.text(harm), values)
    with pytest.raises(Damaged, match=name), store.read() as unit:
        unit.files.read(name)
    with pytest.raises(Damaged):
        store.save(name, tmp_path / "saved")
    assert list(tmp_path.glob("*saved*")) == []
    assert not any(path.name.startswith(".store-") for path in tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_full_disk_is_told_and_loses_nothing(own_store: Store) -> None:
    with own_store.write(ANN) as unit:
        town = add_town(unit)
    with pytest.raises(StoreError, match="disk of the database is full"):  # noqa: PT012, SIM117
        with own_store.write(ANN) as unit:
            unit.session.connection().exec_driver_sql("PRAGMA max_page_count = 1")
            unit.files.put(blob_of(LONG))
    own_store.close()
    with own_store.write(ANN) as unit:
        unit.files.put(blob_of(LONG))
        assert unit.plans.get(town.plan_id).number == 1


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_the_log_beside_the_file_does_not_stay_large(
    own_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gridgeo.store.engine.LOG_BYTES", 1 << 20)
    own_store.close()  # connections of now have the new limit
    with own_store.write(ANN) as unit:
        unit.files.put(blob_of(bytes(8 << 20)))
    log = Path(f"{own_store.url.database}-wal")
    grown = log.stat().st_size
    for slug in ("a", "b", "c"):
        with own_store.write(ANN) as unit:
            unit.communities.add(slug=slug, name="A")
    assert grown > 8 << 20
    assert log.stat().st_size <= 1 << 20


def test_a_sweep_takes_what_nobody_names(store: Store) -> None:
    with store.write(ANN) as unit:
        town = add_town(unit)
        upload = unit.uploads.add(blob_of(LONG), name="b.gpkg", media_type="x/y")
        unit.files.put(blob_of(b"for nobody"))
        assert unit.files.sweep() == 1
        unit.uploads.remove(upload.id)
        assert unit.files.sweep() == 1
    with store.read() as unit:
        assert unit.files.read(unit.plans.get(town.plan_id).file_sha256) == b"a plan"
        assert unit.session.scalar(sa.select(sa.func.count()).select_from(FileChunk)) == 2
        with pytest.raises(NotFound):
            unit.files.read(blob_of(LONG).sha256)
