"""Bursts: what somebody writes in several messages is read together, after a pause that outlives a restart (P16)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.clock import HandClock
from bot.rehearsal import rehearse
from dialogs.conversation import Conversation, Known
from dialogs.effects import Say
from dialogs.engine import advance
from dialogs.events import Read, Said, Started
from dialogs.flow_set import FlowSet
from dialogs.gathering import MOST
from dialogs.reading import load
from handlers.inbound import Attachment, Edited, PhoneCard, Reachable, Text
from storage.database import Database
from storage.tables import Answer, FollowUp
from storage.tables import Conversation as Talk
from tests.conftest import NOON
from tests.flow_folder import folder
from tests.person_play import Play, Someone
from tests.test_engine import Anna as Engine
from tests.test_walking import STEPS, Boris, script

WISH = """\
  - id: wish
    ask: |
      Расскажите, о чём мечтаете?
    answer: text
    optional: true
    card: Мечта
    purpose: подобрать тур
  - id: phone
"""
FILES = folder("tour.yaml", ("  - id: phone\n", WISH), ("answer: name\n", "answer: name\n    pause: 4 seconds\n"))
ASKED, PHONE = "о чём мечтаете", "какой у вас телефон"
BIT = timedelta(seconds=1)


def flow_set(files: dict[str, str | bytes] | None = None) -> FlowSet:
    found = load(files or FILES, version=1)
    assert found.flow_set is not None, [str(one) for one in found.problems]
    return found.flow_set


@pytest.fixture
async def play(sqlite: Database, clock: HandClock) -> Play:
    return await Play.begin(sqlite, clock, flow_set())


@pytest.fixture
async def anna(play: Play) -> Someone:
    return await at_her_dreams(play)


async def at_her_dreams(play: Play) -> Someone:
    """Anna at the question about her dreams."""
    anna = play.person("Анна", "7001001")
    await anna.opens("tour__vk_ads__may")
    for label in ("Согласен", "В горы"):
        await anna.taps(label)
    await anna.says("7")
    await anna.says("Анна")
    await passes(play, 5)
    assert ASKED in anna.last.text
    return anna


async def passes(play: Play, seconds: float) -> None:
    await play.forward(timedelta(seconds=seconds))


async def answers(play: Play) -> dict[str, str]:
    async with play.database.read() as db:
        return {one.step: one.value for one in await db.scalars(select(Answer))}


# ---------------------------------------------------------------- the pause


async def test_P16_a_thought_in_three_messages_is_one_answer_and_gets_one_reply(play: Play, anna: Someone) -> None:
    shown = len(anna.screen)
    for said in ("здравствуйте", "хочу в Сочи", "в июле, вдвоём"):
        await anna.says(said)
        await passes(play, 2)
    assert len(anna.screen) == shown, "nobody is interrupted"
    await passes(play, 1)
    assert len(anna.screen) == shown + 1 and PHONE in anna.last.text
    assert (await answers(play))["wish"] == "здравствуйте\nхочу в Сочи\nв июле, вдвоём"
    await passes(play, 60)
    assert len(anna.screen) == shown + 1, "what was read is not read again"


async def test_P16_a_name_waits_where_the_author_says_so(sqlite: Database, clock: HandClock) -> None:
    play = await Play.begin(sqlite, clock, flow_set())
    boris = play.person("Борис", "7001002")
    await boris.opens("tour")
    for label in ("Согласен", "В горы"):
        await boris.taps(label)
    await boris.says("7")
    assert "Как к вам обращаться" in boris.last.text, "a number has no pause"
    for said in ("Меня зовут", "Борис"):
        await boris.says(said)
        await passes(play, 3)
    assert "Как к вам обращаться" in boris.last.text
    await passes(play, 1)
    assert ASKED in boris.last.text and (await answers(play))["name"] == "Борис"


async def test_P16_a_restart_in_the_pause_loses_nothing(play: Play, anna: Someone) -> None:
    await anna.says("хочу в Сочи")
    again = await Play.begin(play.database, play.clock, flow_set())
    again.networks["telegram"].screens[anna.id], again._events = [], play._events
    await passes(again, 2)
    await again.hears("telegram", Text("и к морю"), anna.id)
    await passes(again, 3)
    assert [PHONE in one.text for one in again.networks["telegram"].screens[anna.id]] == [True]
    assert (await answers(again))["wish"] == "хочу в Сочи\nи к морю"


async def test_hours_after_a_stop_words_are_read_before_their_silence_counts(play: Play, anna: Someone) -> None:
    await anna.says("хочу в Сочи")
    play.clock.forward(timedelta(hours=2))  # nobody was there: the reminder after twenty minutes is due as well
    await play.app.pulse()
    await play.app.delivery.drain()
    assert PHONE in anna.last.text
    assert not any("Продолжим?" in text for text in anna.heard())


# ---------------------------------------------------------------- what does not wait


@pytest.mark.parametrize("word", ["пропустить", "не знаю"])
async def test_skipping_by_a_word_is_done_at_once(play: Play, anna: Someone, word: str) -> None:
    await anna.says(word)
    assert PHONE in anna.last.text and "wish" not in await answers(play)


async def test_a_button_of_the_question_just_answered_in_words_does_nothing_twice(play: Play, anna: Someone) -> None:
    shown = len(anna.screen)
    await anna.says("хочу в Сочи")
    await anna.taps("Пропустить")
    assert len(anna.screen) == shown + 1 and PHONE in anna.last.text
    assert (await answers(play))["wish"] == "хочу в Сочи"


async def test_who_asks_for_a_person_in_the_pause_is_heard_and_the_words_are_kept(play: Play, anna: Someone) -> None:
    await anna.says("хочу в Сочи")
    await anna.says("менеджер")
    assert "Позвал менеджера" in anna.last.text
    assert (await answers(play))["wish"] == "хочу в Сочи"


async def test_a_human_who_took_the_word_meanwhile_gets_the_words(play: Play, anna: Someone) -> None:
    from handlers.inbound import PersonAnswered

    await anna.says("хочу в Сочи")
    await play.hears("telegram", PersonAnswered(), anna.id)
    shown = len(anna.screen)
    await passes(play, 5)
    assert len(anna.screen) == shown, "the bot is silent"
    assert any("хочу в Сочи" in one.text for one in play.desk())
    assert "wish" not in await answers(play)


AT_ONCE: dict[str, Callable[[Someone, Play], object]] = {
    "stop": lambda anna, play: anna.says("стоп"),
    "back": lambda anna, play: anna.says("назад"),
    "my data": lambda anna, play: anna.says("мои данные"),
    "a photo": lambda anna, play: play.hears("telegram", Attachment("photo"), anna.id),
    "a contact": lambda anna, play: play.hears("telegram", PhoneCard("+79001234567", True), anna.id),
    "a block": lambda anna, play: play.hears("telegram", Reachable(False), anna.id),
    "the link again": lambda anna, play: anna.opens("tour"),
}


@pytest.mark.parametrize("what", AT_ONCE)
async def test_whatever_comes_in_the_pause_comes_after_the_words(play: Play, anna: Someone, what: str) -> None:
    await anna.says("хочу в Сочи")
    await AT_ONCE[what](anna, play)  # type: ignore[misc]
    async with play.database.read() as db:
        state = await db.scalar(select(Talk.state))
        assert state is not None and "held" not in state
    kept = await answers(play)
    assert ("wish" in kept) == (what != "back"), "«назад» opens the answer that they have just given"
    shown = len(anna.screen)
    await passes(play, 10)
    assert len(anna.screen) == shown
    async with play.database.read() as db:
        rows = (await db.scalars(select(FollowUp).where(FollowUp.what == "reading"))).all()
        assert {one.status for one in rows} == {"cancelled", "done"}
        assert what == "a block" or not any(one.detail for one in rows), "the name in it is for that turn only"


@pytest.mark.parametrize("label", ["В горы", "Продолжить"])
async def test_a_button_from_before_the_words_asks_no_question_twice(play: Play, anna: Someone, label: str) -> None:
    await passes(play, 30 * 60)
    await anna.says("хочу в Сочи")
    shown = len(anna.screen)
    await anna.taps(label)
    assert len(anna.screen) == shown + 1 and PHONE in anna.last.text


async def test_who_taps_to_be_forgotten_in_the_pause_is_not_read_any_more(play: Play, anna: Someone) -> None:
    await anna.says("удалить мои данные")
    await anna.says("хочу в Сочи")
    shown = len(anna.screen)
    await anna.taps("Да, удалить всё")
    assert len(anna.screen) == shown + 1 and "удалены" in anna.last.text
    await passes(play, 10)
    assert len(anna.screen) == shown + 1


async def test_an_older_message_edited_in_the_pause_is_offered_after_the_words_are_read(
    play: Play, anna: Someone
) -> None:
    await anna.says("назад")
    await play.hears("telegram", Text("Анна", messages=(("32", "Анна"),)), anna.id, name="Анна")
    await passes(play, 4)
    await play.hears("telegram", Text("хочу в Крым", messages=(("33", "хочу в Крым"),)), anna.id)
    await play.hears("telegram", Edited("32", "Яна"), anna.id)
    assert anna.last.text == "Исправить «Анна» на «Яна»?" and PHONE in anna.screen[-2].text
    await anna.taps("Исправить")
    assert anna.last.text.startswith("Записал.") and (await answers(play))["name"] == "Яна"


ENGLISH = "translation: tour\nlanguage: en\nconfirmed: [not-translated]\nsteps:\n  phone: {ask: Your phone?}\n"


async def test_who_asks_for_another_language_in_the_pause_is_asked_the_next_question_in_it(
    sqlite: Database, clock: HandClock
) -> None:
    play = await Play.begin(sqlite, clock, flow_set({**FILES, "tour.en.yaml": ENGLISH}))
    anna = await at_her_dreams(play)
    await anna.says("хочу в Сочи")
    shown = len(anna.screen)
    await anna.says("English")
    assert [one.text for one in anna.screen[shown:]] == ["Your phone?"]


async def test_back_in_the_pause_takes_the_words_back_and_asks_once(play: Play, anna: Someone) -> None:
    shown = len(anna.screen)
    await anna.says("хочу в Сочи")
    await anna.says("назад")
    assert len(anna.screen) == shown + 1 and ASKED in anna.last.text
    await anna.says("назад")
    assert "Как к вам обращаться" in anna.last.text


async def test_who_writes_on_and_on_is_answered_all_the_same(play: Play, anna: Someone) -> None:
    for number in range(MOST + 1):
        assert ASKED in anna.last.text
        await anna.says(f"слово {number}")
    assert PHONE in anna.last.text


# ---------------------------------------------------------------- the engine alone


def test_before_the_consent_nothing_is_held() -> None:
    engine = Engine()
    engine.walks("/start")
    engine.does(Said("подобрать тур"))
    assert engine.at.held == () and engine.at.spoken == ()


def test_words_at_a_question_before_the_consent_are_answered_at_once() -> None:
    guests = {"id": "guests", "ask": "Сколько вас?", "answer": "number", "pause": "4 seconds"}
    boris = Boris(script(steps=[STEPS[0], guests, *STEPS[1:]]))
    assert boris.does(Started())[-1] == "Сколько вас?"
    boris.does(Said("4"))
    assert boris.at.held == () and boris.at.step == "agree"


@settings(max_examples=60)
@given(st.lists(st.text(min_size=1, max_size=20).filter(str.strip), min_size=1, max_size=6))
def test_words_in_pieces_are_the_words_at_once(pieces: list[str]) -> None:
    """Said in pieces or in one message: the same place, the same answer, the same reply."""
    known = Known("telegram", {"personal_data": "v1"})
    began = advance(script(steps=TEXT), Conversation("food", 1), Started(), now=NOON, known=known).conversation
    ends = []
    for messages in ([(str(number), one) for number, one in enumerate(pieces)], [("0", "\n".join(pieces))]):
        at, said = began, list[str]()
        for message in messages:
            turn = advance(script(steps=TEXT), at, Said(message[1], (message,)), now=NOON, known=known)
            at = turn.conversation
            said += [one.text for one in turn.effects if isinstance(one, Say)]
        turn = advance(script(steps=TEXT), at, Read(), now=NOON, known=known)
        said += [one.text for one in turn.effects if isinstance(one, Say)]
        ends.append((turn.conversation.step, turn.conversation.answers, turn.conversation.held, said))
    assert ends[0] == ends[1]


TEXT = [
    {"id": "agree", "consent": "personal_data", "refused": "end"},
    {"id": "wish", "ask": "О чём мечтаете?", "answer": "text"},
    {"id": "more", "ask": "Что ещё?", "answer": "text"},
    {"id": "done", "application": True, "say": "Спасибо!"},
]


# ---------------------------------------------------------------- stories


STORY = """\
stories:
  - story: Анна пишет по частям
    talk:
      - opens
      - taps: Согласен
      - taps: В горы
      - says: "7"
      - says: [Меня зовут, Анна]
      - sees: о чём мечтаете
      - says: [здравствуйте, "хочу в Сочи", "в июле, вдвоём"]
      - sees: Анна, какой у вас телефон
      - says: 8 900 123-45-67
      - taps: Всё верно
      - managers see: в июле, вдвоём
"""


async def test_a_story_tells_messages_in_a_row_and_its_clock_goes_on_by_itself() -> None:
    lines: list[str] = []
    files = {path: text.encode() if isinstance(text, str) else text for path, text in FILES.items()}
    report = await rehearse(flow_set(), {**files, "tour.stories.yaml": STORY.encode()}, show=lines.append)
    assert (report.passed, report.failed) == (1, 0), "\n".join(lines)
