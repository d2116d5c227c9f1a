"""Cards have the size they are cut to, say what they must, and hold whatever they are given."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from maps import Card, CardSheet, business_cards_pdf, cards_pdf, labels_pdf
from maps.card_sheet import MOST_MODULES
from maps.people import Service, Worker
from maps.photo import portrait
from tests.maps.printed import Frame, Page, pages


def photo(colour: str = "navy") -> bytes:
    out = BytesIO()
    Image.new("RGB", (90, 120), colour).save(out, "PNG")
    return out.getvalue()


SERVICES = (
    Service("Property office", "010-8765 4321"),
    Service("社区民警", "010-6655 0110"),
    Service("Family doctor", "010-6655 0120"),
)
LI = Worker(
    "Li Wei 李伟",
    "138-0013-8000",
    photo(),
    ("Visits homes", "Settles small problems"),
    chat="https://u.wechat.com/EAxyzABCDEFG1234567",
)
CARD = Card(
    "110101001001001",
    LI,
    "12 Lotus Road",
    SERVICES,
    hotline="010-1234 5678",
    page_url="https://lotus.example/grids/110101001001001.html",
    colour="#77aadd",
)
SAID = ["Li Wei", "李伟", "110101001001001", "Lotus Community", "010-1234 5678", "12 Lotus Road"]


def sheet(*cards: Card, language: str = "en") -> CardSheet:
    return CardSheet("Lotus Community", cards or (CARD,), language, date(2025, 11, 24))


PRINTERS = {
    "cards": (cards_pdf, (92, 62)),
    "business cards": (business_cards_pdf, (90, 54)),
    "labels": (labels_pdf, (90, 60)),
}
ON_A4 = {kind: PRINTERS[kind] for kind in ("cards", "labels")}
every_printer = pytest.mark.parametrize(
    ("printer", "size_mm"), PRINTERS.values(), ids=list(PRINTERS)
)


def assert_nothing_runs_out(page: Page) -> None:
    """Every sign stands on one card, off its edges, and on no QR code."""
    cards = page.cards()
    for sign, at in page.signs:
        assert any(card.holds(at, slack_mm=-0.5) for card in cards), (sign, at)
        assert not any(code.overlaps(at) for code in page.codes), (sign, at)


@pytest.mark.parametrize(("printer", "size_mm"), ON_A4.values(), ids=list(ON_A4))
def test_eight_to_a_page_of_a4_at_their_true_size(printer, size_mm):
    first, second = pages(printer(sheet(replace(CARD, copies=9))))
    for page in (first, second):
        assert (page.width_mm, page.height_mm) == pytest.approx((210, 297), abs=0.001)
        assert len(page.cards()) == 8
        for card in page.cards():
            size = (card.right - card.left, card.bottom - card.top)
            assert size == pytest.approx(size_mm, abs=0.01)
    shown = [[LI.name in page.text_in(card) for card in page.cards()] for page in (first, second)]
    assert shown == [[True] * 8, [True] + [False] * 7]


def test_a_business_card_is_a_front_and_a_back_of_its_true_size():
    sides = pages(business_cards_pdf(sheet(CARD, replace(CARD, copies=2))))
    assert len(sides) == 6
    for page in sides:
        (card,) = page.cards()
        assert (card.right - card.left, card.bottom - card.top) == pytest.approx((90, 54), abs=0.01)
        assert (page.width_mm, page.height_mm) == pytest.approx((110, 74), abs=0.001)


@every_printer
def test_crop_marks_stand_outside_of_the_cards_and_their_bleed(printer, size_mm):
    for page in pages(printer(sheet())):
        bleeds = [
            Frame(card.left - 3, card.top - 3, card.right + 3, card.bottom + 3)
            for card in page.cards()
        ]
        paper = Frame(0, 0, page.width_mm, page.height_mm)
        assert len(page.marks) == 2 * sum(len(cuts) for cuts in page.cuts_mm())
        for mark in page.marks:
            assert paper.holds(mark)
            assert not any(bleed.overlaps(mark) for bleed in bleeds)


def all_text(pdf: bytes) -> str:
    return "".join(page.text_in(card) for page in pages(pdf) for card in page.cards())


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", ["cards", "business cards"])
def test_cards_tell_whom_to_call_and_where(kind, language):
    printer, _ = PRINTERS[kind]
    text = all_text(printer(sheet(language=language)))
    lines = [part for service in SERVICES for part in (service.label, service.phone)]
    for said in [*SAID, "138-0013-8000", "Visits homes", *lines]:
        assert said in text
    assert ("网格员" in text) == (language == "zh")
    assert ("grid owner" in text) == (language == "en")
    assert ("2025年11月24日" if language == "zh" else "November 24, 2025") in text


def test_labels_tell_whom_to_call_and_where():
    (page,) = pages(labels_pdf(sheet()))
    text = page.text_in(page.cards()[0])
    for said in [*SAID, "138-0013-8000"]:
        assert said in text


def test_a_masked_label_holds_the_phone_nowhere_and_no_chat():
    shown, masked = labels_pdf(sheet()), labels_pdf(sheet(), masked=True)
    (page,) = pages(masked)
    text = page.text_in(page.cards()[0])
    assert "138-****-8000"[:3] in text
    assert "****" in text
    assert "0013" not in text
    assert "010-1234 5678" in text  # the hotline is everybody's
    assert masked != shown
    only_chat = replace(CARD, page_url="")
    (with_chat,), (without,) = (
        pages(labels_pdf(sheet(only_chat), masked=masked)) for masked in (False, True)
    )
    assert "Scan to chat" in with_chat.text
    assert "Scan to chat" not in without.text


@every_printer
def test_same_cards_same_bytes(printer, size_mm):
    assert printer(sheet(CARD, replace(CARD, address="B"))) == printer(
        sheet(CARD, replace(CARD, address="B"))
    )


@every_printer
def test_fonts_are_embedded_subsets_and_chinese_is_set_in_the_chinese_one(printer, size_mm):
    card = replace(CARD, worker=replace(LI, name="骨直角", photo=None))
    fonts = {font for page in pages(printer(sheet(card))) for font in page.fonts}
    assert all("+" in font for font in fonts)
    assert any("NotoSansCJKsc" in font for font in fonts)
    assert not any("NotoSansCJKjp" in font for font in fonts)


def test_a_worker_without_phone_is_reached_by_the_hotline():
    card = replace(CARD, worker=replace(LI, phone=" "))
    (page,) = pages(labels_pdf(sheet(card)))
    assert page.text.count("Hotline 010-1234 5678") == 1
    bare = replace(card, hotline="", services=(), address="", page_url="")
    for printer, _ in PRINTERS.values():
        for page in pages(printer(sheet(replace(bare, worker=Worker())))):
            assert_nothing_runs_out(page)


HOSTILE = [
    '#eval("1") $x^2$ *bold* <label> @ref `raw` \\ // /* = - + ~ --- https://a.b',
    "</script><img src=x onerror=1>${1}{{7*7}}",
    "👩‍👩‍👧‍👦😀🏳️‍🌈" * 6,
    "مريم علي " * 8 + "\u202eabc\u2067def",
    "W" * 300,
    "W" * 20,
    "wordless-" * 30,
    "欧阳" * 150,
    "A\u0301\u0302\u0303" * 90,
    "two\nlines\r\n\tand\u2028more \x00\x1f\ud800",
    "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogoch " * 5,
    "…" * 200,
]


def filled(word: str) -> Card:
    services = tuple(Service(word, word) for _ in range(12))
    worker = Worker(word, word, None, (word,) * 20, (word,), chat="wxid")
    return Card(word[:40] or "G", worker, word, services, word, "https://a.example/g")


@every_printer
@pytest.mark.parametrize("word", HOSTILE)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_word_runs_out_of_its_card(printer, size_mm, word, language):
    card = filled(word)
    bare = replace(card, page_url="", worker=replace(card.worker, chat=""))
    cards = CardSheet(word, (card, bare), language, date(2025, 11, 24))
    for page in pages(printer(cards)):
        assert_nothing_runs_out(page)


@given(
    word=st.text(max_size=60) | st.text(alphabet="#$*_<>@`\\[]{}()\"'=-/ \n", max_size=60),
    count=st.integers(0, 12),
)
@settings(max_examples=10, deadline=None)
def test_any_text_is_shown_as_text(word, count):
    services = tuple(Service(word, "010-1234 5678") for _ in range(count))
    card = Card("G" + word, Worker(word, word, None, (word,)), word, services, word)
    for printer, _ in PRINTERS.values():
        for page in pages(printer(CardSheet(word, (card,)))):
            assert_nothing_runs_out(page)


def test_a_long_name_keeps_its_words_whole():
    name = "Alexandra Montgomery-Featherstonehaugh"
    text = all_text(cards_pdf(sheet(replace(CARD, worker=replace(LI, name=name)))))
    assert "Featherstonehaugh" in text


def test_markup_is_printed_and_not_obeyed():
    name = "#eval *b* $x$ <l>"
    (page, *_) = pages(cards_pdf(sheet(replace(CARD, worker=replace(LI, name=name)))))
    assert name in page.text_in(page.cards()[0])


def test_a_phone_is_never_cut_short():
    long = "A department with a very long name " * 2
    services = tuple(Service(long, f"010-8765 43{n:02d} ext 5678") for n in range(12))
    for kind in ("cards", "business cards"):
        printer, _ = PRINTERS[kind]
        text = all_text(printer(sheet(replace(CARD, services=services))))
        for service in services:
            assert service.phone in text


def test_a_photo_is_kept_once_however_many_cards_show_it():
    noise = BytesIO()
    Image.effect_noise((320, 400), 120).save(noise, "PNG")
    card = replace(CARD, worker=replace(LI, photo=noise.getvalue()))
    one, many = (len(cards_pdf(sheet(replace(card, copies=copies)))) for copies in (1, 80))
    assert many - one < 79 * len(portrait(noise.getvalue())) / 4


@every_printer
def test_codes_are_drawn_at_a_size_that_scans(printer, size_mm):
    codes = [code for page in pages(printer(sheet())) for code in page.codes]
    assert codes
    for code in codes:
        assert (code.right - code.left) / MOST_MODULES > 0.345


@every_printer
def test_emoji_are_left_out_and_what_stands_beside_them_is_kept(printer, size_mm):
    worker = replace(LI, name="👩‍🔧 Li Wei", duties=("🏠 Visits homes", "✨"))
    text = "".join(page.text for page in pages(printer(sheet(replace(CARD, worker=worker)))))
    assert "Li Wei" in text
    assert not any(ord(sign) > 0x1F000 for sign in text)
    assert "homes ·" not in text


@pytest.mark.parametrize("printer", [cards_pdf, business_cards_pdf])
def test_what_owners_do_and_answer_for_stands_on_their_cards(printer):
    worker = replace(LI, responsibilities=("Answers the same day",))
    printed = pages(printer(sheet(replace(CARD, worker=worker))))
    text = "".join(sign for page in printed for sign, _ in page.signs).replace(" ", "")
    for said in ("Workcontent", "Visitshomes", "Serviceresponsibilities", "Answersthesameday"):
        assert said in text


@pytest.mark.parametrize("printer", [cards_pdf, business_cards_pdf])
def test_many_duties_and_responsibilities_are_each_cut_short(printer):
    endless = tuple(f"Duty {row} that goes on and on without an end" for row in range(40))
    worker = replace(LI, duties=endless, responsibilities=endless)
    for page in pages(printer(sheet(replace(CARD, worker=worker)))):
        assert_nothing_runs_out(page)
        if "Work content" in page.text:
            assert page.text.count("…") == 2
            assert page.text.count("Duty 0") == 2


@pytest.mark.parametrize("printer", [cards_pdf, labels_pdf])
def test_a_thousand_alike_cards_are_hardly_larger_than_eight(printer):
    few, many = (len(printer(sheet(replace(CARD, copies=copies)))) for copies in (8, 1000))
    assert many - few < 992 * 150


@pytest.mark.parametrize(
    ("language", "said"), [("en", "No owner is named yet"), ("zh", "暂未指定")]
)
@pytest.mark.parametrize("kind", PRINTERS)
def test_a_card_of_a_grid_without_owner_says_so(kind: str, language: str, said: str) -> None:
    pdf = PRINTERS[kind][0](sheet(Card("G-1", Worker()), language=language))
    assert said.replace(" ", "") in pages(pdf)[0].text.replace(" ", "")


@pytest.mark.parametrize(
    "place",
    [
        "Barrio con un nombre extraordinariamente largo que no cabe",
        "广东省深圳市南山区粤海街道科技园社区居民委员会",
    ],
)
@pytest.mark.parametrize("kind", PRINTERS)
def test_the_number_at_the_end_of_a_long_code_is_not_cut_off(kind: str, place: str) -> None:
    pdf = PRINTERS[kind][0](sheet(Card(f"{place}-017", LI)))
    text = pages(pdf)[0].text.replace(" ", "")
    assert "-017" in text
    assert place[:4] in text
