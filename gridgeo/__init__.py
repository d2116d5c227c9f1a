"""GridGeo: divide a community into grids, show them, work with them."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .errors import Finding, Findings, GridGeoError, InputError, PlanFileError
    from .evaluate import Scorecard, evaluate
    from .intake import read_community
    from .limits import Band, LimitBook, Limits, Rule
    from .limits_file import read_limits
    from .model import Buildings, Community, Objective, Plan, Status, Territory
    from .partition import partition
    from .plan_file import read_plan, write_plan
    from .publish import publish
    from .solving import Standing, Watch
    from .territory import build_territory

# Where each public name lives. They are imported when first asked for: the command line
# answers --help without waiting for geopandas, numba and folium.
_HOMES = {
    "Band": "limits",
    "Buildings": "model",
    "Community": "model",
    "Finding": "errors",
    "Findings": "errors",
    "GridGeoError": "errors",
    "InputError": "errors",
    "LimitBook": "limits",
    "Limits": "limits",
    "Objective": "model",
    "Plan": "model",
    "PlanFileError": "errors",
    "Rule": "limits",
    "Scorecard": "evaluate",
    "Standing": "solving",
    "Status": "model",
    "Territory": "model",
    "Watch": "solving",
    "build_territory": "territory",
    "evaluate": "evaluate",
    "partition": "partition",
    "publish": "publish",
    "read_community": "intake",
    "read_limits": "limits_file",
    "read_plan": "plan_file",
    "write_plan": "plan_file",
}

__all__ = [
    "Band",
    "Buildings",
    "Community",
    "Finding",
    "Findings",
    "GridGeoError",
    "InputError",
    "LimitBook",
    "Limits",
    "Objective",
    "Plan",
    "PlanFileError",
    "Rule",
    "Scorecard",
    "Standing",
    "Status",
    "Territory",
    "Watch",
    "build_territory",
    "evaluate",
    "partition",
    "publish",
    "read_community",
    "read_limits",
    "read_plan",
    "write_plan",
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
