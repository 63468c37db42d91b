"""What was written while VK kept no events for us: fetched from the conversations themselves (N8)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from bot.channels.raw_json import write_json
from bot.channels.vk_client import VkClient, VkUnsure
from bot.channels.vk_events import UNREADABLE, Reader
from handlers.inbound import Inbound

PAGE = 200  # the most VK gives at once
OVERLAP = 120  # seconds before the newest event known: repeats are recognised by their keys


async def missed(client: VkClient, reader: Reader, since: int) -> AsyncIterator[list[Inbound]]:
    """Messages since the Unix second ``since``, a conversation at a time, oldest first, under the keys their events
    would have had. Presses are gone: VK keeps none. Raises what VkClient.call raises."""
    since -= OVERLAP
    for peer in await _peers(client, since):
        batch = []
        for message in await _history(client, peer, since):
            try:
                inbound = reader.read_message(message, write_json(message))
            except UNREADABLE:
                continue  # a kind of message that even its event would not have told
            if inbound is not None:
                batch.append(inbound)
        if batch:
            yield batch


async def _peers(client: VkClient, since: int) -> list[int]:
    """Conversations with something new, the longest waiting first. Their order is by the last message, pins apart."""
    found: dict[int, int] = {}
    for offset in range(0, 50_000, PAGE):
        answer = await client.call("messages.getConversations", filter="all", count=PAGE, offset=offset)
        items = _items(answer)
        dates = [int((one.get("last_message") or {}).get("date", 0)) for one in items]
        for one, date in zip(items, dates, strict=True):
            if date >= since:
                found[int(one["conversation"]["peer"]["id"])] = date
        if len(items) < PAGE or max(dates) < since:
            break
    return sorted(found, key=lambda peer: found[peer])


async def _history(client: VkClient, peer: int, since: int) -> list[dict[str, Any]]:
    """Messages since then, oldest first."""
    found: list[dict[str, Any]] = []
    for offset in range(0, 10_000, PAGE):
        items = _items(await client.call("messages.getHistory", peer_id=peer, count=PAGE, offset=offset))
        fresh = [one for one in items if int(one.get("date", 0)) >= since]
        found += fresh
        if len(fresh) < PAGE:
            break
    return found[::-1]


def _items(answer: Any) -> list[dict[str, Any]]:
    items = answer.get("items") if isinstance(answer, dict) else None
    if not isinstance(items, list):
        raise VkUnsure("an answer without items")
    return items
