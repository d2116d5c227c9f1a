"""A real Chromium with the network off, and pages opened in it from disk."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

# Services and people are made there.
sys.path.append(str(Path(__file__).parents[1] / "gridgeo"))
# Without these Chromium looks for its maker's hosts at every start.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


AXE = Path(__file__).parent / "axe" / "axe.min.js"


@dataclass
class Opened:
    """A page and everything it did since it was opened."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def screen(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a place stands on the screen, in pixels, once the map stands still."""
        self.page.wait_for_function(
            "() => !map_sheet._animatingZoom && !map_sheet._panAnim?._inProgress"
        )
        x, y = self.page.evaluate(
            "([lon, lat]) => { const p = map_sheet.latLngToContainerPoint([lat, lon]);"
            " return [p.x, p.y]; }",
            [lon, lat],
        )
        return x, y

    def violations(self, *, passes: int = 0) -> list[str]:
        """What axe-core finds against the rules of accessibility, after so many passed."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        done = self.page.evaluate("axe.run()")
        assert len(done["passes"]) > passes
        return [
            f"{one['id']}: {node['html'][:200]}"
            for one in done["violations"]
            for node in one["nodes"]
        ]


# Not for the whole session: while Playwright runs, its event loop counts as running in this
# thread, and tests that start one of their own (notebooks) would fail.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for path in map(shutil.which, names) if path), None)
    if found is None:
        message = f"NO BROWSER: none of {', '.join(names)} is installed; the map was NOT looked at"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def open_offline(chromium: Browser, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """Write a page to disk and open it with the network off: ``open_offline(html, width=...)``.

    Further words, as ``geolocation``, go to the browser's context.
    """
    contexts = []

    def open_page(html: str, *, width: int = 1280, height: int = 800, **more: Any) -> Opened:
        path = tmp_path / f"page_{len(contexts)}.html"
        path.write_text(html, encoding="utf-8")
        context = chromium.new_context(
            viewport={"width": width, "height": height}, reduced_motion="reduce", **more
        )
        contexts.append(context)
        context.set_offline(True)
        opened = Opened(context.new_page())
        opened.page.set_default_timeout(10_000)
        opened.page.on("request", lambda request: opened.requests.append(request.url))
        opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        opened.page.on("console", lambda message: opened.complaints.append(message.text))

        def dismiss(dialog) -> None:
            opened.dialogs.append(dialog.message)
            dialog.dismiss()

        opened.page.on("dialog", dismiss)
        opened.page.goto(path.as_uri())
        # The file itself is the one thing asked for.
        assert opened.requests[:1] == [path.as_uri()]
        del opened.requests[0]
        return opened

    yield open_page
    for context in contexts:
        context.close()
