"""Dated follow-ups: the day before the trip, two weeks before the policy ends; what makes them void."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.clock import HandClock
from bot.library import OneSet
from dialogs.conversation import Conversation
from dialogs.flow_set import FlowSet
from dialogs.graph import mermaid
from dialogs.hours import is_quiet
from dialogs.reading import load
from dialogs.reminding import moment, reminders
from handlers.inbound import PhoneCard, Press
from storage.database import Database
from storage.tables import FollowUp, Lead, Outbox
from tests.flow_folder import folder, problems, the_one
from tests.person_play import DESK, OLGA, Play, Someone

MOSCOW = ZoneInfo("Europe/Moscow")

ASKS = """\
  - id: trip
    ask: |
      Когда вылет?
    answer: date
    purpose: напомнить о поездке
  - id: phone
"""
DONE = "      Спасибо, {{ name }}! Код {{ code }} действует до {{ code.until | day }}.\n"
LATER = """\
  - id: again
    ask: |
      {{ name }}, куда в следующий раз?
    purpose: подобрать тур
    choices:
      - label: Снова к морю
        go: done
      - label: Пока никуда
        go: end
silence:
"""
DATES = """\
dates:
  - of: trip
    before: 1 day
    say: |
      {{ name }}, завтра в путь! Проверьте паспорта.
  - of: trip
    before: 2 h
    if: nights >= 7
    say: |
      Пора выезжать в аэропорт.
  - of: trip
    after: 3 days
    kind: advertising
    say: |
      {{ name }}, следующий тур — со скидкой.
    go: again
confirmed: [advertising-as-service]
"""
CHANGES = (
    ("  - id: phone\n", ASKS),
    ("      Хорошего дня!\nsilence:\n", "      Хорошего дня!\n    go: end\n" + LATER),
    ("  - after: 2 days\n    mark: cold\n", "  - after: 2 days\n    mark: cold\n" + DATES),
)


def sound(*changes: tuple[str, str]) -> FlowSet:
    found = load(folder("tour.yaml", *CHANGES, *changes))
    assert found.flow_set is not None, "\n".join(map(str, found.problems))
    business = found.flow_set.business
    switched = business.model_copy(update={"switches": business.switches.model_copy(
        update={"telegram_advertising": {"by": "Волнова", "date": "2026-11-01"}})})  # fmt: skip
    return FlowSet(1, found.flow_set.flows, switched, found.flow_set.consents)


HOUR = ("    answer: date\n", "    answer: time\n")


@pytest.fixture
async def by_the_hour(database: Database, clock: HandClock) -> Play:
    """The same, but the hour is asked too."""
    return await Play.begin(database, clock, sound(HOUR))


@pytest.fixture
async def play(database: Database, clock: HandClock) -> Play:
    return await Play.begin(database, clock, sound())


async def applies(anna: Someone, trip: str, *, nights: str = "7", news: str = "Согласен") -> None:
    """From the link (on a Monday at noon) to the answer about advertising."""
    await anna.opens("tour__flyer")
    await anna.taps("Согласен")
    for words in ("К морю", nights, "Анна", trip, "да, верно"):
        await anna.says(words)
    await anna.play.hears(anna.channel, PhoneCard("+79051112233", True), anna.id, name=anna.name)
    await anna.taps(news)


async def rows(play: Play) -> list[FollowUp]:
    async with play.database.read() as db:
        dated = select(FollowUp).where(FollowUp.what == "date").order_by(FollowUp.id)
        return list(await db.scalars(dated))


async def statuses(play: Play) -> list[tuple[str, str | None]]:
    return [(one.status, one.reason) for one in await rows(play)]


async def test_the_day_before_the_trip_and_after_it(play: Play) -> None:
    anna = play.person("Анна", "50177")
    await applies(anna, "28 ноября")
    said_so_far = len(anna.screen)
    await play.forward(timedelta(days=3))
    assert len(anna.screen) == said_so_far
    await play.forward(timedelta(days=1, hours=1))
    assert anna.last.text == "Анна, завтра в путь! Проверьте паспорта."
    assert anna.last.buttons == []
    await play.forward(timedelta(days=1))
    assert anna.last.text == "Пора выезжать в аэропорт."
    await play.forward(timedelta(days=4))
    assert anna.last.text == (
        "Анна, следующий тур — со скидкой.\n\nНе хотите получать такие сообщения — напишите «стоп»."
    )
    await anna.taps("Продолжить")
    assert anna.last.text == "Анна, куда в следующий раз?"
    await anna.taps("Снова к морю")
    async with play.database.read() as db:
        advert = (await db.scalars(select(Outbox).where(Outbox.kind == "advertising"))).one()
        assert advert.consent_id is not None and advert.unsolicited  # I8
        assert await db.scalar(select(Lead.applications)) == 2
    done = await rows(play)
    assert [one.status for one in done] == ["done"] * 3  # all of them past: the second application plans none
    assert all(set(one.detail) == {"version"} for one in done)  # nothing of Anna's is kept in them


async def test_a_condition_and_a_past_moment_keep_them_away(by_the_hour: Play) -> None:
    play = by_the_hour
    anna = play.person("Анна", "50177")
    await applies(anna, "завтра в 10:30", nights="3", news="Не согласен")
    assert [(one.rule, one.due_at.isoformat()) for one in await rows(play)] == [
        (1, "2026-11-24T06:00:00+00:00"),  # 8:30 is among the quiet hours: at nine, still before the flight
        (2, "2026-11-27T07:30:00+00:00"),
    ]
    said = len(anna.screen)
    await play.forward(timedelta(days=5))
    assert len(anna.screen) == said
    assert await statuses(play) == [
        ("skipped", "its condition does not hold"),
        ("skipped", "no consent to advertising"),  # L27
    ]


@pytest.mark.parametrize(
    ("rule", "due"),
    [
        ("before: 1 day", "2026-12-14 12:00"),  # a day without an hour counts from its noon
        ("before: 18 h", "2026-12-14 18:00"),
        ("before: 26 h", "2026-12-14 10:00"),
        ("before: 330 h", "2026-12-01 18:00"),
        ("after: 30 h", "2026-12-16 18:00"),
    ],
)
async def test_hours_choose_the_time_of_day(database: Database, clock: HandClock, rule: str, due: str) -> None:
    play = await Play.begin(database, clock, sound(("    before: 1 day\n", f"    {rule}\n")))
    await applies(play.person("Анна", "50177"), "15 декабря")
    planned = next(one for one in await rows(play) if one.rule == 0)
    assert f"{planned.due_at.astimezone(MOSCOW):%Y-%m-%d %H:%M}" == due


async def test_a_new_application_plans_anew_and_a_new_run_alone_does_not(play: Play) -> None:
    anna = play.person("Анна", "50177")
    await applies(anna, "15 декабря")
    await anna.says("заново")
    assert [one.status for one in await rows(play)] == ["planned"] * 3  # the trip is still on
    for words in ("В горы", "2", "Анна", "20 декабря", "да"):
        await anna.says(words)
    await anna.play.hears(anna.channel, PhoneCard("+79051112233", True), anna.id, name=anna.name)
    assert [one.status for one in await rows(play)] == ["cancelled"] * 3 + ["planned"] * 3
    assert {one.detail["at"][:10] for one in await rows(play) if one.status == "planned"} == {"2026-12-20"}


async def test_T8_they_survive_an_edit_of_the_flow_as_they_were_planned(play: Play) -> None:
    anna = play.person("Анна", "50177")
    await applies(anna, "28 ноября")
    edited = sound(("завтра в путь", "завтра летим"))
    play.app.library = Both(OneSet(sound()).live, FlowSet(2, edited.flows, edited.business, edited.consents))
    await play.forward(timedelta(days=4, hours=1))
    assert anna.last.text == "Анна, завтра в путь! Проверьте паспорта."


class Both:
    """Two published versions."""

    def __init__(self, *sets: FlowSet) -> None:
        self._sets = {one.version: one for one in sets}
        self.live = sets[-1]

    def at(self, version: int) -> FlowSet:
        return self._sets[version]


async def olga_closes(play: Play, *labels: str) -> None:
    for label in labels:
        shown = next(one for one in reversed(play.desk()) if label in str(one.buttons))
        key = next(button.key for row in shown.buttons for button in row if label in button.label)
        await play.hears("telegram", Press(key, "q", shown.id), OLGA, chat=DESK, name="Ольга")


async def test_T7_a_lost_lead_is_not_reminded_and_a_won_one_is(play: Play) -> None:
    anna, boris = play.person("Анна", "50177"), play.person("Борис", "50288", "vk")
    await applies(anna, "28 ноября", news="Не согласен")
    await olga_closes(play, "Отказ", "Дорого")
    await play.forward(timedelta(days=8))
    assert {why for _, why in await statuses(play)} == {"lost"}
    await applies(boris, "10 декабря", news="Не согласен")
    async with play.database.write() as db:
        (lead,) = await db.scalars(select(Lead).where(Lead.status == "application"))
        lead.status = "won"
    await play.forward(timedelta(days=9))
    assert "завтра в путь" in "".join(boris.heard())


@pytest.mark.parametrize("words", ["стоп", "отзываю согласие"])
async def test_L8_stop_and_withdrawal_end_them_at_once(play: Play, words: str) -> None:
    anna = play.person("Анна", "50177")
    await applies(anna, "28 ноября")
    await anna.says(words)
    said = len(anna.screen)
    assert {status for status, _ in await statuses(play)} <= {"cancelled"}
    assert all(not one.detail for one in await rows(play))
    await play.forward(timedelta(days=9))
    assert len(anna.screen) == said


async def test_T2_what_the_bot_slept_through_is_said_while_it_is_still_true(by_the_hour: Play) -> None:
    play = by_the_hour
    anna = play.person("Анна", "50177")
    await applies(anna, "28 ноября в 20:00", news="Не согласен")
    play.clock.forward(timedelta(days=5, hours=4))  # the bot was off: it is 16:00 on the day itself
    await play.app.pulse()
    await play.app.delivery.drain()
    assert [one.split(",")[0] for one in anna.heard()[-1:]] == ["Анна"]  # the day before is past, the flight is not
    await play.forward(timedelta(hours=5))
    assert anna.last.text == "Пора выезжать в аэропорт."
    assert (await statuses(play))[:2] == [("done", None), ("done", None)]


async def test_a_forged_button_leads_nowhere(play: Play) -> None:
    anna, eve = play.person("Анна", "50177"), play.person("Ева", "50666")
    await applies(anna, "завтра", nights="3")
    await play.forward(timedelta(days=5))
    (advert,) = [one for one in anna.screen if one.buttons and one.buttons[0][0].key.startswith("!date.")]
    await eve.opens("tour__flyer")
    for key in (advert.buttons[0][0].key, "!date.", "!date.x", "!date.99999999999999999999", "!date.1.again"):
        await eve.presses(key)
        assert "Согласие" in eve.last.text or "Даю согласие" in eve.last.text
    assert advert.buttons[0][0].label == "Продолжить"


TOURS = sound()
MOMENTS = [
    ("2026-12-15", "2026-12-15T12:00:00+03:00"),
    ("2026-12-15T15:30+03:00", "2026-12-15T15:30:00+03:00"),
    ("2026-12-15T15:30", "2026-12-15T15:30:00+03:00"),
    ("2026-12-15T12:30+00:00", "2026-12-15T15:30:00+03:00"),
    ("завтра", None),
    ("", None),
    (7, None),
]


@pytest.mark.parametrize(("value", "named"), MOMENTS)
def test_the_moment_an_answer_names(value: object, named: str | None) -> None:
    found = moment(value, MOSCOW)
    assert (found.isoformat() if found else None) == named


@given(st.text(max_size=40))
def test_whatever_was_answered_nothing_breaks(text: str) -> None:
    moment(text, MOSCOW)


@given(when=st.integers(0, 3 * 366 * 24 * 60), now=st.integers(0, 3 * 366 * 24 * 60))
def test_T9_all_is_planned_in_the_future_in_allowed_hours_and_before_what_it_comes_before(when: int, now: int) -> None:
    trip, today = (datetime(2026, 1, 1, tzinfo=MOSCOW) + timedelta(minutes=one) for one in (when, now))
    script, answers = TOURS.script("tour"), {"trip": trip.isoformat(), "nights": 7, "name": "Анна", "where": "sea"}
    for one in reminders(script, Conversation("tour", 1, answers=answers), today.astimezone(UTC)):
        assert one.due > today and not is_quiet(script.business, one.due)
        assert (one.due < one.at) == (script.flow.dates[one.rule].before is not None)
        assert "where" not in one.state.answers  # only what the message needs


WRONG = [
    (("of: trip", "of: where"), "date-of-nothing", "trip"),
    (("of: trip", "of: trap"), "date-of-nothing", "«trip»"),
    (("    before: 1 day\n", ""), "before-or-after", "before: 1 day"),
    (("    before: 1 day\n", "    before: 1 day\n    after: 1 day\n"), "before-or-after", "before: 1 day"),
    (("    go: again\nconf", "    go: agian\nconf"), "jump-to-nowhere", "«again»"),
    (("if: nights >= 7\n    say", "if: night >= 7\n    say"), "condition-name", "«nights»"),
    (("{{ name }}, завтра в путь", "{{ nmae }}, завтра в путь"), "template", "«name»"),
    (("Пора выезжать", "Промокод {{ code }}: пора выезжать"), "advertising-as-service", "kind: advertising"),
    (("    before: 1 day\n", "    before: вчера\n"), "wrong-value", "например"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "name", "fix"), WRONG)
def test_they_are_checked(change: tuple[str, str], name: str, fix: str) -> None:
    found = [one for one in problems("tour.yaml", *CHANGES, change) if one.level == "error"]
    assert fix in the_one(found, name).fix + the_one(found, name).message


def test_the_drawing_shows_them() -> None:
    drawn = mermaid(sound().flows["tour"])
    assert "s_trip -.-> date_0" in drawn and "date_2 --> s_again" in drawn and "за 1 д до trip" in drawn
