"""Whole numbers as people write them: «2 020», «2020 г.», «около 5», «пять», «1,5 млн»."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from dialogs import bounds
from dialogs.cleaning import folded, plain_letters
from dialogs.digits import plain_digits
from dialogs.flow import AnswerSpec
from dialogs.understood import Refusal, Understood
from dialogs.wording import MONTHS

_UP_TO_TWENTY = """ноль|один одна одно одного одну|два две двое двух пара|три трое трех|четыре четверо
    четырех|пять пятеро пяти |шесть шести|семь семи|восемь восьми|девять девяти|десять
    десяти|одиннадцать|двенадцать|тринадцать|четырнадцать
    |пятнадцать|шестнадцать|семнадцать|восемнадцать|девятнадцать|двадцать"""
_TENS = "тридцать|сорок|пятьдесят|шестьдесят|семьдесят|восемьдесят|девяносто"
_WORDS = {word: value for value, words in enumerate(_UP_TO_TWENTY.split("|")) for word in words.split()} | {
    word: 30 + 10 * place for place, word in enumerate(_TENS.split("|"))
}
_OTHER_NUMERAL = re.compile(
    r"\w*(?:тысяч|миллион|надцат|десят|сорок|девяност)\w*|сто|двести|\w+ста|\w+сот|пол|полтора"
    r"|(?:перв|втор|трет|четверт|пят|шест|седьм|восьм|девят)(?:ый|ой|ий|ая|ое|ого|ую|ом|ье|ья)"
)
_FIGURES = re.compile(r"(?<![\d.,])[-−+]?(?:\d{1,3}(?:[ '.]\d{3})+|\d+)(?:[.,]\d+)?(?!\d)")
_MULTIPLIER = re.compile(
    r"(?i)\s*(?:(тыс\w*|т\.? ?р|thousand)|(млн\w*|миллион\w*|лям\w*|million)|(млрд\w*|миллиард\w*)|(к|k))\b"
)
_POWERS = (3, 6, 9, 3)
_ROUND = {"пол": "0,5", "полтора": "1,5", "полторы": "1,5", "сто": "100", "двести": "200", "триста": "300",
    "четыреста": "400", "пятьсот": "500"} | {word: str(value) for word, value in _WORDS.items() if value}  # fmt: skip
_ANY_NUMERAL = rf"\b(?:{'|'.join(_WORDS)}|\w*(?:надцат|десят|сорок|девяност|сот|ста|сти)\w*|сто|двести)"
_ROUND_THOUSANDS = re.compile(
    rf"(?i)({_ANY_NUMERAL}\s+)?\b({'|'.join(_ROUND)})[ -]?"
    rf"((?:тысяч|миллион|миллиард|млн|млрд|тыс)\w*)(\s+{_ANY_NUMERAL}\b)?"
)
_OF_A_DAY = re.compile(
    r"\b(?:сегодня|(?:после)?завтра|понедельник|вторник|среду|четверг|пятницу|субботу|воскресенье"
    rf"|{'|'.join(MONTHS)})\b"
)
_OTHER_UNIT = re.compile(
    r"(?<=[\w.] )(недел|месяц|мес\b|дней|дня|час|минут)"
)  # «5 месяцев» of years, «две недели» of nights
_NOT_ONE = re.compile(r"(?i)\bни одн(?:ого|ой|ому|у)\b|\bнисколько\b")
_MOST_DIGITS = 15


@dataclass(frozen=True, slots=True)
class _Number:
    """``value`` is None for a number that is not whole or beyond reason. ``sure``: «3к» may be rooms or thousands."""

    value: int | None
    sure: bool = True


def read_number(spec: AnswerSpec, text: str, *, now: datetime, zone: ZoneInfo) -> Understood | Refusal:
    """A whole number within the spec's bounds; ``this_year`` by ``now`` in ``zone``."""
    least, most = (bounds.number(bound, now, zone) for bound in (spec.least, spec.most))
    found = _numbers(text)
    number = found[0].value if len(found) == 1 else None
    if number is None:
        return Refusal(f"{_expected(found)} Пример: {_example(least, most)}")
    value, guessed = _century(number, least, most)
    if (least is not None and value < least) or (most is not None and value > most):
        return Refusal(f"Нужно число {_bounds(least, most)}. Пример: {_example(least, most)}")
    shown = shown_number(value, spec.unit)
    doubted = guessed or not found[0].sure or _beside(folded(text), spec) or "?" in text
    return Understood(value, shown, f"Записать {shown}?" if doubted else "")


def _beside(plain: str, spec: AnswerSpec) -> bool:
    """Is there a day, or a unit that was not asked for, so that it may be a number of something else?"""
    unit = _OTHER_UNIT.search(plain)
    return bool(_OF_A_DAY.search(plain) or (unit and unit[1] not in (spec.unit or "").casefold()))


def shown_number(value: int, unit: str | None) -> str:
    """«200 000 ₽», «10 ночей»: the unit as its author wrote it."""
    grouped = f"{value:,}".replace(",", " ") if abs(value) >= 10_000 else str(value)
    return f"{grouped} {unit.strip()}" if unit else grouped


def numeral(word: str) -> str:
    """«2» for «двух» and for «2»; "" for what is no numeral."""
    return word if word.isdigit() else str(_WORDS.get(word, ""))


def _numbers(text: str) -> list[_Number]:
    """Every number in the text: in figures, or else in words."""
    plain = _NOT_ONE.sub("0", plain_letters(text, 300).replace("\ufe0f", "").replace("\u20e3", ""))
    plain = _ROUND_THOUSANDS.sub(_in_figures, plain_digits(plain))
    figures = [_figure(found[0], plain[found.end() :]) for found in _FIGURES.finditer(plain)]
    return figures or _spelled(folded(plain).split())


def _in_figures(found: re.Match[str]) -> str:
    """«полтора миллиона» -> «1,5 миллиона»; «двадцать пять тысяч» is better asked for in figures than misread."""
    return found[0] if found[1] or found[4] else f"{_ROUND[found[2].casefold()]} {found[3]}"


def _figure(written: str, after: str) -> _Number:
    whole = re.sub(r"(?<=\d)[ '.](?=\d{3}(?!\d))", "", written).replace("−", "-").replace(",", ".")
    whole, _, part = whole.partition(".")
    part = part.rstrip("0")
    unit = _MULTIPLIER.match(after)
    power = _POWERS[unit.lastindex - 1] if unit and unit.lastindex else 0
    if len(whole) + power > _MOST_DIGITS or len(part) > power:
        return _Number(None)
    return _Number(int(whole + part.ljust(power, "0")), sure=not (unit and unit[4]))


def _spelled(words: list[str]) -> list[_Number]:
    """«двадцать пять» -> 25. Longer numerals are not read: better asked for in figures than misread."""
    if any(word not in _WORDS and _OTHER_NUMERAL.fullmatch(word) for word in words):
        return []
    values: list[int] = []
    open_ten = False
    for word in words:
        value = _WORDS.get(word)
        if value is None:
            open_ten = False
        elif open_ten and 0 < value < 10:
            values[-1] += value
            open_ten = False
        else:
            values.append(value)
            open_ten = value >= 20
    return [_Number(value) for value in values]


def _century(value: int, least: int | None, most: int | None) -> tuple[int, bool]:
    """«15» where a year is asked for is 2015, if that lies within the bounds."""
    if least is None or most is None or not (1900 <= least <= most <= 2100) or not 0 <= value <= 99:
        return value, False
    fitting = [year for year in (2000 + value, 1900 + value) if least <= year <= most]
    return (fitting[0], True) if fitting else (value, False)


def _expected(found: list[_Number]) -> str:
    if len(found) > 1:
        return "Напишите, пожалуйста, одно число."
    return "Нужно целое число." if found else "Напишите, пожалуйста, числом."


def _bounds(least: int | None, most: int | None) -> str:
    if least is None or most is None:
        return f"не меньше {least}" if least is not None else f"не больше {most}"
    return f"от {least} до {most}"


def _example(least: int | None, most: int | None) -> int:
    if least is not None and most is not None:
        return least + (most - least) * 3 // 4
    return least if least is not None else min(3, most) if most is not None else 3
