"""Parts, reviews, renames and side questions: what is wrong with them, where, and the way out."""

# ruff: noqa: E501 (tables)

from __future__ import annotations

import pytest

from dialogs.graph import mermaid
from dialogs.paths import Graph
from dialogs.reading import load
from tests.flow_folder import BUSINESS, FLOW, folder
from tests.test_lint import BUSINESS_FILE, TOUR, Change, check, lint

PART = """\
parts:
  address:
    - id: street
      ask: |
        Ваша улица?
      answer: text
      purpose: прислать договор
    - id: lift
      ask: |
        Есть ли лифт?
      purpose: прислать курьера
      choices:
        - label: Есть
          go: return
        - label: Нет
    - id: floor
      ask: |
        Какой этаж?
      answer: {type: number, from: 1, to: 40}
      purpose: прислать курьера
"""
CALLED: tuple[Change, ...] = (
    ("  - id: name\n", "  - id: where_to\n    part: address\n  - id: name\n"),
    ("go: nights\n", "go: where_to\n"),
    ("        go: name\n      - go: name", "        go: where_to\n      - go: where_to"),
    ("silence:", PART + "silence:"),
)
REVIEW: Change = ("  - id: done\n", "  - id: check\n    review: true\n  - id: done\n")


def test_parts_reviews_renames_and_side_questions_may_be_sound():
    questions = "questions:\n  - words: [цена, сколько стоит]\n    answer: |\n      Недорого, {{ name }}.\nsilence:"
    found, _ = lint(
        TOUR, *CALLED[:2], *CALLED[2:3], ("silence:", PART + questions), REVIEW,
        ("  - id: phone\n", "  - id: phone\n    renamed_from: [number]\n"),
        ("        value: hills\n", "        value: hills\n        renamed_from: [mountains]\n"),
    )  # fmt: skip
    assert found == []


# name, changes, part of the message, part of the fix
ERRORS: list[tuple[str, tuple[Change, ...], str, str]] = [
    ("unknown-part", (*CALLED, ("part: address", "part: ‸adress")), "части «adress»", "«address»"),
    ("unknown-part", (("  - id: name\n", "  - id: to\n    part: ‸door\n  - id: name\n"),), "части «door»", "в parts"),
    ("unused-part", (("silence:", "parts:\n  ‸extra:\n    - id: more\n      say: |\n        Ещё.\nsilence:"),), "никто не зовёт", "part: extra"),
    ("part-in-itself", (*CALLED, ("    - id: lift\n", "    - id: again\n      part: ‸address\n    - id: lift\n")), "саму себя", "go"),
    ("return-outside-part", (("        go: nights", "        go: ‸return"),), "только внутри части", "end"),
    ("jump-into-part", (*CALLED, ("        go: where_to", "        go: ‸lift")), "внутри части «address»", "part: address"),
    ("part-with-more", (*CALLED, ("    part: address\n", "    part: address\n    ‸ask: Куда?\n    answer: text\n")), "«ask, answer» здесь лишнее", "соседний"),
    ("review-with-more", (REVIEW, ("    review: true\n", "    review: true\n    ‸consent: advertising\n")), "«consent» здесь лишнее", "соседний"),
    ("renamed-still-here", (("  - id: phone\n", "  - id: phone\n    renamed_from: [‸name]\n"),), "шаг «name» в сценарии есть", "переименуйте"),
    ("renamed-twice", (("  - id: phone\n", "  - id: phone\n    renamed_from: [‸who]\n"), ("  - id: bye\n", "  - id: bye\n    renamed_from: [who]\n")),
        "есть и у шага «bye»", "Оставьте"),
    ("renamed-still-here", (("        value: hills\n", "        value: hills\n        renamed_from: [‸sea]\n"),), "value «sea»", "Уберите"),
    ("renamed-twice", (("        value: sea\n", "        value: sea\n        renamed_from: [x]\n"),
        ("        value: hills\n", "        value: hills\n        renamed_from: [‸x]\n")), "прежнее value «x»", "у одной"),
    ("questions-alike", (("silence:", "questions:\n  - words: [цена]\n    answer: Два.\n  - words: [‸Цена!]\n    answer: Три.\nsilence:"),), "«Цена!»", "у одного"),
    ("template", (("silence:", "questions:\n  - words: [цена]\n    answer: |\n      {{ ‸nmae }}.\nsilence:"),), "«nmae»", "«name»"),
    ("condition-name", (("silence:", "questions:\n  - words: [цена]\n    answer:\n      - if: ‸nigths > 7\n        text: Два.\nsilence:"),), "«nigths»", "«nights»"),
    ("impossible-condition", (("silence:", "questions:\n  - words: [цена]\n    answer:\n      - if: where == \"‸see\"\n        text: Два.\nsilence:"),), "не бывает", "«sea»"),
    ("template", (("silence:", "questions:\n  - words: [цена]\n    answer:\n      - text: |\n          {{ ‸nmae }}.\nsilence:"),), "«nmae»", "«name»"),
    ("duplicate-step", (*CALLED, ("- id: floor", "- id: ‸phone")), "шаг «phone» уже есть", "другое имя"),
    ("endless-circle", (*CALLED, ("        Какой этаж?\n      answer: {type: number, from: 1, to: 40}\n      purpose: прислать курьера\n",
        "        Какой этаж?\n      answer: {type: number, from: 1, to: 40}\n      purpose: прислать курьера\n"
        "    - id: round\n      say: |\n        По кругу.\n      go: ‸round\n")), "круг без вопроса", "вопрос"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "changes", "message", "fix"), ERRORS)
def test_errors_are_put_on_their_place_with_a_way_out(name, changes, message, fix):
    check(TOUR, name, "error", changes, message, fix)


def test_the_business_s_own_answers_are_looked_at_too():
    change = ("start: tour", "questions:\n  - words: [адрес]\n    answer: |\n      {{ ‸copmany }}\nstart: tour")
    check(BUSINESS_FILE, "template", "error", (change,), "«copmany»", "«company»")
    assert "questions" not in BUSINESS


def test_whoever_comes_into_a_part_before_the_consent_is_asked_nothing_personal():
    early = ("  - id: agree\n", "  - id: early\n    part: address\n  - id: agree\n")
    found, _ = lint(TOUR, *CALLED, early)
    assert {(one.name, one.line) for one in found if one.name == "personal-before-consent"}
    late, _ = lint(TOUR, *CALLED)
    assert not [one for one in late if one.name == "personal-before-consent"]


def test_what_is_behind_one_caller_of_a_part_is_not_behind_the_other():
    text = FLOW
    for old, new in CALLED:
        assert old in text, old
        text = text.replace(old, new, 1)
    text = text.replace("  - id: news\n", "  - id: again\n    part: address\n  - id: news\n")
    loaded = load(folder("tour.yaml", (FLOW, text)))
    assert loaded.flow_set is not None, loaded.problems
    flow = loaded.flow_set.flows["tour"]
    graph = Graph(flow)
    assert graph.precedes("where_to", "floor") and graph.precedes("floor", "phone") and graph.precedes("floor", "news")
    assert graph.precedes("again", "news") and not graph.precedes("again", "phone"), "that is behind the first caller"
    assert graph.precedes("lift", "phone"), "return, before the end of the part"
    drawn = mermaid(flow)
    assert "s_where_to -. часть .-> s_street" in drawn and 's_lift -- "Есть" --> s_return_address' in drawn
