"""What a message means wherever it is said: stop, erase my data, a person please… Only when it says nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Literal, cast

from dialogs.cleaning import clean, folded, retyped

Meaning = Literal["stop", "erase", "withdraw", "my_data", "person", "back", "again", "help", "resume"]

# Phrases, a line each: ``[a|b]`` may be there, ``{a|b}`` any number of them in any order, ``(a|b)`` one of them;
# ``пиши/те`` is «пиши» or «пишите». Case, ё, punctuation and courtesies are already gone.
_DATA = """(
    [все] {мои|моя|мой|меня|обо|мне|личные|персональные|свои} (данные|информацию|сведения|номер|телефон|контакт/ы|анкету
        |заявку|переписку|профиль|аккаунт) [обо мне] [из [вашей] базы]
    | меня [из [вашей] базы] | все обо мне)"""
_PERSON = """(оператор/а/у/ом|менеджер/а/у/ом|человек/а/у/ом|консультант/а/у/ом|специалист/а/у/ом|сотрудник/а/у/ом|
    администратор/а/у/ом|людьми|кого нибудь|кем нибудь|поддержка|поддержку|поддержкой)"""
_FROM = "[от (вас|всего|бота|рассылки|рассылок|рассылку|сообщений|уведомлений|рекламы)]"
_CONSENT = """согласи/е/я/й [на|об]
    {обработку|обработке|моих|своих|персональных|личных|всех|данных|пд|пдн}"""

_PHRASES: dict[Meaning, tuple[str, ...]] = {
    "stop": (
        "(стоп|стопэ|стопе|стопб|сотп|стпо|ctop|stop|off) [рассылка|рассылку|бот|спам]",
        f"""[хочу|хотел/а бы|как|могу|прошу] (отписаться|отпишитесь|отпиши/те/сь|отписывайте|отписываюсь|отписка)
            [меня] {_FROM}""",
        "[хочу] отказаться от (рассылки|рассылок|рекламы|сообщений|уведомлений)",
        "отписать меня | (отзываю|отменяю|отозвать|отменить) [мое|свое] согласи/е/я на (рассылку|рекламу)",
        """{больше|мне} не [надо|нужно] {мне|меня|больше}
            (пиши/те|писать|присылай/те|присылать|шли/те|слать|беспокой/те|беспокоить|спамь/те|отправляй/те)
            {мне|сюда|меня|ничего|больше|сообщения|сообщений|рассылку|рекламу|никогда}""",
        "хватит {мне|меня|уже|писать|слать|присылать|спамить|беспокоить|спама|рекламы|сообщений}",
        "(прекрати/те|перестань/те|прекращайте) {мне|меня|уже|писать|слать|присылать|спамить|беспокоить|рассылку}",
        "(отстань/те|отвали/те) [от меня] | замолчи/те | заткнись | заткнитесь | остановись | остановитесь",
        "(отключи/те/ть|останови/те/ть|выключи/те/ть) (рассылку|рекламу|уведомления|сообщения|бота)",
        "не хочу [больше] [получать] [вашу|ваши|эту] (рекламу|рассылку|сообщения|спам)",
        "(прошу|просьба) [мне] не писать",
        """[please] stop (writing|messaging|texting|sending) [to] [me] [messages|ads|this]
            | [please] (do not|don t) (write|message|text|send) [to] [me] [any|more|anymore|messages|ads]
            | stop (messages|it|this) | no more (messages|ads)""",
        "unsubscribe [me] | otpisatsya | otpiska | hvatit | xvatit | ne pishite [mne]",
    ),
    "erase": (
        f"""[хочу|требую] (удали/те/ть|сотри/те|стереть|уничтожь/те|уничтожить|уберите|очистите)
            [мне|у себя] {_DATA}""",
        "[требую] (удаления|удаление) {всех|моих|персональных|личных} данных",
        "(забудь/те) [обо|про] (меня|мне|мой номер) | право на забвение",
        """(delete|erase|forget|remove) (me|[all] [of] my [personal] (data|information|account)) | forgetme
            | erase | forget""",
    ),
    "withdraw": (
        f"""[я] [хочу|требую|как]
            (отзываю|отозвать|отзыв|отзовите|отменяю|отменить|аннулирую|аннулировать|забираю|забрать)
            [свое|мое|данное] {_CONSENT}""",
        f"[свое|мое] {_CONSENT} (отзываю|отменяю)",
        f"[я] больше не (согласен|согласна|даю) [на обработку {{моих|своих|персональных|личных|данных}} | {_CONSENT}]",
        "[i] [want to] (withdraw|revoke) [my] consent [to] {the|processing|of|my|personal|data} | withdraw",
    ),
    "my_data": (
        "[покажи/те|пришли/те|дайте|запрос|хочу (увидеть|знать|посмотреть)] [все] мои {персональные|личные} данные",
        """(какие|что за) {мои|персональные|личные} данные {обо|мне|у|вас|вы}
            (есть|имеются|храните|хранятся|знаете|обо мне) {обо|мне|у|вас}""",
        "какие у вас {есть|мои} данные (обо мне|есть) [обо мне] | какие у вас мои данные",
        "что {вы|у вас} (знаете|храните|есть) (обо мне|про меня)",
        "что {вы|у вас} (обо мне|про меня) {вы} (знаете|храните|есть)",
        "mydata | [show|show me] my data | what [data] do you (know|keep|have|store) about me",
    ),
    "person": (
        f"""{{живой|живого|живому|реальный|нужен|нужна|нужно|можно|есть|хочу|дайте|дай|мне|позови/те|позвать
            |переключи/те|соедини/те|пригласите|подключите|вызвать|вызовите|связаться|связь|свяжите|меня|с|со|на|к|живым|ваш|вашим}}
            {_PERSON} [нужен|нужна|нужно|можно|позови/те|дайте|хочу|срочно]""",
        f"""[я] [хочу|хотел/а бы|можно|могу|дайте|давайте|надо|нужно] [мне|я] [надо|нужно]
            (поговорить|пообщаться|общаться|говорить|разговаривать|связаться|переписываться|разговор)
            (с|со) [живым|реальным|вашим] {_PERSON}""",
        f"[мне] (нужна) помощь {_PERSON}",
        """(позови/те|дайте|нужен|соедините с) (директора|директор|директором|руководителя|руководитель|руководителем
            |начальника|начальник|начальником|старшего) | [я] (хочу|хотел/а бы) пожаловаться""",
        "(ты|вы|это) (бот|робот) | (здесь|тут) есть (люди|живые) | есть кто [нибудь] живой",
        "не хочу (общаться|говорить|разговаривать) с (ботом|роботом)",
        """[i|can i|could i|let me|may i] [want|need|would like|d like] [to]
            [(talk|speak|chat) (to|with)|call|get|call me] [a|an|the|your] [real|live|human]
            (human|person|operator|manager|agent|consultant|support)
            | are you a (bot|robot) | is (there anyone|anybody|anyone) [there|here]""",
        " menedzher | chelovek | operatora",
    ),
    "back": (
        "[вернуться|вернись|вернитесь|верните] (обратно|[на] [шаг] назад) | вернуться | вернись | вернитесь",
        """[вернуться] [к|на] (предыдущий вопрос|предыдущему вопросу) | [go] [one step] back
            | [the] previous question | nazad""",
    ),
    "again": (
        "{начать|начни|начнем|давайте|хочу|пройти} (заново|сначала|с начала|с нуля) [начать]",
        "перезапуск | перезапустить | рестарт | restart | сброс | сбросить | zanovo",
        "(start|begin) (over|again|anew) | start from the beginning",
    ),
    "help": (
        "помощь | помоги/те [мне] | справка | help | команды | pomosh | pomoshch",
        "help me | commands | what can you do | how does (it|this) work",
        "что [ты|вы] (умеешь|умеете|можешь|можете) | как [этим|ботом] пользоваться",
    ),
    "resume": (
        "[давайте|давай|хочу] (продолжить|продолжим|продолжай/те|продолжаем|дальше) | continue | resume",
        "[let s] go on",
    ),
}  # fmt: skip
_COURTESIES = """пожалуйста|пожалуста|плиз|плз|пж|пжл|please|pls|спасибо|благодарю|прошу [вас]|будьте добры|будь добр
    |немедленно|срочно|сейчас же|здравствуйте|добрый (день|вечер)|доброе утро|привет
    |все|уже|ну|так|эй|ребята|господа|а|и|я"""


def _pattern(phrases: str) -> str:
    """A line of phrases as a regular expression over words that each end in a blank."""
    marks = {"[": "(?:", "]": ")?", "{": "(?:", "}": ")*", "(": "(?:", ")": ")", "|": "|"}
    return "".join(marks.get(token) or _ending(token) for token in re.findall(r"[\w/]+|[\[\]{}()|]", phrases))


def _ending(word: str) -> str:
    stem, *endings = word.split("/")
    return f"{stem}(?:{'|'.join(endings)})? " if endings else f"{stem} "


def _words(phrases: str) -> Iterator[str]:
    """Every word that a line of phrases may hold, in each of its forms."""
    for word in re.findall(r"[\w/]+", phrases):
        stem, *endings = word.split("/")
        yield from (stem, *(stem + ending for ending in endings))


def _any_of(lines: Sequence[str]) -> str:
    return "|".join(f"(?:{_pattern(line)})" for line in lines)


_MEANING = re.compile("|".join(f"(?P<{meaning}>{_any_of(lines)})" for meaning, lines in _PHRASES.items()))
_COURTESY = re.compile(_pattern(_COURTESIES))
_LINES = (_COURTESIES, *(line for lines in _PHRASES.values() for line in lines))
_VOCABULARY = frozenset(word for line in _LINES for word in _words(line))
# Said together («стоп, удалите мои данные»), the one that asks for most is the one that is meant.
_STRONGEST: tuple[Meaning, ...] = ("withdraw", "erase", "stop", "my_data", "person", "again", "back", "help", "resume")
_PARTS = re.compile(r"[,.;:!\n…–—]+|(?<=\w) и (?=\w)")
_LETTER = re.compile(r"[^\W\d_]")  # there is no phrase without one
_CYRILLIC, _LATIN = re.compile("[а-я]"), re.compile("[a-z]")
_DRAWN_OUT = re.compile(r"(\w)\1{2,}")
_TWINS = str.maketrans("aceopxyktmhbu", "асеорхуктмнви")
_LONGEST = 120


def meaning(text: str) -> Meaning | None:
    """What the whole message asks for, if it is one of the few things that hold everywhere; else None."""
    text = clean(text, limit=1000)
    if len(text) > _LONGEST or not _LETTER.search(text):
        return None
    if found := _whole(_plain(text)):
        return found
    if (russian := retyped(text)) and (found := _whole(_plain(russian))):
        return found
    parts = _PARTS.split(text)
    if len(parts) == 1:
        return None
    meanings = [_whole(plain) for part in parts if not _only_courtesy(plain := _plain(part))]
    asked = [one for one in meanings if one]
    return min(asked, key=_STRONGEST.index) if asked and len(asked) == len(meanings) else None


def _plain(text: str) -> str:
    """Folded words, each with a blank after it; «стоп стоп» and «стооооп» are «стоп »."""
    plain = _DRAWN_OUT.sub(lambda drawn: drawn[1], folded(text))
    mixed = _CYRILLIC.search(plain) and _LATIN.search(plain)
    words = map(_word, plain.split()) if mixed else plain.split()
    return "".join([f"{word} " for word, _ in groupby(words)])


def _word(word: str) -> str:
    """«cтоп» with a Latin c is «стоп»; a word all in Latin stays as it is."""
    return word.translate(_TWINS) if _CYRILLIC.search(word) and _LATIN.search(word) else word


def _whole(plain: str) -> Meaning | None:
    """Nearly every message has a word that is in none of the phrases: no need to compare it with each of them."""
    if not _VOCABULARY.issuperset(plain.split()):
        return None
    found = _MEANING.fullmatch(plain)
    if not found and (bare := _without_courtesy(plain)) != plain:
        found = _MEANING.fullmatch(bare)
    return cast(Meaning, found.lastgroup) if found else None


def _without_courtesy(plain: str) -> str:
    """«здравствуйте, позовите менеджера, пожалуйста» -> «позовите менеджера »."""
    while found := _COURTESY.match(plain):
        plain = plain[found.end() :]
    words = plain.split()
    while words and any(_COURTESY.fullmatch(f"{' '.join(words[-last:])} ") for last in (1, 2)):
        words.pop()
    return "".join(f"{word} " for word in words)


def _only_courtesy(plain: str) -> bool:
    return not _without_courtesy(plain)
