"""Clients that are slow, silent or endless: their connections are ended, and nobody else's."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
import uvicorn

from gridgeo.service.slow_clients import MOST_HEAD_BYTES, Config, Patience, PatientProtocol

HEAD = b"GET / HTTP/1.1\r\nhost: x\r\n"
LARGE = 8 << 20


async def app(scope, receive, send) -> None:
    """Answers at once, after the body, with much, or after a while."""
    assert scope["type"] == "http"
    body = b"well"
    if scope["method"] == "POST":
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            more = message["more_body"]
    elif scope["path"] == "/large":
        body = bytes(LARGE)
    elif scope["path"] == "/late":
        await asyncio.sleep(1.5)
    await send({"type": "http.response.start", "status": 200,
                "headers": [(b"content-length", str(len(body)).encode())]})  # fmt: skip
    await send({"type": "http.response.body", "body": body})


@contextmanager
def serving(patience: Patience) -> Iterator[int]:
    config = Config(app, http=PatientProtocol, lifespan="off", log_config=None, ws="none",
                    limit_concurrency=50)  # fmt: skip
    config.patience = patience
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def answered(client: socket.socket) -> bytes:
    """Return one whole answer: its head and its body may come apart."""
    got = b""
    while not got.endswith(b"well"):
        piece = client.recv(1000)
        assert piece, f"the connection was ended after {got!r}"
        got += piece
    return got


@pytest.fixture(scope="module")
def port():
    with serving(Patience(head_s=1.0, still_s=1.0)) as port:
        yield port


@pytest.fixture
def client(port):
    with socket.create_connection(("127.0.0.1", port), timeout=60) as made:
        yield made


def to_the_end(client: socket.socket) -> bytes:
    out = b""
    try:
        while piece := client.recv(1 << 20):
            out += piece
    except ConnectionResetError:
        return out + b"<reset>"
    return out


def test_a_client_that_says_nothing_is_ended(client):
    assert to_the_end(client).startswith(b"HTTP/1.1 408")


def test_a_head_that_comes_too_slowly_is_ended(client):
    client.sendall(HEAD)
    got = to_the_end(client)
    assert got.startswith(b"HTTP/1.1 408")
    assert b"application/problem+json" in got


def test_a_head_that_trickles_is_ended_too(client):
    over = threading.Event()

    def trickle() -> None:
        try:
            client.sendall(HEAD)
            while not over.wait(0.1):
                client.sendall(b"x: y\r\n")
        except OSError:
            pass

    thread = threading.Thread(target=trickle)
    thread.start()
    got = to_the_end(client)
    over.set()
    thread.join()
    assert got.startswith(b"HTTP/1.1 408") or got == b"<reset>"


def test_a_head_without_end_is_refused(client):
    with suppress(BrokenPipeError, ConnectionResetError):
        client.sendall(HEAD + b"x: " + b"y" * (2 * MOST_HEAD_BYTES))
    got = to_the_end(client)
    assert got.startswith(b"HTTP/1.1 431") or got.endswith(b"<reset>")


def test_a_body_that_stops_is_ended(client):
    client.sendall(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc")
    assert to_the_end(client) in (b"", b"<reset>")


def sent_in_pieces(client: socket.socket, piece: bytes, count: int) -> bytes:
    head = b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: %d\r\n\r\n"
    with suppress(BrokenPipeError, ConnectionResetError):
        client.sendall(head % (len(piece) * count))
        for _ in range(count):
            client.sendall(piece)
            threading.Event().wait(0.1)
    return to_the_end(client)


def test_a_body_that_trickles_is_ended_too(client):
    assert sent_in_pieces(client, b"a", 300) in (b"", b"<reset>")


def test_a_body_that_comes_slowly_but_steadily_is_taken(client):
    assert sent_in_pieces(client, b"a" * 1000, 25).startswith(b"HTTP/1.1 200")


def test_an_answer_that_is_not_taken_is_ended(port):
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(60)
        client.connect(("127.0.0.1", port))
        client.sendall(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 200")
        threading.Event().wait(3.0)  # the patience is a second, and it looks twice in it
        got = to_the_end(client)
    assert len(got) < LARGE


def test_a_slow_answer_of_ours_is_no_fault_of_the_client(client):
    client.sendall(b"GET /late HTTP/1.1\r\nhost: x\r\n\r\n")
    assert client.recv(1000).startswith(b"HTTP/1.1 200")


def test_requests_of_one_connection_are_each_given_their_time(client):
    for _ in range(4):
        client.sendall(HEAD)
        threading.Event().wait(0.5)  # together longer than one head may take
        client.sendall(b"\r\n")
        assert answered(client).startswith(b"HTTP/1.1 200")


def test_many_small_requests_are_no_long_head(client):
    count = MOST_HEAD_BYTES // len(HEAD) + 100
    for _ in range(count):
        client.sendall(HEAD + b"\r\n")
        assert answered(client).startswith(b"HTTP/1.1 200")


def test_requests_sent_before_the_answers_are_all_answered(client):
    client.sendall((HEAD + b"\r\n") * 5)
    got = b""
    while got.count(b"well") < 5:
        got += client.recv(1000)


def test_more_connections_than_there_may_be_are_told_to_come_later(port):
    many = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(60)]
    try:
        many[-1].sendall(HEAD + b"\r\n")
        assert many[-1].recv(1000).startswith(b"HTTP/1.1 503")
    finally:
        for one in many:
            one.close()
