"""What each kind of job may be told: checked when it is asked for, before it waits in a queue."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from ..limits import Band
from ..model import DEFAULT_REACH_M, Objective

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


Role = Literal["buildings", "boundary", "barriers", "roster", "edges"]


class CheckArguments(Arguments):
    """Files that were uploaded, to become a building set: refused whole if they are at fault.

    Each of the files is the id of an upload.
    """

    buildings: RowId
    boundary: RowId | None = None
    barriers: RowId | None = None
    roster: RowId | None = None
    edges: RowId | None = None
    layers: dict[Role, Line] = Field(
        {},
        description="Layer or sheet of a file that has several.",
        examples=[{"buildings": "houses"}],
    )
    where: Line | None = Field(None, examples=["town = 'TG'"])
    community: Line | None = Field(None, description="Column that tells communities apart.")
    columns: dict[Line, Line] = Field(
        {},
        max_length=20,
        description="Column of each role.",
        examples=[{"households": "HH_2024"}],
    )
    crs: Line | None = Field(None, examples=["EPSG:4490"])
    mend: bool = Field(False, description="Take what the data doctor mends, if that is all.")


class DrawArguments(Arguments):
    """What every division may be told, a first one and a later one."""

    max_span_m: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = Field(
        None, description="Widest distance within a grid."
    )
    limits_toml: Annotated[str, Field(max_length=100_000)] | None = Field(
        None, description="A limits file, whole; its bands go before those above."
    )
    kind: Line | None = Field(None, description="Column of kinds that share no grid.")
    whole: Line | None = Field(None, description="Column of compounds that stay in one grid.")
    weights: WeightsText | None = None
    target: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = Field(
        None, description="Workload wished for in each grid."
    )
    quarter: Line | None = Field(None, description="Column of compounds to keep where it can be.")
    reach_m: Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)] = Field(
        DEFAULT_REACH_M, description="Land around a building, where no boundary is given."
    )
    time_limit_s: Seconds = 120.0
    seed: Seed = 0
    reason: Line = ""


class PartitionArguments(DrawArguments):
    """A building set to be divided."""

    building_set_id: RowId
    households: BandText = "300:500"
    population: BandText = "1000:1500"
    workload: Line = "households"
    start_plan_id: RowId | None = Field(None, description="An earlier plan to start from.")


class RedrawArguments(DrawArguments):
    """A plan to be redrawn for the buildings of now.

    Limits and objective are the plan's own, unless any is given: then all of them are as given.
    """

    plan_id: RowId
    building_set_id: RowId
    households: BandText | None = None
    population: BandText | None = None
    workload: Line | None = None
    locks: RowId | None = Field(None, description="Upload: a table of what may not change.")
    max_moved_households: Annotated[int, Field(ge=0, le=10**9)] | None = Field(
        None, description="Households that may change owner at most."
    )
    max_moved_share: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = Field(
        None, description="The same as a share of all, as 0.02."
    )

    @model_validator(mode="after")
    def _one_cap(self) -> RedrawArguments:
        if self.max_moved_households is not None and self.max_moved_share is not None:
            raise ValueError("give max_moved_households or max_moved_share, not both")
        return self


class PublishArguments(Arguments):
    """A plan to be published; the files are ids of uploads."""

    plan_id: RowId
    owners: RowId | None = None
    photos: RowId | None = Field(
        None, description="A .zip of photos, under the paths that the table of owners names."
    )
    services: RowId | None = None
    title: Line | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2,8}$")] = "en"
    counts: Literal["none", "suppressed"] = "none"
    map_number: Line = Field("", description="Map review number, printed on boards.")
    credits: Line = Field("", description="Whose data the map is, as their licence asks.")
    paper: Literal["A0", "A1", "A2", "A3"] = "A3"
    entrances: bool = False
    per: Literal["household", "building"] = "household"
    masked: bool = False
    prints: bool = Field(True, description="Whether boards, cards and labels are made.")
    topojson: bool = Field(False, description="Also write grids.topojson.")
    base_url: Line = Field(
        "", description="Where the site will stand, for QR codes; else here, if that is set."
    )
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
