"""Names of the profiles behind a batch: asked for once, kept in memory only, never worth a delay."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from bot.channels.vk_client import VkClient, VkNotSent, VkRefused, VkUnsure
from bot.channels.vk_recent import Recent
from bot.clock import steady
from handlers.inbound import Elsewhere, Inbound, Reachable, Undecodable

log = logging.getLogger("leadbot.vk")

PATIENCE = 3.0  # seconds that a batch may wait for names
REST = 60.0  # seconds without asking after a failure
AT_ONCE = 1000
NOBODYS = (Elsewhere, Reachable, Undecodable)  # nobody is called by a name there


class Names:
    """First and full names by profile id."""

    def __init__(self, client: VkClient, note: Callable[[str], None] = lambda what: None) -> None:
        self._client, self._note = client, note
        self._known: Recent[str, tuple[str, str]] = Recent(10_000)
        self._rests_until = 0.0

    async def fill(self, batch: Sequence[Inbound]) -> list[Inbound]:
        """The batch with names, as far as they can be had."""
        people = {one.sender for one in batch if not isinstance(one.heard, NOBODYS)}
        await self._ask(sorted(person for person in people if self._known.find(person) is None))
        return [self._named(one) for one in batch]

    async def _ask(self, people: list[str]) -> None:
        if not people or steady() < self._rests_until:
            return
        try:
            async with asyncio.timeout(PATIENCE):
                found = await self._client.call("users.get", user_ids=",".join(people[:AT_ONCE]))
            for one in found:
                first, last = str(one.get("first_name", "")), str(one.get("last_name", ""))
                gone = "deactivated" in one  # then the name is the word DELETED
                self._known.keep(str(one["id"]), ("", "") if gone else (first, f"{first} {last}".strip()))
        except (VkRefused, VkUnsure, VkNotSent, TimeoutError, LookupError, TypeError, AttributeError) as failed:
            self._rests_until = steady() + REST
            self._note("names_unknown")
            log.info("names were not told: %s", type(failed).__name__)

    def _named(self, one: Inbound) -> Inbound:
        first, full = self._known.find(one.sender) or ("", "")
        return one._replace(first_name=first, full_name=full) if first or full else one
