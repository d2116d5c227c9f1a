"""GridGeo: divide a community into grids, show them, work with them."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .building_index import BuildingIndex
    from .doctor import Diagnosis, check_files
    from .entrances import split_large
    from .errors import Finding, Findings, GridGeoError, InputError, PlanFileError
    from .evaluate import Scorecard, evaluate
    from .ground import Territory
    from .intake import read_community, read_ground
    from .limits import Band, LimitBook, Limits, Rule
    from .limits_file import read_limits
    from .locate import GridIndex
    from .model import Buildings, Community, Objective, Plan, Status
    from .partition import partition
    from .plan_file import read_plan, write_plan
    from .publish import Edition, publish
    from .solving import Standing, Watch
    from .staffing import Staffing, assign_owners
    from .staffing_aims import StaffingAims
    from .territory import build_territory
    from .territory_file import write_territory
    from .trace import trace

# Where each public name lives. They are imported when first asked for: the command line
# answers --help without waiting for geopandas, numba and folium.
_HOMES = {
    "Band": "limits",
    "BuildingIndex": "building_index",
    "Buildings": "model",
    "Community": "model",
    "Diagnosis": "doctor",
    "Edition": "publish",
    "Finding": "errors",
    "Findings": "errors",
    "GridGeoError": "errors",
    "GridIndex": "locate",
    "InputError": "errors",
    "LimitBook": "limits",
    "Limits": "limits",
    "Objective": "model",
    "Plan": "model",
    "PlanFileError": "errors",
    "Rule": "limits",
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
    "evaluate": "evaluate",
    "partition": "partition",
    "publish": "publish",
    "read_community": "intake",
    "read_ground": "intake",
    "read_limits": "limits_file",
    "read_plan": "plan_file",
    "split_large": "entrances",
    "trace": "trace",
    "write_plan": "plan_file",
    "write_territory": "territory_file",
}

__all__ = [
    "Band",
    "BuildingIndex",
    "Buildings",
    "Community",
    "Diagnosis",
    "Edition",
    "Finding",
    "Findings",
    "GridGeoError",
    "GridIndex",
    "InputError",
    "LimitBook",
    "Limits",
    "Objective",
    "Plan",
    "PlanFileError",
    "Rule",
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
    "evaluate",
    "partition",
    "publish",
    "read_community",
    "read_ground",
    "read_limits",
    "read_plan",
    "split_large",
    "trace",
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
