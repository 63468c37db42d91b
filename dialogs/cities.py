"""Cities as people write them: «Питер», «г. Тверь», «из Екатеринбурга». An unknown place is taken as it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from rapidfuzz import fuzz, process

from dialogs.city_table import CITIES
from dialogs.cleaning import clean, folded
from dialogs.instead import instead
from dialogs.understood import Refusal, Understood

LONGEST = 60
NOT_A_CITY = "Напишите, пожалуйста, название города. Например: Тверь"
ONE_CITY = "Достаточно названия города. Например: Тверь"
_CLOSE = 80
_MOST_WORDS = 5
_ALONE_NO_CITY = frozenset(("не", "привет", "здравствуйте", "а", "спасибо", "другой"))
_AROUND = re.compile(
    r"^(?:(?:я|мы|живу|живем|нахожусь|находимся|сейчас|сам|сама|родом|город|гор|г|в|во|из|с|со|это"
    r"|пишу|у нас|мой|наш)\s+)+"
    r"|\s+(?:город|г|рф|россия|сейчас)$"
)
_TALK = re.compile(
    r"\b(?:не|нет|меня|спасибо|хочу|сколько|почему|зачем|когда|скажу|вам|вас|можно|какая|какой|надо|нужно)\b"
)
_ENDINGS_TOLD = "ого его ому ему ий ый ая ом ем ой ею ью ах ых ы и у ю е а я ь о й"
_ENDINGS = tuple(_ENDINGS_TOLD.split())


@cache
def _known() -> dict[str, tuple[str, str]]:
    """Every folded way to write a city -> (its name, its zone)."""
    ways: dict[str, tuple[str, str]] = {}
    for zone, names in CITIES.items():
        for entry in filter(None, (one.strip() for one in re.split(r"[|\n]", names))):
            written, _, others = entry.partition("=")
            name, _, other_zone = written.partition("@")
            for way in (name, *filter(None, others.split(","))):
                ways.setdefault(folded(way), (name, other_zone or zone))
    return ways


@cache
def _by_root() -> dict[str, str]:
    """A name without its ending -> the name, where only one is so: «екатеринбурга» is Екатеринбург."""
    roots: dict[str, set[str]] = {}
    for way, (name, _) in _known().items():
        if len(way) > 4:
            roots.setdefault(_root(way), set()).add(name)
    return {root: names.pop() for root, names in roots.items() if len(names) == 1}


def _root(way: str) -> str:
    """«нижнего новгорода» -> «нижн новгород»."""
    return " ".join(_stem(word) for word in way.split())


def _stem(word: str) -> str:
    return next((word[: -len(end)] for end in _ENDINGS if word.endswith(end) and len(word) - len(end) >= 3), word)


def zone_of(name: str) -> ZoneInfo | None:
    """The city's time zone; None for a place that is not in the table."""
    found = _known().get(folded(name))
    return ZoneInfo(found[1]) if found else None


def beside(name: str, zone: ZoneInfo, now: datetime) -> str:
    """«+2 ч» where their clocks go otherwise than ours; "" where they do not, or it is not known."""
    theirs = zone_of(name)
    here, there = (now.astimezone(one).utcoffset() if one else None for one in (zone, theirs))
    if here is None or there is None or here == there:
        return ""
    hours = (there - here).total_seconds() / 3600
    return f"{hours:+g} ч".replace("-", "−").replace(".", ",")


def read_city(text: str) -> Understood | Refusal:
    """A city by its name, also shortened, declined, or with a slip (asked); an unknown place as it is written."""
    kept = " ".join(clean(text, limit=400).split())
    plain = folded(kept)
    bare = _AROUND.sub("", plain)
    bare = _AROUND.sub("", bare) or plain
    for way in dict.fromkeys((plain, bare)):
        if name := _exactly(way):
            return Understood(name, name)
    if not any(letter.isalpha() for letter in kept) or plain in _ALONE_NO_CITY or re.search("[?@]", kept):
        return Refusal(NOT_A_CITY)
    within = list(_within(kept))
    if not within and (instead(plain) or instead(bare)):
        within = [name for word in plain.split() if (name := _known_name(word))]
        if not within:
            return Refusal(NOT_A_CITY)
    if len(within) == 1:
        return Understood(within[0], within[0], "" if len(bare.split()) <= 3 else f"Вы про {_accusative(within[0])}?")
    if len(kept) > LONGEST or len(bare.split()) > _MOST_WORDS or within:
        return Refusal(ONE_CITY)
    near = _nearest(bare)
    if near:
        return Understood(near, near, f"Вы про {_accusative(near)}?", typed=_as_name(kept))
    return Refusal(NOT_A_CITY) if _TALK.search(bare) else Understood(_as_name(kept), _as_name(kept))


def _exactly(way: str) -> str | None:
    found = _known().get(way)
    return found[0] if found else _by_root().get(_root(way)) if len(way) > 4 else None


def _known_name(word: str) -> str | None:
    """Of a city that a single word names as it stands, or declined: «уже в Москве»."""
    return _exactly(word) if len(word) > 3 and not instead(word) else None


def _within(kept: str) -> Iterator[str]:
    """Cities named in a part of the message: «Химки, Московская область»."""
    parts = [folded(part) for part in re.split(r"[,;/()]|\s(?:[-–—]|или|и)\s", kept)]
    yield from dict.fromkeys(name for part in parts if (name := _exactly(_AROUND.sub("", part))))


def _nearest(bare: str) -> str | None:
    if not 4 <= len(bare) <= LONGEST:
        return None
    near = process.extractOne(bare, [way for way in _known() if len(way) >= 4], scorer=fuzz.ratio, score_cutoff=_CLOSE)
    return _known()[near[0]][0] if near else None


def _as_name(kept: str) -> str:
    """«деревня гадюкино» -> «Деревня гадюкино»."""
    return kept[:1].upper() + kept[1:] if kept[:1].islower() else kept


def _accusative(name: str) -> str:
    """«Тверь» stays, «Москва» -> «Москву»: enough for one word; several words stay as they are."""
    if " " in name or "-" in name:
        return f"город {name}"
    return name[:-1] + ("у" if name[-1] == "а" else "ю") if name[-1] in "ая" else name
