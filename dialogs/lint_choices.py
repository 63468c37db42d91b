"""Buttons of one question are told from each other: by people, by conditions, and by the bot when they are typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dialogs.business import Business
from dialogs.choosing import choose
from dialogs.cleaning import clean, folded
from dialogs.flow import Choice, Flow
from dialogs.pages import Draft, Page
from dialogs.problems import Problem
from dialogs.yaml_tree import Loc

MOST = 100  # buttons of one question that are compared; no network shows more


def lint_choices(draft: Draft) -> Iterator[Problem]:
    """All rules of this page over all flows."""
    for flow, page in draft.flows:
        for where, step in zip(flow.places, flow.every_step, strict=True):
            alike: set[int] = set()
            for problem, number in _alike(page, (*where, "choices"), step.choices):
                alike.add(number)
                yield problem
            yield from _mixed_up(page, (*where, "choices"), step.choices, alike)
        yield from _before_questions(page, flow, draft.business)


def _alike(page: Page, loc: Loc, choices: Sequence[Choice]) -> Iterator[tuple[Problem, int]]:
    """Buttons that read the same, are called by the same word or mean the same; each with its place in the list."""
    spelled: dict[str, tuple[int, str]] = {}
    meant: dict[str, int] = {}
    for number, choice in enumerate(choices):
        words: Mapping[str, Loc] = {choice.label: (*loc, number, "label")} | {
            word: (*loc, number, "words", index) for index, word in enumerate(choice.words)
        }
        for word, place in words.items():
            other = spelled.setdefault(folded(word) or clean(word, limit=100), (number, choice.label))
            if other[0] != number:
                message = f"«{word}» значит и эту кнопку, и «{other[1]}»"
                yield page.problem(place, "choices-alike", message, "Назовите одну из них иначе."), number
        same = meant.setdefault(str(choice.meaning).casefold(), number)
        if same != number and choice.value is not None:
            message = f"значение «{choice.value}» уже есть у кнопки выше"
            yield page.problem((*loc, number, "value"), "choices-alike", message, "Дайте кнопкам разные value."), number


def _mixed_up(page: Page, loc: Loc, choices: Sequence[Choice], alike: set[int]) -> Iterator[Problem]:
    """Typed with a slip or in another order, a label must still find its own button."""
    beginnings = [_beginnings(choice.label) for choice in choices[:MOST]]
    for number, choice in enumerate(choices[:MOST]):
        if all(beginnings[number].isdisjoint(other) for other in beginnings[:number]):
            continue  # no word in common: cannot be mixed up
        told = {found for typed in _typed(choice.label) for found in _several(choose(choices[:MOST], typed))}
        earlier = sorted(one for one in told if one < number)
        if number in told and earlier and number not in alike:
            message = f"набранное словами «{choice.label}» не отличить от «{choices[earlier[0]].label}»"
            fix = "Назовите одну из кнопок иначе или дайте им words."
            yield page.problem((*loc, number, "label"), "choices-close", message, fix, level="warning")


def _before_questions(page: Page, flow: Flow, business: Business | None) -> Iterator[Problem]:
    """A word that a button and a side question go by: where there is that button, the question gets no answer."""
    questions = [*flow.questions, *(business.questions if business else ())]
    named = {folded(word): one.name for one in reversed(questions) for word in one.words}
    for where, step in zip(flow.places, flow.every_step, strict=True) if named else ():
        for number, choice in enumerate(step.choices):
            loc: Loc = (*where, "choices", number)
            words = {choice.label: (*loc, "label")} | {w: (*loc, "words", at) for at, w in enumerate(choice.words)}
            for word, place in words.items():
                if folded(word) and (question := named.get(folded(word))):
                    message = f"«{word}» — слова и этой кнопки, и частого вопроса «{question}»: здесь сработает кнопка"
                    fix = "Оставьте их кнопке или вопросу."
                    yield page.problem(place, "choice-before-question", message, fix, level="warning")


def _beginnings(label: str) -> set[str]:
    return {word[:3] for word in folded(label).split()}


def _typed(label: str) -> Iterator[str]:
    """The label as people type it: without the last letter, the other way round, as it stands."""
    words = folded(label).split()
    if len(words) > 1:
        yield " ".join(reversed(words))
    if words and len(words[-1]) > 4:
        yield " ".join(words)[:-1]
    yield label


def _several(found: int | tuple[int, ...] | None) -> tuple[int, ...]:
    return found if isinstance(found, tuple) else () if found is None else (found,)
