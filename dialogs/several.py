"""Several of the choices: ticked by buttons one after another, or named at once: «море и горы», «1, 3», «все»."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dialogs import phrases
from dialogs import words_english as english
from dialogs.choosing import choose
from dialogs.cleaning import clean, folded
from dialogs.conversation import Conversation, Many
from dialogs.flow import AnswerSpec, Choice, Step
from dialogs.understood import Refusal, Understood
from dialogs.wording import plural

TICK = "✓ "
DONE = "Готово"
TICKED = "Отмечено: {shown}. Можно добавить ещё или нажать «Готово»."
NOTHING_TICKED = "Пока ничего не отмечено. Выберите один вариант или несколько."
ALL_TICKED = "Отмечено: {shown}. Если всё верно, нажмите «Готово»."
_ALL = frozenset(("все", "все варианты", "все сразу", "все подходит", "все перечисленное")) | english.ALL
_BOTH = frozenset(("оба", "обе", "и то и другое", "both"))  # of two; of four nobody knows which
_RANGE = re.compile(r"\d\s*[-–—]\s*\d")  # «1-3» may be all three, or the first and the third
_NONE = (
    frozenset(("ничего", "ни один", "ни одного", "никакие", "никакой", "ничего из этого", "ни то ни другое"))
    | english.NONE
)
FINISHED = (
    frozenset(("готово", "все", "это все", "вот и все", "хватит", "достаточно", "больше ничего", "дальше", "ок"))
    | english.FINISHED
)
_PARTS = re.compile(r"[,;/+&\n]+|\s(?:и|а также|также|плюс|еще|ещё|да|или|and|or|also|plus)\s|(?<=\d)[.)\s]+(?=\d)")
_FILLER_WORDS = """пожалуйста и еще наверное хочу хотим хотел хотела хотели бы можно если тоже спасибо а ну мне нам я мы
    давайте давай только просто здравствуйте привет"""
_FILLER = frozenset(("", *_FILLER_WORDS.split())) | english.FILLER
_EXCEPT = re.compile(r"^вс[её]\s*,?\s*кроме\s+(.+)$", re.I | re.S)
_LONGEST = 400


def limits(spec: AnswerSpec, choices: Sequence[Choice]) -> tuple[int, int]:
    """How many may be chosen: from one to all, unless the file says otherwise."""
    least, most = spec.least, spec.most
    return least if isinstance(least, int) else 1, most if isinstance(most, int) else len(offered(choices))


def offered(choices: Sequence[Choice]) -> list[Choice]:
    """The choices that can be ticked; one that calls a human cannot."""
    return [one for one in choices if not one.do]


def labels(choices: Sequence[Choice], meanings: Many) -> str:
    """«Море, Горы», in the order of the buttons."""
    return ", ".join(one.label for one in choices if one.meaning in meanings)


def in_order(choices: Sequence[Choice], meanings: Many) -> Many:
    """As the buttons stand; what is no choice any more falls out."""
    return tuple(one.meaning for one in offered(choices) if one.meaning in meanings)


def read_several(spec: AnswerSpec, choices: Sequence[Choice], text: str) -> Understood | Refusal:
    """Everything named, within the bounds; a part that is no choice is told."""
    kept = clean(text, limit=_LONGEST)
    named = _named(list(choices), kept)
    return named if isinstance(named, Refusal) else counted(spec, choices, named)


def counted(spec: AnswerSpec, choices: Sequence[Choice], meanings: Many) -> Understood | Refusal:
    """The answer, if there are enough of them and not too many."""
    least, most = limits(spec, choices)
    chosen = in_order(choices, meanings)
    if len(chosen) > most:
        return Refusal(too_many(most))
    if len(chosen) < least:
        return Refusal(too_few(least))
    return Understood(chosen, labels(choices, chosen) or "ничего")


def too_many(most: int) -> str:
    return f"Можно выбрать не больше {most} {plural(most, 'варианта', 'вариантов', 'вариантов')}."


def too_few(least: int) -> str:
    if least <= 1:
        return "Отметьте, пожалуйста, хотя бы один вариант."
    return f"Нужно отметить не меньше {least} {plural(least, 'варианта', 'вариантов', 'вариантов')}."


def _named(choices: list[Choice], kept: str) -> Many | Refusal:
    said = _bare(kept)
    if said in _NONE:
        return ()
    exactly = [one for one in choices if said in (folded(one.label), *map(folded, one.words))]
    if exactly:
        return (exactly[0].meaning,)
    if said in _ALL or (said in _BOTH and len(offered(choices)) == 2):
        return tuple(one.meaning for one in offered(choices))
    if (left_out := _EXCEPT.match(kept)) is not None:
        without = _named(choices, left_out[1])
        if isinstance(without, Refusal):
            return without
        return tuple(one.meaning for one in offered(choices) if one.meaning not in without)
    if said in _BOTH or _RANGE.fullmatch(kept.strip()):
        return Refusal(phrases.CHOOSE_SEVERAL)
    found: dict[str | int, None] = {}
    for part in _PARTS.split(kept):
        if not (bare := _bare(part)):
            continue
        indices = _indices(choices, bare)
        if indices is None:
            return Refusal(f"Не нашёл «{part.strip()[:40]}» среди вариантов. {phrases.CHOOSE_SEVERAL}")
        found |= dict.fromkeys(choices[index].meaning for index in indices)
    return tuple(found) or Refusal(phrases.CHOOSE_SEVERAL)


def _bare(part: str) -> str:
    """Folded, without the words around: «мне море, пожалуйста» -> «море»."""
    words = folded(part).split()
    while words and words[0] in _FILLER:
        words.pop(0)
    while words and words[-1] in _FILLER:
        words.pop()
    return " ".join(words)


def _indices(choices: list[Choice], part: str) -> list[int] | None:
    """The choices that a part names: one, or a word each («море горы»)."""
    chosen = choose(choices, part)
    if isinstance(chosen, int):
        return [chosen]
    words, each = folded(part).split(), list[int]()
    for word in words if len(words) > 1 else ():
        if word in _FILLER:
            continue
        one = choose(choices, word)
        if not isinstance(one, int):
            return None
        each.append(one)
    return each or None


def buttons(at: Conversation, step: Step) -> Iterator[tuple[str, str]]:
    """(label, key's last part): ticked ones are marked, and a tap takes the mark away; «Готово» once it may be."""
    assert step.answer is not None
    for index, choice in enumerate(step.choices):
        if choice.do:
            yield choice.label, str(index)
        elif choice.meaning in at.chosen:
            yield f"{TICK}{choice.label}", f"{index}-"
        else:
            yield choice.label, f"{index}+"
    if len(at.chosen) >= limits(step.answer, step.choices)[0]:
        yield DONE, "done"


def toggled(at: Conversation, step: Step, pressed: str) -> Many | None:
    """What is ticked after the button «3+» or «3-»; None for another key. Pressed twice it does no more."""
    number, sign = pressed[:-1], pressed[-1:]
    if sign not in ("+", "-") or not (number.isascii() and number.isdigit()) or len(number) > 3:
        return None
    if int(number) >= len(step.choices) or step.choices[int(number)].do:
        return None
    meaning = step.choices[int(number)].meaning
    chosen = {one for one in at.chosen if one != meaning} | ({meaning} if sign == "+" else set())
    return in_order(step.choices, tuple(chosen))


def so_far(spec: AnswerSpec, choices: Sequence[Choice], chosen: Many) -> str:
    """What is said under the buttons while they are ticked."""
    least, most = limits(spec, choices)
    shown = labels(choices, chosen)
    if not chosen:
        return NOTHING_TICKED
    if len(chosen) < least:
        return f"Отмечено: {shown}. {too_few(least)}"
    return (ALL_TICKED if len(chosen) >= most else TICKED).format(shown=shown)
