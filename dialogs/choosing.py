"""A typed answer where buttons were offered: which of them is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from dialogs.cleaning import clean, folded, retyped
from dialogs.flow import Choice
from dialogs.numbers import numeral

_CLOSE = 76  # of 100; below it people mean something else: «Лена» is not «цена», where one letter of four differs
_PART = 0.9  # what likeness to a part of the words is worth
_LETTERS_A_SLIP = 4  # one slip in so many: «привет» is three away from «привезите»
_AROUND = 4  # words beside those of a label: in a longer story they may mean anything
_LEAD = 8  # so far ahead of the second that there is nothing to ask
_LONGEST = 64
_SHORT = 40  # words: no label is said in so many, however often they are repeated
_NEGATIONS = frozenset(("не", "нет", "ни", "без", "кроме", "никак", "no", "not"))
_AGREEING = "да ага угу конечно давай давайте хорошо ок окей ладно согласен согласна yes yep yeah sure okay ok da"
_YES = frozenset(_AGREEING.split())
_NO = frozenset(
    (
        "нет",
        "не",
        "неа",
        "не надо",
        "не нужно",
        "не хочу",
        "нет спасибо",
        "спасибо нет",
        "no",
        "nope",
        "no thanks",
        "net",
    )
)
_ORDINALS = {
    word: place
    for place, words in (
        (1, "первый первое первая первую"),
        (2, "второй второе вторая вторую"),
        (3, "третий третье третья третью"),
        (4, "четвертый четвертое четвертая четвертую"),
        (5, "пятый пятое пятая пятую"),
        (-1, "последний последнее последняя последнюю"),
    )
    for word in words.split()
}
_ASKING = frozenset(("сколько", "почему", "зачем", "какой", "какая", "какие", "когда", "где", "что", "кто"))
_VAGUE = frozenset(("как", "какой", "какая", "какое", "какие", "что", "чего", "можно"))  # alone: «I beg your pardon?»
_ADJECTIVE = re.compile("(?:[ыиоая]й|[ая]я|[ое]е|[ую]ю|[ыи]е|[ыи]х|[ыи]м|[ое]го|[ое]му)$")
_SHADES = re.compile("[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")  # of emoji: skin, and how it is drawn
_SIGNS = {"👍": True, "+": True, "✅": True, "👌": True, "👎": False, "-": False, "❌": False}
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
    russian = retyped(text)
    return choose(choices, russian) if russian else None


def named(ways: Sequence[Sequence[str]], text: str) -> tuple[int, ...]:
    """Indices of the things that the text names, each by the words it goes by; the best kind of likeness decides."""
    said = folded(text)
    spellings = [list(_folded(*each)) for each in ways]
    for way in (_exactly, _by_words, _closely):
        if said and (found := way(said, spellings)):
            return tuple(sorted(set(found)))
    return ()


def by_place(text: str) -> bool:
    """Is a choice named by its number in the list: «2», «второй», «вариант 2»?"""
    return _number(folded(text)) != 0


def asks(text: str) -> bool:
    """Is it plainly a question?"""
    return text.rstrip(" !.)").endswith("?") or folded(text).partition(" ")[0] in _ASKING


def sign(text: str) -> str:
    """«да» for a thumb up, «нет» for one down; "" for what is no such sign."""
    meant = _SIGNS.get(_SHADES.sub("", clean(text, limit=20)))
    return "" if meant is None else "да" if meant else "нет"


def _only(found: Iterable[int]) -> Chosen:
    indices = tuple(sorted(set(found)))
    return indices[0] if len(indices) == 1 else indices or None


def _pictured(choices: Sequence[Choice], text: str) -> list[int]:
    """Emoji alone: the label that holds it; a thumb for yes or no."""
    bare = _SHADES.sub("", text)
    found = [place for place, choice in enumerate(choices) if bare and bare in _SHADES.sub("", choice.label)]
    word = sign(bare)
    return found or (_yes_or_no(word, [_spellings(choice) for choice in choices]) if word else [])


def _spellings(choice: Choice) -> list[str]:
    """Every way to write it, folded; the label first."""
    return list(_folded(choice.label, *choice.words, str(choice.meaning)))


@lru_cache(maxsize=4096)
def _folded(*ways: str) -> tuple[str, ...]:
    return tuple(plain for plain in dict.fromkeys(folded(way) for way in ways) if plain)


def _exactly(said: str, spellings: list[list[str]]) -> list[int]:
    return [place for place, ways in enumerate(spellings) if said in ways]


def _yes_or_no(said: str, spellings: list[list[str]]) -> list[int]:
    """«ага» for «Да, рассчитать», «не надо» for «Нет». «нет прав» is more than a no: nobody says it by «не хочу»."""
    for synonyms, word in ((_YES, ("да", "yes")), (_NO, ("нет", "no"))):
        if said in synonyms:
            return [place for place, ways in enumerate(spellings) if ways and _begins_or_is(word, ways)]
    return []


def _begins_or_is(words: tuple[str, ...], ways: list[str]) -> bool:
    return ways[0].split()[0] in words or any(way in words for way in ways)


def _number(said: str) -> int:
    bare = _FRAME.sub("", said)
    return _ORDINALS.get(bare) or (int(bare) if re.fullmatch(r"[0-9]{1,6}", bare) else 0)


def _by_number(said: str, spellings: list[list[str]]) -> list[int]:
    """«2», «второй», «вариант 2»: the label that begins with this number, else its place or a label that has it."""
    number, bare = _number(said), _FRAME.sub("", said)
    if not number:
        return []
    labels = [ways[0].split() if ways else [] for ways in spellings]
    leading = [place for place, words in enumerate(labels) if words and words[0] == bare]
    if leading:
        return leading
    within = [place for place, words in enumerate(labels) if bare in words]
    place = len(spellings) - 1 if number < 0 else number - 1
    return [*within, place] if place < len(spellings) else within


@lru_cache(maxsize=4096)
def _root(word: str) -> str:
    """A word without what declension changes: «цена», «цену» -> «цен», «новый», «новую» -> «нов»."""
    ending = _ADJECTIVE.search(word)
    kept = len(word) - (1 if len(word) < 6 else 2 if len(word) < 8 else 3)
    return word if len(word) <= 3 else word[: max(3, min(kept, ending.start() if ending else kept))]


def forget() -> None:
    """What people said, which is remembered while all look at it: they may be erased."""
    folded.cache_clear()
    _root.cache_clear()


def _same(one: str, other: str) -> bool:
    if min(len(one), len(other)) <= 3 or one in _ASKING or other in _ASKING:
        return one == other or (numeral(one) == numeral(other) != "")
    return one.startswith(_root(other)) and other.startswith(_root(one))


def _inside(part: list[str], whole: list[str]) -> bool:
    return all(any(_same(word, other) for other in whole) for word in part)


def _by_words(said: str, spellings: list[list[str]]) -> list[int]:
    """The words of the message are in the label («цена» in «Узнать цену»), or the label's in a short message."""
    words = said.split()
    weighty = [word for word in words if (len(word) > 2 or word.isdigit()) and word not in _VAGUE]
    within = [
        place for place, ways in enumerate(spellings) if weighty and any(_fits(words, way.split()) for way in ways)
    ]
    if within or len(words) > _SHORT:
        return within
    sizes = [max((len(way.split()) for way in ways if _told(way.split(), words)), default=0) for ways in spellings]
    told = [place for place, size in enumerate(sizes) if size and size == max(sizes)]
    return told and told + _also_named(words, told, spellings)


def _also_named(words: list[str], told: list[int], spellings: list[list[str]]) -> list[int]:
    """Other choices that the message has a word of: «записаться или вопрос»."""
    taken = {word for place in told for way in spellings[place] for word in way.split()}
    rest = [word for word in words if len(word) > 3 and not any(_same(word, other) for other in taken)]
    others = (place for place in range(len(spellings)) if place not in told)
    return [
        place for place in others if any(_inside([word], way.split()) for way in spellings[place][:1] for word in rest)
    ]


def _fits(words: list[str], label: list[str]) -> bool:
    return _inside(words, label) and _negated(words) == _negated(label)


def _told(label: list[str], words: list[str]) -> bool:
    rest = [word for word in words if not any(_same(word, other) for other in label)]
    asks_more = _ASKING.intersection(rest) and any(len(word) > 3 and word not in _ASKING for word in rest)
    return len(rest) <= _AROUND and _inside(label, words) and not asks_more and not _NEGATIONS.intersection(rest)


def _negated(words: Iterable[str]) -> bool:
    return bool(_NEGATIONS.intersection(words))


def _closely(said: str, spellings: list[list[str]]) -> list[int]:
    """By spelling: «записатся» is «Записаться»."""
    if not 4 <= len(said) <= _LONGEST or said in _VAGUE:
        return []
    scored = [(max((_likeness(said, way) for way in ways), default=0.0), place) for place, ways in enumerate(spellings)]
    best = max(scored, default=(0.0, 0))[0]
    return [place for score, place in scored if score >= _CLOSE and score > best - _LEAD]


def _likeness(said: str, way: str) -> float:
    words, label = said.split(), way.split()
    if len(way) < 3 or _negated(words) != _negated(label) or set(words) & _ASKING - set(label):
        return 0.0
    words, label = ([word for word in one if word not in _NEGATIONS] for one in (words, label))  # «не» is no likeness
    if sum(len(word) > 3 for word in words) > len(label) + _AROUND:
        return 0.0
    return max(_likest(" ".join(words), " ".join(label)), _PART * _likest_part(words, label))


def _likest(one: str, other: str) -> float:
    """Of 100; 0 where it is not close, where more differs than slips of the finger, or a number does."""
    score = fuzz.ratio(one, other, score_cutoff=_CLOSE)
    return score if score and _only_slips(one.split(), other.split()) else 0.0


def _only_slips(words: list[str], others: list[str]) -> bool:
    if [word for word in words if word.isdigit()] != [word for word in others if word.isdigit()]:
        return False
    alike = len(words) == len(others)  # else they are written together: «тестдрайв»
    pairs = zip(words, others, strict=True) if alike else ((" ".join(words), " ".join(others)),)
    return all(_slipped(word, meant) for word, meant in pairs)


def _slipped(word: str, meant: str) -> bool:
    slips = max(1, max(len(word), len(meant)) // _LETTERS_A_SLIP)
    return OSA.distance(word, meant, score_cutoff=slips) <= slips


def _likest_part(one: list[str], other: list[str]) -> float:
    """How like the shorter is to some neighbouring words of the longer, in any order. By words, not by letters: «Мария»
    is in «авария», and nobody means that."""
    few, many = sorted((one, other), key=len)
    sizes = range(max(1, len(few) - 1), min(len(many), len(few) + 1) + 1)  # «тестдрайв», «тест драйв»
    parts = (many[start : start + size] for size in sizes for start in range(len(many) - size + 1))
    words, in_order = " ".join(few), " ".join(sorted(few))
    return max(
        (max(_likest(words, " ".join(part)), _likest(in_order, " ".join(sorted(part)))) for part in parts), default=0.0
    )
