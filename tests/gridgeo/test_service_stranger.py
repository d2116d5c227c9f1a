"""What a stranger may read: secrets put into everything unpublished are found nowhere."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import quote, urldefrag, urljoin, urlsplit

import mapbox_vector_tile
import numpy as np
import pytest
from service_client import running
from service_people import ROOT, add_token, add_user, log_of
from small_plans import block_plan
from small_stores import a_plan

import gridgeo as gg
from gridgeo.jobs.published import read_published
from gridgeo.model import Buildings
from gridgeo.publish import Edition
from gridgeo.record import Staff, Version, Waiver
from gridgeo.service import Settings
from gridgeo.store import NewBuildingSet, NewJob, Store, blob_of

# Each is looked for in every answer; the mark is part of all of them.
MARK = "Zx9Secret"
HOME = "http://testserver"
# A number that nobody consented to publish.
PHONE = "13800009999"


def secret(what: str) -> str:
    return f"{MARK}-{what}"


def publish_with_secrets(store: Store, folder) -> None:
    """A community as an office has it: much is known, little of it is public."""
    plan = block_plan()
    table = plan.buildings.table.copy()
    table["note"] = [secret(f"note-{k}") for k in range(len(table))]
    table["resident_name"] = secret("resident")
    table["phone"] = PHONE
    table["owner"] = secret("landlord")
    record = replace(
        plan.record,
        versions=(
            Version("partition", "0" * 64, person=secret("person"), reason=secret("why"),
                    recipe={"note": secret("recipe")}),
        ),
        waivers=(Waiver("G-001", secret("waiver"), secret("waived-by"), "2026-01-01"),),
        staff=(Staff("G-003", "Cy Ng", secret("worker-id")),),
    )  # fmt: skip
    plan = replace(plan, buildings=Buildings(table), record=record, input_hash=secret("hash"))
    folder.mkdir()
    (folder / "workers.csv").write_text(
        "grid_id,name,phone,office_phone,consent,worker_id,home_address\n"
        f"G-001,Ann Lee,{PHONE},010-1111,no,{secret('id-1')},{secret('home')}\n"
        f"G-002,Bo Xu,13700000001,,yes,{secret('id-2')},{secret('home')}\n",
        encoding="utf-8",
    )
    site = folder / "site"
    gg.publish(plan, site, owners=folder / "workers.csv", edition=Edition(prints=False))
    now = datetime.now(UTC)
    with store.write(ROOT) as unit:
        home = unit.communities.add(slug="blocks", name="Blocks", details={"x": secret("details")})
        hidden = unit.communities.add(slug="zx9secret-slug", name=secret("community"))
        for community in (home, hidden):
            buildings = unit.building_sets.add(
                community.id,
                NewBuildingSet(blob_of(secret("file").encode()), secret("buildings.gpkg"),
                               findings=[{"message": secret("finding")}],
                               counts={"note": secret("count")}),
            )  # fmt: skip
            row = unit.plans.add(
                community.id,
                replace(a_plan(buildings.id), file=blob_of(plan.save(folder / "plan.gpkg")),
                        reason=secret("reason"), recipe={"note": secret("recipe")}),
            )  # fmt: skip
            unit.workers.add(community.id, code=secret("code"), name=secret("name"),
                             details={"phone": PHONE})  # fmt: skip
            if community is home:
                public = row
        edition = {"epsg": 3414, "note": secret("edition")}
        new = read_published(site, plan_id=public.id, edition=edition)
        past = unit.publications.add(home.id, replace(new, valid_from=now - timedelta(days=2)))
        unit.publications.withdraw(past.id, reason=secret("withdrawn"))
        unit.publications.add(home.id, replace(new, valid_from=now - timedelta(days=1)))
        user = unit.users.add(name=secret("user"), role="planner", full_name=secret("full"),
                              email=f"{MARK}@example.org")  # fmt: skip
        unit.uploads.add(blob_of(secret("upload").encode()), name=secret("upload.csv"),
                         media_type=f"text/{MARK}", community_id=home.id)  # fmt: skip
        job = unit.jobs.add(
            NewJob("check", {"reason": secret("job"), "where": secret("where")},
                   community_id=home.id, user_id=user.id)
        )  # fmt: skip
        unit.jobs.claim("w")
        unit.jobs.beat(job.id, "w", progress={"step": secret("step")})
        unit.tokens.add(user.id, name=secret("token"), scopes=["read"])
    # an edition that comes into force next year, and says so under another name
    later = folder / "later"
    named = replace(plan, grid_ids=np.array([secret(k) for k in plan.grid_ids], dtype=object))
    named = replace(named, record=replace(record, waivers=(), staff=()))
    gg.publish(named, later, edition=Edition(prints=False))
    with store.write(ROOT) as unit:
        new = read_published(later, plan_id=public.id, edition=edition)
        unit.publications.add(home.id, replace(new, valid_from=now + timedelta(days=365)))


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stranger")
    store = Store.open(folder / "data")
    publish_with_secrets(store, folder / "made")
    store.close()
    with running(Settings(data=folder / "data")) as client:
        yield client


def links_of(answer, at: str) -> set[str]:
    """Every address that an answer names: in JSON any text that is one, in HTML href and src."""
    media = answer.headers["content-type"]
    found = set()
    if "json" in media:
        found |= set(re.findall(r'"(https?://[^"{}]+)"', answer.text))
        if "openapi" not in media:  # which names routes, not addresses
            found |= {urljoin(at, one) for one in re.findall(r'"(/[a-z][^"{}\s]*)"', answer.text)}
    if "html" in media:
        named = re.findall(r'(?:href|src|action)\s*=\s*["\']([^"\'<>]+)["\']', answer.text)
        found |= {urljoin(at, unescape(one)) for one in named}
    return {urldefrag(one)[0] for one in found if one.startswith(HOME)}


def crawled(client, starts):
    """Every answer that links lead to from some addresses."""
    waiting, seen = list(starts), {}
    while waiting:
        at = waiting.pop()
        if at in seen or len(seen) > 3000:
            continue
        seen[at] = answer = client.get(at.removeprefix(HOME))
        more = links_of(answer, at) if answer.status_code == 200 else set()
        if answer.is_redirect:
            more = {urljoin(at, answer.headers["location"])}
        waiting += sorted(more - seen.keys())
    return seen


@pytest.fixture(scope="module")
def answers(client):
    starts = ["/", "/?f=html", "/api", "/api?f=json", "/openapi.json", "/sign-in", "/nothing",
              "/health", "/ready", "/sites/blocks", "/sites/blocks/"]  # fmt: skip
    items = [f"/collections/blocks.{kind}/items" for kind in ("grids", "buildings", "boundary")]
    words = ("limit=1000", "limit=1000&f=html", "datetime=../..", "datetime=1990-01-01/..",
             "datetime=2099-01-01T00:00:00Z", "version=1", "version=2", "version=3",
             f"note={MARK}", "filter=note%20IS%20NOT%20NULL", "crs=EPSG:3414")  # fmt: skip
    starts += [f"{path}?{said}" for path in items for said in words]
    starts += [f"{path.removesuffix('items')}tiles/0/0/0.mvt" for path in items]
    with client.store.read() as unit:
        for publication in unit.publications.page():
            starts += [
                f"/sites/blocks/{quote(f.path)}" for f in unit.publications.files(publication.id)
            ]
            starts += [f"/publications/{publication.id}", f"/plans/{publication.plan_id}/file"]
    starts += [f"/locate?q={said}" for said in (MARK, PHONE, "B0", "landlord", "Ann")]
    return crawled(client, [HOME + path for path in starts])


def test_a_crawl_reaches_all_there_is(answers):
    ok = {urlsplit(at).path for at, answer in answers.items() if answer.status_code == 200}
    assert {
        "/", "/api", "/openapi.json", "/collections", "/collections/blocks.grids",
        "/collections/blocks.grids/queryables", "/collections/blocks.grids/items/G-001",
        "/collections/blocks.buildings/items/B00", "/sites/blocks/", "/sites/blocks/grids.geojson",
        "/static/service.css", "/sign-in", "/conformance", "/locate",
    } <= ok  # fmt: skip
    named = Counter(answer.status_code for answer in answers.values())
    assert named[200] > 60


def test_no_link_of_a_public_page_is_dead(answers, client):
    with_links = {at for at, answer in answers.items() if answer.status_code == 200}
    for at in sorted(with_links):
        for there in links_of(answers[at], at):
            # a form is sent there, and what is only for those who signed in says so
            assert answers[there].status_code in (200, 308, 303, 401, 405) or "/sign-" in there, (
                at, there
            )  # fmt: skip


def test_nothing_that_is_not_published_is_told(answers, client):
    assert log_of(client.store, "users")
    for at, answer in answers.items():
        texts = [str(answer.headers), answer.text, unescape(answer.text)]
        if "vector-tile" in answer.headers.get("content-type", ""):
            texts.append(json.dumps(mapbox_vector_tile.decode(answer.content)))
        # what was asked for may be said again, in a problem, and no more than that
        asked = urlsplit(at).path if answer.status_code == 404 else "nothing"
        for text in texts:
            assert MARK.lower() not in text.replace(asked, "").lower(), at
            assert PHONE not in text, at


def test_what_is_published_is_told(answers):
    every = "".join(answer.text for answer in answers.values())
    for said in ("Ann Lee", "Bo Xu", "010-1111", "13700000001", "G-004", "B11"):
        assert said in every


def test_what_was_withdrawn_or_is_not_yet_in_force_is_not_there(client):
    versions = {
        one["properties"]["version"]
        for said in ("datetime=1990-01-01/..", "datetime=2099-01-01T00:00:00Z", "limit=1000")
        for one in client.get(f"/collections/blocks.grids/items?{said}").json()["features"]
    }
    assert versions <= {2}
    assert client.get("/collections/blocks.grids").json()["extent"]["temporal"]["interval"][0][0]


def test_an_edition_comes_into_force_by_itself(client):
    from gridgeo.service.public.catalogue import Catalogue
    from gridgeo.service.public.stored import StoredPublications

    class Later(StoredPublications):
        def publications(self):
            moved = timedelta(days=-365) if self.turned else timedelta()
            return [replace(one, life=replace(one.life, begins=one.life.begins + moved))
                    for one in super().publications()]  # fmt: skip

    source = Later(client.store)
    source.turned = False
    catalogue = Catalogue(source)
    catalogue.refresh()
    assert [one.life.version for one in catalogue.communities["blocks"]] == [2]
    assert catalogue._next_turn is not None
    source.turned = True
    catalogue._next_turn = datetime.now(UTC)
    assert catalogue.refresh()
    assert [one.life.version for one in catalogue.communities["blocks"]] == [2, 3]


def test_what_opens_doors_is_told_to_nobody(client, answers):
    user = add_user(client.store, "ann", "viewer")
    token = add_token(client.store, user, "read")
    for at in list(answers)[:200]:
        answer = client.get(at.removeprefix(HOME), headers={"authorization": f"Bearer {token}"})
        assert token not in answer.text
