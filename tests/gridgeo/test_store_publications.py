"""Publications: whole, in force one after the other, withdrawn and kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
import shapely
import sqlalchemy as sa
from small_stores import ANN, a_publication, add_town

from gridgeo.store import Conflict, Feature, Gone, NewPublication, NotFound, Refused, Store
from gridgeo.store.tables import now


def test_a_publication_is_read_as_it_was_published(store: Store) -> None:
    with store.write(ANN) as unit:
        town = add_town(unit)
        unit.publications.add(town.community_id, a_publication(town.plan_id))
    with store.read() as unit:
        row = unit.publications.public(town.community_id)
        assert (row.number, row.edition["words"], row.made_by) == (1, "第一版", "ann")
        assert row.counts == {"files": 2, "grids": 2, "buildings": 2, "boundaries": 1}
        grids = unit.publications.grids(row.id)
        assert [grid.grid_id for grid in grids] == ["G0", "G1"]
        assert shapely.from_wkb(grids[1].wkb).equals(shapely.box(-73, 4, -72, 5))
        box = (grids[1].min_lon, grids[1].min_lat, grids[1].max_lon, grids[1].max_lat)
        assert box == (-73, 4, -72, 5)
        assert [b.grid_id for b in unit.publications.buildings(row.id)] == ["G0", "G1"]
        assert len(unit.publications.boundaries(row.id)) == 1
        page = unit.publications.file(row.id, "index.html")
        assert (page.media_type, page.size_bytes) == ("text/html", 11)
        assert unit.files.read(page.file_sha256) == b"<p>page</p>"
        with pytest.raises(NotFound, match="no page"):
            unit.publications.file(row.id, "../index.html")


def test_an_edition_ends_where_the_next_begins(store: Store) -> None:
    start = now() - timedelta(days=10)
    with store.write(ANN) as unit:
        town = add_town(unit)
        for day in (0, 5):
            new = a_publication(town.plan_id)
            object.__setattr__(new, "valid_from", start + timedelta(days=day))
            unit.publications.add(town.community_id, new)
    with store.read() as unit:
        found = [
            unit.publications.public(town.community_id, at=start + timedelta(days=day)).number
            for day in (0, 4.99, 5, 9)
        ]
        assert found == [1, 1, 2, 2]
        first, second = unit.publications.of_community(town.community_id)
        assert (first.valid_to, second.valid_to) == (second.valid_from, None)
        with pytest.raises(NotFound, match="is public then"):
            unit.publications.public(town.community_id, at=start - timedelta(seconds=1))


def test_an_edition_does_not_come_before_one_that_is_announced(store: Store) -> None:
    with store.write(ANN) as unit:
        town = add_town(unit)
        later = a_publication(town.plan_id)
        object.__setattr__(later, "valid_from", now() + timedelta(days=5))
        announced = unit.publications.add(town.community_id, later)
    with pytest.raises(Conflict, match="comes into force later"), store.write(ANN) as unit:
        unit.publications.add(town.community_id, a_publication(town.plan_id))
    with store.write(ANN) as unit:
        unit.publications.withdraw(announced.id, reason="too early")
        unit.publications.add(town.community_id, a_publication(town.plan_id))
        assert unit.publications.public(town.community_id).number == 2


def test_what_is_withdrawn_is_gone_and_kept(store: Store) -> None:
    with store.write(ANN) as unit:
        town = add_town(unit)
        row = unit.publications.add(town.community_id, a_publication(town.plan_id))
    with store.write(ANN) as unit:
        unit.publications.withdraw(row.id, reason="a name stood in it")
    with store.read() as unit:
        with pytest.raises(NotFound):
            unit.publications.public(town.community_id)
        with pytest.raises(Gone, match="withdrawn"):
            unit.publications.file(row.id, "index.html")
        assert unit.publications.get(row.id).withdrawn_reason == "a name stood in it"
        assert len(unit.publications.grids(row.id)) == 2
    with store.write(ANN) as unit, pytest.raises(Gone, match="before"):
        unit.publications.withdraw(row.id, reason="again")


@pytest.mark.parametrize(
    "wkb",
    [
        b"",
        b"no shape",
        shapely.to_wkb(shapely.Point(500_000, 4_000_000)),
        shapely.to_wkb(shapely.Polygon()),
    ],
)
def test_a_shape_that_is_not_of_this_earth_is_refused(store: Store, wkb: bytes) -> None:
    good = Feature("G0", shapely.to_wkb(shapely.box(0, 0, 1, 1)))
    with store.write(ANN) as unit:
        town = add_town(unit)
    new = NewPublication(town.plan_id, {}, grids=[good, Feature("G1", wkb)])
    with pytest.raises(Refused, match=r"1 shapes are no WKB .*first: G1"), store.write(ANN) as unit:
        unit.publications.add(town.community_id, new)
    with store.read() as unit:
        assert unit.publications.count() == 0


def test_a_grid_is_published_once(store: Store) -> None:
    grid = Feature("G0", shapely.to_wkb(shapely.box(0, 0, 1, 1)))
    with store.write(ANN) as unit:
        town = add_town(unit)
    new = NewPublication(town.plan_id, {}, grids=[grid, grid])
    with pytest.raises(Conflict), store.write(ANN) as unit:
        unit.publications.add(town.community_id, new)


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_postgis_shows_what_is_public_as_layers(store: Store) -> None:
    with store.write(ANN) as unit:
        town, other = add_town(unit), add_town(unit, "hill")
        unit.publications.add(town.community_id, a_publication(town.plan_id, grids=3))
        gone = unit.publications.add(other.community_id, a_publication(other.plan_id))
        unit.publications.withdraw(gone.id, reason="wrong")
    with store.engine.connect() as connection:
        ask = "SELECT grid_id, ST_SRID(shape) FROM public_grids WHERE shape && ST_MakeEnvelope"
        rows = connection.execute(sa.text(f"{ask}(-72.9, 4.1, -72.5, 4.2, 4326)"))
        assert rows.all() == [("G1", 4326)]
        kinds = connection.execute(
            sa.text("SELECT f_table_name, srid FROM geometry_columns ORDER BY f_table_name")
        )
        assert kinds.all() == [
            ("public_boundaries", 4326),
            ("public_buildings", 4326),
            ("public_grids", 4326),
        ]
        connection.execute(sa.text("SET enable_seqscan = off"))
        how = connection.scalars(sa.text(f"EXPLAIN {ask}(-72.9, 4.1, -72.5, 4.2, 4326)"))
        assert "ix_published_grids_shape" in "\n".join(how)
