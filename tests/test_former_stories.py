"""People who come again, through the front door and on both databases: what they said is offered for as long as it is
good, and for as long as we may know it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.library import OneSet
from dialogs.flow_set import FlowSet
from dialogs.reading import load
from handlers.inbound import PhoneCard
from storage.database import Database
from storage.tables import Answer
from tests.flow_folder import BUSINESS, DATA, FLOW, folder
from tests.person_play import Play, Someone
from tests.plans import heard, read_through
from tests.test_plans import lived_in as lived_in

STAYS = ("steps:\n", "answers_stay: 30 days\nsteps:\n")
BOTH = "[tour, walks]"
WALKS = (
    FLOW.replace("flow: tour", "flow: walks").replace("title: Туры", "title: Прогулки").replace("[тур]", "[прогулка]")
    .replace("to: 30", "to: 5").replace("nights >= 7", "nights >= 4")
    .replace("steps:\n", "answers_stay: 30 days\nsteps:\n")
)  # fmt: skip


def sound(*changes: tuple[str, str], consent: str = DATA) -> FlowSet:
    """Tours, and walks that ask the same: of at most five nights."""
    business = BUSINESS.replace("telegram: [tour]", f"telegram: {BOTH}").replace("vk: [tour]", f"vk: {BOTH}")
    loaded = load(
        folder("tour.yaml", *changes, **{"walks.yaml": WALKS, "business.yaml": business, "consents/data.md": consent})
    )
    assert loaded.flow_set is not None, "\n".join(map(str, loaded.problems))
    return loaded.flow_set


@pytest.fixture
async def play(database: Database, clock) -> Play:
    return await Play.begin(database, clock, sound(STAYS))


async def applies(anna: Someone) -> None:
    """For the first time."""
    await anna.opens("tour__flyer")
    await anna.taps("Согласен")
    for words in ("К морю", "7", "Анна"):
        await anna.says(words)
    await anna.play.hears(anna.channel, PhoneCard("+79051112233", True), anna.id, name=anna.name)
    await anna.taps("Не согласен")


async def comes_again(anna: Someone, days: int, flow: str = "tour") -> None:
    anna.play.clock.forward(timedelta(days=days))
    await anna.opens(flow)
    if "оставить ещё одну" in anna.last.text:
        await anna.taps("Ещё одна заявка")


async def test_anna_comes_again_and_confirms_what_is_known(play: Play) -> None:
    anna = play.person("Анна", "50177")
    await applies(anna)
    await comes_again(anna, 10)
    assert anna.last.text == "Куда хотите?", "her consent holds; a fork in the road is asked anew"
    await anna.says("к морю")
    assert anna.last.text == "На сколько ночей?\n\nВ прошлый раз вы ответили: «7». Так и оставить?"
    await anna.says("10")
    assert "«Анна»" in anna.last.text
    await anna.taps("Да, оставить")
    assert anna.last.text.endswith("В прошлый раз вы ответили: «+7 905 111-22-33». Так и оставить?")
    play.clock.forward(timedelta(minutes=1))
    await anna.taps("Да, оставить")
    assert any(said.startswith("Заявка принята!") for said in anna.heard()[-2:])
    async with play.database.read() as db:
        answers = {one.step: one for one in await db.scalars(select(Answer).order_by(Answer.answered_at))}
    assert {step: one.shown for step, one in answers.items()} == {
        "nights": "10", "name": "Анна", "phone": "+7 905 111-22-33"
    }  # fmt: skip
    assert answers["phone"].answered_at == play.clock.now(), "as if it were given now"
    assert play.desk()[-1].text.endswith("Изменилось:\n— На сколько ночей: 10"), "what stays as it was is no news"


async def test_another_flow_that_asks_the_same_offers_what_it_would_take(play: Play) -> None:
    anna = play.person("Анна", "50177")
    await applies(anna)
    await comes_again(anna, 10, "walks")
    await anna.says("к морю")
    assert anna.last.text == "На сколько ночей?", "seven are too many for a walk"
    await anna.says("3")
    assert "«Анна»" in anna.last.text


@pytest.mark.parametrize(("days", "offered"), [(29, True), (31, False)])
async def test_answers_stay_as_long_as_the_flow_says(play: Play, days: int, offered: bool) -> None:
    anna = play.person("Анна", "50177")
    await applies(anna)
    await comes_again(anna, days)
    await anna.says("к морю")
    assert ("прошлый раз" in anna.last.text) == offered


async def test_a_flow_that_says_nothing_offers_nothing(database: Database, clock) -> None:
    play = await Play.begin(database, clock, sound())
    anna = play.person("Анна", "50177")
    await applies(anna)
    await comes_again(anna, 1)
    await anna.says("к морю")
    assert anna.last.text == "На сколько ночей?"


@pytest.mark.parametrize("words", ["отзываю согласие", "удалите мои данные"])
async def test_who_was_forgotten_is_a_stranger(play: Play, words: str) -> None:
    anna = play.person("Анна", "50177")
    await applies(anna)
    await anna.says(words)
    if "Удалить всё" in anna.last.text:
        await anna.taps("Да, удалить всё")
    await comes_again(anna, 1)
    await anna.taps("Согласен")
    await anna.says("к морю")
    assert anna.last.text == "На сколько ночей?"


async def test_who_refused_the_new_wording_of_the_consent_is_asked_anew_when_they_agree_after_all(play: Play) -> None:
    anna = play.person("Анна", "50177")
    await applies(anna)
    play.app.library = OneSet(sound(STAYS, consent=DATA.replace("один год", "два года")))
    await comes_again(anna, 1)
    await anna.taps("Не согласен")
    await comes_again(anna, 1)
    await anna.taps("Согласен")
    await anna.says("к морю")
    assert anna.last.text == "На сколько ночей?"


async def test_nobody_is_offered_what_somebody_else_said(play: Play) -> None:
    anna, boris = play.person("Анна", "50177"), play.person("Борис", "50288")
    await applies(anna)
    await boris.opens("tour")
    await boris.taps("Согласен")
    await boris.says("к морю")
    assert boris.last.text == "На сколько ночей?"


async def test_former_answers_are_found_on_indexes_in_one_statement(lived_in: Database, clock) -> None:
    play = await Play.begin(lived_in, clock, sound(STAYS))
    anna = play.person("Анна", "50177")
    await applies(anna)
    with heard() as said:
        await comes_again(anna, 10)
        await anna.says("к морю")
    assert "прошлый раз" in anna.last.text
    asked = [one for one in said.statements if "answered_at >=" in one]
    assert len(asked) == 1
    assert "\n".join(await read_through(lived_in, said)) == ""
