"""Cards in the managers' chats: how they read, and that each stays the only one of its lead."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from dialogs.capabilities import CHANNELS
from dialogs.masking import WORD_JOINER
from handlers import cards
from handlers.card_facts import kind_of
from handlers.card_text import at_time, pieces
from handlers.person import say
from storage import leads, people
from storage.card_rows import live_rows
from storage.database import Database
from storage.lead_facts import points_of
from storage.outbox import cancel_all
from storage.tables import Contact, ContactPoint, Identity, Outbox
from tests.desk import BUSINESS, GROUP, OLEG, OLGA, TALK, Office, plans_of


@pytest.fixture
async def office(sqlite_url, clock):
    database = Database(sqlite_url, durable=False)
    yield await Office(database, clock).open()
    await database.close()


def utf16(text):
    """Length as both networks count it."""
    return len(text.encode("utf-16-le")) // 2


def lines(message):
    return message.text.splitlines()


async def test_a_card_tells_all_that_a_manager_needs(office):
    case = await office.agree(await office.prospect())
    await office.give_code(case)
    async with office.work() as work:
        lead = await leads.get_lead(work.db, case.lead_id)
        lead.score, lead.reasons = 60, ["хочет в этом месяце", "есть trade-in"]
        people.record_contact_point(
            work.db, contact_id=lead.contact_id, kind="email", value="anna@mail.ru", verified=None, now=work.now
        )
    await office.apply(case, car="Омега", when="в эти выходные")
    assert lines(await office.card()) == [
        "🟢 Новая заявка №1 · Тест-драйв",
        "👤 Анна",
        "📞 +7 900 123-45-67 — вписан вручную",
        "✉️ anna@mail.ru — вписана вручную",
        "🔎 Контакт: быстрый",
        "⭐ 60 из 100: хочет в этом месяце · есть trade-in",
        "— car: Омега",
        "— when: в эти выходные",
        "📍 Источник: vk_ads / spring · Telegram",
        "🎁 Скидка 15 % на первое ТО: код SPRING-7K2M до 7 декабря",
        "Статус: ждёт менеджера",
        "Чтобы написать клиенту, нажмите «Ответить» на этой карточке.",
    ]


@pytest.mark.parametrize(
    ("verified", "told"),
    [
        (None, "вписан вручную"),
        ("own_contact", "подтверждён мессенджером"),
        ("call", "дозвонились"),
        ("wrong_person", "не тот человек"),
        ("no_such_number", "нет такого номера"),
    ],
)
async def test_D4_the_card_says_how_the_phone_was_checked(office, verified, told):
    case = await office.anna()
    async with office.work() as work:
        point = (await points_of(work.db, [1]))[1][0]
        point.verified = verified
        await cards.refresh(work, await leads.get_lead(work.db, case.lead_id))
    assert f"📞 +7 900 123-45-67 — {told}" in lines(await office.card())


@pytest.mark.parametrize(
    ("declared", "kinds", "kind"),
    [
        (None, ("name", "phone"), "quick"),
        (None, ("name", "email"), "registration"),
        (None, ("name", "email", "phone"), "quick"),
        (None, ("name", "phone", "choice", "choice"), "quick"),
        (None, ("name", "phone", "choice", "text", "number"), "interested"),
        (None, ("name",), None),
        ("quick", ("name", "phone", "choice", "text", "number"), "interested"),
        ("registration", ("name", "phone"), "registration"),
        ("promo", ("name", "phone", "choice", "text", "number"), "promo"),
    ],
)
def test_D3_kind_of_contact(declared, kinds, kind):
    assert kind_of(declared, kinds) == kind


async def test_D3_the_kind_is_kept_with_the_lead_and_shown(office):
    case = await office.anna(car="Омега", when="завтра", note="с женой")
    assert (await office.lead(case)).kind == "interested"
    assert "🔎 Контакт: заинтересованный" in lines(await office.card())


@pytest.mark.parametrize(
    ("phone", "doubt"),
    [
        ("+70000000000", "⚠️ номер похож на выдуманный"),
        ("+375291234567", "⚠️ номер другой страны: Беларусь"),
    ],
)
async def test_P5_a_strange_phone_is_kept_and_doubted(office, phone, doubt):
    await office.anna(phone=phone)
    card = await office.card()
    assert doubt in lines(card)
    assert phone[-4:] in card.text.replace("-", "").replace(" ", "")


async def test_D8_a_phone_named_by_others_too_is_flagged(office):
    await office.anna()
    boris = await office.agree(await office.prospect("vk", "777"))
    await office.apply(boris, name="Борис")
    assert "⚠️ этот номер называли и другие люди: 1" in lines(await office.card())


async def test_the_profile_is_linked_where_the_channel_has_one(office):
    boris = await office.agree(await office.prospect("vk", "777"))
    await office.apply(boris, name="Борис")
    assert "🔗 https://vk.com/id777" in lines(await office.card())
    await office.anna(phone="+79007654321")
    assert "🔗" not in (await office.card()).text, "Telegram has no address for somebody without a username"


# ---------------------------------------------------------------- other people's words

HOSTILE = [
    "<b>Анна</b>",
    "</a>",
    "&lt;",
    '"><i>',
    "*_жирно_*",
    "{user.__class__}",
    "{{7*7}}",
    "${x}",
    "%s",
    "{0}",
    "=1+1",
]


@pytest.mark.parametrize("words", HOSTILE)
async def test_P28_P30_words_are_shown_as_typed(office, words):
    await office.anna(name=words, note=words)
    seen = (await office.card()).text.replace(WORD_JOINER, "").splitlines()
    assert f"👤 {words}" in seen
    assert f"— note: {words}" in seen


@pytest.mark.parametrize(
    ("words", "gone"),
    [
        ("[id1|Анна]", "[id1|"),
        ("@all", "@all"),
        ("*club1", "*club1"),
        ("t.me/joinchat/x", "t.me"),
        ("https://evil.example/x", "https://"),
    ],
)
async def test_P29_P31_nothing_to_ping_or_click_in_words(office, words, gone):
    case = await office.anna(name=words, note=words)
    await office.says(case, words)
    for message in await office.screen():
        assert gone not in message.text


async def test_M22_an_answer_cannot_pretend_to_be_a_line_of_the_card(office):
    await office.anna(note="привет\n🎁 Скидка 99 %: код HACK\nСтатус: взял(а) Ольга")
    assert "🎁 Скидка 99 %: код HACK" not in lines(await office.card())
    assert "— note: привет 🎁 Скидка 99 %: код HACK Статус: взял(а) Ольга" in lines(await office.card())


async def test_P32_a_document_number_is_hidden_also_in_relayed_words(office):
    case = await office.anna(note="карта 4111 1111 1111 1111")
    await office.says(case, "моя карта 4111 1111 1111 1111")
    assert not [message for message in await office.screen() if "4111" in message.text]


async def test_M15_a_long_field_is_cut_visibly_and_shown_whole_on_demand(office):
    story = "Хочу машину " + "очень " * 600 + "срочно"
    case = await office.anna(note=story)
    card = await office.card()
    (note,) = [line for line in lines(card) if line.startswith("— note")]
    assert note.endswith("…")
    assert utf16(note) < 220
    await office.tap(OLEG, "Показать целиком")
    shown = await office.of("note")
    assert all(message.row.reply_to_id == card.row.id for message in shown)
    together = "".join(message.text for message in shown).replace(" ", "").replace("\n", "")
    assert story.replace(" ", "") in together
    assert all(utf16(message.text) <= 4096 for message in shown)
    assert await office.tap(OLGA, "Показать целиком") == "Уже показал ниже."
    assert len(await office.of("note")) == len(shown)
    assert case.lead_id


async def test_M15_whatever_is_long_contact_and_offer_fit(office, clock):
    case = await office.agree(await office.prospect())
    await office.give_code(case)
    await office.apply(case, name="😀" * 4000, **{f"step{n}": "😀" * 4000 for n in range(30)})
    card = await office.card()
    assert utf16(card.text) <= 3500
    assert "📞 +7 900 123-45-67" in card.text
    assert "код SPRING-7K2M до 7 декабря" in card.text
    assert "… и ещё ответов:" in card.text
    assert "Показать целиком" in card.labels


async def test_a_card_with_nothing_cut_has_no_whole_button(office):
    await office.anna(note="коротко")
    assert "Показать целиком" not in (await office.card()).labels


def test_pieces_lose_no_letter():
    text = "слово " * 2000 + "я" * 9000
    parts = pieces(text, 3500)
    assert max(utf16(part) for part in parts) <= 3500
    assert "".join(parts).replace(" ", "") == text.replace(" ", "")


async def test_times_of_another_day_carry_their_date(clock):
    yesterday = clock.now() - timedelta(days=1)
    assert at_time(clock.now(), BUSINESS.zone, clock.now()) == "12:00"
    assert at_time(yesterday, BUSINESS.zone, clock.now()) == "22 ноября 12:00"


# ---------------------------------------------------------------- one card of a lead


async def test_P36_a_second_application_edits_the_card_and_says_what_changed(office):
    case = await office.anna(car="Омега", when="завтра")
    await office.apply(case, phone="+79007654321", car="Альфа", when="завтра")
    (card,) = await office.of("card")
    assert card.edits >= 1
    assert "— car: Альфа" in lines(card)
    (note,) = await office.of("note")
    assert note.row.reply_to_id == card.row.id
    assert lines(note) == [
        "🔁 Клиент оставил ещё одну заявку. Изменилось:",
        "📞 +7 900 765-43-21 — вписан вручную",
        "— car: Альфа",
    ]


async def test_P36_ten_applications_are_one_card(office):
    case = await office.anna(car="Омега")
    for _ in range(9):
        await office.apply(case, car="Омега")
    assert len(await office.of("card")) == 1
    assert {note.text for note in await office.of("note")} == {"🔁 Клиент оставил ещё одну заявку, сведения те же."}


async def test_P36_an_application_to_a_taken_lead_leaves_it_taken(office):
    case = await office.anna()
    await office.tap(OLGA, "Беру")
    await office.apply(case, car="Альфа")
    assert (await office.lead(case)).status == "taken"
    assert (await office.card()).text.startswith("🟡 Заявка №1")
    assert len(await office.of("card")) == 1


async def test_each_desk_gets_one_card_and_they_are_kept_alike(database, clock):
    office = await Office(database, clock, (GROUP, TALK)).open()
    await office.anna()
    await office.tap(OLGA, "Беру")
    there, here = await office.card(TALK), await office.card(GROUP)
    assert here.text == there.text
    assert here.labels == there.labels
    assert (len(await office.of("card", GROUP)), len(await office.of("card", TALK))) == (1, 1)


async def test_a_card_that_the_network_refused_is_put_again(office):
    case = await office.anna()
    async with office.work() as work:
        (row,) = await live_rows(work.db, lead_ids=[case.lead_id], conversation_ids=[])
        row.status = "refused"
    await office.apply(case)
    assert len(await office.of("card")) == 2


async def test_M14_a_card_sent_anew_takes_the_place_of_the_old(office):
    case = await office.anna()
    async with office.work() as work:
        (old,) = await live_rows(work.db, lead_ids=[case.lead_id], conversation_ids=[])
        new = Outbox(
            channel=old.channel, to=old.to, role="card", act="say", body=old.body, lead_id=old.lead_id,
            conversation_id=old.conversation_id, status="sent", message_id="new", reply_to_id=old.id,
            due_at=work.now, created_at=work.now, attempt=1,
        )  # fmt: skip
        work.db.add(new)
        await work.db.flush()
        old.target_id = new.id
    await office.press(OLGA, f"#{case.lead_id}.take", message_id="new")
    old_card, new_card = await office.of("card")
    assert old_card.edits == 0
    assert new_card.text.startswith("🟡")


async def test_a_refresh_that_changes_nothing_edits_nothing(office):
    case = await office.anna()
    async with office.work() as work:
        for _ in range(3):
            await cards.refresh(work, await leads.get_lead(work.db, case.lead_id))
    assert (await office.card()).edits == 0


async def test_P20_the_card_says_when_nobody_can_be_written_to(office):
    case = await office.anna()
    for reason, told in (("blocked", "клиент закрыл нам сообщения"), ("for good", "аккаунт удалён")):
        async with office.work() as work:
            identity = await work.db.get_one(Identity, case.identity_id)
            identity.reachable, identity.unreachable_reason = False, reason
            await cards.refresh(work, await leads.get_lead(work.db, case.lead_id))
        assert lines(await office.card())[-1] == f"🚫 Написать нельзя: {told}"


async def test_L38_after_erasure_the_card_is_empty(office):
    case = await office.anna(note="секрет")
    async with office.work() as work:
        lead = await leads.get_lead(work.db, case.lead_id)
        await work.db.delete(await work.db.get_one(ContactPoint, 1))
        await work.db.delete(await work.db.get_one(Contact, lead.contact_id))
        lead.contact_id = None
        await work.db.flush()
        await cards.refresh(work, lead)
    card = await office.card()
    assert card.text == "🗑 Заявка №1: данные удалены по просьбе клиента."
    assert card.labels == []


async def test_a_later_lead_names_the_former(office):
    case = await office.anna()
    await office.tap(OLGA, "Отказ")
    await office.tap(OLGA, "Дорого")
    case.lead_id = None
    await office.agree(case)
    await office.apply(case)
    assert "↩️ Обращались раньше: заявка №1 — отказ: Дорого" in lines(await office.card())
    assert len(await office.of("card")) == 2, "another lead, another card"


# ---------------------------------------------------------------- somebody asks for a person


async def test_a_call_before_consent_has_nothing_personal(office):
    case = await office.prospect()
    await office.asks_for_a_person(case)
    (call,) = await office.screen()
    assert lines(call) == [
        "🙋 Просит человека · Тест-драйв",
        "📍 Источник: vk_ads / spring · Telegram",
        "Это ещё не заявка: имени и контактов здесь нет.",
        "Чтобы написать клиенту, нажмите «Ответить» на этой карточке.",
    ]
    assert call.labels == ["Вернуть боту"]
    assert call.key("Вернуть боту") == f"#c{case.conversation_id}.bot"
    assert (call.row.role, call.row.lead_id) == ("call", None)


async def test_a_call_of_somebody_stuck_says_so(office):
    await office.asks_for_a_person(await office.prospect(), "stuck")
    assert lines(await office.card(role="call"))[0].startswith("🙋 Не получается ответить боту, нужен человек")


async def test_a_call_of_a_lead_goes_under_its_card(office):
    case = await office.anna()
    await office.asks_for_a_person(case)
    card, note = await office.screen()
    assert "🙋 Просит человека с 12:00" in lines(card)
    assert "Вернуть боту" in card.labels
    assert note.row.reply_to_id == card.row.id
    assert note.text.startswith("🙋 Просит человека")


async def test_asking_ten_times_is_one_call_and_no_noise(office, clock):
    case = await office.prospect()
    for _ in range(5):
        await office.asks_for_a_person(case)
    assert len(await office.screen()) == 1
    clock.forward(timedelta(seconds=61))
    await office.asks_for_a_person(case)
    assert [one.row.role for one in await office.screen()] == ["call", "note"], "later it is worth a note"


async def test_a_call_of_a_lead_without_application_shows_what_is_known(office):
    case = await office.agree(await office.prospect())
    await office.asks_for_a_person(case)
    call = await office.card(role="call")
    assert lines(call)[0] == "🙋 Просит человека · Тест-драйв"
    assert call.labels == ["Спам/мусор", "Вернуть боту"]


async def test_the_application_of_somebody_who_called_is_one_card_and_the_call_points_to_it(office):
    case = await office.prospect()
    await office.asks_for_a_person(case)
    await office.agree(case)
    await office.apply(case)
    call, card = await office.screen()
    assert lines(call) == ["🙋 Просили человека · Тест-драйв", "Теперь это заявка №1, её карточка ниже."]
    assert call.labels == []
    assert card.text.startswith("🟢 Новая заявка №1")
    await office.says(case, "Вы ещё тут?")
    assert (await office.screen())[-1].row.reply_to_id == card.row.id


async def test_a_later_lead_does_not_draw_over_the_call_of_the_former(office):
    case = await office.agree(await office.prospect())
    await office.asks_for_a_person(case)
    await office.tap(OLGA, "Спам/мусор", role="call")
    await office.tap(OLGA, "Спам", role="call")
    case.lead_id = None
    await office.agree(case)
    await office.apply(case)
    call, card = await office.screen()
    assert lines(call)[0] == "🗑 Заявка №1 · Тест-драйв · мусор: Спам — Ольга в 12:00"
    assert lines(card)[0] == "🟢 Новая заявка №2 · Тест-драйв"


async def test_words_of_the_prospect_come_under_the_card_with_their_name(office):
    case = await office.anna()
    await office.says(case, "А можно\nв субботу?")
    card, relay = await office.screen()
    assert relay.text == "💬 Анна: А можно\nв субботу?"
    assert (relay.row.role, relay.row.reply_to_id) == ("relay", card.row.id)


async def test_words_before_consent_come_under_the_call_without_a_name(office):
    case = await office.prospect()
    await office.says(case, "Вы где?")
    call, relay = await office.screen()
    assert call.row.role == "call"
    assert relay.text == "💬 Клиент: Вы где?"
    assert (relay.row.reply_to_id, relay.row.lead_id) == (call.row.id, None)


async def test_words_of_4096_letters_arrive_whole(office):
    case = await office.anna()
    await office.says(case, "я" * 4096)
    relayed = [message.text for message in await office.of("relay")]
    assert sum(text.count("я") for text in relayed) == 4096
    assert max(utf16(text) for text in relayed) <= 4096


async def test_I9_a_card_is_not_cancelled_with_what_was_due_to_its_prospect(office):
    case = await office.anna()
    async with office.work() as work:
        identity, _ = await office.rows(work, case)
        say(work, identity, "вам")
        await work.db.flush()
        hers = await work.db.scalar(select(Outbox).order_by(Outbox.id.desc()).limit(1))
        for row in await live_rows(work.db, lead_ids=[case.lead_id], conversation_ids=[]):
            row.status = "due"
        assert await cancel_all(work.db, identity_id=identity.id, now=work.now, reason="blocked") == 1
        (card,) = await live_rows(work.db, lead_ids=[case.lead_id], conversation_ids=[])
        assert (card.status, hers.status) == ("due", "cancelled")


async def test_cards_fit_every_channel_in_every_state(office, clock):
    case = await office.agree(await office.prospect())
    await office.apply(case, note="я" * 1000)
    seen = [await office.card()]
    await office.asks_for_a_person(case)
    for label in ("Беру", "Не ответил", "Дозвонились", "Отказ"):
        await office.tap(OLGA, label)
        seen.append(await office.card())
    await office.tap(OLGA, "Назад")
    assert any(len(card.labels) == 10 for card in seen), "the fullest card is among them"
    for card in seen:
        for can in (CHANNELS["vk"], CHANNELS["telegram"]):
            assert len(card.labels) <= can.buttons
            assert len(card.buttons) <= min(can.rows, 5)
            assert max(len(row) for row in card.buttons) <= can.in_row
            assert max(len(label) for label in card.labels) <= can.label
            for row in card.buttons:
                assert all(len(one["key"].encode("ascii")) <= 64 for one in row), "M16"


async def test_cards_are_found_on_indexes(sqlite):
    async def play(db):
        await live_rows(db, lead_ids=[1], conversation_ids=[1, 2])
        await live_rows(db, lead_ids=[], conversation_ids=[1])

    plans = await plans_of(sqlite, play)
    assert plans
    assert [plan for plan in plans if plan.startswith("SCAN")] == []
