"""E-mail addresses as people type them (P6)."""

from __future__ import annotations

import re

from email_validator import EmailNotValidError, validate_email
from rapidfuzz.distance import OSA

from dialogs.cleaning import plain_letters
from dialogs.understood import Refusal, Understood

_EXAMPLE = "Пример: anna@mail.ru"
NOT_AN_EMAIL = f"Похоже, это не адрес почты. {_EXAMPLE}"
NO_AT = f"Кажется, в адресе не хватает знака @. {_EXAMPLE}"
WRONG = f"В адресе что-то не так. Проверьте, пожалуйста. {_EXAMPLE}"

_USUAL = (
    "gmail.com", "mail.ru", "yandex.ru", "ya.ru", "bk.ru", "list.ru", "inbox.ru", "internet.ru", "rambler.ru",
    "icloud.com", "outlook.com", "hotmail.com", "yahoo.com", "yandex.com", "vk.com", "proton.me", "protonmail.com",
    "live.com", "me.com",
)  # fmt: skip
_LOOK_LIKE_SLIPS = """mail.com email.com ymail.com yandex.by yandex.kz yandex.ua mail.ua mail.by mail.kz gmx.com
    gmx.de aol.com hotmail.ru outlook.de yahoo.de yahoo.fr live.ru lenta.ru inbox.lv list.com inbox.com
    rambler.ua xmail.ru tut.by ukr.net"""
_ALSO_REAL = frozenset(_LOOK_LIKE_SLIPS.split())  # left in peace
_MEANT = {
    "gmail.ru": "gmail.com",
    "gmail": "gmail.com",
    "yandex": "yandex.ru",
    "mail": "mail.ru",
    "icloud.ru": "icloud.com",
}
_AT = re.compile(r"(?i)(?:(?<!\s)\s+)?(?:@|\(a\)|\[at\]|\(at\)|\s(?:собака|собачка|эт)\s)\s*")
_FOUND = re.compile(r"(?<![^\s<>()\[\],;:\"«»])[^\s<>()\[\],;:\"«»@]+@+[^\s<>()\[\];:\"«»@]+")
_BARE = re.compile(
    r"(?i)(?<![\w@])([\w.+-]{1,64}?)(gmail\.com|mail\.ru|yandex\.ru|ya\.ru|bk\.ru|list\.ru|inbox\.ru|rambler\.ru|icloud\.com)\b"
)
_TWINS = str.maketrans("асеорхукАСЕОРХУКМТВН", "aceopxykACEOPXYKMTBH")


def read_email(text: str) -> Understood | Refusal:
    """The address in a message, its domain in lower case; a doubt where a slip is likely («gmail.con»)."""
    plain = plain_letters(text, 1000)
    plain = _AT.sub("@", plain)
    found = _FOUND.findall(plain)
    if not found:
        return _without_at(plain)
    typed = found[0].strip(".,!?'*_-")
    mended = _mended(typed)
    address = _valid(mended)
    if address is None:
        return Refusal(WRONG)
    proposal = _usual(address)
    guessed = proposal != address or mended.casefold() != typed.casefold() or len(set(found)) > 1
    if not guessed:
        return Understood(address, address)
    literal = address if address != proposal and mended.casefold() == typed.casefold() else None
    return Understood(proposal, proposal, f"Возможно, {proposal}?", literal)


def _without_at(plain: str) -> Understood | Refusal:
    bare = _BARE.search(plain)
    address = _valid(f"{bare[1].rstrip('.')}@{bare[2].lower()}") if bare else None
    if address:
        return Understood(address, address, f"Возможно, {address}?")
    return Refusal(NO_AT if re.search(r"\w\.(?:ru|com|рф|net|org)\b", plain.casefold()) else NOT_AN_EMAIL)


def _mended(typed: str) -> str:
    """Commas for dots, a forgotten ending, Cyrillic twins among Latin letters."""
    name, domain = re.split("@+", typed, maxsplit=1)
    domain = _latin(domain).replace(",", ".").strip(".")
    domain = re.sub(r"\.{2,}", ".", domain)
    return f"{_latin(name).strip('.')}@{_MEANT.get(domain.lower(), domain)}"


def _latin(part: str) -> str:
    """«аnna» with a Cyrillic а -> «anna»; a part all in Cyrillic stays."""
    mixed = re.search("[A-Za-z]", part) and re.search("[А-Яа-я]", part)
    twinned = part.translate(_TWINS)
    return twinned if mixed and twinned.isascii() else part


def _valid(address: str) -> str | None:
    try:
        checked = validate_email(address, check_deliverability=False)
    except (EmailNotValidError, ValueError):
        return None
    address = f"{checked.local_part}@{checked.domain.lower()}"
    return address if len(checked.local_part) <= 64 and len(address) <= 254 else None


def _usual(address: str) -> str:
    """The same address at the usual domain that was probably meant."""
    name, _, domain = address.rpartition("@")
    if domain in _USUAL or domain in _ALSO_REAL:
        return address
    if domain in _MEANT:
        return f"{name}@{_MEANT[domain]}"
    long_enough = (usual for usual in _USUAL if len(usual) >= 7)
    near = min(long_enough, key=lambda usual: OSA.distance(domain, usual))
    bound = 1 if len(near) < 9 else 2
    return f"{name}@{near}" if OSA.distance(domain, near) <= bound else address
