"""Yes or no, as people say it: «ага», «да, конечно», «не надо», «нету». What is neither is asked again."""

from __future__ import annotations

import re

from dialogs import words_english as english
from dialogs.choosing import asks, sign
from dialogs.cleaning import folded, retyped
from dialogs.understood import Option, Refusal, Understood

YES, NO = "Да", "Нет"
OPTIONS = (Option("yes", True, YES), Option("no", False, NO))
NEITHER = "Ответьте, пожалуйста: да или нет?"
_AFFIRM_WORDS = """
    да даа ага угу конечно верно точно ок окей давай давайте хорошо ладно согласен согласна хочу хотим буду будем
    надо нужно нужен нужна нужны есть имеется имею планирую планируем интересно интересует можно был была было
    были естественно разумеется безусловно обязательно непременно так yes yep yeah y da ес дап именно подходит"""
_AFFIRM = frozenset(_AFFIRM_WORDS.split()) | english.AFFIRMING
_DENY_WORDS = "нет неа нету не никогда отсутствует откажусь отказываюсь no nope net n нит ноуп нетю против"
_DENY = frozenset(_DENY_WORDS.split()) | english.DENYING
_UNSURE_WORDS = """
    знаю уверен уверена помню понял поняла понимаю решил решила решили определился определилась наверное возможно
    может думаю подумать подумаю посмотрим зависит почему зачем сколько какой какая когда
    вопрос вопроса вопросы вопросов спросить ли"""
_UNSURE = frozenset(_UNSURE_WORDS.split()) | english.UNSURE
_LEAD = re.compile(r"^(?:(?:ну|вот|а|уже|скорее|скорей|наверно|пока|ой|эм|в принципе|по идее)\s+)+")
_WILLING = re.compile(
    r"(?:(?:нет|да|ну|а|я|мы|в принципе|вообще|совсем|тоже) )*не (?:имею )?(?:ничего )?(?:против|возражаю|возражаем)"
    r"|против ничего не имею|(?:а )?почему бы (?:и )?нет"
)
# There is a «не» or a «да» in it, and it answers nothing.
_NO_ANSWER = re.compile(
    r"да (?:ну|ладно)|(?:это )?не (?:то|так|верно|понятно|ясно)"
    r"|.*\bне (?:надо |нужно )?(?:мне |нам |меня )?(?:\w+(?:йте|ите|ьте)|звонить|писать|присылать)\b.*"
)
_DRAWN_OUT = re.compile(r"(\w)\1{2,}")
_MOST_WORDS = 12


def read_yes_no(text: str) -> Understood | Refusal:
    """True or False; «да нет» and what people are unsure of is neither."""
    text = sign(text) or text
    russian = _in_words(retyped(text))
    return russian if isinstance(russian, Understood) else _in_words(text)


def _in_words(text: str) -> Understood | Refusal:
    plain = _LEAD.sub("", _DRAWN_OUT.sub(r"\1", folded(text)))
    words = plain.split()
    if _WILLING.fullmatch(plain):
        return understood(True)
    if asks(text) or (_NO_ANSWER.fullmatch(plain) and words[:1] != ["нет"]):
        return Refusal(NEITHER)
    if not words or len(words) > _MOST_WORDS or _UNSURE.intersection(words[:4]) or "not sure" in plain:
        return Refusal(NEITHER)
    said = [word in _AFFIRM for word in words if word in _AFFIRM or word in _DENY]
    first = words[0]
    if first in _DENY or words[-1] in ("нет", "нету", "неа"):
        return Refusal(NEITHER) if first == "да" and len(words) > 1 else understood(False)
    if first in _AFFIRM or (said and all(said) and len(words) <= 4):
        return Refusal(NEITHER) if not all(said) else understood(True)
    return understood(False) if said and not any(said) and len(words) <= 4 else Refusal(NEITHER)


def understood(value: bool) -> Understood:
    return Understood(value, YES if value else NO)
