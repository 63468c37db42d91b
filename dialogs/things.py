"""Answers that are no words: a photo, a file, a place. Only what they are is read here, never what is in them (P25)."""

from __future__ import annotations

import re

from dialogs.events import Odd
from dialogs.understood import Refusal, Understood

THINGS = frozenset({"photo", "file", "location"})
"""Kinds of answers that are no words."""

NAMES = {
    "photo": "Фото", "document": "Файл", "video": "Видео", "animation": "Видео", "audio": "Аудио",
    "video_note": "Видеосообщение", "voice": "Голосовое сообщение", "sticker": "Стикер", "location": "Место на карте",
    "venue": "Место на карте",
}  # fmt: skip
WANTED = {
    "photo": "Пришлите, пожалуйста, фото: его можно снять или выбрать, нажав на скрепку.",
    "file": "Пришлите, пожалуйста, файл или фото: их можно выбрать, нажав на скрепку.",
    "location": "Пришлите, пожалуйста, место на карте: скрепка, «Геопозиция». Можно и координаты: 55.7558, 37.6173.",
}
_FILES = frozenset({"photo", "document", "video", "animation", "audio"})
_DRAWN = re.compile(r"\.(jpe?g|png|webp|heic|heif|bmp|gif|tiff?)$", re.IGNORECASE)
_PLACE = re.compile(r"\s*\(?(-?\d{1,2}[.,]\d{1,8})\s*[,;\s]\s*(-?\d{1,3}[.,]\d{1,8})\)?\s*")


def read_thing(wanted: str, sent: Odd) -> Understood | Refusal:
    """What was sent, if it is what was asked for."""
    if wanted == "location":
        return read_place(sent.place)
    picture = sent.what == "photo" or (sent.what == "document" and bool(_DRAWN.search(sent.name)))
    if picture or (wanted == "file" and sent.what in _FILES):
        return Understood(told(sent), told(sent))
    return Refusal(WANTED[wanted])


def told(sent: Odd) -> str:
    """«Фото (3)», «Файл «договор.pdf»»: how people read it."""
    name = NAMES.get(sent.what, "Файл")
    if sent.what == "document" and sent.name:
        name = f"{name} «{sent.name}»"
    return f"{name} ({sent.number})" if sent.number > 1 else name


def attached(told: str) -> str:
    """The same in a list of answers, whose label says «Фото» already."""
    name, bracket, number = told.partition(" (")
    return f"приложено{bracket}{number}" if name == NAMES["photo"] else told


def read_place(text: str) -> Understood | Refusal:
    """«55.7558, 37.6173»: latitude and longitude, as maps write them."""
    found = _PLACE.fullmatch(text)
    if found:
        north, east = (float(part.replace(",", ".")) for part in found.groups())
        if abs(north) <= 90 and abs(east) <= 180:
            place = f"{north:.5f}, {east:.5f}"
            return Understood(place, place)
    return Refusal(WANTED["location"])


def map_link(place: str) -> str:
    """Where a place is, on a map anybody can open; "" for what is no place."""
    found = _PLACE.fullmatch(place)
    return f"https://yandex.ru/maps/?pt={found[2]},{found[1]}&z=16&l=map" if found else ""
