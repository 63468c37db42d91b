"""Our buttons as VK's inline keyboard, and texts that ping nobody."""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

from dialogs.capabilities import CHANNELS
from dialogs.effects import Button

CAN = CHANNELS["vk"]
PLACE: dict[str, Any] = {"action": {"type": "location", "payload": "{}"}}
CHATS = 2_000_000_000  # peers of group chats are this plus 1 … 100 000 000; ids of people may be greater (P52)
_JOINER = "\u2060"  # no width, no line break: what follows is no longer a mention
_MENTION = re.compile(r"\[(?=[^\]|]{1,100}\|)|(?<![\w.])[@*](?=\w)")

Rows = tuple[tuple[Button, ...], ...]


def is_chat(peer: int) -> bool:
    return CHATS < peer <= CHATS + 100_000_000


def keyboard(rows: Rows, *, callback: bool, place: bool = False) -> str:
    """JSON of an inline keyboard. ``callback``: the other side's application shows callback buttons; else text ones,
    which come back as a message with the same payload. ``place``: above them a button that sends the person's place."""
    kind = "callback" if callback else "text"
    laid = [[_button(button, kind) for button in row] for row in _fitting(rows)]
    if place:
        laid = [[PLACE], *laid[: CAN.rows - 1]]
    return _json({"inline": True, "buttons": laid}) if laid else _json({"buttons": []})


def key_of(payload: object) -> str | None:
    """The key our button carried; None: it is not our button's. Anybody can send anything here (P12)."""
    key = payload_object(payload).get("k")
    return key if isinstance(key, str) and len(key) <= CAN.key_bytes else None


def payload_object(payload: object) -> dict[str, Any]:
    """A payload comes as JSON text with messages and as an object with presses; {} when it is no object."""
    if isinstance(payload, str):
        try:
            payload = json.loads(payload)
        except (ValueError, RecursionError):
            return {}
    return payload if isinstance(payload, dict) else {}


def unping(text: str) -> str:
    """``[id1|…]``, ``@all``, ``*club1`` as they are written, but no mention (P29); e-mails stay whole."""
    if not any(mark in text for mark in "[@*"):
        return text  # most cards, and the search below takes thirty times as long
    return _MENTION.sub(lambda found: found.group() + _JOINER, text)


def shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _button(button: Button, kind: str) -> dict[str, Any]:
    label = shortened(button.label, CAN.label)
    if button.url:
        return {"action": {"type": "open_link", "link": button.url, "label": label}}
    return {"action": {"type": kind, "label": label, "payload": _json({"k": button.key})}}


def _json(value: dict[str, Any]) -> str:
    return orjson.dumps(value).decode()


def _fitting(rows: Rows) -> Rows:
    """As laid out, if VK takes it; else the first ten, two in a row (lint keeps flows within the limits)."""
    rows = tuple([row for row in rows if row])
    lengths = [len(row) for row in rows] or [0]
    if len(rows) <= CAN.rows and sum(lengths) <= CAN.buttons and max(lengths) <= CAN.in_row:
        return rows
    flat = [button for row in rows for button in row][: CAN.buttons]
    return tuple([tuple(flat[at : at + 2]) for at in range(0, len(flat), 2)])
