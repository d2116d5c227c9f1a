"""Log lines: one a request, faults once, and nothing in them that is nobody's business."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import textwrap

import pytest
from served import ROOT, environment, serving
from service_client import publish_blocks, running
from service_people import new_token

from gridgeo.service import Settings
from gridgeo.service.request_log import RequestLog
from gridgeo.store import Store


def lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def script(form: str, level: str, code: str) -> str:
    """Run code in a process whose logs are set up; return what it logged."""
    start = f"from gridgeo.logs import set_up_logs\nset_up_logs({form!r}, {level!r})\n"
    done = subprocess.run(
        [sys.executable, "-c", start + textwrap.dedent(code)], env=environment(), cwd=ROOT,
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert done.stdout == ""
    return done.stderr


def test_lines_of_ours_and_of_libraries_have_one_shape():
    told = lines(
        script(
            "json",
            "info",
            """
            import logging, structlog
            from gridgeo.logs import REQUEST_ID
            structlog.get_logger("gridgeo.a").warning("it is so", count=3)
            REQUEST_ID.set("r-1234567")
            logging.getLogger("library").error("of %s", "another")
            logging.getLogger("library").info("told")
            logging.getLogger("library").debug("not told")
            logging.getLogger("sqlalchemy.engine").info("SELECT secrets")
            """,
        )
    )
    assert [line["event"] for line in told] == ["it is so", "of another", "told"]
    for line in told:
        assert list(line)[:4] == ["timestamp", "level", "logger", "event"]
        assert line["timestamp"].endswith("Z")
    assert (told[0]["count"], told[0]["level"], told[0]["logger"]) == (3, "warning", "gridgeo.a")
    assert told[1]["request_id"] == "r-1234567"
    assert "request_id" not in told[0]


def test_the_level_is_heeded():
    code = """
    import logging
    for say in (logging.debug, logging.info, logging.warning, logging.error):
        say(say.__name__)
    """
    for level, count in (("debug", 4), ("info", 3), ("warning", 2), ("error", 1)):
        assert len(lines(script("json", level, code))) == count


def test_a_line_of_text_cannot_be_made_two_by_what_is_in_it():
    told = script("text", "info", 'import logging; logging.warning("a\\nlevel=error b\\x1b[31m")')
    assert len(told.splitlines()) == 1
    assert "\x1b" not in told


def test_an_exception_stands_in_its_line_with_its_traceback():
    code = """
    import logging
    try:
        1 / 0
    except ZeroDivisionError:
        logging.exception("it failed")
    """
    (told,) = lines(script("json", "info", code))
    assert "ZeroDivisionError: division by zero" in told["exception"]
    assert "Traceback" in script("text", "info", code)


@pytest.fixture
def data(tmp_path):
    store = Store.open(tmp_path / "data")
    publish_blocks(store, tmp_path / "blocks")
    store.close()
    return tmp_path / "data"


def test_every_request_is_one_line_with_its_id_route_status_time_and_user(data, capsys):
    with running(Settings(data=data, log_format="json")) as client:
        pia = new_token(client.store, "pia", "planner")
        first = client.get("/collections/blocks.grids/items?limit=1")
        client.get("/communities", headers={**pia, "x-request-id": "proxy-id-1"})
        client.get("/no/such/page")
    told = lines(capsys.readouterr().err)
    assert [line["route"] for line in told] == [
        "/collections/{collectionId}/items", "/communities", ""
    ]  # fmt: skip
    assert [line["status"] for line in told] == [200, 200, 404]
    assert [line["user"] for line in told] == ["", "pia", ""]
    assert told[0]["request_id"] == first.headers["x-request-id"]
    assert told[1]["request_id"] == "proxy-id-1"
    assert all(line["ms"] > 0 and line["method"] == "GET" for line in told)
    assert all(line["level"] == "info" and line["logger"] == "gridgeo.request" for line in told)


def test_no_address_asked_for_and_no_secret_sent_is_in_a_line(data, capsys):
    secret = "s3cret-word"
    with running(Settings(data=data, log_level="debug")) as client:
        client.get(f"/locate?q={secret}")
        client.get(f"/join/{secret}")
        client.get("/communities", headers={"authorization": f"Bearer {secret}"})
        client.post("/sessions", json={"name": "ann", "password": secret})
        client.get(f"/sign-in/provider/return?code={secret}&state={secret}")
        client.get(f"/{secret}")
    told = capsys.readouterr().err
    assert told.count("request logger=") == 6
    assert secret not in told


def test_a_fault_is_logged_once_with_its_id_and_told_without_its_words(data, capsys, caplog):
    with running(Settings(data=data)) as client:

        def broken(*_args: object) -> None:
            raise RuntimeError("words of the inside")

        client.app.state.places.renewed = broken
        answer = client.get("/locate?lon=1&lat=1")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "inside" not in answer.text
    (record,) = [one for one in caplog.records if one.exc_info]
    assert "words of the inside" in str(record.exc_info[1])
    assert record.message == "a fault while answering GET /locate"
    told = capsys.readouterr().err
    assert (
        f"error   request logger=gridgeo.request request_id={answer.json()['request_id']}" in told
    )


def test_requests_that_went_well_are_not_told_from_warnings_on(data, capsys):
    with running(Settings(data=data, log_level="warning")) as client:
        client.get("/conformance")
    assert capsys.readouterr().err == ""


def test_a_log_that_nobody_reads_holds_no_request_up(monkeypatch):
    monkeypatch.setattr("gridgeo.service.request_log._MOST_WAITING", 10)
    stream = io.StringIO()
    log = RequestLog(Settings(log_format="json"), stream)
    scope = {"state": {"request_id": "r-1"}}
    for _ in range(25):
        log.tell(route="/", method="GET", status=200, took_s=0.1, scope=scope)
    assert len(log.waiting) == 10
    log.flush()
    log.flush()
    told = lines(stream.getvalue())
    assert [line["event"] for line in told] == ["request"] * 10 + ["lines were dropped"]
    assert told[-1]["count"] == 15
    stream.close()
    log.tell(route="/", method="GET", status=200, took_s=0.1, scope=scope)
    log.flush()  # the reader is gone: that is no fault of a request
    assert not log.on


def test_lines_that_wait_are_written_when_the_service_stops(tmp_path, data):
    with serving(tmp_path / "run", data, "--jobs", "0", log_format="json") as served:
        ids = [served.get("/health").headers["x-request-id"] for _ in range(30)]
        assert served.stop() == 0
    told = lines(served.log)
    assert {line["request_id"] for line in told if line["event"] == "request"} >= set(ids)
    assert all({"timestamp", "level", "logger", "event"} <= set(line) for line in told)
