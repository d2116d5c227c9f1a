"""Make the owners file of the demo: a made-up worker for each grid of its plan, and services.

Run as ``python data/make_workers.py [--out DIR] [--grids N]``; see data/README.md.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

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
    """Write ``workers.csv`` and ``services.csv``; return the exit status."""
    parser = argparse.ArgumentParser(description="Make the owners file of the demo.")
    default_out = Path(__file__).resolve().parent
    parser.add_argument("--out", type=Path, default=default_out, help="folder to write to")
    parser.add_argument("--grids", type=int, default=GRIDS, help="how many grids the plan has")
    options = parser.parse_args(arguments)
    make(options.out, options.grids)
    return 0


def make(out: Path, grids: int) -> None:
    """Write one worker a grid, RV-001 and on, and the numbers to call."""
    rows = []
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
            )
        )
    header = (
        "worker_id", "name", "name_zh", "phone", "office_phone", "photo", "duties", "duties_zh",
        "responsibilities", "responsibilities_zh", "consent", "chat", "grid_id",
    )  # fmt: skip
    _write_csv(out / "workers.csv", header, rows)
    _write_csv(out / "services.csv", ("label", "label_zh", "phone"), _SERVICES)


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    # Excel reads UTF-8 only behind a mark
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if __name__ == "__main__":
    sys.exit(main())
