"""Work over the API: files sent, checked, divided, published; watched to the end; cancelled."""

from __future__ import annotations

import json
import re
import threading
import time
from dataclasses import replace

import pytest
from PIL import Image
from service_client import running
from service_people import add_token, add_user, bearer, new_token
from small_plans import block_plan
from small_stores import a_plan
from test_jobs import blocks

from gridgeo.jobs.foreman import Foreman
from gridgeo.service import Settings
from gridgeo.store import NewBuildingSet, NewJob, Store, blob_of

MOST_WAITING = 3


@pytest.fixture
def client(tmp_path):
    with running(Settings(data=tmp_path / "data", queue_limit=MOST_WAITING)) as client:
        yield client


@pytest.fixture
def planner(client):
    headers = new_token(client.store, "pia", "planner")
    said = {"slug": "blocks", "name": "Blocks"}
    assert client.post("/communities", json=said, headers=headers).status_code == 201
    return headers


@pytest.fixture
def at_work(tmp_path, client):
    """A foreman who does what is asked, beside the service."""
    over = threading.Event()
    store = Store.open(tmp_path / "data")
    foreman = Foreman(tmp_path / "data")

    def work():
        while not over.is_set():
            foreman.look(store)
            time.sleep(0.05)
        foreman.give_back(store)

    thread = threading.Thread(target=work)
    thread.start()
    yield
    over.set()
    thread.join()
    store.close()


def asked(client, planner, kind, **arguments):
    said = {"kind": kind, "arguments": arguments}
    answer = client.post("/communities/blocks/jobs", json=said, headers=planner)
    assert answer.status_code == 202, answer.text
    return answer


def told(client, planner, answer):
    """What the events of a job say, to its end."""
    stream = client.get(f"{answer.headers['location']}/events", headers=planner)
    assert stream.headers["content-type"].startswith("text/event-stream")
    events = []
    for part in stream.text.replace("\r\n", "\n").split("\n\n"):
        said = dict(line.split(": ", 1) for line in part.splitlines() if not line.startswith(":"))
        if said:
            events.append((said["event"], json.loads(said["data"])))
    return events


def sent(client, planner, path):
    answer = client.post(
        f"/communities/blocks/uploads?name={path.name}", content=path.read_bytes(), headers=planner
    )
    return answer.json()["id"]


@pytest.mark.usefixtures("at_work")
def test_files_are_checked_divided_and_published_over_the_api(client, planner, tmp_path):
    upload = sent(client, planner, blocks(tmp_path / "b.gpkg"))
    events = told(client, planner, asked(client, planner, "check", buildings=upload))
    assert events[-1][0] == "done", events
    assert [event for event, _ in events] == [told["state"] for _, told in events]
    buildings = events[-1][1]["result"]["building_set_id"]
    events = told(client, planner, asked(client, planner, "partition", building_set_id=buildings))
    assert events[-1][0] == "done", events
    plan = events[-1][1]["result"]["plan_id"]
    row = client.get(f"/plans/{plan}", headers=planner).json()
    assert (row["number"], row["counts"]) == (1, {"grids": 3, "in_band": 3})
    assert client.get(f"/plans/{plan}/file", headers=planner).content[:6] == b"SQLite"
    workers = tmp_path / "workers.csv"
    workers.write_text("grid_id,name,office_phone\nG-001,Ann Lee,010-1\n", encoding="utf-8")
    job = asked(client, planner, "publish", plan_id=plan, prints=False,
                owners=sent(client, planner, workers))  # fmt: skip
    events = told(client, planner, job)
    assert events[-1][0] == "done", events
    # the public sees it, without a sign-in, as soon as the service has looked again
    for _ in range(100):
        found = client.another().get("/collections/blocks.grids/items").json()
        if "features" in found:
            break
        time.sleep(0.1)
    assert {one["properties"]["owner_name"] for one in found["features"]} >= {"Ann Lee"}
    publication = client.get("/communities/blocks/publications", headers=planner).json()["items"][0]
    assert publication["plan_id"] == plan
    listed = client.get("/communities/blocks/jobs", headers=planner).json()["items"]
    assert [one["kind"] for one in listed] == ["publish", "partition", "check"]
    # and no more, once it is withdrawn
    path = f"/publications/{publication['id']}/withdrawal"
    assert client.post(path, json={"reason": "a slip"}, headers=planner).status_code == 200
    assert client.post(path, json={"reason": "a slip"}, headers=planner).status_code == 410
    for _ in range(100):
        gone = client.another().get("/collections/blocks.grids/items")
        if gone.status_code == 404:
            break
        time.sleep(0.1)
    assert gone.status_code == 404


@pytest.mark.usefixtures("at_work")
def test_a_file_at_fault_is_refused_with_the_findings_under_its_own_name(client, planner, tmp_path):
    upload = sent(client, planner, blocks(tmp_path / "mine.gpkg", households=None))
    events = told(client, planner, asked(client, planner, "check", buildings=upload))
    state, job = events[-1]
    assert (state, job["error"]["code"]) == ("failed", "input-unusable")
    assert job["error"]["findings"]
    assert "gridgeo-job" not in json.dumps(job)


@pytest.mark.usefixtures("at_work")
def test_what_can_be_mended_is_kept_where_that_is_asked_for(client, planner, tmp_path):
    table = tmp_path / "楼栋.csv"
    rows = [f"B{k},第{k}栋,40,110,{113.2 + k * 1e-3},30.1" for k in range(20)]
    head = "楼栋号,楼名,户数,人口,经度,纬度"
    table.write_bytes("\n".join([head, *rows, ""]).encode("gbk"))
    upload = sent(client, planner, table)
    state, job = told(client, planner, asked(client, planner, "check", buildings=upload))[-1]
    assert state == "failed"
    codes = [one["code"] for one in job["error"]["findings"]]
    assert codes == ["encoding-guessed", "mendable"]
    assert '"mend": true' in job["error"]["message"]
    assert "--" not in job["error"]["message"]
    job = asked(client, planner, "check", buildings=upload, mend=True)
    state, job = told(client, planner, job)[-1]
    assert state == "done", job
    kept = client.get(f"/building-sets/{job['result']['building_set_id']}", headers=planner).json()
    assert [one["code"] for one in kept["findings"]] == ["encoding-guessed"]


@pytest.mark.usefixtures("at_work")
def test_a_file_that_names_another_file_of_the_machine_is_not_followed(client, planner, tmp_path):
    secret = blocks(tmp_path / "secret.gpkg")
    for name in ("b.gpkg", "b.geojson", "b.fgb", "b"):
        hostile = tmp_path / f"sent-{name}"
        hostile.write_text(
            f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{secret}'
            "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>",
            encoding="utf-8",
        )
        upload = sent(client, planner, hostile)
        state, job = told(client, planner, asked(client, planner, "check", buildings=upload))[-1]
        assert (state, job["error"]["code"]) == ("failed", "input-unusable"), name
        assert re.search("cannot be read|one part", job["error"]["message"])
        assert "gridgeo-job" not in json.dumps(job)


@pytest.mark.usefixtures("at_work")
def test_a_table_that_names_a_photo_of_the_machine_gets_none(client, planner, tmp_path):
    Image.new("RGB", (40, 40), "red").save(tmp_path / "secret.png")
    plan_id = kept_plan(client, file=blob_of(block_plan().save(tmp_path / "plan.gpkg"))).id
    deep = "../" * 20 + str(tmp_path / "secret.png").lstrip("/")
    for photo in (str(tmp_path / "secret.png"), deep):
        table = tmp_path / "workers.csv"
        table.write_text(f"grid_id,name,consent,photo\nG-001,Ann,yes,{photo}\n", encoding="utf-8")
        job = asked(client, planner, "publish", plan_id=plan_id, prints=False,
                    owners=sent(client, planner, table))  # fmt: skip
        state, told_of = told(client, planner, job)[-1]
        assert (state, told_of["error"]["code"]) == ("failed", "input-unusable"), told_of
        assert "outside the folder" in told_of["error"]["message"]
    assert client.get("/communities/blocks/publications", headers=planner).json()["items"] == []


def test_a_job_that_waits_ends_when_it_is_cancelled_and_then_no_more(client, planner, tmp_path):
    upload = sent(client, planner, blocks(tmp_path / "b.gpkg"))
    job = asked(client, planner, "check", buildings=upload)
    path = f"{job.headers['location']}/cancellation"
    stale = client.post(path, headers={**planner, "if-match": '"r7"'})
    assert stale.status_code == 412
    answer = client.post(path, headers={**planner, "if-match": job.headers["etag"]})
    assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")
    assert [event for event, _ in told(client, planner, job)] == ["cancelled"]
    assert client.post(path, headers=planner).status_code == 409


def test_more_jobs_than_may_wait_are_refused(client, planner, tmp_path):
    upload = sent(client, planner, blocks(tmp_path / "b.gpkg"))
    for _ in range(MOST_WAITING):
        asked(client, planner, "check", buildings=upload)
    said = {"kind": "check", "arguments": {"buildings": upload}}
    answer = client.post("/communities/blocks/jobs", json=said, headers=planner)
    assert (answer.status_code, answer.json()["type"]) == (
        429, "urn:gridgeo:problem:too-many-requests"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ({"kind": "check", "arguments": {}}, ["body.arguments.buildings"]),
        ({"kind": "partition", "arguments": {"building_set_id": "x", "households": "a:b",
                                             "seed": -1, "more": 1}},
         ["body.arguments.households", "body.arguments.more", "body.arguments.seed"]),
        ({"kind": "publish", "arguments": {"plan_id": "../x"}}, ["body.arguments.plan_id"]),
        ({"kind": "erase", "arguments": {}}, ["body.kind"]),
        ({"kind": "partition", "arguments": {"building_set_id": "none"}},
         ["body.arguments.building_set_id"]),
    ],
)  # fmt: skip
def test_a_job_at_fault_is_told_all_of_it_and_does_not_wait(client, planner, said, where):
    answer = client.post("/communities/blocks/jobs", json=said, headers=planner)
    assert answer.status_code == (409 if "none" in str(said) else 422), answer.text
    assert sorted(fault["where"] for fault in answer.json()["faults"]) == where
    assert client.get("/communities/blocks/jobs", headers=planner).json()["items"] == []


def test_who_is_shut_out_while_listening_hears_no_more(client, planner):
    vic = add_user(client.store, "vic", "viewer")
    token = bearer(add_token(client.store, vic, "read"))
    community = client.get("/communities/blocks", headers=planner).json()["id"]
    with client.store.write(gg_actor()) as unit:
        job = unit.jobs.add(NewJob("check", {}, community_id=community)).id
    heard = []
    listening = threading.Thread(
        target=lambda: heard.append(client.another().get(f"/jobs/{job}/events", headers=token))
    )
    listening.start()
    time.sleep(1)
    assert listening.is_alive()
    with client.store.write(gg_actor()) as unit:
        unit.users.disable(vic)
    listening.join(30)
    assert not listening.is_alive()
    assert heard[0].text.count("event:") == 1


def test_who_listens_again_hears_the_end_once(client, planner):
    community = client.get("/communities/blocks", headers=planner).json()["id"]
    with client.store.write(gg_actor()) as unit:
        job = unit.jobs.add(NewJob("check", {}, community_id=community)).id
        before = unit.jobs.get(job).revision
        unit.jobs.cancel(job)
    path = f"/jobs/{job}/events"
    heard = client.get(path, headers={**planner, "last-event-id": str(before)})
    assert heard.status_code == 200
    assert heard.headers["x-accel-buffering"] == "no"  # nor does a proxy hold it back
    assert "no-store" in heard.headers["cache-control"]
    (last,) = [line[4:] for line in heard.text.splitlines() if line.startswith("id: ")]
    assert last != str(before)
    again = client.get(path, headers={**planner, "last-event-id": last})
    # the one answer after which a browser does not connect again
    assert (again.status_code, again.content) == (204, b"")


def kept_plan(client, **more):
    with client.store.write(gg_actor()) as unit:
        community = unit.communities.by_slug("blocks").id
        file = NewBuildingSet(blob_of(b"x"), "b.gpkg", findings=[], counts={})
        buildings = unit.building_sets.add(community, file)
        return unit.plans.add(community, replace(a_plan(buildings.id), **more))


def gg_actor():
    from gridgeo.store import Actor

    return Actor("root")


@pytest.mark.parametrize("path", ["/jobs/none", "/jobs/none/events"])
def test_a_job_that_is_not_there_is_not_found(client, planner, path):
    assert client.get(path, headers=planner).status_code == 404


def test_codes_on_boards_lead_to_the_service_unless_another_place_is_named(tmp_path):
    settings = Settings(data=tmp_path / "data", base_url="https://grids.example/")
    with running(settings) as client:
        planner = new_token(client.store, "pia", "planner")
        said = {"slug": "blocks", "name": "Blocks"}
        assert client.post("/communities", json=said, headers=planner).status_code == 201
        plan_id = kept_plan(client).id
        job = asked(client, planner, "publish", plan_id=plan_id).json()
        assert job["arguments"]["base_url"] == "https://grids.example/sites/blocks/"
        other = {"plan_id": plan_id, "base_url": "https://town.example/"}
        job = asked(client, planner, "publish", **other).json()
        assert job["arguments"]["base_url"] == "https://town.example/"
