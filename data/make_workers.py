"""Make the people of the demo: made-up workers for the grids of its plan, services, volunteers.

Run as ``python data/make_workers.py [--out DIR] [--grids N]``; see data/README.md.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import geopandas as gpd
from riverside_people import CHINESE_NAMES, staff

# So many grids has the plan of `gridgeo demo`; tests/gridgeo/test_cli_plan.py holds us to it.
GRIDS = 22
# Who joined last has no portrait yet: pages draw a monogram.
PORTRAITS = 16

_DUTIES = (
    "Walks the grid every morning; Collects what residents need; Helps with forms and everyday "
    "services; Settles small disputes on the spot",
    "Visits homes by appointment; Keeps the noticeboard up to date; Calls repairs for lights, "
    "lifts and drains; Reports dangers at once",
    "Holds a help desk at the gate, weekdays 16:00-18:00; Brings papers to those who cannot come; "
    "Looks after the recycling points; Passes on what others must settle",
)
_DUTIES_ZH = (
    "每天上午巡查网格；收集居民需求；协助填表和日常代办；当场调解邻里小纠纷",
    "预约上门走访；更新公告栏；报修路灯、电梯和下水道；发现险情立即上报",
    "工作日16:00-18:00在小区门口值守；为行动不便者送材料上门；管理垃圾分类点；转办需多方协调的事项",
)
_PROMISES = "Answers the same day; Tells you who is in charge; Comes back with the outcome"
_PROMISES_ZH = "当日回应；告知办理部门；办结后反馈"
# Households, or a share of a usual grid.
_CAPACITIES = ("500", "450", "550", "90%", "500", "")
_LANGUAGES = ("Mandarin; Hakka", "Mandarin", "Mandarin; Cantonese", "Mandarin")
_NOT_IN = {3: "RV-005 (relatives)", 9: "RV-014 (lives there)"}
_STEP = 53  # from home to home in the list of buildings
_SURNAMES = ("Gao", "Meng", "Bao", "Xie", "Hou", "Zou", "Xiong", "Qi", "Lei", "Tan", "Yin")
_GIVEN = ("Jun", "Ping", "Hua", "Yan", "Ming", "Fen", "Jie", "Lan")
_KINDS = (
    "property firm", "residents' representative", "retired member", "group leader",
    "corridor leader", "enthusiast",
)  # fmt: skip
_SERVICES = (
    # No such numbers are given out either.
    ("Hotline", "便民服务热线", "0000-5550905"),
    ("Supervision", "监督电话", "0000-5550900"),
    ("Community office", "社区服务中心", "0000-5550901"),
    ("Police officer", "社区民警", "0000-5550902"),
    ("Property management", "物业服务", "0000-5550903"),
    ("Water, power and heating", "水电暖报修", "0000-5550904"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write ``workers.csv``, ``services.csv`` and ``volunteers.csv``; return the exit status."""
    parser = argparse.ArgumentParser(description="Make the people of the demo.")
    default_out = Path(__file__).resolve().parent
    parser.add_argument("--out", type=Path, default=default_out, help="folder to write to")
    parser.add_argument("--grids", type=int, default=GRIDS, help="how many grids the plan has")
    options = parser.parse_args(arguments)
    make(options.out, options.grids)
    return 0


def make(out: Path, grids: int) -> None:
    """Write one worker a grid, RV-001 and on, the numbers to call, and volunteers."""
    rows = []
    homes = _homes()
    for at, worker in enumerate(staff(grids)):
        number = at + 1
        photo = f"riverside/portraits/{worker.worker_id}.png" if number <= PORTRAITS else ""
        rows.append(
            (
                worker.worker_id,
                worker.name,
                CHINESE_NAMES[at],
                worker.mobile,
                worker.office_phone,
                photo,
                _DUTIES[at % len(_DUTIES)],
                _DUTIES_ZH[at % len(_DUTIES_ZH)],
                _PROMISES,
                _PROMISES_ZH,
                "yes" if worker.consent else "no",
                f"riverside-{worker.worker_id.lower()}",
                f"RV-{number:03d}",
                *homes[(_STEP * number) % len(homes)],
                _CAPACITIES[at % len(_CAPACITIES)],
                (5 * number) % 12,
                _LANGUAGES[at % len(_LANGUAGES)],
                _NOT_IN.get(number, ""),
            )
        )
    header = (
        "worker_id", "name", "name_zh", "phone", "office_phone", "photo", "duties", "duties_zh",
        "responsibilities", "responsibilities_zh", "consent", "chat", "grid_id",
        "home_lon", "home_lat", "capacity", "experience", "languages", "not_in",
    )  # fmt: skip
    _write_csv(out / "workers.csv", header, rows)
    _write_csv(out / "services.csv", ("label", "label_zh", "phone"), _SERVICES)
    columns = ("volunteer_id", "name", "role", "kind", "grid_id", "building")
    _write_csv(out / "volunteers.csv", columns, _volunteers(grids))


def _homes() -> list[tuple[str, str]]:
    """Return a place on every building with households, in degrees: nobody lives there."""
    towns = gpd.read_file(Path(__file__).resolve().parent / "riverside" / "buildings.gpkg")
    lived = towns[towns["households"] > 0].sort_values("building_id")
    points = lived.geometry.centroid.to_crs("EPSG:4326")
    return [(f"{point.x:.5f}", f"{point.y:.5f}") for point in points]


def _volunteers(grids: int) -> list[tuple[str, ...]]:
    """Return an information officer a grid, and a supervisor for every second one."""
    rows = []
    for number in range(1, grids + 1):
        grid = f"RV-{number:03d}"
        wanted = ["information officer", *(["supervisor"] if number % 2 else [])]
        for role in wanted:
            at = len(rows)
            name = f"{_SURNAMES[at % len(_SURNAMES)]} {_GIVEN[(3 * at) % len(_GIVEN)]}"
            rows.append((f"V{at + 1:02d}", name, role, _KINDS[at % len(_KINDS)], grid, ""))
    # who is known by where they live only
    place = (len(rows) + 1, "Willow Court 1")
    rows.append((f"V{place[0]:02d}", "Bai Lu", "supervisor", "corridor leader", "", place[1]))
    return rows


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    # Excel reads UTF-8 only behind a mark
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if __name__ == "__main__":
    sys.exit(main())
