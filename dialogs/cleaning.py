"""Other people's letters: one form that every database takes, and safe ways to show them to managers."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from dialogs.masking import defang, mask_documents

__all__ = ["clean", "cut", "defang", "folded", "for_card", "has_words", "mask_documents", "shown", "storable"]

_PLAIN = re.compile("[ -~А-Яа-яЁё«»—–…№]*")  # most of what is typed, and nothing in it to clean
_BREAKS = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f"  # controls; \n and \t stay
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e0fff]"
)
# The joiner and the selector are part of an emoji (family, keycap); anywhere else they are nothing that can be seen.
_LOOSE = re.compile(
    "(?<![\u2190-\u2bff\u3030\ufe0f\U0001f000-\U0001faff])\u200d|\u200d(?![\u2190-\u2bff\U0001f000-\U0001faff])"
)
_LONELY = re.compile(r"(?:(?<=\s)|^)[\u200d\ufe00-\ufe0f\u20e3]+")
_ZALGO = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f]{3})"
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f]+"
)
_GLUED = re.compile(r"\bне(?=(?:знаю|надо|нужн[оаы]?|хочу|хотим|буду|могу|уверена?|решила?|решили)\b)")
_RUSSIAN_KEYS = str.maketrans("qwertyuiop[]asdfghjkl;'zxcvbnm,.`", "йцукенгшщзхъфывапролджэячсмитьбюё")
_LATIN_KEYS = frozenset(map(chr, _RUSSIAN_KEYS))
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_BLANK_LINES = re.compile(r"\n[^\S\n]*\n(?:[^\S\n]*\n)+")


def units(text: str) -> int:
    """Length as the networks count it: UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, limit: int, *, mark: str = "…") -> str:
    """At most ``limit`` UTF-16 units, ``mark`` included; never inside a letter of two units."""
    if len(text) * 2 <= limit or units(text) <= limit:
        return text
    room = limit - len(mark)
    kept = text[:room]
    while units(kept) > room:
        kept = kept[: -max(1, (units(kept) - room) // 2)]
    return kept.rstrip() + mark


def clean(text: str, *, limit: int = 4096) -> str:
    """The form we keep (P26, P27): no controls, no lone surrogates, nothing unseen, at most ``limit`` UTF-16 units.

    "" when nothing that can be seen is left. ``clean(clean(x)) == clean(x)``.
    """
    if len(text) <= limit and _PLAIN.fullmatch(text):
        return text.strip()
    return _cleaned(text, limit)


def _cleaned(text: str, limit: int) -> str:
    text = text[: limit * 8]  # what is far beyond any limit is not even looked at
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    text = _UNSEEN.sub("", _BREAKS.sub("\n", text)).replace("\u2800", " ")
    text = _LOOSE.sub("", _LONELY.sub("", text))[: limit * 3]
    text = _ZALGO.sub(r"\1", unicodedata.normalize("NFC", _unpiled(text)))
    text = cut(_BLANK_LINES.sub("\n\n", text).strip(), limit, mark="")
    return _LOOSE.sub("", text).strip()  # the cut may have left half of an emoji


def _unpiled(text: str) -> str:
    """At most 30 marks on one letter: normalising a pile takes the square of its height."""
    kept: list[str] = []
    pile = 0
    for letter in text:
        pile = pile + 1 if unicodedata.combining(letter) else 0
        if pile <= 30:
            kept.append(letter)
    return "".join(kept)


def storable(text: str) -> str:
    """As it came, but every database takes it (P27): halves of a pair joined, lone ones replaced, no NUL."""
    if not text.isascii():
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\0", "")


def has_words(text: str) -> bool:
    """Is there a letter or a digit in it? Emoji and punctuation alone say nothing we can use."""
    return any(letter.isalnum() for letter in text)


def shown(text: str, limit: int = 300) -> str:
    """One paragraph of at most ``limit`` letters for a card, «…» where it was cut."""
    return _short(" ".join(clean(text).split()), limit)


def _short(line: str, limit: int) -> str:
    """Cut after a whole word, unless the last word is a very long one."""
    kept = cut(line, limit)
    if kept == line:
        return line
    whole, _, rest = kept.rpartition(" ")
    return kept if len(rest) > 20 or not whole else whole.rstrip(" ,.;:") + "…"


def for_card(text: str, limit: int = 300) -> str:
    """A prospect's free words as a manager may see them: documents hidden, nothing to click, one paragraph."""
    return _short(defang(mask_documents(" ".join(clean(text).split()))), limit)


def plain_letters(text: str, limit: int) -> str:
    """Wide digits and ligatures as the letters they stand for, ``limit`` of them: one may stand for eighteen."""
    return unicodedata.normalize("NFKC", clean(text, limit=limit))[:limit]


@lru_cache(maxsize=8)  # all who look at a message fold it; who serves events forgets what was said (``bot/app.py``)
def folded(text: str) -> str:
    """For comparing what people type: case, ё, punctuation, emoji, blanks and a glued «незнаю» make no difference."""
    plain = plain_letters(text, 1000).casefold().replace("ё", "е")
    plain = " ".join(_BETWEEN_WORDS.sub(" ", plain).split())
    return _GLUED.sub("не ", plain) if "не" in plain else plain


def retyped(text: str) -> str:
    """«pfgbcfnmcz» -> «записаться»: typed without switching the keyboard. "" for what may not be."""
    typed = clean(text, limit=100).casefold()
    return typed.translate(_RUSSIAN_KEYS) if typed.isascii() and not _LATIN_KEYS.isdisjoint(typed) else ""
