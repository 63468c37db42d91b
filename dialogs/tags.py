"""Start tags: ``flow__source__campaign``, the same in every channel's links."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

LONGEST = 64
DIRECT = "direct"
UNKNOWN = "unknown"
_PART = re.compile(r"[A-Za-z0-9-]+(?:_[A-Za-z0-9-]+)*")


@dataclass(frozen=True, slots=True)
class Touch:
    """Where somebody came from. ``flow``: the one the link opens, None for a plain start.

    ``source``: the link's own; «direct» when it names none; «unknown» when the tag was not understood (P13).
    """

    flow: str | None
    source: str
    campaign: str = ""


def parse_tag(raw: str, flows: Collection[str]) -> Touch:
    """Read the tag of a link; ``flows`` are the flows there are. Junk is a plain start with the source «unknown»."""
    raw = raw.strip()
    if not raw:
        return Touch(None, DIRECT)
    parts = raw.split("__")
    sound = len(raw) <= LONGEST and len(parts) <= 3 and all(_PART.fullmatch(part) for part in parts)
    flow = parts[0] if parts[0] in flows else parts[0].lower()
    if not sound or flow not in flows:
        return Touch(None, UNKNOWN)
    source, campaign = (*parts[1:], "", "")[:2]
    return Touch(flow, source or DIRECT, campaign)


def build_tag(flow: str, source: str = "", campaign: str = "") -> str:
    """The tag for a link. Raises ValueError, in Russian, for parts that cannot stand in one."""
    if campaign and not source:
        raise ValueError("у кампании должен быть источник: укажите и --source")
    parts = [part for part in (flow, source, campaign) if part]
    for part in parts:
        if not _PART.fullmatch(part):
            raise ValueError(f"«{part}» не годится для ссылки: латинские буквы, цифры, «-» и одиночные «_» внутри")
    tag = "__".join(parts)
    if len(tag) > LONGEST:
        raise ValueError(f"метка ссылки длиннее {LONGEST} знаков ({len(tag)}): сократите источник или кампанию")
    return tag
