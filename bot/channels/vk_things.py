"""What a message of VK says of files and a place in it: names and sizes, never their content (P25)."""

from __future__ import annotations

import contextlib
from typing import Any

from dialogs.cleaning import storable
from handlers.inbound import Thing

NAME = 120  # letters of a file's name


def thing_of(message: Any) -> Thing:
    """Reads only what it finds. Several attachments are one thing: they are forwarded together."""
    number = message.get("conversation_message_id")
    attached = [one for one in message.get("attachments") or [] if isinstance(one, dict)]
    first = attached[0].get(str(attached[0].get("type"))) if attached else None
    told = first if isinstance(first, dict) else {}
    size = told.get("size")
    return Thing(
        str(number) if type(number) is int else "",
        file_id=_address(attached[0], told) if attached else "",
        size=size if type(size) is int and 0 <= size < 2**53 else None,
        name=storable(str(told.get("title") or ""))[:NAME],
        place=_place(message.get("geo")),
        number=max(1, len(attached)),
    )


def _address(attachment: dict[str, Any], told: dict[str, Any]) -> str:
    key = f"_{told['access_key']}" if told.get("access_key") else ""
    return storable(f"{attachment.get('type')}{told.get('owner_id', 0)}_{told.get('id', 0)}{key}")[:200]


def _place(geo: Any) -> str:
    with contextlib.suppress(LookupError, TypeError, ValueError):
        where = geo["coordinates"]
        return f"{float(where['latitude']):.5f}, {float(where['longitude']):.5f}"
    return ""
