"""What each channel can show: lint checks flows against this table, the pages and adapters lay out by it.

Sources: Telegram's Bot API reference and VK's keyboard reference; where clients show less than servers take, the
smaller number stands. Lengths are in UTF-16 units, so that either way of counting holds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Limits of one channel. ``label``: letters on a button; ``row_letters``: letters that fit one row of buttons.

    ``pictures``: kinds that are shown as pictures, of at most ``picture`` bytes, whose sides together have at most
    ``sides`` pixels (None: any). ``document``: bytes of the largest document. ``sends_files``: people can send files
    to the bot there. ``place_button``: the bot can show a button that sends a place.
    """

    title: str
    text: int
    label: int
    in_row: int
    rows: int
    buttons: int
    key_bytes: int
    phone_button: bool
    edit_hours: int | None  # None: no limit
    pictures: Collection[str]
    picture: int
    sides: int | None
    document: int
    sends_files: bool
    place_button: bool


_DRAWN = ("jpg", "png")
_LETTERS = 28  # of labels that may stand side by side
CHANNELS = {
    "telegram": Capabilities("Telegram", 4096, 64, 8, 50, 100, 64, True, None,
                             (*_DRAWN, "webp"), 10_000_000, 10_000, 50_000_000, True, True),
    "vk": Capabilities("ВКонтакте", 4096, 40, 5, 6, 10, 255, False, 24,
                       _DRAWN, 50_000_000, 14_000, 200_000_000, True, True),
    "web": Capabilities("Сайт", 4096, 64, 4, 20, 40, 255, False, None,
                        (*_DRAWN, "webp"), 10_000_000, None, 50_000_000, False, False),
}  # fmt: skip


def rows(labels: Iterable[str], channel: str) -> Sequence[Sequence[int]]:
    """Lay buttons out: short ones side by side, long ones alone; indices by row. Fits the channel if it can."""
    return _laid(tuple(map(len, labels)), channel)


@lru_cache(maxsize=1024)  # by lengths, in which nobody's name is kept
def _laid(lengths: Sequence[int], channel: str) -> Sequence[Sequence[int]]:
    can = CHANNELS[channel]
    most, widest = min(can.in_row, 3), 0  # the widest label of the last row
    laid: list[list[int]] = []
    row: list[int] = []
    for index, length in enumerate(lengths):
        widest = max(widest, length)
        if row and len(row) < most and widest * (len(row) + 1) <= _LETTERS:
            row.append(index)
        else:
            row, widest = [index], length
            laid.append(row)
    while len(laid) > can.rows and len(laid) > 1:  # too many rows: let neighbours share, shortest pair first
        pair = min(range(len(laid) - 1), key=lambda i: len(laid[i]) + len(laid[i + 1]))
        laid[pair : pair + 2] = [laid[pair] + laid[pair + 1]]
    return laid
