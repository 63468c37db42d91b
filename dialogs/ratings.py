"""A rating as people give it: «5», «пять», «5/5», «на четвёрочку», «отлично»."""

from __future__ import annotations

import re

from dialogs.cleaning import clean, folded
from dialogs.flow import AnswerSpec
from dialogs.understood import Option, Refusal, Understood, Unsure

LEAST, MOST = 1, 5
HIGHEST = 10
_ROOTS = {
    "ноль|нол": 0, "один|одна|единиц|кол$": 1, "два$|две$|двойк|двоеч": 2, "три$|трой|троя|троеч": 3,
    "четыре|четвер": 4, "пять$|пятер|пятак": 5, "шесть$|шестер": 6, "семь$|семер": 7, "восемь$|восьмер": 8,
    "девять$|девят": 9, "десять$|десят": 10,
}  # fmt: skip
_WORDS = [(re.compile(rf"(?:{roots})"), value) for roots, value in _ROOTS.items()]
_PRAISE = {
    "отлично": 5, "прекрасно": 5, "супер": 5, "великолепно": 5, "замечательно": 5, "хорошо": 4, "неплохо": 4,
    "нормально": 3, "средне": 3, "удовлетворительно": 3, "так себе": 2, "плохо": 2, "ужасно": 1, "отвратительно": 1,
}  # fmt: skip
_OUT_OF = re.compile(r"(?<!\d)(\d{1,2})\s*(?:/|из|\\)\s*(\d{1,2})(?!\d)")
_NUMBER = re.compile(r"(?<![\d.,])-?\d{1,6}(?:[.,]\d+)?(?!\d)")


def scale(spec: AnswerSpec) -> tuple[int, int]:
    """The least and the greatest mark."""
    least, most = spec.least, spec.most
    return least if isinstance(least, int) else LEAST, most if isinstance(most, int) else MOST


def options(spec: AnswerSpec) -> tuple[Option, ...]:
    """A button a mark."""
    least, most = scale(spec)
    return tuple(Option(str(mark), mark, str(mark)) for mark in range(least, min(most, least + HIGHEST) + 1))


def understood(spec: AnswerSpec, mark: int, doubt: str = "") -> Understood:
    return Understood(mark, f"{mark} из {scale(spec)[1]}", doubt)


def read_rating(spec: AnswerSpec, text: str) -> Understood | Refusal | Unsure:
    """A whole mark on the scale; «4–5» is asked about."""
    least, most = scale(spec)
    refusal = Refusal(f"Поставьте, пожалуйста, оценку от {least} до {most}.")
    plain = clean(text, limit=200)
    stars = sum(plain.count(star) for star in "⭐🌟★")
    marks = _marks(plain, most) or ([stars] if stars else [])
    if marks is None or any(not least <= mark <= most for mark in marks):
        return refusal
    if len(set(marks)) == 1:
        return understood(spec, marks[0])
    if len(set(marks)) == 2:
        return Unsure("Какую оценку поставить?", tuple(Option(str(one), one, str(one)) for one in sorted(set(marks))))
    word = folded(plain)
    if not marks and (least, most) == (LEAST, MOST) and word in _PRAISE:
        return understood(spec, _PRAISE[word], f"Поставить {_PRAISE[word]} из {most}?")
    return refusal


def _marks(plain: str, most: int) -> list[int] | None:
    """Every mark in the text; None for one that is on another scale or not whole."""
    if out_of := _OUT_OF.search(plain):
        return [int(out_of[1])] if int(out_of[2]) == most else None
    figures = _NUMBER.findall(re.sub(r"(?<=\d)\s*[-–—]\s*(?=\d)", " ", plain))
    if figures:
        return [int(one) for one in figures] if all(re.fullmatch(r"-?\d+", one) for one in figures) else None
    words = folded(plain).split()
    return [value for word in words for form, value in _WORDS if form.match(word)] if len(words) <= 5 else []
