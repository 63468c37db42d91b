"""What people say instead of a name or a city: «дорого», «потом», «завтра в 12». Anything else may be one."""

from __future__ import annotations

import re

from dialogs.numbers import numeral
from dialogs.wording import MONTHS

_INSTEAD = """да нет не неа ага угу ок окей ладно хорошо понятно понял поняла ясно отлично супер класс пока наверное
    конечно никак никто никакой ничего любой любая любое потом позже подумаю думаю хз дорого дешево бесплатно завтра
    сегодня послезавтра вчера утром днем вечером летом зимой весной осенью вопрос вопросы отмена ошибка ошибся ошиблась
    неверно неправильно верно правильно передумал передумала повторите чего зачем почему где кто что как когда сколько
    хочу буду первый первое первая второй второе вторая третий третье третья последний цена скидка промокод стоп
    пропустить скип незачем благодарю исправить никогда оба обе интересуюсь смотрю согласен согласна
    мошенники достали бля блять блин yes no ok da net spasibo privet nope yeah"""
_ALONE = frozenset(_INSTEAD.split())
_IN_SENTENCES = """дорого завтра сегодня понедельник вторник среду четверг пятницу субботу воскресенье выходные выходных
    вопрос вопросов позже потом разницы равно может наверное уже еще звоните напишите пишите позвоните перезвоните
    напомните отмените подумаю скидки скидка спрошу решает решит бот нахуй нахер хер блять знаю благодарю
    свидания согласен согласна вариант двое детей вы понятно please"""
_TALK = frozenset(_IN_SENTENCES.split())
_NUMBERED = re.compile(
    rf"(?:в|после|до|с|к|через) \d+\b|\d+ и \d+|\d+ (?:{'|'.join(MONTHS)}|лет|год|года|раз|раза|час|часа|часов|минут"
    r"|тысяч|тыс|млн|дней|дня|день|ночей|ночи|человек|человека|взрослых|числа|утра|вечера)\b"
)


def instead(plain: str) -> bool:
    """Is the folded text plainly something else than what one calls oneself, or where one lives?"""
    words = plain.split()
    if len(words) == 1 and (plain in _ALONE or numeral(plain)):
        return True
    return len(words) > 1 and (bool(_TALK.intersection(words)) or _NUMBERED.match(plain) is not None)
