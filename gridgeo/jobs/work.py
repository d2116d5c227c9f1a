"""What each kind of job does: files and plans of the store in, new rows of it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, get_args

from ..doctor import check_files
from ..doctor.diagnosis import MENDABLE
from ..entrances import split_large
from ..errors import Findings, InputError
from ..evaluate import evaluate
from ..intake import read_community, read_locks
from ..intake.telling import error
from ..kinds import book_faults, settle_book
from ..limits import Band, LimitBook, Limits
from ..limits_file import read_limits
from ..model import Community, Objective, Plan
from ..objective import objective_faults
from ..partition import partition
from ..plan_file import read_plan
from ..publish import Edition, publish
from ..redraw import redraw
from ..report import plan_facts
from ..store import NewBuildingSet, NewPlan, NewPublication, Unit, blob_of
from ..territory import build_territory
from ..town_file import read_town, write_town
from .arguments import (
    Arguments,
    CheckArguments,
    PartitionArguments,
    PublishArguments,
    RedrawArguments,
    Role,
)
from .photos import unpack_photos
from .published import read_published
from .task import Task, plain

Result = dict[str, Any]
# Parts of a shapefile, none of which is one by itself.
_PARTS = (".shp", ".shx", ".dbf")
_ROLES: tuple[Role, ...] = get_args(Role)
_MENDABLE = error(
    "mendable",
    "all of this can be mended without a doubt",
    'ask again with "mend": true to keep the mended copy; the findings stay with it',
)


def check(task: Task, said: CheckArguments) -> Result:
    """Check uploaded files; keep them as a building set, or refuse them with all that is wrong."""
    task.step("Reading")
    files = {role: task.file(getattr(said, role)) for role in _ROLES}
    _check_parts(files)
    asked = {"where": said.where, "community": said.community, "columns": dict(said.columns),
             "crs": said.crs}  # fmt: skip
    buildings, edges = files.pop("buildings"), files.pop("edges")
    assert buildings is not None
    name = buildings.name
    buildings, edges = _layer(said, "buildings", buildings), _layer(said, "edges", edges)
    files = {role: _layer(said, role, path) for role, path in files.items()}
    diagnosis = check_files(buildings, **files, **asked)  # type: ignore[arg-type]
    told = plain({"findings": [fault.finding.as_dict() for fault in diagnosis.faults]})
    found = task.named_as_sent(told["findings"])
    if diagnosis.exit_status == MENDABLE and said.mend:
        buildings = Path(f"{diagnosis.save(task.folder / 'mended.gpkg')}:buildings")
        asked["crs"] = None  # it has its own
    elif diagnosis.exit_status:
        faults = [fault.finding for fault in diagnosis.faults]
        if diagnosis.exit_status == MENDABLE:
            faults.append(_MENDABLE)
        raise InputError(faults)
    town = read_community(buildings, edges=edges, **files, **asked)  # type: ignore[arg-type]
    town.check().raise_if_any()
    return keep_buildings(task, town, name, findings=found)


def _check_parts(files: Mapping[Role, Path | None]) -> None:
    """Refuse a shapefile that came without its other parts.

    Raises:
        InputError: some did; the first is named.
    """
    alone = [path.name for path in files.values() if path and path.suffix.lower() in _PARTS]
    if alone:
        what = "is one part" if len(alone) == 1 else "and others are single parts"
        fix = "Send .shp, .shx, .dbf, .prj and .cpg together, in one .zip"
        message = f"{alone[0]} {what} of a shapefile"
        raise InputError(
            [error("shapefile-in-parts", message, fix, count=len(alone), first=alone[0])]
        )


def _layer(said: CheckArguments, role: Role, path: Path | None) -> Path | None:
    layer = said.layers.get(role)
    return path if path is None or layer is None else Path(f"{path}:{layer}")


def keep_buildings(task: Task, town: Community, name: str, *, findings: list[Any]) -> Result:
    """Write a community to the store as its next building set; return what is known of it."""
    task.step("Keeping")
    path = write_town(town, task.folder / "town.gpkg")
    table = town.buildings.table
    counts = {
        "buildings": len(table),
        "households": int(table["households"].sum()),
        "population": int(table["population"].sum()),
        "communities": int(table["community"].nunique()),
    }
    new = NewBuildingSet(blob_of(path), name, findings=findings, counts=counts)

    def add(unit: Unit) -> Result:
        row = unit.building_sets.add(task.community_id, new)
        return {"building_set_id": row.id, "number": row.number, "counts": counts}

    return task.keep(add)


def divide(task: Task, said: PartitionArguments) -> Result:
    """Divide a building set."""
    task.step("Reading")
    with task.store.read() as unit:
        buildings = unit.building_sets.get(said.building_set_id)
        begun = said.start_plan_id and unit.plans.get(said.start_plan_id)
    town = read_town(task.store.save(buildings.file_sha256, task.folder / "town.gpkg"))
    start = begun and task.store.save(begun.file_sha256, task.folder / "start.gpkg")
    limits, objective = _limits(task, said), _objective(said)
    _check_wishes(town, said, limits, objective)
    book, _ = settle_book(town, limits, said.kind)
    town = split_large(town, book, objective=objective)
    plan = partition(
        town,
        limits,
        objective=objective,
        territory=build_territory(
            town.buildings,
            boundary=town.boundary,
            barriers=town.barriers,
            reach_m=said.reach_m,
            edges=town.edges,
        ),
        whole=said.whole,
        kind=said.kind,
        time_limit_s=said.time_limit_s,
        seed=said.seed,
        watch=task.watch,
        start=read_plan(start) if start else None,
    )
    return keep_plan(task, plan, buildings.id, reason=said.reason)


def divide_again(task: Task, said: RedrawArguments) -> Result:
    """Redraw a plan for a building set, so that few households change owner."""
    task.step("Reading")
    with task.store.read() as unit:
        row = unit.plans.get(said.plan_id)
        buildings = unit.building_sets.get(said.building_set_id)
    old = read_plan(task.store.save(row.file_sha256, task.folder / "old.gpkg"))
    town = read_town(task.store.save(buildings.file_sha256, task.folder / "town.gpkg"))
    locks = task.file(said.locks)
    share = said.max_moved_share
    limits, objective = _limits(task, said), _objective(said)
    _check_wishes(town, said, limits, objective)
    plan = redraw(
        old,
        town,
        limits,
        objective=objective,
        whole=said.whole,
        kind=said.kind,
        reach_m=said.reach_m,
        locks=() if locks is None else read_locks(str(locks)),
        max_moved=said.max_moved_households if share is None else float(share),
        time_limit_s=said.time_limit_s,
        seed=said.seed,
        watch=task.watch,
        made=date.today().isoformat(),
        reason=said.reason,
    )
    return keep_plan(task, plan, buildings.id, reason=said.reason, parent_id=row.id)


def keep_plan(
    task: Task, plan: Plan, building_set_id: str, *, reason: str = "", parent_id: str = ""
) -> Result:
    """Write a plan to the store as the next of its community; return what is known of it."""
    task.step("Keeping")
    card = evaluate(plan)
    version = plan.record.versions[-1]
    facts = plan_facts(plan, card.table, columns={})
    told = plain({name: facts[name] for name in ("status", "objective", "bound", "gap", "grids")})
    counts = {"grids": facts["grids"], "in_band": facts["in_band"]}
    new = NewPlan(
        building_set_id=building_set_id,
        file=blob_of(plan.save(task.folder / "plan.gpkg")),
        digest=version.digest,
        status=plan.status.value,
        action=version.action,
        parent_id=parent_id,
        recipe=plain(version.recipe),
        objective=told["objective"],
        bound=told["bound"],
        gap=told["gap"],
        violations=[
            {"grid_id": row.grid_id, "reasons": row.reasons}
            for row in card.table.itertuples(index=False)
            if not row.in_band
        ],
        counts=counts,
        reason=reason,
    )

    def add(unit: Unit) -> Result:
        row = unit.plans.add(task.community_id, new)
        return {"plan_id": row.id, "number": row.number, **told, **counts}

    return task.keep(add, though_cancelled=True)


def make_public(task: Task, said: PublishArguments) -> Result:
    """Publish a plan: everything through the gate, then into the store at once."""
    task.step("Reading")
    with task.store.read() as unit:
        row = unit.plans.get(said.plan_id)
        community = unit.communities.get(row.community_id)
    plan = read_plan(task.store.save(row.file_sha256, task.folder / "plan.gpkg"))
    owners, photos = task.file(said.owners), task.file(said.photos)
    if owners is not None and photos is not None:
        unpack_photos(photos, owners.parent)
    own = {"plan_id", "owners", "photos", "services", "title", "valid_from"}
    edition = Edition(
        **said.model_dump(exclude=own),
        services=task.file(said.services),
        photos_beside=True,  # who sent the table may not name files of this machine
        previous=_previous(task),
    )
    task.step("Drawing")
    site = task.folder / "site"
    title = said.title or community.name
    published = publish(plan, site, owners=owners, title=title, edition=edition)
    choices = said.model_dump(mode="json", exclude={"plan_id", "owners", "photos", "services"})
    new = read_published(
        site,
        plan_id=row.id,
        edition={**choices, "epsg": epsg_of(plan)},
        valid_from=said.valid_from,
    )
    warnings = [finding.as_dict() for finding in published.findings]
    return keep_publication(task, new, findings=warnings)


def keep_publication(
    task: Task, new: NewPublication, *, findings: list[dict[str, Any]] | None = None
) -> Result:
    """Write a publication to the store; return what is known of it."""
    task.step("Keeping")

    def add(unit: Unit) -> Result:
        row = unit.publications.add(task.community_id, new)
        return {"publication_id": row.id, "number": row.number, "findings": findings or []}

    return task.keep(add)


def epsg_of(plan: Plan) -> int | None:
    """Return the code of a plan's CRS, None where it has none."""
    crs = plan.buildings.table.crs
    return None if crs is None else crs.to_epsg()


# What does each kind of job; ``arguments.ARGUMENTS`` tells what it may be told.
WORK: dict[str, Callable[[Task, Any], Result]] = {
    "check": check,
    "partition": divide,
    "redraw": divide_again,
    "publish": make_public,
}


def do(task: Task, kind: str, said: Arguments) -> Result:
    """Do a job.

    Raises:
        GridGeoError: its input cannot be used.
    """
    return WORK[kind](task, said)


def _limits(task: Task, said: PartitionArguments | RedrawArguments) -> LimitBook | None:
    """Return the limits asked for; None where none are, as only a redraw can."""
    if said.limits_toml is not None:
        path = task.folder / "limits.toml"
        path.write_text(said.limits_toml, encoding="utf-8")
        return read_limits(path)
    if not (said.households or said.population or said.max_span_m):
        return None
    usual = Limits()
    return LimitBook(
        Limits(
            Band.parse(said.households) if said.households else usual.households,
            Band.parse(said.population) if said.population else usual.population,
            said.max_span_m,
        )
    )


def _objective(said: PartitionArguments | RedrawArguments) -> Objective | None:
    """Return the objective asked for; None where none is, as only a redraw can."""
    if (said.weights, said.workload, said.target, said.quarter) == (None,) * 4:
        return None
    weights = {} if said.weights is None else Objective.parse_weights(said.weights)
    workload = said.workload or "households"
    return Objective(**weights, workload=workload, target=said.target, compounds=said.quarter or "")


def _check_wishes(
    town: Community,
    said: PartitionArguments | RedrawArguments,
    limits: LimitBook | None,
    objective: Objective | None,
) -> None:
    """Refuse what the buildings cannot be divided by, all of it at once.

    Raises:
        InputError: columns that are not there, an objective or kinds that cannot be.
    """
    faults = [] if objective is None else list(objective_faults(town, objective))
    if limits is not None:
        faults += book_faults(town, limits, said.kind)
    Findings(tuple(faults)).raise_if_any()


def _previous(task: Task) -> Path | None:
    """Return the publication before as a folder: counts and colours heed it."""
    with task.store.read() as unit:
        earlier = unit.publications.of_community(task.community_id, limit=1, newest_first=True)
        if not earlier:
            return None
        rows = unit.publications.files(earlier[0].id)
    folder = task.folder / "previous"
    for row in rows:
        if "/" not in row.path and not row.path.endswith((".pdf", ".html")):
            folder.mkdir(exist_ok=True)
            task.store.save(row.file_sha256, folder / row.path)
    return folder if folder.is_dir() else None
