"""The bot was away and many wrote; then it is back, and some are talking to it at this very moment (T10)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from handlers.inbound import Heard, Inbound, Start, Text
from handlers.serving import LIVING
from storage.tables import Outbox
from tests.person_play import Play, Someone

LINK = Start("test_drive__vk_ads__spring")
AGO = timedelta(hours=3)


async def tells(play: Play, *said: tuple[Someone, Heard, timedelta]) -> None:
    """One batch: who, what, and how long ago. Nothing is sent yet: the network's ceiling is far below what is due."""
    earlier = await promised(play)
    batch = [
        Inbound(
            channel=who.channel, event_id=f"old-{earlier}-{number}", sender=who.id, chat=who.id,
            at=play.clock.now() - ago, heard=heard,
        )
        for number, (who, heard, ago) in enumerate(said)
    ]  # fmt: skip
    await play.app.receive(batch)


async def promised(play: Play) -> int:
    async with play.database.read() as db:
        return len((await db.scalars(select(Outbox.id))).all())


def crowd(play: Play, number: int) -> list[Someone]:
    return [play.person("Борис", str(50_000 + one)) for one in range(number)]


def moments(who: Someone) -> list[int]:
    """When each message came to this screen, counted in messages of the network."""
    return [int(shown.id) for shown in who.screen]


def in_order(who: Someone) -> bool:
    """The greeting, and then what was said to a word that is no answer to it."""
    greeting, *hints = who.heard()
    return greeting.startswith("Здравствуйте") and not any(hint.startswith("Здравствуйте") for hint in hints)


async def test_T10_anna_who_writes_now_is_answered_before_five_hundred_who_wrote_long_ago(sqlite, clock):
    play = await Play.begin(sqlite, clock)
    old = crowd(play, 250)
    anna = play.person("Анна", "70001")
    for start in range(0, 250, 50):
        some = old[start : start + 50]
        await tells(play, *((who, LINK, AGO) for who in some), *((who, Text("Вы работаете?"), AGO) for who in some))
    await tells(play, (anna, LINK, timedelta(seconds=5)))
    await play.app.delivery.drain()
    assert moments(anna) == [1]
    assert all(len(who.screen) == 2 and in_order(who) for who in old), "everybody is answered, in order"


async def test_T10_who_wrote_long_ago_and_writes_again_does_not_wait_behind_their_own_old_answer(database, clock):
    play = await Play.begin(database, clock)
    old = crowd(play, 80)
    anna = old[-1]
    await tells(play, *((who, LINK, AGO) for who in old))
    await tells(play, (anna, Text("Алло?"), timedelta(seconds=5)))
    await play.app.delivery.drain()
    assert len(anna.screen) == 2 and in_order(anna)
    others = [moments(who)[0] for who in old[:-1]]
    assert moments(anna)[0] < min(others)
    assert moments(anna)[1] < sorted(others)[60]


async def test_T10_the_same_within_one_batch(sqlite, clock):
    play = await Play.begin(sqlite, clock)
    old = crowd(play, 80)
    anna = old[-1]
    await tells(play, *((who, LINK, AGO) for who in old), (anna, Text("Алло?"), LIVING))
    await play.app.delivery.drain()
    assert in_order(anna) and moments(anna)[0] == 1


async def test_T10_the_longer_ago_somebody_wrote_the_later_they_are_answered(sqlite, clock):
    play = await Play.begin(sqlite, clock)
    olga, vera, anna = (play.person(name, id) for name, id in (("Ольга", "61"), ("Вера", "62"), ("Анна", "63")))
    for who, ago in ((olga, timedelta(hours=1)), (vera, timedelta(minutes=5)), (anna, timedelta(seconds=5))):
        await tells(play, (who, LINK, ago))
    await play.app.delivery.drain()
    assert [moments(who) for who in (anna, vera, olga)] == [[1], [2], [3]]
