"""What admins ask of the bot, in private: the team, invitations, the day."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from handlers.admin import BAD_CODE, IN_TEAM
from handlers.day_text import day_of
from handlers.inbound import Press, Start
from storage import leads, managers
from storage.database import Database
from storage.tables import Conversation, Invite, Outbox
from storage.today import count_day
from tests.desk import ADMIN, BUSINESS, GUEST, OLEG, OLGA, Office, Person

IVAN = Person("vk", "31", "Иван")


@pytest.fixture
async def office(sqlite_url, clock):
    database = Database(sqlite_url, durable=False)
    yield await Office(database, clock).open()
    await database.close()


async def code_from(office):
    await office.private(ADMIN, "/invite")
    found = re.search(r"/join (\S+)", (await office.last(ADMIN)).text)
    assert found
    return found[1]


async def team(office):
    async with office.database.write() as db:
        return [one.name for one in await managers.team(db)]


# ---------------------------------------------------------------- joining


async def test_M3_an_invited_employee_joins_by_the_code(database, clock):
    office = await Office(database, clock).open()
    code = await code_from(office)
    assert await office.private(IVAN, f"/join {code}")
    assert "Иван" in await team(office)
    assert (await office.last(IVAN)).text.startswith("Готово, Иван!")
    assert (await office.last(ADMIN)).text == "Иван теперь в команде: код принят."
    case = await office.anna()
    assert await office.press(IVAN, f"#{case.lead_id}.take") == "Заявка №1 ваша."


@pytest.mark.parametrize("shape", ["{}", " {} ", "{}-", "lower"])
async def test_the_code_is_understood_as_people_type_it(office, shape):
    code = await code_from(office)
    typed = code.lower() if shape == "lower" else shape.format(code)
    await office.private(IVAN, f"/join {typed}")
    assert "Иван" in await team(office)


async def test_the_code_works_as_a_start_link(office):
    code = await code_from(office)
    assert await office.private(IVAN, Start(f"join_{code}"))
    assert "Иван" in await team(office)


async def test_M3_a_code_works_once(office):
    code = await code_from(office)
    await office.private(IVAN, f"/join {code}")
    await office.private(GUEST, f"/join {code}")
    assert (await office.last(GUEST)).text == BAD_CODE
    assert GUEST.name not in await team(office)
    assert office.counts["refused_join"] == 1


async def test_M3_two_at_once_with_one_code(database, clock):
    office = await Office(database, clock).open()
    code = await code_from(office)
    await asyncio.gather(office.private(IVAN, f"/join {code}"), office.private(GUEST, f"/join {code}"))
    assert len({"Иван", "Гость"} & set(await team(office))) == 1


async def test_M3_a_code_lives_a_day(office, clock):
    code = await code_from(office)
    clock.forward(timedelta(hours=24))
    await office.private(IVAN, f"/join {code}")
    assert (await office.last(IVAN)).text == BAD_CODE
    assert "Иван" not in await team(office)


async def test_P13_a_guess_is_refused_kindly_and_counted(office):
    for guess in ("AAAAAAAAAA", "' OR 1=1 --", "я" * 500, "\ud800"):
        assert await office.private(GUEST, f"/join {guess}")
    assert office.counts["refused_join"] == 4
    assert (await office.last(GUEST)).text == BAD_CODE


async def test_the_code_itself_is_kept_nowhere_but_in_its_message(office):
    code = await code_from(office)
    (invite,) = await office.all_of(Invite)
    assert invite.digest == sha256(code.encode()).hexdigest()
    assert re.fullmatch(r"[A-Z2-9]{10}", code)
    assert await code_from(office) != code


async def test_a_manager_does_not_spend_a_code(office):
    code = await code_from(office)
    await office.private(OLGA, f"/join {code}")
    assert (await office.last(OLGA)).text == IN_TEAM
    await office.private(IVAN, f"/join {code}")
    assert "Иван" in await team(office)


async def test_somebody_removed_may_be_invited_again(office):
    await office.private(ADMIN, "/team remove 1")
    assert await team(office) == ["Олег", "Вера"]
    await office.private(OLGA, f"/join {await code_from(office)}")
    assert await team(office) == ["Ольга", "Олег", "Вера"]


# ---------------------------------------------------------------- who may


@pytest.mark.parametrize("command", ["/invite", "/team", "/team remove 1", "/today"])
async def test_M17_commands_of_admins_are_plain_words_from_anybody_else(office, command):
    for who in (GUEST, OLGA, Person("vk", ADMIN.id, "Борис")):
        assert not await office.private(who, command)
    assert await office.all_of(Outbox) == []
    assert await office.all_of(Invite) == []
    assert len(await team(office)) == 3


async def test_P58_an_admin_who_talks_as_a_prospect_is_one(office):
    for said in ("Здравствуйте", "/start", "", Start("drive__vk_ads")):
        assert not await office.private(ADMIN, said)


async def test_anybody_learns_their_own_id(office):
    assert await office.private(GUEST, "/id")
    assert (await office.last(GUEST)).text.splitlines()[-1] == "В настройке ADMINS: telegram:99"


# ---------------------------------------------------------------- the team


async def test_the_team_is_listed_and_somebody_is_removed_by_a_button(office):
    await office.private(ADMIN, "/team")
    listed = await office.last(ADMIN)
    assert [line for line in listed.text.splitlines() if " · " in line] == [
        "1. Ольга · telegram",
        "2. Олег · telegram",
        "3. Вера · vk",
    ]
    await office.private(ADMIN, Press(listed.key("Убрать: Олег"), query="q"))
    assert await team(office) == ["Ольга", "Вера"]
    assert office.alerts[-1].startswith("Олег больше не в команде")
    assert "Олег" not in (await office.last(ADMIN)).text


async def test_P12_a_forged_press_on_the_team_removes_nobody(office):
    await office.private(OLGA, Press("!team.remove.2", query="q"))
    assert office.alerts == [""]
    await office.private(ADMIN, Press("!team.remove.x", query="q"))
    await office.private(ADMIN, Press("!team.remove.77", query="q"))
    assert await team(office) == ["Ольга", "Олег", "Вера"]


async def test_a_large_team_fits_the_smallest_keyboard(office):
    async with office.work() as work:
        for number in range(40):
            await managers.add_manager(
                work.db, channel="vk", external_id=f"5{number}", name="Александра " * 8, now=work.now
            )
    await office.private(ADMIN, "/team")
    listed = await office.last(ADMIN)
    assert len(listed.labels) <= 10
    assert len(listed.buttons) <= 6
    assert max(map(len, listed.labels)) <= 40
    assert len(listed.text) <= 4096


# ---------------------------------------------------------------- the day


async def test_today_counts_the_day_by_source(database, clock):
    office = await Office(database, clock).open()
    anna = await office.anna()
    boris = await office.agree(await office.prospect("vk", "777"))
    await office.prospect("vk", "778")
    async with office.work() as work:
        _, talk = await office.rows(work, boris)
        talk.source = "flyer"
        (await leads.get_lead(work.db, boris.lead_id)).source = "flyer"
    await office.tap(OLGA, "Беру")
    await office.tap(OLGA, "Сделка ✅")
    assert await office.private(ADMIN, "/today")
    assert (await office.last(ADMIN)).text.splitlines() == [
        "📊 Сегодня, 23 ноября",
        "",
        "Начали разговор: 3",
        "Дали согласие: 2",
        "Заявки: 1",
        "Взяты в работу: 1",
        "Сделки: 1",
        "Отказы: 0",
        "Мусор: 0",
        "",
        "По источникам:",
        "• vk_ads: начали 2, согласие 1, заявки 1, взяты 1, сделки 1",
        "• flyer: начали 1, согласие 1",
    ]
    assert anna.lead_id


async def test_today_does_not_count_what_was_taken_back_or_applied_again(office):
    case = await office.anna()
    await office.apply(case)
    for label in ("Беру", "Отменить", "Отказ", "Дорого", "Отменить", "Спам/мусор", "Шутка"):
        await office.tap(OLEG, label)
    await office.private(ADMIN, "/today")
    text = (await office.last(ADMIN)).text
    assert "Заявки: 1\nВзяты в работу: 0\nСделки: 0\nОтказы: 0\nМусор: 1" in text


async def test_today_is_the_business_day_not_the_servers(office, clock):
    await office.anna()  # at noon in Moscow
    clock.forward(timedelta(hours=12))  # Moscow's midnight, nine in the evening in UTC
    await office.private(ADMIN, "/today")
    assert (await office.last(ADMIN)).text == "📊 Сегодня, 24 ноября\n\nПока никто не писал."


def test_T4_a_day_is_from_midnight_to_midnight_where_the_business_is():
    since, until = day_of(datetime(2026, 11, 23, 22, 30, tzinfo=UTC), BUSINESS.zone)
    assert since.astimezone(UTC) == datetime(2026, 11, 23, 21, tzinfo=UTC)
    assert until.astimezone(UTC) == datetime(2026, 11, 24, 21, tzinfo=UTC)


async def test_today_with_many_sources_is_still_readable(office, clock):
    await office.prospect()
    async with office.work() as work:
        for number in range(50):
            work.db.add(
                Conversation(
                    identity_id=1, flow=f"flow{number}", version=1, state={}, source=f"{'s' * 60}{number}",
                    campaign="", started_at=work.now, touched_at=work.now,
                )
            )  # fmt: skip
    await office.private(ADMIN, "/today")
    text = (await office.last(ADMIN)).text
    assert "… и ещё источников: 31" in text
    assert len(text) < 2500


async def test_an_empty_day_counts_nothing(database, clock):
    async with database.write() as db:
        day = await count_day(db, since=clock.now(), until=clock.now() + timedelta(days=1))
    assert day.by_source == {}
