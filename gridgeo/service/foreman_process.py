"""The process that minds jobs, beside those that answer requests."""

from __future__ import annotations

import logging
import os
import signal
import threading

from ..jobs.foreman import Bounds, Foreman
from ..logs import set_up_logs
from .settings import Settings

_LOG = logging.getLogger("gridgeo.jobs")


def run_foreman(settings: Settings, name: str) -> None:
    """Do jobs until a signal says stop, or the process that began it is gone."""
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for the parent, who tells
    set_up_logs(settings.log_format, settings.log_level)
    _LOG.info("Started foreman process [%d]", os.getpid())
    parent = os.getppid()
    bounds = Bounds(settings.job_time_limit_s, settings.job_memory_mb)
    foreman = Foreman(settings.store, settings.jobs, bounds, name=name, nice=settings.job_nice)
    foreman.work(lambda: over.is_set() or os.getppid() != parent)
