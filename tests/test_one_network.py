"""One network away: the other goes on, and nothing that waited is lost (N6). Speeds: ``tests/torture/one_network``."""

from __future__ import annotations

import pytest

from tests.torture.kills import AT_FULL_SPEED
from tests.torture.one_network import suffers
from tests.town import Town


@pytest.mark.timeout(180)
async def test_N6_what_waits_for_a_network_that_hangs_arrives_in_order_when_it_is_back(tmp_path, empty_sqlite_url):
    """Somebody there is in the middle of a dialog; in the other network somebody walks through a whole one."""
    async with Town.open(tmp_path, empty_sqlite_url, AT_FULL_SPEED) as town:
        await town.bot.start()
        for network, _, _ in town.networks.values():
            await network.ready(60)
        found = await suffers(town, "vk", "hangs", people=1)
        assert found.violations == [] and found.waited, "the card of the other's application waits at least"
        assert await town.bot.stop() < 10
