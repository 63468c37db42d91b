"""VK's own check of a keyboard: what the keyboard reference forbids is refused, as error 911 does."""

from __future__ import annotations

import json
from typing import Any

WIDE = {"location", "vkpay", "open_app"}  # each takes a whole row
COLOURED = {"text", "callback"}
COLOURS = {"primary", "secondary", "negative", "positive"}
FIELDS = {
    "text": {"type", "label", "payload"},
    "callback": {"type", "label", "payload"},
    "open_link": {"type", "link", "label", "payload"},
    "location": {"type", "payload"},
    "vkpay": {"type", "hash", "payload"},
    "open_app": {"type", "app_id", "owner_id", "label", "hash", "payload"},
}


def read_keyboard(text: str) -> dict[str, Any] | None:
    """The keyboard, or None for «clear it». Raises ValueError with what is wrong (the real one does not say)."""
    keyboard = json.loads(text)
    _need(isinstance(keyboard, dict), "not an object")
    _need(keyboard.keys() <= {"one_time", "inline", "buttons"}, "unknown field")
    inline, one_time = keyboard.get("inline", False), keyboard.get("one_time", False)
    _need(isinstance(inline, bool) and isinstance(one_time, bool), "flags are not booleans")
    _need(not (inline and one_time), "inline keyboards are not one_time")
    rows = keyboard.get("buttons")
    _need(isinstance(rows, list), "buttons are not a list")
    if not rows:
        _need(not inline, "an empty inline keyboard")
        return None
    _need(len(rows) <= (6 if inline else 10), "too many rows")
    _need(sum(len(row) for row in rows) <= (10 if inline else 40), "too many buttons")
    for row in rows:
        _check_row(row)
    return dict(keyboard)


def _check_row(row: Any) -> None:
    _need(isinstance(row, list) and 1 <= len(row) <= 5, "a row of one to five")
    for button in row:
        _check_button(button)
        _need(len(row) == 1 or button["action"]["type"] not in WIDE, "a wide button shares its row")


def _check_button(button: Any) -> None:
    _need(isinstance(button, dict) and button.keys() <= {"action", "color"}, "unknown field of a button")
    action = button.get("action")
    _need(isinstance(action, dict) and action.get("type") in FIELDS, "unknown type")
    kind = action["type"]
    _need(action.keys() <= FIELDS[kind], "unknown field of an action")
    if "label" in FIELDS[kind]:
        label = action.get("label")
        _need(isinstance(label, str) and 1 <= len(label) <= 40, "a label of 1 to 40 letters")
    if kind == "open_link":
        _need(str(action.get("link", "")).startswith(("http://", "https://")), "a link")
    payload = action.get("payload")
    if payload is not None:
        _need(isinstance(payload, str) and len(payload) <= 255, "a payload is a string of at most 255")
        json.loads(payload)
    if "color" in button:
        _need(kind in COLOURED and button["color"] in COLOURS, "a colour")


def _need(holds: bool, what: str) -> None:
    if not holds:
        raise ValueError(what)
