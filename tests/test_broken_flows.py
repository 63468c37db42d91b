"""Nearly five hundred flows with one mistake each: exactly that is told, where it is, with its way out, in Russian and
English.

``tests/broken_flows/KIND.yaml`` holds the cases: the sound folder of ``tests.flow_folder`` with some changes («⟨а ×3⟩»
is «а а а »), the name of the problem, and how it is told. When the language has grown, and a list of known words too,
``python -m tests.test_broken_flows`` writes down how each is told now: read the difference before you believe it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from dialogs.english import in_english
from dialogs.reading import load
from tests.flow_folder import FILES, told

CORPUS = Path(__file__).parent / "broken_flows"
TODAY = date(2026, 11, 25)


@dataclass(frozen=True)
class Case:
    """One broken folder. ``told``: the one problem's headline."""

    kind: str
    name: str
    told: str
    files: dict[str, str | bytes]


def _whole(text: str) -> str:
    return re.sub(r"⟨(.*?)×(\d+)⟩", lambda found: found[1] * int(found[2]), text)


def _files(case: dict[str, Any]) -> dict[str, str | bytes]:
    path = case.get("file", "tour.yaml")
    text = _whole(case["text"]) if "text" in case else FILES[path]
    for old, new in case.get("change", {}).items():
        assert old in text, f"{path} has no {old!r}"
        text = text.replace(old, _whole(new), 1)
    written = text.encode(case["encoding"]) if "encoding" in case else text
    return {other: FILES[other] for other in FILES if other != path} | {case.get("saved_as", path): written}


def cases() -> Iterator[Case]:
    for path in sorted(CORPUS.glob("*.yaml")):
        for case in YAML(typ="safe", pure=True).load(path.read_text("utf-8")):
            yield Case(path.stem, case["name"], case["told"], _files(case))


CASES = list(cases())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}-{case.name}")
def test_A1_one_mistake_is_told_once_exactly_where_it_is(case: Case) -> None:
    found = load(case.files, today=TODAY).problems
    assert [(one.name, one.headline) for one in found] == [(case.name, case.told)]
    assert found[0].fix, "there is a way out"
    assert found[0].pointer or found[0].line == 1, "its line is shown, and a caret"


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}-{case.name}")
def test_A1_and_in_english(case: Case) -> None:
    (found,) = load(case.files, today=TODAY).problems
    said = in_english(found)
    bare = re.sub("«[^»]*»|“[^”]*”|\"[^\"]*\"|'[^']*'|ВКонтакте|business.yaml: .*", "", f"{said.message} {said.fix}")
    assert not re.search("[а-яё]{3}", bare.partition("Known: ")[0]), str(said)


def test_there_are_hundreds_and_some_of_each_kind() -> None:
    assert len(CASES) >= 450
    few = [name for name, number in Counter(case.name for case in CASES).items() if number < 3]
    assert few == []


def test_A1_a_sound_folder_is_told_nothing() -> None:
    assert told(load(FILES, today=TODAY)) == []


TEN = {
    "title: Туры": "title: СРОЧНЫЕ ТУРЫ",
    "words: [тур]": "words: [тур, стоп]",
    "    stock: 10\n": "    stock: 10\n    own_codes: true\n",
    "refused: bye": "refused: bay",
    "Куда хотите?": "Куда хочешь ты?",
    "label: В горы": "label: К морю",
    "nights >= 7": "nights >= 70",
    "    purpose: позвонить вам\n": "",
    "{{ code }}": "{{ kode }}",
    "Хорошего дня!": "<b>Хорошего</b> дня! Осталось 3 места.",
    "after: 1 day": "after: 5 min",
}
TEN_NAMES = [
    "shouting", "reserved-word", "own-codes-with-stock", "jump-to-nowhere", "mixed-address", "choices-alike",
    "impossible-condition", "no-purpose", "template", "markup", "untrue-urgency", "silence-order",
]  # fmt: skip


def test_A1_ten_different_mistakes_of_a_file_come_at_once_in_order() -> None:
    text = FILES["tour.yaml"]
    for old, new in TEN.items():
        text = text.replace(old, new, 1)
    found = load({**FILES, "tour.yaml": text}, today=TODAY).problems
    assert [one.name for one in found] == TEN_NAMES
    assert [(one.line, one.column) for one in found] == sorted((one.line, one.column) for one in found)


def record() -> None:
    """Every case as it is told now; one that is told more than once stays."""
    for path in sorted(CORPUS.glob("*.yaml")):
        now = iter([load(case.files, today=TODAY).problems for case in CASES if case.kind == path.stem])
        lines = path.read_text("utf-8").split("\n")
        for place, line in enumerate(lines):
            if line.startswith("  told: ") and len(found := next(now)) == 1:
                lines[place] = f"  told: {json.dumps(found[0].headline, ensure_ascii=False)}"
        path.write_text("\n".join(lines), "utf-8")


if __name__ == "__main__":
    record()
