"""What the networks hand over: any JSON at all becomes an event that can be kept, or one that is put aside."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any

from bot.channels.telegram_reading import Reader as TelegramReader
from bot.channels.telegram_session import lenient_json
from bot.channels.vk_events import Reader as VkReader
from bot.channels.vk_http import bounded_json
from bot.channels.vk_keyboard import key_of, payload_object
from bot.channels.vk_recent import Recent
from dialogs.cleaning import clean
from handlers.inbound import Attachment, Edited, Elsewhere, Inbound, PhoneCard, Press, Start, Text, Undecodable
from tests.torture import seeds
from tests.torture.edge import NOW, storable
from tests.torture.mutation import garbled, mangled, mutated, pick


def sound(event: Inbound) -> bool:
    """What every event must be, whatever it was made of. True unless it could not be read or means nothing."""
    assert storable(event.event_id, 64) and event.event_id, "a key that cannot be kept"
    assert storable(event.sender, 64) and storable(event.chat, 64), "an address that cannot be kept"
    assert event.at.tzinfo is not None
    heard = event.heard
    match heard:
        case Text(text, reply_to, messages):
            assert storable(text) and storable(clean(text)) and (reply_to is None or storable(reply_to, 64))
            assert all(storable(number, 64) and storable(words) for number, words in messages)
        case Edited(number, words):
            assert storable(number, 64) and number and storable(words)
        case Start(tag):
            assert storable(tag)
        case Press(key, query, message_id):
            assert storable(key) and storable(query or "") and storable(message_id or "", 64)
        case Attachment(what, caption, reply_to):
            assert storable(what, 64) and storable(caption) and storable(reply_to or "", 64)
        case PhoneCard(phone, own):
            assert storable(phone) and isinstance(own, bool)
        case Undecodable(why) | Elsewhere(why):
            assert storable(why, 100)
            return False
    assert storable(event.first_name) and storable(event.full_name)
    assert event.sender.lstrip("-").isdigit() and event.chat.lstrip("-").isdigit(), "somebody without an id"
    return True


_telegram = TelegramReader(lambda: NOW)
_telegram.username = "leadbot"
_vk = VkReader(seeds.GROUP, Recent(1_000), lambda: NOW)


def read_update(update: Any) -> bool:
    return sound(_telegram.read(update))


def read_event(event: Any) -> bool:
    read = _vk.read(event)
    return read is not None and sound(read)


def read_update_again(update: Any) -> bool:
    """A batch that was not committed is offered again: it must be the same to us."""
    event = _telegram.read(update)
    assert event == _telegram.read(update), "read again, it is another event"
    return not isinstance(event.heard, Undecodable | Elsewhere)


def read_event_again(event: Any) -> bool:
    """The same for VK."""
    read = _vk.read(event)
    assert read == _vk.read(event), "read again, it is another event"
    return read is not None and not isinstance(read.heard, Undecodable | Elsewhere)


def changed(seeds_of: Callable[[], tuple[Any, ...]]) -> Callable[[Random], Any]:
    return lambda dice: mutated(pick(seeds_of(), dice), dice)


@cache
def _bodies() -> tuple[bytes, ...]:
    """What comes off the wire, whole; some of it strange already."""
    dice = Random("bodies")
    whole = (*seeds.telegram_updates(), *seeds.vk_events())
    return tuple(json.dumps(one).encode() for one in (*whole, *(mutated(pick(whole, dice), dice) for _ in range(300))))


def draw_body(dice: Random) -> str:
    """A body, spoiled; as text, so that it can be kept in the corpus."""
    return garbled(pick(_bodies(), dice), dice).decode("latin-1")


def read_body(body: str) -> bool:
    """Both loops give up a body that is no JSON (ValueError), and read the events of one that is."""
    raw, taken = body.encode("latin-1"), 0
    for parse, read in ((lenient_json, read_update), (bounded_json, read_event)):
        try:
            found = parse(raw)
        except (ValueError, RecursionError):
            continue
        taken += read(found)
    return taken > 0


def draw_payload(dice: Random) -> Any:
    seed = pick(seeds.PAYLOADS, dice)
    return mangled(seed, dice) if isinstance(seed, str) and dice.random() < 0.7 else mutated(seed, dice)


def read_payload(payload: Any) -> bool:
    assert isinstance(payload_object(payload), dict)
    key = key_of(payload)
    assert key is None or len(key) <= 255
    return key is not None
