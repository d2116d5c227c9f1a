"""Make a page ask for nothing: put the vendored files into it and prove that no link is left."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from pathlib import Path

ASSETS = Path(__file__).parent / "assets"

_SCRIPT = re.compile(r'<script src="([^":]+)"></script>')
_STYLE = re.compile(r'<link rel="stylesheet" href="([^":]+)"/>')
_CSS_URL = re.compile(r"""url\(\s*['"]?([^'")]*)['"]?\s*\)""")
_SOURCE_MAP = re.compile(r"//# sourceMappingURL=\S*")
_MIME = {".png": "image/png", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
# Attributes from which a browser fetches something without being asked.
_LOADING = {"src", "srcset", "href", "xlink:href", "data", "poster", "background", "action",
            "formaction", "ping", "manifest", "imagesrcset", "longdesc"}  # fmt: skip


class OnlineLinkError(ValueError):
    """A page that would load something from elsewhere; the message lists what."""


def inline_assets(page: str) -> str:
    """Replace each ``<script src>`` and stylesheet link to a file of ``maps/assets`` by its text.

    Links with a scheme (``https:``) are left as they are: ``require_offline`` finds them.

    Raises:
        FileNotFoundError: a link to a file that is not among the assets.
    """
    page = _SCRIPT.sub(lambda match: f"<script>\n{_script(match.group(1))}\n</script>", page)
    return _STYLE.sub(lambda match: f"<style>\n{_style(match.group(1))}\n</style>", page)


def require_offline(page: str) -> None:
    """Check that opening a page loads nothing but the page.

    Links a reader may click (``<a href>``) are fine, and so is what stands in the page itself
    (``data:``, ``#``).

    Raises:
        OnlineLinkError: anything else that loads, all of it in one message.
    """
    finder = _LinkFinder()
    finder.feed(page)
    finder.close()
    if finder.found:
        raise OnlineLinkError(
            f"the page would load {len(finder.found)} things from elsewhere: "
            + "; ".join(finder.found[:10])
            + ". Vendor them under maps/assets, or leave them out"
        )


def _script(name: str) -> str:
    text = _SOURCE_MAP.sub("", (ASSETS / name).read_text(encoding="utf-8")).rstrip()
    if re.search(r"</script|<!--", text, re.IGNORECASE):
        raise ValueError(f"{name} cannot stand inside a <script> element")
    return text


def _style(name: str) -> str:
    folder = (ASSETS / name).parent

    def embed(match: re.Match[str]) -> str:
        target = match.group(1)
        if target.startswith(("data:", "#")):
            return match.group()
        payload = base64.b64encode((folder / target).read_bytes()).decode("ascii")
        return f'url("data:{_MIME[Path(target).suffix]};base64,{payload}")'

    return _CSS_URL.sub(embed, (ASSETS / name).read_text(encoding="utf-8").rstrip())


class _LinkFinder(HTMLParser):
    """Gather what a page would load."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at every attribute from which a browser loads."""
        self._in_style = tag == "style"
        for name, value in attrs:
            text = (value or "").strip()
            if name in _LOADING and not (tag == "a" and name == "href"):
                if not text.startswith(("data:", "#")):
                    self.found.append(f"<{tag} {name}={text!r}>")
            elif name == "style":
                self._look_at_css(text)
            elif name == "http-equiv" and text.lower() == "refresh":
                self.found.append(f"<{tag} http-equiv=refresh>")

    def handle_endtag(self, tag: str) -> None:
        """Leave a stylesheet."""
        if tag == "style":
            self._in_style = False

    def handle_data(self, data: str) -> None:
        """Look into stylesheets; what scripts hold is code, and the page's policy stops it."""
        if self._in_style:
            self._look_at_css(data)

    def _look_at_css(self, css: str) -> None:
        for target in _CSS_URL.findall(css):
            if not target.startswith(("data:", "#")):
                self.found.append(f"url({target})")
        if "@import" in css.lower():
            self.found.append("@import")
