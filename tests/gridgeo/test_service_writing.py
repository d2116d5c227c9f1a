"""Writes and reads of the API: tags, once only, pages of lists."""

from __future__ import annotations

import re
import threading

import pytest
from service_client import running
from service_people import log_of, new_token
from small_stores import ANN, add_town

from gridgeo.service import Settings

NEW = {"slug": "blocks", "name": "Blocks"}


@pytest.fixture
def client(tmp_path):
    with running(Settings(data=tmp_path)) as client:
        yield client


@pytest.fixture
def planner(client):
    return new_token(client.store, "pia", "planner")


def added(client, planner, slug="blocks"):
    answer = client.post("/communities", json={"slug": slug, "name": "Blocks"}, headers=planner)
    assert answer.status_code == 201, answer.text
    return answer


def test_what_was_added_is_told_with_its_place_and_tag(client, planner):
    answer = added(client, planner)
    there = client.get(answer.headers["location"], headers=planner)
    assert there.json() == answer.json()
    assert there.headers["etag"] == answer.headers["etag"] == '"r1"'


@pytest.mark.parametrize("said", ['"r1"', 'W/"r1"', '"x","r1"', '"x" , W/"r1"', "*"])
def test_who_has_it_already_is_told_so(client, planner, said):
    added(client, planner)
    answer = client.get("/communities/blocks", headers={**planner, "if-none-match": said})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", '"r1"')
    other = client.get("/communities/blocks", headers={**planner, "if-none-match": '"r11"'})
    assert other.status_code == 200


def test_a_change_goes_by_what_was_read(client, planner):
    added(client, planner)

    def change(name, tag):
        headers = {**planner, **({"if-match": tag} if tag else {})}
        return client.request("PATCH", "/communities/blocks", json={"name": name}, headers=headers)

    assert change("One", '"r1"').headers["etag"] == '"r2"'
    late = change("Two", '"r1"')
    assert (late.status_code, late.json()["type"]) == (
        412,
        "urn:gridgeo:problem:precondition-failed",
    )
    assert client.get("/communities/blocks", headers=planner).json()["name"] == "One"
    assert change("Three", 'W/"r2"').status_code == 200
    assert change("Four", "*").status_code == change("Five", "").status_code == 200
    # a tag that was never given out is one that does not hold; of several one is enough
    for tag in ('"abc"', "r5", '"r55"', '"r4", "r6"', '"x,"r5""', ""):
        assert change("Six", tag or " ").status_code == 412, tag
    assert change("Six", '"x", W/"r5" ,"r6"').status_code == 200


def test_every_kind_that_changes_heeds_the_tag(client, planner):
    admin = new_token(client.store, "root", "admin")
    added(client, planner)
    worker = client.post(
        "/communities/blocks/workers", json={"code": "W1", "name": "Li"}, headers=planner
    )
    user = client.get("/users/me", headers=planner).json()["id"]
    for path, said, headers in (
        (worker.headers["location"], {"name": "Li Lei"}, planner),
        (f"/users/{user}", {"full_name": "Pia P"}, admin),
    ):
        stale = {**headers, "if-match": '"r9"'}
        assert client.request("PATCH", path, json=said, headers=stale).status_code == 412
        # the tag is the one that reading it tells
        fresh = {**headers, "if-match": client.get(path, headers=headers).headers["etag"]}
        assert client.request("PATCH", path, json=said, headers=fresh).status_code == 200


def test_the_same_write_sent_again_is_answered_alike_and_done_once(client, planner):
    once = {**planner, "idempotency-key": "k-1"}
    first = client.post("/communities", json=NEW, headers=once)
    again = client.post("/communities", json=NEW, headers=once)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    for header in ("location", "etag"):
        assert first.headers[header] == again.headers[header]
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert len(log_of(client.store, "communities")) == 1


def test_a_key_holds_for_one_body_one_route_and_one_person(client, planner):
    once = {**planner, "idempotency-key": "k-1"}
    assert client.post("/communities", json=NEW, headers=once).status_code == 201
    other = client.post("/communities", json={**NEW, "name": "Other"}, headers=once)
    assert (other.status_code, other.json()["type"]) == (409, "urn:gridgeo:problem:conflict")
    assert "Idempotency-Key" in other.json()["detail"]
    said = {"code": "W1", "name": "Li"}
    worker = client.post("/communities/blocks/workers", json=said, headers=once)
    assert worker.status_code == 201
    ben = {**new_token(client.store, "ben", "planner"), "idempotency-key": "k-1"}
    taken = client.post("/communities", json=NEW, headers=ben)
    assert (taken.status_code, "taken" in taken.text or "already" in taken.text) == (409, True)


def test_a_write_that_was_refused_may_be_tried_again_with_its_key(client, planner):
    once = {**planner, "idempotency-key": "k-1"}
    said = {"code": "W1", "name": "Li"}
    assert client.post("/communities/blocks/workers", json=said, headers=once).status_code == 404
    added(client, planner)
    assert client.post("/communities/blocks/workers", json=said, headers=once).status_code == 201


def test_one_who_may_no_more_hears_nothing_by_the_key(client, planner):
    once = {**planner, "idempotency-key": "k-1"}
    assert client.post("/communities", json=NEW, headers=once).status_code == 201
    admin = new_token(client.store, "root", "admin")
    user = client.get("/users/me", headers=planner).json()["id"]
    said = {"role": "viewer"}
    assert client.request("PATCH", f"/users/{user}", json=said, headers=admin).status_code == 200
    assert client.post("/communities", json=NEW, headers=once).status_code == 403


@pytest.mark.parametrize("key", ["", "a b", "x" * 201, "ключ"])
def test_a_key_that_is_none_is_refused(client, planner, key):
    headers = [*planner.items(), ("idempotency-key", key.encode())]
    assert client.post("/communities", json=NEW, headers=headers).status_code == 400
    assert log_of(client.store, "communities") == []


def test_many_who_send_the_same_at_once_make_one(client, planner):
    once = {**planner, "idempotency-key": "k-1"}
    told = []

    def send():
        told.append(client.another().post("/communities", json=NEW, headers=once))

    each = [threading.Thread(target=send) for _ in range(8)]
    for one in each:
        one.start()
    for one in each:
        one.join()
    assert {answer.status_code for answer in told} == {201}
    assert len({answer.json()["id"] for answer in told}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in told) == 1
    assert len(log_of(client.store, "communities")) == 1


def walked(client, path, headers):
    """The ids of all pages, and how long each page was."""
    seen, lengths, href = [], [], path
    while href:
        answer = client.get(href.removeprefix("http://testserver"), headers=headers)
        told = answer.json()
        seen += [row["id"] for row in told["items"]]
        lengths.append(len(told["items"]))
        linked = re.fullmatch(r'<(.+)>; rel="next"', answer.headers.get("link", ""))
        assert (linked[1] if linked else None) == told["next"]
        href = told["next"]
    return seen, lengths


def test_pages_lead_through_every_list_and_end_with_the_last_row(client, planner):
    admin = new_token(client.store, "root", "admin")
    with client.store.write(ANN) as unit:
        towns = [add_town(unit, f"town-{k}") for k in range(6)]
        for k in range(5):
            unit.workers.add(towns[0].community_id, code=f"W{k}", name="Li")
            unit.jobs.add(a_job(towns[0].community_id))
    for path, ends in (
        ("/communities", [2, 2, 2]),
        ("/communities/town-0/workers", [2, 2, 1]),
        ("/communities/town-0/jobs", [2, 2, 1]),
        ("/communities/town-0/plans", [1]),
        ("/communities/town-0/building-sets", [1]),
        ("/communities/town-0/publications", [0]),
        ("/users", [2]),
        ("/tokens", [1]),
        ("/invitations", [0]),
    ):
        seen, lengths = walked(client, f"{path}?limit=2", admin)
        assert lengths == ends, path
        assert len(seen) == len(set(seen))
    log, _ = walked(client, "/audit-log?limit=7&kind=jobs", admin)
    assert len(log) == 5
    assert log == sorted(log, reverse=True)


def a_job(community_id):
    from gridgeo.store import NewJob

    return NewJob("check", {}, community_id=community_id)


@pytest.mark.parametrize("asked", ["limit=0", "limit=501", "limit=x", "after=%00", "after=../x",
                                   "after=" + "x" * 65])  # fmt: skip
def test_a_page_that_cannot_be_is_refused(client, planner, asked):
    answer = client.get(f"/communities?{asked}", headers=planner)
    assert (answer.status_code, len(answer.json()["faults"])) == (422, 1)


def test_an_empty_change_changes_nothing(client, planner):
    added(client, planner)
    made = client.post("/communities/blocks/workers", json={"code": "1", "name": "Li"},
                       headers=planner)  # fmt: skip
    before = len(log_of(client.store, "workers"))
    same = client.request("PATCH", made.headers["location"], json={}, headers=planner)
    assert (same.status_code, same.json()) == (200, made.json())
    assert len(log_of(client.store, "workers")) == before


def test_a_file_is_told_whole_with_its_name_and_tag(client, planner):
    with client.store.write(ANN) as unit:
        town = add_town(unit)
    path = f"/plans/{town.plan_id}/file"
    answer = client.get(path, headers=planner)
    assert answer.content == b"a plan"
    assert answer.headers["content-type"] == "application/geopackage+sqlite3"
    assert "plan-1.gpkg" in answer.headers["content-disposition"]
    again = client.get(path, headers={**planner, "if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("said", "where", "told"),
    [
        ({"slug": "River North", "name": "R"}, "body.slug", "'riverside-north'"),
        ({"slug": "north\n", "name": "R"}, "body.slug", "'riverside-north'"),
        ({"slug": "north", "name": " \n"}, "body.name", "not blanks alone"),
        ({"slug": "north", "name": "R", "colour": 1}, "body.colour", "leave it out"),
    ],
)
def test_what_is_refused_is_told_in_words_that_help(client, planner, said, where, told):
    answer = client.post("/communities", json=said, headers=planner)
    assert answer.status_code == 422
    (fault,) = answer.json()["faults"]
    assert fault["where"] == where
    assert told in fault["message"]
    assert "Value error" not in answer.text
    assert "pattern" not in answer.text


def test_what_is_no_json_is_told_so_and_where(client, planner):
    headers = {**planner, "content-type": "application/json"}
    answer = client.post("/communities", content=b'{"slug": oops}', headers=headers)
    assert answer.status_code == 422
    (fault,) = answer.json()["faults"]
    assert fault["where"] == "body"
    assert fault["message"].startswith("Not JSON: ")
    assert fault["message"].endswith("after 9 signs")
