"""A typed answer where buttons were offered: which of them is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz

from dialogs.cleaning import clean, folded
from dialogs.flow import Choice

_CLOSE = 75  # of 100; below it people mean something else
_LEAD = 8  # so far ahead of the second that there is nothing to ask
_LONGEST = 64
_NEGATIONS = frozenset(("не", "нет", "ни", "без", "кроме", "никак", "no", "not"))
_YES = frozenset("да ага угу конечно давай давайте хорошо ок окей ладно согласен согласна yes yep ok da".split())  # noqa: SIM905
_NO = frozenset(("нет", "неа", "не надо", "не нужно", "не хочу", "нет спасибо", "спасибо нет", "no", "nope", "net"))
_ORDINALS = {
    "первый": 1, "первое": 1, "первая": 1, "первую": 1, "второй": 2, "второе": 2, "вторая": 2, "вторую": 2, "третий": 3, "третье": 3,
    "третья": 3, "третью": 3, "четвертый": 4, "четвертое": 4, "четвертая": 4, "пятый": 5, "пятое": 5, "пятая": 5, "последний": -1,
    "последнее": -1, "последняя": -1,
}  # fmt: skip
_FRAME = re.compile(
    r"^(?:(?:вариант|номер|пункт|ответ|цифра|n|no) )+|(?: (?:вариант|номер|пункт|ответ|пожалуйста|е|й|ый|ой))+$"
)

Chosen = int | tuple[int, ...] | None


def choose(choices: Sequence[Choice], text: str) -> Chosen:
    """Index of the choice that is meant; several when it is unsure which (ask); None when none is.

    By label, value or synonym; by its number in the list; by its words; by close spelling.
    """
    said = folded(text)
    if not said:
        return _only(_pictured(choices, clean(text, limit=_LONGEST)))
    spellings = [_spellings(choice) for choice in choices]
    for way in (_exactly, _yes_or_no, _by_number, _by_words, _closely):
        if found := way(said, spellings):
            return _only(found)
    return None


def _only(found: Iterable[int]) -> Chosen:
    indices = tuple(sorted(set(found)))
    return indices[0] if len(indices) == 1 else indices or None


def _pictured(choices: Sequence[Choice], text: str) -> list[int]:
    """Emoji alone: the label that holds it."""
    return [place for place, choice in enumerate(choices) if text and text in choice.label]


def _spellings(choice: Choice) -> list[str]:
    """Every way to write it, folded; the label first."""
    ways = (choice.label, *choice.words, str(choice.meaning))
    return [plain for plain in dict.fromkeys(folded(way) for way in ways) if plain]


def _exactly(said: str, spellings: list[list[str]]) -> list[int]:
    return [place for place, ways in enumerate(spellings) if said in ways]


def _yes_or_no(said: str, spellings: list[list[str]]) -> list[int]:
    """«ага» for «Да, рассчитать», «не надо» for «Нет»."""
    for synonyms, word in ((_YES, "да"), (_NO, "нет")):
        if said in synonyms:
            return [place for place, ways in enumerate(spellings) if any(way.split()[0] == word for way in ways)]
    return []


def _by_number(said: str, spellings: list[list[str]]) -> list[int]:
    """«2», «второй», «вариант 2»: the label that begins with this number, else its place or a label that has it."""
    bare = _FRAME.sub("", said)
    number = _ORDINALS.get(bare) or (int(bare) if re.fullmatch(r"[0-9]{1,6}", bare) else 0)
    if not number:
        return []
    labels = [ways[0].split() if ways else [] for ways in spellings]
    leading = [place for place, words in enumerate(labels) if words and words[0] == bare]
    if leading:
        return leading
    within = [place for place, words in enumerate(labels) if bare in words]
    place = len(spellings) - 1 if number < 0 else number - 1
    return [*within, place] if place < len(spellings) else within


def _root(word: str) -> str:
    """A word without what declension changes: «цена», «цену» -> «цен»."""
    return word if len(word) <= 3 else word[: max(3, len(word) - (1 if len(word) < 6 else 2 if len(word) < 8 else 3))]


def _same(one: str, other: str) -> bool:
    if min(len(one), len(other)) <= 3:
        return one == other
    return one.startswith(_root(other)) and other.startswith(_root(one))


def _inside(part: list[str], whole: list[str]) -> bool:
    return all(any(_same(word, other) for other in whole) for word in part)


def _by_words(said: str, spellings: list[list[str]]) -> list[int]:
    """The words of the message are in the label («цена» in «Узнать цену»), or the label's in a short message."""
    words = said.split()
    weighty = [word for word in words if len(word) > 2 or word.isdigit()]
    within = [
        place for place, ways in enumerate(spellings) if weighty and any(_fits(words, way.split()) for way in ways)
    ]
    if within:
        return within
    return [place for place, ways in enumerate(spellings) if any(_told(way.split(), words) for way in ways)]


def _fits(words: list[str], label: list[str]) -> bool:
    return _inside(words, label) and _negated(words) == _negated(label)


def _told(label: list[str], words: list[str]) -> bool:
    rest = [word for word in words if not any(_same(word, other) for other in label)]
    return len(rest) <= 4 and _inside(label, words) and not _NEGATIONS.intersection(rest)


def _negated(words: Iterable[str]) -> bool:
    return bool(_NEGATIONS.intersection(words))


def _closely(said: str, spellings: list[list[str]]) -> list[int]:
    """By spelling: «записатся» is «Записаться»."""
    if not 4 <= len(said) <= _LONGEST:
        return []
    scored = [(max((_likeness(said, way) for way in ways), default=0.0), place) for place, ways in enumerate(spellings)]
    best = max(scored, default=(0.0, 0))[0]
    return [place for score, place in scored if score >= _CLOSE and score > best - _LEAD]


def _likeness(said: str, way: str) -> float:
    if len(way) < 3 or _negated(said.split()) != _negated(way.split()):
        return 0.0
    return fuzz.WRatio(said, way)
