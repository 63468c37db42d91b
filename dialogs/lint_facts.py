"""What names beside answers may be compared with: «hour» is a number to 23, «channel» one of three words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import get_args

from dialogs.business import DAYS, ChannelName
from dialogs.conditions import Constant
from dialogs.flow import Flow
from dialogs.problems import nearest

EXACT = ("==", "!=", "in", "not in")


@dataclass(frozen=True, slots=True)
class Kind:
    """Which values a fact has: one of ``words``, a number of ``bounds``, yes or no; else a link's own word."""

    words: tuple[str, ...] = ()
    bounds: tuple[int, int] | None = None
    yes_no: bool = False


YES_NO, LINK = Kind(yes_no=True), Kind()
_FACTS: Mapping[str, Kind] = {
    "score": Kind(bounds=(0, 100)),
    "source": LINK,
    "campaign": LINK,
    "channel": Kind(get_args(ChannelName)),
    "open_now": YES_NO,
    "hour": Kind(bounds=(0, 23)),
    "weekday": Kind(DAYS),
    "returning": YES_NO,
    "advertising": YES_NO,
}


def kinds(flow: Flow) -> dict[str, Kind]:
    """Every name of the flow's conditions that is no answer."""
    return {**_FACTS, **{name: Kind(tuple(weights)) for name, weights in flow.variants.items()}}


def never_so(name: str, kind: Kind, sign: str, constant: Constant) -> str | None:
    """The way out, if the fact can never be compared so; None if it can."""
    if kind.yes_no:
        yes_no = isinstance(constant, bool) and sign in ("==", "!=")
        return None if yes_no else f"Это «да» или «нет»: пишите просто «{name}» или «not {name}»."
    if kind.bounds:
        if isinstance(constant, bool | str):
            return "Здесь число: сравните с числом без кавычек."
        return beyond(*kind.bounds, sign, constant)
    if kind.words:
        return _no_word(kind.words, sign, constant)
    if isinstance(constant, str) and not constant.isascii():
        return "В метках ссылок бывают только латинские буквы, цифры, «-» и «_»."
    return None


def _no_word(words: Collection[str], sign: str, constant: Constant) -> str | None:
    if sign not in EXACT:
        return "Это слово: больше и меньше бывает только у чисел."
    return None if str(constant).casefold().strip() in words else nearest(str(constant), words)


def beyond(least: object, most: object, sign: str, constant: float) -> str | None:
    """The bounds, if no number within them can be compared so."""
    above = isinstance(most, int) and (constant > most or (sign == ">" and constant >= most))
    below = isinstance(least, int) and (constant < least or (sign == "<" and constant <= least))
    if (above and sign not in ("<", "<=")) or (below and sign not in (">", ">=")):
        return f"Ответ здесь — от {'…' if least is None else least} до {'…' if most is None else most}."
    return None
