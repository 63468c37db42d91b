"""The words of stories: what people do in them, and what takes a text, several, or none."""

from __future__ import annotations

from typing import Literal, get_args

from dialogs.business import ChannelName

Verb = Literal[
    "opens", "says", "edits", "taps", "shares phone", "sends", "waits",
    "sees", "does not see", "sees nothing",
    "managers see", "managers do not see", "managers see nothing",
    "manager taps", "manager replies", "manager writes",
]  # fmt: skip
VERBS: tuple[Verb, ...] = get_args(Verb)
CHANNELS: tuple[str, ...] = get_args(ChannelName)
THINGS = ("sticker", "voice", "video_note", "photo", "video", "document", "location", "contact", "other")

TEXTS: frozenset[Verb] = frozenset({"says", "edits", "sees", "does not see", "managers see", "managers do not see"})
BARE: frozenset[Verb] = frozenset({"sees nothing", "managers see nothing"})
PAIR: frozenset[Verb] = frozenset({"edits"})  # what it was, and what it is now
EITHER: frozenset[Verb] = frozenset({"opens", "shares phone"})  # with a value or without
