"""kill -9 and SIGTERM of the real process, in both networks at once: nothing lost, nothing twice.

G1–G3: every question is answered, one lead, one card, one code each; VK shows nothing twice, Telegram repeats at most
once per unknown outcome. People wait for the bot as people do: whoever gets no answer does not say it again. This is
the short form; ``python -m tests.torture.kills`` goes on for as long as one likes.
"""

from __future__ import annotations

import random

import pytest

from storage.tables import Lead, PromoCode
from tests.checker import check, count
from tests.torture.crowd import Crowd
from tests.torture.kills import AT_FULL_SPEED, RARE
from tests.town import Town, twice

HERE = ("code claimed", "before ack", "after sending commit", "answer read")
"""A few of the points; ``make torture`` passes all."""


@pytest.mark.timeout(180)
async def test_G1_G3_killed_at_named_points_nothing_is_lost_and_nothing_said_twice(tmp_path, empty_sqlite_url):
    """Kills in a row: each start is the recovery from the last, and new people come while old ones go on."""
    async with Town.open(tmp_path, empty_sqlite_url, AT_FULL_SPEED) as town:
        crowd = Crowd(town, random.Random(1))
        for number, point in enumerate(HERE):
            await town.bot.start(crash_at=f"{point}:{1 if point in RARE else 1 + number % 4}")
            crowd.comes(("telegram", "vk")[number % 2], "honest")
            assert await town.bot.ends(within=60) == -9, f"{point}: {town.bot.log.read_text()[-2000:]}"
        await town.bot.start()
        await crowd.close()
        await town.settled(within=60)

        evidence = await town.evidence()
        assert check(evidence) == [] and [one.lost for one in crowd.everybody if one.lost] == []
        tally, people = count(evidence), len(HERE)
        assert tally.doubles == 0 and tally.repeats <= tally.unknown
        assert await town.count() == people == await town.count(Lead.applications == 1)
        assert await town.count(PromoCode.issued_at.is_not(None), what=PromoCode) == people
        on_vk = [one.person for one in crowd.everybody if one.network == "vk" and not one.apologies]
        assert not any(twice(person) for person in on_vk), "VK knows repeats by their random_id"
        assert await town.bot.stop() < 10
