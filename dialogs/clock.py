"""Hours in a text: «15:30», «в три часа дня», «полпятого», «утром», «после 18», «через час»."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time, timedelta

_ONE_TO_TWELVE = "один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать"
_NOMINATIVE = _ONE_TO_TWELVE.split()
_SINCE_ONE = "часа двух трех четырех пяти шести семи восьми девяти десяти одиннадцати двенадцати"
_GENITIVE = _SINCE_ONE.split()
_OF_HOUR_WORDS = """первого второго третьего четвертого пятого шестого седьмого восьмого девятого десятого одиннадцатого
    двенадцатого"""
_OF_HOUR = _OF_HOUR_WORDS.split()
_TEENS = {"тринадцать": 13, "четырнадцать": 14, "пятнадцать": 15, "шестнадцать": 16, "семнадцать": 17,
    "восемнадцать": 18, "девятнадцать": 19, "двадцать": 20, "двадцать один": 21, "двадцать два": 22}  # fmt: skip
_HOURS = {
    **{word: hour for words in (_NOMINATIVE, _GENITIVE) for hour, word in enumerate(words, 1)},
    **_TEENS,
    **{re.sub("ь$", "и", word): hour for word, hour in _TEENS.items()},
    "час": 1,
}
_MINUTES = {"пяти": 5, "десяти": 10, "четверти": 15, "пятнадцати": 15, "двадцати": 20, "двадцати пяти": 25}
_COUNT = {"": 1, "один": 1, "два": 2, "пару": 2, "три": 3, "четыре": 4, "пять": 5}


def _any(words: object) -> str:
    return "|".join(sorted(map(str, words), key=len, reverse=True))  # type: ignore[call-overload]


_DAYPART = r"(?:\s+(утра|дня|вечера|ночи|пополудни))?"
_WORDED = _any(_HOURS)
_EXACT = re.compile(r"(?<![\d.:])([01]?\d|2[0-4])\s?[:.-]\s?([0-5]\d)(?![\d.:])" + _DAYPART)
_WITH_UNIT = re.compile(
    rf"(?<![\d.:])([01]?\d|2[0-4]|\b(?:{_WORDED}))\s?(?:час(?:ов|а|ам)?|ч)(?![а-я])\.?(?:\s?([0-5]?\d)(?:\s?м[а-я]*)?)?{_DAYPART}"
)
_BESIDE = re.compile(r"(?<![\d.:])([01]?\d|2[0-4])\s([0-5]\d)(?![\d.:])()")
_TOGETHER = re.compile(r"(?<![\d.:])([01]\d|2[0-3])([0-5]\d)(?![\d.:])()")
_OF_DAY = re.compile(rf"(?<![\d.:])([01]?\d|2[0-4]|\b(?:{_WORDED}))()\s+(утра|дня|вечера|ночи|пополудни)\b")
_WITH_WORD = re.compile(
    rf"\b(?:в|во|к|ко|около|после|до|с|со|часа в|не раньше|не позже)\s+([01]?\d|2[0-4]|{_WORDED})(?![\d.:а-я])()()"
)
_ALONE = re.compile(rf"\s*([01]?\d|2[0-4]|{_WORDED})()()[.\s]*")
_HALF = re.compile(rf"\bпол(?:овин[ауеы])?\s?-?\s?({_any(_OF_HOUR)})\b{_DAYPART}")
_QUARTER = re.compile(rf"\bчетверть\s+({_any(_OF_HOUR)})\b{_DAYPART}")
_SHORT_OF = re.compile(rf"\bбез\s+({_any(_MINUTES)}|\d{{1,2}})\s?(?:минут[ы]?)?\s+({_WORDED}|\d{{1,2}})\b{_DAYPART}")
_NOON = re.compile(r"\b(полдень|полночь)\b")
_IN_HOURS = re.compile(
    rf"\bчерез\s+(?:(полчаса|пол часа)|(полтора)\s+часа|({_any(filter(None, _COUNT))}|\d{{1,2}})?\s?"
    rf"(?:час(?:а|ов|ик)?|ч)\b"
    rf"|({_any(_MINUTES)}|пять|десять|пятнадцать|двадцать|тридцать|сорок|\d{{1,3}})\s?мин[а-я]*)"
)
_SOON = re.compile(
    r"\b(?:прямо\s+)?сейчас\b|\bпрямо щас\b|\bщас\b|\bнемедленно\b|\bкак можно (?:скорее|быстрее)\b"
    r"|\bпоскорее\b|\bпобыстрее\b"
)
_IN_MINUTES = {"пять": 5, "десять": 10, "пятнадцать": 15, "двадцать": 20, "тридцать": 30, "сорок": 40}

PARTS = {
    "утром": (time(9), time(12)), "днем": (time(12), time(17)), "вечером": (time(17), time(21)),
    "до обеда": (time(9), time(13)), "в обед": (time(12), time(15)), "после обеда": (time(14), time(18)),
    "после работы": (time(18), time(21)), "ночью": (time(21), time(23, 59)),
}  # fmt: skip
_PART = re.compile(
    r"\b(до обеда|в обед|после обеда|после работы|в первой половине дня|во второй половине дня"
    r"|(?:с |по )?утр(?:ом|ечком|а|у)|днем"
    r"|вечер(?:ом|ком|а|у)|ночью|обед(?:ом)?)\b"
)
_RANGE = re.compile(
    rf"(?:\b(?:с|от|между)\s+)?(?<![\d.:])({_WORDED}|[01]?\d|2[0-4])(?:[:.]([0-5]\d))?\s?(?:час(?:ов|а)?\s?)?"
    rf"(?:-|до|по|и)\s?({_WORDED}|[01]?\d|2[0-4])(?:[:.]([0-5]\d))?(?![\d.:а-я])"
)


@dataclass(frozen=True, slots=True)
class Clock:
    """What a text says of the hour. One of: ``wait`` from now, an ``hour``, or a ``part`` of the day (its word).

    ``until``: the other end of «с 10 до 12»; ``after``/``before``: «после 18», «до 12».
    """

    hour: time | None = None
    until: time | None = None
    part: str = ""
    wait: timedelta | None = None
    after: bool = False
    before: bool = False


def find_clock(text: str) -> Clock | None:
    """The hour in a text that ``spelled`` gave, its days already taken out; None when it names none."""
    if _SOON.search(text):
        return Clock(wait=timedelta(0))
    if match := _IN_HOURS.search(text):
        return Clock(wait=_waited(match))
    part = _part(text)
    if (match := _RANGE.search(text)) and (span := _range(match, part)):
        return Clock(hour=span[0], until=span[1])
    hour = _hour(text, part)
    if hour is not None:
        after = re.search(r"\b(?:после|не раньше|с|со)\s+\d|\bпосле\s+\w|\bне раньше\b", text) is not None
        before = re.search(r"\b(?:до|не позже)\s+\w", text) is not None
        return Clock(hour=hour, after=after and not before, before=before)
    return Clock(part=part) if part else None


def _part(text: str) -> str:
    match = _PART.search(text)
    if not match:
        return ""
    word = match[1]
    if word in PARTS:
        return word
    if "половине" in word:
        return "до обеда" if "первой" in word else "после обеда"
    for stem, part in (("утр", "утром"), ("веч", "вечером"), ("обед", "в обед")):
        if stem in word:
            return part
    return ""


def _waited(match: re.Match[str]) -> timedelta:
    if match[1]:
        return timedelta(minutes=30)
    if match[2]:
        return timedelta(minutes=90)
    if match[4]:
        word = match[4]
        return timedelta(minutes=int(word) if word.isdigit() else _MINUTES.get(word) or _IN_MINUTES[word])
    word = match[3] or ""
    return timedelta(hours=int(word) if word.isdigit() else _COUNT[word])


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _HOURS[word]


def _made(hour: int, minute: int, of_day: str, part: str, *, plain: bool = True) -> time | None:
    """«3» of the day is 15, «9 вечера» 21; without a word for it, the hour when people are awake."""
    word = of_day or {"утром": "утра", "вечером": "вечера", "ночью": "ночи", "до обеда": "утра"}.get(part, "")
    if word == "вечера" or (word in ("дня", "пополудни") and hour < 8):
        hour += 12 if hour < 12 else 0
    elif word == "ночи":
        hour = 0 if hour == 12 else hour + 12 if 9 <= hour < 12 else hour
    elif not word and plain and 0 < hour < 8:
        hour += 12
    hour %= 24
    return time(hour, minute) if minute < 60 else None


def _hour(text: str, part: str) -> time | None:
    if match := _NOON.search(text):
        return time(12) if match[1] == "полдень" else time(0)
    if match := _HALF.search(text):
        return _made((_OF_HOUR.index(match[1]) or 12), 30, match[2] or "", part)
    if match := _QUARTER.search(text):
        return _made((_OF_HOUR.index(match[1]) or 12), 15, match[2] or "", part)
    if match := _SHORT_OF.search(text):
        short = int(match[1]) if match[1].isdigit() else _MINUTES[match[1]]
        hour = _number(match[2]) - 1
        return _made(hour % 24 or 12, 60 - short, match[3] or "", part) if 0 < short < 60 and hour < 24 else None
    for pattern in (_EXACT, _WITH_UNIT, _OF_DAY, _BESIDE, _TOGETHER, _WITH_WORD):
        if match := pattern.search(text):
            return _read(match, part)
    alone = _ALONE.fullmatch(_PART.sub(" ", text).replace("#", " ").replace(",", " "))
    return _read(alone, part) if alone else None


def _read(match: re.Match[str], part: str) -> time | None:
    hour, minute = _number(match[1]), int(match[2] or 0)
    plain = not (match[1].startswith("0") and len(match[1]) == 2) and (not match[2] or hour < 7)
    return _made(hour, minute, match[3] or "", part, plain=plain)


def _range(match: re.Match[str], part: str) -> tuple[time, time] | None:
    ends = []
    for hour, minute in ((match[1], match[2]), (match[3], match[4])):
        made = _made(_number(hour), int(minute or 0), "", part, plain=not minute or len(hour) < 2)
        ends.append(made)
    start, until = ends
    return (start, until) if start and until and start < until else None
