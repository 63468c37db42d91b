"""«Every problem at once»: a word that a model refuses hides no mistake elsewhere, and none is told that only follows
from it (A1)."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from functools import cache
from pathlib import Path
from random import Random

import pytest
from ruamel.yaml import YAML

from dialogs import echoes
from dialogs.reading import load, read
from tests.flow_folder import BUSINESS, DATA, FILES, FLOW, folder
from tests.test_broken_flows import CASES, CORPUS, TODAY

Change = tuple[str, str]
TOUR = "tour.yaml"
ANSWER, PURPOSE = ("answer: phone", "answer: fone"), ("    purpose: позвонить", "    porpose: позвонить")
JUMP, NAME = ("go: nights", "go: nigts"), ("Спасибо, {{ name }}", "Спасибо, {{ nmae }}")
SHOUT = ("Хорошего дня!", "ХОРОШЕГО ДНЯ ВСЕМ")

# changes of tour.yaml, names of what is told in their order
PAIRS: list[tuple[tuple[Change, ...], list[str]]] = [
    ((ANSWER, JUMP), ["jump-to-nowhere", "unknown-word"]),
    ((PURPOSE, JUMP), ["jump-to-nowhere", "unknown-key"]),
    ((ANSWER, PURPOSE, JUMP, NAME, SHOUT), ["jump-to-nowhere", "unknown-word", "unknown-key", "template", "shouting"]),
    ((("    answer: phone\n", "    answer:\n"), JUMP), ["jump-to-nowhere", "empty-value"]),
    ((("title: Туры\n", ""), NAME), ["missing-key", "template"]),
    ((("title: Туры", "title: 2026"), JUMP), ["guessed-type", "jump-to-nowhere"]),
    ((("title: Туры", "title: Туры\nauthor: Анна"), JUMP), ["unknown-key", "jump-to-nowhere"]),
    ((("stock: 10", "stock: много"), NAME), ["wrong-kind", "template"]),
    ((("- label: В горы\n        value", "- value"), NAME), ["missing-key", "template"]),
    ((("    consent: advertising", "    consent: adverts"), NAME), ["template", "unknown-word"]),
    # the same step
    ((("    answer: phone", "    answer: fone\n    go: doen"),), ["unknown-word", "jump-to-nowhere"]),
    # list items without anything in them: the sound one stays
    ((("words: [тур]", "words: [~, тур, ~]"), JUMP), ["empty-value", "empty-value", "jump-to-nowhere"]),
    # a step that is no step at all, and two mistakes below it
    ((("  - id: news\n    consent: advertising\n", "  - news\n"), SHOUT), ["wrong-kind", "shouting"]),
    # what follows from the refused place is not told: no contact, no such question, nobody comes there
    ((("    answer: phone", "    answer: foto"),), ["unknown-word"]),
    ((("  - id: where\n", "  - id: Where\n"),), ["wrong-name"]),
    (
        (
            ("        go: nights", "        go: Nights"),
            ("        value: sea\n", "        value: sea\n        go: name\n"),
        ),
        ["wrong-name"],
    ),
    ((("  sea:\n", "  Sea:\n"),), ["wrong-name"]),
    ((("    title: Скидка 5 % на море\n", "    title:\n"),), ["empty-value"]),
    ((("application: sea", "aplikation: sea"),), ["unknown-key"]),
    ((("    choices:\n", "    buttons:\n"),), ["unknown-key"]),
    ((("words: [тур]", "confirmed: shouting"), SHOUT), ["wrong-kind"]),
]


@pytest.mark.parametrize(("changes", "names"), PAIRS)
def test_A1_a_refused_word_and_a_broken_rule_are_told_together(changes: tuple[Change, ...], names: list[str]) -> None:
    assert [one.name for one in load(folder(TOUR, *changes)).problems] == names


def test_A1_so_it_is_in_business_yaml_and_between_files() -> None:
    business = BUSINESS.replace("company:", "compani:").replace("step: hello", "step: helo")
    files = {**folder(TOUR, ANSWER, JUMP), "business.yaml": business}
    files["consents/data.md"] = DATA.replace("Срок: один год.", "")
    assert [(one.file, one.name) for one in load(files).problems] == [
        ("business.yaml", "unknown-key"),
        ("business.yaml", "jump-to-nowhere"),
        ("consents/data.md", "consent-incomplete"),
        (TOUR, "jump-to-nowhere"),
        (TOUR, "unknown-word"),
    ]


ENGLISH = """\
translation: tour
language: en
confirmed: [not-translated]
steps:
  done: {say: "Thank you, {{ nmae }}! Your code is {{ code }}, until {{ code.until | day }}."}
"""


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (ANSWER, ["template", "unknown-word"]),
        (JUMP, ["template", "jump-to-nowhere"]),
        (("    say: |\n      Спасибо", "    say:\n    #"), ["empty-value"]),  # who knows what is translated there
    ],
)
def test_A1_so_it_is_with_a_translation(change: Change, names: list[str]) -> None:
    found = load({**folder(TOUR, change), "tour.en.yaml": ENGLISH}).problems
    assert [one.name for one in found] == names


def test_A1_a_warning_that_is_confirmed_elsewhere_is_not_called_in_vain() -> None:
    """Is the cruise published? While ``published`` cannot be read, nobody knows."""
    cruise = FLOW.replace("flow: tour", "flow: cruise").replace("words: [тур]", "confirmed: [flow-unpublished]")
    sound = {**FILES, "cruise.yaml": cruise}
    assert load(sound).problems == ()
    for spoilt in (BUSINESS.replace("published:", "zzz:"), BUSINESS + "bands: {a: 1}\n", BUSINESS + "x: {y\n"):
        found = load({**sound, "business.yaml": spoilt}).problems
        assert {one.name for one in found} <= {"unknown-key", "missing-key", "yaml-syntax"}


def test_A1_a_file_that_is_no_yaml_hides_nothing_of_the_others() -> None:
    cruise = FLOW.replace("flow: tour", "flow: cruise").replace("words: [тур]", "words: [круиз]").replace(*JUMP)
    files = {**folder(TOUR, ("title: Туры", "title: {Туры")), "cruise.yaml": cruise}
    assert [(one.file, one.name) for one in load(files).problems] == [
        ("cruise.yaml", "flow-unpublished"),
        ("cruise.yaml", "jump-to-nowhere"),
        (TOUR, "yaml-syntax"),
    ]


def test_A4_a_file_that_is_guessed_at_never_goes_live() -> None:
    """The rules see what ``answer: fone`` may mean; nobody else does."""
    draft, _ = read(folder(TOUR, ANSWER))
    assert draft.flows == ()
    assert load(folder(TOUR, ANSWER)).flow_set is None


# ---------------------------------------------------------------- any two of the corpus

PARTS = [found.start() for found in re.finditer("^(  - |[a-z]|  sea)", FLOW, re.M)]
Spoil = tuple[str, dict[str, str]]


@cache
def _spoils() -> tuple[list[Spoil], list[Spoil]]:
    """Changes of tour.yaml alone, with the name of what they break: those that the model refuses, and the others.

    Read when a test asks: every process of the tests imports this file, and two seconds go into it.
    """
    refused: list[Spoil] = []
    broken: list[Spoil] = []
    for path in sorted(CORPUS.glob("*.yaml")):
        for case in YAML(typ="safe", pure=True).load(path.read_text("utf-8")):
            changes = case.get("change", {})
            if case.keys() - {"name", "told", "change", "mended"} or "⟨" in str(changes) or not changes:
                continue
            if all(old in FLOW for old in changes):
                draft, problems = read(folder(TOUR, *changes.items()))
                if draft.refused:
                    refused.append((case["name"], changes))
                elif draft.flows and not problems:
                    broken.append((case["name"], changes))
    return refused, broken


def _touched(changes: dict[str, str]) -> set[int]:
    """The parts of tour.yaml that the changes are in."""
    ends = [(FLOW.index(old), FLOW.index(old) + len(old) - 1) for old in changes]
    return {part for start, end in ends for part in range(bisect_right(PARTS, start), bisect_right(PARTS, end) + 1)}


def _both(dice: Random) -> tuple[list[str], list[str]]:
    """Two mistakes of different parts: their names, and the names of what is told."""
    refused, broken = _spoils()
    while True:
        (one, first), (two, second) = dice.choice(refused), dice.choice(broken)
        if _touched(first).isdisjoint(_touched(second)):
            files = folder(TOUR, *first.items(), *second.items())
            return [one, two], [problem.name for problem in load(files, today=TODAY).problems]


@pytest.mark.parametrize("seed", range(8))
def test_A1_two_mistakes_of_a_file_are_told_at_once_and_nothing_that_is_none(seed: int) -> None:
    """A few of the second are kept back: they might come of the first."""
    dice, kept_back = Random(seed), 0
    for _ in range(40):
        made, told = _both(dice)
        assert Counter(told) <= Counter(made), (made, told)
        assert made[0] in told
        kept_back += len(told) < 2
    assert kept_back <= 6


def test_there_is_enough_to_choose_from() -> None:
    refused, broken = _spoils()
    assert len(refused) > 40
    assert len(broken) > 200
    assert load(FILES, today=TODAY).problems == ()


# ---------------------------------------------------------------- one spoilt line of the shipped flows

SHIPPED = Path(__file__).parents[1] / "dialogs" / "flows"
REFUSALS = {
    "unknown-key", "missing-key", "unknown-word", "wrong-kind", "wrong-name", "wrong-value", "empty-value",
    "guessed-type", "out-of-bounds", "too-long", "yaml-syntax",
}  # fmt: skip
LINE = re.compile(r"(\s*(?:- )?)([a-z_]+)(: [^|].*)$")
WAYS = (r"\1zzzzz\3", r"\1\2q\3", r"\1\2:", r"\1\2: 2026", r"\1\2: {a: 1}")


def shipped() -> dict[str, str | bytes]:
    kept = {path.relative_to(SHIPPED).as_posix(): path.read_bytes() for path in sorted(SHIPPED.rglob("*.*"))}
    return {path: raw for path, raw in kept.items() if not path.endswith((".json", ".stories.yaml"))}


@pytest.mark.parametrize("seed", range(6))
def test_A1_a_key_that_is_refused_in_a_long_flow_has_no_echo(seed: int) -> None:
    dice, files = Random(seed), shipped()
    assert load(files).problems == ()
    for _ in range(8):
        path = dice.choice([one for one in files if one.endswith(".yaml")])
        lines = bytes(files[path]).decode().split("\n")
        at = dice.choice([number for number, line in enumerate(lines) if LINE.fullmatch(line)])
        lines[at] = LINE.sub(dice.choice(WAYS), lines[at])
        found = load({**files, path: "\n".join(lines)}).problems
        refused = [one.name for one in found if one.name in REFUSALS]
        assert not refused or len(refused) == len(found), (lines[at], *map(str, found))


def test_every_kind_that_may_be_an_echo_is_a_kind_of_problem() -> None:
    """A rule that gets another name must not slip out of these tables."""
    tables = (echoes._OF_STEP, echoes._OF_CHOICE, echoes._OF_FLOW, echoes._OF_BUSINESS)
    named = {name for table in tables for names in table.values() for name in names}
    named |= echoes._SURE | echoes._BESIDE | echoes._OF_TRANSLATION
    assert named <= {case.name for case in CASES}, named - {case.name for case in CASES}
