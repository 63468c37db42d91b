"""The main job, end to end, over real sockets: a stranger writes, a manager gets a lead."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from storage.tables import ContactPoint, Identity, Lead, LeadEvent, Outbox, PromoCode
from tests.house import House

CHANNELS = ("telegram", "vk", "web")


@pytest.fixture(params=CHANNELS)
def channel(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def count(house: House, what: object) -> int:
    async with house.database.read() as db:
        return int(await db.scalar(select(func.count()).select_from(what)) or 0)  # type: ignore[arg-type]


async def walk_to_the_phone(anna, tag="test_drive__vk_ads__spring"):
    """From the link to the question about the phone."""
    await anna.opens(tag)
    await anna.sees("Здравствуйте")
    await anna.taps("Записаться")
    await anna.sees("Согласие на обработку персональных данных")
    await anna.taps("Согласен")
    await anna.sees("Какой автомобиль")
    await anna.taps("Кроссовер")
    await anna.sees("Когда вам удобно")
    await anna.says("на этой неделе")
    await anna.sees("Сколько лет вы за рулём")
    await anna.says("12")
    await anna.sees("свой автомобиль в зачёт")
    await anna.taps("Нет")
    await anna.sees("Как к вам обращаться")
    await anna.says("меня зовут Анна")
    await anna.sees("по какому номеру")


async def test_the_long_story(channel, database_url, clock):
    async with House.open(channel, database_url, clock) as house:
        anna, desk = house.person("Анна"), house.desk
        await anna.opens("test_drive__vk_ads__spring")
        await anna.sees("Здравствуйте")
        await anna.taps("Записаться")
        await anna.sees("Согласие на обработку персональных данных")
        await anna.taps("Согласен")
        await anna.sees("Какой автомобиль")

        await house.forward(timedelta(minutes=21))  # she falls silent
        await anna.sees("Продолжим?")
        await house.restart()  # and the process is restarted
        await anna.says("кроссовер")
        await anna.sees("Когда вам удобно")
        await anna.taps("На этой неделе")
        await anna.sees("Сколько лет вы за рулём")
        await anna.says("12")
        await anna.sees("свой автомобиль в зачёт")
        await anna.taps("Нет")
        await anna.sees("Как к вам обращаться")
        await anna.says("Анна")
        await anna.sees("по какому номеру")
        await anna.says("8 900 123")  # the wrong phone
        await anna.sees("по какому номеру")
        await anna.says("8 (900) 123-45-67")  # the right one
        await anna.sees("+7 900 123-45-67")
        await anna.taps("Всё верно")
        code = await anna.sees("Ваш промокод: SPRING-")

        card = await desk.sees("Анна")
        for part in ("+7 900 123-45-67", "vk_ads", "spring", "Кроссовер", code.text.split("промокод: ")[1][:13]):
            assert part in card.text
        await desk.taps_as(house.olga, "Беру", card)
        await desk.shows("взял(а) Ольга")
        await desk.replies_as(house.olga, card, "Здравствуйте, Анна! Ждём вас в субботу.")
        await anna.sees("Ждём вас в субботу")
        await anna.says("Спасибо, буду!")
        await desk.sees("Спасибо, буду!")
        await desk.taps_as(house.olga, "Сделка ✅", card)
        await desk.shows("сделка — Ольга")

        async with house.database.read() as db:
            lead = await db.scalar(select(Lead))
            assert (lead.status, lead.source, lead.campaign, lead.score) == ("won", "vk_ads", "spring", 55)
            done = [one.what for one in await db.scalars(select(LeadEvent).order_by(LeadEvent.id))]
            assert [one for one in done if one in ("consent", "application", "taken", "won")][-3:] == [
                "application",
                "taken",
                "won",
            ]
            cards = select(func.count()).where(Outbox.role == "card", Outbox.act == "say")
            assert await db.scalar(cards) == 1
            assert await db.scalar(select(func.count()).where(PromoCode.issued_at.is_not(None))) == 1
            touch = await db.scalar(select(Identity.first_touch).where(Identity.contact_id.is_not(None)))
            assert (touch["source"], touch["campaign"]) == ("vk_ads", "spring")
        assert await count(house, Lead) == 1


async def test_the_own_contact_button_is_attested_by_telegram(sqlite_url, clock):
    async with House.open("telegram", sqlite_url, clock) as house:
        anna = house.person("Анна")
        await walk_to_the_phone(anna)
        await anna.shares_phone("+79001234567")
        await anna.sees("Ваш промокод")
        await house.desk.sees("подтверждён")
        async with house.database.read() as db:
            assert await db.scalar(select(ContactPoint.verified)) == "own_contact"


async def test_P43_whoever_refuses_leaves_nothing_and_has_a_way_on(channel, sqlite_url, clock):
    async with House.open(channel, sqlite_url, clock) as house:
        anna = house.person("Анна")
        await anna.opens("test_drive")
        await anna.sees("Здравствуйте")
        await anna.taps("Записаться")
        await anna.sees("Согласие на обработку")
        await anna.taps("Не согласен")
        await anna.sees("Без согласия мы ничего о вас не записываем")
        assert await count(house, Lead) == 0 and await count(house, ContactPoint) == 0
        await anna.taps("Спросить человека")
        await anna.sees("Позвал менеджера")
        call = await house.desk.sees("человек")
        await anna.says("Можно без записи?")
        await house.desk.sees("Можно без записи?")
        await house.desk.replies_as(house.olga, call, "Да, приезжайте!")
        await anna.sees("Да, приезжайте!")


async def test_M8_ordinary_talk_in_the_managers_chat_reaches_nobody(channel, sqlite_url, clock):
    async with House.open(channel, sqlite_url, clock) as house:
        anna = house.person("Анна")
        await walk_to_the_phone(anna)
        await house.desk.writes_as(house.olga, "Кто сегодня на обеде?")
        await anna.sees_nothing()
