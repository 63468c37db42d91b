"""«Стоп», «мои данные», «отзываю согласие», «удалите мои данные»: heard before anything else, done at once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update

from bot.clock import HandClock
from handlers import privacy
from handlers.inbound import Press, Text
from handlers.my_data import pieces
from storage import codes, consents, outcomes
from storage.database import Database
from storage.erasing_messages import prune_farewells
from storage.tables import (
    Contact,
    Conversation,
    Erasure,
    FollowUp,
    Identity,
    Lead,
    LeadEvent,
    Outbox,
    ParkedEvent,
    PromoCode,
    Row,
    WebMessage,
)
from tests.person_play import DESK, OLGA, Play, Someone

ANNA_ID, ANNA_PHONE, ANNA_NAME = "778899001122", "+79051112233", "Анна Снегирёва"
BORIS_ID, BORIS_PHONE = "553311997755", "+79263334455"


on_both = pytest.mark.parametrize("kind", ["sqlite", "postgresql"])


@pytest.fixture
def kind() -> str:
    """SQLite alone, for what has nothing to do with the kind of database."""
    return "sqlite"


@pytest.fixture
def database_url(kind: str, request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{kind}_url"))


@pytest.fixture
async def play(database: Database, clock: HandClock) -> Play:
    return await Play.begin(database, clock)


@pytest.fixture
def anna(play: Play) -> Someone:
    return play.person("Анна", ANNA_ID)


async def one(database: Database, query):
    async with database.read() as db:
        return await db.scalar(query)


async def count(database: Database, table: type[Row], *which) -> int:
    return await one(database, select(func.count()).select_from(table).where(*which))


# ---------------------------------------------------------------- stop


async def test_P46_stop_in_the_middle_of_a_dialog_is_the_last_that_is_heard_of_us(play, anna, database):
    await anna.agrees()
    assert await count(database, FollowUp, FollowUp.status == "planned") == 1
    before = len(anna.screen)
    await anna.says("Стоп!!!")
    assert anna.heard()[before:] == [privacy.STOPPED]
    assert await count(database, FollowUp, FollowUp.status == "planned") == 0
    await play.forward(timedelta(days=14))
    assert len(anna.screen) == before + 1
    await anna.says("продолжить")
    assert "Какой автомобиль" in anna.last.text


@on_both
async def test_P46_a_reminder_promised_and_not_yet_sent_is_cancelled_by_stop(play, anna, database):
    await anna.agrees()
    play.clock.forward(timedelta(minutes=21))
    await play.app.pulse()  # the reminder is promised, delivery has not got to it
    assert await count(database, Outbox, Outbox.unsolicited, Outbox.status == "due") == 1
    await anna.says("отпишите меня")
    assert anna.last.text == privacy.STOPPED
    assert not any("Продолжим" in said for said in anna.heard())
    assert await one(database, select(Outbox.reason).where(Outbox.unsolicited)) == "stopped"


async def test_P48_stop_ends_advertising_and_the_application_goes_on(play, anna, database):
    await anna.applies()
    await anna.taps("Согласен")  # to advertising
    async with database.read() as db:
        name = await consents.pseudonym(db, "telegram", ANNA_ID)
        assert set((await consents.in_force(db, [name]))[name]) == {"personal_data", "advertising"}
    await anna.says("не пишите мне больше")
    assert anna.last.text == privacy.STOPPED_APPLIED
    async with database.read() as db:
        assert set((await consents.in_force(db, [name]))[name]) == {"personal_data"}
        last = (await consents.history(db, [name]))[-1]
        assert (last.purpose, last.act, last.at) == ("advertising", "withdrawn", play.clock.now())
    assert await one(database, select(Lead.status)) == "application"
    card = play.desk()[0]
    await play.hears("telegram", Text("Анна, ждём вас в субботу", reply_to=card.id), OLGA, chat=DESK)
    assert any("ждём вас в субботу" in said for said in anna.heard())


async def test_L37_stop_in_one_channel_is_stop_in_the_others_too(play, anna, database):
    await anna.agrees()
    in_vk = play.person("Анна", "665544332211", "vk")
    await in_vk.agrees()
    async with database.write() as db:
        contact = await db.scalar(select(Identity.contact_id).where(Identity.channel == "telegram"))
        await db.execute(update(Identity).values(contact_id=contact))
    await anna.says("стоп")
    assert await count(database, Identity, Identity.stopped_at.is_not(None)) == 2
    assert await count(database, FollowUp, FollowUp.status == "planned") == 0


# ---------------------------------------------------------------- my data


async def test_L5_before_the_consent_there_is_nothing_personal_and_we_say_so(play, anna):
    await anna.opens()
    await anna.says("мои данные")
    assert anna.last.text.startswith("Личных данных о вас мы не храним.")
    assert "удалите мои данные" in anna.last.text


async def test_L10_my_data_are_told_at_once_in_full_with_purposes_and_term(play, anna, database):
    await anna.applies()
    await anna.says("какие данные обо мне вы храните?")
    told = anna.last.text
    code = await one(database, select(PromoCode.code).where(PromoCode.lead_id.is_not(None)))
    for part in (
        f"Имя: {ANNA_NAME}", f"Телефон: {ANNA_PHONE}", f"Telegram: чат {ANNA_ID}",
        "Автомобиль: Кроссовер (зачем: подготовить автомобиль к вашему приезду)", "Стаж, лет: 12",
        f"Промокод: {code}", "Откуда вы пришли: vk_ads, spring",
        "Согласие на обработку персональных данных: дано 23.11.2026 12:00",
        "Получатели: сотрудники оператора", "Срок: пока заявка в работе", "Оператор: ООО «Меридиан Авто»",
        "«удалите мои данные»",
    ):  # fmt: skip
        assert part in told, part
    kept = await one(database, select(LeadEvent.detail).where(LeadEvent.what == "my_data"))
    assert len(kept["digest"]) == 64


@pytest.mark.parametrize("line", ["слово " * 40, "😀" * 900, "x" * 5000])
def test_what_is_too_long_for_one_message_is_told_in_several(line):
    told = "\n".join([line, "", line])
    cut = pieces(told, 400)
    assert len(cut) > 1
    assert all(len(piece.encode("utf-16-le")) // 2 <= 400 for piece in cut)
    assert "".join(cut).replace("\n", "") == told.replace("\n", "")


# ---------------------------------------------------------------- withdraw


@on_both
async def test_P46_L8_a_withdrawal_ends_processing_and_destroys_the_data_at_once(play, anna, database):
    await anna.applies()
    await anna.taps("Согласен")
    before = len(anna.screen)
    await anna.says("Отзываю согласие на обработку персональных данных")
    assert anna.heard()[before:] == [privacy.WITHDRAWN]
    for table in (Contact, Identity, Conversation):
        assert await count(database, table) == 0, table
    async with database.read() as db:
        name = await consents.pseudonym(db, "telegram", ANNA_ID)
        assert await consents.in_force(db, [name]) == {}
        rows = await consents.history(db, [name])
        assert [(row.purpose, row.act) for row in rows[-2:]] == [
            ("personal_data", "withdrawn"),
            ("advertising", "withdrawn"),
        ]
        assert rows[-1].event_id.startswith("telegram-")
    await play.forward(timedelta(days=14))
    assert len(anna.screen) == before + 1


async def test_L8_a_withdrawal_without_a_consent_says_that_there_was_none(play, anna, database):
    await anna.opens()
    await anna.says("отзываю согласие")
    assert anna.last.text == privacy.NOTHING_TO_WITHDRAW
    assert await count(database, Identity) == 0


# ---------------------------------------------------------------- erase


async def test_an_erasure_is_asked_once_and_keep_goes_on_with_the_question(play, anna, database):
    await anna.agrees()
    await anna.says("удалите мои данные")
    assert anna.last.text == privacy.SURE
    await anna.taps("Нет, оставить")
    assert anna.heard()[-2:] == [privacy.KEPT, "Какой автомобиль хотите попробовать?"]
    assert await count(database, Contact) == 1 and await count(database, Erasure) == 0


async def everything(database: Database) -> bytes:
    """Every byte of the database's files; on PostgreSQL every value of every table."""
    if database.is_sqlite:
        path = Path(str(database.url.database))
        files = [path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")]
        return b"".join(file.read_bytes() for file in files if file.exists())
    async with database.read() as db:
        rows = [await db.scalars(text(f'SELECT t::text FROM "{name}" t')) for name in Row.metadata.tables]
    return "\n".join(value for found in rows for value in found).encode()


def traces(number: str, phone: str, name: str) -> dict[str, bytes]:
    """What to search for; JSON columns may keep letters escaped, bytes columns in hex."""
    plain = {"id": number, "phone": phone[1:], "spoken phone": "905 111", "name": name, "e-mail": "anna.s@mail.example"}
    kept = {what: value.encode() for what, value in plain.items()}
    return kept | {
        "escaped name": name.encode("ascii", "backslashreplace").lower(),
        "id in hex": number.encode().hex().encode(),
    }


@on_both
async def test_I12_after_an_erasure_no_byte_of_the_person_is_left(play, anna, database):
    boris = play.person("Борис", BORIS_ID)
    await boris.applies(BORIS_PHONE, called="Борис Громов")
    await anna.applies(ANNA_PHONE)
    await anna.says("менеджер")
    await anna.says("это Анна Снегирёва, пишите на anna.s@mail.example")
    async with database.write() as db:
        for event_id, raw in (("x1", b'{"from":{"id":778899001122}}'), ("x2", b'{"from":{"id":7778899001122}}')):
            db.add(ParkedEvent(channel="telegram", event_id=event_id, raw=raw, error="boom", at=play.clock.now()))
    held = await everything(database)
    sought = traces(ANNA_ID, ANNA_PHONE, ANNA_NAME)
    assert all(sought[what] in held for what in ("id", "phone", "name", "e-mail"))  # the search does find

    await anna.says("Удалите мои данные")
    assert anna.last.text == privacy.SURE_APPLIED
    await anna.taps("Да, удалить всё")

    assert anna.last.text == privacy.ERASED
    await database.forget_deleted()
    left = await everything(database)
    parked = b"7778899001122" if database.is_sqlite else b"7778899001122".hex().encode()
    assert parked in left  # somebody else's, whose number only looks alike
    assert {what for what, trace in sought.items() if trace in left.replace(parked, b"")} == set()
    for what in (BORIS_ID, BORIS_PHONE, "Борис Громов"):
        assert what.encode() in left or what.encode("ascii", "backslashreplace") in left, what
    await boris.says("мои данные")
    assert BORIS_PHONE in boris.last.text


@on_both
async def test_L38_cards_on_managers_screens_are_emptied_and_their_buttons_do_nothing(play, anna, database):
    await anna.applies()
    await anna.says("менеджер")
    await anna.says("тут Анна Снегирёва")
    assert any(ANNA_NAME in shown.text for shown in play.desk())
    card = play.desk()[0]
    key = card.buttons[0][0].key
    await anna.says("удалите мои данные")
    await anna.taps("Да, удалить всё")
    for channel in ("telegram", "vk"):
        assert {shown.text for shown in play.desk(channel)} == {privacy.ERASED_CARD}
        assert all(not shown.buttons for shown in play.desk(channel))
    before = len(anna.screen)
    await play.hears("telegram", Press(key, "q", card.id), OLGA, chat=DESK)
    await play.hears("telegram", Text("Анна, вы тут?", reply_to=card.id), OLGA, chat=DESK)
    assert len(anna.screen) == before
    assert play.desk()[0].text == privacy.ERASED_CARD


@on_both
async def test_L14_the_act_says_what_was_destroyed_and_names_nobody(play, anna, database):
    await anna.applies()
    await anna.says("удалите мои данные")
    await anna.taps("Да, удалить всё")
    async with database.read() as db:
        act = await db.scalar(select(Erasure))
        assert (act.pseudonym, act.demanded_by) == (await consents.pseudonym(db, "telegram", ANNA_ID), "prospect")
        assert act.at == play.clock.now() and act.left_over == []
        some = ("identities", "contacts", "contact_points", "conversations", "leads_made_anonymous", "codes_untied")
        assert {name: act.destroyed[name] for name in some} == dict.fromkeys(some, 1)
        assert act.destroyed["answers"] >= 5 and act.destroyed["messages"] > 10
        lead = await db.scalar(select(Lead))
        assert (lead.contact_id, lead.status, lead.source, lead.score) == (None, "lost", "vk_ads", 55)
        assert lead.reasons  # the business's own words stay
        history = list(await db.scalars(select(LeadEvent).order_by(LeadEvent.id)))
        assert history[-1].what == "erased" and all(set(e.detail) <= {"from", "to", "n"} for e in history)


async def test_I6_the_code_of_an_erased_person_stays_issued(play, anna, database):
    await anna.applies()
    await anna.says("удалите мои данные")
    await anna.taps("Да, удалить всё")
    async with database.read() as db:
        assert await codes.left(db, ["test_drive.spring"]) == {"test_drive.spring": 2}
        assert await db.scalar(select(func.count()).select_from(PromoCode).where(PromoCode.lead_id.is_not(None))) == 0


async def test_L24_words_that_are_not_the_business_s_own_do_not_stay_with_a_lead(play, anna, database):
    await anna.applies()
    async with database.write() as db:
        lead = await db.scalar(select(Lead))
        lead.reasons, lead.reason = [*lead.reasons, "сказала, что она Анна"], "Анна передумала"
    await anna.says("удалите мои данные")
    await anna.taps("Да, удалить всё")
    async with database.read() as db:
        lead = await db.scalar(select(Lead))
        assert lead.reason is None and lead.reasons and "Анна" not in str(lead.reasons)


async def test_L38_what_vk_no_longer_lets_us_edit_is_listed_and_managers_are_asked_to_delete_it(play, database):
    anna = play.person("Анна", ANNA_ID, "vk")
    await anna.applies()
    number = len(play.desk("vk"))
    await play.forward(timedelta(hours=25))
    old = len(play.desk("vk"))
    await anna.says("удалите мои данные")
    await anna.taps("Да, удалить всё")
    asked = play.desk("vk")[old:]
    assert [shown.text for shown in asked] == [privacy.ERASE_BY_HAND]
    assert asked[0].reply_to in {shown.id for shown in play.desk("vk")[:number]}
    assert {shown.text for shown in play.desk("telegram")} == {privacy.ERASED_CARD}
    left = await one(database, select(Erasure.left_over))
    assert {(entry["channel"], entry["chat"]) for entry in left} == {("vk", DESK)}
    assert {entry["message_id"] for entry in left} <= {shown.id for shown in play.desk("vk")}


async def test_P47_a_card_on_the_wire_during_the_erasure_is_emptied_when_it_has_arrived(play, anna, database):
    await anna.applies()
    async with database.write() as db:
        card = await db.scalar(select(Outbox).where(Outbox.role == "card", Outbox.channel == "telegram"))
        shown, card.status, card.message_id, card.done_at = card.message_id, "sending", None, None
    await anna.says("удалите мои данные")
    await anna.taps("Да, удалить всё")
    assert ANNA_NAME in play.desk()[0].text  # the network has it, we do not know yet
    async with database.write() as db:
        await outcomes.sent(db, card, message_id=shown, now=play.clock.now())
    play.clock.forward(timedelta(minutes=1))
    await play.app.delivery.drain()
    assert play.desk()[0].text == privacy.ERASED_CARD


async def test_erase_pressed_twice_is_answered_twice_and_does_no_harm(play, anna, database):
    await anna.agrees()
    await anna.says("удалите мои данные")
    shown = anna.last
    await anna.taps("Да, удалить всё")
    await anna.presses(shown.buttons[0][0].key, shown.id)
    assert anna.heard()[-2:] == [privacy.ERASED, privacy.NOTHING_HELD]
    assert await count(database, Identity) == 0


async def test_who_was_erased_and_writes_again_is_a_stranger_with_nothing_agreed_to(play, anna, database):
    await anna.applies()
    await anna.says("удалите мои данные")
    await anna.taps("Да, удалить всё")
    await anna.opens()
    await anna.taps("Записаться")
    assert "Согласие на обработку персональных данных" in anna.last.text
    assert await count(database, Contact) == 0 and await count(database, Lead) == 1


@on_both
async def test_an_erasure_reaches_all_channels_of_the_person(play, anna, database):
    await anna.applies()
    in_vk = play.person("Анна", "665544332211", "vk")
    await in_vk.agrees()
    async with database.write() as db:
        contact = await db.scalar(select(Identity.contact_id).where(Identity.channel == "telegram"))
        await db.execute(update(Identity).values(contact_id=contact))
    await anna.says("удалите мои данные")
    await anna.taps("Да, удалить всё")
    assert await count(database, Identity) == 0
    assert await count(database, Erasure) == 2
    assert await count(database, Outbox, Outbox.to.in_([ANNA_ID, "665544332211"])) == 0


async def test_I12_on_the_web_the_page_is_emptied_and_what_came_later_is_still_served(play, database):
    now = play.clock.now()
    async with database.write() as db:
        name = await consents.pseudonym(db, "web", "visitor-1")
        visitor = Identity(
            channel="web", external_id="visitor-1", pseudonym=name, first_touch={}, last_touch={}, created_at=now,
            seen_at=now,
        )  # fmt: skip
        db.add(visitor)
        await db.flush()
        card = Outbox(
            channel="web", to="desk", role="card", body={"text": ANNA_NAME}, identity_id=visitor.id, due_at=now,
            created_at=now, status="sent", message_id="2", done_at=now,
        )  # fmt: skip
        db.add(card)
        await db.flush()
        pages = [
            ("visitor-1", "prospect", "удалите мои данные", "e1", None, None),
            ("desk", "bot", ANNA_NAME, None, card.id, None),
            ("desk", "manager", "Анна, здравствуйте", "e2", None, 2),
            ("visitor-1", "prospect", "ещё вопрос", "e3", None, None),
            ("visitor-2", "prospect", "я другой", "e4", None, None),
        ]
        for peer, author, said, event_id, outbox_id, reply_to in pages:
            db.add(WebMessage(
                peer=peer, author=author, text=said, event_id=event_id, outbox_id=outbox_id, reply_to=reply_to, at=now,
            ))  # fmt: skip
            await db.flush()
    async with play.app._transaction() as work:
        identity = await work.db.scalar(select(Identity))
        await privacy.forget(work, identity, demanded_by="prospect", event_id="e1")
        assert privacy.is_gone(identity)
    async with database.read() as db:
        rows = await db.execute(select(WebMessage.peer, WebMessage.text).order_by(WebMessage.id))
        assert [tuple(row) for row in rows] == [
            ("desk", privacy.ERASED_CARD),
            ("desk", privacy.ERASED_CARD),
            ("visitor-1", "ещё вопрос"),
            ("visitor-2", "я другой"),
        ]


async def test_I12_a_farewell_on_a_page_of_ours_is_taken_off_later(database, clock):
    now = clock.now()
    async with database.write() as db:
        for role in ("farewell", "reply"):
            row = Outbox(channel="web", to="", role=role, body={}, due_at=now, created_at=now)
            db.add(row)
            await db.flush()
            db.add(WebMessage(peer="visitor-1", author="bot", text=role, outbox_id=row.id, at=now))
    async with database.write() as db:
        assert await prune_farewells(db, before=now) == 0
        assert await prune_farewells(db, before=now + timedelta(hours=1)) == 1
        assert list(await db.scalars(select(WebMessage.text))) == ["reply"]
