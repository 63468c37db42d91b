"""Rows of a database that has served for two years: who came, what they answered, what became of them.

Nothing is thrown by dice: the number of a lead decides, so the same number of leads is the same database. Every row is
a tuple in the order of its table's columns in ``COLUMNS``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

YEARS = 2 * 365 * 24 * 3600  # seconds that the database covers
WITHOUT_CONSENT = 5  # one in so many looks in and agrees to nothing
MANAGERS = 5
LATEST_KEYS = 300_000  # keys of events are kept for some days only
PLANNED = 2000  # silences that wait for their time
STATUSES = ("new",) * 15 + ("application",) * 5 + ("taken",) * 5 + ("in_work",) * 10 + ("won",) * 25 + (
    "lost",) * 25 + ("junk",) * 10 + ("cold",) * 5  # fmt: skip
CLOSED = {"won", "lost", "junk"}
NAMES = ("Анна", "Борис", "Вера", "Глеб", "Дина", "Егор", "Жанна", "Захар", "Инна", "Кирилл", "Лидия", "Марк")
SOURCES = ("direct", "vk_ads", "flyer", "site", "partner")

COLUMNS: dict[str, tuple[str, ...]] = {
    "manager": ("id", "channel", "external_id", "name", "added_at"),
    "contact": ("id", "name", "created_at"),
    "contact_point": ("id", "contact_id", "kind", "value", "created_at"),
    "identity": ("id", "channel", "external_id", "pseudonym", "contact_id", "conversation_id", "reachable",
                 "first_touch", "last_touch", "runs", "phone_keyboard", "created_at", "seen_at"),
    "lead": ("id", "contact_id", "channel", "flow", "status", "kind", "score", "reasons", "source", "campaign", "offer",
             "applications", "manager_id", "reason", "created_at", "applied_at", "taken_at", "closed_at"),
    "conversation": ("id", "identity_id", "flow", "version", "step", "state", "lead_id", "source", "campaign",
                     "started_at", "touched_at"),
    "answer": ("lead_id", "step", "kind", "label", "value", "shown", "answered_at"),
    "lead_event": ("id", "lead_id", "what", "detail", "manager_id", "channel", "at"),
    "promo_code": ("id", "offer", "code", "lead_id", "issued_at", "valid_until"),
    "consent": ("id", "pseudonym", "purpose", "act", "digest", "channel", "shown_message_id", "event_id", "at"),
    "follow_up": ("id", "conversation_id", "rule", "kind", "due_at", "status", "reason", "silent_since"),
    "outbox": ("id", "channel", "to", "role", "kind", "act", "body", "identity_id", "conversation_id", "lead_id",
               "unsolicited", "priority", "status", "reason", "attempt", "due_at", "created_at", "first_tried_at",
               "done_at", "message_id"),
    "served_event": ("channel", "event_id", "at"),
    "web_message": ("id", "peer", "outbox_id", "author", "text", "buttons", "at"),
}  # fmt: skip
"""Tables in an order in which every row finds what it points at."""

Row = tuple[Any, ...]
DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class Lead:
    """One lead as the other tables see it. ``at``: seconds since the beginning."""

    id: int
    at: int
    status: str
    channel: str
    to: str

    @property
    def applied(self) -> bool:
        return self.status not in ("new", "cold")


@dataclass(frozen=True, slots=True)
class Aged:
    """``moment`` makes of seconds since the beginning what the database wants; ``now`` is the end. ``codes``: numbers
    of promo codes that are taken by the free ones. ``digest``: of the consent that was shown."""

    leads: int
    now: int
    moment: Callable[[int], Any]
    iso: Callable[[int], str]
    codes: int
    digest: str

    def rows(self, table: str) -> Iterator[Row]:
        made: Iterator[Row] = getattr(self, f"_{table}")()
        return made

    def lead(self, number: int) -> Lead:
        status = STATUSES[number * 37 % 100]
        channel = "vk" if number % 5 < 2 else "telegram"
        to = str(10_000_000 + number if channel == "vk" else 6_000_000_000 + number)
        return Lead(number, (number - 1) * self.now // self.leads, status, channel, to)

    def _all(self) -> Iterator[Lead]:
        return map(self.lead, range(1, self.leads + 1))

    # ------------------------------------------------------------ people

    def _manager(self) -> Iterator[Row]:
        for number in range(1, MANAGERS + 1):
            yield number, "telegram", str(7_000_000_000 + number), NAMES[number], self.moment(0)

    def _contact(self) -> Iterator[Row]:
        for one in self._all():
            yield one.id, NAMES[one.id % len(NAMES)], self.moment(one.at)

    def _contact_point(self) -> Iterator[Row]:
        number = 0
        for one in self._all():
            number += 1
            yield number, one.id, "phone", _phone(one.id), self.moment(one.at)
            if one.id % 10 == 0:
                number += 1
                yield number, one.id, "email", f"person{one.id}@example.com", self.moment(one.at)

    def _identity(self) -> Iterator[Row]:
        for one in self._all():
            touch = f'{{"flow": null, "source": "{_source(one.id)}", "campaign": "", "at": "{self.iso(one.at)}"}}'
            yield (one.id, one.channel, one.to, _pseudonym(one.id), one.id, one.id, one.id % 50 != 0, touch, touch, 1,
                   False, self.moment(one.at), self.moment(one.at + 300))  # fmt: skip
        touch = '{"flow": null, "source": "direct", "campaign": "", "at": "2025-01-01T00:00:00+00:00"}'
        for number in range(self.leads + 1, self.leads + 1 + self.leads // WITHOUT_CONSENT):
            at = self.moment(number % self.now)
            yield (number, "telegram", str(6_000_000_000 + number), _pseudonym(number), None, number, True, touch,
                   touch, 1, False, at, at)  # fmt: skip

    def _conversation(self) -> Iterator[Row]:
        names = [json.dumps(name) for name in NAMES]
        for one in self._all():
            name = names[one.id % len(NAMES)]
            state = UNDER_WAY % name
            if one.applied:
                state = APPLIED % (name, _phone(one.id), _code(one.id), self.iso(one.at + 14 * DAY))
            yield (one.id, one.id, "bench", 1, None if one.applied else "phone", state, one.id, _source(one.id), "",
                   self.moment(one.at), self.moment(one.at + 300))  # fmt: skip
        state = json.dumps({"flow": "bench", "version": 1, "step": "agree", "shown": self.digest})
        for number in range(self.leads + 1, self.leads + 1 + self.leads // WITHOUT_CONSENT):
            at = self.moment(number % self.now)
            yield number, number, "bench", 1, "agree", state, None, "direct", "", at, at

    # ------------------------------------------------------------ leads

    def _lead(self) -> Iterator[Row]:
        reasons = json.dumps(["знает, какой автомобиль нужен", "готов приехать на этой неделе"])
        for one in self._all():
            taken = one.applied and one.status != "application"
            yield (
                one.id, one.id, one.channel, "bench", one.status, "interested", 45 if one.applied else 15, reasons,
                _source(one.id), "", "spring" if one.applied else None, int(one.applied),
                one.id % MANAGERS + 1 if taken else None,
                "Передумали" if one.status == "lost" else None, self.moment(one.at),
                self.moment(one.at + 300) if one.applied else None,
                self.moment(one.at + 900) if taken else None,
                self.moment(min(self.now, one.at + 5 * DAY)) if one.status in CLOSED else None,
            )  # fmt: skip

    def _answer(self) -> Iterator[Row]:
        for one in self._all():
            at = self.moment(one.at + 120)
            name = NAMES[one.id % len(NAMES)]
            yield one.id, "name", "name", "Имя", name, name, at
            yield one.id, "car", "choice", "Автомобиль", "sedan", "Седан", at
            yield one.id, "visit", "choice", "Когда приедет", "this_week", "На этой неделе", at
            if one.applied:
                yield one.id, "phone", "phone", "Телефон", _phone(one.id), _phone(one.id), at

    def _lead_event(self) -> Iterator[Row]:
        """Three for each lead."""
        for one in self._all():
            last, manager = 3 * one.id, one.id % MANAGERS + 1
            second = "application" if one.applied else "my_data"
            detail = f'{{"from": "new", "to": "{one.status}"}}'
            later = self.moment(min(self.now, one.at + 5 * DAY))
            yield last - 2, one.id, "new", "{}", None, one.channel, self.moment(one.at)
            yield last - 1, one.id, second, '{"n": 1}', None, None, self.moment(one.at + 300)
            yield last, one.id, one.status, detail, manager, "telegram", later

    def _promo_code(self) -> Iterator[Row]:
        for one in self._all():
            if one.applied:
                yield (self.codes + one.id, "bench.spring", _code(one.id), one.id, self.moment(one.at + 300),
                       self.moment(one.at + 14 * DAY))  # fmt: skip

    def _consent(self) -> Iterator[Row]:
        for one in self._all():
            yield (one.id, _pseudonym(one.id), "personal_data", "given", self.digest, one.channel, str(one.id),
                   f"old{one.id}", self.moment(one.at))  # fmt: skip

    # ------------------------------------------------------------ what was due and what went out

    def _follow_up(self) -> Iterator[Row]:
        for one in self._all():
            first = self.moment(one.at + 1200)
            yield 2 * one.id - 1, one.id, 0, "service", first, "cancelled", "answered", self.moment(one.at)
            due, status = self.moment(one.at + 1500), "cancelled"
            reason: str | None = "answered"
            if one.id > self.leads - PLANNED and not one.applied:
                due, status, reason = self.moment(self.now + 3 * DAY), "planned", None
            elif one.id % 4 == 0:
                status, reason = "done", "sent"
            yield 2 * one.id, one.id, 0, "service", due, status, reason, self.moment(one.at + 300)

    def _outbox(self) -> Iterator[Row]:
        asked, card = _body("Анна, по какому номеру вам позвонить?"), _body(CARD)
        for one in self._all():
            at, tried = self.moment(one.at), self.moment(one.at + 1)
            status, reason = ("refused", "blocked") if one.id % 1000 == 0 else ("sent", None)
            end = (1, at, at, tried, tried)
            for number in (3 * one.id - 2, 3 * one.id - 1):
                yield (number, one.channel, one.to, "reply", "service", "say", asked, one.id, one.id, one.id, False, 0,
                       status, reason, *end, str(number))  # fmt: skip
            yield (3 * one.id, "web", "desk", "card", "service", "say", card, None, None, one.id, False, 0, "sent",
                   None, *end, str(one.id))  # fmt: skip

    def _served_event(self) -> Iterator[Row]:
        for number in range(min(LATEST_KEYS, self.leads)):
            yield "telegram", str(800_000_000 + number), self.moment(self.now - LATEST_KEYS + number)

    def _web_message(self) -> Iterator[Row]:
        for one in self._all():
            yield one.id, "desk", 3 * one.id, "bot", CARD, "[]", self.moment(one.at)


HEAD = '{"flow": "bench", "version": 1, '
UNDER_WAY = HEAD + (
    '"step": "phone", "answers": {"name": %s, "car": "sedan", "visit": "this_week"}, "path": ["name", "car", "visit"]}'
)
APPLIED = HEAD + (
    '"answers": {"name": %s, "car": "sedan", "visit": "this_week", "phone": "%s"}, "path": ["name", "car", "visit", '
    '"phone"], "applied": true, "code": "%s", "code_until": "%s"}'
)
CARD = "🟢 Новая заявка · Тест-драйв\n👤 Анна\n📞 +7 901 123-45-67 — не проверен\n⭐ 45 из 100\n— Автомобиль: Седан"


def _body(text: str) -> str:
    return json.dumps({"text": text, "buttons": [], "asks_phone": False, "drops_keyboard": False})


def _phone(number: int) -> str:
    return f"+7901{number % 10_000_000:07}"


def _code(number: int) -> str:
    return f"OLD-{number:08}"


def _source(number: int) -> str:
    return SOURCES[number % len(SOURCES)]


def _pseudonym(number: int) -> str:
    return hashlib.sha256(b"%d" % number).hexdigest()
