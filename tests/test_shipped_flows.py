"""What ships with the product: flows of trades, a business, consent texts and stories, without a single remark."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from dialogs.business import Menu
from dialogs.consents import LONGEST, PARTS
from dialogs.flow import PERSONAL, Flow
from dialogs.flow_set import FlowSet
from dialogs.paths import Graph
from dialogs.reading import load
from dialogs.rules import texts_of
from dialogs.stories import parse
from dialogs.texts import names_in

FOLDER = Path(__file__).parent.parent / "dialogs" / "flows"
FILES: dict[str, str | bytes] = {
    path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in FOLDER.rglob("*") if path.is_file()
}
PUBLISHED = ("test_drive", "courses")
OTHERS = ("insurance", "credit", "tours", "courier", "shop", "game")
FLOWS = (*PUBLISHED, *OTHERS)


@pytest.fixture(scope="module")
def shipped() -> FlowSet:
    flow_set = load(FILES, version=1).flow_set
    assert flow_set is not None
    return flow_set


def test_nothing_is_remarked_on_today_or_in_ten_years() -> None:
    for today in (None, date(2026, 11, 22), date(2036, 11, 22)):
        assert [str(one) for one in load(FILES, today=today).problems] == []


def test_two_flows_are_published_everywhere_and_the_others_wait_for_their_business(shipped: FlowSet) -> None:
    assert set(shipped.flows) == set(FLOWS)
    assert {channel: set(flows) for channel, flows in shipped.business.published.items()} == {
        channel: set(PUBLISHED) for channel in ("telegram", "vk", "web")
    }
    assert isinstance(shipped.business.start, Menu)


def test_L33_insurers_and_banks_are_closed_to_telegram_and_say_why(shipped: FlowSet) -> None:
    closed = {name: flow.closed for name, flow in shipped.flows.items() if flow.closed}
    assert {name: list(channels) for name, channels in closed.items()} == {
        "insurance": ["telegram"],
        "credit": ["telegram"],
    }
    assert all("41-ФЗ" in channels["telegram"] for channels in closed.values())


@pytest.mark.parametrize("name", OTHERS)
def test_a_flow_of_another_trade_names_no_company(name: str) -> None:
    for file in (f"{name}.yaml", f"{name}.stories.yaml"):
        assert not any(word in str(FILES[file], "utf-8") for word in ("Меридиан", "Тверь, Речная", "автоцентр"))


@pytest.mark.parametrize("name", FLOWS)
def test_lines_of_a_flow_fit_a_screen(name: str) -> None:
    for file in (f"{name}.yaml", f"{name}.stories.yaml"):
        assert [line for line in str(FILES[file], "utf-8").splitlines() if len(line) > 110] == []


@pytest.mark.parametrize("name", FLOWS)
def test_L5_consent_comes_before_anything_personal(shipped: FlowSet, name: str) -> None:
    flow = shipped.flows[name]
    graph = Graph(flow)
    consent = next(step.id for step in flow.steps if step.consent == "personal_data")
    personal = [step for step in flow.steps if step.answer and step.answer.type in PERSONAL]
    assert personal
    assert all(graph.precedes(consent, step.id) and step.purpose for step in personal)


@pytest.mark.parametrize("name", FLOWS)
def test_P43_a_refusal_is_helped_without_data(shipped: FlowSet, name: str) -> None:
    flow = shipped.flows[name]
    consent = next(step for step in flow.steps if step.consent == "personal_data")
    assert consent.refused == "without_data"
    helped = flow.by_id["without_data"]
    assert any(choice.do == "call_person" for choice in helped.choices)
    assert any(choice.go == consent.id for choice in helped.choices)
    assert any(choice.go == "end" for choice in helped.choices)


@pytest.mark.parametrize("name", FLOWS[2:])
def test_a_flow_that_waits_for_its_business_names_no_company(name: str) -> None:
    text = FILES[f"{name}.yaml"]
    assert isinstance(text, bytes) and "Меридиан" not in text.decode()


@pytest.mark.parametrize("name", FLOWS)
def test_L2_advertising_is_asked_apart_after_the_application(shipped: FlowSet, name: str) -> None:
    ids = [step.id for step in shipped.flows[name].steps]
    assert ids.index("done") < ids.index("news")
    assert shipped.flows[name].by_id["news"].consent == "advertising"


@pytest.mark.parametrize("name", FLOWS)
def test_L28_silence_is_answered_by_service_then_by_advertising(shipped: FlowSet, name: str) -> None:
    rules = shipped.flows[name].silence
    assert [rule.after for rule in rules] == [
        timedelta(minutes=20), timedelta(days=1), timedelta(days=3), timedelta(days=5),
    ]  # fmt: skip
    assert [rule.kind for rule in rules[:3]] == ["service", "service", "advertising"]
    assert rules[3].mark == "cold"
    assert any(used.startswith("offers.") for used in names_in("".join(texts_of(rules[2].say))))
    assert all("«стоп»" in text for text in texts_of(rules[2].say))  # L27


def test_offers_are_a_code_with_a_true_counter_and_a_consultation_with_its_price(shipped: FlowSet) -> None:
    code, consultation = (shipped.flows[name].offers for name in PUBLISHED)
    assert (code["spring"].kind, code["spring"].stock, code["spring"].valid) == ("promo_code", 100, timedelta(days=14))
    assert "offers.spring.left" in names_in("".join(texts_of(shipped.flows["test_drive"].by_id["hello"].text)))
    assert (consultation["consultation"].kind, consultation["consultation"].price) == ("consultation", "2 500 ₽")
    assert "offers.consultation.price" in names_in("".join(texts_of(shipped.flows["courses"].by_id["hello"].text)))


def test_D32_a_test_drive_has_its_day_and_hour_within_working_hours_and_a_word_the_day_before(shipped: FlowSet) -> None:
    flow = shipped.flows["test_drive"]
    visit = flow.by_id["visit"].answer
    assert visit is not None and (visit.type, visit.within, visit.most) == ("time", "working_hours", "3 weeks")
    assert [(rule.of, rule.before, rule.kind) for rule in flow.dates] == [
        ("visit", timedelta(days=1), "service"),
        ("visit", timedelta(hours=2), "service"),
    ]
    assert flow.by_id["check"].review and flow.questions and flow.worth and flow.tags and flow.hand_over
    bands = shipped.business.bands
    assert bands is not None and 0 < bands.warm < bands.hot <= sum(_most(step) for step in flow.steps)


def test_the_flows_show_every_kind_of_step(shipped: FlowSet) -> None:
    steps = [step for flow in shipped.flows.values() for step in flow.steps]
    assert {step.answer.type for step in steps if step.answer} >= {
        "number", "text", "name", "phone", "email", "several", "date", "time", "city", "call_time",
    }  # fmt: skip
    assert any(step.review for step in steps)
    assert any(step.choices for step in steps)
    assert any(step.optional for step in steps)
    assert any(isinstance(step.go, tuple) for step in steps)
    assert any(step.score for step in steps)
    assert any(choice.do == "call_person" for step in steps for choice in step.choices)


@pytest.mark.parametrize("name", FLOWS)
def test_the_best_and_the_worst_prospect_score_between_0_and_100(shipped: FlowSet, name: str) -> None:
    most = sum(_most(step) for step in shipped.flows[name].steps)
    assert 60 <= most <= 100


def _most(step: object) -> int:
    choices = [choice.score or 0 for choice in getattr(step, "choices", ())]
    several = getattr(step, "answer", None) is not None and choices
    return (sum(choices) if several else max(choices, default=0)) + sum(
        max(rule.add, 0) for rule in getattr(step, "score", ())
    )


@pytest.mark.parametrize("name", FLOWS)
def test_texts_are_short_and_typographic(shipped: FlowSet, name: str) -> None:
    for text in _texts(shipped.flows[name]):
        assert len(text) <= 400, text
        assert " - " not in text, text
        assert '"' not in text, text
        assert "  " not in text, text


def _texts(flow: Flow) -> list[str]:
    said = (
        *(step.text for step in flow.every_step),
        *(rule.say for rule in flow.silence),
        *(one.answer for one in flow.questions),
    )
    return [text for one in said for text in texts_of(one)]


@pytest.mark.parametrize(
    "path", sorted(path for path in FILES if path.startswith("consents/")), ids=lambda path: str(path).split("/")[1]
)
def test_L3_consent_texts_have_all_that_the_law_asks(shipped: FlowSet, path: str) -> None:
    wording = shipped.consents[path]
    assert len(wording.text) <= LONGEST
    assert shipped.business.operator.name in wording.text
    assert shipped.business.operator.address in wording.text
    headings = [line.split(":")[0] for line in wording.text.split("\n") if ":" in line]
    russian = ("Цели обработки", "Перечень данных", "Действия с данными", "Получатели", "Срок", "Как отозвать")
    english = (
        "Purposes of processing",
        "List of data",
        "Actions with the data",
        "Recipients",
        "Term",
        "How to withdraw",
    )
    for heading in english if path.endswith(".en.md") else russian:
        assert heading in headings
    assert len(PARTS) == 7


@pytest.mark.parametrize("name", FLOWS)
def test_L1_consents_are_documents_of_their_own(shipped: FlowSet, name: str) -> None:
    paths = shipped.flows[name].consent
    data, news = (shipped.consents[str(path)].text for path in (paths.personal_data, paths.advertising))
    assert "реклам" not in data.casefold()
    assert "реклам" in news.casefold()
    assert "«отзываю согласие»" in data
    assert "«стоп»" in news


def test_L8_the_words_that_the_texts_promise_are_understood() -> None:
    from dialogs.words import meaning

    assert meaning("отзываю согласие") == "withdraw"
    assert meaning("удалите мои данные") == "erase"
    assert meaning("стоп") == "stop"
    assert meaning("менеджер") == "person"


def test_each_flow_has_its_stories() -> None:
    stories, problems = parse(FILES)
    assert [str(one) for one in problems] == []
    for flow in FLOWS:
        told = [story for story in stories if story.flow == flow]
        assert len(told) >= 3
        assert {story.channel for story in told} == {"telegram", "vk", "web"}  # a closed one is tried as well
        assert all(story.starts for story in told), "a story without its moment depends on today's working hours"


def test_stories_walk_every_step(shipped: FlowSet) -> None:
    """Every button of a choice that leads somewhere else is pressed or said in some story."""
    stories, _ = parse(FILES)
    done = {
        text.casefold() for story in stories for act in story.acts if act.verb in ("taps", "says") for text in act.texts
    }
    for flow in shipped.flows.values():
        for step in flow.steps:
            led = [choice.label for choice in step.choices if choice.go or choice.do]
            assert not led or any(label.casefold() in done for label in led), (flow.flow, step.id)


def test_the_order_of_silence_never_turns(shipped: FlowSet) -> None:
    for flow in shipped.flows.values():
        assert all(former.after < later.after for former, later in pairwise(flow.silence))
