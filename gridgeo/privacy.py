"""The publishing gate: what may leave the house, field by field, and nothing else."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import StrEnum
from typing import Any

from .errors import Finding, Severity
from .intake.telling import listed
from .personal_words import is_about_persons, status_word
from .withheld import Withheld


class Output(StrEnum):
    """A kind of file of a publication."""

    INDEX = "index.html"
    GRID_PAGE = "grids/CODE.html"
    GRIDS = "grids.geojson"
    TOPOLOGY = "grids.topojson"
    BUILDINGS = "buildings.geojson"
    TABLE = "grids.csv"
    DIRECTORY = "directory.json"
    BOARDS = "board-*.pdf"
    CARDS = "cards.pdf"
    BUSINESS = "business-cards.pdf"
    LABELS = "labels.pdf"


_FRAME = ("Sheet.title Sheet.grids Sheet.buildings Sheet.lines Sheet.credits Sheet.notes "
          "Sheet.proof Sheet.bands")  # fmt: skip
_GRID = "GridShape.grid_id GridShape.community GridShape.polygon GridShape.kind"
_BUILDING = ("BuildingShape.building_id BuildingShape.name BuildingShape.grid_id "
             "BuildingShape.shape BuildingShape.address")  # fmt: skip
_LINE = "LineShape.kind LineShape.name LineShape.line"
_WORKER = ("GridShape.worker Worker.name Worker.phone Worker.photo Worker.duties "
           "Worker.responsibilities Worker.chat")  # fmt: skip
_SERVICE = "Service.label Service.phone"
_MAP = f"{_FRAME} {_GRID} GridShape.in_band GridShape.colour {_BUILDING} {_LINE}"
_BOARD = (
    "BoardSheet.title BoardSheet.grids BoardSheet.buildings BoardSheet.lines BoardSheet.workers "
    "BoardSheet.services BoardSheet.map_number BoardSheet.day BoardSheet.version "
    "BoardSheet.credits BoardSheet.base_url BoardSheet.language BoardSheet.colours "
    "BoardGrid.grid_id BoardGrid.polygon BoardGrid.name BoardGrid.services "
    "BoardBuilding.building_id BoardBuilding.grid_id BoardBuilding.shape BoardBuilding.name "
    "BoardBuilding.place BoardBuilding.number BoardBuilding.entrances BoardBuilding.serves "
    "Entrance.label Entrance.at "
    "BoardLine.kind BoardLine.name BoardLine.line"
)
_CARD = (
    "CardSheet.community CardSheet.cards CardSheet.language CardSheet.day Card.grid_id "
    "Card.worker Card.address Card.services Card.hotline Card.page_url Card.colour Card.copies "
    f"{_WORKER} {_SERVICE}"
)
# How many cards tells how many households: those of a grid come in whole packs, a building's
# single. 40 are five sheets of eight.
PACK = 40

# What an output may carry: the fields of what it is drawn from, or the names that stand in it.
ALLOWED: Mapping[Output, frozenset[str]] = {
    output: frozenset(words.split())
    for output, words in {
        Output.INDEX: f"{_MAP} {_WORKER} {_SERVICE}",
        Output.GRID_PAGE: f"{_MAP} {_WORKER} {_SERVICE}",
        Output.GRIDS: "grid_id community kind in_band colour",
        Output.TOPOLOGY: "id grid_id community kind in_band colour",
        Output.BUILDINGS: "building_id grid_id",
        Output.TABLE: "grid_id community kind in_band owner_name owner_phone",
        Output.DIRECTORY: (
            "grid_id community page owner_name owner_phone building_id name address"
        ),
        Output.BOARDS: f"{_BOARD} {_WORKER} {_SERVICE}",
        Output.CARDS: _CARD,
        Output.BUSINESS: _CARD,
        Output.LABELS: _CARD,
    }.items()
}
# What besides may stand there where counts are asked for: figures of whole grids.
COUNTS: Mapping[Output, frozenset[str]] = {
    Output.INDEX: frozenset({"GridShape.households", "GridShape.population"}),
    Output.GRIDS: frozenset({"households", "population"}),
    Output.TOPOLOGY: frozenset({"households", "population"}),
    Output.TABLE: frozenset({"households", "population"}),
}
# Fields whose text a planner writes about the work: they may name groups of people, not persons.
_FREE = frozenset({"Worker.duties", "Worker.responsibilities", "Sheet.proof", "Sheet.bands"})
# Fields that are numbers to call: which ones may be shown is settled before.
_NUMBERS = frozenset({"Worker.phone", "Worker.chat", "Service.phone", "owner_phone"})
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[\s-]?)?1[3-9]\d(?:[\s-]?\d{4}){2}(?!\d)")
_IDENTITY = re.compile(
    r"(?<!\d)\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dXx])"
)


@dataclass(frozen=True)
class Gate:
    """Looks at everything an output is made of, and at what was made, and gathers faults."""

    withheld: Withheld = field(default_factory=Withheld)
    counts: bool = False

    def allowed(self, output: Output) -> frozenset[str]:
        """Return the names of the fields an output may carry."""
        more = COUNTS.get(output, frozenset()) if self.counts else frozenset()
        return ALLOWED[output] | more

    def check(self, output: Output, material: object) -> list[Finding]:
        """Return what may not stand in an output drawn from ``material``.

        Args:
            output: which.
            material: dataclasses, mappings, sequences and values in any depth. A field counts
                as carried where it is filled: not None, "", empty.
        """
        allowed = self.allowed(output)
        strange: dict[str, int] = {}
        told: dict[tuple[str, str], list[str]] = {}
        for name, value in _leaves(material):
            if name not in allowed:
                strange[name] = strange.get(name, 0) + 1
            elif isinstance(value, bytes):
                if value in self.withheld.pictures:
                    told.setdefault((name, self.withheld.pictures[value]), []).append("a photo")
            elif isinstance(value, str) and (why := self._why_not(name, value)):
                told.setdefault((name, why), []).append(value)
        faults = [_strange(output, strange)] if strange else []
        faults += _telling_copies(output, material)
        return faults + [
            Finding(
                "text-not-public",
                Severity.ERROR,
                f"{output}: {len(texts)} {'text holds' if len(texts) == 1 else 'texts hold'} "
                f"{why}, in {name} (first: {_masked(texts[0])})",
                _mend(name),
                len(texts),
                name,
            )
            for (name, why), texts in told.items()
        ]

    def check_file(self, output: Output, name: str, content: str | bytes) -> list[Finding]:
        """Return what may not stand in a finished file: names of fields, and withheld texts."""
        if isinstance(content, bytes):
            return []  # a print document packs its words: they were looked at before
        if not name.endswith(".html"):
            return self.check(output, list(_records(name, content)))
        hidden = self.withheld.number_in(content)
        if not hidden:
            return []
        message = f"{output}: {name} holds a value of {hidden}"
        return [Finding("text-not-public", Severity.ERROR, message, _mend(""), 1, hidden)]

    def _why_not(self, name: str, text: str) -> str:
        """Return what a text gives away, "" where nothing is known of it."""
        hidden = self.withheld.found_in(text)
        if hidden:
            return f"a value of {hidden}"
        if name in _NUMBERS:
            return ""
        flat = unicodedata.normalize("NFKC", text)
        if _IDENTITY.search(flat):
            return "an identity number"
        if _MOBILE.search(flat):
            return "a mobile number"
        word = "" if name in _FREE else status_word(flat)
        return f"the word {word!r}, which tells of a person's condition" if word else ""


def _telling_copies(output: Output, material: object) -> list[Finding]:
    """Return which cards tell by their number how many households there are."""
    cards = getattr(material, "cards", ())
    telling = [c for c in cards if c.copies != 1 and (c.address or c.copies % PACK)]
    addresses = [card.address for card in cards if card.address and output is Output.CARDS]
    if not telling and len(set(addresses)) == len(addresses):
        return []
    message = f"{output}: the number of cards tells how many households a building or grid has"
    fix = "Nothing was written. This is a fault of the program: see PACK in gridgeo/privacy.py"
    return [Finding("field-not-public", Severity.ERROR, message, fix, len(telling), "Card.copies")]


def kind_fault(column: str) -> list[Finding]:
    """Return what is wrong with a column whose values are published as kinds of grids."""
    if not is_about_persons(column):
        return []
    message = f"the kinds of the grids come from the column {column!r}, which is about persons"
    fix = "Divide by another column with --kind: the kind of each grid is published"
    return [Finding("field-not-public", Severity.ERROR, message, fix, 1, column)]


def _strange(output: Output, names: Mapping[str, int]) -> Finding:
    first = next(iter(names))
    return Finding(
        "field-not-public",
        Severity.ERROR,
        f"{output}: {len(names)} {'field is' if len(names) == 1 else 'fields are'} not public: "
        f"{listed(sorted(names))}",
        "Nothing was written. This is a fault of the program: what it may publish is listed in "
        "gridgeo/privacy.py",
        len(names),
        first,
    )


def _mend(name: str) -> str:
    where = {
        "Worker": "in the owners file",
        "Service": "in the services file",
        "LineShape": "in the layer barriers of the plan",
        "Sheet": "with --title",
    }.get(name.partition(".")[0], "in the layers of the plan (QGIS can)")
    return f"Nothing was written. Mend it {where}, then publish again"


def _masked(text: str) -> str:
    """Return a text that may be told on a screen: digits after the third of a run are dots."""
    return repr(re.sub(r"(?<=\d{3})\d", "·", text))


def _leaves(material: object, name: str = "") -> Iterator[tuple[str, object]]:
    """Yield every filled field of some material by its name, a class's or a mapping's."""
    if is_dataclass(material) and not isinstance(material, type):
        kind = type(material).__name__
        for part in fields(material):
            value = getattr(material, part.name)
            own = f"{kind}.{part.name}"
            if isinstance(value, Mapping):
                value = list(value.values())
            inner = list(_leaves(value, own))
            # a list of other things is carried too, under its own name
            if inner and not any(key == own for key, _ in inner):
                yield own, True
            yield from inner
    elif isinstance(material, Mapping):
        for key, value in material.items():
            yield from _leaves(value, f"{key}")
    elif isinstance(material, list | tuple):
        for value in material:
            yield from _leaves(value, name)
    elif material is not None and material != "":
        yield name, material


def _records(name: str, content: str) -> Iterator[Mapping[str, object]]:
    """Yield what a finished file says of each grid or building, by field."""
    if name.endswith(".geojson"):
        for feature in json.loads(content)["features"]:
            yield {**_other_keys(feature, {"type", "properties", "geometry"}),
                   **feature["properties"]}  # fmt: skip
    elif name.endswith(".topojson"):
        for layer in json.loads(content)["objects"].values():
            for feature in layer["geometries"]:
                yield {**_other_keys(feature, {"type", "properties", "arcs"}),
                       **feature["properties"]}  # fmt: skip
    elif name.endswith(".json"):
        for entries in json.loads(content).values():
            yield from entries
    elif name.endswith(".csv"):
        rows = csv.DictReader(io.StringIO(content.removeprefix("\ufeff")))
        # an empty column is a column too
        yield dict.fromkeys(rows.fieldnames or (), True)
        yield from ({str(key): value for key, value in row.items()} for row in rows)


def _other_keys(feature: Mapping[str, Any], known: set[str]) -> dict[str, Any]:
    return {key: True for key in feature if key not in known}
