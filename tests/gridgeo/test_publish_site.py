"""A publication is written whole or not at all, repeats itself, and forgets what is no more."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from small_plans import block_plan, street_plan

import gridgeo as gg
from gridgeo.publish import Edition

# what is printed takes longest to make, and is looked at in test_publish_prints.py
WEB = Edition(prints=False)


def workers(folder: Path, *, consent: str = "yes") -> Path:
    Image.new("RGB", (60, 80), "teal").save(folder / "li.png")
    path = folder / "workers.csv"
    path.write_text(
        "worker_id,grid_id,name,name_zh,phone,office_phone,photo,consent,chat\n"
        f"W1,G-001,Li Wei,李伟,13800138000,010-6555 1234,li.png,{consent},liwei1980\n",
        encoding="utf-8",
    )
    return path


def contents(site: Path) -> dict[str, bytes]:
    files = [path for path in sorted(site.rglob("*")) if path.is_file()]
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in files}


def test_a_site_holds_what_it_lists_and_a_page_for_each_grid(tmp_path: Path) -> None:
    done = gg.publish(block_plan(), tmp_path / "site", edition=replace(WEB, topojson=True))
    found = contents(tmp_path / "site")
    assert set(found) == {
        "index.html", "grids.geojson", "grids.topojson", "buildings.geojson", "grids.csv",
        "directory.json", "publication.json", *(f"grids/G-00{k}.html" for k in range(1, 5)),
    }  # fmt: skip
    assert json.loads(found["publication.json"])["files"] == sorted(found)
    assert {path.relative_to(tmp_path / "site").as_posix() for path in done.files} == set(found)


def test_the_same_plan_gives_the_same_bytes_into_a_new_folder_and_over_the_old(
    tmp_path: Path,
) -> None:
    for edition in (WEB, replace(WEB, counts="suppressed", language="zh", topojson=True)):
        owners = workers(tmp_path)
        sites = [tmp_path / f"{edition.language}{k}" for k in (1, 2, 2)]
        for site in sites:
            gg.publish(block_plan(), site, owners=owners, edition=edition)
        assert contents(sites[0]) == contents(sites[1])


def test_a_grid_that_is_no_more_loses_its_page_and_strangers_files_stay(tmp_path: Path) -> None:
    site = tmp_path / "site"
    gg.publish(block_plan(), site, edition=WEB)
    (site / "grids" / "mine.html").write_text("by hand")
    plan = block_plan()
    ids = np.where(plan.grid_ids == "G-004", "G-003", plan.grid_ids)
    gg.publish(replace(plan, grid_ids=ids), site, edition=WEB)
    assert not (site / "grids" / "G-004.html").exists()
    assert (site / "grids" / "mine.html").read_text() == "by hand"
    assert "G-004" not in (site / "grids.csv").read_text(encoding="utf-8-sig")


def test_consent_taken_back_takes_photo_number_and_chat_off_every_page(tmp_path: Path) -> None:
    site = tmp_path / "site"
    gg.publish(block_plan(), site, owners=workers(tmp_path), edition=WEB)
    before = b"".join(contents(site).values())
    for own in (b"13800138000", b"liwei1980", b"data:image/jpeg"):
        assert own in before
    done = gg.publish(block_plan(), site, owners=workers(tmp_path, consent="no"), edition=WEB)
    after = b"".join(contents(site).values())
    for own in (b"13800138000", b"liwei1980", b"data:image/jpeg"):
        assert own not in after
    assert b"010-6555 1234" in after
    assert b"Li Wei" in after
    assert "owner-without-consent" in [f.code for f in done.findings]


def test_a_fault_while_writing_leaves_the_old_site_as_it_was(tmp_path: Path, monkeypatch) -> None:
    site = tmp_path / "site"
    gg.publish(block_plan(), site, edition=WEB)
    before = contents(site)
    real, wrote = Path.write_text, []

    def full_disk(self, *args, **more):
        wrote.append(self)
        if len(wrote) > 3:
            raise OSError(28, "No space left on device")
        return real(self, *args, **more)

    monkeypatch.setattr(Path, "write_text", full_disk)
    with pytest.raises(gg.InputError, match="No space left"):
        gg.publish(block_plan(), site, title="Another", edition=replace(WEB, language="zh"))
    monkeypatch.undo()
    assert contents(site) == before
    assert [path.name for path in site.iterdir() if path.name.startswith(".")] == []


def test_chinese_is_said_on_pages_in_tables_and_of_owners(tmp_path: Path) -> None:
    edition = replace(WEB, language="zh")
    gg.publish(block_plan(), tmp_path / "site", owners=workers(tmp_path), edition=edition)
    page = (tmp_path / "site" / "grids" / "G-001.html").read_text(encoding="utf-8")
    assert '<html lang="zh">' in page
    for words in ("李伟", "办事有四条路", "收集居民需求并及时转达", "社区网格"):
        assert words in page
    assert "Li Wei" not in page
    assert "李伟" in (tmp_path / "site" / "grids.csv").read_text(encoding="utf-8-sig")


def test_services_of_a_grid_stand_on_its_page_alone(tmp_path: Path) -> None:
    table = tmp_path / "services.csv"
    table.write_text("label,phone,grid_id\nPolice,110,\nMill Court,555 0101,G-002\n")
    gg.publish(block_plan(), tmp_path / "site", edition=replace(WEB, services=table))
    first, second = (
        (tmp_path / "site" / "grids" / f"G-00{k}.html").read_text(encoding="utf-8") for k in (1, 2)
    )
    index = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert '["Mill Court","555 0101","tel:5550101"]' in index
    assert '"page":"grids/G-002.html"' in index
    assert "tel:110" in first
    assert "Mill Court" not in first
    assert second.index("Mill Court") < second.index("tel:110")


def test_faults_of_both_tables_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text("grid_id,name\nG-001,\n")
    (tmp_path / "s.csv").write_text("label,phone\n,1\n")
    edition = replace(WEB, services=tmp_path / "s.csv")
    with pytest.raises(gg.InputError) as said:
        gg.publish(block_plan(), tmp_path / "site", owners=tmp_path / "w.csv", edition=edition)
    codes = {finding.code for finding in said.value.findings}
    assert {"owner-without-name", "service-without-label"} <= codes


def test_colours_stay_with_the_ground_even_where_ids_change(tmp_path: Path) -> None:
    def colours() -> dict[str, int]:
        told = json.loads((tmp_path / "site" / "grids.geojson").read_text(encoding="utf-8"))
        return {f["properties"]["grid_id"]: f["properties"]["colour"] for f in told["features"]}

    gg.publish(block_plan(), tmp_path / "site", edition=WEB)
    before = colours()
    turned = {"G-001": "G-004", "G-002": "G-003", "G-003": "G-002", "G-004": "G-001"}
    ids = np.array([turned[grid] for grid in block_plan().grid_ids], dtype=object)
    gg.publish(replace(block_plan(), grid_ids=ids), tmp_path / "site", edition=WEB)
    assert {grid: colours()[turned[grid]] for grid in before} == before


def test_a_service_for_a_grid_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("label,phone,grid_id\nPolice,110,G-900\n")
    with pytest.raises(gg.InputError, match="G-900"):
        gg.publish(
            block_plan(), tmp_path / "site", edition=replace(WEB, services=tmp_path / "s.csv")
        )


def test_counts_heed_an_earlier_publication_by_its_own_files(tmp_path: Path) -> None:
    counted = replace(WEB, counts="suppressed")
    old, new = tmp_path / "old", tmp_path / "new"
    gg.publish(block_plan(), old, edition=counted)
    assert shown(old) == {f"G-00{k}": (30, 90) for k in range(1, 5)}
    plan = block_plan()
    ids = plan.grid_ids.copy()
    ids[6] = "G-002"  # one house of G-004 moves: 30 - 20 would tell what it holds
    moved = replace(plan, grid_ids=ids)
    gg.publish(moved, tmp_path / "free", edition=counted)
    assert len(shown(tmp_path / "free")) == 4
    gg.publish(moved, new, edition=replace(counted, previous=old))
    assert set(shown(new)) == {"G-001", "G-003"}
    # the folder written to is an earlier publication too
    gg.publish(moved, old, edition=counted)
    assert shown(old) == shown(new)


def shown(site: Path) -> dict[str, tuple[int, int]]:
    with (site / "grids.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    told = json.loads((site / "grids.geojson").read_text(encoding="utf-8"))["features"]
    features = {f["properties"]["grid_id"]: f["properties"] for f in told}
    for row in rows:
        hidden = not row["households"]
        assert hidden == ("households" not in features[row["grid_id"]])
    return {
        row["grid_id"]: (int(row["households"]), int(row["population"]))
        for row in rows
        if row["households"]
    }


@pytest.mark.parametrize("name", ["grids.csv", "buildings.geojson", "grids.geojson"])
def test_an_earlier_publication_that_is_not_whole_is_no_reason_to_show_more(
    tmp_path: Path, name: str
) -> None:
    old = tmp_path / "old"
    gg.publish(block_plan(), old, edition=WEB)
    (old / name).unlink()
    with pytest.raises(gg.InputError, match=f"{name} is not there"):
        gg.publish(block_plan(), tmp_path / "new", edition=replace(WEB, previous=old))
    with pytest.raises(gg.InputError, match=f"{name} is not there"):
        gg.publish(block_plan(), old, edition=WEB)


def test_a_list_of_files_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    site = tmp_path / "site"
    gg.publish(block_plan(), site, edition=WEB)
    precious = tmp_path / "precious.txt"
    precious.write_text("keep")
    (site / "publication.json").write_text('{"files": ["../precious.txt"]}')
    with pytest.raises(gg.InputError, match=r"publication\.json cannot be read"):
        gg.publish(block_plan(), site, edition=WEB)
    assert precious.read_text() == "keep"


def test_ids_that_no_file_system_takes_have_pages_all_the_same(tmp_path: Path) -> None:
    plan = street_plan()
    ids = np.array(["a/b", "a/b", "CON", "..", "..", "社区-001"], dtype=object)
    gg.publish(replace(plan, grid_ids=ids, reasons={}), tmp_path / "site", edition=WEB)
    names = {path.name for path in (tmp_path / "site" / "grids").iterdir()}
    assert names == {"a~2fb.html", "CON~2.html", "~2e~2e.html", "社区-001.html"}
    linked = (tmp_path / "site" / "grids" / "CON~2.html").read_text(encoding="utf-8")
    assert "../index.html" in linked


def test_a_plan_is_drawn_as_a_figure(tmp_path: Path) -> None:
    axes = block_plan().plot()
    axes.figure.savefig(tmp_path / "plan.png", dpi=50)
    texts = {text.get_text() for text in axes.texts}
    assert texts == {f"G-00{k}" for k in range(1, 5)}
    west, east = axes.get_xlim()
    assert west <= 0
    assert east >= 400
    plan = street_plan()
    hatched = [c for c in plan.plot().collections if c.get_hatch()]
    assert len(hatched) == 1  # 1-002 alone is out of band


def test_the_planners_own_map_has_every_figure() -> None:
    page = street_plan().explore().get_root().render()
    assert "2 under 4" in page


def test_a_name_that_is_a_formula_stays_text_in_the_table_of_grids(tmp_path: Path) -> None:
    (tmp_path / "workers.csv").write_text(
        'grid_id,name,office_phone\nG-001,"=HYPERLINK(1)",010-1\nG-002,@sum,+86 10 2\n',
        encoding="utf-8",
    )
    edition = Edition(prints=False)
    gg.publish(block_plan(), tmp_path / "site", owners=tmp_path / "workers.csv", edition=edition)
    table = (tmp_path / "site" / "grids.csv").read_text(encoding="utf-8-sig")
    cells = [cell for row in csv.reader(table.splitlines()) for cell in row]
    assert {"'=HYPERLINK(1)", "'@sum"} <= {*cells}
    assert not [cell for cell in cells if cell[:1] in "=+-@" and cell]
