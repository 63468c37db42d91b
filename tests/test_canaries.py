"""A canary person, phone, mail and token go through everything that can go wrong; nothing written down sings (O1, I11).

The real process at its loudest in both networks at once, and the web's dialog in this one: dialog, odd inputs, poison,
errors of every kind, a manager's reply, a withdrawal. Then every file but the database, every number shown, every alarm
and every reason kept beside a parked event is searched.
"""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from sqlalchemy import select

from bot import logs
from bot.metrics import Metrics
from storage.database import Database
from storage.tables import Outbox, ParkedEvent
from tests.bot_process import nursery, settings_for
from tests.emulators.faults import Fault
from tests.emulators.telegram import SERVER_ERROR, BotApiError, TelegramEmulator
from tests.emulators.vk import VkEmulator
from tests.emulators.vk_errors import VkError
from tests.house import House

TOKEN = "7654321:AAcanary-token_of_a_bot-0123456789ab"
VK_TOKEN = "vk1.a.CaNaRy_token-of_a_community"
PHONE, TYPED, NAME, MAIL = "+79001234567", "8 (900) 123-45-67", "Канарейка", "canary@bird.example"
WORDS = "чижик-пыжик"
CANARIES = (TOKEN, TOKEN.split(":")[1], VK_TOKEN, PHONE, PHONE[2:], TYPED, "900 123-45-67", NAME, MAIL, WORDS)
EVERY_FORM = {form for one in CANARIES for form in (one, json.dumps(one)[1:-1], quote(one))}


def singing(what: bytes | str) -> list[str]:
    text = what if isinstance(what, str) else what.decode("utf-8", "replace")
    return sorted(form for form in EVERY_FORM if form in text)


async def lives_a_whole_story(anna: Any, desk: Any, olga: Any, *, lead: int = 1, pause: Any = lambda: None) -> None:
    """From the link to the code, with odd things on the way; then a word with a manager."""
    await anna.opens(f"test_drive__{PHONE[1:]}__x")
    await anna.sees("Здравствуйте", timeout=30)
    await anna.says(f"Я {NAME}, {TYPED}, {MAIL}, {WORDS}")
    await anna.sees("вариантов", timeout=20)
    pause()
    for label, answer in (("Записаться", "Согласие на обработку"), ("Согласен", "Какой автомобиль")):
        await anna.taps(label)
        await anna.sees(answer, timeout=20)
    await anna.sends("document")
    await anna.sees("Какой автомобиль", timeout=20)
    for said, answer in (
        ("седан", "Когда вам удобно"), ("на этой неделе", "за рулём"), ("7", "в зачёт"), ("нет", "обращаться"),
        (NAME, "по какому номеру"), (f"{WORDS} {MAIL}", "по какому номеру"), (TYPED, "Всё верно?"), ("да", "промокод"),
    ):  # fmt: skip
        pause()
        await anna.says(said)
        await anna.sees(answer, timeout=20)
    card = await desk.sees(f"№{lead}", timeout=20)
    assert NAME in card.text
    await asyncio.sleep(0.5)  # she reads it
    await desk.replies_as(olga, card, f"{NAME}, здравствуйте! {WORDS}")
    await anna.sees(WORDS, timeout=20)
    await anna.says(f"Пишите на {MAIL}, {WORDS}")
    await desk.sees(MAIL.partition("@")[0], timeout=20)


async def leaves(anna: Any) -> None:
    await anna.says("удалите мои данные")
    await anna.sees("Удалить", timeout=40)
    await anna.taps("Да, удалить всё")


@pytest.mark.timeout(120)
async def test_O1_I11_nothing_sings_after_both_networks_have_failed_in_every_way(
    tmp_path: Path, empty_sqlite_url: str
) -> None:
    async with TelegramEmulator(token=TOKEN) as telegram, VkEmulator(token=VK_TOKEN) as vk:
        networks = {
            name: (network, network.group(), network.person("Ольга"))
            for name, network in (("telegram", telegram), ("vk", vk))
        }
        env = settings_for(networks, empty_sqlite_url) | {"LOG_LEVEL": "DEBUG"}
        async with nursery(env, tmp_path / "bot.log") as bot:
            await bot.start()
            people = []
            for lead, (network, desk, olga) in enumerate(networks.values(), 1):
                await network.ready(timeout=40)
                people.append(network.person(NAME, "Птицына"))
                await lives_a_whole_story(people[-1], desk, olga, lead=lead)

            evil = {"message_id": "odd", "text": f"{NAME} {TYPED} {MAIL}", "from": {"id": people[0].id}, "date": 1}
            telegram.updates.push({"message": evil})
            telegram.updates.push_text(f'{{"update_id":{telegram.updates.next_id},"message":{{"text":"{NAME} {PHONE}')
            vk.world.push({"type": "message_new", "event_id": "p", "object": {"message": {"text": f"{NAME} {PHONE}"}}})
            refusal = BotApiError(400, f"Bad Request: {NAME} {PHONE} is not a text, {TOKEN}")
            for what in (refusal, SERVER_ERROR, Fault.GARBAGE, Fault.RESET_AFTER):
                telegram.faults.next("sendMessage", what)
            for what in (SERVER_ERROR, Fault.GARBAGE):
                telegram.faults.next("getUpdates", what)
            for what in (VkError(100, f"{NAME} {VK_TOKEN}"), VkError(10), Fault.GARBAGE):
                vk.faults.next("messages.send", what)
            for what in (Fault.SERVER_ERROR_HTML, Fault.GARBAGE, VkError(10)):
                vk.faults.next("a_check", what)
            for lead, ((_, desk, olga), person) in enumerate(zip(networks.values(), people, strict=True), 1):
                card = await desk.shows(f"№{lead}")
                for number in range(3):
                    await desk.replies_as(olga, card, f"{NAME}, ещё раз: {PHONE}, {MAIL}, {number}")
                await person.says(f"{WORDS} {TYPED}")
            await asyncio.sleep(2)
            await until_parked(empty_sqlite_url, 2)
            assert await reasons_sing(empty_sqlite_url, parked=2) == []  # before the erasure takes them
            shown = await _shown(int(bot.env["WEB_PORT"]))
            telegram.faults.clear()
            vk.faults.clear()
            for person in people:
                await leaves(person)
            await asyncio.sleep(1)
            shown += await _shown(int(bot.env["WEB_PORT"]))
            await bot.stop()
    assert "leadbot_happened" in shown and '"channels"' in shown and singing(shown) == []
    await nothing_sings(tmp_path, empty_sqlite_url)


async def _shown(port: int) -> str:
    """What /health and /metrics say to whoever asks from this machine."""
    told = ""
    async with aiohttp.ClientSession() as http:
        for path in ("health", "metrics"):
            async with http.get(f"http://127.0.0.1:{port}/{path}") as answer:
                told += await answer.text()
    return told


async def nothing_sings(folder: Path, url: str) -> None:
    """Every file but the database's own, and what the database says of failures."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(url.rpartition("/")[2])]
    assert files and sum(path.stat().st_size for path in files) > 1000
    assert {str(path): singing(path.name) + singing(path.read_bytes()) for path in files} == {
        str(path): [] for path in files
    }
    assert await reasons_sing(url) == []


async def until_parked(url: str, number: int) -> None:
    """Until so many events were given up."""
    database = Database(url)
    async with asyncio.timeout(30):
        while True:
            async with database.read() as db:
                if len(list(await db.scalars(select(ParkedEvent.id)))) >= number:
                    return await database.close()
            await asyncio.sleep(0.2)


async def reasons_sing(url: str, *, parked: int = 0) -> list[str]:
    """Alarms, and why events were parked."""
    database = Database(url)
    async with database.read() as db:
        alarms = [row.body["text"] for row in await db.scalars(select(Outbox).where(Outbox.role == "alarm"))]
        errors = [row.error for row in await db.scalars(select(ParkedEvent))]
    await database.close()
    assert len(errors) >= parked and (alarms or not parked)
    return [text for text in (*alarms, *errors) if singing(text)]


async def test_O1_I11_nothing_sings_after_a_dialog_on_the_web(tmp_path: Path, sqlite_url: str, clock: Any) -> None:
    root, level = logging.getLogger(), logging.getLogger(logs.OURS).level
    before = root.handlers[:], root.level
    with (tmp_path / "bot.log").open("w") as stream:
        logs.configure(form="json", level="DEBUG", secrets=[TOKEN], stream=stream)
        try:
            async with House.open("web", sqlite_url, clock) as house:
                anna = house.person("Анна")
                logging.getLogger("leadbot.test").info("x" * 1000)
                await lives_a_whole_story(
                    anna, house.desk, house.olga, pause=lambda: clock.forward(timedelta(seconds=5))
                )
                metrics = Metrics()
                await metrics.look(house.database, now=clock.now())
                await leaves(anna)
                await anna.shows("данные удалены")
                assert singing(metrics.render()) == [] and singing(str(house.reports)) == []
        finally:
            root.handlers[:], root.level = before
            logging.getLogger(logs.OURS).setLevel(level)
            logging.captureWarnings(False)
    await nothing_sings(tmp_path, sqlite_url)
