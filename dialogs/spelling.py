"""How people write days and hours, made one: small letters, plain digits, slips of the keys mended."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz import fuzz, process

from dialogs.cleaning import plain_letters
from dialogs.digits import plain_digits
from dialogs.english_days import days_in_russian

LONGEST = 200
_CLOSE = 83
_WORD = re.compile(r"[а-я]{5,}")
_DRAWN_OUT = re.compile(r"([а-я])\1{2,}")
_KNOWN_WORDS = """
    сегодня завтра послезавтра вчера позавчера понедельник понедельника вторник вторника среда среду среды четверг
    четверга пятница пятницу пятницы суббота субботу субботы воскресенье воскресенья следующий следующая
    следующую следующем следующее следующей следующего ближайший ближайшую ближайшее ближайшие прошлый прошлую
    прошлое через неделя неделю недели недель неделе месяц месяца месяце месяцев дня день дней конце начале
    середине выходные выходных января февраля марта апреля июня июля августа сентября октября ноября декабря
    утром вечером вечера вечерком ночью половина половине половину полдень полночь полчаса полтора полгода
    пятнадцати двадцать тридцать сейчас обеда обедом времени времен число числа после около любое любой
    удобное удобно январе феврале марте апреле июне июле августе сентябре октябре ноябре декабре минут минуты
    часов четверти четверть первого второго третьего четвертого пятого шестого седьмого восьмого девятого
    десятого"""
_KNOWN = frozenset(_KNOWN_WORDS.split())
_FOR_MATCHING = tuple(sorted(one for one in _KNOWN if len(one) >= 5))


_WEEKDAYS = "понедельник|вторник|сред|четверг|пятниц|суббот|воскресень"
_DAY = rf"(?:(?:в|во|на) )?(?:сегодня|завтра|послезавтра|{_WEEKDAYS}|выходн)\w*"
_NOT_MEANT = re.compile(
    rf"\b(?:не|кроме) {_DAY}|\b{_DAY} (?:я )?(?:не (?:могу|смогу|получится|получается|удобно)|неудобно|занята?)\b"
    r"|\bдобр(?:ый|ое|ой|ого) (?:день|дня|вечера?|утр[оа]|ночи)"
)


def spelled(text: str) -> str:
    """The text as the readers of days and hours take it; «завтро» is «завтра». Without the days that do not suit, and
    without «добрый вечер»: nobody is asked to come then."""
    plain = plain_letters(text, LONGEST).casefold().replace("ё", "е")
    plain = re.sub("[\u2010-\u2015−]", "-", _DRAWN_OUT.sub(r"\1", plain_digits(plain)))
    plain = days_in_russian(plain)
    plain = " ".join(_WORD.sub(lambda found: _mended(found[0]), plain).split())
    return " ".join(_NOT_MEANT.sub(" ", plain).split())


@lru_cache(maxsize=512)
def _mended(word: str) -> str:
    if word in _KNOWN:
        return word
    near = process.extractOne(word, _FOR_MATCHING, scorer=fuzz.ratio, score_cutoff=_CLOSE)
    return str(near[0]) if near and near[0][0] == word[0] else word
