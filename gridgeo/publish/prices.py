"""A price list as a picture: what moving households buys, in violation and in objective."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl

from ..errors import PlanFileError
from ..plan_file import write_plan
from ..price_list import PriceList, file_of
from .written import write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TABLE, PICTURE = "price_list.csv", "price_list"
_INK, _OUT = "#1f4e79", "#9b1c1c"


def write_prices(prices: PriceList, folder: Path) -> list[Path]:
    """Write table, picture (PNG and SVG) and every plan into a folder; return their paths.

    Plans that an earlier list left there are taken away.

    Raises:
        PlanFileError: the folder cannot be written.
    """
    names = [file_of(price) for price in prices.prices]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for price, name in zip(prices.prices, names, strict=True):
            write_plan(price.plan, folder / name)
        gone = [name for name in _listed(folder / TABLE) if name not in names]
        table = prices.table.to_csv(index=False, lineterminator="\n")
        pictures = {f"{PICTURE}.{kind}": _drawn(prices, kind) for kind in ("png", "svg")}
        write_whole(folder, {TABLE: "\ufeff" + table, **pictures}, gone=gone)
    except OSError as fault:
        message = f"{folder}: the price list could not be written ({fault.strerror or fault})"
        raise PlanFileError(f"{message}. Name another folder with --curve") from fault
    return [folder / name for name in (TABLE, *pictures, *names)]


def plot_prices(prices: PriceList) -> Figure:
    """Draw violation and objective over the households that change owner, a point a plan."""
    from matplotlib.figure import Figure

    table = prices.table
    figure = Figure(figsize=(8, 6), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    moved = table["moved"].to_numpy()
    above.step(moved, table["violation"], where="post", color=_OUT, linewidth=1, zorder=1)
    above.scatter(moved, table["violation"], color=_OUT, zorder=2)
    above.set_ylabel("violation of the bands")
    above.set_ylim(0, 1.2 * max(1.0, table["violation"].max()))
    before = None
    for x, y, out in zip(moved, table["violation"], table["out_of_band"], strict=True):
        if out != before:
            label = f"{out} out of band"
            above.annotate(label, (x, y), xytext=(4, 6), textcoords="offset points", fontsize=8)
        before = out
    below.plot(moved, table["objective"], color=_INK, linewidth=1, alpha=0.4)
    below.scatter(moved, table["objective"], color=_INK, zorder=2)
    below.set_ylabel("objective")
    below.set_xlabel("households that change owner")
    below.set_xlim(-0.03 * max(1, moved.max()), 1.12 * max(1, moved.max()))
    whole = max(1, int(prices.prices[0].plan.buildings.households.sum()))
    share = above.secondary_xaxis(
        "top", functions=(lambda x: 100 * x / whole, lambda p: p * whole / 100)
    )
    share.set_xlabel("% of all households")
    for axes in (above, below):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.25)
    return figure


def _drawn(prices: PriceList, kind: str) -> bytes:
    out = BytesIO()
    # without a salt and with a date no two files would be alike
    with mpl.rc_context({"svg.hashsalt": "gridgeo"}):
        nothing = {"Date": None} if kind == "svg" else {"Software": None}
        plot_prices(prices).savefig(out, format=kind, dpi=150, metadata=nothing)
    return out.getvalue()


def _listed(path: Path) -> list[str]:
    """Return the plans that a price list of before names."""
    if not path.is_file():
        return []
    lines = path.read_text("utf-8-sig").splitlines()
    names = [line.rpartition(",")[2] for line in lines[1:]]
    return [name for name in names if name.startswith("moved-") and name.endswith(".gpkg")]
