"""Names: any real name is taken as it is; what is plainly something else is asked about again (P26, P28, P30)."""

from __future__ import annotations

import re

from dialogs.cleaning import clean, folded, has_words
from dialogs.understood import Refusal, Understood

LONGEST = 60
NOT_A_NAME = "Напишите, пожалуйста, как к вам обращаться. Пример: Анна"
TOO_LONG = "Достаточно имени, как к вам обращаться. Пример: Анна"
QUESTION = "На вопросы ответим обязательно. А пока напишите, пожалуйста, как к вам обращаться. Пример: Анна"
PHONE = "Телефон спросим чуть позже. Как к вам обращаться? Пример: Анна"

_GREETING = r"(?:здравствуйте|здрасьте|добрый (?:день|вечер)|доброе утро|привет|приветствую|hello|hi)"
_OPENING = re.compile(
    rf"(?i)^(?:{_GREETING}[\s,.!]+)?(?:(?:меня\s+зовут|мо[её]\s+имя|зовите(?:\s+меня)?|можете\s+звать(?:\s+меня)?|обращайтесь(?:\s+ко\s+мне)?|my\s+name\s+is|i\s+am|i'm)(?:\s+просто)?[\s:,—–-]+|(?:это|имя|я|можно(?:\s+просто)?|просто)[\s:,—–-]+(?=\S))"
)
_GREETED = re.compile(rf"(?i)^{_GREETING}[\s,.!]+(?=\w)")
_CLOSING = re.compile(r"(?i)[\s,]+(?:меня\s+зовут|мо[её]\s+имя|очень\s+приятно|приятно\s+познакомиться)[\s.!]*$")
_LINK = re.compile(r"(?i)://|\bwww\.|@\w|\b[\w-]+\.(?:ru|com|me|net|org|рф|su|info|biz|io|xyz|top|site|online)\b")
_PICTURES = re.compile("[\u2190-\u2bff\u3030\ufe00-\ufe0f\u200d\u20e3\U0001f000-\U0001faff]")
_NO_NAME = frozenset(
    [
        "да",
        "нет",
        "не",
        "ок",
        "окей",
        "ага",
        "угу",
        "привет",
        "здравствуйте",
        "здрасьте",
        "хай",
        "hi",
        "hello",
        "ok",
        "yes",
        "no",
        "я",
        "никак",
        "аноним",
        "пропустить",
        "скип",
        "спасибо",
        "хорошо",
        "незачем",
        "зачем",
        "почему",
        "стоп",
        "цена",
        "скидка",
        "промокод",
        "кто",
        "что",
    ]
)
_TALK = frozenset(
    [
        "не",
        "нет",
        "хочу",
        "хочется",
        "сколько",
        "стоит",
        "стоимость",
        "цена",
        "цену",
        "почему",
        "зачем",
        "где",
        "когда",
        "скажу",
        "скажете",
        "буду",
        "будет",
        "надо",
        "нужно",
        "нужен",
        "нужна",
        "можно",
        "давайте",
        "мне",
        "вам",
        "вас",
        "меня",
        "вы",
        "мы",
        "что",
        "это",
        "если",
        "или",
        "чтобы",
        "потом",
        "позже",
        "сначала",
        "перезвоните",
        "позвоните",
        "звоните",
        "купить",
        "узнать",
        "интересует",
        "какая",
        "какой",
        "какие",
        "подскажите",
        "расскажите",
        "пожалуйста",
    ]
)
_SMALL = frozenset(
    [
        "и",
        "оглы",
        "оглу",
        "кызы",
        "заде",
        "уулу",
        "ибн",
        "бин",
        "бен",
        "аль",
        "эль",
        "фон",
        "ван",
        "де",
        "дер",
        "ден",
        "ди",
        "да",
        "дю",
        "ла",
        "ле",
        "дос",
        "von",
        "van",
        "de",
        "der",
        "den",
        "di",
        "la",
        "le",
        "bin",
        "ibn",
        "al",
        "el",
        "dos",
    ]
)
_MOST_WORDS = 6


def read_name(text: str) -> Understood | Refusal:
    """How to address somebody. Never refuses what may be a name; «меня зовут анна» is «Анна»."""
    whole = " ".join(_PICTURES.sub(" ", clean(text, limit=1000)).split())
    if not any(letter.isalpha() for letter in whole):
        return Refusal(PHONE if sum(letter.isdigit() for letter in whole) >= 5 else NOT_A_NAME)
    name = _bare(whole)
    refusal = _refusal(name)
    if refusal:
        return Refusal(refusal)
    capitalised = _capitalised(name)
    return Understood(capitalised, capitalised)


def _bare(whole: str) -> str:
    """Without «меня зовут», greetings and closing punctuation."""
    opened = _OPENING.sub("", whole, count=1)
    if opened != whole and "зовут" in whole.casefold():
        opened = re.split(r"[,.;!]|\s(?:а|и)\s(?=мне|вас|у меня)", opened, maxsplit=1)[0] or opened
    name = _CLOSING.sub("", _GREETED.sub("", opened)) or opened
    name = name.strip(' \t\n,;:!"«»“”')
    name = name.rstrip(" )(") if name.count("(") != name.count(")") else name
    return name if re.search(r"\b\w\.$", name) else name.rstrip(".")  # «Иванов И. И.» keeps its dot


def _refusal(name: str) -> str:
    words = folded(name).split()
    if not has_words(name) or not words:
        return NOT_A_NAME
    if "?" in name:
        return QUESTION
    if sum(letter.isdigit() for letter in name) >= 5:
        return PHONE
    if _LINK.search(name) or (len(words) == 1 and words[0] in _NO_NAME):
        return NOT_A_NAME
    if len(name) > LONGEST or len(words) > _MOST_WORDS:
        return TOO_LONG
    return NOT_A_NAME if len(words) > 1 and _TALK.intersection(words) else ""


def _capitalised(name: str) -> str:
    """«анна» and «АННА» -> «Анна»; what has capitals of its own («МакКвин») stays."""
    words = name.split(" ")
    return " ".join(_word(word, first=place == 0) for place, word in enumerate(words))


def _word(word: str, *, first: bool) -> str:
    if not first and word.lower() in _SMALL:
        return word.lower() if word.islower() or word.isupper() else word
    if not (word.islower() or (word.isupper() and len(word) > 2 and "." not in word)):
        return word
    return re.sub(r"(?:^|(?<=[-'’`]))(\w)", lambda letter: letter[1].upper(), word.lower())
