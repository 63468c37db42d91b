"""Silences and strangers: a day without the network, a second reader of our messages, a token that is revoked.

Each is noticed, counted and told, once, by a way that works (N1, N7, N8, N11, I14).
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import event, select

from bot.channels.vk_numbers import Numbers
from storage.tables import Outbox
from tests.both_networks import Both

HOUR = timedelta(hours=1)
NETWORK = 'leadbot_network_total{{channel="{}",what="{}"}}'


def texts(person) -> list[str]:
    return [seen.text for seen in person.screen]


def told(person, part: str) -> list[str]:
    return [text for text in texts(person) if part in text]


# ---------------------------------------------------------------- 26 hours


async def test_N7_after_26_hours_the_window_is_told_once_and_the_last_day_is_answered(sqlite_url, clock):
    async with Both.open(sqlite_url, clock) as both:
        await both.start()
        anna, boris, vera = both.telegram.person("Анна"), both.telegram.person("Борис"), both.vk.person("Вера")
        await anna.opens("test_drive__flyer")
        await anna.sees("Здравствуйте")
        await vera.opens("test_drive__flyer")
        await vera.sees("Здравствуйте")
        await both.stop()

        clock.forward(HOUR)
        await boris.opens("test_drive__flyer")  # Telegram will have dropped it
        await vera.says("записаться")
        both.vk.longpoll.forget_history()  # and VK its event, not the message
        clock.forward(4 * HOUR)
        await anna.says("записаться")
        clock.forward(21 * HOUR)
        await both.start()

        await anna.sees("Согласие на обработку")
        await vera.sees("Согласие на обработку")
        olga = both.olga["telegram"]
        window = await olga.sees("Бот не слышал Telegram с 23.11.2026 12:00 (Europe/Moscow) до 24.11.2026 14:00")
        assert "до 23.11.2026 14:00 (Europe/Moscow) могло пропасть" in window.text
        lost = await olga.sees("ВКонтакте не сохранил для бота события с 23.11.2026 12:00")
        assert "прочитано сообщений: " in lost.text and "до 24.11.2026 14:00" in lost.text
        assert not texts(boris), "it is gone, and nobody invents an answer"
        assert both.shows(NETWORK.format("telegram", "gap")) == 1
        assert both.shows(NETWORK.format("vk", "failed_1")) == both.shows(NETWORK.format("vk", "history_lost")) == 1
        assert both.shows(NETWORK.format("vk", "repaired")) >= 1

        await both.stop()
        await both.start()
        await boris.opens("test_drive__flyer")
        await boris.sees("Здравствуйте")
        for person in (anna, vera):
            assert len(told(person, "Согласие на обработку")) == 1
        for olga in both.olga.values():
            for alarm in ("Бот не слышал Telegram", "ВКонтакте не сохранил"):
                await olga.shows(alarm)  # each desk has its own queue, and the bot was stopped in the middle of it
                assert len(told(olga, alarm)) == 1


async def test_N7_a_network_away_for_a_day_while_the_bot_runs_is_the_same_gap_and_an_hour_is_only_counted(
    sqlite_url, clock
):
    async with Both.open(sqlite_url, clock) as both:
        await both.start()
        anna, olga = both.telegram.person("Анна"), both.olga["vk"]
        await anna.opens("test_drive__flyer")
        await anna.sees("Здравствуйте")  # answered, so heard
        for away, what in ((HOUR, "silence"), (30 * HOUR, "gap")):
            port = both.telegram.port
            await both.telegram.stop()
            clock.forward(away)
            await both.telegram.start(port)
            await anna.says("меню")
            await both.until(lambda what=what: both.shows(NETWORK.format("telegram", what)))
            assert what == "gap" or not told(olga, "Бот не слышал Telegram")
        await olga.shows("Бот не слышал Telegram с 23.11.2026 13:00")
        assert both.shows(NETWORK.format("telegram", "gap")) == 1


async def test_N7_hearing_costs_no_write_until_it_is_kept_and_none_when_nothing_was_heard(sqlite_url, clock):
    async with Both.open(sqlite_url, clock) as both:
        house = await both.start()
        anna = both.telegram.person("Анна")
        await anna.opens("test_drive__flyer")
        await anna.sees("Здравствуйте")
        await house.hearing.keep()
        written: list[str] = []
        event.listen(both.database.engine.sync_engine, "before_cursor_execute", lambda *said: written.append(said[2]))
        for _ in range(100):
            house.hearing.note("telegram", "answered")
        await house.hearing.keep()  # the clock stands still: no news
        assert not [one for one in written if one.startswith("UPDATE setting")], written

        clock.forward(timedelta(minutes=1))
        for _ in range(100):
            house.hearing.note("telegram", "answered")
        await house.hearing.keep()
        assert len([one for one in written if one.startswith("UPDATE setting")]) == 1


# ---------------------------------------------------------------- a second reader


async def test_N1_two_bots_with_one_telegram_token_are_told_to_both_owners(
    sqlite_url, tmp_path, sqlite_template, clock
):
    second_url = f"sqlite+aiosqlite:///{tmp_path / 'second.db'}"
    (tmp_path / "second.db").write_bytes(sqlite_template.read_bytes())
    async with Both.open(sqlite_url, clock) as first:
        await first.start()
        second = Both(second_url, clock, first.telegram, first.vk)
        second.desks, second.olga = first.desks, first.olga
        await second.start()
        try:
            await first.olga["vk"].sees("Сообщения Telegram забирает кто-то ещё с тем же токеном", 20)
            assert first.shows(NETWORK.format("telegram", "conflict")) >= 1
            assert "telegram" in first.house.hearing.last_conflict
            await first.olga["telegram"].shows("Сообщения Telegram забирает кто-то ещё")  # sending is not hindered
        finally:
            await second.stop()


async def test_N1_a_stranger_who_writes_for_our_community_is_noticed_and_we_and_people_are_not(sqlite_url, clock):
    async with Both.open(sqlite_url, clock) as both:
        await both.start()
        anna, olga = both.vk.person("Анна"), both.olga["vk"]
        await anna.opens("test_drive__flyer")
        await anna.sees("Здравствуйте")
        await both.stop()
        await both.start()  # its own echoes may come again
        both.vk.longpoll.replay_from(0)
        both.vk.administrator_answers(anna, "Я вам перезвоню")
        both.vk.world.sent(anna.id, "Спасибо, что вступили!")  # VK's own greeting has no number
        await anna.says("меню")
        await asyncio.sleep(0.3)
        assert not both.shows(NETWORK.format("vk", "conflict")) and not told(olga, "ещё одна программа")

        ours = both.vk.ledger.entries[-1].key
        assert ours is not None
        for text in ("Скидка всем!", "И ещё раз!"):  # far from our numbers, wherever this database has them
            both.vk.world.sent(anna.id, text, random_id=(int(ours) + 2**30) % 2**31)
        await olga.sees("От имени сообщества ВКонтакте пишет ещё одна программа")
        await both.until(lambda: both.shows(NETWORK.format("vk", "conflict")) == 2)
        assert len(told(olga, "ещё одна программа")) == 1


def test_N1_every_number_of_ours_is_known_and_hardly_any_other():
    for offset in (0, 5, 2147483640, 4294967295):
        numbers = Numbers(offset, 7)
        rows = [*range(1, 2000), 9_999_999]
        assert not any(numbers.is_foreign(_echo(numbers.of(row))) for row in rows)
        assert all(numbers.is_foreign(_echo(numbers.of(row))) for row in (20_000_000, 2_000_000_000))
    assert not Numbers(0, 7).is_echo({"type": "message_reply", "object": None})


def _echo(number: int) -> dict[str, object]:
    return {"type": "message_reply", "object": {"from_id": -7, "random_id": number}}


# ---------------------------------------------------------------- a token that is revoked


async def test_N11_a_revoked_telegram_token_is_told_in_vk_and_a_new_one_delivers_what_waited_once(sqlite_url, clock):
    await _revoked(sqlite_url, clock, "telegram", "vk", "Telegram не принимает токен")


async def test_N11_a_revoked_vk_token_is_told_in_telegram_and_a_new_one_delivers_what_waited_once(sqlite_url, clock):
    await _revoked(sqlite_url, clock, "vk", "telegram", "VK 5")


async def _revoked(url, clock, dead: str, alive: str, sentence: str) -> None:
    async with Both.open(url, clock) as both:
        await both.start()
        network = both.networks[dead]
        anna, vera = network.person("Анна"), both.networks[alive].person("Вера")
        polls = network.updates.asked if dead == "telegram" else -1
        await anna.opens("test_drive__flyer")
        await anna.sees("Здравствуйте")
        await both.until(lambda: dead != "telegram" or network.updates.asked > polls)  # an answer may come before
        before = len(network.calls)
        network.revoked = True
        await anna.says("записаться")  # the poll that waits still brings it; the answer is refused
        await both.olga[alive].sees(f"{dead}: отправка остановлена", 20)
        if dead == "vk":
            network.longpoll.expire_key()
            network.world.emitted.ring()
        await both.until(lambda: both.shows(NETWORK.format(dead, "unauthorized")))
        await both.olga[alive].shows(sentence)
        await vera.opens("test_drive__flyer")
        await vera.sees("Здравствуйте")
        assert len(network.calls) - before < 15, "halted, not hammering"
        waiting = select(Outbox.to, Outbox.status, Outbox.role).where(
            Outbox.channel == dead, Outbox.status.not_in(("sent", "void", "superseded"))
        )
        kept = await _rows(both, waiting)
        assert (str(anna.id), "due") in [(row.to, row.status) for row in kept], kept

        await both.stop()
        network.revoked, network.token = False, network.token + "-new"
        await both.start()
        await anna.sees("Согласие на обработку")
        async with asyncio.timeout(10):
            while await _rows(both, waiting):
                await asyncio.sleep(0.01)
        assert len(told(anna, "Согласие на обработку")) == 1 and len(texts(anna)) == len(set(texts(anna)))


async def _rows(both: Both, wanted) -> list:
    async with both.database.read() as db:
        return list((await db.execute(wanted)).all())
