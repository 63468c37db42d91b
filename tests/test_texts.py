"""Prose templates: what authors may write, what is refused at load, what people read (A9, A10, P30)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.texts import ForbiddenTemplate, check, names_in, render

NAMES = ("name", "year", "phone", "company", "code", "code.until", "offers.spring.left", "steps_left", "self")


# ---------------------------------------------------------------- what people read


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Здравствуйте, {{ name }}!", "Здравствуйте, Анна!"),
        ("{{name}}{{ name }}", "АннаАнна"),
        ("Код {{ code }} до {{ code.until | day }}.\n", "Код SPRING-1 до 27 ноября."),
        ("{{ code.until | date }}, {{ code.until }}", "27.11.2026, 27 ноября"),
        ("осталось {{ offers.spring.left | count('промокод', 'промокода', 'промокодов') }}", "осталось 21 промокод"),
        ("{{ price | money }} / {{ small | money }}", "1 250 000 ₽ / 990 ₽"),
        ("{{ phone | phone }}", "+7 900 123-45-67"),
        ("{{ word | capital }} и {{ name | capital }}", "Расчёт и Анна"),
        ("{{ yes }}, {{ no }}", "да, нет"),
        ("{{ self }}", "сам"),
        (
            "{{ word | money }}, {{ word | date }}, {{ word | day }}, {{ word | phone }}",
            "расчёт, расчёт, расчёт, расчёт",
        ),
        ("Сто % & <b>{ } {x} %s", "Сто % & <b>{ } {x} %s"),
        ("раз\n\nдва", "раз\n\nдва"),
    ],
)
def test_a_text_is_filled_in(template: str, text: str) -> None:
    values = {
        "name": "Анна", "code": "SPRING-1", "code.until": datetime(2026, 11, 27, 15, tzinfo=UTC),
        "offers.spring.left": 21,
        "price": 1_250_000, "small": 990, "phone": "+79001234567", "word": "расчёт",
        "yes": True, "no": False, "self": "сам",
    }  # fmt: skip
    assert render(template, values) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 вопросов"), (1, "1 вопрос"), (2, "2 вопроса"), (5, "5 вопросов"), (11, "11 вопросов"), (21, "21 вопрос"),
     (22, "22 вопроса"), (111, "111 вопросов"), ("3", "3 вопроса"), ("много", "много"), (None, "")],
)  # fmt: skip
def test_russian_plurals(number: object, text: str) -> None:
    assert render("{{ n | count('вопрос', 'вопроса', 'вопросов') }}", {"n": number}) == text


@pytest.mark.parametrize(
    "said",
    [
        "{{7*7}}",
        "{{ name }}",
        "{% for x in y %}",
        "{user.__class__}",
        "${x}",
        "%s",
        "{0}",
        "<b>",
        "{#",
        "\\n",
        "{{ code | day }}",
    ],
)
def test_P30_what_a_prospect_said_is_never_read_as_a_template(said: str) -> None:
    assert render("Готово, {{ name }}!", {"name": said, "code": "SECRET"}) == f"Готово, {said}!"
    assert render("{{ name | capital }}", {"name": said}) == said[:1].upper() + said[1:]


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Здравствуйте, {{ name }}!", "Здравствуйте!"),
        ("Готово, {{ name }}, ваш код {{ code }}.", "Готово, ваш код."),
        ("Ждём {{ code.until | day }} вас", "Ждём вас"),
        (
            "{{ n | count('год', 'года', 'лет') }} {{ p | money }}{{ q | phone }}{{ d | date }}{{ c | capital }}",
            "",
        ),
        ("раз\n{{ name }}\n\nдва", "раз\n\nдва"),
        ("Поняли. Ваш город: {{ city }}. Едем дальше?", "Поняли. Едем дальше?"),
        ("Записали, номер: {{ phone | phone }}!\nДо встречи: {{ day | day }}.", "Записали!"),
        ("Проверьте:\nгород: {{ city }}.", "Проверьте:"),
    ],
)
def test_a_missing_value_leaves_no_hole_and_no_error(template: str, text: str) -> None:
    assert render(template, {}) == text
    assert render(template, dict.fromkeys(names_in(template))) == text


def test_A10_a_text_never_grows_beyond_a_message() -> None:
    long = render("{{ a }}{{ a }}", {"a": "ы" * 4000})
    assert len(long) == 4096 and long.endswith("…")
    assert len(render("{{ a }}", {"a": "😀" * 4000}).encode("utf-16-le")) <= 2 * 4096


@given(
    st.dictionaries(
        st.sampled_from(["name", "n", "code", "code.until"]),
        st.one_of(st.text(), st.integers(), st.booleans(), st.dates(), st.none()),
    )
)
def test_no_value_can_break_a_text(values: dict[str, object]) -> None:
    template = "{{ name }} {{ name | phone }} {{ n | money }} {{ n | count('а', 'б', 'в') }} {{ code }}"
    template += "{{ code.until | day }} {{ code.until | date }} {{ name | capital }}"
    assert isinstance(render(template, values), str)


def test_the_day_is_the_callers_day() -> None:
    assert render("{{ d | day }}", {"d": date(2026, 1, 1)}) == "1 января"
    assert render("{{ d | day }}", {"d": "2026-05-09"}) == "9 мая"


# ---------------------------------------------------------------- what is refused at load


def test_a_sound_text_has_no_problems() -> None:
    text = (
        "Готово, {{ name }}! {{ code }} до {{ code.until | day }}.\n{{ steps_left | count('а', 'б', 'в') }} { } 100 %"
    )
    assert check(text, NAMES) == []


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{{ nmae }}", "строка 1: имени «nmae» нет. Возможно, вы имели в виду «name»."),
        (
            "раз\n\n{{ offers.sprng.left }}",
            "строка 3: имени «offers.sprng.left» нет. Возможно, вы имели в виду «offers.spring.left».",
        ),
        ("{{ code.till | day }}", "строка 1: имени «code.till» нет. Возможно, вы имели в виду «code.until»."),
        ("{{ qqq }}", "Известные: code, code.until, company"),
        ("{{ name | uper }}", "фильтра «uper» нет"),
        ("{{ name | capitel }}", "Возможно, вы имели в виду «capital»."),
        ("{{ year | count('год', 'года') }}", "нужны три слова"),
        ("{{ year | day('x') }}", "скобки не нужны"),
        ("{{ name", "скобки {{ }} не закрыты"),
        ("раз\n{{ name }", "строка 2: скобки {{ }} не закрыты"),
        ("{{ name name }}", "не одно имя"),
        ("{{ }}", "в {{ }} пусто"),
        ("{{ name ! }}", "непонятный знак"),
        ("раз\n{{ name }}\n}}", "строка 3: лишние скобки }}"),
        ("{{ name | day | day | day | day }}", "не больше 3"),
        ("{{ name }}}}", "лишние скобки }}"),
        ("Здравствуйте, {name}!", "нужны две скобки: {{ name }}"),
        ("раз\n{# два #}", "строка 2: {# #}"),
    ],
)
def test_an_authors_slip_is_named_with_its_line_and_the_way_out(template: str, problem: str) -> None:
    found = check(template, NAMES)
    assert len(found) == 1 and problem in found[0], found


@pytest.mark.parametrize(
    "template",
    [
        "{% if name %}x{% endif %}", "{% for x in range(10**9) %}x{% endfor %}", "{% set x = 1 %}",
        "{% include 'x' %}", "{% raw %}x{% endraw %}",
        "{{ range(10**9) }}", "{{ name.upper() }}", "{{ name['x'] }}", "{{ name[0] }}", "{{ 7*7 }}",
        "{{ 'x' * 10**9 }}", "{{ 'x' }}",
        "{{ name ~ 'x' }}", "{{ name if name }}", "{{ name | count(name, name, name) }}",
        "{{ name | count('а', 'б', many='в') }}",
        "{{ lipsum() }}", "{{ (name).x.__class__.mro() }}", "{{ [name] }}", "{{ {1: name} }}",
        "{{ name is defined }}", "{{ not name }}",
        "{{ -name }}", "{{ name | attr('x') }}", "{{ name | safe }}", "{{ name | format('x') }}", "{{ true }}",
        "{{ none }}",
    ],
)  # fmt: skip
def test_A9_A10_a_text_is_no_program(template: str) -> None:
    assert check(template, NAMES)
    with pytest.raises(ForbiddenTemplate):
        render(template, {"name": "Анна"})


@pytest.mark.parametrize(
    "name", ["__class__", "name.__class__", "name.__init__.__globals__", "settings.token", "environ", "_x", "namespace"]
)
def test_A9_nothing_outside_the_declared_names_is_reached(name: str) -> None:
    assert "нет" in check(f"{{{{ {name} }}}}", NAMES)[0]
    assert render(f"<{{{{ {name} }}}}>", {"name": "Анна"}) == "<>"


def test_every_problem_is_told_not_the_first_one() -> None:
    found = check("{{ nmae }}\n{{ 7*7 }}\n{{ name | uper }}\n{{ yaer }}", NAMES)
    assert {problem.split(":")[0] for problem in found} == {"строка 1", "строка 2", "строка 3", "строка 4"}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("number", ["１.０００,５", "１", "１.５", pytest.param("9" * 5000, id="five thousand digits")])
def test_a_number_that_only_looks_like_one_is_a_problem_and_no_crash(number: str) -> None:
    """Found by the fuzzer: digits of another alphabet in braces ended the check of the whole set."""
    (problem,) = check("Здравствуйте, {{ " + number + " }}!", {"name"})
    assert "подстановка не понята" in problem


def test_A5_A10_bombs_are_problems_not_stalls() -> None:
    for bomb in (
        "{{ " + "(" * 3000 + "name" + ")" * 3000 + " }}",
        "{{ name" + " | capital" * 5000 + " }}",
        "{{ a" + ".a" * 5000 + " }}",
        "{{ " * 5000,
    ):
        assert check(bomb, NAMES)


@given(st.text(st.sampled_from("{}%# |.'()ab_\n0*"), max_size=40))
def test_checking_never_fails_and_what_it_passes_renders(template: str) -> None:
    if not check(template, ("a", "b", "a.b")):
        assert isinstance(render(template, {"a": "x"}), str)
