"""Versions in memory: shared by threads, bounded by their weight, whole while they change."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from made_sites import made_site

from gridgeo.service.public.catalogue import Catalogue, NoLongerPublicError, Publication
from gridgeo.service.public.layers import KINDS, Life
from gridgeo.service.public.query import Query, QueryError, read_query
from gridgeo.service.public.versions import MOST_READ, find_feature, page_of, versions_of

START = datetime(2020, 1, 1, tzinfo=UTC)


class Shelf:
    """A source in memory: the same files for every publication; counts what is read of it."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files, self.told, self.read = files, [], []
        self.slow_s = 0.0

    def publish(self, count: int, slug: str = "town") -> None:
        n = len(self.told)
        for k in range(count):
            begins = START + timedelta(days=n + k)
            ends = None if k == count - 1 else begins + timedelta(days=1)
            self.told.append(Publication(f"{slug}-{n + k}", slug, "Town", Life(n + k + 1, begins,
            ends),
                                         (114.3, 29.9, 114.4, 30.0), None, {"buildings": 9,
                                         "grids": 1}))  # fmt: skip

    def mark(self) -> object:
        return tuple(one.key for one in self.told)

    def publications(self) -> list[Publication]:
        return list(self.told)

    def file(self, key: str, name: str) -> bytes:
        self.read.append((key, name))
        time.sleep(self.slow_s)
        if key not in {one.key for one in self.told}:
            raise KeyError(name)
        return self.files[name]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    site = made_site(tmp_path_factory.mktemp("shelf") / "site", 9)
    return {path.name: path.read_bytes() for path in site.folder.iterdir()}


@pytest.fixture
def shelf(files):
    return Shelf(files)


def seen(shelf: Shelf, **more) -> Catalogue:
    catalogue = Catalogue(shelf, **more)
    catalogue.refresh()
    return catalogue


def test_a_part_is_read_once_however_many_ask_for_it_at_the_same_time(shelf):
    shelf.publish(1)
    shelf.slow_s = 0.05
    catalogue = seen(shelf)
    current = catalogue.current("town")
    with ThreadPoolExecutor(16) as pool:
        layers = list(pool.map(lambda _: catalogue.layer(current, "buildings"), range(16)))
    assert len({id(layer) for layer in layers}) == 1
    assert shelf.read == [("town-0", "buildings.geojson")]


def test_who_reads_one_version_holds_nobody_up_who_has_another_in_memory(shelf):
    shelf.publish(1, "fast")
    shelf.publish(1, "slow")
    catalogue = seen(shelf)
    catalogue.layer(catalogue.current("fast"), "grids")
    begun, go_on = threading.Event(), threading.Event()
    whole = shelf.file

    def held_up(key, name):
        begun.set()
        go_on.wait()
        return whole(key, name)

    shelf.file = held_up
    reader = threading.Thread(target=catalogue.layer, args=(catalogue.current("slow"), "grids"))
    reader.start()
    begun.wait()
    assert len(catalogue.layer(catalogue.current("fast"), "grids")) == 1
    assert catalogue.at_hand(catalogue.current("fast"), "grids") is not None
    assert catalogue.at_hand(catalogue.current("slow"), "grids") is None
    go_on.set()
    reader.join()
    assert catalogue.at_hand(catalogue.current("slow"), "grids") is not None


def test_a_failed_reading_is_told_to_all_who_wait_and_tried_again(shelf):
    shelf.publish(1)
    catalogue = seen(shelf)
    current = catalogue.current("town")
    whole, shelf.files = shelf.files, {**shelf.files, "buildings.geojson": b"{"}
    for _ in range(2):
        with pytest.raises(ValueError, match="Expecting"):
            catalogue.layer(current, "buildings")
    shelf.files = whole
    assert len(catalogue.layer(current, "buildings")) == 9


def test_memory_is_bounded_by_what_versions_weigh(shelf):
    shelf.publish(40)
    one = seen(shelf)
    one.layer(one.communities["town"][0], "buildings")
    catalogue = seen(shelf, room_bytes=one.weight * 5)
    for version in catalogue.communities["town"]:
        for kind in KINDS:
            catalogue.layer(version, kind)
        catalogue.directory(version)
        catalogue.answers(version)
        assert catalogue.weight <= one.weight * 5
    # what was asked for last is there, and the first is read again when it is asked for
    shelf.read.clear()
    catalogue.answers(catalogue.communities["town"][-1])
    assert shelf.read == []
    assert len(catalogue.layer(catalogue.communities["town"][0], "buildings")) == 9
    assert shelf.read == [("town-0", "buildings.geojson")]


def test_what_is_withdrawn_is_forgotten_and_reading_it_says_so(shelf):
    shelf.publish(2)
    catalogue = seen(shelf)
    first, last = catalogue.communities["town"]
    catalogue.layer(last, "grids")
    shelf.told.pop()
    with pytest.raises(NoLongerPublicError):
        catalogue.layer(last, "buildings")
    assert catalogue.refresh()
    assert catalogue.communities == {"town": (first,)}
    assert catalogue.at_hand(last, "grids") is None
    assert catalogue.weight == 0
    assert not catalogue.refresh()


def test_readers_see_one_state_or_the_next_while_it_changes(shelf):
    shelf.publish(1)
    catalogue = seen(shelf)
    over, faults = threading.Event(), []

    def look() -> None:
        while not over.is_set():
            standing = catalogue.standing
            for slug, current in standing.current.items():
                if current not in standing.communities[slug]:
                    faults.append(slug)
            for slug in ("town", "other"):
                versions = versions_of(catalogue, slug, Query())
                with suppress(NoLongerPublicError):  # withdrawn before it was read
                    page_of(catalogue, versions, "buildings", Query())

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(look) for _ in range(4)]
        for turn in range(60):
            if turn % 2:
                shelf.told = shelf.told[:1]
            else:
                shelf.publish(2, "other")
            catalogue.refresh()
        over.set()
        for reader in readers:
            reader.result()
    assert faults == []
    assert catalogue.generation == 61


def test_a_version_comes_into_force_when_its_time_is_there(shelf):
    soon = datetime.now(UTC) + timedelta(seconds=0.3)
    life = Life(1, START, soon), Life(2, soon)
    for k, one in enumerate(life):
        shelf.told.append(Publication(f"k{k}", "town", "Town", one, (0, 0, 1, 1)))
    catalogue = seen(shelf)
    assert catalogue.current("town").life.version == 1
    while not catalogue.refresh():
        time.sleep(0.05)
    assert catalogue.current("town").life.version == 2


# Many versions: pages look into some of them each.


def everything(catalogue: Catalogue, shelf: Shelf, words: str) -> tuple[list, list[int]]:
    """Follow pages from a query to the end; return all features' ids and reads a page."""
    said = dict(part.split("=", 1) for part in words.split("&"))
    texts, reads = [], []
    while True:
        query = read_query(list(said.items()), kind="buildings", crs=())
        before = len(shelf.read)
        page = page_of(catalogue, versions_of(catalogue, "town", query), "buildings", query)
        reads.append(len(shelf.read) - before)
        texts += page.texts
        if not page.following:
            return texts, reads
        said |= {name: str(at) for name, at in page.following.items()}


def test_a_page_of_thousands_of_versions_looks_into_some_of_them_and_the_next_goes_on(shelf):
    shelf.publish(1000)
    catalogue = seen(shelf, room_bytes=1)
    words = "datetime=2000-01-01/..&limit=10&filter=building_id IN ('B00003','B00007')"
    texts, reads = everything(catalogue, shelf, words)
    assert len(texts) == len(set(texts)) == 2000
    assert max(reads) <= MOST_READ


def test_without_a_filter_no_version_is_read_that_is_not_on_the_page(shelf):
    shelf.publish(1000)
    catalogue = seen(shelf, room_bytes=1)
    query = Query(limit=12, offset=4000, dated=True)
    page = page_of(catalogue, versions_of(catalogue, "town", query), "buildings", query)
    assert (len(page.texts), page.matched, page.following) == (12, 9000, {"offset": 4012})
    assert len(shelf.read) == 2
    texts, _ = everything(catalogue, shelf, "datetime=2022-01-01/2022-01-31&limit=100")
    assert len(texts) == 9 * 31


def test_one_feature_is_looked_for_in_the_newest_versions(shelf):
    shelf.publish(100)
    catalogue = seen(shelf)
    versions = versions_of(catalogue, "town", Query(dated=True))
    found = find_feature(catalogue, versions, "buildings", "B00004")
    assert (found[0].life.version, found[1]) == (100, 4)
    with pytest.raises(QueryError, match="shorter time"):
        find_feature(catalogue, versions, "buildings", "none")
    assert find_feature(catalogue, versions[:3], "buildings", "none") is None
