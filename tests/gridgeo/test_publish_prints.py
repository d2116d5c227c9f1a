"""Boards, cards and labels name whom they should, in numbers that tell nothing, and nobody else."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pdfplumber
import pytest
from PIL import Image
from shapely.affinity import affine_transform
from small_plans import block_plan

import gridgeo as gg
import maps
from gridgeo.model import Plan
from gridgeo.privacy import PACK, Gate, Output
from gridgeo.publish import Edition
from gridgeo.publish.boards import board_sheet
from gridgeo.publish.cards import card_sheet, label_sheet
from gridgeo.publish.edition import PAPERS
from gridgeo.publish.hanging import hanging
from gridgeo.publish.outputs import Publication
from gridgeo.publish.people import People
from gridgeo.publish.sheet import make_sheet

SECRETS = {
    "resident_name": ["Zhao Qiansun"] * 12,
    "户主": ["欧阳修远"] * 12,
    "phone": ["13912345678"] * 12,
    "disabled": ["disabled-7f"] * 12,
    "entrances": [2] * 12,
    "name": [f"Mill Lane {k}" for k in range(12)],
}


def with_columns(plan: Plan, columns: dict[str, list]) -> Plan:
    table = plan.buildings.table.copy()
    for name, values in columns.items():
        table[name] = values
    return replace(plan, buildings=replace(plan.buildings, table=table))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publication in Chinese with one worker who agreed and one who did not."""
    folder = tmp_path_factory.mktemp("prints")
    Image.new("RGB", (60, 80), "teal").save(folder / "li.png")
    (folder / "workers.csv").write_text(
        "worker_id,grid_id,name,phone,office_phone,photo,consent,chat\n"
        "W1,G-001,李伟,13800138000,010-65551234,li.png,是,liwei1980\n"
        "W2,G-002,王敏,13700137000,010-65559876,li.png,否,wangmin1980\n",
        encoding="utf-8",
    )
    edition = Edition(
        language="zh", base_url="https://example.org/x", entrances=True, map_number="审图号001",
        day=date(2026, 3, 1),
    )  # fmt: skip
    plan = with_columns(block_plan(), SECRETS)
    gg.publish(plan, folder / "site", owners=folder / "workers.csv", edition=edition)
    return folder / "site"


def text_of(path: Path) -> str:
    with pdfplumber.open(io.BytesIO(path.read_bytes())) as pdf:
        pages = ["".join(c["text"] for c in page.chars) for page in pdf.pages]
    return "\n".join(pages).replace(" ", "")


def test_every_print_is_there(site: Path) -> None:
    assert {path.name for path in site.glob("*.pdf")} == {
        "board-community.pdf", *(f"board-G-00{k}.pdf" for k in range(1, 5)),
        "board-entrances.pdf", "cards.pdf", "business-cards.pdf", "labels.pdf",
    }  # fmt: skip


@pytest.mark.parametrize(
    "name", ["board-community.pdf", "cards.pdf", "business-cards.pdf", "labels.pdf"]
)
def test_owners_stand_with_their_name_and_the_number_they_agreed_to(site: Path, name: str) -> None:
    text = text_of(site / name)
    for said in ("李伟", "13800138000", "王敏", "010-65559876"):
        assert said in text


def test_nothing_about_persons_and_no_number_without_consent_is_in_any_print(site: Path) -> None:
    for path in site.glob("*.pdf"):
        text = text_of(path)
        for secret in ("Zhao", "Qiansun", "欧阳", "13912345678", "disabled", "13700137000"):
            assert secret not in text, (path.name, secret)
        assert b"wangmin1980" not in path.read_bytes()


def test_boards_carry_map_number_and_day(site: Path) -> None:
    text = text_of(site / "board-community.pdf")
    assert "审图号001" in text
    assert "2026年3月1日" in text


def told(plan: Plan, **edition) -> Publication:
    words = maps.Words.of("en")
    pages = maps.page_files(sorted(set(plan.grid_ids)))
    return Publication(
        plan, make_sheet(plan, {}, words), People(), Edition(**edition), words, pages
    )


def test_cards_of_households_come_in_whole_packs_and_name_no_building() -> None:
    plan = block_plan()
    table = plan.buildings.table.copy()
    table["households"] = np.where(plan.grid_ids == "G-002", 14, 0)
    sheet = card_sheet(told(replace(plan, buildings=replace(plan.buildings, table=table))))
    assert {card.grid_id: card.copies for card in sheet.cards} == {
        "G-001": PACK, "G-002": 2 * PACK, "G-003": PACK, "G-004": PACK,
    }  # fmt: skip
    assert {card.address for card in sheet.cards} == {""}
    assert Gate().check(Output.CARDS, sheet) == []


def test_cards_of_buildings_are_one_each_even_where_addresses_are_alike() -> None:
    plan = with_columns(block_plan(), {"address": ["1 Mill Lane"] * 12})
    sheet = card_sheet(told(plan, per="building"))
    assert len({card.address for card in sheet.cards}) == len(sheet.cards) == 12
    assert Gate().check(Output.CARDS, sheet) == []


def test_labels_are_one_an_entrance() -> None:
    plan = with_columns(block_plan(), {"entrances": [2] * 6 + [1] * 3 + [None, np.nan, "many"]})
    addresses = [card.address for card in label_sheet(told(plan)).cards]
    assert len(addresses) == 12 + 3 + 3
    assert "B00 · Entrance 2" in addresses


@pytest.mark.parametrize(
    "cards",
    [
        (maps.Card("G", maps.Worker(), "Mill House", copies=7),),
        (maps.Card("G", maps.Worker(), copies=347),),
        (maps.Card("G", maps.Worker(), "Mill House"),) * 7,
        (maps.Card("G", maps.Worker(), "Mill House", copies=PACK),),
    ],
)
def test_cards_that_tell_by_their_number_are_refused(cards) -> None:
    (fault,) = Gate().check(Output.CARDS, maps.CardSheet("T", cards))
    assert (fault.code, fault.first) == ("field-not-public", "Card.copies")


def test_what_cannot_be_printed_is_told_and_nothing_written(tmp_path: Path) -> None:
    rows = "".join(f"Line {k},555 01{k:02d}\n" for k in range(20))
    (tmp_path / "services.csv").write_text(f"label,phone\n{rows}")
    edition = Edition(services=tmp_path / "services.csv")
    with pytest.raises(gg.InputError, match="20 services"):
        gg.publish(block_plan(), tmp_path / "site", edition=edition)
    assert not (tmp_path / "site").exists()


def test_the_same_plan_gives_the_same_prints(tmp_path: Path) -> None:
    for name in ("a", "b"):
        gg.publish(block_plan(), tmp_path / name)
    for path in sorted((tmp_path / "a").glob("*.pdf")):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_boards_that_come_out_small_and_letters_that_cannot_be_printed_are_told(
    tmp_path: Path,
) -> None:
    (tmp_path / "w.csv").write_text("grid_id,name\nG-001,สมชาย\n", encoding="utf-8")
    plan = block_plan()
    table = plan.buildings.table.copy()
    table.geometry = table.geometry.affine_transform([30, 0, 0, 30, 0, 0])
    cells = np.array([scaled(cell) for cell in plan.territory.cells], dtype=object)
    wide = replace(
        plan,
        buildings=replace(plan.buildings, table=table),
        territory=replace(plan.territory, cells=cells, area=scaled(plan.territory.area)),
    )
    edition = Edition(entrances=True)
    told = gg.publish(wide, tmp_path / "site", owners=tmp_path / "w.csv", edition=edition).findings
    said = {finding.code: finding.message for finding in told}
    assert "1:" in said["board-scale-small"]
    assert "สมชาย" in said["letters-not-printable"]
    assert "12 buildings have no number of floors" in said["floors-unknown"]


def scaled(shape):
    return affine_transform(shape, [30, 0, 0, 30, 0, 0])


def test_an_ordinary_town_is_published_without_such_words(tmp_path: Path) -> None:
    assert list(gg.publish(block_plan(), tmp_path / "site").findings) == []


def test_the_board_of_bungalows_names_those_it_is_for_and_passes_the_gate() -> None:
    plan = with_columns(block_plan(), {
        "floors": [1] * 12, "households": [3] * 12, "name": [f"Mill Lane {k}" for k in range(12)],
    })  # fmt: skip
    sheet = board_sheet(told(plan))
    assert Gate().check(Output.BOARDS, sheet) == []
    served = [name for building in sheet.buildings for name in building.serves]
    assert sorted(served) == sorted(f"Mill Lane {k}" for k in range(12))
    pdf = maps.board_entrances(sheet, buildings=hanging(plan).doors)
    with pdfplumber.open(io.BytesIO(pdf)) as pages:
        assert "For Mill Lane" in pages.pages[0].extract_text(x_tolerance_ratio=0.15)
        assert len(pages.pages) == 4


def test_the_hotline_stands_on_the_front_of_cards_and_once_in_the_list(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("label,phone\nCity Hotline,12345\nPolice,110\n")
    (tmp_path / "w.csv").write_text("grid_id,name,office_phone\nG-001,Li Wei,010-1\n")
    edition = Edition(services=tmp_path / "s.csv", credits="Data: Survey office")
    gg.publish(block_plan(), tmp_path / "site", owners=tmp_path / "w.csv", edition=edition)
    with pdfplumber.open(tmp_path / "site" / "business-cards.pdf") as pdf:
        front, back = (page.extract_text() for page in pdf.pages[:2])
    assert "Hotline 12345" in front
    assert back.count("12345") == 1
    assert "Data: Survey office" in text_of(tmp_path / "site" / "board-community.pdf").replace(
        "Data:Surveyoffice", "Data: Survey office"
    )


def test_grids_called_by_a_long_chinese_name_have_cards_with_a_code_for_their_page() -> None:
    plan = block_plan()
    ids = np.array(
        [f"广东省深圳市南山区粤海街道科技园社区居委会-{g}" for g in plan.grid_ids], object
    )
    sheet = card_sheet(told(replace(plan, grid_ids=ids), base_url="https://grids.example.org/gz/"))
    assert len({card.page_url for card in sheet.cards}) == 4


def test_an_address_too_long_for_cards_is_told_once_and_not_for_every_output(
    tmp_path: Path,
) -> None:
    edition = Edition(base_url=f"https://example.org/{'x' * 120}")
    with pytest.raises(gg.InputError) as caught:
        gg.publish(block_plan(), tmp_path / "site", edition=edition)
    (fault,) = caught.value.findings
    assert "cards.pdf, business-cards.pdf, labels.pdf: 4 faults" in fault.message
    assert "take a shorter base URL" in fault.message
    assert not (tmp_path / "site").exists()


def test_every_paper_that_a_warning_may_advise_may_be_chosen() -> None:
    larger = {name for name, sides in maps.PAPERS_MM.items() if sides > maps.PAPERS_MM["A3"]}
    assert {*PAPERS} == larger | {"A3"}
    for paper in PAPERS:
        assert Edition(paper=paper).faults() == []
