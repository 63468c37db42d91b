"""What is known about a phone number in E.164: how it reads, and whether to look twice (P5)."""

from __future__ import annotations

import re

import phonenumbers as library
from babel import Locale

_RUSSIAN = re.compile(r"\+7[0-9]{10}")
_MOBILE = re.compile(r"\+79[0-24-9][0-9]{8}")  # all of these may be; of +793 not every one


def _parsed(e164: str) -> library.PhoneNumber | None:
    try:
        return library.parse(e164)
    except library.NumberParseException:
        return None


def valid(phone: str) -> bool:
    """May a number like this exist?"""
    number = _parsed(phone)
    return number is not None and library.is_valid_number(number)


def toll_free(phone: str) -> bool:
    """8-800 and the like: nobody can be called back there."""
    if phone.startswith("+79"):
        return False  # most phones by far, and all mobile: the library looks through all kinds to say so
    number = _parsed(phone)
    return number is not None and library.number_type(number) == library.PhoneNumberType.TOLL_FREE


def pretty(phone: str) -> str:
    """«+7 900 123-45-67»; what is no number comes back as it is."""
    if _RUSSIAN.fullmatch(phone):
        return f"+7 {phone[2:5]} {phone[5:8]}-{phone[8:10]}-{phone[10:]}"
    number = _parsed(phone)
    return library.format_number(number, library.PhoneNumberFormat.INTERNATIONAL) if number else phone


def suspicious(phone: str) -> str | None:
    """Why a manager should look twice at this E.164 number (D6, D8); None when it looks well."""
    own = phone[-10:] if phone.startswith("+7") else phone[4:]
    if len(set(own[-7:])) == 1 or own in ("1234567890", "9876543210", "0123456789"):
        return "номер похож на выдуманный"
    if _MOBILE.fullmatch(phone):
        return None  # most phones by far: the library looks through all kinds to say the same
    number = _parsed(phone)
    kind = library.PhoneNumberType.UNKNOWN if number is None else library.number_type(number)
    if number is None or kind == library.PhoneNumberType.UNKNOWN:
        return "такого номера не бывает"
    if kind == library.PhoneNumberType.PREMIUM_RATE:
        return "платный номер"
    region = library.region_code_for_number(number)
    if region == "RU":
        return None
    country = Locale.parse("ru").territories.get(region or "", "")
    return f"номер другой страны: {country}" if country else "номер другой страны"
