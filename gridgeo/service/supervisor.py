"""The parent of all processes: begins them, replaces what dies, and ends them together."""

from __future__ import annotations

import logging
import multiprocessing
import os
import socket
import time
import uuid
from multiprocessing.context import SpawnProcess

from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from .foreman_process import run_foreman
from .metrics import forget_process
from .settings import Settings
from .slow_clients import Config

_LOG = logging.getLogger("gridgeo.service")
# After this, who should have ended by itself is killed.
_LEEWAY_S = 5.0
# A process that dies again and again is begun anew after so long, and twice as long each time.
_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 60.0
# One that lived so long was well.
_WELL_AFTER_S = 60.0


class Supervisor(Multiprocess):
    """uvicorn's own supervisor of web processes, which minds a foreman besides.

    ``failed``: whether the web processes could not start.
    """

    def __init__(self, config: Config, listener: socket.socket, settings: Settings) -> None:
        super().__init__(config, [listener])
        self.settings = settings
        self.failed = False
        # the foremen of one service have one name, and so take over each other's jobs
        self.foremen = f"{os.uname().nodename}-{uuid.uuid4().hex[:8]}"
        self.foreman: SpawnProcess | None = None
        self.foreman_began_s = 0.0
        self.pause_s = _PAUSE_S

    def init_processes(self) -> None:
        """Begin all processes."""
        super().init_processes()
        if self.settings.jobs:
            self._begin_foreman()

    def keep_subprocess_alive(self) -> None:
        """Replace what died."""
        before = {process.pid for process in self.processes}
        super().keep_subprocess_alive()
        for pid in before - {process.pid for process in self.processes}:
            if pid is not None:
                forget_process(pid)
        self.failed = any(one.exitcode == STARTUP_FAILURE for one in self.processes)
        if self.foreman is not None and not self.should_exit.is_set():
            self._keep_foreman()

    def terminate_all(self) -> None:
        """Ask all to end."""
        super().terminate_all()
        if self.foreman is not None and self.foreman.is_alive():
            self.foreman.terminate()

    def join_all(self) -> None:
        """Wait until all have ended; who takes too long is killed."""
        until_s = time.monotonic() + self.settings.shutdown_s + _LEEWAY_S
        each = [process.process for process in self.processes]
        for one in [*each, *([self.foreman] if self.foreman is not None else [])]:
            one.join(max(0.0, until_s - time.monotonic()))
            if one.is_alive():
                _LOG.warning("process %s did not end in time and is killed", one.pid)
                one.kill()
                one.join()

    def _begin_foreman(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.foreman = context.Process(
            target=run_foreman, args=(self.settings, self.foremen), name="foreman"
        )
        self.foreman.start()
        self.foreman_began_s = time.monotonic()

    def _keep_foreman(self) -> None:
        assert self.foreman is not None
        lived_s = time.monotonic() - self.foreman_began_s
        if self.foreman.is_alive():
            if lived_s > _WELL_AFTER_S:
                self.pause_s = _PAUSE_S
        elif lived_s >= self.pause_s:
            _LOG.error("the foreman died (%s); it is begun again", self.foreman.exitcode)
            self.pause_s = min(2 * self.pause_s, _LONGEST_PAUSE_S)
            self._begin_foreman()
