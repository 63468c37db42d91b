"""Changing what came from outside: one strange thing at a time, in JSON, in texts and in bytes. Fast: no hypothesis.

Everything takes its dice; the same dice give the same change. What is changed is a copy, the original stays whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

LONGEST = 9_000  # letters, mostly: more than any network carries in one message
MONSTROUS = 60_000  # now and then all the same


def pick(choices: Sequence[Any], dice: Random) -> Any:
    """As ``Random.choice``, four times as quick."""
    return choices[int(dice.random() * len(choices))]


def _nested(depth: int, inner: object = 1) -> object:
    for level in range(depth):
        inner = [inner] if level % 2 else {"message": inner}
    return inner


STRINGS = (
    "", " ", "\n", "\0", "a\0b", "\ud800", "\udfff", "\ud83d", "\ude00\ud83d", "\ud83d\ude00", "😀", "👨‍👩‍👧",
    "\u202eкод", "\u200b", "\u2060",
    "\ufeff", "٣", "٠١٢٣٤٥٦٧٨٩", "²", "①", "８９００", "Ⅷ", "߁", "e\u0301" * 40, "<b>", "&lt;", "{{7*7}}", "{0}",
    "%s", "${x}", "{user.__class__}",
    "'; DROP TABLE lead; --", "=cmd()", "@all", "[id1|Павел]", "*club1", "/start", "/start@other",
    "../../etc/passwd", "C:\\", "стоп", "true",
    "null", "NaN", "1e999", "-0", "0x10", "9" * 39, "9" * 41, "9" * 5_000, "й" * 5_000, "\t" * 300, "private",
    "message", "start",
)  # fmt: skip
NUMBERS = (
    0, -1, 1, 7, 2**31 - 1, 2**31, -(2**31) - 1, 2**32, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1,
    2**64, 10**19, 10**39,
    2_000_000_000, 2_000_000_001, 2_100_000_000, -239, 253402300800, -62135596801, 0.5, -0.0, 1e308,
    float("inf"), float("nan"),
)  # fmt: skip
SHAPES = (
    None, True, False, [], {}, [[]], [{}], {"": {}}, [None], {"id": None}, {"id": 1}, {"id": True},
    {"id": "1"}, {"id": 2**63}, [1, "2", None],
    {"type": "private"}, {"k": "1.1.intent.0"}, {"command": "start"}, [{"type": []}], _nested(40), _nested(400),
)  # fmt: skip
LETTERS = (
    "\0", "\x01", "\x1b", "\ud800", "\udc00", "\u200b", "\u200d", "\u202e", "\u2028", "\u0301", "\ufe0f",
    "\u20e3", "\ufeff", "\ufffe",
    "\U000e0041", "😀", "🏳️‍🌈", "٣", "²", "½", "０", "．", "＠", "О", "З", "\xa0", "\xad", "\t", "\r\n", "\n", " ",
    "{", "}", "[", "]", "(", ")", "|",
    ",", ".", "-", "+", "_", "*", "@", "#", ":", ";", "/", "\\", "'", '"', "<", ">", "&", "%", "$", "!", "?",
    "~", "=", "0", "9", "z", "ё", "İ", "ß", "ﬁ", "ㅤ",
)  # fmt: skip
_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


# ---------------------------------------------------------------- JSON


def mutated(value: Any, dice: Random) -> Any:
    """One to three changes somewhere inside."""
    value = _changed(value, dice)
    while dice.random() < 0.3:
        value = _changed(value, dice)
    return value


def _changed(value: Any, dice: Random) -> Any:
    if isinstance(value, dict) and value and dice.random() < 0.95:
        copy = dict(value)
        key = pick(list(copy), dice)
        if isinstance(copy[key], dict | list) and dice.random() < 0.75:
            copy[key] = _changed(copy[key], dice)
        else:
            pick(_ON_KEYS, dice)(copy, key, dice)
        return copy
    if isinstance(value, list) and value and dice.random() < 0.9:
        items = list(value)
        place = int(dice.random() * len(items))
        if isinstance(items[place], dict | list) and dice.random() < 0.75:
            items[place] = _changed(items[place], dice)
        else:
            pick(_ON_ITEMS, dice)(items, place, dice)
        return items
    return strange(value, dice)


def strange(value: Any, dice: Random) -> Any:
    """Another value instead: of the same kind or of any other."""
    if isinstance(value, str) and dice.random() < 0.5:
        return mangled(value, dice)
    if isinstance(value, int) and dice.random() < 0.5:
        return value + dice.choice((-1, 1, -(2**32), 2**63)) if not isinstance(value, bool) else int(value)
    return pick(pick((STRINGS, NUMBERS, SHAPES), dice), dice)


def _drop(copy: dict[str, Any], key: str, dice: Random) -> None:
    del copy[key]


def _retype(copy: dict[str, Any], key: str, dice: Random) -> None:
    copy[key] = strange(copy[key], dice)


def _rename(copy: dict[str, Any], key: str, dice: Random) -> None:
    copy[dice.choice((key.upper(), key + "s", "", "\0", "from", "chat", "message", "type"))] = copy.pop(key)


def _swap(copy: dict[str, Any], key: str, dice: Random) -> None:
    other = dice.choice(list(copy))
    copy[key], copy[other] = copy[other], copy[key]


def _wrap(copy: dict[str, Any], key: str, dice: Random) -> None:
    copy[key] = [copy[key]] if dice.random() < 0.5 else {key: copy[key]}


def _last(copy: dict[str, Any], key: str, dice: Random) -> None:
    copy[key] = copy.pop(key)


_ON_KEYS: tuple[Callable[[dict[str, Any], str, Random], None], ...] = (
    _drop, _retype, _retype, _retype, _retype, _rename, _swap, _wrap, _last,
)  # fmt: skip


def _drop_item(items: list[Any], place: int, dice: Random) -> None:
    del items[place]


def _double_item(items: list[Any], place: int, dice: Random) -> None:
    times = 3 if isinstance(items[place], dict | list) else 300  # not megabytes: no network sends them
    items.extend([items[place]] * dice.choice((1, 2, times)))


def _retype_item(items: list[Any], place: int, dice: Random) -> None:
    items[place] = strange(items[place], dice)


_ON_ITEMS: tuple[Callable[[list[Any], int, Random], None], ...] = (_drop_item, _double_item, _retype_item, _retype_item)


# ---------------------------------------------------------------- texts


def mangled(text: str, dice: Random, words: Sequence[str] = LETTERS) -> str:
    """One to four changes in a text; ``words``: what may be put into it beside odd letters."""
    text = pick(_ON_TEXTS, dice)(text, dice, words)
    while dice.random() < 0.4:
        text = pick(_ON_TEXTS, dice)(text, dice, words)
    return text[: LONGEST if dice.random() < 0.995 else MONSTROUS]


def _span(text: str, dice: Random) -> tuple[int, int]:
    since = int(dice.random() * (len(text) + 1))
    return since, min(len(text), since + 1 + int(dice.random() ** 3 * 40))


def _insert(text: str, dice: Random, words: Sequence[str]) -> str:
    place = int(dice.random() * (len(text) + 1))
    return text[:place] + pick(LETTERS if dice.random() < 0.5 else words, dice) + text[place:]


def _instead(text: str, dice: Random, words: Sequence[str]) -> str:
    since, until = _span(text, dice)
    return text[:since] + pick(LETTERS if dice.random() < 0.5 else words, dice) + text[until:]


def _cut(text: str, dice: Random, words: Sequence[str]) -> str:
    since, until = _span(text, dice)
    return text[:since] + text[until:]


def _repeat(text: str, dice: Random, words: Sequence[str]) -> str:
    since, until = _span(text, dice)
    times = dice.choice((2, 3, 20, 300, 3_000 if dice.random() < 0.1 else 5))
    return text[:since] + (text[since:until] or dice.choice(words)) * times + text[until:]


def _together(text: str, dice: Random, words: Sequence[str]) -> str:
    return text + dice.choice(("", " ", ", ", "\n")) + dice.choice(words)


def _cased(text: str, dice: Random, words: Sequence[str]) -> str:
    return dice.choice((text.upper, text.lower, text.title, text.swapcase))()


def _scripted(text: str, dice: Random, words: Sequence[str]) -> str:
    return text.translate(_DIGITS if dice.random() < 0.5 else _WIDE)


def _turned(text: str, dice: Random, words: Sequence[str]) -> str:
    return text[::-1]


def _spaced(text: str, dice: Random, words: Sequence[str]) -> str:
    return dice.choice((" ", "\u200d", ".", "\0", "\u0301"))[:1].join(text[:500])


_ON_TEXTS: tuple[Callable[[str, Random, Sequence[str]], str], ...] = (
    _insert, _insert, _instead, _instead, _cut, _cut, _repeat, _together, _together, _cased, _scripted,
    _turned, _spaced,
)  # fmt: skip


# ---------------------------------------------------------------- bytes


def garbled(raw: bytes, dice: Random) -> bytes:
    """Bits turned, pieces lost, doubled or put elsewhere."""
    changed = bytearray(raw)
    for _ in range(1 + int(dice.random() ** 3 * 5)):
        place = int(dice.random() * (len(changed) + 1))
        kind = int(dice.random() * 6)
        if kind == 0 and changed:
            changed[place % len(changed)] ^= 1 << int(dice.random() * 8)
        elif kind == 1:
            del changed[place : place + 1 + int(dice.random() * 8)]
        elif kind == 2:
            changed[place:place] = pick(_PIECES, dice)
        elif kind == 3:
            changed[place:place] = changed[place : place + 30]
        elif kind == 4:
            changed[place : place + 1] = bytes([int(dice.random() * 256)])
        else:
            changed[place : place + 1] = pick(b"0123456789abcdef", dice).to_bytes(1, "big")  # mostly still JSON
    return bytes(changed)


_PIECES = (
    b"\0", b"\xff", b"\xc3", b"\xed\xa0\x80", b'"', b"\\", b"\\u0000", b"\\ud800", b"{", b"}", b"[", b"]",
    b",", b":", b"null", b"9" * 30,
    b"9" * 5_000, b"1e400", b"[" * 60, b"[" * 3_000, b"\xef\xbb\xbf", b"NaN", b"-", b'"a":1,',
)  # fmt: skip
