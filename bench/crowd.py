"""People who play a dialog again and again, each as soon as they were answered; who has ended makes room for another.

They look at every answer: a bench in which somebody got another's words, or two at once, measures nothing.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bench.dialog import OWN_PHONE, Exchange, phone_of

MISTAKES = 5  # told in full


class Network(Protocol):
    """What a person can do, and the first number a person may have."""

    first_person: int

    def says(self, person: int, text: str) -> None: ...
    def presses(self, person: int, label: str, data: str | None) -> None: ...
    def leaves(self, person: int) -> None: ...


@dataclass(slots=True)
class Person:
    at: int = 0
    since: float = 0.0


@dataclass(slots=True)
class Crowd:
    """``took``: seconds of each answer while ``timing``. ``finished``: dialogs played to the end."""

    network: Network
    talk: Sequence[Exchange]
    going: bool = False
    timing: bool = False
    answered: int = 0
    finished: int = 0
    took: list[float] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    present: dict[int, Person] = field(default_factory=dict)
    arrived: int = 0

    def start(self, people: int) -> None:
        """So many come at once."""
        self.going = True
        for _ in range(people):
            self._arrives()

    def sees(self, number: int, text: str, buttons: Mapping[str, str | None]) -> None:
        """A message has arrived on somebody's screen; they look at it, and do what comes next."""
        person = self.present.get(number)
        if person is None or self.talk[person.at].answer not in text:
            self._complain(number, person, text)
            return
        if self.timing:
            self.took.append(time.perf_counter() - person.since)
        self.answered += 1
        person.at += 1
        if person.at < len(self.talk):
            if self.going:
                self._acts(number, person, buttons)
            else:
                self._leaves(number)
            return
        self.finished += 1
        self._leaves(number)
        if self.going:
            self._arrives()

    def _arrives(self) -> None:
        number = self.network.first_person + self.arrived
        self.arrived += 1
        person = self.present[number] = Person()
        self._acts(number, person, {})

    def _leaves(self, number: int) -> None:
        del self.present[number]
        self.network.leaves(number)

    def _acts(self, number: int, person: Person, buttons: Mapping[str, str | None]) -> None:
        now = self.talk[person.at]
        person.since = time.perf_counter()
        if now.presses:
            self.network.presses(number, now.says, buttons.get(now.says))
        else:
            self.network.says(number, phone_of(number) if now.says is OWN_PHONE else now.says)

    def _complain(self, number: int, person: Person | None, text: str) -> None:
        if len(self.mistakes) < MISTAKES:
            waited = f"waited for {self.talk[person.at].answer!r}" if person else "waited for nothing"
            self.mistakes.append(f"{number} {waited} and got {text[:80]!r}")
