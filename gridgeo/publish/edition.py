"""What a publication is to be: its language, counts, papers and addresses, checked at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import maps

from ..errors import Finding
from ..intake.telling import error, listed

COUNTS = ("none", "suppressed")
PAPERS = ("A0", "A1", "A2", "A3")
PER = ("household", "building")


@dataclass(frozen=True)
class Edition:
    """The choices of a publication.

    ``language``: of every word, as "en" or "zh". ``counts``: "none", or "suppressed" for
    households and people of whole grids, small ones left out. ``services``: a table of numbers to
    call, see ``gridgeo.owners.read_services``. ``previous``: the folder of an earlier
    publication, which counts and colours heed; the folder written to is one if it holds any.
    ``topojson``: also write grids.topojson. ``base_url``: where the site will stand, for QR
    codes. ``basemap``, ``basemap_key``: tiles beneath the map; of your own tiles also
    ``basemap_datum`` and ``basemap_credit``, whom to name. ``map_number``: the map review number,
    ``credits``: whom the map is owed to, on boards and map. ``paper`` of boards; ``entrances``:
    small boards for doors, see ``hanging``; ``per``: a card for each household or building;
    ``masked``: phones on labels in part only; ``prints``: whether boards, cards and
    labels are made at all. ``day``: when what is printed was true. ``photos_beside``: photos lie
    in the folder of the workers' table, and no other is read: the table is somebody else's.
    """

    language: str = "en"
    counts: str = "none"
    services: str | Path | None = None
    previous: str | Path | None = None
    topojson: bool = False
    base_url: str = ""
    basemap: str = ""
    basemap_key: str = ""
    basemap_datum: str = ""
    basemap_credit: str = ""
    map_number: str = ""
    credits: str = ""
    paper: str = "A3"
    entrances: bool = False
    per: str = "household"
    masked: bool = False
    prints: bool = True
    day: date | None = None
    photos_beside: bool = False

    def faults(self) -> list[Finding]:
        """Return everything that is wrong with the choices themselves."""
        out = []
        for option, word, known in (
            ("--lang", self.language, maps.languages()),
            ("--counts", self.counts, COUNTS),
            ("--paper", self.paper, PAPERS),
            ("--per", self.per, PER),
        ):
            if word not in known:
                out.append(
                    error(
                        "choice-unknown",
                        f"{option} {word}: there is no such choice",
                        f"name one of {listed(known)}",
                        first=word,
                    )
                )
        parts = urlsplit(self.base_url)
        whole = parts.scheme in ("http", "https") and parts.netloc and not parts.query
        if self.base_url and (
            not whole or parts.fragment or any(c.isspace() for c in self.base_url)
        ):
            out.append(
                error(
                    "base-url-unusable",
                    f"--base-url {self.base_url}: no address of a site",
                    "write it as https://example.org/grids/",
                    first=self.base_url,
                )
            )
        try:
            self.tiles()
        except maps.BasemapError as fault:
            fix = "leave --basemap out, or mend what is named"
            out.append(error("basemap-unusable", f"--basemap: {fault}", fix, first=self.basemap))
        if (self.basemap_datum or self.basemap_credit) and "://" not in self.basemap:
            message = "--basemap-datum and --basemap-credit: said of no tiles of your own"
            fix = "give --basemap the address of your tiles, or leave them out"
            out.append(error("basemap-unusable", message, fix, first=self.basemap))
        if self.previous is not None and not Path(self.previous).is_dir():
            out.append(
                error(
                    "previous-missing",
                    f"--previous {self.previous}: no such folder",
                    "name the folder of an earlier publication",
                    first=str(self.previous),
                )
            )
        return out

    def tiles(self) -> maps.Basemap | None:
        """Return the basemap chosen, None for none.

        Raises:
            BasemapError: there is no such basemap, or something it needs is missing.
        """
        if not self.basemap:
            return None
        return maps.basemap(
            self.basemap,
            self.basemap_key or None,
            attribution=self.basemap_credit,
            datum=self.basemap_datum or "WGS 84",
        )
