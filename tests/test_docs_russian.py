"""The Russian guide to flows: every word of the language, as the models tell it, and no example that is not run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, get_args, get_origin

import pytest
from pydantic import BaseModel

from dialogs.flow import AnswerType
from dialogs.lint_texts import GENERAL, OF_OFFER
from dialogs.meanings import VALUES
from dialogs.situation import FACTS
from dialogs.verbs import THINGS, VERBS
from dialogs.wording import FILTERS
from tests.docs_reading import ROOT, blocks, keys, prose, table
from tests.test_docs import GUIDE, PARTS, REFERENCE

RUSSIAN = ROOT / "docs" / "flows.ru.md"
HEADINGS = {
    "Ключи сценария": "Keys of a flow",
    "Ключи consent": "Keys of consent",
    "Ключи предложения": "Keys of an offer",
    "Ключи шага": "Keys of a step",
    "Ключи побочного вопроса": "Keys of a side question",
    "Ключи ответа": "Keys of an answer",
    "Ключи кнопки": "Keys of a choice",
    "Ключи ветки": "Keys of a branch",
    "Ключи баллов": "Keys of a score",
    "Ключи текста с условием": "Keys of a chosen text",
    "Ключи ценности заявки": "Keys of worth",
    "Ключи метки": "Keys of a tag",
    "Ключи hand_over": "Keys of hand_over",
    "Ключи правила молчания": "Keys of a silence rule",
    "Ключи напоминания к дате": "Keys of a dated rule",
    "Ключи business.yaml": "Keys of business.yaml",
    "Ключи перевода": "Keys of a translation",
    "Ключи перевода шага": "Keys of a translated step",
    "Ключи перевода предложения": "Keys of a translated offer",
}


def told_by(model: type[BaseModel]) -> list[list[str]]:
    """Rows of a table of keys: as editors show them, so do guides."""
    return [[f"`{one.alias or name}`", str(one.description)] for name, one in model.model_fields.items()]


def test_every_part_of_the_language_is_told() -> None:
    assert list(HEADINGS.values()) == list(REFERENCE)


@pytest.mark.parametrize("heading", HEADINGS)
def test_each_key_is_told_in_the_words_that_editors_show(heading: str) -> None:
    assert table(RUSSIAN, heading) == told_by(REFERENCE[HEADINGS[heading]])


def fixed(kind: object) -> set[str]:
    """The words of which a value must be one."""
    if get_origin(kind) is Literal:
        return set(get_args(kind))
    return {word for part in get_args(kind) for word in fixed(part)}


def test_the_english_word_to_write_is_named_beside_its_meaning() -> None:
    """An owner who reads «быстрый» would write it."""
    for model in (*REFERENCE.values(), *PARTS.values()):
        for name, one in model.model_fields.items():
            words = fixed(one.annotation)
            if words and words != set(get_args(AnswerType)) and not words & {"mon", "tue"}:
                assert [word for word in words if word not in str(one.description)] == [], (model, name)


def test_the_parts_of_business_yaml_are_told_too() -> None:
    rows = [re.findall(r"^\| `(\w+)` \| `(\w+)` \| (.+) \|$", line) for line in prose(RUSSIAN).splitlines()]
    told = [list(found[0]) for found in rows if found]
    assert told == [[part, key.strip("`"), said] for part, model in PARTS.items() for key, said in told_by(model)]


def test_kinds_names_filters_and_acts_are_those_that_there_are() -> None:
    text = prose(RUSSIAN)
    assert all(f"| `{kind}` | {VALUES[kind]} |" in text for kind in get_args(AnswerType))
    assert keys(RUSSIAN, "Условия") == list(FACTS)
    offers = [f"offers.OFFER.{part}" for part in OF_OFFER]
    assert keys(RUSSIAN, "Тексты: имена и фильтры") == [*GENERAL, "code", "code.until", *offers]
    assert sorted(re.findall(r"^\| `(\w+)` \| `\{\{", text, re.M)) == sorted(FILTERS)
    assert tuple(keys(RUSSIAN, "Истории")) == VERBS
    things = text.partition("прислать в `sends`:")[2].partition("\n\n")[0]
    assert tuple(re.findall(r"`(\w+)`", things)) == THINGS


def test_the_channels_limits_are_those_of_the_english_guide() -> None:
    words = {"yes": "да", "no": "нет", "always": "всегда"}
    told = [[words.get(cell, cell.replace(" h", " ч")) for cell in row] for row in table(GUIDE, "Limits of channels")]
    assert table(RUSSIAN, "Пределы каналов") == told


def test_the_examples_are_those_of_the_english_guide_whose_tests_run_them() -> None:
    def shown(path: Path) -> list[tuple[str, str]]:
        return [(one.language, one.text) for one in blocks(path) if one.language != "sh"]

    assert shown(RUSSIAN) == shown(GUIDE)


def test_the_same_commands_are_typed_whatever_the_remarks() -> None:
    def typed(path: Path) -> list[str]:
        return [line.partition("  #")[0].rstrip() for one in blocks(path, "sh") for line in one.text.splitlines()]

    assert typed(RUSSIAN) == typed(GUIDE)
