"""The little language of branches and scores, and the score it makes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.conditions import ConditionError, compared_with, comparisons, parse
from dialogs.conversation import Value
from dialogs.flow import Flow
from dialogs.score import Score, score

ANSWERS: dict[str, Value] = {
    "year": 2021, "ends": "this_month", "city": "Орёл", "rooms": "2", "agree": True, "no": False, "empty": "",
    "zero": 0,
    "comment": "Нужна страховка на АВТОМОБИЛЬ",
}  # fmt: skip


@pytest.mark.parametrize(
    "condition",
    [
        "year >= 2020", "year == 2021", "year != 2020", "2020 <= year < 2022", "year > -5", "year < 2021.5",
        "2020 < year", "(year) > 1",
        'ends == "this_month"', "ends == 'this_month'", 'ends != "soon"', 'ends in ("this_month", "soon")',
        'ends not in ["soon"]',
        'city == "орел"', 'city == " ОРЁЛ "', "rooms == 2", "rooms > 1", "rooms in (1, 2)", 'year == "2021"',
        "agree", "agree == true", "agree == True", "not no", "not missing", "no == false", "not (year < 2000)",
        "not empty", "not zero",
        'year >= 2020 and ends == "this_month"', "year < 2000 or agree", '"автомобиль" in comment',
        '"мотоцикл" not in comment',
        "true", "year == year", "  year > 1  ", 'missing == 1 or year > 1', "not missing == 1",
    ],
)  # fmt: skip
def test_what_holds(condition: str) -> None:
    assert parse(condition).holds(ANSWERS)


@pytest.mark.parametrize(
    "condition",
    [
        "year < 2020", "year == 2020", "ends == 'soon'", "missing == 1", "missing != 1", "missing > 1",
        "missing in (1, 2)", "missing not in (1, 2)",
        "missing", "missing == missing", "1 < missing", "empty", "zero", "no", "false", "not agree",
        "agree == 1", "agree > 0", "city > 5", "city < 5",
        "year in ('a', 'b')", "ends > 1", "ends in 5", "1 in year", "(1, 2) > (0, 1)", "agree and missing",
        "year < 1 or missing > 1",
        "ends == this_month",
    ],
)  # fmt: skip
def test_what_does_not_hold(condition: str) -> None:
    assert not parse(condition).holds(ANSWERS)


@pytest.mark.parametrize(
    ("condition", "column", "reason"),
    [
        ("", 1, "пустое"),
        ("   ", 1, "пустое"),
        ("year = 2020", 6, "«==»"),
        ("year >= 2020 and ends = 'x'", 23, "«==»"),
        ("a && b", 4, "and, or, not"),
        ("a & b", 1, "and, or, not"),
        ("!a", 1, "and, or, not"),
        ("a и b", 3, "and, or, not"),
        ("year >= 2020 and f(1)", 18, "только имена шагов"),
        ("a.b > 1", 1, "только имена шагов"),
        ("a > 1 and ().__class__", 11, "только имена шагов"),
        ("a[0]", 1, "только имена шагов"),
        ("a + 1 > 2", 1, "только имена шагов"),
        ("lambda: 1", 1, "только имена шагов"),
        ("[x for x in y]", 1, "только имена шагов"),
        ("a in (b, c)", 6, "только имена шагов"),
        ("a if b else c", 1, "только имена шагов"),
        ("f'{a}' == 'x'", 1, "только имена шагов"),
        ("b'x' == a", 1, "только имена шагов"),
        ("a is b", 1, "только имена шагов"),
        ("a == None", 6, "только имена шагов"),
        ("a == 1j", 6, "только имена шагов"),
        ("(a := 1)", 2, "только имена шагов"),
        ("-a > 1", 1, "только имена шагов"),
        ("a > 1; b", 6, "не понято"),
        ("a ==", None, "не понято"),
        ("'x", None, "не понято"),
        ("a\nb", 1, "одну строку"),
        ("a == 'x\\n'", 1, "одну строку"),
        ("a\0", 1, "одну строку"),
        ("a" * 301, 301, "длиннее 300"),
    ],
)
def test_what_is_no_condition_is_refused_with_its_column(condition: str, column: int | None, reason: str) -> None:
    with pytest.raises(ConditionError) as refused:
        parse(condition)
    assert reason in refused.value.message
    assert refused.value.column == (column or refused.value.column) and refused.value.column >= 1


@pytest.mark.parametrize(
    "bomb",
    ["(" * 140 + "a" + ")" * 140, "not " * 60 + "a", "-" * 290 + "1", "a" + " < a" * 70, "[" * 150, "9" * 290 + " < a"],
)
def test_A5_deep_or_huge_conditions_neither_crash_nor_stall(bomb: str) -> None:
    try:
        parse(bomb).holds({"a": 1})
    except ConditionError as refused:
        assert refused.column >= 1


def test_a_condition_names_the_answers_it_looks_at() -> None:
    assert parse('year >= 2020 and not (ends == "soon" or agree == true)').names == {"year", "ends", "agree"}


def test_lint_sees_what_each_answer_is_compared_with() -> None:
    condition = parse('ends == "soon" and 2020 <= year and rooms not in (1, "2") and "x" in comment and agree != true')
    assert set(comparisons(condition)) == {
        ("ends", "==", "soon"), ("year", ">=", 2020), ("rooms", "not in", 1), ("rooms", "not in", "2"),
        ("comment", "in", "x"), ("agree", "!=", True),
    }  # fmt: skip
    assert ("ends", "soon") in set(compared_with(condition)) and ("year", 2020) not in set(compared_with(condition))


ANY_VALUE = st.one_of(
    st.text(max_size=8), st.integers(), st.booleans(), st.sampled_from(["nan", "inf", "1e999", "٣", "1_0", "9" * 400])
)
TOKENS = """year ends a ( ) and or not in == != < <= > >= 2020 -1 'soon' "x" true false , 1.5 nan ="""


@settings(max_examples=200)
@given(
    st.lists(st.sampled_from(TOKENS.split()), max_size=12).map(" ".join),
    st.dictionaries(st.sampled_from(["year", "ends", "a"]), ANY_VALUE),
)
def test_a_condition_that_was_read_never_fails(text: str, values: dict[str, Value]) -> None:
    try:
        condition = parse(text)
    except ConditionError as refused:
        assert refused.column >= 1 and refused.message
        return
    assert condition.holds(values) in (True, False)
    list(comparisons(condition))


# ---------------------------------------------------------------- the score


def flow(*steps: dict[str, object]) -> Flow:
    return Flow.model_validate(
        {"flow": "kasko", "title": "КАСКО", "consent": {"personal_data": "x.md"}, "steps": steps}
    )


KASKO = flow(
    {
        "id": "year",
        "ask": "Год?",
        "answer": "number",
        "score": [{"if": "year >= 2020", "add": 20, "reason": "машина новее 2020 года"}],
    },
    {
        "id": "ends",
        "ask": "Когда?",
        "choices": [
            {"label": "В этом месяце", "value": "this_month", "score": 30, "reason": "полис скоро кончится"},
            {"label": "Нескоро", "score": -10},
            {"label": "Давно", "value": 1, "score": 90, "reason": "без полиса"},
        ],
    },
    {
        "id": "name",
        "ask": "Имя?",
        "answer": "name",
        "score": [{"if": "ends == 1 and year >= 2020", "add": 90, "reason": "без полиса"}],
    },
)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, Score(0)),
        ({"year": 2021}, Score(20, ("машина новее 2020 года",))),
        ({"year": 2021, "ends": "this_month"}, Score(50, ("машина новее 2020 года", "полис скоро кончится"))),
        ({"year": 2010, "ends": "Нескоро"}, Score(0)),
        ({"year": 2021, "ends": "Нескоро"}, Score(10, ("машина новее 2020 года",))),
        ({"year": 2021, "ends": 1}, Score(100, ("машина новее 2020 года", "без полиса"))),
        ({"ends": "В этом месяце"}, Score(0)),
        ({"ends": True}, Score(0)),
        ({"year": "2021"}, Score(20, ("машина новее 2020 года",))),
    ],
)
def test_L24_the_score_adds_up_and_says_why(answers: dict[str, Value], expected: Score) -> None:
    assert score(KASKO, answers) == expected


def test_a_broken_rule_costs_points_and_not_the_application() -> None:
    broken = flow(
        {
            "id": "a",
            "ask": "?",
            "answer": "text",
            "score": [{"if": "a = 1", "add": 5, "reason": "x"}, {"if": "a", "add": 7, "reason": "y"}],
        }
    )
    assert score(broken, {"a": "да"}) == Score(7, ("y",))
