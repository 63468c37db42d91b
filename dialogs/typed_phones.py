"""Phones as Russians write them (P3, P4, P5): any of it to E.164, with a doubt where the reading is a guess."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from dialogs.cleaning import clean
from dialogs.digits import plain_digits
from dialogs.phones import pretty, toll_free, valid
from dialogs.understood import Refusal, Understood

_EXAMPLE = "Пример: +7 900 123-45-67"
NOT_A_PHONE = f"Похоже, это не телефон. {_EXAMPLE}"
TOO_SHORT = f"Кажется, в номере не хватает цифр: нужен номер целиком, с кодом. {_EXAMPLE}"
ONE_MISSING = f"Кажется, в номере не хватает одной цифры. Проверьте, пожалуйста. {_EXAMPLE}"
TOO_LONG = f"Кажется, в номере лишние цифры. Проверьте, пожалуйста. {_EXAMPLE}"
TOLL_FREE = f"Это бесплатная линия, на неё не перезвонить. Напишите, пожалуйста, свой номер. {_EXAMPLE}"
UNKNOWN_CODE = f"Не получается узнать код страны. Напишите номер с плюсом, например +375 29 123-45-67. {_EXAMPLE}"

_MOBILE = re.compile(r"(?:\+?7|8)?[ -]?\(?(9[0-9]{2})\)?[ -]?([0-9]{3})[ -]?([0-9]{2})[ -]?([0-9]{2})")
_WORD, _LIKE_DIGITS = re.compile(r"[\w()+.-]+"), re.compile("[ОоOoЗз]")
_KEYCAPS = re.compile("[\ufe00-\ufe0f\u20e3]")
_EXTENSION = re.compile(
    r"(?i)(?:(?<![\s,;(])[\s,;(]+)?(?<![^\W\d])"
    r"(?:доб(?:авочный|\.)?|вн(?:утренний|утр)?\.?|ext\.?|#)[\s.:№]*(\d{1,6})\b\)?"
)
_BREAK = re.compile(r"[,;/|\n]|\bили\b|\bи\b|(?<=\d)\s*(?=\+)")
_RUN = re.compile(r"(?:\+\s*)?\(?\d(?:[\s().‐-―−-]*\d)*")
_NEIGHBOURS = ("375", "374", "380", "992", "993", "994", "995", "996", "998", "373")


@dataclass(frozen=True, slots=True)
class _Number:
    """One number found in the text. ``sure``: no guess was needed."""

    e164: str
    sure: bool = True


def read_phone(text: str) -> Understood | Refusal:
    """The phone in a message, in E.164. Numbers that cannot be are kept (``phones.suspicious``), not refused (P5)."""
    if mobile := _MOBILE.fullmatch(text):  # as nearly everybody writes it: there is nothing else to look for
        e164 = "+7" + "".join(mobile.groups())
        return Understood(e164, pretty(e164))
    plain = _digits_typed_otherwise(clean(text, limit=500))
    if extension := _EXTENSION.search(plain):
        plain = _EXTENSION.sub(" ", plain)
    found, problems = _numbers(plain)
    if not found:  # one number in several lines, or in several messages that were gathered (P16)
        found, _ = _numbers(plain.replace("\n", " "))
    if not found:
        return Refusal(problems[0] if problems else NOT_A_PHONE)
    found = [number for number in found if not toll_free(number.e164)]
    if not found:
        return Refusal(TOLL_FREE)
    first = found[0]
    shown = pretty(first.e164) + (f", доб. {extension[1]}" if extension else "")
    return Understood(first.e164, shown, _doubt(found, shown))


def _doubt(found: list[_Number], shown: str) -> str:
    if len({number.e164 for number in found}) > 1:
        return f"Вижу два номера. Записать {shown}?"
    return "" if found[0].sure else f"Проверьте, пожалуйста: {shown}. Всё верно?"


def _digits_typed_otherwise(text: str) -> str:
    """Any digits to ASCII ones; О and З among digits to 0 and 3 (P3, P4)."""
    text = plain_digits(unicodedata.normalize("NFKC", _KEYCAPS.sub("", text)))
    return _WORD.sub(_letters_for_digits, text) if _LIKE_DIGITS.search(text) else text


def _letters_for_digits(word: re.Match[str]) -> str:
    rest = re.sub(r"[\d()+._-]", "", word[0])
    if not rest or _LIKE_DIGITS.sub("", rest) or not re.search(r"\d", word[0]):
        return word[0]
    return word[0].translate(str.maketrans("ОоOoЗз", "000033"))


# ---------------------------------------------------------------- which digits are numbers


def _numbers(text: str) -> tuple[list[_Number], list[str]]:
    """Numbers in the order they stand, and why other runs of digits are none."""
    found: list[_Number] = []
    problems: list[str] = []
    for part in _BREAK.split(text):
        for run in _RUN.finditer(part):
            for one in _read_run(run[0]):
                if isinstance(one, _Number):
                    found.append(one)
                else:
                    problems.append(one)
    return found, [one for one in problems if one]


def _read_run(run: str) -> Iterator[_Number | str]:
    digits = re.sub(r"\D", "", run)
    whole = _read(digits, plus=run.startswith("+"))
    if isinstance(whole, _Number) or len(digits) < 12:
        yield whole
        return
    groups = re.findall(r"\d+", run)
    inner = list(_windows(groups)) or _halves(digits)
    if inner:
        yield from inner
    else:
        yield whole


def _windows(groups: list[str]) -> Iterator[_Number]:
    """Whole groups that make a Russian number together: «35 8 900 123 45 67», two numbers with a blank between."""
    start = 0
    while start < len(groups):
        for end in range(start + 1, len(groups) + 1):
            digits = "".join(groups[start:end])
            if len(digits) >= 11:
                break
        else:
            return
        if len(digits) == 11 and digits[0] in "78":
            yield _Number("+7" + digits[1:], sure=False)
            start = end
        else:
            start += 1


def _halves(digits: str) -> list[_Number]:
    """Two numbers typed as one run."""
    if len(digits) == 22 and digits[0] in "78" and digits[11] in "78":
        return [_Number("+7" + digits[1:11], sure=False), _Number("+7" + digits[12:], sure=False)]
    return []


def _read(digits: str, *, plus: bool) -> _Number | str:
    """One number, or why it is none ("" when it is too little to speak of)."""
    if len(digits) < 5:
        return ""
    if not plus and digits.startswith("810") and len(digits) > 12:  # «8 10 375 …»: how one dials abroad from Russia
        return _abroad(digits[3:])
    if not plus and digits.startswith("00"):
        return _abroad(digits[2:])
    if plus:
        return _with_plus(digits)
    return _without_plus(digits)


def _with_plus(digits: str) -> _Number | str:
    if len(digits) == 11 and digits.startswith("89"):
        return _Number("+7" + digits[1:])  # «+8 900 …»
    if len(digits) == 10 and digits[0] == "9" and not valid("+" + digits):
        return _Number("+7" + digits, sure=False)
    return _abroad(digits)


def _abroad(digits: str) -> _Number | str:
    """Digits with their country's code in front."""
    if digits.startswith("7"):
        return _russian(digits)
    if len(digits) < 8:
        return TOO_SHORT
    if digits[0] == "0":
        return NOT_A_PHONE
    return _Number("+" + digits) if len(digits) <= 15 else TOO_LONG


def _russian(digits: str) -> _Number | str:
    """Digits that begin with +7."""
    if len(digits) == 12 and digits.startswith("789"):
        return _Number("+7" + digits[2:], sure=False)  # «+7 8 900 …»: the field's +7 and one's own 8
    if len(digits) == 11:
        return _Number("+" + digits)
    if len(digits) < 10:
        return TOO_SHORT
    return ONE_MISSING if len(digits) == 10 else TOO_LONG


def _without_plus(digits: str) -> _Number | str:
    if len(digits) >= 11 and digits[0] in "78":
        return _russian("7" + digits[1:])
    if len(digits) == 10:
        return _ten(digits)
    if len(digits) < 10:
        return ONE_MISSING if len(digits) == 9 else TOO_SHORT
    if len(digits) <= 15 and valid("+" + digits):
        return _Number("+" + digits, sure=digits.startswith(_NEIGHBOURS))
    return TOO_LONG if len(digits) != 11 else UNKNOWN_CODE


def _ten(digits: str) -> _Number | str:
    """Ten digits: a number without its 8, or one with its 8 and a digit missing."""
    if digits[0] in "349" or (digits[0] == "8" and digits[1] not in "09" and valid("+7" + digits)):
        return _Number("+7" + digits)
    if digits.startswith("800"):
        return TOLL_FREE
    return ONE_MISSING if digits[0] in "78" else UNKNOWN_CODE
