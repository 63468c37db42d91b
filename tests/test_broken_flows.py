"""Over five hundred flows with one mistake each: exactly that is told, where it is, with its way out, in Russian and
English.

``tests/broken_flows/KIND.yaml`` holds the cases: the sound folder of ``tests.flow_folder`` with some changes («⟨а ×3⟩»
is «а а а »), the name of the problem, and how it is told. ``with``: other files of the folder, as a text or as changes
of one that is there (``copy`` tells which); a picture as the reference that a version keeps of it. ``mended``: what an
author who follows the way out does; then nothing is told. When the language has grown, and a list of known words too,
``python -m tests.test_broken_flows`` writes down how each is told now: read the difference before you believe it.
"""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from dialogs.english import in_english
from dialogs.problems import Problem
from dialogs.reading import load
from dialogs.stories import parse
from tests.flow_folder import FILES, told

CORPUS = Path(__file__).parent / "broken_flows"
DIALOGS = Path(__file__).parents[1] / "dialogs"
TODAY = date(2026, 11, 25)


@dataclass(frozen=True)
class Case:
    """One broken folder. ``told``: the one problem's headline. ``mended``: texts and what to put instead of them."""

    kind: str
    name: str
    told: str
    files: dict[str, str | bytes]
    mended: dict[str, str] = field(default_factory=dict)


def _whole(text: str) -> str:
    return re.sub(r"⟨(.*?)×(\d+)⟩", lambda found: found[1] * int(found[2]), text)


def _files(case: dict[str, Any]) -> dict[str, str | bytes]:
    path = case.get("file", "tour.yaml")
    text = _changed(_whole(case["text"]) if "text" in case else FILES[path], case.get("change", {}))
    written = text.encode(case["encoding"]) if "encoding" in case else text
    files: dict[str, str | bytes] = {other: FILES[other] for other in FILES if other != path}
    files[case.get("saved_as", path)] = written
    for other, made in case.get("with", {}).items():
        if isinstance(made, str):
            files[other] = _whole(made)
        else:
            files[other] = _changed(FILES[made.get("copy", other)], made["change"])
    return files


def _changed(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        assert old in text, f"no {old!r} in\n{text}"
        text = text.replace(old, _whole(new), 1)
    return text


def _mended(case: Case) -> dict[str, str | bytes]:
    files = dict(case.files)
    for old, new in case.mended.items():
        (path,) = (path for path, text in files.items() if isinstance(text, str) and old in text)
        files[path] = _changed(str(files[path]), {old: new})
    return files


def _problems(files: dict[str, str | bytes]) -> list[Problem]:
    """As ``leadbot check`` tells them: of the set, then of its stories."""
    return [*load(files, today=TODAY).problems, *parse(files)[1]]


def cases() -> Iterator[Case]:
    for path in sorted(CORPUS.glob("*.yaml")):
        for case in YAML(typ="safe", pure=True).load(path.read_text("utf-8")):
            yield Case(path.stem, case["name"], case["told"], _files(case), case.get("mended", {}))


CASES = list(cases())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}-{case.name}")
def test_A1_one_mistake_is_told_once_exactly_where_it_is(case: Case) -> None:
    found = _problems(case.files)
    assert [(one.name, one.headline) for one in found] == [(case.name, case.told)]
    assert found[0].fix, "there is a way out"
    assert found[0].pointer or found[0].line == 1, "its line is shown, and a caret"


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}-{case.name}")
def test_A1_and_in_english(case: Case) -> None:
    (found,) = _problems(case.files)
    said = in_english(found)
    bare = re.sub(
        "«[^»]*»|“[^”]*”|\"[^\"]*\"|'[^']*'|ВКонтакте|Сайт|business.yaml: .*", "", f"{said.message} {said.fix}"
    )
    assert not re.search("[а-яё]{3}", bare.partition("Known: ")[0]), str(said)


@pytest.mark.parametrize("case", [one for one in CASES if one.mended], ids=lambda case: f"{case.kind}-{case.name}")
def test_A1_whoever_follows_the_way_out_is_told_nothing_more(case: Case) -> None:
    assert [str(one) for one in _problems(_mended(case))] == []


def _names() -> set[str]:
    """The name of every problem in the code: the words with a hyphen, and those that are given as a name."""
    found: set[str] = set()
    for path in sorted(DIALOGS.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and re.fullmatch("[a-z]+(-[a-z]+)+", str(node.value)):
                found.add(str(node.value))
            if isinstance(node, ast.Call):
                given = node.args[PLACE[called] : PLACE[called] + 1] if (called := _called(node)) in PLACE else []
                given += [one.value for one in node.keywords if called == "Problem" and one.arg == "name"]
                assert not any(isinstance(one, ast.JoinedStr) for one in given), f"{path}:{node.lineno}: write it out"
                found |= {str(one.value) for one in given if isinstance(one, ast.Constant)}
    return found


PLACE = {"problem": 1, "tell": 1, "mark": 2, "_warning": 2, "Problem": 6, "Unreadable": 4}
"""Where a problem's name stands among the arguments of what tells it."""


def _called(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def test_A1_there_are_hundreds_and_three_at_least_of_every_name_in_the_code() -> None:
    assert len(CASES) >= 500
    number = Counter(case.name for case in CASES)
    assert {name: number[name] for name in _names() if number[name] < 3} == {}
    assert number.keys() - _names() == set(), "no name is overlooked above"


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
        now = iter([_problems(case.files) for case in CASES if case.kind == path.stem])
        lines = path.read_text("utf-8").split("\n")
        for place, line in enumerate(lines):
            if line.startswith("  told: ") and len(found := next(now)) == 1:
                lines[place] = f"  told: {json.dumps(found[0].headline, ensure_ascii=False)}"
        path.write_text("\n".join(lines), "utf-8")


if __name__ == "__main__":
    record()
