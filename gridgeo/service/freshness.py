"""What is public kept fresh: looked for every second, and the last good state while that fails."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool

from ..store import Store, StoreError
from .public.catalogue import Catalogue

_LOG = logging.getLogger("gridgeo.service")
# So soon a publication of another process is seen.
LOOK_AGAIN_S = 1.0
# An answer to whether all is well holds so long, and the database has so long to give one.
_HOLDS_S = 1.0
_PATIENCE_S = 3.0


class Freshness:
    """Looks at the catalogue again and again. ``loaded``: whether that ever went well."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.loaded = False
        self.failing = ""

    def look(self) -> None:
        """Take up what changed. What goes wrong is told once, and so is that it is well again."""
        try:
            changed = self.catalogue.refresh()
            self.loaded = True
            if changed:
                self.catalogue.warm()
        except Exception as fault:  # noqa: BLE001  # tomorrow's publications must be seen too
            said = f"{type(fault).__name__}: {fault}"
            if said != self.failing:
                known = isinstance(fault, StoreError)
                _LOG.warning(
                    "what is published cannot be looked at; serving what is known (%s)",
                    str(fault).partition("\n")[0],
                    exc_info=None if known else fault,
                )
            self.failing = said
            return
        if self.failing:
            _LOG.warning("what is published can be looked at again")
            self.failing = ""

    async def keep_looking(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(LOOK_AGAIN_S)
            await run_in_threadpool(self.look)


class Readiness:
    """Whether requests can be answered: database reachable, schema current, catalogue loaded."""

    def __init__(self, store: Store, freshness: Freshness) -> None:
        self.store, self.freshness = store, freshness
        self.asked_s = float("-inf")
        self.known: dict[str, str] = {}
        self._asking: asyncio.Task[dict[str, str]] | None = None

    async def facts(self) -> dict[str, str]:
        """Return each condition as "ok" or what is wrong; never waits for long, nor asks twice."""
        if time.monotonic() - self.asked_s >= _HOLDS_S:
            if self._asking is None:
                self._asking = asyncio.create_task(_threaded(self._ask))
            done, _ = await asyncio.wait({self._asking}, timeout=_PATIENCE_S)
            if not done:  # it is waited for again the next time
                return {"database": "no answer", "schema": "unknown", **self._catalogue()}
            self.known = self._asking.result()
            self.asked_s, self._asking = time.monotonic(), None
        return {**self.known, **self._catalogue()}

    def _catalogue(self) -> dict[str, str]:
        return {"catalogue": "ok" if self.freshness.loaded else "not loaded"}

    def _ask(self) -> dict[str, str]:
        try:
            current = self.store.is_current()
        except (StoreError, OSError):
            return {"database": "away", "schema": "unknown"}
        return {"database": "ok", "schema": "ok" if current else "of another version"}


async def _threaded(ask: Callable[[], dict[str, str]]) -> dict[str, str]:
    return await run_in_threadpool(ask)
