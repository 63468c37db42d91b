"""What conditions know beside answers, and what hangs on them: texts, variants, worth, tags, hand-over."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.assessment import assess, band, hands_over
from dialogs.business import Bands
from dialogs.conditions import parse
from dialogs.conversation import Conversation, Known
from dialogs.effects import CallPerson, RecordVariant, Say, Turn
from dialogs.engine import advance
from dialogs.events import CodeIssued, Event, Said, Silent, Started
from dialogs.flow import Flow
from dialogs.flow_set import FlowSet, Script
from dialogs.lint_logic import verdict
from dialogs.situation import FACTS, Situation
from dialogs.variants import draw, with_variants
from tests.test_engine import BUSINESS, NOW, STEPS, TOUR, script

KNOWN = Known("vk", {"advertising": "d"}, open_now=False, source="vk_ads", campaign="spring", returning=True, number=7)


def of(**changes: Any) -> Script:
    """The engine's tour with these keys of the flow changed."""
    flow = Flow.model_validate(TOUR | changes)
    return FlowSet(1, {"tour": flow}, BUSINESS, {one.path: one for one in script().consents.values()}).script("tour")


def steps(**changes: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**step, **changes.get(str(step["id"]), {})} for step in STEPS]


def here(script: Script, answers: dict[str, Any] | None = None, known: Known = KNOWN, now: datetime = NOW) -> Situation:
    return Situation(script, Conversation("tour", 1, answers=answers or {}), known, now)


def play(script: Script, at: Conversation, event: Event, known: Known = KNOWN) -> Turn:
    return advance(script, at, event, now=NOW, known=known)


def said(turn: Turn) -> list[str]:
    return [one.text for one in turn.effects if isinstance(one, Say)]


# ---------------------------------------------------------------- facts


@pytest.mark.parametrize(
    "condition",
    [
        'source == "vk_ads"', 'campaign in ("spring", "summer")', 'channel == "vk"', 'channel != "telegram"',
        "not open_now", "open_now == false", "hour == 12", "hour >= 9 and hour < 19", 'weekday == "mon"',
        'weekday in ("mon", "sun")', "returning", "advertising", "score == 0", "score < 40",
    ],
)  # fmt: skip
def test_what_is_so_at_noon_on_a_monday_in_moscow(condition: str) -> None:
    assert here(script()).holds(condition)


@pytest.mark.parametrize("condition", ['source == "radio"', "open_now", "hour == 9", 'weekday == "sun"', "score > 0"])
def test_what_is_not_so(condition: str) -> None:
    assert not here(script()).holds(condition)


def test_facts_are_those_of_the_one_who_has_none() -> None:
    bare = here(script(), known=Known())
    assert {name: bare[name] for name in FACTS} == {
        "score": 0, "source": "", "campaign": "", "channel": "web", "open_now": True, "hour": 12, "weekday": "mon",
        "returning": False, "advertising": False,
    }  # fmt: skip


def test_the_day_is_the_business_s_own() -> None:
    late = here(script(), now=datetime(2026, 11, 29, 22, 30, tzinfo=UTC))  # Monday 01:30 in Moscow
    assert late.holds('weekday == "mon" and hour == 1')


def test_the_score_is_known_before_the_application_and_cannot_ask_for_itself() -> None:
    rules = [
        {"if": "people >= 5", "add": 30, "reason": "группа"},
        {"if": 'channel == "vk"', "add": 5, "reason": "ВК"},
        {"if": "score > 0", "add": 50, "reason": "никогда"},
    ]
    scored = of(steps=steps(people={"score": rules}))
    assert here(scored)["score"] == 5
    assert here(scored, {"people": 6})["score"] == 35


def test_A3_in_an_older_file_a_step_may_be_called_like_a_fact() -> None:
    asked = of(steps=[*STEPS, {"id": "source", "ask": "Откуда?", "answer": "text"}])
    assert here(asked).get("source") is None, "its own question, and it was not asked yet"
    assert here(asked, {"source": "радио"}).holds('source == "радио"')


def test_the_consent_counts_from_the_tap_on() -> None:
    thanks = [{"if": "advertising", "text": "Будем писать."}, {"text": "Не будем писать."}]
    script = of(steps=steps(bye={"say": thanks}))
    at = Conversation("tour", 1, step="news", applied=True)
    consented = play(script, at, Said("согласна"), Known())
    assert said(consented) == ["Будем писать."]
    assert said(play(script, at, Said("нет"), Known())) == ["Не будем писать."]


# ---------------------------------------------------------------- texts by condition


def test_the_first_text_whose_condition_holds_is_said_and_none_when_none_does() -> None:
    greeting = [{"if": 'channel == "vk"', "text": "Привет, ВК!"}, {"if": "returning", "text": "Снова вы!"}]
    hello = {"say": greeting, "choices": []}
    script = of(steps=steps(hello=hello))
    start = Conversation("tour", 1)
    assert said(play(script, start, Started()))[0] == "Привет, ВК!"
    assert said(play(script, start, Started(), KNOWN._replace(channel="web")))[0] == "Снова вы!"
    (only,) = said(play(script, start, Started(), Known("web")))
    assert only.startswith("Согласие"), "a text that nothing calls for is left out, and the dialog goes on"


def test_a_question_and_its_hint_are_chosen_by_the_answers() -> None:
    ask = [{"if": "people == 1", "text": "{{ name }}, ваш телефон?"}, {"text": "Телефон одного из вас?"}]
    hint = [{"if": "people > 1", "text": "Хватит одного номера."}]
    script = of(steps=steps(phone={"ask": ask, "hint": hint}))
    for people, asked, hinted in ((1, "Анна, ваш телефон?", "телефон"), (3, "Телефон одного из вас?", "Хватит одного")):
        at = Conversation("tour", 1, step="people", answers={"name": "Анна"})
        turn = play(script, at, Said(str(people)), KNOWN._replace(consents={"personal_data": "d"}))
        assert said(turn) == [asked]
        refused = play(script, turn.conversation, Said("не скажу"))
        assert hinted in said(refused)[0]


def test_a_silence_rule_may_have_nothing_to_say_to_somebody() -> None:
    rules = [
        {"after": "20 min", "say": [{"if": "open_now", "text": "Мы на месте."}]},
        {"after": "1 day", "mark": "cold"},
    ]
    at = Conversation("tour", 1, step="name")
    assert said(play(of(silence=rules), at, Silent(0))) == []
    assert said(play(of(silence=rules), at, Silent(0), Known(open_now=True))) == ["Мы на месте."]


# ---------------------------------------------------------------- variants

TEST = {"greeting": {"short": 50, "warm": 50}}
GREETINGS = [{"if": 'greeting == "warm"', "text": "Очень рады вам!"}, {"text": "Здравствуйте!"}]


def tried(weights: dict[str, dict[str, int]] | None = None) -> Script:
    return of(steps=steps(hello={"say": GREETINGS}), variants=weights or TEST)


def test_a_variant_is_met_once_recorded_and_kept_whatever_the_weights_become() -> None:
    met = {}
    for number in range(12):
        turn = play(tried(), Conversation("tour", 1), Started(), Known(number=number))
        (recorded,) = [one for one in turn.effects if isinstance(one, RecordVariant)]
        assert turn.conversation.variants == {"greeting": recorded.variant}
        assert said(turn) == ["Очень рады вам!" if recorded.variant == "warm" else "Здравствуйте!"]
        met[number] = turn
    assert {one.conversation.variants["greeting"] for one in met.values()} == {"short", "warm"}
    for number, turn in met.items():
        only_short = tried({"greeting": {"short": 1000, "warm": 1}})
        again = play(only_short, turn.conversation, Started(), Known(number=number))
        assert said(again) == said(turn)
        assert not any(isinstance(one, RecordVariant) for one in again.effects)


def test_A3_whose_variant_is_gone_from_the_file_meets_another() -> None:
    at = Conversation("tour", 1, variants={"greeting": "rude"})
    turn = play(tried(), at, Started())
    assert turn.conversation.variants["greeting"] in ("short", "warm")
    assert any(isinstance(one, RecordVariant) for one in turn.effects)


def test_a_silence_rule_meets_its_variant_too() -> None:
    rules = [{"after": "20 min", "say": GREETINGS}, {"after": "1 day", "mark": "cold"}]
    turn = play(of(silence=rules, variants=TEST), Conversation("tour", 1, step="name"), Silent(0))
    assert RecordVariant("greeting", turn.conversation.variants["greeting"]) in turn.effects


@given(
    st.integers(0, 10**12),
    st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.integers(1, 1000), min_size=1),
)
def test_a_draw_is_one_of_the_variants_and_always_the_same(number: int, weights: dict[str, int]) -> None:
    assert draw(number, "offer", weights) == draw(number, "offer", dict(weights)) in weights


def test_draws_go_by_the_weights_and_one_says_nothing_of_another() -> None:
    weights = {"a": 1, "b": 3}
    drawn = Counter((draw(number, "one", weights), draw(number, "two", weights)) for number in range(8000))
    for pair, share in ((("a", "a"), 1), (("a", "b"), 3), (("b", "a"), 3), (("b", "b"), 9)):
        assert abs(drawn[pair] - 500 * share) < 150


def test_a_story_fixes_its_variant_and_no_other_than_there_is() -> None:
    flow_set = FlowSet(1, {"tour": tried().flow}, BUSINESS, {})
    fixed = with_variants(flow_set, "tour", {"greeting": "warm"}).flows["tour"]
    assert {draw(number, "greeting", fixed.variants["greeting"]) for number in range(20)} == {"warm"}
    assert with_variants(flow_set, "tour", {}) is flow_set
    with pytest.raises(LookupError, match="«worm»"):
        with_variants(flow_set, "tour", {"greeting": "worm"})


# ---------------------------------------------------------------- worth, tags, hand-over, bands


def test_worth_is_summed_tags_are_listed_and_neither_goes_astray() -> None:
    script = of(
        worth=[{"add": 15000}, {"if": "people >= 3", "add": 30000}, {"if": "people == 9", "add": -90000}],
        tags=[
            {"if": "people >= 3", "tag": "Группа"},
            {"if": 'channel == "vk"', "tag": "ВК"},
            {"if": "returning", "tag": "ВК"},
        ],
    )
    assert (assess(here(script)).worth, assess(here(script)).tags) == (15000, ("ВК",))
    found = assess(here(script, {"people": 4}))
    assert (found.worth, found.tags) == (45000, ("Группа", "ВК"))
    assert assess(here(script, {"people": 9})).worth == 0


@pytest.mark.parametrize(("people", "asked"), [(2, True), (8, False)])
def test_a_hand_over_calls_a_person_and_lets_no_question_stand_between(people: int, asked: bool) -> None:
    script = of(hand_over=[{"if": "people >= 5"}])
    at = Conversation("tour", 1, step="done", answers={"people": people}, applied=True)
    turn = play(script, at, CodeIssued("gift", "GIFT-7K2M", None), Known())
    assert said(turn)[0] == "Ваш код GIFT-7K2M."
    assert (turn.conversation.step == "news") is asked
    assert (CallPerson("hand_over") in turn.effects) is hands_over(here(script, {"people": people})) is not asked


@pytest.mark.parametrize(("points", "word"), [(0, "прохладный"), (29, "прохладный"), (30, "тёплый"), (60, "горячий")])
def test_bands_have_a_word_for_every_number_of_points(points: int, word: str) -> None:
    assert band(Bands(hot=60, warm=30), points) == word
    assert band(None, points) == ""


# ---------------------------------------------------------------- a condition as a whole is judged truly

ATOMS = st.sampled_from([
    "people == 3", "people >= 3", "people < 4", "people != 9", "people in (1, 9)", "hour < 6", "hour >= 5",
    "hour == 23",
    'channel == "vk"', 'channel != "web"', 'name == "Анна"', '"анн" in name', 'name > "А"', "open_now", "returning",
    'hello == "Подобрать тур"', 'greeting == "warm"', 'source == "vk_ads"', "score > 10", "score < 90",
])  # fmt: skip
CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda parts: f"({' '.join(parts)})"),
        inner.map(lambda one: f"not ({one})"),
    ),
    max_leaves=4,
)
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "people": st.integers(1, 9),
        "name": st.sampled_from(["Анна", "Анна-Мария", "Ян", "анн", "Ёлка"]),
        "hello": st.just("Подобрать тур"),
    },
)
FACTUAL = st.fixed_dictionaries({
    "hour": st.integers(0, 23), "channel": st.sampled_from(["vk", "web", "telegram"]), "open_now": st.booleans(),
    "returning": st.booleans(), "greeting": st.sampled_from(["short", "warm"]),
    "source": st.sampled_from(["", "vk_ads", "tv"]),
    "score": st.integers(0, 100),
})  # fmt: skip


TRIED = tried().flow


@given(CONDITIONS, ANSWERS, FACTUAL)
def test_what_is_told_to_be_impossible_or_always_so_is(condition: str, answers: Any, facts: Any) -> None:
    said = verdict(parse(condition), TRIED, lambda name: name in answers)
    if said is not None:
        assert parse(condition).holds(answers | facts) is said
