"""Maps of others to lay beneath: where their tiles are, whom to name, and how they are shifted."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import quote, urlsplit

WGS84, GCJ02, BD09 = "WGS 84", "GCJ-02", "BD-09"
DATUMS = (WGS84, GCJ02, BD09)
_TIANDITU = (
    "https://t0.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0"
    "&LAYER={layer}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}"
    "&TILECOL={{x}}&tk={{key}}"
)
_AMAP = "https://{host}.is.autonavi.com/appmaptile?lang=zh_cn&size=1&scale=1&style={style}"
_XYZ = "&x={x}&y={y}&z={z}"


class BasemapError(ValueError):
    """A basemap that cannot be used; the message says why and what can."""


@dataclass(frozen=True)
class Basemap:
    """Tiles 256 pixels wide, and what one must know to use them.

    They are cut in Web Mercator, but those in BD-09 as Baidu cuts them, on a plane of its own.

    ``url`` holds ``{x}``, ``{y}`` and ``{z}`` (or ``{-y}``, counted from the south), and
    ``{key}`` until ``basemap`` has put the key in. ``names_url``: tiles of names over those,
    where the provider keeps them apart. ``datum``: "WGS 84" (with it CGCS2000, which agrees within
    decimetres), "GCJ-02" or "BD-09"; but for the first ``render_web`` needs a ``shift``. ``terms``:
    the page of the provider that the attribution links to.
    """

    name: str
    url: str
    attribution: str
    datum: str
    max_zoom: int
    needs_key: bool
    names_url: str = ""
    terms: str = ""

    def hosts(self) -> tuple[str, ...]:
        """Return where tiles come from, each with its scheme: all a page has to allow."""
        parts = [urlsplit(url) for url in (self.url, self.names_url) if url]
        return tuple(sorted({f"{part.scheme}://{part.netloc}" for part in parts}))


_KNOWN = {
    base.name: base
    for base in (
        # Needs the address of the page that asks: from a page opened from a file it gives nothing.
        Basemap(
            "osm",
            "https://tile.openstreetmap.org/{z}/{x}/{y}.png",
            "© OpenStreetMap contributors",
            WGS84,
            19,
            needs_key=False,
            terms="https://www.openstreetmap.org/copyright",
        ),
        Basemap(
            "tianditu",
            _TIANDITU.format(layer="vec"),
            "© 国家地理信息公共服务平台 天地图",
            WGS84,
            18,
            needs_key=True,
            names_url=_TIANDITU.format(layer="cva"),
            terms="https://www.tianditu.gov.cn/",
        ),
        Basemap(
            "tianditu-img",
            _TIANDITU.format(layer="img"),
            "© 国家地理信息公共服务平台 天地图",
            WGS84,
            18,
            needs_key=True,
            names_url=_TIANDITU.format(layer="cia"),
            terms="https://www.tianditu.gov.cn/",
        ),
        Basemap(
            "amap",
            _AMAP.format(host="webrd01", style=8) + _XYZ,
            "© 高德地图 AutoNavi",
            GCJ02,
            18,
            needs_key=False,
            terms="https://www.amap.com/",
        ),
        Basemap(
            "amap-img",
            _AMAP.format(host="webst01", style=6) + _XYZ,
            "© 高德地图 AutoNavi",
            GCJ02,
            18,
            needs_key=False,
            names_url=_AMAP.format(host="webst01", style=8) + _XYZ,
            terms="https://www.amap.com/",
        ),
        Basemap(
            "tencent",
            "https://rt0.map.gtimg.com/realtimerender?z={z}&x={x}&y={-y}&type=vector&style=0",
            "© 腾讯地图 Tencent",
            GCJ02,
            18,
            needs_key=False,
            terms="https://map.qq.com/",
        ),
        Basemap(
            "baidu",
            "https://maponline0.bdimg.com/tile/?qt=vtile&x={x}&y={-y}&z={z}&styles=pl&scaler=1",
            "© 百度地图 Baidu",
            BD09,
            19,
            needs_key=False,
            terms="https://map.baidu.com/",
        ),
    )
}
BASEMAPS: tuple[str, ...] = tuple(sorted(_KNOWN))


def basemap(
    name: str, key: str | None = None, *, attribution: str = "", datum: str = WGS84
) -> Basemap:
    """Return a basemap by name, or one of your own by the address of its tiles.

    Args:
        name: one of ``BASEMAPS``, or an address with ``{x}``, ``{y}`` and ``{z}``, as
            ``https://tiles.example.org/{z}/{x}/{y}.png``.
        key: what the provider gave you, where it needs one. It stands in the page, for all to
            read: have the provider bind it to your site.
        attribution: whom to name, for tiles of your own.
        datum: of tiles of your own, one of ``DATUMS``; "gcj02" will do for "GCJ-02".

    Raises:
        BasemapError: an unknown name, a key missing, or an address that is none.
    """
    if "{" in name or "://" in name:
        return _own(name, key, attribution=attribution, datum=datum)
    known = _KNOWN.get(name.lower())
    if known is None:
        raise BasemapError(
            f"no basemap {name!r}; there are {', '.join(BASEMAPS)}, and your own by an address "
            "with {z}, {x} and {y}"
        )
    return _with_key(known, key)


def _own(url: str, key: str | None, *, attribution: str, datum: str) -> Basemap:
    parts = urlsplit(url)
    # The host goes into the page's policy, where a space or semicolon would begin another rule.
    whole = re.fullmatch(r"[A-Za-z0-9.-]+(:\d+)?", parts.netloc)
    if parts.scheme not in {"http", "https"} or not whole or re.search(r"[\s\"'<>;\\]", url):
        raise BasemapError(f"{url!r} is no address of tiles: begin with https:// and a host")
    left = [part for part in ("{z}", "{x}") if part not in url]
    left += [] if "{y}" in url or "{-y}" in url else ["{y}"]
    if left:
        raise BasemapError(f"{url!r} lacks {' and '.join(left)}: where do its tiles differ?")
    strange = sorted(set(re.findall(r"\{[^}]*\}", url)) - {"{x}", "{y}", "{-y}", "{z}", "{key}"})
    if strange:
        raise BasemapError(f"{url!r} has {' and '.join(strange)}, which nothing fills in")
    meant = {_bare(known): known for known in DATUMS}.get(_bare(datum))
    if meant is None:
        raise BasemapError(f"no datum {datum!r} of a basemap; there are {', '.join(DATUMS)}")
    own = Basemap("own", url, attribution or parts.netloc, meant, 19, needs_key="{key}" in url)
    return _with_key(own, key)


def _bare(datum: str) -> str:
    return re.sub(r"[\s_-]", "", datum).lower()


def _with_key(base: Basemap, key: str | None) -> Basemap:
    if not base.needs_key:
        return base
    if not (key or "").strip():
        raise BasemapError(f"the basemap {base.name!r} needs the key its provider gave you")
    safe = quote(str(key).strip(), safe="")
    url, names_url = (url.replace("{key}", safe) for url in (base.url, base.names_url))
    return replace(base, url=url, names_url=names_url)
