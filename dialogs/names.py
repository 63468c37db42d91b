"""Names: any real name is taken as it is; what is plainly something else is asked about again (P26, P28, P30)."""

from __future__ import annotations

import re

from dialogs import phrases
from dialogs.cleaning import clean, folded
from dialogs.instead import instead
from dialogs.understood import Refusal, Understood

LONGEST = 60
NOT_A_NAME = "Напишите, пожалуйста, как к вам обращаться. Пример: Анна"
TOO_LONG = "Достаточно имени, как к вам обращаться. Пример: Анна"
QUESTION = "На вопросы ответим обязательно. А пока напишите, пожалуйста, как к вам обращаться. Пример: Анна"
PHONE = "Телефон спросим отдельно. Как к вам обращаться? Пример: Анна"

_ALONE_NO_NAME = "не привет здравствуйте здрасьте хай hi hello я имя аноним спасибо"
_NO_NAME = frozenset(_ALONE_NO_NAME.split())
_MANNERS = phrases.GREETINGS | phrases.THANKS
_OF_SENTENCES = """не нет хочу хочется сколько стоит стоимость цена цену почему зачем где когда скажу скажете
    буду будет надо нужно нужен нужна можно давайте мне вам вас меня вы мы что это если или чтобы потом позже
    сначала перезвоните позвоните звоните купить узнать интересует какая какой какие подскажите расскажите
    пожалуйста"""
_TALK = frozenset(_OF_SENTENCES.split())
_INSIDE_NAMES = """и оглы оглу кызы заде уулу ибн бин бен аль эль фон ван де дер ден ди да дю ла ле дос von van
    de der den di la le bin ibn al el dos"""
_SMALL = frozenset(_INSIDE_NAMES.split())
_BEFORE_NO_NAME = "в во на из до после через без у по под от за при к ко с со"
_PREPOSITIONS = frozenset(_BEFORE_NO_NAME.split())
_MOST_WORDS = 6

_GREETING = r"(?:здравствуйте|здрасьте|добрый\s(?:день|вечер)|доброе\sутро|привет|приветствую|hello|hi)[\s,.!]+"
_CALL_ME = (
    r"меня\sзовут|мо[её]\sимя|зовите(?:\sменя)?|(?:можете\s)?звать(?:\sменя)?|называйте(?:\sменя)?"
    r"|обращайтесь(?:\sко\sмне)?|my\sname\sis|i\sam|i'm"
)
_OPENING = re.compile(
    rf"(?i)(?:{_GREETING})?(?:(?:{_CALL_ME})(?:\sпросто)?|это|имя|я|можно(?:\sпросто)?|просто)[\s:,—–-]+(?=\S)"
)
_GREETED = re.compile(rf"(?i){_GREETING}(?=\w)")
_CLOSING = re.compile(r"(?i)(?<![\s,])[\s,]+(?:меня\sзовут|мо[её]\sимя|очень\sприятно|приятно\sпознакомиться)[\s.!]*\Z")
_AND_MORE = re.compile(r"[,.;!]|\s(?:а|и)\s(?=мне|вас|у меня)")
_LINK = re.compile(r"(?i)://|\bwww\.|@\w|\w\.(?:ru|com|me|net|org|рф|su|info|biz|io|xyz|top|site|online)\b")
_PICTURES = re.compile("[\u2190-\u2bff\u3030\ufe00-\ufe0f\u200d\u20e3\U0001f000-\U0001faff]")


def read_name(text: str) -> Understood | Refusal:
    """How to address somebody. Never refuses what may be a name; «меня зовут анна» is «Анна»."""
    whole = " ".join(_PICTURES.sub(" ", clean(text, limit=1000)).split())
    name = _bare(whole)
    if refusal := _refusal(name):
        return Refusal(refusal)
    capitalised = " ".join(_capitalised(word, first=place == 0) for place, word in enumerate(name.split(" ")))
    return Understood(capitalised, capitalised)


def _bare(whole: str) -> str:
    """Without «меня зовут», greetings and closing punctuation."""
    name = whole
    if opening := _OPENING.match(whole):
        name = whole[opening.end() :]
        if "зовут" in opening[0].casefold():
            name = _AND_MORE.split(name, maxsplit=1)[0] or name
    elif greeting := _GREETED.match(whole):
        name = whole[greeting.end() :]
    name = _CLOSING.sub("", name).strip(' ,:!"«»“”')
    while name and (name[-1] in " ,:!=-" or (name[-1] in ")(" and name.count("(") != name.count(")"))):
        name = name[:-1]  # «Анна :)»
    return name if re.search(r"\b\w\.\Z", name) else name.rstrip(".")  # «Иванов И. И.» keeps its dot


def _refusal(name: str) -> str:
    """Why this is no name; "" when it may be one."""
    if sum(letter.isdigit() for letter in name) >= 5:
        return PHONE
    plain = folded(name)
    words = plain.split()
    if (
        phrases.says(plain, _MANNERS)
        or not any(letter.isalpha() for letter in name)
        or _LINK.search(name)
        or (len(words) == 1 and words[0] in _NO_NAME)
        or name.partition(" ")[0] in _PREPOSITIONS
        or instead(plain)
    ):
        return NOT_A_NAME
    if "?" in name:
        return QUESTION
    if len(name) > LONGEST or len(words) > _MOST_WORDS:
        return TOO_LONG
    return NOT_A_NAME if _is_talk(name) else ""


def _is_talk(name: str) -> bool:
    """«не скажу» is none, but «Ван Не» may be a name."""
    words = re.findall(r"\w+", name)
    if len(words) < 2:
        return False
    small = name == name.lower()
    talk = (word.lower() in _TALK and (small or word == word.lower() or place == 0) for place, word in enumerate(words))
    return any(talk)


def _capitalised(word: str, *, first: bool) -> str:
    """«анна» and «АННА» -> «Анна»; what has capitals of its own («МакКвин», «ИП») stays."""
    if not first and word.lower() in _SMALL and word != word.title():
        return word.lower()
    shouted = word.isupper() and len(word) > 2 and "." not in word
    if not (word.islower() or shouted):
        return word
    return re.sub(r"(?:^|(?<=[-'’`]))\w", lambda letter: letter[0].upper(), word.lower())
