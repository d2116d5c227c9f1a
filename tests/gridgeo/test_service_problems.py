"""What goes wrong is told as RFC 9457 has it: every kind of the table, and nothing besides."""

from __future__ import annotations

import errno
import logging

import pytest
from service_client import running
from service_people import new_token

from gridgeo.errors import Finding, GridGeoError, InputError, Severity
from gridgeo.service import Settings
from gridgeo.service.problems import TABLE, ServiceError
from gridgeo.store import errors as stored

FINDING = Finding("no-such-column", Severity.ERROR, "a column is not there", "name it", count=2,
                  first="row 7")  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with running(Settings(data=tmp_path_factory.mktemp("problems"))) as client:
        yield client


@pytest.fixture(scope="module")
def viewer(client):
    return new_token(client.store, "vic", "viewer")


def raised(client, error):
    async def refuse(_request):
        raise error

    state = client.app.state
    kept, state.find_actor = state.find_actor, refuse
    try:
        return client.get("/communities")
    finally:
        state.find_actor = kept


def is_problem(answer, status, name):
    told = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, told["status"]) == (status, status)
    assert told["type"] == f"urn:gridgeo:problem:{name}"
    assert told["instance"] == "/communities"
    assert told["request_id"] == answer.headers["x-request-id"]
    assert told["title"]
    assert told["detail"]
    return told


# By hand, so that a change of the table is a change here.
STORED = {
    stored.NotFound: (404, "not-found"),
    stored.Gone: (410, "gone"),
    stored.Conflict: (409, "conflict"),
    stored.Stale: (412, "precondition-failed"),
    stored.Immutable: (409, "conflict"),
    stored.Refused: (422, "input-unusable"),
    stored.TooMany: (429, "too-many-requests"),
    stored.Busy: (503, "busy"),
    stored.Failed: (500, "fault"),
    stored.Full: (507, "no-room"),
    stored.Damaged: (500, "damaged"),
    stored.StoreError: (500, "fault"),
}
SERVED = {
    "ServiceError": (400, "bad-request"),
    "BadRequestError": (400, "bad-request"),
    "NotAcceptableError": (406, "not-acceptable"),
    "NotSignedInError": (401, "not-signed-in"),
    "NotAllowedError": (403, "not-allowed"),
    "MissingError": (404, "not-found"),
    "ClashError": (409, "conflict"),
    "StaleError": (412, "precondition-failed"),
    "TooLargeError": (413, "too-large"),
    "UnusableError": (422, "input-unusable"),
    "TooManyError": (429, "too-many-requests"),
    "ProviderAwayError": (502, "provider-away"),
}


@pytest.mark.parametrize("kind", STORED, ids=lambda kind: kind.__name__)
def test_every_error_of_the_store_has_its_answer(client, kind):
    status, name = STORED[kind]
    told = is_problem(raised(client, kind("words of the store")), status, name)
    # what the program did wrong is for the log, not for who asks
    assert ("words of the store" in told["detail"]) is (status != 500)


def test_no_error_of_the_store_is_without_an_answer():
    each = {one for one in vars(stored).values() if isinstance(one, type)}
    assert {one for one in each if issubclass(one, stored.StoreError)} == set(STORED)
    assert set(TABLE) <= {*STORED, InputError, GridGeoError}


def test_every_refusal_of_a_route_has_its_answer(client):
    each = {one.__name__: one for one in (ServiceError, *ServiceError.__subclasses__())}
    assert set(each) == set(SERVED)
    for name, error in each.items():
        is_problem(raised(client, error("words")), *SERVED[name])


def test_bad_input_is_told_with_all_its_findings(client):
    told = is_problem(raised(client, InputError([FINDING, FINDING])), 422, "input-unusable")
    assert len(told["findings"]) == 2
    assert told["findings"][0]["first"] == "row 7"


def test_a_fault_of_ours_tells_nothing_of_the_program(client):
    answer = raised(client, ZeroDivisionError("/home/secret/path"))
    told = is_problem(answer, 500, "fault")
    assert "secret" not in answer.text
    assert "request id" in told["detail"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_without_room_is_told(client, number):
    told = is_problem(raised(client, OSError(number, "/home/secret/path")), 507, "no-room")
    assert told["detail"] == "The disk of the service is full. Make room on it"


def test_another_fault_of_the_disk_is_for_the_log(client):
    is_problem(raised(client, OSError(errno.EIO, "/home/secret/path")), 500, "fault")


def test_what_is_damaged_stands_in_the_log_under_the_request(client, caplog):
    with caplog.at_level(logging.ERROR, logger="gridgeo.service"):
        answer = raised(client, stored.Damaged("piece 3 is missing"))
    assert "piece 3 is missing" not in answer.text
    assert answer.headers["x-request-id"] in caplog.text
    assert "piece 3 is missing" in caplog.text


def test_who_must_wait_is_told_how_long(client):
    assert raised(client, stored.Busy("x")).headers["retry-after"] == "1"


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, ["body.name", "body.slug"]),
        ({"slug": "A B", "name": ""}, ["body.name", "body.slug"]),
        ({"slug": "a", "name": "x", "role": "admin"}, ["body.role"]),
        ({"slug": "a", "name": "x\0y"}, ["body.name"]),
        ({"slug": 5, "name": ["x"]}, ["body.name", "body.slug"]),
        ([], ["body"]),
    ],
)
def test_a_request_at_fault_is_told_all_its_faults_without_the_values(client, body, where):
    planner = new_token(client.store, f"pia-{abs(hash(str(body)))}", "planner")
    answer = client.post("/communities", json=body, headers=planner)
    told = is_problem(answer, 422, "request-invalid")
    assert sorted(fault["where"] for fault in told["faults"]) == where
    assert "A B" not in answer.text


@pytest.fixture(scope="module")
def admin(client):
    return new_token(client.store, "ida", "admin")


@pytest.mark.parametrize(
    ("method", "path", "body", "words"),
    [
        ("POST", "/communities", {"slug": "River Side", "name": "R"}, "small letters a to z"),
        ("POST", "/communities", {"slug": "a\n", "name": "R"}, "small letters a to z"),
        ("POST", "/communities", {"slug": "a", "name": "  "}, "not blank"),
        ("GET", "/communities/Riverside", None, "small letters a to z"),
        ("POST", "/communities/a/uploads?name=..%2Fa", None, "without folders"),
    ],
)
def test_a_text_of_the_wrong_form_is_told_in_words(client, admin, method, path, body, words):
    more = {} if body is None else {"json": body}
    answer = client.request(method, path, headers=admin, **more)
    told = answer.json()
    assert (answer.status_code, told["type"]) == (422, "urn:gridgeo:problem:request-invalid")
    assert words in told["detail"]
    assert "pattern" not in told["detail"]


def test_a_kind_of_job_that_is_none_is_told_with_those_that_are(client, admin):
    told = client.post("/communities/a/jobs", json={"kind": "secret"}, headers=admin)
    assert told.json()["detail"] == (
        "body.kind: Input should be one of 'check', 'partition', 'redraw', 'publish'"
    )
    assert "secret" not in told.text


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b'{"slug": NaN', b"", b'"\\ud800"'])
def test_a_body_that_is_no_json_is_told(client, viewer, content):
    planner = new_token(client.store, f"p-{content.hex()}", "planner")
    headers = {**planner, "content-type": "application/json"}
    assert client.post("/communities", content=content, headers=headers).status_code in (400, 422)


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_that_is_not_said_to_be_json_is_told_how_to_send_it(client, kind):
    headers = {} if kind is None else {"content-type": kind}
    for content in (b'{"name": "ann", "password": "x"}', b"name=ann", b"\xff"):
        answer = client.post("/sessions", content=content, headers=headers)
        assert answer.status_code == 415
        assert "Content-Type: application/json" in answer.json()["detail"]


def test_a_request_id_of_a_proxy_goes_through_and_a_made_up_one_does_not(client, viewer):
    for said, kept in (("trace-0123456789", True), ("a b\n", False), ("x", False)):
        headers = {**viewer, "x-request-id": said.encode()}
        told = client.get("/communities", headers=headers).headers["x-request-id"]
        assert (told == said) is kept


def test_what_is_no_json_is_told_to_those_alone_who_may_send_it(client, viewer):
    kind = {"content-type": "application/json"}
    assert client.post("/communities", content=b"{no", headers=kind).status_code == 401
    headers = {**viewer, **kind}
    assert client.post("/communities", content=b"{no", headers=headers).status_code == 403
    assert client.post("/sessions", content=b"{no", headers=kind).status_code == 422


def test_an_address_that_is_none_and_a_method_that_is_none_are_told_in_words(client):
    assert client.get("/nothing").json()["detail"] == "there is nothing at this address"
    answer = client.request("DELETE", "/collections")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert answer.json()["detail"] == "DELETE means nothing here; there is GET, HEAD, OPTIONS"


@pytest.mark.parametrize("path", ["/nothing", "/collections/none", "/collections?none=1"])
def test_a_proxy_keeps_the_page_and_the_document_of_a_problem_apart(client, path):
    for accept in ("application/json", "text/html"):
        answer = client.get(path, headers={"accept": accept})
        assert answer.headers["vary"] == "Accept"
    assert answer.headers["content-type"].startswith("text/html")
    assert "vary" not in client.get("/communities").headers
