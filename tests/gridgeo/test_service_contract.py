"""The OpenAPI document holds: schemathesis asks all of it, step by step, as public and as admin.

``GRIDGEO_FUZZ_S`` is the seconds for all runs together, ``GRIDGEO_FUZZ_SEED`` what they begin
from; more find more.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from served import serving
from service_client import publish_blocks
from service_people import SCOPES, add_token, add_user, bearer
from small_stores import ANN

from gridgeo.service import Settings, create_app
from gridgeo.store import NewJob, Store

RULES = Path(__file__).with_name("schemathesis.toml")
FUZZ_S = float(os.environ.get("GRIDGEO_FUZZ_S", "75"))
SEED = os.environ.get("GRIDGEO_FUZZ_SEED", "7")
# The run would lose its own token; what it does is tested in test_service_tokens.
NOT_ASKED = "revoke_token"
EVERY_PHASE = "examples,coverage,fuzzing,stateful"


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """A service with something of everything, the token of its admin, and the ids of rows."""
    folder = tmp_path_factory.mktemp("contract")
    store = Store.open(folder / "data")
    publish_blocks(store, folder / "blocks")
    token = add_token(store, add_user(store, "root", "admin"), *SCOPES)
    with store.write(ANN) as unit:
        community = unit.communities.by_slug("blocks")
        worker = unit.workers.add(community.id, code="W1", name="Li")
        job = unit.jobs.add(NewJob("check", {"buildings": "x"}, community_id=community.id))
        unit.jobs.cancel(job.id)
        rows = {
            "building_set": unit.building_sets.page()[0].id,
            "building_set_file": unit.building_sets.page()[0].id,
            "plan": unit.plans.page()[0].id,
            "plan_file": unit.plans.page()[0].id,
            "publication": unit.publications.page()[0].id,
            "worker": worker.id,
            "change_worker": worker.id,
            "job": job.id,
            "events": job.id,
        }
    store.close()
    with serving(folder / "run", folder / "data", "--jobs", "0") as served:
        yield served.base, token, rows, folder
        assert "Traceback" not in served.log


def asked(address, rules, folder, *words, seconds, phases=EVERY_PHASE):
    """Let schemathesis ask for some seconds; what it says, and that nothing broke."""
    command = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(rules), "--no-color", "run",
        f"{address}/openapi.json", "--phases", phases, "--max-examples", "10", "--seed", SEED,
        "--max-time", str(max(1, round(seconds))), "--continue-on-failure", "--no-shrink", *words,
    ]  # fmt: skip
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=seconds + 120,
        cwd=folder,  # where it keeps notes of its own
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2000:]
    assert "passed" in done.stdout
    return done.stdout


def test_what_is_there_is_told_as_the_document_says(office):
    address, token, rows, folder = office
    # rows that are there, so that what is told of them is checked and not the 404 alone
    rules = folder / "there.toml"
    there = [
        f'[[operations]]\ninclude-operation-id = "{name}"\nparameters = {{"path.row_id" = "{row}"}}'
        for name, row in rows.items()
    ]
    slugs = ("community", "building_sets", "plans", "publications", "workers", "jobs")
    there += [
        f'[[operations]]\ninclude-operation-id = "{name}"\nparameters = {{"path.slug" = "blocks"}}'
        for name in slugs
    ]
    named = 'parameters = {"path.slug" = "blocks", "path.name" = "grids.geojson"}'
    there.append(f'[[operations]]\ninclude-operation-id = "site_file"\n{named}')
    rules.write_text(
        RULES.read_text(encoding="utf-8") + "\n" + "\n\n".join(there), encoding="utf-8"
    )
    chosen = [word for name in (*rows, *slugs, "site_file") for word in
              ("--include-operation-id", name)]  # fmt: skip
    said = asked(address, rules, folder, *chosen, "-H", f"Authorization: Bearer {token}",
                 seconds=FUZZ_S / 5, phases="examples,coverage,fuzzing")  # fmt: skip
    assert "Missing test data" not in said
    assert "Authentication failed" not in said


def test_the_document_holds_for_the_public(office):
    address, _, _, folder = office
    asked(address, RULES, folder, seconds=FUZZ_S / 5)


def test_the_document_holds_for_an_admin_through_all_steps(office):
    address, token, _, folder = office
    said = asked(
        address, RULES, folder, "--exclude-operation-id", NOT_ASKED,
        "-H", f"Authorization: Bearer {token}", seconds=FUZZ_S * 3 / 5,
    )  # fmt: skip
    assert "Stateful" in said
    # and it is still there, and of sound mind
    assert httpx.get(f"{address}/users/me", headers=bearer(token)).json()["role"] == "admin"


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    app = create_app(Settings(data=tmp_path_factory.mktemp("document")))
    yield app.openapi()
    app.state.store.close()


def operations(document):
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            yield f"{method.upper()} {path}", told


def test_every_operation_says_what_it_answers_and_what_may_go_wrong(document):
    names = []
    for name, told in operations(document):
        names.append(told["operationId"])
        answers = told["responses"]
        good = [status for status in answers if status.startswith("2")]
        # a stream that has ended has an answer of its own: 204, do not come again
        assert len(good) == 1 or (name, good[1:]) == ("GET /jobs/{row_id}/events", ["204"]), name
        assert good == ["204"] or answers[good[0]]["content"], name
        for status, answer in answers.items():
            if status[0] in "45" and name != "GET /ready":
                # browsers are told on a page what went wrong with what is public
                kinds = set(answer["content"]) - {"text/html"}
                assert kinds == {"application/problem+json"}, (name, status)
        assert told["summary"], name
        if told.get("security"):
            assert {"401", "403"} <= set(answers), name
        if "requestBody" in told:
            assert "413" in answers, name
    assert len(names) == len(set(names))


def test_every_link_leads_to_an_operation_and_names_its_parameters(document):
    each = {told["operationId"]: told for _, told in operations(document)}
    count = 0
    for name, told in operations(document):
        for answer in told["responses"].values():
            for link in answer.get("links", {}).values():
                count += 1
                said = each[link["operationId"]]["parameters"]
                known = {one.get("name", one.get("$ref", "").rpartition("/")[2]) for one in said}
                assert set(link["parameters"]) <= known, name
    assert count > 40


def test_every_reference_of_the_document_is_there(document):
    def references(part):
        if isinstance(part, dict):
            if isinstance(part.get("$ref"), str):
                yield part["$ref"]
            for inner in part.values():
                yield from references(inner)
        elif isinstance(part, list):
            for inner in part:
                yield from references(inner)

    for reference in set(references(document)):
        at = document
        for step in reference.removeprefix("#/").split("/"):
            at = at[step]
    assert {"token", "cookie"} == set(document["components"]["securitySchemes"])
