"""Whole numbers as people write them: «2 020», «2020 г.», «около 5», «пять», «1,5 млн»."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from zoneinfo import ZoneInfo

from dialogs.cleaning import clean
from dialogs.flow import AnswerSpec
from dialogs.understood import Refusal, Understood

_WORDS = {
    "ноль": 0, "один": 1, "одна": 1, "одно": 1, "одного": 1, "два": 2, "две": 2, "двое": 2, "двух": 2, "пара": 2, "три": 3, "трое": 3,
    "трех": 3, "четыре": 4, "четверо": 4, "четырех": 4, "пять": 5, "пятеро": 5, "пяти": 5, "шесть": 6, "шести": 6, "семь": 7, "семи": 7,
    "восемь": 8, "восьми": 8, "девять": 9, "девяти": 9, "десять": 10, "десяти": 10, "одиннадцать": 11, "двенадцать": 12, "тринадцать": 13,
    "четырнадцать": 14, "пятнадцать": 15, "шестнадцать": 16, "семнадцать": 17, "восемнадцать": 18, "девятнадцать": 19, "двадцать": 20,
    "тридцать": 30, "сорок": 40, "пятьдесят": 50, "шестьдесят": 60, "семьдесят": 70, "восемьдесят": 80, "девяносто": 90, "сто": 100,
}  # fmt: skip
_FIGURES = re.compile(r"(?<![\d.,])[-−+]?(?:\d{1,3}(?:[ '.]\d{3})+|\d+)(?:[.,]\d+)?(?!\d)")
_THOUSANDS = re.compile(r"^\s*(тыс\w*|т\.?р|к\b|k\b|млн\w*|миллион\w*|лям\w*|млрд\w*|миллиард\w*)", re.IGNORECASE)
_MOST_DIGITS = 15


def read_number(spec: AnswerSpec, text: str, *, now: datetime, zone: ZoneInfo) -> Understood | Refusal:
    """A whole number within the spec's bounds; ``this_year`` by ``now`` in ``zone``."""
    year = now.astimezone(zone).year
    least, most = (year if bound == "this_year" else bound for bound in (spec.least, spec.most))
    found = _numbers(text)
    if len(found) != 1 or found[0] is None:
        return Refusal(_hint(found, least, most))
    value, guessed = _century(found[0], least, most)
    if (least is not None and value < least) or (most is not None and value > most):
        return Refusal(_bounds(least, most))
    shown = (f"{value:,}".replace(",", " ") if abs(value) >= 10_000 else str(value)) + (
        f" {spec.unit.strip()}" if spec.unit else ""
    )
    return Understood(value, shown, f"Записать {shown}?" if guessed else "")


def _numbers(text: str) -> list[int | None]:
    """Every number in the text; None for one that is not whole or beyond reason."""
    plain = unicodedata.normalize("NFKC", clean(text, limit=300)).replace("\ufe0f", "").replace("\u20e3", "")
    plain = "".join(str(unicodedata.decimal(letter, letter)) for letter in plain)
    figures = [_figure(found[0], plain[found.end() :]) for found in _FIGURES.finditer(plain)]
    return figures or _spelled(plain)


def _figure(written: str, after: str) -> int | None:
    whole, point, part = (
        re.sub(r"(?<=\d)[ '.](?=\d{3}(?!\d))", "", written).replace("−", "-").replace(",", ".").partition(".")
    )
    power = _power(after)
    if len(whole) + power > _MOST_DIGITS or len(part.rstrip("0")) > power:
        return None
    part = part.rstrip("0").ljust(power, "0") if point else "0" * power
    return int(whole + part)


def _power(after: str) -> int:
    """How many noughts the word after the figures stands for."""
    unit = _THOUSANDS.match(after)
    if not unit:
        return 0
    return {"т": 3, "к": 3, "k": 3, "л": 6}.get(
        unit[1][0].lower(), 9 if "лрд" in unit[1].lower() or "ллиард" in unit[1].lower() else 6
    )


def _spelled(plain: str) -> list[int | None]:
    """«двадцать пять» -> [25]."""
    found: list[int | None] = []
    ten = 0  # a ten that waits for its unit
    for word in re.findall(r"\w+", plain.casefold().replace("ё", "е")):
        value = _WORDS.get(word)
        if value is not None and ten and 0 < value < 10 and found:
            found[-1] = ten + value
            ten = 0
            continue
        ten = value if value is not None and value >= 20 else 0
        if value is not None:
            found.append(value)
    return found


def _century(value: int, least: int | None, most: int | None) -> tuple[int, bool]:
    """«15» where a year is asked for is 2015, if that lies within the bounds."""
    if least is None or most is None or not (1900 <= least <= most <= 2100) or not 0 <= value <= 99:
        return value, False
    fitting = [year for year in (2000 + value, 1900 + value) if least <= year <= most]
    return (fitting[0], True) if fitting else (value, False)


def _hint(found: list[int | None], least: int | None, most: int | None) -> str:
    if len(found) > 1:
        return f"Напишите, пожалуйста, одно число. Пример: {_example(least, most)}"
    if found:
        return f"Нужно целое число. Пример: {_example(least, most)}"
    return f"Напишите, пожалуйста, числом. Пример: {_example(least, most)}"


def _bounds(least: int | None, most: int | None) -> str:
    if least is None or most is None:
        bound = f"не меньше {least}" if least is not None else f"не больше {most}"
        return f"Нужно число {bound}. Пример: {_example(least, most)}"
    return f"Нужно число от {least} до {most}. Пример: {_example(least, most)}"


def _example(least: int | None, most: int | None) -> int:
    if least is not None and most is not None:
        return least + (most - least) * 3 // 4
    return least if least is not None else min(3, most) if most is not None else 3
