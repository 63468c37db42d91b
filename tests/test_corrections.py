"""Edited messages (P17): an answer that was taken changes only by a yes of the person; other edits mean nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.clock import HandClock
from dialogs import phrases
from dialogs.conversation import Conversation
from dialogs.effects import Forget, PassOn, Remember
from dialogs.events import Edited, Read, Said, Started, Tapped
from handlers.inbound import Edited as EditedText
from handlers.inbound import Inbound, PersonAnswered, Text
from storage.database import Database
from storage.tables import Answer, Identity, Outbox
from storage.tables import Conversation as Talk
from tests.house import House
from tests.person_play import DESK, OLGA, Play
from tests.test_pauses import FILES as TEXTS
from tests.test_walking import Boris as Hungry
from tests.test_walking import script

FILES = {path: text.encode() if isinstance(text, str) else text for path, text in TEXTS.items()}
STEPS: Sequence[Mapping[str, Any]] = [
    {"id": "agree", "consent": "personal_data", "refused": "end"},
    {"id": "name", "ask": "Как вас зовут?", "answer": "name"},
    {
        "id": "what",
        "ask": "Что привезти?",
        "card": "Блюдо",
        "choices": [{"label": "Пиццу", "value": "pizza", "go": "wish"}, {"label": "Суши", "value": "sushi"}],
    },
    {"id": "sticks", "ask": "Сколько палочек?", "answer": {"type": "number", "from": 0, "to": 20}},
    {"id": "wish", "ask": "Что-нибудь ещё?", "answer": "text"},
    {"id": "phone", "ask": "Ваш телефон?", "answer": "phone"},
    {"id": "done", "application": True, "say": "Спасибо!"},
]


class Boris(Hungry):
    """Boris, whose messages have numbers as in Telegram and VK."""

    def __init__(self) -> None:
        super().__init__(script(steps=STEPS))
        self.number = 0

    def says(self, *words: str) -> list[str]:
        said: list[str] = []
        for word in words:
            self.number += 1
            said = self.does(Said(word, ((str(self.number), word),)))
            said = self.does(Read()) if self.at.held else said
        return said

    def edits(self, number: int, text: str) -> list[str]:
        return self.does(Edited(str(number), text))


@pytest.fixture
def boris() -> Boris:
    """He has consented by message 1 and is called «Борс» by message 2; what to bring waits."""
    boris = Boris()
    boris.does(Started())
    boris.says("согласен", "Борс")
    return boris


# ---------------------------------------------------------------- the engine alone


def test_P17_an_edited_answer_is_offered_and_changes_by_a_yes_alone(boris: Boris) -> None:
    assert boris.edits(2, "Борис") == ["Исправить «Борс» на «Борис»?"]
    assert boris.at.answers == {"name": "Борс"} and boris.at.step == "what"
    assert boris.taps("Исправить") == [f"{phrases.AMENDED}\n\nЧто привезти?"]
    assert boris.at.answers == {"name": "Борис"} and boris.at.step == "what"
    assert Remember("name", "name", "Имя", "Борис", "Борис") in boris.effects


@pytest.mark.parametrize(
    ("word", "name", "reply"),
    [
        ("да", "Борис", f"{phrases.AMENDED}\n\nЧто привезти?"),
        ("верно", "Борис", f"{phrases.AMENDED}\n\nЧто привезти?"),
        ("нет", "Борс", "Что привезти?"),
        ("суши", "Борс", "Сколько палочек?"),
    ],
)
def test_P17_a_word_is_enough_and_any_other_is_about_the_question(
    boris: Boris, word: str, name: str, reply: str
) -> None:
    boris.edits(2, "Борис")
    assert boris.says(word) == [reply]
    assert boris.at.answers["name"] == name and boris.at.offered is None
    assert boris.says("да") != [f"{phrases.AMENDED}\n\nЧто привезти?"], "what was offered is offered once"


def test_P17_the_answer_stays_by_a_button(boris: Boris) -> None:
    boris.edits(2, "Борис")
    yes = boris.buttons()["Исправить"]
    assert boris.taps(phrases.KEEP) == ["Что привезти?"]
    assert boris.does(Tapped(yes)) == [f"{phrases.STALE}\n\nЧто привезти?"]
    assert boris.at.answers == {"name": "Борс"}


def test_P17_an_edited_choice_that_leads_elsewhere_goes_there(boris: Boris) -> None:
    boris.says("суши", "2")
    assert boris.edits(3, "пиццу") == ["Исправить «Суши» на «Пиццу»?"]
    boris.taps("Исправить")
    assert boris.at.step == "wish" and boris.at.answers == {"name": "Борс", "what": "pizza"}
    assert Forget("sticks") in boris.effects


def test_P17_a_refused_try_is_read_again(boris: Boris) -> None:
    boris.says("суши", "не знаю сколько")
    assert boris.at.tries == 1
    assert boris.edits(4, "3") == ["Что-нибудь ещё?"]
    assert boris.at.answers["sticks"] == 3


def test_P17_an_edit_in_the_pause_changes_what_will_be_read(boris: Boris) -> None:
    boris.says("пиццу")
    for number, words in (("5", "без лука"), ("6", "и пабольше сыра")):
        assert boris.does(Said(words, ((number, words),))) == []
    assert boris.edits(6, "и побольше сыра") == []
    assert boris.does(Read()) == ["Ваш телефон?"]
    assert boris.at.answers["wish"] == "без лука\nи побольше сыра"
    assert boris.edits(5, "с луком") == ["Исправить «без лука\nи побольше сыра» на «с луком\nи побольше сыра»?"]


def test_P17_a_number_to_be_checked_is_read_again(boris: Boris) -> None:
    boris.says("пиццу", "без лука", "8 900 123-45-67")
    assert boris.edits(5, "8 900 123-45-76") == [phrases.CHECK_PHONE.format(shown="+7 900 123-45-76")]
    boris.says("да")
    assert boris.at.answers["phone"] == "+79001234576"


def test_P17_after_the_application_the_manager_is_told(boris: Boris) -> None:
    boris.says("пиццу", "без лука", "8 900 123-45-67", "да")
    assert boris.edits(5, "8 900 123-45-76") == [phrases.PASSED_ON]
    assert PassOn("Исправление к ответу: было «+7 900 123-45-67», стало «+7 900 123-45-76».") in boris.effects
    assert boris.at.answers["phone"] == "+79001234567"


@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "не согласен"), (2, "Борс"), (2, "борс"), (2, "🙂"), (99, "Кто-то")],
    ids=["no answer", "the same", "means the same", "no name at all", "unknown"],
)
def test_P17_other_edits_are_let_be(boris: Boris, number: int, text: str) -> None:
    before = boris.at
    assert boris.edits(number, text) == []
    assert (boris.at.answers, boris.at.step, boris.at.offered) == (before.answers, before.step, None)


def test_only_the_last_answers_are_remembered_by_their_messages(boris: Boris) -> None:
    boris.says("суши", "2", "без лука")
    assert len(boris.at.spoken) == 3
    assert boris.edits(2, "Борис") == [], "long ago: «исправить имя» is always there"


def test_an_old_conversation_has_none_of_this_and_loads() -> None:
    old = Conversation.load({"flow": "food", "version": 1, "step": "name"})
    assert (old.held, old.held_until, old.spoken, old.offered) == ((), None, (), None)
    assert "held" not in old.dump() and "spoken" not in old.dump()


# ---------------------------------------------------------------- around the engine


async def test_an_edit_by_somebody_we_know_nothing_of_makes_them_nobody_we_know(
    sqlite: Database, clock: HandClock
) -> None:
    play = await Play.begin(sqlite, clock)
    stranger = play.person("Вера", "7001009")
    await play.hears("telegram", EditedText("5", "здравствуйте"), stranger.id)
    async with sqlite.read() as db:
        assert (await db.scalars(select(Identity))).all() == [] and stranger.screen == []


async def test_P17_while_a_human_has_the_word_they_see_the_edit(sqlite: Database, clock: HandClock) -> None:
    play = await Play.begin(sqlite, clock)
    anna = play.person("Анна", "7001001")
    await anna.agrees()
    await anna.says("менеджер")
    await play.hears("telegram", PersonAnswered(), anna.id)
    shown = len(anna.screen)
    await play.hears("telegram", EditedText("5", "перезвоните после шести"), anna.id)
    assert len(anna.screen) == shown
    assert "перезвоните после шести" in play.desk()[-1].text


async def test_an_edit_in_the_managers_chat_is_let_be(sqlite: Database, clock: HandClock) -> None:
    play = await Play.begin(sqlite, clock)
    await play.person("Анна", "7001001").applies()
    before = [one.text for one in play.desk()]
    await play.hears("telegram", EditedText("5", "стоп"), OLGA, chat=DESK)
    assert [one.text for one in play.desk()] == before


async def test_I2_the_same_edit_twice_is_offered_once(sqlite: Database, clock: HandClock) -> None:
    play = await Play.begin(sqlite, clock)
    anna = play.person("Анна", "7001001")
    await anna.agrees()
    await play.hears("telegram", Text("Седан", messages=(("5", "Седан"),)), anna.id)
    shown = len(anna.screen)
    event = Inbound(
        channel="telegram", event_id="upd-77", sender=anna.id, chat=anna.id, at=clock.now(),
        heard=EditedText("5", "Кроссовер"),
    )  # fmt: skip
    for _ in range(2):
        await play.app.receive([event])
        await play.app.delivery.drain()
    assert [one.text for one in anna.screen[shown:]] == ["Исправить «Седан» на «Кроссовер»?"]


async def test_P17_messages_of_one_breath_are_known_by_their_numbers(sqlite: Database, clock: HandClock) -> None:
    play = await Play.begin(sqlite, clock)
    anna = play.person("Анна", "7001001")
    await anna.agrees()
    head = {"channel": "telegram", "sender": anna.id, "chat": anna.id, "at": clock.now()}
    said = [Text(words, messages=((number, words),)) for number, words in (("5", "Сидан"), ("6", "наверное"))]
    await play.app.receive([Inbound(event_id=f"u{number}", heard=one, **head) for number, one in enumerate(said)])
    await play.app.receive([Inbound(event_id="u3", heard=EditedText("6", "точно"), **head)])
    async with sqlite.read() as db:
        state = await db.scalar(select(Talk.state))
    assert state is not None
    assert ["5", "Сидан"] in state["spoken"][-1][1] and ["6", "точно"] in state["spoken"][-1][1]


# ---------------------------------------------------------------- through both networks


async def one(house: House, statement: Any) -> Any:
    async with house.database.read() as db:
        return await db.scalar(statement)


@pytest.mark.parametrize("channel", ["telegram", "vk"])
async def test_P17_through_the_network(channel: str, sqlite_url: str, clock: HandClock) -> None:
    async with House.open(channel, sqlite_url, clock, FILES) as house:
        anna = house.person("Анна")
        await anna.opens("tour__vk_ads__may")
        await anna.sees("Даю согласие")
        await anna.taps("Согласен")
        await anna.sees("Куда хотите?")
        await anna.taps("В горы")
        await anna.sees("На сколько ночей?")
        nights = await anna.says("сто")
        await anna.sees("На сколько ночей?")
        await anna.edits(nights, "10")  # refused before: the new words are the answer
        await anna.sees("Как к вам обращаться?")
        name = await anna.says("Ана")
        await anna.sees_nothing(0.2)
        await anna.edits(name, "Анн")  # in the pause
        await anna.sees_nothing(0.2)
        await house.forward(timedelta(seconds=5))
        await anna.sees("о чём мечтаете")
        await anna.edits(name, "Анна")
        await anna.sees("Исправить «Анн» на «Анна»?")
        await house.restart()
        await anna.edits(nights, "7")  # what she tapped or said before the name is offered too
        await anna.sees("Исправить «10» на «7»?")
        await anna.taps("Исправить")
        await anna.sees("о чём мечтаете")
        await anna.edits(name, "Анна Снегирёва")
        await anna.sees("Исправить «Анн» на «Анна Снегирёва»?")
        await anna.says("да")
        await anna.sees("о чём мечтаете")
        kept = {"nights": "7", "name": "Анна Снегирёва"}
        for step, value in kept.items():
            assert await one(house, select(Answer.value).where(Answer.step == step)) == value


@pytest.mark.parametrize("channel", ["telegram", "vk"])
async def test_P17_P46_edits_that_are_no_answers(channel: str, sqlite_url: str, clock: HandClock) -> None:
    async with House.open(channel, sqlite_url, clock, FILES) as house:
        anna = house.person("Анна")
        hello = await anna.says("Здравствуйте")
        await anna.sees("Даю согласие")
        told = await one(house, select(func.count()).select_from(Outbox))
        await anna.edits(hello, "Здравствуйте!")
        await anna.edits(hello, "Добрый день")
        await anna.sees_nothing(0.3)
        assert await one(house, select(func.count()).select_from(Outbox)) == told
        await anna.edits(hello, "стоп")  # a word of the law counts however it was written
        await anna.sees("больше не будем писать")
        assert await one(house, select(Identity.stopped_at)) is not None
