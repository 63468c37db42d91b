"""What was written while VK kept no events for us: fetched from the conversations themselves (N8)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from bot.channels.raw_json import write_json
from bot.channels.vk_client import VkClient, VkRefused, VkUnsure
from bot.channels.vk_events import UNREADABLE, Reader
from handlers.inbound import Inbound

PAGE = 200  # the most VK gives at once
OVERLAP = 120  # seconds before the newest event known: repeats are recognised by their keys
LOOKS = 50  # at the list of conversations
CLOSED = 917  # no access to this one conversation; the others can be read


async def missed(
    client: VkClient, reader: Reader, since: int, *, closed: Callable[[], None]
) -> AsyncIterator[list[Inbound]]:
    """Messages since the Unix second ``since``, a conversation at a time, oldest first, under the keys their events
    would have had; what cannot be read comes unread, as its event would. ``closed`` is called for each conversation
    that VK does not show. Presses are gone: VK keeps none. Raises what VkClient.call raises."""
    for peer in await _peers(client, since - OVERLAP, closed):
        try:
            messages = await _history(client, peer, since - OVERLAP)
        except VkRefused as refused:
            if refused.code != CLOSED:
                raise
            closed()
            continue
        batch = [inbound for message in messages if (inbound := _read(reader, message, since)) is not None]
        if batch:
            yield batch


def _read(reader: Reader, message: Any, since: int) -> Inbound | None:
    raw = b""
    try:
        raw = write_json(message)
        return reader.read_message(message, raw)
    except UNREADABLE as wrong:
        known = _date(message, since) < since  # its own event came, and was put aside then
        return None if known else reader.unread(message, raw, wrong)


async def _peers(client: VkClient, since: int, closed: Callable[[], None]) -> list[int]:
    """Conversations with something new, the longest waiting first. One that is written to while the pages are read
    moves to the front of them: they are looked at again until nothing is new."""
    found: dict[int, int] = {}
    for _ in range(LOOKS):
        known = len(found)
        for one in await _listed(client, since):
            try:
                found.setdefault(int(one["conversation"]["peer"]["id"]), _date(one["last_message"], since))
            except UNREADABLE:
                closed()
        if len(found) == known:
            break
    return sorted(found, key=lambda peer: found[peer])


async def _listed(client: VkClient, since: int) -> list[Any]:
    """VK lists conversations by their last message, pins apart."""
    listed: list[Any] = []
    for offset in range(0, 50_000, PAGE):
        items = _items(await client.call("messages.getConversations", filter="all", count=PAGE, offset=offset))
        fresh = [one for one in items if _date(isinstance(one, dict) and one.get("last_message"), 0) >= since]
        listed += fresh
        if len(items) < PAGE or not fresh:
            break
    return listed


async def _history(client: VkClient, peer: int, since: int) -> list[Any]:
    """Messages since then, oldest first."""
    found: list[Any] = []
    for offset in range(0, 10_000, PAGE):
        items = _items(await client.call("messages.getHistory", peer_id=peer, count=PAGE, offset=offset))
        fresh = [one for one in items if _date(one, since) >= since]
        found += fresh
        if len(fresh) < PAGE:
            break
    return found[::-1]


def _date(message: Any, otherwise: int) -> int:
    date = message.get("date") if isinstance(message, dict) else None
    return date if type(date) is int else otherwise


def _items(answer: Any) -> list[Any]:
    items = answer.get("items") if isinstance(answer, dict) else None
    if not isinstance(items, list):
        raise VkUnsure("an answer without items")
    return items
