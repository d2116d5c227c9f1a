"""Cards that cannot be printed are refused, and all that is wrong is said at once."""

from __future__ import annotations

import pytest

from maps import Card, CardError, CardSheet
from maps.people import Service, Worker

LI = Worker("Li")


@pytest.mark.parametrize(
    ("cards", "said"),
    [
        ((), "there is no card"),
        ((Card(" ", LI),), "card 1 has no grid"),
        ((Card("G1", LI, copies=0),), "grid 'G1' has 0 copies"),
        ((Card("G1", LI, services=(Service("a", "1"),) * 13),), "13 services; 12 is the most"),
        ((Card("G1", LI, colour="red"),), "colour 'red', not one like '#77aadd'"),
        ((Card("G1", LI, page_url="https://a.example/" + "x" * 200),), "218 signs, too many"),
        ((Card("G1", Worker("Li", chat="x" * 9000)),), "the chat of 'Li': a QR code cannot"),
        ((Card("G1", Worker("Li", photo=b"GIF")),), "the photo of 'Li': the photo is no whole"),
        ((Card("G1", Worker("Li", photo=b"GIF")),) * 3, "the photo of 'Li'"),
    ],
)
def test_fault_is_named(cards, said):
    with pytest.raises(CardError, match=r"^1 faults") as raised:
        CardSheet("Lotus", cards)
    assert said in str(raised.value)


def test_all_faults_come_at_once_and_a_long_list_is_cut():
    cards = tuple(Card(f"G{n}", LI, copies=-1, colour="?") for n in range(30))
    with pytest.raises(CardError, match=r"^60 faults.*and 40 more$"):
        CardSheet("Lotus", cards)
