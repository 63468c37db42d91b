"""People with bad luck and heavy thumbs: taps twice, changes their mind, comes back late, while the files change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, StatementError

from bot.app import App
from bot.clock import HandClock
from bot.delivery import Delivery
from bot.library import Published
from bot.publishing import check, publish
from bot.slip import Slip
from handlers.inbound import Heard, Inbound, Press, Text
from handlers.serving import SORRY
from storage.blame import is_about_values, is_database_down
from storage.crash import arm
from storage.database import Database
from storage.tables import Conversation, FlowVersion, Identity, Lead, LeadEvent, Outbox, ParkedEvent, PromoCode
from tests import meridian
from tests.person_play import DESK, OLGA, Play, Someone

FILES = meridian.files()
ANSWERS = ("Седан", "На следующей неделе", "3", "Нет", "Анна", "8 905 111-22-33")
EDITS: Mapping[str, tuple[str, str]] = {
    "visit renamed": ("- id: visit\n", "- id: visiting\n"),
    "first reminder gone": (
        """  - after: 20 min
    kind: service
    say: |
      До записи — {{ steps_left | count('вопрос', 'вопроса', 'вопросов') }}. Продолжим?
""",
        "",
    ),
}


@pytest.fixture
async def play(sqlite: Database, clock: HandClock) -> Play:
    """The company's flows, published: other versions may follow."""
    begun = await Play.begin(sqlite, clock)
    begun.app.library = Published(sqlite)
    await goes_live(begun)
    return begun


async def goes_live(play: Play, *edits: str) -> None:
    """``leadbot publish`` in another process, and the bot's next look."""
    text = FILES["test_drive.yaml"].decode()
    for edit in edits:
        assert EDITS[edit][0] in text
        text = text.replace(*EDITS[edit])
    files = {**FILES, "test_drive.yaml": text.encode()}
    assert check(files).sound
    await publish(play.database, files, by="Ирина", now=play.clock.now())
    assert isinstance(play.app.library, Published)
    await play.app.library.refresh()


async def says_all(person: Someone, *words: str) -> None:
    for said in words:
        await person.says(said)


async def olga_presses(play: Play, key: str) -> None:
    await play.hears("telegram", Press(key, "q", "1"), OLGA, chat=DESK, name="Ольга")


async def everything(play: Play, table: type) -> list:
    async with play.database.read() as db:
        return list((await db.scalars(select(table).order_by(table.id))).all())


# ---------------------------------------------------------------- heavy thumbs


@pytest.mark.parametrize("key", ["!restart.test_drive", "!menu.courses", "!resume", "!person"])
async def test_P7_our_own_buttons_pressed_twice_are_pressed_once(play, key):
    anna = play.person("Анна", "7001")
    await anna.agrees()
    await anna.presses(key)
    before = anna.heard()
    await anna.presses(key)
    assert anna.heard() == before


async def test_P7_giving_the_word_back_twice_is_one_return(play):
    anna = play.person("Анна", "7001")
    await anna.agrees()
    await anna.says("менеджер")
    await anna.presses("!bot")
    before = anna.heard()
    await anna.presses("!bot")
    assert anna.heard() == before


async def test_P7_the_same_button_after_going_back_is_no_double_tap(play):
    anna = play.person("Анна", "7001")
    await anna.agrees()
    await anna.taps("Седан")
    await anna.says("назад")
    await anna.taps("Седан")
    assert "Когда вам удобно" in anna.last.text


async def test_P9_right_under_an_older_number_does_not_confirm_the_newer(play):
    anna = play.person("Анна", "7001")
    await anna.agrees()
    await says_all(anna, *ANSWERS[:5], "8 905 111-22-33")
    older = anna.last
    await anna.says("8 905 999-88-77")
    await anna.presses(older.buttons[0][0].key, older.id)
    assert "905 999-88-77" in anna.last.text, "asked again, nothing confirmed"
    assert not (await everything(play, Lead))[0].applications
    await anna.taps("Всё верно")
    assert (await everything(play, Lead))[0].applications == 1


@pytest.mark.parametrize("said", ["да, верно", "Да, это мой номер", "верно, спасибо", "да, всё правильно"])
async def test_P3_a_number_is_confirmed_in_ones_own_words(play, said):
    anna = play.person("Анна", "7001")
    await anna.agrees()
    await says_all(anna, *ANSWERS, said)
    assert (await everything(play, Lead))[0].applications == 1


@pytest.mark.parametrize(
    ("said", "asked"),
    [("да, согласна", "Какой автомобиль"), ("нет, не согласен", "Без согласия"), ("я против", "Без согласия")],
)
async def test_L1_consent_in_ones_own_words(play, said, asked):
    anna = play.person("Анна", "7001")
    await anna.opens()
    await anna.taps("Записаться")
    await anna.says(said)
    assert asked in anna.last.text


# ---------------------------------------------------------------- asking for a person


async def test_P43_a_person_can_be_asked_for_before_anything_was_chosen(play):
    anna = play.person("Анна", "7001")
    await anna.says("Позовите менеджера, пожалуйста")
    assert "Позвал менеджера" in anna.last.text
    [call] = play.desk()
    await play.hears("telegram", Text("Слушаю вас", call.id), OLGA, chat=DESK, name="Ольга")
    assert anna.last.text == "Менеджер: Слушаю вас"
    await anna.says("где вы находитесь?")
    assert "где вы находитесь?" in play.desk()[-1].text
    await play.forward(timedelta(hours=3))
    await anna.says("Здравствуйте")
    await anna.taps("Тест-драйв")
    assert "Записаться" in [button.label for row in anna.last.buttons for button in row]
    assert await everything(play, Lead) == [], "nothing before consent"


async def test_P48_going_on_from_the_menu_after_a_stop_ends_the_stop(play):
    anna = play.person("Анна", "7001")
    await says_all(anna, "привет", "стоп", "продолжить")
    assert (await everything(play, Identity))[0].stopped_at is None


async def test_T7_the_bot_comes_back_by_time_and_says_so(play):
    anna = play.person("Анна", "7001")
    await anna.agrees()
    await anna.says("менеджер")
    before = len(anna.screen)
    await play.forward(timedelta(hours=2, minutes=5))
    came = anna.heard()[before:]
    assert "Менеджер пока не смог ответить" in came[0]
    assert "Какой автомобиль" in came[1]
    assert len(came) == 2
    assert not [row for row in await everything(play, Outbox) if row.status == "cancelled"]


async def test_T7_a_word_after_the_persons_time_is_the_bots_though_it_was_away_till_now(play):
    """Nothing has fallen due yet for want of a pulse: the clock alone tells."""
    anna = play.person("Анна", "7001")
    await anna.agrees()
    await anna.says("менеджер")
    play.clock.forward(timedelta(hours=2, minutes=5))
    await anna.says("седан")
    assert "Когда вам удобно" in anna.last.text


async def test_M8_a_managers_word_about_one_flow_is_answered_there_and_the_other_goes_on_after(play):
    anna = play.person("Анна", "7001")
    await anna.applies()
    await anna.taps("Не согласен")
    await anna.says("курсы")
    await play.hears("telegram", Text("Когда удобно?", play.desk()[0].id), OLGA, chat=DESK, name="Ольга")
    await anna.says("завтра в шесть")
    assert "завтра в шесть" in play.desk()[-1].text
    assert anna.last.text == "Менеджер: Когда удобно?", "the bot is silent"
    await play.forward(timedelta(hours=2, minutes=1))
    assert "консультаци" in anna.last.text, "and then goes on with the courses"
    [former, current] = await everything(play, Conversation)
    assert (former.flow, current.flow) == ("test_drive", "courses")
    assert (await everything(play, Identity))[0].conversation_id == current.id


async def test_I14_words_under_the_question_about_advertising_reach_the_manager(play):
    anna = play.person("Анна", "7001")
    await anna.applies()
    await anna.says("а можно в субботу?")
    assert "а можно в субботу?" in play.desk()[-1].text
    assert "Передал менеджеру" in anna.last.text
    await play.hears("telegram", Text("Можно", play.desk()[0].id), OLGA, chat=DESK, name="Ольга")
    before = anna.heard()
    await play.forward(timedelta(hours=3))
    assert anna.heard() == before, "nobody is asked about advertising of the bot's own accord"
    await anna.taps("Согласен")
    assert "До встречи" in anna.last.text


# ---------------------------------------------------------------- a lead's end, and what comes after


async def test_P36_a_lead_that_is_won_meanwhile_is_not_applied_to_again(play):
    anna = play.person("Анна", "7001")
    await anna.applies()
    await anna.opens()
    await anna.taps("Ещё одна заявка")
    await anna.taps("Записаться")
    await olga_presses(play, "#1.take")
    await olga_presses(play, "#1.won")
    await says_all(anna, *ANSWERS, "да")
    first, second = await everything(play, Lead)
    assert (first.status, first.applications) == ("won", 1)
    assert (second.status, second.applications, second.former_id) == ("application", 1, first.id)
    assert "№1" in play.desk()[0].text
    assert "Кроссовер" in play.desk()[0].text, "the closed card stays as it was"
    card = play.desk()[-1].text
    assert all(said in card for said in ("№2", "Седан", "Анна", "+7 905 111-22-33"))
    assert not [one for one in await everything(play, LeadEvent) if one.lead_id == 1 and one.detail.get("n", 1) > 1]


async def test_P36_an_answer_given_before_the_lead_was_closed_comes_along(play):
    anna = play.person("Анна", "7001")
    await anna.applies()
    await anna.opens()
    await anna.taps("Ещё одна заявка")
    await anna.taps("Записаться")
    await says_all(anna, *ANSWERS[:5])
    await olga_presses(play, "#1.take")
    await olga_presses(play, "#1.won")
    await says_all(anna, ANSWERS[5], "да")
    assert all(said in play.desk()[-1].text for said in ("№2", "Седан", "👤 Анна", "Стаж, лет: 3"))


async def test_P36_a_second_application_has_the_same_code_and_the_same_deadline(play):
    anna = play.person("Анна", "7001")
    await anna.applies()
    promised = next(one for one in anna.heard() if "Ваш промокод" in one)
    await anna.taps("Не согласен")
    await play.forward(timedelta(days=5))
    await anna.opens()
    await anna.taps("Ещё одна заявка")
    await anna.taps("Записаться")
    await says_all(anna, *ANSWERS, "да")
    again = [one for one in anna.heard() if "Ваш промокод" in one][-1]
    lines = [
        [line for line in said.splitlines() if "ромокод" in line or "Действует" in line] for said in (promised, again)
    ]
    assert lines[0] == lines[1]
    assert len([one for one in await everything(play, PromoCode) if one.lead_id]) == 1


# ---------------------------------------------------------------- silence


@pytest.mark.parametrize("said", ["/start", "удалите мои данные", "мои данные"])
async def test_T1_whoever_wrote_a_minute_ago_is_not_silent(play, said):
    anna = play.person("Анна", "7001")
    await anna.agrees()
    await play.forward(timedelta(minutes=19))
    await (anna.opens() if said == "/start" else anna.says(said))
    before = anna.heard()
    await play.forward(timedelta(minutes=18))
    assert anna.heard() == before
    await play.forward(timedelta(minutes=4))
    assert "До записи" in anna.last.text


async def test_T2_a_reminder_missed_for_days_is_not_sent_in_the_morning_after_the_restart(play):
    anna = play.person("Анна", "7001")
    await anna.agrees()
    before = anna.heard()
    play.clock.forward(timedelta(days=3, hours=10))  # 22:00 in Moscow: nobody may be written to
    await play.app.pulse()
    await play.forward(timedelta(hours=13))
    assert anna.heard() == before


async def test_T8_reminders_follow_the_version_one_stands_in(play):
    anna, boris = play.person("Анна", "7001"), play.person("Борис", "7002")
    await anna.agrees()
    await goes_live(play, "first reminder gone")
    await boris.agrees()
    await play.forward(timedelta(minutes=25))
    assert "До записи" in anna.last.text
    assert "Какой автомобиль" in boris.last.text
    await play.forward(timedelta(days=6))
    assert [one.status for one in await everything(play, Lead)] == ["cold", "cold"]
    assert not [row for row in await everything(play, Outbox) if row.kind == "advertising"]


# ---------------------------------------------------------------- the files change


async def test_A3_going_back_passes_over_a_step_that_is_gone(play):
    anna = play.person("Анна", "7001")
    await anna.agrees()
    await says_all(anna, "Кроссовер", "На этой неделе")
    await goes_live(play, "visit renamed")
    await says_all(anna, "12", "назад", "назад")
    assert "Какой автомобиль" in anna.last.text


async def test_I10_a_version_that_cannot_be_read_holds_nobody(play):
    anna, boris = play.person("Анна", "7001"), play.person("Борис", "7002")
    await anna.agrees()
    await boris.agrees()
    await says_all(boris, "менеджер")
    await goes_live(play, "visit renamed")
    async with play.database.write() as db:
        await db.execute(update(FlowVersion).where(FlowVersion.id == 1).values(files={"business.yaml": "other: words"}))
    play.app.library = Published(play.database)
    await play.app.library.refresh()
    await anna.says("Седан")
    assert "Когда вам удобно" in anna.last.text
    await play.forward(timedelta(hours=2, minutes=5))
    assert "Какой автомобиль" in boris.last.text
    await boris.says("удалите мои данные")
    await boris.taps("Да, удалить всё")
    assert "удалены" in boris.last.text
    assert await everything(play, ParkedEvent) == []


async def test_N5_a_return_that_fails_holds_up_no_other(play):
    anna, boris = play.person("Анна", "7001"), play.person("Борис", "7002")
    await anna.agrees()
    await says_all(anna, "менеджер")
    await boris.agrees()
    await says_all(boris, "менеджер")
    async with play.database.write() as db:
        await db.execute(update(Conversation).where(Conversation.id == 1).values(flow="gone", version=77))
    await play.forward(timedelta(hours=2, minutes=5))
    assert "Какой автомобиль" in boris.last.text
    assert [one.person_until for one in await everything(play, Conversation)] == [None, None]


async def test_R11_files_of_a_newer_program_leave_the_former_ones_live(play):
    anna = play.person("Анна", "7001")
    await anna.agrees()
    async with play.database.write() as db:
        db.add(
            FlowVersion(digest="new", files={"business.yaml": "x: y"}, published_at=play.clock.now(), published_by="1")
        )
    with pytest.raises(LookupError):
        await play.app.library.refresh()
    await anna.says("Седан")
    assert "Когда вам удобно" in anna.last.text


# ---------------------------------------------------------------- one batch


async def test_P46_an_erasure_in_a_batch_leaves_the_others_words_where_they_belong(play):
    anna, boris = play.person("Анна", "7001"), play.person("Борис", "7002")
    await anna.agrees()
    await boris.agrees()
    said: list[tuple[str, Heard]] = [
        ("7002", Text("Седан")),
        ("7001", Text("Кроссовер")),
        ("7001", Text("отзываю согласие")),
        ("7001", Text("Анна")),
    ]
    said += [("7002", Text("На этой неделе")), ("7001", Press("!erase", "q", "1")), ("7002", Text("7"))]
    batch = [
        Inbound(channel="telegram", event_id=f"b{place}", sender=who, chat=who, at=play.clock.now(), heard=heard)
        for place, (who, heard) in enumerate(said)
    ]
    await play.app.receive(batch)
    await play.app.delivery.drain()
    assert await everything(play, ParkedEvent) == []
    [lead] = [one for one in await everything(play, Lead) if one.contact_id]
    assert lead.id == 2
    assert anna.last.text == "Ваших данных у нас уже нет.", "the last thing said"
    assert "Сколько лет" not in boris.last.text


# ---------------------------------------------------------------- one event kills the process


class Poison(BaseException):
    """The process is gone: nothing of it runs on."""


def text_of(who: str, words: str, play: Play, number: int) -> Inbound:
    return Inbound(
        channel="telegram", event_id=f"poison-{number}", sender=who, chat=who, at=play.clock.now(), heard=Text(words)
    )


async def starts_anew(play: Play, told: list[str] | None = None, slip: Slip | None = None) -> None:
    """The process begins once more on the same database. ``told``: gets the kinds of its alarms."""
    play.app = App(
        database=play.database, library=play.app.library, channels=play.app.channels, clock=play.clock,
        delivery=Delivery(play.database, play.networks, play.clock), desks=play.app.desks, admins=play.app.admins,
        slip=slip,
        report=lambda kind, text: (told if told is not None else []).append(kind),
    )  # fmt: skip
    await play.app.start()


async def test_N5_an_event_that_kills_the_process_is_parked_by_the_third_start_and_the_rest_are_served(play):
    anna, boris = play.person("Анна", "7001"), play.person("Борис", "7002")
    await anna.agrees()
    await boris.agrees()
    before = len(boris.screen)
    batch = [text_of("7001", "Седан", play, 1), text_of("7002", "Кроссовер", play, 2)]

    def kills(point: str) -> None:
        if point == "turn decided":
            raise Poison

    arm(kills)
    try:
        with pytest.raises(Poison):
            await play.app.receive(batch)
        await starts_anew(play)
        with pytest.raises(Poison):
            await play.app.receive(batch)
        await starts_anew(play)
        with pytest.raises(Poison):  # it goes on to Boris, whose event kills as well
            await play.app.receive(batch)
    finally:
        arm(None)
    await starts_anew(play)
    await play.app.receive([*batch, text_of("7001", "Седан", play, 3)])
    await play.app.delivery.drain()
    parked = await everything(play, ParkedEvent)
    assert [(one.event_id, one.error) for one in parked] == [
        ("poison-1", "the process died while serving it"),
        ("poison-2", "the process died while serving it"),
    ]
    assert "попробуйте" in anna.heard()[-2].lower() and "Когда вам удобно" in anna.last.text
    assert len(boris.screen) == before + 1 and "попробуйте" in boris.last.text.lower()


async def test_N5_a_stranger_whose_first_words_are_parked_is_told_and_so_are_the_admins(play):
    """The process dies again, right after it parked: the alarm it had in mind is raised by the next."""
    told: list[str] = []
    vera, batch = play.person("Вера", "7003"), [text_of("7003", "Здравствуйте", play, 1)]
    for deadly in ("before commit of events", "parked"):
        await starts_anew(play, told)
        arm(lambda point, deadly=deadly: dies() if point == deadly else None)
        try:
            with pytest.raises(Poison):
                await play.app.receive(batch)
        finally:
            arm(None)
    assert told == []
    await starts_anew(play, told)
    await play.app.receive(batch)
    await play.app.delivery.drain()
    assert told == ["parked"] and vera.heard() == [SORRY] and await everything(play, Identity) == []


def dies() -> None:
    raise Poison


async def test_N5_a_kill_from_outside_is_no_events_fault(play, tmp_path):
    anna, boris = play.person("Анна", "7001"), play.person("Борис", "7002")
    await anna.agrees()
    await boris.agrees()
    slip = tmp_path / "leads.db-serving"
    slip.write_text("")
    first, second = text_of("7001", "Седан", play, 1), text_of("7002", "Кроссовер", play, 2)

    def kills(point: str) -> None:
        if point == "turn decided":
            raise Poison

    for batch in ([first], [second], [first, second]):  # each is there when it ends, none twice in a row
        await starts_anew(play, slip=Slip(slip))
        arm(kills)
        with pytest.raises(Poison):
            await play.app.receive(batch)
        arm(None)
    await starts_anew(play, slip=Slip(slip))
    await play.app.receive([first, second])
    await play.app.delivery.drain()
    assert await everything(play, ParkedEvent) == []
    assert "Когда вам удобно" in anna.last.text and "Когда вам удобно" in boris.last.text


def test_N5_on_a_slip_of_another_version_everybody_is_suspected(tmp_path):
    """It has its own marks: none of ours on it tells nothing."""
    path, key = tmp_path / "leads.db-serving", ("vk", "m1.1")
    path.write_text("6c0a1f3d9b2e4857aa10 0b9c8d7e6f5a41302211")
    assert not Slip(path).knows and Slip(path).suspects(key)
    with pytest.raises(KeyboardInterrupt), Slip(path).holding([key]):
        raise KeyboardInterrupt  # as a kill: nothing is wiped
    assert Slip(path).knows and Slip(path).suspects(key) and not Slip(path).suspects(("vk", "m2.1"))


async def test_N5_the_slip_tells_whose_event_it_was(play, tmp_path):
    anna, boris = play.person("Анна", "7001"), play.person("Борис", "7002")
    await anna.agrees()
    await boris.agrees()
    slip, said = tmp_path / "leads.db-serving", []

    def kills(point: str) -> None:
        if point == "turn decided":
            raise Poison

    for number in (1, 2):  # Anna's event kills; Boris writes in between
        await starts_anew(play, slip=Slip(slip))
        batch = [text_of("7001", "Седан", play, 1), *said]
        said.append(text_of("7002", "Кроссовер" if number == 1 else "Седан", play, 1 + number))
        arm(kills)
        with pytest.raises(Poison):
            await play.app.receive(batch)
        arm(None)
    await starts_anew(play, slip=Slip(slip))
    await play.app.receive([text_of("7001", "Седан", play, 1), *said])
    parked = [one.event_id for one in await everything(play, ParkedEvent)]
    assert parked == ["poison-1"], "the third start parks it and serves the rest"
    assert "poison-1" not in slip.read_text() and "7001" not in slip.read_text()


async def test_R3_N5_a_database_that_is_away_parks_nobodys_event(play):
    anna = play.person("Анна", "7001")
    await anna.agrees()
    await starts_anew(play)  # after an unclean end: every event by itself
    batch = [text_of("7001", "Седан", play, 1)]
    away = True

    def fails(point: str) -> None:
        if away and point == "turn decided":
            raise OperationalError("…", None, Exception("database is locked"))

    arm(fails)
    try:
        for _ in range(6):
            with pytest.raises(OperationalError):
                await play.app.receive(batch)
        away = False
        await play.app.receive(batch)
    finally:
        arm(None)
    await play.app.delivery.drain()
    assert await everything(play, ParkedEvent) == [] and "Когда вам удобно" in anna.last.text


def kills(point: str) -> None:
    if point == "turn decided":
        raise Poison


async def test_N5_a_killer_behind_a_batch_served_long_ago_is_parked_by_the_third_start(play, tmp_path):
    """VK's lost history is read a conversation at a time: what comes first may have been served in another life."""
    anna, boris = play.person("Анна", "7001"), play.person("Борис", "7002")
    await anna.agrees()
    await boris.agrees()
    old, killer = text_of("7001", "Седан", play, 1), text_of("7002", "Кроссовер", play, 2)
    await play.app.receive([old])
    (tmp_path / "slip").write_text("")
    deaths = 0
    for _ in range(4):
        await starts_anew(play, slip=Slip(tmp_path / "slip"))
        await play.app.receive([old])
        arm(kills)
        try:
            await play.app.receive([killer])
        except Poison:
            deaths += 1
        finally:
            arm(None)
    assert deaths == 2 and [one.event_id for one in await everything(play, ParkedEvent)] == ["poison-2"]


async def test_R4_N5_lives_that_end_while_the_disk_is_full_are_no_events_fault(play, tmp_path):
    anna = play.person("Анна", "7001")
    await anna.agrees()
    said = text_of("7001", "Седан", play, 1)

    def full(point: str) -> None:
        if point == "turn decided":
            raise OperationalError("…", None, Exception("database or disk is full"))

    for _ in range(3):
        await starts_anew(play, slip=Slip(tmp_path / "slip"))
        arm(full)
        try:
            with pytest.raises(OperationalError):
                await play.app.receive([said])
        finally:
            arm(None)
    await starts_anew(play, slip=Slip(tmp_path / "slip"))
    await play.app.receive([said])
    await play.app.delivery.drain()
    assert await everything(play, ParkedEvent) == [] and "Когда вам удобно" in anna.last.text


async def test_N5_whoever_broke_their_own_rows_is_parked_without_a_word_and_holds_up_nobody(play):
    anna, boris = play.person("Анна", "7001"), play.person("Борис", "7002")
    await anna.agrees()
    await boris.agrees()
    async with play.database.write() as db:
        await db.execute(text("UPDATE conversation SET state = '{' WHERE id = 1"))  # nobody can read it any more
    await play.app.receive([text_of("7001", "Седан", play, 1), text_of("7002", "Кроссовер", play, 2)])
    await play.app.delivery.drain()
    assert [one.event_id for one in await everything(play, ParkedEvent)] == ["poison-1"]
    assert "Когда вам удобно" in boris.last.text


@pytest.mark.parametrize(
    ("state", "down"),
    [("53100", True), ("25006", True), ("55P03", True), ("57P01", True), ("40P01", True), ("08006", True),
     ("23505", False), ("22P05", False), ("42703", False)],
)  # fmt: skip
def test_R14_what_postgresql_says_of_itself_is_no_events_fault(state: str, down: bool) -> None:
    said = Exception("…")
    said.sqlstate = state  # type: ignore[attr-defined]
    assert is_database_down(DBAPIError("…", None, said)) is down
    assert is_database_down(said) is down


def said_by_postgresql(state: str) -> Exception:
    said = Exception("…")
    said.sqlstate = state  # type: ignore[attr-defined]
    return DBAPIError("…", None, said)


def caused_by(failed: Exception, cause: Exception) -> Exception:
    assert isinstance(failed, StatementError)
    failed.orig.__cause__ = cause  # type: ignore[union-attr]
    return failed


@pytest.mark.parametrize(
    ("failed", "by_values"),
    [
        (ValueError("what nobody foresaw"), True),
        (StatementError("…", "INSERT", None, TypeError("not JSON serializable")), True),
        (IntegrityError("…", None, Exception("NOT NULL")), True),
        (caused_by(InterfaceError("…", None, Exception("…")), ValueError("no such character")), True),
        (caused_by(OperationalError("…", None, Exception("…")), ValueError("no active connection")), False),
        (OperationalError("no such table", None, Exception("…")), False),
        (OSError("disk full"), False),
        (MemoryError(), False),
        (RuntimeError("can't start new thread"), False),
        *((said_by_postgresql(state), True) for state in ("22021", "23505")),
        *((said_by_postgresql(state), False) for state in ("42P01", "40P01", "08006", "25P02", "53100")),
    ],
)
def test_whose_fault_it_is_that_a_message_cannot_be_written(failed: Exception, by_values: bool) -> None:
    assert is_about_values(failed) is by_values
