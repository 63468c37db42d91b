"""What happens in a managers' chat (THREATS, M): over the wire, with the networks' own limits."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.clock import HandClock
from bot.stage import Stage
from dialogs import engine
from dialogs.capabilities import CHANNELS
from dialogs.conversation import Conversation, Known
from dialogs.effects import Say
from dialogs.events import Started, Tapped
from dialogs.flow_set import FlowSet
from dialogs.reading import load
from storage import managers
from storage.tables import Lead, LeadEvent
from tests import flow_folder
from tests.conftest import NOON
from tests.emulators.faults import Fault
from tests.house import House
from tests.test_threats_prospects import MESSENGERS, NAME, NIGHTS, agrees, count, one, short, until


async def applies(anna: Any, *, called: str = "Анна") -> None:
    await agrees(anna)
    for said, answer in (("к морю", NIGHTS), ("7", NAME), (called, "телефон"), ("8 900 123-45-67", "Всё верно?")):
        await anna.says(said)
        await anna.sees(answer)
    await anna.taps("Всё верно")
    await anna.sees("Спасибо")


@pytest.mark.parametrize("channel", MESSENGERS)
async def test_M1_M5_M6_M7_M8_one_lead_two_managers_and_a_guest(channel, sqlite_url, clock):
    async with House.open(channel, sqlite_url, clock, short()) as house:
        anna, guest, oleg = house.person("Анна"), house.person("Гость"), house.person("Олег")
        async with house.database.write() as db:
            await managers.add_manager(db, channel=channel, external_id=str(oleg.id), name="Олег", now=clock.now())
        desk, olga = house.desk, house.olga
        await applies(anna)
        card = await desk.sees("Анна")

        await desk.taps_as(guest, "Беру", card)  # M1
        await until(lambda: _true(guest.alerts))
        assert "только для менеджеров" in guest.alerts[0]
        await desk.replies_as(guest, card, "Анна, переведите предоплату")
        await desk.sees("только менеджеры из списка")
        assert await one(house, select(Lead.status)) == "application"
        assert await count(house, LeadEvent, LeadEvent.what == "refused") == 1

        await desk.taps_as(oleg, "Беру", card)  # M5
        await desk.taps_as(olga, "Беру", card)
        await desk.shows("взял(а) Олег")
        await until(lambda: _true(olga.alerts))
        assert "Олег" in olga.alerts[-1] and "12:0" in olga.alerts[-1]
        assert await count(house, LeadEvent, LeadEvent.what == "taken") == 1

        await desk.taps_as(oleg, "Сделка ✅", card)
        await desk.shows("сделка — Олег")
        await desk.taps_as(oleg, "Отменить", card)  # M7
        await desk.shows("взял(а) Олег")
        assert await one(house, select(Lead.status)) in ("taken", "in_work")
        assert await count(house, LeadEvent, LeadEvent.what == "won", LeadEvent.undone_at.is_not(None)) == 1
        await desk.taps_as(oleg, "Сделка ✅", card)
        await desk.shows("сделка — Олег")
        house_press(house, olga, card, "#1.take")  # M6: an old client still shows the button
        await until(lambda: _true(len(olga.alerts) > 1))
        assert await one(house, select(Lead.status)) == "won"
        await desk.writes_as(olga, "Анна хорошая, но капризная")  # M8
        await anna.sees_nothing(0.2)


async def _true(thing: Any) -> bool:
    return bool(thing)


def house_press(house: House, who: Any, card: Any, key: str) -> None:
    world, desk = house.network.world, house.desk
    if house.name == "telegram":
        world.pressed(desk.chat, desk.chat.find(int(card.id)), who.id, key)
    else:
        world.pressed(who.id, desk.dialogue.find(int(card.id)), {"k": key})


@pytest.mark.parametrize("channel", MESSENGERS)
async def test_M13_M14_M15_a_card_survives_its_network(channel, sqlite_url, clock):
    async with House.open(
        channel, sqlite_url, clock, short(("    answer: name\n", "    answer: text\n    pause: 0\n"))
    ) as house:
        anna, desk, network = house.person("Анна"), house.desk, house.network
        await agrees(anna)
        for said, answer in (("к морю", NIGHTS), ("7", NAME), ("Ж" * 3900, "телефон"), ("8 900 123-45-67", "верно?")):
            await anna.says(said)
            await anna.sees(answer)
        method = "sendMessage" if channel == "telegram" else "messages.send"
        for nth in (1, 2, 3):  # what Anna reads and the card: taken, and nobody hears of it
            network.faults.nth(method, nth, Fault.RESET_AFTER)
        await anna.taps("Всё верно")
        await desk.shows("+7 900 123-45-67")
        for _ in range(6):  # what is unclear is cleared up in its own time
            await house.forward(timedelta(seconds=20))
            await asyncio.sleep(0.1)
        card = await desk.sees("+7 900 123-45-67", timeout=10)
        assert len(card.text) <= CHANNELS[channel].text and "ЖЖЖ…" in card.text  # M15
        copies = [seen for seen in desk.screen if "№1" in seen.text]
        assert len(copies) == (2 if channel == "telegram" else 1), "Telegram knows no repeats: one more at most"
        assert "Повтор" in copies[-1].text or channel == "vk"
        await desk.taps_as(house.olga, "Показать целиком", copies[-1])
        await desk.sees("ЖЖЖЖ")

        network.faults.clear()
        if channel == "telegram":  # M14: somebody has deleted the card; VK lets nobody edit after a day
            for message in desk.chat.messages.values():
                message.deleted = message.deleted or (message.from_bot and str(message.id) == copies[-1].id)
        else:
            network.forward(timedelta(hours=30))
        house_press(house, house.olga, copies[-1] if channel == "vk" else copies[0], "#1.take")
        fresh = await desk.sees("взял(а) Ольга", timeout=8)
        assert fresh.id not in [seen.id for seen in copies]


# ---------------------------------------------------------------- M16

IDS = st.from_regex(r"[a-z][a-z0-9_]{0,31}", fullmatch=True)


def sound(step: str, flow: str) -> FlowSet | None:
    text = flow_folder.FLOW.replace("where", step).replace("flow: tour", f"flow: {flow}")
    business = flow_folder.BUSINESS.replace("tour", flow).replace("step: hello", "step: hello")
    files = {**flow_folder.FILES, f"{flow}.yaml": text, "business.yaml": business}
    del files["tour.yaml"]
    return load(files, version=1).flow_set


@settings(max_examples=25)
@given(step=IDS, flow=IDS, version=st.integers(1, 2**31), run=st.integers(1, 2**31))
def test_M16_no_button_of_any_flow_carries_more_than_64_ascii_bytes(step, flow, version, run):
    """Names as long as the loader lets them be, versions and runs beyond any life."""
    flow_set = sound(step, flow)
    if flow_set is None:
        return  # the loader refused the name: then nothing of it is ever shown
    script = flow_set.script(flow)
    script = type(script)(version, script.flow, script.business, script.consents)
    known = Known(channel="telegram", profile_name="Анна", consents={"personal_data": "other"}, left={}, open_now=True,
                  opens_at=None)  # fmt: skip
    at, shown = Conversation(flow, version, run=run), 0
    for one_step in script.flow.steps:
        standing = Conversation(flow, version, run=run, step=one_step.id)
        turn = engine.advance(script, standing, Tapped("forged"), now=NOON, known=known)
        for say in (effect for effect in turn.effects if isinstance(effect, Say)):
            for button in say.buttons:
                shown += 1
                assert len(button.key.encode()) <= 64 and button.key.isascii(), button.key
    assert shown >= 5 and engine.advance(script, at, Started(), now=NOON, known=known).effects


def test_M16_names_that_would_not_fit_are_refused_by_the_loader():
    for path in ("step", "flow"):
        long = "s" * 64
        flow_set = sound(long, "tour") if path == "step" else sound("where", long)
        assert flow_set is None


async def test_M16_what_is_really_shown_in_a_whole_dialog_fits():
    flow_set = load(flow_folder.FILES, version=1).flow_set
    assert flow_set is not None
    stage = await Stage.open(flow_set, flow="tour", start=HandClock(NOON).now())
    await stage.opens()
    for said in ("согласен", "к морю", "7", "Анна", "8 900 123-45-67", "да", "менеджер"):
        await stage.says(said)
    keys = [b.key for shown in (*stage.prospect, *stage.managers) for row in shown.buttons for b in row]
    await stage.close()
    assert len(keys) > 5 and all(len(key.encode()) <= 64 and key.isascii() for key in keys)
