"""A flow as a picture: nothing stands over anything, every arrow ends at its box, everything that is in the flow is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from bot.cli import app
from dialogs.flow import Flow
from dialogs.layout import Arrow, Box, Laid, lay
from dialogs.picture import arranged, svg
from dialogs.reading import load
from dialogs.told_conditions import told
from tests.flow_folder import FILES

SVG = "{http://www.w3.org/2000/svg}"


def tour() -> Flow:
    flow_set = load(FILES).flow_set
    assert flow_set is not None
    return flow_set.flows["tour"]


def holiday() -> Flow:
    """Thirty steps with all that makes a drawing hard: forks, loops back, long ways past others, many ways to one."""
    steps: list[dict[str, Any]] = [
        {"id": "hello", "say": "Здравствуйте!", "choices": _buttons(("Подобрать", "agree"), ("Визы", "s1"))},
        {"id": "agree", "consent": "personal_data", "refused": "bye"},
    ]
    for number in range(25):
        step: dict[str, Any] = {"id": f"s{number}", "ask": f"Вопрос номер {number}, и ещё несколько слов о нём?"}
        match number % 6:
            case 0:
                onward = [(f"К вопросу {to}", f"s{to}") for to in (number + 1, number + 2, number + 3) if to < 25]
                step["choices"] = _buttons(*onward, ("Позвать", None))
            case 2:
                step["answer"] = "number"
                step["go"] = [
                    {"if": f"s{number} > 5", "go": "s24"},
                    {"if": f"s{number} == 1", "go": "s0"},
                    {"go": "end"},
                ]
            case 4:
                step["choices"] = _buttons(("Ещё раз", f"s{number}"), ("Сначала", "hello"), ("Дальше", "s24"))
            case _:
                step["answer"] = "text"
        steps.append(step)
    steps += [
        {"id": "done", "application": True, "say": "Спасибо!"},
        {"id": "news", "consent": "advertising", "go": "end"},
        {"id": "bye", "say": "Хорошего дня!", "choices": _buttons(("Вернуться", "agree"), ("Пока", "end"))},
    ]
    silence = [{"after": "20 min", "say": "Продолжим?"}, {"after": "3 days", "mark": "cold"}]
    consent = {"personal_data": "a.md", "advertising": "b.md"}
    return Flow.model_validate(
        {"flow": "holiday", "title": "Отпуск", "consent": consent, "steps": steps, "silence": silence}
    )


def _buttons(*buttons: tuple[str, str | None]) -> list[dict[str, str]]:
    return [{"label": label, "go": go} if go else {"label": label, "do": "call_person"} for label, go in buttons]


# ---------------------------------------------------------------- the layout


def apart(one: Box, other: Box) -> bool:
    return (
        one.x + one.width <= other.x
        or other.x + other.width <= one.x
        or one.y + one.height <= other.y
        or other.y + other.height <= one.y
    )


def along(arrow: Arrow) -> Iterator[tuple[float, float]]:
    """Points of the line as it is drawn: straight pieces, and curves with upright ends between them."""
    for (x, y), (x2, y2) in pairwise(arrow.points):
        for part in (step / 12 for step in range(13)):
            eased = 3 * part**2 - 2 * part**3  # a cubic whose control points stand at half the height
            share = 1.5 * part * (1 - part) ** 2 + 1.5 * part**2 * (1 - part) + part**3
            yield x + (x2 - x) * eased, y + (y2 - y) * share


def is_clear(laid: Laid) -> None:
    labels = [arrow.label for arrow in laid.arrows if arrow.label]
    for one, other in combinations([*laid.boxes.values(), *labels], 2):
        assert apart(one, other), (one, other)
    for arrow in laid.arrows:
        first, last = laid.boxes[arrow.source], laid.boxes[arrow.target]
        if arrow.back:
            assert (arrow.points[0][1], arrow.points[-1][1]) == (first.y, last.y + last.height)
        else:
            assert (arrow.points[0][1], arrow.points[-1][1]) == (first.y + first.height, last.y)
        for box, (x, _) in ((first, arrow.points[0]), (last, arrow.points[-1])):
            assert box.x <= x <= box.x + box.width
        for x, y in along(arrow):
            inside = [b.key for b in laid.boxes.values() if b.x < x < b.x + b.width and b.y < y < b.y + b.height]
            assert not inside, (arrow, inside)
    for box in (*laid.boxes.values(), *labels):
        assert box.x >= 0 and box.x + box.width <= laid.width + 0.01 and box.y + box.height <= laid.height + 0.01


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Box], list[Arrow]]:
    size = draw(st.integers(1, 14))
    heights = st.sampled_from([30.0, 60.0, 96.0])
    boxes = [Box(f"b{one}", draw(st.sampled_from([76.0, 264.0])), draw(heights)) for one in range(size)]
    ends = st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)).filter(lambda pair: pair[0] != pair[1])
    pairs = draw(st.lists(ends, max_size=24, unique=True)) if size > 1 else []
    label = st.sampled_from([(0.0, 0.0), (60.0, 19.0), (190.0, 49.0)])
    return boxes, [Arrow(f"b{one}", f"b{other}", *draw(label)) for one, other in pairs]


@given(graphs())
def test_nothing_stands_over_anything_and_arrows_end_at_their_boxes(graph: tuple[list[Box], list[Arrow]]) -> None:
    boxes, arrows = graph
    laid = lay(boxes, arrows)
    assert set(laid.boxes) == {box.key for box in boxes}
    assert [(one.source, one.target) for one in laid.arrows] == [(one.source, one.target) for one in arrows]
    assert all((one.label is not None) == (one.width > 0) for one in laid.arrows)
    is_clear(laid)
    assert lay(boxes, arrows) == laid


def test_what_follows_alone_stands_straight_below() -> None:
    laid = lay([Box(key, 264, 60) for key in "abcd"], [Arrow(*pair) for pair in ("ab", "bc", "cd")])
    assert len({box.x for box in laid.boxes.values()}) == 1
    assert [box.y for box in laid.boxes.values()] == sorted(box.y for box in laid.boxes.values())


# ---------------------------------------------------------------- the picture


@pytest.mark.parametrize("flow", [tour(), holiday()], ids=lambda flow: flow.flow)
def test_a_flow_is_drawn_clear_and_whole(flow: Flow) -> None:
    cards, laid = arranged(flow)
    is_clear(laid)
    assert {step.id for step in flow.steps} <= set(laid.boxes)
    drawn = ElementTree.fromstring(svg(flow))
    steps = [one.get("data-step") for one in drawn.iter(f"{SVG}g") if one.get("data-step")]
    assert steps == [step.id for step in flow.steps]
    kinds = {card.key: card.kind for card in cards}
    assert kinds["agree"] == "consent" and kinds["done"] == "application"
    assert sum("silence" in (one.get("class") or "") for one in drawn.iter(f"{SVG}g")) == len(flow.silence)


def words(flow: Flow) -> str:
    return " ".join("".join(one.itertext()) for one in ElementTree.fromstring(svg(flow)).iter(f"{SVG}text"))


def test_buttons_conditions_and_silence_can_be_read() -> None:
    said = words(tour())
    for part in (
        "К морю · В горы",
        "Согласен",
        "Не согласен",
        "nights ≥ 7 и where: К морю",
        "иначе",
        "Куда хотите?",
    ):
        assert all(word in said for word in part.split()), part
    assert "через 20 мин" in said and "через 1 д · реклама" in said and "лид остыл" in said
    assert "‹name›, какой у вас телефон?" in said and "{{" not in said


IN_WORDS = [
    ('where == "sea"', "where", "К морю"),
    ('where == "sea"', "nights", "where: К морю"),
    ('where in ("sea", "hills")', "where", "К морю или В горы"),
    ('where != "hills"', "where", "не В горы"),
    ("nights < 7", "nights", "< 7"),
    ("nights == 7", "name", "nights: 7"),
    ("7 <= nights", "nights", "7 <= nights"),
    ('nights >= 7 and (where == "sea" or not returning)', "nights", "nights ≥ 7 и (where: К морю или впервые у нас)"),
    ("open_now", "nights", "рабочее время"),
    ("nights", "nights", "да"),
    ("not nights", "nights", "нет"),
    ('channel == "vk"', "nights", "канал: ВКонтакте"),
    ('weekday not in ("sat", "sun")', "nights", "день: не сб или вс"),
    ("((", "nights", "(("),
]


@pytest.mark.parametrize(("condition", "here", "said"), IN_WORDS)
def test_conditions_are_told_by_the_words_of_their_questions(condition: str, here: str, said: str) -> None:
    flow = tour()
    assert told(condition, flow, flow.by_id[here]) == said


def test_an_arrow_without_words_has_no_label() -> None:
    _, laid = arranged(tour())
    labels = {(one.source, one.target): one.label for one in laid.arrows}
    assert labels["name", "phone"] is None and labels["where", "nights"] is not None


def test_an_offer_is_told_by_its_own_words() -> None:
    flow = load(
        {**FILES, "tour.yaml": FILES["tour.yaml"].replace("      Куда хотите?\n", "      {{ offers.sea.title }}\n")}
    ).flow_set
    assert flow is not None
    assert "Скидка 5 % на море" in words(flow.flows["tour"])


def test_a_way_back_a_loop_and_a_person_are_told() -> None:
    said, (_, laid) = words(holiday()), arranged(holiday())
    assert "→ человек: Позвать" in said
    assert "↻ Ещё раз" in said
    assert {(one.source, one.target) for one in laid.arrows if one.back} >= {("s4", "hello"), ("bye", "agree")}


def test_the_present_step_is_lit_and_no_other() -> None:
    lit = [
        one for one in ElementTree.fromstring(svg(tour(), lit="where")).iter(f"{SVG}g") if "lit" in one.get("class", "")
    ]
    assert [one.get("data-step") for one in lit] == ["where"]
    assert ' lit"' not in svg(tour())


def test_whatever_the_author_writes_stays_text() -> None:
    evil = {**FILES, "tour.yaml": FILES["tour.yaml"].replace("К морю", '"<b>&amp; \\" к морю"')}
    flow_set = load(evil).flow_set
    assert flow_set is not None
    assert '<b>&amp; " к морю' in words(flow_set.flows["tour"])


def test_the_command_draws_into_a_file(tmp_path) -> None:
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    result = CliRunner().invoke(app, ["graph", "tour", "--flows", str(tmp_path), "--svg", str(tmp_path / "tour.svg")])
    assert result.exit_code == 0
    assert (tmp_path / "tour.svg").read_text("utf-8") == svg(tour())
