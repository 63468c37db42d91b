"""What a message of Telegram says of a file or a place in it: its name and size, never its content (P25)."""

from __future__ import annotations

import contextlib
from typing import Any

from dialogs.cleaning import storable
from handlers.inbound import Thing

NAME = 120  # letters of a file's name


def thing_of(message: dict[str, Any], kind: str) -> Thing:
    """Reads only what it finds: something odd about a file is no reason to lose the message."""
    number, album = message.get("message_id"), message.get("media_group_id")
    what = message[kind]
    if isinstance(what, list):  # a photo comes in several sizes, the largest last
        what = what[-1] if what else {}
    told = what if isinstance(what, dict) else {}
    size = told.get("file_size")
    return Thing(
        str(number) if type(number) is int else "",
        file_id=storable(str(told.get("file_id") or ""))[:200],
        size=size if type(size) is int and 0 <= size < 2**53 else None,
        name=storable(str(told.get("file_name") or ""))[:NAME],
        place=_place(told.get("location", told) if kind == "venue" else told) if kind in ("location", "venue") else "",
        album=storable(str(album))[:64] if album is not None else None,
    )


def _place(location: Any) -> str:
    with contextlib.suppress(LookupError, TypeError, ValueError):
        return f"{float(location['latitude']):.5f}, {float(location['longitude']):.5f}"
    return ""
