"""What a prospect's words may not do on a manager's screen: be a link, ping people, or show a document's number."""

from __future__ import annotations

import re

from dialogs.digits import plain_digits

WORD_JOINER = "\u2060"
_TLD = r"(?:[a-z]{2,24}|рф|рус|москва|дети|онлайн|сайт|орг|ком|бел|укр|срб|қаз)"
_MAIL = re.compile(r"(?i)(?<![\w.+%@/-])[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,4}" + _TLD + r"(?![\w/:@-])")
_SCHEME = re.compile(r"(?i):(?=//)|(?<=[a-z0-9+-]{2}):(?=\\)")  # also where it clings to another word: «Аннаhttp://»
_DOMAIN = re.compile(r"(?i)(?<=\w)\.(?=(?:[\w-]{1,63}\.){0,4}" + _TLD + r"(?!\w))")
_ADDRESS = re.compile(r"(?<![\d.])(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_PING = re.compile(r"(?<![\w])([@*])(?=\w)")
_VK_PING = re.compile(r"\[(?=[^\[\]|\n]{1,64}\|)")
_COMMAND = re.compile(r"(?<!\S)/(?=[A-Za-z])")
_SIGN = re.compile(r"[:.@*\[/]")  # each of them has one of these; most of what people write has none


def defang(text: str) -> str:
    """The same words with nothing to click or to be called by (P29, P31). E-mail addresses stay: managers need them."""
    if not _SIGN.search(text):
        return text
    parts: list[str] = []
    end = 0
    for mail in _MAIL.finditer(text):
        parts += [_defang(text[end : mail.start()]), mail[0]]
        end = mail.end()
    return "".join([*parts, _defang(text[end:])])


def _defang(text: str) -> str:
    text = _SCHEME.sub("[:]", text)
    text = _ADDRESS.sub(r"\1[.]\2[.]\3[.]\4", text)
    text = _DOMAIN.sub("[.]", text)
    text = _PING.sub(r"\1" + WORD_JOINER, text)
    text = _VK_PING.sub("[" + WORD_JOINER, text)
    return _COMMAND.sub("/" + WORD_JOINER, text)


_DIGIT = re.compile(r"\d")
_PHONE = re.compile(r"\+7 \d{3} \d{3}-\d\d-\d\d")  # as a card shows it: nothing in it is looked for
_CARD = re.compile(
    r"(?<![\d+])(?<!\+\d[ -])(?:\d{15,19}|\d{4}(?:[ .-]\d{4}){3}(?:[ .-]\d{1,3})?|3\d{3}[ -]\d{6}[ -]\d{5})(?!\d)"
)
_PASSPORT = re.compile(r"(?<![\d+])(?<!\d[ -])(?:\d{2} \d{2} ?(?:№ ?|N ?)?\d{6}|\d{4}[ -](?:№ ?|N ?)?\d{6})(?![ -]?\d)")
_NAMED_PASSPORT = re.compile(
    r"(?i)(?:паспорт\w{0,12}|загран\w{0,12}|сери[яи]\w{0,12})(?:[\s:№,.-]|рф|серия|номер|данные|мой){0,12}"
    r"(\d{2}[ -]?\d{2}[ ,-]*(?:номер|№|n)?[ :-]*\d{6}|\d{2}[ -]?(?:№|n)?[ -]?\d{7})(?!\d)"
)
_SNILS = re.compile(r"(?<![\d+])(?<!\d[ -])(\d{3})([ -])(\d{3})\2(\d{3})[ -](\d{2})(?![ -]?\d)")
_NAMED_SNILS = re.compile(r"(?i)снилс\w{0,12}[\s:№-]{0,4}(\d{3}[ -]?\d{3}[ -]?\d{3}[ -]?\d{2})(?!\d)")


def _luhn(digits: str) -> bool:
    doubled = (sum(divmod(int(digit) * 2, 10)) for digit in digits[-2::-2])
    return (sum(doubled) + sum(int(digit) for digit in digits[-1::-2])) % 10 == 0


def _is_card(found: str) -> bool:
    digits = re.sub(r"\D", "", found)
    if len(digits) == 15 and digits[:2] not in ("34", "37"):
        return False  # fifteen digits are as likely a phone from abroad
    return _luhn(digits) and len(set(digits)) > 1


def _is_snils(found: re.Match[str]) -> bool:
    if found[2] == "-":
        return True  # 123-456-789 01: nobody writes a phone so
    digits = found[1] + found[3] + found[4]
    total = sum(int(digit) * (9 - place) for place, digit in enumerate(digits))
    return total % 101 % 100 == int(found[5])


def mask_documents(text: str) -> str:
    """Numbers of bank cards, passports and SNILS are hidden (P32); phones never are."""
    if not _DIGIT.search(text) or _PHONE.fullmatch(text):
        return text
    plain = plain_digits(text)  # letter for letter: places hold
    hidden: dict[tuple[int, int], str] = {}
    for card in _CARD.finditer(plain):
        if _is_card(card[0]):
            hidden[card.span()] = "[номер карты скрыт]"
    for snils in _SNILS.finditer(plain):
        if _is_snils(snils):
            hidden[snils.span()] = "[СНИЛС скрыт]"
    for named in _NAMED_SNILS.finditer(plain):
        hidden[named.span(1)] = "[СНИЛС скрыт]"
    for named in _NAMED_PASSPORT.finditer(plain):
        hidden[named.span(1)] = "[номер паспорта скрыт]"
    for passport in _PASSPORT.finditer(plain):
        if not (passport[0][0] == "9" and passport[0][2].isdigit()):  # «9123 456789» may be a phone without its 8
            hidden[passport.span()] = "[номер паспорта скрыт]"
    return _replaced(text, hidden)


def _replaced(text: str, hidden: dict[tuple[int, int], str]) -> str:
    parts: list[str] = []
    end = 0
    for (since, until), note in sorted(hidden.items()):
        if since >= end:
            parts += [text[end:since], note]
            end = until
    return "".join([*parts, text[end:]])
