"""A PostgreSQL of the tests' own: made in a temporary folder, on a free port of the loopback."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg


class NoPostgresError(Exception):
    """PostgreSQL or PostGIS is not installed here."""


def programs_folder() -> Path:
    """Return the folder of the newest initdb and postgres on this machine."""
    found = [Path(path).resolve().parent for path in (shutil.which("initdb"),) if path]
    found += [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    found = [folder for folder in found if (folder / "postgres").exists()]
    if not found:
        raise NoPostgresError("neither initdb nor postgres is installed")
    return max(found, key=lambda folder: [int(n) for n in re.findall(r"\d+", str(folder))])


class Cluster:
    """A running server; ``fresh()`` gives the URL of a new, empty database with PostGIS."""

    def __init__(self) -> None:
        programs = programs_folder()
        self.folder = Path(tempfile.mkdtemp(prefix="gridgeo-postgres-"))
        self.made = 0
        # the server refuses to run as root: Debian's user for it, or nobody, is there
        self.who: dict[str, Any] = {}
        if os.geteuid() == 0:
            self.who = {"user": _unprivileged(), "group": _unprivileged(), "extra_groups": []}
            shutil.chown(self.folder, user=_unprivileged())
        self.password = secrets.token_urlsafe(12)
        word_file = self.folder / "password"
        word_file.write_text(self.password, encoding="utf-8")
        command = [
            *(programs / "initdb", "-D", self.folder / "data", "-U", "gridgeo", "-E", "UTF8"),
            *("--auth=scram-sha-256", f"--pwfile={word_file}", "--locale=C.UTF-8", "--no-sync"),
        ]
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder, **self.who)
        self.programs = programs
        self.port = _free_port()
        self.start()
        try:
            self._make_template()
        except BaseException:
            self.drop()
            raise

    def start(self) -> None:
        """Start the server."""
        self.log = (self.folder / "log").open("ab")
        command = [
            *(self.programs / "postgres", "-D", self.folder / "data", "-p", str(self.port)),
            *("-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.folder}"),
            # processes are killed here, the machine is not: the kernel keeps what they wrote
            *("-c", "fsync=off"),
        ]
        self.process = subprocess.Popen(
            command, stdout=self.log, stderr=self.log, cwd=self.folder, **self.who
        )
        self.wait()

    def wait(self) -> None:
        """Wait until the server answers."""
        until = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.dsn("postgres"), connect_timeout=5).close()
                return
            except psycopg.OperationalError:
                if self.process.poll() is not None or time.monotonic() > until:
                    told = (self.folder / "log").read_text(encoding="utf-8", errors="replace")
                    raise RuntimeError(f"PostgreSQL did not start:\n{told[-2000:]}") from None
                time.sleep(0.05)

    def _make_template(self) -> None:
        # PostGIS takes a second to be added; copies of a database that has it take little
        self.run("CREATE DATABASE with_postgis")
        try:
            self.run("CREATE EXTENSION postgis", database="with_postgis")
        except psycopg.errors.Error as fault:
            raise NoPostgresError(f"PostgreSQL has no PostGIS ({fault})") from fault

    def run(self, statement: str, *, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement on its own; return the rows it gives."""
        with psycopg.connect(self.dsn(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def fresh(self) -> str:
        """Return the URL of a new database with PostGIS."""
        self.made += 1
        name = f"made_{self.made}"
        self.run(f"CREATE DATABASE {name} TEMPLATE with_postgis")
        return self.dsn(name)

    def remove(self, url: str) -> None:
        """Remove a database of ``fresh``."""
        self.run(f"DROP DATABASE {url.rsplit('/', 1)[1]} WITH (FORCE)")

    def dsn(self, database: str) -> str:
        """Return the URL of a database of this server."""
        return f"postgresql://gridgeo:{self.password}@127.0.0.1:{self.port}/{database}"

    def drop(self) -> None:
        """Stop the server and remove everything it had."""
        # at once: what it would write down in an orderly stop is removed with it
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(30)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _unprivileged() -> str:
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
