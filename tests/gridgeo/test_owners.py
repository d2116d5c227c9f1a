"""Tables of workers and services: found by their usual names, every fault told at once."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from PIL import Image

import gridgeo as gg
from gridgeo.owners import read_owners, read_services


def table(folder: Path, text: str, name: str = "workers.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def portrait(folder: Path, name: str, size: tuple[int, int] = (30, 40)) -> None:
    Image.new("RGB", size, "teal").save(folder / name)


def faults(call, path: Path) -> dict[str, str]:
    with pytest.raises(gg.InputError) as said:
        call(path)
    return {finding.code: finding.sentence() for finding in said.value.findings}


def test_a_table_with_every_column_is_read_whole(tmp_path: Path) -> None:
    portrait(tmp_path, "li.png")
    path = table(
        tmp_path,
        "worker_id,name,phone,office_phone,photo,duties,responsibilities,consent,chat,grid_id\n"
        "W1,Li Wei,13800138000,010-6555 1234,li.png,Walks; Listens,"
        '"Answers\nReports",yes,liwei,G-1\n',
    )
    owners, findings = read_owners(path)
    owner = owners["G-1"]
    assert (owner.worker_id, owner.name, owner.phone) == ("W1", "Li Wei", "13800138000")
    assert owner.duties == ("Walks", "Listens")
    assert owner.responsibilities == ("Answers", "Reports")
    assert (owner.photo or b"").startswith(b"\xff\xd8\xff")
    assert (owner.consent, owner.chat, owner.office_phone) == (True, "liwei", "010-6555 1234")
    assert not findings


def test_chinese_headers_in_excel_with_numbers_as_cells(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(
        ["工号", "姓名", "手机号码", "办公电话", "工作内容", "是否同意公开", "网格编号"]
    )
    book.active.append([7, "李伟", 13800138000, "010-65551234转8", "巡查；走访", "是", "RV-001"])
    book.save(tmp_path / "workers.xlsx")
    owner = read_owners(tmp_path / "workers.xlsx")[0]["RV-001"]
    assert (owner.name, owner.phone, owner.consent) == ("李伟", "13800138000", True)
    assert owner.duties == ("巡查", "走访")


def test_a_column_of_the_language_goes_before_the_one_without(tmp_path: Path) -> None:
    path = table(tmp_path, "grid_id,name,name_zh,duties,duties_zh\nG,Li Wei,李伟,Walks,巡查\n")
    assert read_owners(path, language="zh")[0]["G"].name == "李伟"
    assert read_owners(path, language="zh")[0]["G"].duties == ("巡查",)
    assert read_owners(path)[0]["G"].name == "Li Wei"


def test_every_fault_of_the_table_is_told_at_once_with_its_first_row(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        "worker_id,name,phone,photo,consent,chat,grid_id\n"
        "W1,Li Wei,1.38E+10,none.png,yes,,G-1\n"
        "W1,Wang Lan,138,,perhaps,,G-1\n"
        "W3,,ask at the desk,,yes,javascript:alert(1),G-3\n",
    )
    said = faults(read_owners, path)
    assert set(said) == {
        "owner-without-name", "grid-with-two-owners", "worker-twice", "phone-unreadable",
        "consent-unreadable", "chat-unreadable", "photo-unusable",
    }  # fmt: skip
    assert (
        "2 rows have in phone what is no number to call (first: row 2)" in said["phone-unreadable"]
    )
    assert "1 row names a grid that an earlier row has (row 3)" in said["grid-with-two-owners"]
    assert "names a photo that is not there (row 2)" in said["photo-unusable"]


def test_missing_columns_are_named_with_those_there_are(tmp_path: Path) -> None:
    said = faults(read_owners, table(tmp_path, "who,where\nLi,G-1\n"))
    assert "no column for grid_id, name; columns there are: who, where" in said["columns-missing"]


def test_two_columns_for_one_role_are_a_question(tmp_path: Path) -> None:
    said = faults(read_owners, table(tmp_path, "grid_id,name,手机,mobile\nG,Li,1,2\n"))
    assert "may each be phone" in said["column-unclear"]


def test_a_photo_is_not_even_opened_without_consent(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_text("no picture at all")
    path = table(tmp_path, "grid_id,name,photo,consent\nG,Li,secret.png,no\nH,Wu,secret.png,\n")
    assert all(owner.photo is None for owner in read_owners(path)[0].values())


def test_a_worker_without_a_grid_is_passed_over_and_told(tmp_path: Path) -> None:
    owners, findings = read_owners(table(tmp_path, "grid_id,name\n,Li\nG,Wu\n"))
    assert list(owners) == ["G"]
    assert "1 row names no grid (row 2)" in findings.warnings[0].message


def test_one_worker_may_have_two_grids(tmp_path: Path) -> None:
    owners, _ = read_owners(table(tmp_path, "worker_id,grid_id,name\nW,G,Li\nW,H,Li\n"))
    assert owners["G"].name == owners["H"].name == "Li"


def test_services_keep_their_order_and_their_grid(tmp_path: Path) -> None:
    text = "label,label_zh,phone,grid_id\nPolice,派出所,110,\nProperty,物业,010-1234,G-1\n"
    path = table(tmp_path, text, "services.csv")
    assert [s.label for s in read_services(path, language="zh")] == ["派出所", "物业"]
    assert [s.grid_id for s in read_services(path)] == ["", "G-1"]


def test_services_without_label_or_number_are_told_at_once(tmp_path: Path) -> None:
    path = table(tmp_path, "label,phone\n,110\nPolice,\n", "services.csv")
    assert set(faults(read_services, path)) == {"service-without-label", "phone-unreadable"}
