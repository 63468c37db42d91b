"""What managers do in their chat: press, answer, talk. Rights are asked at every press."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from handlers import manager
from handlers.inbound import Elsewhere, Press, Text
from handlers.manager import GONE, OLD, REFUSED
from handlers.work import Work
from storage import follow_ups, leads, managers
from storage.consents import withdraw
from storage.database import Database
from storage.lead_facts import points_of
from storage.outbox import promise
from storage.tables import Contact, Conversation, FollowUp, Identity, LeadEvent, Manager, Outbox
from tests.desk import ADMIN, GROUP, GUEST, LIBRARY, OLEG, OLGA, TALK, VERA, WEB, Office, Person

ANNA = ("telegram", "501")
DESK_PERSON = Person("web", "desk", "")


@pytest.fixture
async def office(sqlite_url, clock):
    database = Database(sqlite_url, durable=False)
    yield await Office(database, clock).open()
    await database.close()


async def sent_to(office, who=ANNA):
    """What went to the prospect."""
    return [row.body["text"] for row in await office.all_of(Outbox) if (row.channel, row.to) == who]


def first_line(message):
    return message.text.splitlines()[0]


# ---------------------------------------------------------------- the way of a lead


async def test_from_a_new_card_to_a_deal(database, clock):
    office = await Office(database, clock, (GROUP, TALK)).open()
    case = await office.anna()
    assert (await office.card()).labels == ["Беру", "Сделка ✅", "Отказ", "Спам/мусор"]

    assert await office.tap(OLGA, "Беру") == "Заявка №1 ваша."
    assert first_line(await office.card()) == "🟡 Заявка №1 · Тест-драйв · взял(а) Ольга в 12:00"

    clock.forward(timedelta(minutes=5))
    assert await office.tap(OLGA, "Не ответил") == "Отметил: не ответил."
    clock.forward(timedelta(minutes=30))
    assert await office.tap(OLGA, "Дозвонились") == "Отметил: дозвонились."
    card = await office.card(TALK)
    assert first_line(card) == "🟠 Заявка №1 · Тест-драйв · в работе, Ольга в 12:00"
    assert "☎️ Звонки: не ответил 12:05, дозвонились 12:35" in card.text
    assert "📞 +7 900 123-45-67 — дозвонились" in card.text

    assert await office.tap(VERA, "Сделка ✅", TALK) == "Сделка! Отменить можно в течение минуты."
    assert first_line(await office.card()) == "✅ Заявка №1 · Тест-драйв · сделка — Вера в 12:35"
    lead = await office.lead(case)
    assert (lead.status, lead.closed_at) == ("won", clock.now())
    told = [(event.what, event.channel) for event in await office.history(case) if event.manager_id]
    assert told == [("taken", "telegram"), ("no_answer", "telegram"), ("reached", "telegram"), ("won", "vk")]


@pytest.mark.parametrize(
    ("label", "verified"),
    [("Не тот человек", "wrong_person"), ("Нет такого номера", "no_such_number"), ("Дозвонились", "call")],
)
async def test_the_result_of_a_call_says_how_good_the_number_is(office, clock, label, verified):
    await office.anna()
    await office.tap(OLGA, "Беру")
    await office.tap(OLGA, label)
    async with office.work() as work:
        (point,) = (await points_of(work.db, [1]))[1]
        assert (point.verified, point.verified_at) == (verified, clock.now())


async def test_a_call_that_nobody_answered_says_nothing_about_the_number(office):
    await office.anna()
    await office.tap(OLGA, "Беру")
    await office.tap(OLGA, "Не ответил")
    async with office.work() as work:
        assert ((await points_of(work.db, [1]))[1])[0].verified is None


async def test_a_lead_without_a_phone_has_no_call_buttons(office):
    await office.anna(phone=None)
    await office.tap(OLGA, "Беру")
    assert (await office.card()).labels == ["Сделка ✅", "Отказ", "Спам/мусор", "Отменить"]


@pytest.mark.parametrize(
    ("label", "reason", "status", "title"),
    [
        ("Отказ", "Передумали", "lost", "⚪ Заявка №1 · Тест-драйв · отказ: Передумали — Ольга в 12:00"),
        ("Спам/мусор", "Шутка", "junk", "🗑 Заявка №1 · Тест-драйв · мусор: Шутка — Ольга в 12:00"),
    ],
)
async def test_a_lead_that_came_to_nothing_is_closed_with_a_reason_of_the_business(
    office, label, reason, status, title
):
    case = await office.anna()
    await office.tap(OLGA, label)
    card = await office.card()
    assert card.labels[-1] == "Назад"
    assert reason in card.labels
    assert (await office.lead(case)).status == "application", "not before a reason is chosen"
    await office.tap(OLGA, reason)
    lead = await office.lead(case)
    assert (lead.status, lead.reason) == (status, reason)
    assert first_line(await office.card()) == title


async def test_back_from_the_reasons_changes_nothing(office):
    case = await office.anna()
    before = await office.card()
    await office.tap(OLGA, "Отказ")
    await office.tap(OLGA, "Назад")
    after = await office.card()
    assert (after.text, after.labels) == (before.text, before.labels)
    assert (await office.lead(case)).status == "application"


async def test_reasons_open_only_in_the_card_that_was_pressed(sqlite, clock):
    office = await Office(sqlite, clock, (GROUP, TALK)).open()
    await office.anna()
    await office.tap(OLGA, "Отказ")
    assert "Дорого" in (await office.card(GROUP)).labels
    assert "Беру" in (await office.card(TALK)).labels


async def test_a_reason_that_is_no_longer_in_the_list_is_asked_again(office):
    case = await office.anna()
    assert await office.press(OLGA, f"#{case.lead_id}.lost.0") == "Список причин изменился, выберите ещё раз."
    assert (await office.lead(case)).status == "application"


async def test_I7_a_closed_lead_is_not_reminded_of_anything(office, clock):
    case = await office.anna()
    async with office.work() as work:
        follow_ups.plan(
            work.db, conversation_id=case.conversation_id, rule=0, kind="service",
            due_at=work.now + timedelta(days=1), silent_since=work.now,
        )  # fmt: skip
    await office.tap(OLGA, "Сделка ✅")
    (planned,) = await office.all_of(FollowUp)
    assert planned.status == "cancelled"


# ---------------------------------------------------------------- who may


async def test_M1_a_press_by_a_stranger_is_refused_and_recorded_without_their_name(office):
    case = await office.anna()
    assert await office.tap(GUEST, "Беру") == REFUSED
    assert (await office.lead(case)).status == "application"
    assert office.counts["refused_press"] == 1
    refused = (await office.history(case))[-1]
    assert (refused.what, refused.detail, refused.manager_id) == ("refused", {}, None)
    assert not [row for row in await office.all_of(Manager) if row.name == GUEST.name]


async def test_M1_the_same_id_in_another_network_is_somebody_else(office):
    case = await office.anna()
    assert await office.press(Person("vk", OLGA.id, "Ольга"), f"#{case.lead_id}.take") == REFUSED


async def test_M2_M19_the_rights_of_a_removed_manager_end_at_once(office):
    case = await office.anna()
    await office.private(ADMIN, f"/team remove {await number_of(office, OLGA)}")
    assert await office.tap(OLGA, "Беру") == REFUSED
    await office.reply(OLGA, "Здравствуйте", await office.card())
    assert await sent_to(office) == []
    assert (await office.lead(case)).status == "application"


async def number_of(office, who):
    return next(row.id for row in await office.all_of(Manager) if row.external_id == who.id)


async def test_P58_an_admin_is_a_manager_but_only_while_in_ADMINS(office):
    case = await office.anna()
    assert await office.tap(ADMIN, "Беру") == "Заявка №1 ваша."
    assert "взял(а) Борис" in (await office.card()).text
    async with office.database.write() as db:
        work = Work(db, office.clock.now(), LIBRARY, office.desks, frozenset())  # taken out of ADMINS
        await manager.hear(work, office.inbound(ADMIN, GROUP.chat, Press(f"#{case.lead_id}.undo", query="q")), GROUP)
        assert [notice.text for notice in work.notices] == [REFUSED]


async def test_the_private_desk_of_the_web_may_act(sqlite, clock):
    office = await Office(sqlite, clock, (WEB,)).open()
    case = await office.anna()
    assert await office.tap(DESK_PERSON, "Беру", WEB) == "Заявка №1 ваша."
    assert (await office.lead(case)).status == "taken"


async def test_a_visitor_of_the_web_is_not_the_desk(sqlite, clock):
    office = await Office(sqlite, clock, (WEB,)).open()
    case = await office.anna()
    assert await office.press(Person("web", "visitor-1", ""), f"#{case.lead_id}.take", WEB) == REFUSED


async def test_M4_an_anonymous_admin_does_nothing(office):
    case = await office.anna()
    await office.hears(Person("telegram", "", ""), Elsewhere("anonymous"))
    assert len(await office.screen()) == 1
    assert (await office.lead(case)).status == "application"


# ---------------------------------------------------------------- who was first


async def test_M5_the_second_to_press_is_told_who_was_first_and_when(office, clock):
    case = await office.anna()
    before = await office.card()
    await office.tap(OLGA, "Беру")
    clock.forward(timedelta(minutes=3))
    assert await office.press(OLEG, before.key("Беру")) == "Уже взял(а) Ольга в 12:00."
    assert await office.press(OLGA, before.key("Беру")) == "Вы уже взяли эту заявку."
    lead = await office.lead(case)
    assert (lead.status, lead.manager_id) == ("taken", await number_of(office, OLGA))
    assert [event.what for event in await office.history(case)].count("taken") == 1


async def test_M5_two_presses_in_one_moment(database, clock):
    office = await Office(database, clock).open()
    case = await office.anna()
    key = (await office.card()).key("Беру")
    await asyncio.gather(office.press(OLGA, key), office.press(OLEG, key))
    assert sorted(alert.split()[0] for alert in office.alerts) == ["Заявка", "Уже"]
    assert [event.what for event in await office.history(case)].count("taken") == 1


async def test_M6_a_press_on_a_closed_lead_changes_nothing_and_redraws_the_card(office):
    case = await office.anna()
    old = await office.card()
    await office.tap(OLGA, "Беру")
    taken = await office.card()
    await office.tap(OLGA, "Сделка ✅")
    edits = (await office.card()).edits
    presses = [old.key("Беру"), taken.key("Не ответил"), taken.key("Отказ"), taken.key("Сделка ✅")]
    for key in presses:
        assert (await office.press(OLEG, key)).startswith("Заявка уже закрыта: сделка")
    lead = await office.lead(case)
    assert (lead.status, lead.reason) == ("won", None)
    assert (await office.card()).edits == edits + len(presses)
    assert first_line(await office.card()).startswith("✅")


async def test_M6_a_press_on_an_erased_lead_empties_the_card(office):
    case = await office.anna()
    key = (await office.card()).key("Беру")
    async with office.work() as work:
        lead = await leads.get_lead(work.db, case.lead_id)
        contact = await work.db.get_one(Contact, lead.contact_id)
        (point,) = (await points_of(work.db, [contact.id]))[contact.id]
        await work.db.delete(point)
        await work.db.flush()
        lead.contact_id = None
        await work.db.delete(contact)
    assert await office.press(OLGA, key) == GONE
    assert (await office.card()).text.startswith("🗑 Заявка №1: данные удалены")
    assert (await office.lead(case)).status == "application"


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("#999.take", GONE),
        ("#1.dance", OLD),
        ("#1", OLD),
        ("#", GONE),
        ("#x.take", GONE),
        ("#c999.bot", GONE),
        ("#cx.bot", GONE),
        ("#²", GONE),
        ("#" + "9" * 60 + ".take", GONE),
        ("#1.lost.' OR 1=1", "Список причин изменился, выберите ещё раз."),
    ],
)
async def test_P12_a_forged_key_is_only_a_key(office, key, told):
    case = await office.anna()
    assert await office.press(OLGA, key) == told
    assert (await office.lead(case)).status == "application"


async def test_every_press_ends_its_spinner_and_only_where_one_spins(office):
    case = await office.anna()
    for who, key in ((OLGA, "#1.take"), (GUEST, "#1.won"), (OLGA, "#1.lost"), (OLGA, "#9.won")):
        await office.press(who, key)
    assert len(office.alerts) == 4
    assert max(len(alert) for alert in office.alerts) <= 90
    await office.hears(OLGA, Press("#1.won", query=None))
    assert len(office.alerts) == 4
    assert (await office.lead(case)).status == "won"


# ---------------------------------------------------------------- a minute to think again


async def test_M7_a_wrong_tap_is_taken_back_and_both_stay_in_the_history(office, clock):
    case = await office.anna()
    await office.tap(OLGA, "Беру")
    await office.tap(OLGA, "Нет такого номера")
    clock.forward(timedelta(seconds=50))
    assert await office.tap(OLGA, "Отменить") == "Отменил."
    assert "📞 +7 900 123-45-67 — вписан вручную" in (await office.card()).text
    assert "☎️" not in (await office.card()).text
    assert await office.tap(OLGA, "Отменить") == "Отменил.", "and the one before it"
    assert first_line(await office.card()) == "🟢 Новая заявка №1 · Тест-драйв"
    lead = await office.lead(case)
    assert (lead.status, lead.manager_id, lead.taken_at) == ("application", None, None)
    history = [(event.what, event.undone_at is not None) for event in await office.history(case)]
    assert history[-4:] == [("taken", True), ("no_such_number", True), ("undone", False), ("undone", False)]
    assert "Отменить" not in (await office.card()).labels


async def test_M7_a_closed_lead_can_be_opened_again_within_the_minute(office, clock):
    case = await office.anna()
    await office.tap(OLGA, "Спам/мусор")
    await office.tap(OLGA, "Спам")
    await office.tap(OLGA, "Отменить")
    lead = await office.lead(case)
    assert (lead.status, lead.reason, lead.closed_at) == ("application", None, None)
    assert await office.tap(OLEG, "Беру") == "Заявка №1 ваша."


async def test_M7_after_the_minute_it_is_too_late(office, clock):
    case = await office.anna()
    await office.tap(OLGA, "Сделка ✅")
    clock.forward(timedelta(seconds=61))
    assert await office.tap(OLGA, "Отменить") == "Минута прошла, отменить уже нельзя."
    assert (await office.lead(case)).status == "won"
    assert "Отменить" not in (await office.card()).labels


async def test_M7_nobody_takes_back_what_another_did(office):
    case = await office.anna()
    await office.tap(OLGA, "Беру")
    assert await office.tap(OLEG, "Отменить") == "Последнее действие — Ольга: отменить может только автор."
    assert (await office.lead(case)).status == "taken"


# ---------------------------------------------------------------- answering the prospect


async def test_a_reply_to_the_card_goes_to_the_prospect(database, clock):
    office = await Office(database, clock).open()
    case = await office.anna()
    async with office.work() as work:
        follow_ups.plan(
            work.db, conversation_id=case.conversation_id, rule=0, kind="service",
            due_at=work.now + timedelta(days=1), silent_since=work.now,
        )  # fmt: skip
    await office.reply(OLGA, "Добрый день! Ждём вас в субботу.", await office.card())
    assert await sent_to(office) == ["Менеджер: Добрый день! Ждём вас в субботу."]
    lead = await office.lead(case)
    assert (lead.status, lead.manager_id) == ("taken", await number_of(office, OLGA))
    assert [event.what for event in await office.history(case)][-2:] == ["answered", "taken"]
    (talk,) = await office.all_of(Conversation)
    assert (talk.person_until, talk.person_asked_at) == (clock.now() + timedelta(hours=2), None)
    assert [row.status for row in await office.all_of(FollowUp)] == ["cancelled"]
    assert await office.of("note") == [], "no noise when all is well"
    assert "💬 С клиентом говорит человек, бот молчит" in (await office.card()).text


async def test_who_answers_a_taken_lead_does_not_take_it_away(office):
    case = await office.anna()
    await office.tap(OLGA, "Беру")
    await office.reply(OLEG, "Я подскажу", await office.card())
    assert (await office.lead(case)).manager_id == await number_of(office, OLGA)


async def test_a_reply_to_the_prospects_words_goes_to_that_prospect(office):
    await office.anna()
    boris = await office.agree(await office.prospect("vk", "777"))
    await office.apply(boris, name="Борис")
    await office.says(boris, "Я тут")
    (relay,) = await office.of("relay")
    await office.reply(OLGA, "И мы тут", relay)
    assert await sent_to(office, ("vk", "777")) == ["Менеджер: И мы тут"]
    assert await sent_to(office) == []


async def test_somebody_who_only_asked_for_a_person_can_be_answered(office, clock):
    case = await office.prospect()
    await office.asks_for_a_person(case)
    await office.reply(OLGA, "Слушаю вас", await office.card(role="call"))
    assert await sent_to(office) == ["Менеджер: Слушаю вас"]
    (talk,) = await office.all_of(Conversation)
    assert talk.person_asked_at is None
    assert "💬 С клиентом говорит человек, бот молчит" in (await office.card(role="call")).text


async def test_M8_ordinary_talk_never_reaches_a_prospect(office):
    await office.anna()
    before = len(await office.all_of(Outbox))
    await office.hears(OLGA, Text("Анна опять не отвечает, странная какая-то"))
    await office.hears(OLGA, Text("согласен", reply_to="m999"))  # a reply to a colleague
    async with office.work() as work:
        promise(work.db, now=work.now, channel=GROUP.channel, to=GROUP.chat, role="alarm", text="Диск полон")
    (alarm,) = await office.of("alarm")
    await office.reply(OLGA, "ого", alarm)
    assert len(await office.all_of(Outbox)) == before + 1
    assert await sent_to(office) == []


async def test_M8_the_same_message_number_in_another_chat_is_not_a_card(sqlite, clock):
    office = await Office(sqlite, clock, (GROUP, TALK)).open()
    await office.anna()
    await office.hears(VERA, Text("ответ", reply_to=(await office.card(GROUP)).row.message_id), TALK)
    assert await sent_to(office) == []


async def refused(office, told):
    """The refusal stands under the card, and nothing went out."""
    (note,) = await office.of("note")
    assert told in note.text
    assert note.row.reply_to_id == (await office.card()).row.id
    assert await sent_to(office) == []
    assert (await office.card()).text.startswith("🟢"), "and nobody has taken the lead by it"


async def test_M1_a_reply_of_a_stranger_is_refused_under_the_card(office):
    await office.anna()
    await office.reply(GUEST, "Здравствуйте, это мошенник", await office.card())
    await refused(office, "только менеджеры")


async def test_M9_a_reply_that_is_too_long_is_refused_whole(office):
    await office.anna()
    await office.reply(OLGA, "😀" * 2001, await office.card())
    await refused(office, "4002 из 4000")


async def test_M9_a_reply_of_4000_letters_goes_whole_and_fits(office):
    await office.anna()
    await office.reply(OLGA, "я" * 4000, await office.card())
    (text,) = await sent_to(office)
    assert text == "Менеджер: " + "я" * 4000
    assert len(text) <= 4096


async def test_M9_a_file_is_refused(office):
    await office.anna()
    await office.reply_with_file(OLGA, await office.card())
    await refused(office, "только текст")


async def test_M9_a_reply_without_words_is_refused(office):
    await office.anna()
    await office.reply(OLGA, "\u200b\n ", await office.card())
    await refused(office, "нет слов")


async def test_M9_somebody_who_blocked_us_cannot_be_answered(office):
    case = await office.anna()
    async with office.work() as work:
        (await work.db.get_one(Identity, case.identity_id)).reachable = False
    await office.reply(OLGA, "Здравствуйте", await office.card())
    await refused(office, "закрыл нам сообщения")


async def test_M9_somebody_who_withdrew_is_not_answered_until_they_ask(office, clock):
    case = await office.anna()
    async with office.work() as work:
        identity, _ = await office.rows(work, case)
        await withdraw(work.db, pseudonym=identity.pseudonym, channel="telegram", event_id="w", now=work.now)
    await office.reply(OLGA, "Здравствуйте", await office.card())
    await refused(office, "отозвал согласие")
    clock.forward(timedelta(minutes=20))
    await office.asks_for_a_person(case)
    await office.reply(OLGA, "Здравствуйте", await office.card())
    assert await sent_to(office) == ["Менеджер: Здравствуйте"]


async def test_M9_somebody_erased_cannot_be_answered(office):
    case = await office.prospect()
    await office.asks_for_a_person(case)
    call = await office.card(role="call")
    async with office.work() as work:
        await work.db.delete(await work.db.get_one(Conversation, case.conversation_id))
    await office.reply(OLGA, "Здравствуйте", call)
    (note,) = await office.of("note")
    assert "удалил свои данные" in note.text
    assert await sent_to(office) == []


# ---------------------------------------------------------------- the word goes back to the bot


async def test_the_word_is_given_back_to_the_bot(office, clock):
    case = await office.anna()
    await office.asks_for_a_person(case)
    assert await office.tap(OLGA, "Вернуть боту") == "Бот снова отвечает клиенту."
    (talk,) = await office.all_of(Conversation)
    assert (talk.person_until, talk.person_asked_at) == (None, None)
    assert "Какой автомобиль?" in (await sent_to(office))[-1], "the waiting question is asked again"
    card = await office.card()
    assert "Вернуть боту" not in card.labels
    assert "🙋" not in card.text
    assert await office.press(OLGA, f"#{case.lead_id}.bot") == "Бот и так отвечает клиенту."


async def test_the_word_about_somebody_without_a_lead_is_given_back(office):
    case = await office.prospect()
    await office.asks_for_a_person(case)
    assert await office.tap(OLGA, "Вернуть боту", role="call") == "Бот снова отвечает клиенту."
    (talk,) = await office.all_of(Conversation)
    assert talk.person_until is None
    assert (await office.card(role="call")).labels == []


async def test_M1_a_stranger_cannot_give_the_word_back(office):
    case = await office.prospect()
    await office.asks_for_a_person(case)
    assert await office.tap(GUEST, "Вернуть боту", role="call") == REFUSED
    (talk,) = await office.all_of(Conversation)
    assert talk.person_until is not None


async def test_P57_a_human_in_the_networks_own_inbox_has_the_word(office, clock):
    case = await office.anna()
    async with office.work() as work:
        follow_ups.plan(
            work.db, conversation_id=case.conversation_id, rule=0, kind="service",
            due_at=work.now + timedelta(days=1), silent_since=work.now,
        )  # fmt: skip
        await manager.stepped_in(work, *await office.rows(work, case))
    (talk,) = await office.all_of(Conversation)
    assert talk.person_until == clock.now() + timedelta(hours=2)
    assert [row.status for row in await office.all_of(FollowUp)] == ["cancelled"]
    assert "💬 С клиентом говорит человек, бот молчит" in (await office.card()).text
    assert "Вернуть боту" in (await office.card()).labels
    assert [event.what for event in await office.history(case)][-1] == "answered"


async def test_I11_the_history_has_nothing_personal(office):
    await office.anna(name="Анна Каренина", note="тайна")
    for label in ("Беру", "Дозвонились", "Отказ", "Дорого", "Отменить"):
        await office.tap(OLGA, label)
    await office.reply(OLGA, "Ждём вас", await office.card())
    told = " ".join(f"{event.what} {event.detail}" for event in await office.all_of(LeadEvent))
    for secret in ("Анна", "9001234567", "тайна", "Ждём"):
        assert secret not in told


async def test_a_command_in_the_managers_chat_tells_only_its_id_and_only_to_admins(office):
    await office.hears(OLGA, Text("/id"))
    await office.hears(ADMIN, Text("/invite"))
    assert await office.screen() == []
    await office.hears(ADMIN, Text("/id@leadbot"))
    (told,) = await office.screen()
    assert "TELEGRAM_MANAGERS_CHAT=-100500" in told.text


async def test_the_web_desk_runs_the_team_too(sqlite, clock):
    office = await Office(sqlite, clock, (WEB,)).open()
    await office.hears(DESK_PERSON, Text("/team"), WEB)
    (team,) = await office.screen(WEB)
    await office.press(DESK_PERSON, team.key("Убрать: Вера"), WEB)
    async with office.database.write() as db:
        assert [one.name for one in await managers.team(db)] == ["Ольга", "Олег"]
