"""Files that are sent: taken piece by piece, bounded, under names that are names."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from urllib.parse import quote

import pytest
from service_client import running
from service_people import log_of, new_token
from test_service_door import raw

from gridgeo.service import Settings

MOST = 1 << 20


@pytest.fixture
def client(tmp_path, monkeypatch):
    drafts = tmp_path / "drafts"
    drafts.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(drafts))
    with running(Settings(data=tmp_path / "data", max_upload_mb=1)) as client:
        client.drafts = drafts
        yield client
    assert list(drafts.iterdir()) == []  # whatever happened, nothing is left lying about


@pytest.fixture
def planner(client):
    headers = new_token(client.store, "pia", "planner")
    for slug in ("blocks", "other"):
        said = {"slug": slug, "name": slug}
        assert client.post("/communities", json=said, headers=headers).status_code == 201
    return headers


def send(client, headers, content=b"a,b\n", name="buildings.csv", slug="blocks", **more):
    path = f"/communities/{slug}/uploads?name={quote(name)}"
    return client.post(path, content=content, headers={**headers, **more})


def count(client):
    with client.store.read() as unit:
        return unit.uploads.count()


def test_a_file_is_kept_as_it_was_sent(client, planner):
    content = bytes(range(256)) * 4096  # just the limit
    answer = send(client, planner, content, **{"content-type": "text/csv"})
    told = answer.json()
    assert answer.status_code == 201, answer.text
    assert told["file_sha256"] == hashlib.sha256(content).hexdigest()
    assert (told["name"], told["media_type"]) == ("buildings.csv", "text/csv")
    with client.store.read() as unit:
        assert unit.files.read(told["file_sha256"]) == content


def test_a_file_over_the_limit_is_refused_by_its_length_before_it_is_read(client, planner):
    headers = {**planner, "host": "testserver", "content-length": str(MOST + 1)}
    status, body, taken = raw(client, "POST", "/communities/blocks/uploads", headers, [b"x"] * 3)
    assert (status, taken) == (413, [])
    assert b"1 MB" in body
    assert count(client) == 0


def test_a_file_over_the_limit_without_a_length_is_refused_on_the_way(client, planner):
    headers = {**planner, "host": "testserver"}
    pieces = [b"x" * (1 << 18)] * 40
    status, _, taken = raw(client, "POST", "/communities/blocks/uploads", headers, pieces)
    assert (status, len(taken)) == (413, 5)
    assert count(client) == 0


def test_a_file_goes_to_disk_while_it_comes(client, planner):
    seen = []

    class Pieces(list):
        def pop(self, at):
            drafts = list(client.drafts.iterdir())
            seen.append(sum(Path(one).stat().st_size for one in drafts))
            return super().pop(at)

    headers = {**planner, "host": "testserver"}
    status, _, _ = raw(
        client, "POST", "/communities/blocks/uploads", headers, Pieces([b"x" * (1 << 17)] * 8)
    )
    assert status == 201
    assert seen == sorted(seen)
    assert seen[-1] >= 6 << 17


def test_an_empty_file_is_refused(client, planner):
    assert send(client, planner, b"").status_code == 400
    assert count(client) == 0


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "...", " ", ". .", "../x.csv", "a/b.csv", "a\\b.csv", "a\0.csv", "a\n.csv",
     "/etc/passwd", "x" * 201, "楼" * 67, "\x1b[2J.csv"],
)  # fmt: skip
def test_a_name_that_is_none_is_refused(client, planner, name):
    answer = send(client, planner, name=name)
    assert answer.status_code == 422, answer.text
    assert answer.json()["faults"][0]["where"] == "query.name"
    assert count(client) == 0


@pytest.mark.parametrize(
    "name", ["楼栋.csv", "a b.csv", "-rf.csv", "$(id).csv", "..csv", "x.csv:layer", "楼" * 66]
)
def test_a_name_that_is_one_stays_as_it_is(client, planner, name):
    answer = send(client, planner, name=name)
    assert (answer.status_code, answer.json()["name"]) == (201, name)


@pytest.mark.parametrize(("slug", "status"), [("none", 404), ("No Slug", 422)])
def test_a_file_for_a_community_that_is_not_there_is_not_kept(client, planner, slug, status):
    assert send(client, planner, slug=quote(slug)).status_code == status
    assert count(client) == 0


def test_a_file_of_one_community_is_none_of_another(client, planner):
    upload = send(client, planner).json()["id"]
    said = {"kind": "check", "arguments": {"buildings": upload}}
    for slug, status in (("other", 409), ("blocks", 202)):
        answer = client.post(f"/communities/{slug}/jobs", json=said, headers=planner)
        assert answer.status_code == status
    (fault,) = client.post("/communities/other/jobs", json=said, headers=planner).json()["faults"]
    none = {"kind": "check", "arguments": {"buildings": "no-such-upload"}}
    told = client.post("/communities/other/jobs", json=none, headers=planner).json()
    # one that is another's and one that is not there are told alike
    assert told["faults"] == [fault]


def test_a_file_sent_again_with_its_key_is_kept_once_and_another_is_a_conflict(client, planner):
    once = {"idempotency-key": "k-1"}
    first = send(client, planner, **once)
    again = send(client, planner, **once)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert send(client, planner, b"other", **once).status_code == 409
    assert send(client, planner, name="other.csv", **once).status_code == 409
    assert count(client) == len(log_of(client.store, "uploads")) == 1


def test_who_may_not_write_sends_nothing(client, planner):
    for headers in ({}, new_token(client.store, "vic", "worker"),
                    new_token(client.store, "pat", "planner", "read")):  # fmt: skip
        pieces = [b"x"] * 3
        told = {**headers, "host": "testserver"}
        status, _, taken = raw(client, "POST", "/communities/blocks/uploads", told, pieces)
        assert status == (403 if headers else 401)
        assert taken == []
    assert count(client) == 0
