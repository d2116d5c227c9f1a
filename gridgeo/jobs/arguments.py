"""What each kind of job may be told: checked when it is asked for, before it waits in a queue."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from ..limits import Band
from ..model import Objective

# What a database and a page can hold: no NUL, and not a book.
Line = Annotated[str, Field(max_length=400, pattern=r"^[^\x00-\x1f]*$")]
RowId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
# Every zone has a time for it.
Moment = Annotated[
    AwareDatetime, Field(ge=datetime(1900, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC))
]
Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]


def _is_band(text: str) -> str:
    Band.parse(text)
    return text


def _are_weights(text: str) -> str:
    Objective.parse_weights(text)
    return text


BandText = Annotated[str, Field(max_length=40, examples=["300:500"]), AfterValidator(_is_band)]
WeightsText = Annotated[
    str, Field(max_length=200, examples=["compactness=1,border=0.01"]), AfterValidator(_are_weights)
]


class Arguments(BaseModel):
    """Frozen, and nothing besides what it names; "no" is no false, and "7" no number."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class CheckArguments(Arguments):
    """Files that were uploaded, to become a building set: refused whole if they are at fault.

    Each of the files is the id of an upload.
    """

    buildings: RowId
    boundary: RowId | None = None
    barriers: RowId | None = None
    roster: RowId | None = None
    edges: RowId | None = None
    where: Line | None = None
    community: Line | None = Field(None, description="Column that tells communities apart.")
    columns: dict[Line, Line] = Field({}, max_length=20, description="Column of each role.")
    crs: Line | None = Field(None, examples=["EPSG:4490"])
    mend: bool = Field(False, description="Take what the data doctor mends, if that is all.")


class DivideArguments(Arguments):
    """What every division may be told."""

    households: BandText = "300:500"
    population: BandText = "1000:1500"
    max_span_m: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    limits_toml: Annotated[str, Field(max_length=100_000)] | None = Field(
        None, description="A limits file, whole; its bands go before those above."
    )
    kind: Line | None = None
    whole: Line | None = None
    weights: WeightsText | None = None
    workload: Line = "households"
    target: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    quarter: Line | None = None
    time_limit_s: Seconds = 120.0
    seed: Seed = 0
    reason: Line = ""


class PartitionArguments(DivideArguments):
    """A building set to be divided."""

    building_set_id: RowId


class RedrawArguments(Arguments):
    """A plan to be redrawn for the buildings of now; limits and objective are the plan's own."""

    plan_id: RowId
    building_set_id: RowId
    locks: RowId | None = Field(None, description="Upload: a table of what may not change.")
    max_moved_households: Annotated[int, Field(ge=0, le=10**9)] | None = None
    max_moved_share: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None
    time_limit_s: Seconds = 120.0
    seed: Seed = 0
    reason: Line = ""

    @model_validator(mode="after")
    def _one_cap(self) -> RedrawArguments:
        if self.max_moved_households is not None and self.max_moved_share is not None:
            raise ValueError("give max_moved_households or max_moved_share, not both")
        return self


class PublishArguments(Arguments):
    """A plan to be published; the files are ids of uploads."""

    plan_id: RowId
    owners: RowId | None = None
    services: RowId | None = None
    title: Line | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2,8}$")] = "en"
    counts: Literal["none", "suppressed"] = "none"
    map_number: Line = ""
    credits: Line = ""
    paper: Literal["A0", "A1", "A2", "A3"] = "A3"
    entrances: bool = False
    per: Literal["household", "building"] = "household"
    masked: bool = False
    prints: bool = True
    topojson: bool = False
    base_url: Line = ""
    # JSON has no dates but as text
    day: date | None = Field(None, strict=False)
    valid_from: Moment | None = Field(
        None, strict=False, description="When it comes into force, with its zone; else now."
    )


ARGUMENTS: dict[str, type[Arguments]] = {
    "check": CheckArguments,
    "partition": PartitionArguments,
    "redraw": RedrawArguments,
    "publish": PublishArguments,
}


def arguments_of(kind: str, said: dict[str, Any]) -> Arguments:
    """Return the arguments of a job as they were kept."""
    return ARGUMENTS[kind].model_validate(said)
