"""The law as requirements (THREATS, L): what is sent, stored and withheld, row by row."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.clock import HandClock
from bot.library import OneSet
from bot.new_flow import shipped
from dialogs.business import Decision
from dialogs.flow_set import FlowSet
from dialogs.lint_texts import names_used
from dialogs.reading import load
from dialogs.rules import texts_of
from storage.database import Database
from storage.tables import Answer, Consent, ConsentText, ContactPoint, FollowUp, Lead, Outbox, PromoCode
from tests import flow_folder, meridian
from tests.house import House
from tests.person_play import Play, Someone
from tests.test_threats_prospects import EVERYWHERE, agrees, count, one, short

PHONE, NAME = "+79051112233", "Анна Снегирёва"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
async def play(database: Database, clock: HandClock) -> Play:
    return await Play.begin(database, clock)


async def rows(play: Play, *where: Any) -> list[Outbox]:
    async with play.database.read() as db:
        return list(await db.scalars(select(Outbox).where(*where).order_by(Outbox.id)))


# ---------------------------------------------------------------- consents


@pytest.mark.parametrize("channel", EVERYWHERE)
async def test_L1_L2_L5_P44_P45_the_consent_stands_alone_and_what_was_shown_is_recorded(
    channel, sqlite_url, clock, tmp_path
):
    async with House.open(channel, sqlite_url, clock, short()) as house:
        anna = house.person("Анна")
        await anna.opens("tour")
        shown = await anna.sees("Даю согласие")
        assert shown.text == flow_folder.DATA.strip() and shown.buttons == [["Согласен", "Не согласен"]]
        await anna.says("Снегирёва, 8 905 111-22-33, перезвоните")  # before the consent: not kept anywhere (P44)
        again = await anna.sees("Даю согласие")
        assert await count(house, Lead) == 0 and await count(house, Answer) == 0 and house.desk is not None
        if channel != "web":  # the web's own screen keeps what its visitor typed, as the networks' do
            kept = b"".join(path.read_bytes() for path in tmp_path.rglob("leads.db*"))
            assert b"111-22-33" not in kept and "Снегирёва".encode() not in kept

        house.files = {**house.files, "consents/data.md": (flow_folder.DATA + "Новая редакция.\n").encode()}
        await house.restart()  # a new wording goes live between showing and tapping
        await anna.taps("Согласен", again)
        await anna.sees("текст согласия обновился")
        fresh = await anna.sees("Новая редакция")
        async with house.database.read() as db:
            (row,) = list(await db.scalars(select(Consent)))
            wording = await db.get(ConsentText, row.digest)
        assert (row.purpose, row.act, row.channel, row.at) == ("personal_data", "given", channel, clock.now())
        assert wording is not None and wording.text == shown.text, "what was shown is what was agreed to"
        assert row.shown_message_id == again.id and row.event_id
        await anna.taps("Согласен", fresh)
        await anna.sees("Куда хотите")
        assert await count(house, Consent, Consent.act == "given") == 2


async def test_L2_refusing_advertising_bars_nothing(play):
    anna = play.person("Анна", "778899001122")
    await anna.applies(PHONE, called=NAME)
    assert "реклам" in anna.last.text and len(anna.last.buttons[0]) == 2
    await anna.taps("Не согласен")
    assert "До встречи" in anna.last.text
    async with play.database.read() as db:
        acts = [(row.purpose, row.act) for row in await db.scalars(select(Consent).order_by(Consent.id))]
        assert acts == [("personal_data", "given"), ("advertising", "refused")]
        assert await db.scalar(select(Lead.status)) == "application"
        assert await db.scalar(select(func.count()).where(PromoCode.issued_at.is_not(None))) == 1


# ---------------------------------------------------------------- policy and purposes


@pytest.mark.parametrize("flow", sorted(meridian.flow_set().flows))
async def test_L6_the_policy_is_one_tap_away_from_the_first_message_on(play, flow):
    for channel in meridian.flow_set().business.published:
        if channel == "web":
            continue  # the same words; its pages show the link in their foot too
        anna = play.person("Анна", f"77889900{len(play.networks[channel].screens)}", channel)
        await anna.opens(flow)
        assert meridian.flow_set().business.policy in anna.screen[0].text


async def test_L6_whoever_comes_without_a_link_sees_the_policy_too(play):
    anna = play.person("Анна", "778899001122")
    await anna.opens("")
    assert meridian.flow_set().business.policy in anna.screen[0].text


def test_L6_an_author_who_forgets_the_policy_is_told():
    problems = flow_folder.problems("tour.yaml", ("\n      Ваши данные: {{ policy }}", ""))
    assert flow_folder.the_one(problems, "no-policy-link")
    for flow in shipped()[1].flows.values():
        assert all("policy" in names_used(text) for text in texts_of(flow.steps[0].text)), flow.flow


def test_L7_no_personal_datum_without_its_purpose_and_nothing_beside_the_questions(play):
    problems = flow_folder.problems("tour.yaml", ("    purpose: позвонить вам\n", ""))
    assert flow_folder.the_one(problems, "no-purpose").level == "error"
    for flow in shipped()[1].flows.values():
        assert [step.id for step in flow.steps if (step.answer or step.ask) and not step.purpose] == []


async def test_L7_what_is_kept_is_what_was_asked_and_each_is_told_with_its_purpose(play):
    anna = play.person("Анна из профиля", "778899001122")
    await anna.applies(PHONE, called=NAME)
    async with play.database.read() as db:
        kept = {answer.step for answer in await db.scalars(select(Answer))}
        points = [point.kind for point in await db.scalars(select(ContactPoint))]
    by_id = meridian.flow_set().flows["test_drive"].by_id
    assert kept and all(by_id[step].purpose for step in kept) and points == ["phone"]
    await anna.says("мои данные")
    told = "\n".join(anna.heard()[-3:])
    assert all(str(by_id[step].purpose).strip() in told for step in kept)


# ---------------------------------------------------------------- advertising


def switched(by: str | None) -> FlowSet:
    """The company's flows with advertising in Telegram switched on by somebody, or off."""
    flow_set = meridian.flow_set()
    decision = Decision(by=by, date=date(2026, 11, 22)) if by else None
    switches = flow_set.business.switches.model_copy(update={"telegram_advertising": decision})
    return replace(flow_set, business=flow_set.business.model_copy(update={"switches": switches}))


async def falls_silent(play: Play, anna: Someone, *, agreed: bool) -> None:
    """She has applied once, said yes or no to advertising, and stops in the middle of the other flow."""
    await anna.applies(PHONE, called=NAME)
    await anna.taps("Согласен" if agreed else "Не согласен")
    await anna.opens("courses")
    await anna.taps("Подобрать курс" if any("Подобрать курс" in b.label for r in anna.last.buttons for b in r) else
                    anna.last.buttons[0][0].label)  # fmt: skip
    assert await one_row(play, select(func.count()).where(FollowUp.status == "planned")) == 1


async def one_row(play: Play, query: Any) -> Any:
    async with play.database.read() as db:
        return await db.scalar(query)


@pytest.mark.parametrize(
    ("channel", "by", "agreed", "sent"),
    [
        ("vk", None, True, 1),
        ("vk", None, False, 0),
        ("telegram", None, True, 0),  # off until somebody signs for it (L30)
        ("telegram", "Ирина Соколова, директор", True, 1),
        ("telegram", "Ирина Соколова, директор", False, 0),
    ],
)
async def test_L27_L28_L30_an_advertisement_has_its_consent_its_stop_line_and_its_decision(
    play, channel, by, agreed, sent
):
    play.app.library = OneSet(switched(by))
    anna = play.person("Анна", "778899001122", channel)
    await falls_silent(play, anna, agreed=agreed)
    for span in (timedelta(minutes=21), timedelta(days=1), timedelta(days=2), timedelta(hours=1)):
        await play.forward(span)
    advertised = await rows(play, Outbox.kind == "advertising")
    assert [row.status for row in advertised] == ["sent"] * sent
    services = await rows(play, Outbox.kind == "service", Outbox.unsolicited)
    assert [row.status for row in services] == ["sent"] * 2, "what is about her own application goes on"
    reasons = {str(await one_row(play, select(FollowUp.reason).where(FollowUp.kind == "advertising")))}
    for row in advertised:
        consent = await one_row(play, select(Consent).where(Consent.id == row.consent_id))
        assert (consent.purpose, consent.act) == ("advertising", "given")
        assert "«стоп»" in row.body["text"] and row.unsolicited
    expected = "None" if sent else "advertising in Telegram is off" if agreed else "no consent to advertising"
    assert reasons == {expected}


async def test_L27_nothing_is_advertised_after_a_withdrawal_not_even_what_was_promised_before_it(play):
    anna = play.person("Анна", "778899001122", "vk")
    await falls_silent(play, anna, agreed=True)
    while not await rows(play, Outbox.kind == "advertising"):
        play.clock.forward(timedelta(hours=1))
        await play.app.pulse()  # promised; delivery has not got to it
        if not await rows(play, Outbox.kind == "advertising"):
            await play.app.delivery.drain()
    await anna.says("стоп")
    (row,) = await rows(play, Outbox.kind == "advertising")
    assert row.status == "cancelled" and not any(row.body["text"] in said for said in anna.heard())
    await play.forward(timedelta(days=10))
    assert len(await rows(play, Outbox.kind == "advertising")) == 1


def test_L28_a_flow_that_names_an_offer_to_the_silent_without_calling_it_advertising_is_told():
    problems = flow_folder.problems("tour.yaml", ("    kind: advertising\n", ""))
    assert flow_folder.the_one(problems, "advertising-as-service").level == "error"


def test_L30_the_decision_needs_a_name_and_a_date():
    for signed in ("{}", "true", "{by: Ирина}", '{date: "2026-11-22"}'):
        business = f"{flow_folder.BUSINESS}switches:\n  telegram_advertising: {signed}\n"
        assert load({**flow_folder.FILES, "business.yaml": business}).flow_set is None, signed


# ---------------------------------------------------------------- withdrawal


async def anna_hears_more(anna: Any) -> list[str]:
    """What was said to her after the withdrawal was confirmed; on the web that line itself goes after an hour."""
    await asyncio.sleep(0.2)
    said = [seen.text for seen in (await anna.read() if hasattr(anna, "read") else anna.screen)]
    last = next((place for place, text in enumerate(said) if "Согласие отозвано" in text), -1)
    return said[last + 1 :]


@pytest.mark.parametrize("channel", EVERYWHERE)
async def test_L8_P46_P48_withdrawing_is_as_easy_as_agreeing_in_every_channel(channel, sqlite_url, clock):
    async with House.open(channel, sqlite_url, clock, short()) as house:
        anna = house.person("Анна")
        await agrees(anna)
        await anna.says("отзываю согласие")
        await anna.shows("Согласие отозвано")
        await house.forward(timedelta(days=3))
        assert not await anna_hears_more(anna)
        assert await count(house, FollowUp, FollowUp.status == "planned") == 0
        assert await count(house, Answer) == 0 and await count(house, ContactPoint) == 0
        assert await one(house, select(Consent.act).order_by(Consent.id.desc())) == "withdrawn"
