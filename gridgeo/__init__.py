"""GridGeo: divide a community into grids, show them, work with them."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .assignments import import_assignments
    from .building_index import BuildingIndex
    from .coding import code_plan
    from .compare import Comparison, compare
    from .doctor import Diagnosis, check_files
    from .entrances import split_large
    from .errors import Finding, Findings, GridGeoError, InputError, PlanFileError
    from .evaluate import Scorecard, evaluate
    from .export import Exported, export_plan
    from .ground import Territory
    from .intake import read_community, read_ground, read_locks
    from .keeping import Lock
    from .limits import Band, LimitBook, Limits, Rule
    from .limits_file import read_limits
    from .locate import GridIndex
    from .model import Buildings, Community, Objective, Plan, Status
    from .old_file import read_old
    from .old_grids import OldGrids
    from .partition import partition
    from .plan_file import read_plan, write_plan
    from .prefixes import Prefixes, read_prefixes
    from .publish import ChangesEdition, Edition, OpenMatter, publish, write_changes
    from .redraw import redraw
    from .rerun import Rerun, rerun
    from .schemes import Scheme, known_schemes, read_schemes
    from .solving import Standing, Watch
    from .staffing import Staffing, assign_owners
    from .staffing_aims import StaffingAims
    from .territory import build_territory
    from .territory_file import write_territory
    from .trace import trace
    from .waivers import waive, withdraw_waivers

# Where each public name lives. They are imported when first asked for: the command line
# answers --help without waiting for geopandas, numba and folium.
_HOMES = {
    "Band": "limits",
    "BuildingIndex": "building_index",
    "Buildings": "model",
    "ChangesEdition": "publish",
    "Community": "model",
    "Comparison": "compare",
    "Diagnosis": "doctor",
    "Edition": "publish",
    "Exported": "export",
    "Finding": "errors",
    "Findings": "errors",
    "GridGeoError": "errors",
    "GridIndex": "locate",
    "InputError": "errors",
    "LimitBook": "limits",
    "Limits": "limits",
    "Lock": "keeping",
    "Objective": "model",
    "OldGrids": "old_grids",
    "OpenMatter": "publish",
    "Plan": "model",
    "PlanFileError": "errors",
    "Prefixes": "prefixes",
    "Rerun": "rerun",
    "Rule": "limits",
    "Scheme": "schemes",
    "Scorecard": "evaluate",
    "Staffing": "staffing",
    "StaffingAims": "staffing_aims",
    "Standing": "solving",
    "Status": "model",
    "Territory": "ground",
    "Watch": "solving",
    "assign_owners": "staffing",
    "build_territory": "territory",
    "check_files": "doctor",
    "code_plan": "coding",
    "compare": "compare",
    "evaluate": "evaluate",
    "export_plan": "export",
    "import_assignments": "assignments",
    "known_schemes": "schemes",
    "partition": "partition",
    "publish": "publish",
    "read_community": "intake",
    "read_ground": "intake",
    "read_limits": "limits_file",
    "read_locks": "intake",
    "read_old": "old_file",
    "read_plan": "plan_file",
    "read_prefixes": "prefixes",
    "read_schemes": "schemes",
    "redraw": "redraw",
    "rerun": "rerun",
    "split_large": "entrances",
    "trace": "trace",
    "waive": "waivers",
    "withdraw_waivers": "waivers",
    "write_changes": "publish",
    "write_plan": "plan_file",
    "write_territory": "territory_file",
}

__all__ = [
    "Band",
    "BuildingIndex",
    "Buildings",
    "ChangesEdition",
    "Community",
    "Comparison",
    "Diagnosis",
    "Edition",
    "Exported",
    "Finding",
    "Findings",
    "GridGeoError",
    "GridIndex",
    "InputError",
    "LimitBook",
    "Limits",
    "Lock",
    "Objective",
    "OldGrids",
    "OpenMatter",
    "Plan",
    "PlanFileError",
    "Prefixes",
    "Rerun",
    "Rule",
    "Scheme",
    "Scorecard",
    "Staffing",
    "StaffingAims",
    "Standing",
    "Status",
    "Territory",
    "Watch",
    "assign_owners",
    "build_territory",
    "check_files",
    "code_plan",
    "compare",
    "evaluate",
    "export_plan",
    "import_assignments",
    "known_schemes",
    "partition",
    "publish",
    "read_community",
    "read_ground",
    "read_limits",
    "read_locks",
    "read_old",
    "read_plan",
    "read_prefixes",
    "read_schemes",
    "redraw",
    "rerun",
    "split_large",
    "trace",
    "waive",
    "withdraw_waivers",
    "write_changes",
    "write_plan",
    "write_territory",
]


class _Door(ModuleType):
    """The package as a user sees it: public names, whatever modules were imported before."""

    def __getattr__(self, name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

    def __setattr__(self, name: str, value: Any) -> None:
        # Python hangs an imported submodule on its package: the module "partition" must not
        # hide the function of that name.
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted(__all__)


sys.modules[__name__].__class__ = _Door
