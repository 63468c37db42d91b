"""A message edited after it was sent: read again while its question waits, offered as a correction once it is past."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping

from dialogs import phrases
from dialogs.answering import Answering
from dialogs.answers import Understood, choose, read
from dialogs.asking import key
from dialogs.cleaning import cut, folded
from dialogs.conversation import Messages, Offered, Value, address, spot
from dialogs.effects import Button, PassOn, Say
from dialogs.flow import Step
from dialogs.replacing import replace
from dialogs.shown import shown_value

RECENT = 3  # questions back that an edited message still finds its answer
LONGEST = 2000  # letters of one answer that are remembered for it
_SHOWN = 120


class Correcting(Answering):
    """What an edited message does."""

    def note(self, step: Step, messages: Messages) -> None:
        """These messages were said to this question. Before the consent nothing is kept of them (L5)."""
        numbered = any(number for number, _ in messages) and sum(len(words) for _, words in messages) <= LONGEST
        if not numbered or "personal_data" not in self.consents or not (step.answer or step.choices):
            return
        if self.at.pending and phrases.says(folded(joined(messages)), phrases.YES):
            return  # what was confirmed so is what the former message says
        place = address(self.at.calls, step.id)
        others = tuple(one for one in self.at.spoken if one[0] != place)
        self.at = replace(self.at, spoken=(*others, (place, messages))[-RECENT:])

    def edited(self, message: str, text: str) -> None:
        """The words of ``message`` are these now. What was no answer is let be, and so is what means the same."""
        step = self.step
        if step and message in dict(self.at.held):
            held = _with(self.at.held, message, text)
            if held != self.at.held:
                self.at = replace(self.at, held=held, held_until=self.now + step.gathers)
            return None
        found = next((one for one in self.at.spoken if message in dict(one[1])), None)
        if found is None or dict(found[1])[message] == text:
            return None
        place, messages = found[0], _with(found[1], message, text)
        self.at = replace(self.at, spoken=tuple((place, messages) if one is found else one for one in self.at.spoken))
        if step is None or address(self.at.calls, step.id) != place:
            return self.correct(place, joined(messages))
        if self.at.held:
            return None  # they have begun to say it anew
        self.at = replace(self.at, pending=None)
        return self.said(joined(messages))

    def correct(self, place: str, text: str) -> None:
        """The stored answer changes only by a yes of theirs; after the application managers are told."""
        about = self.script.flow.by_id.get(spot(place)[1])
        if about is None or place not in self.at.path or about.id not in self.at.answers:
            return
        meant, kept = self.would_be(about, text), self.at.answers[about.id]
        if meant is None or meant[0] == kept:
            return
        was = cut(str(shown_value(about, kept, self.now, self.script.business.zone)), _SHOWN)
        told = {"was": was, "now": cut(meant[1], _SHOWN)}
        if self.at.applied:
            self.effects.append(PassOn(phrases.CORRECTED.format(**told)))
            self.say(phrases.PASSED_ON)
        elif self.step:
            self.offer(self.step, Offered(place, *meant), told)

    def offer(self, step: Step, one: Offered, told: Mapping[str, str]) -> None:
        self.at = replace(self.at, offered=one)
        buttons = (
            Button(phrases.MEND, key(self.at, step.id, f"amend.{_mark(one.value)}")),
            Button(phrases.KEEP, key(self.at, step.id, "asis")),
        )
        self.effects.append(Say(phrases.MEND_TO.format(**told), buttons))

    def would_be(self, step: Step, text: str) -> tuple[Value, str] | None:
        """The answer that these words are to this question, and how people read it."""
        chosen = choose(step.choices, text) if step.choices else None
        if isinstance(chosen, int):
            choice = step.choices[chosen]
            return None if choice.do else (choice.meaning, choice.label)
        if step.answer is None:
            return None
        found = read(step.answer, text, now=self.now, business=self.script.business, choices=step.choices)
        return (found.value, found.shown) if isinstance(found, Understood) else None

    # ------------------------------------------------------------ yes or no to it

    def action(self, step: Step, choice: str) -> Callable[[], None] | None:
        one = self.at.offered
        if one and choice == f"amend.{_mark(one.value)}":
            return lambda: self.take_offered(step, one)
        return (lambda: self.leave_as_is()) if one and choice == "asis" else super().action(step, choice)

    def said_to_offered(self, step: Step, text: str) -> bool:
        """«да», «нет»; any other words are about the question that waits, and the offer is off."""
        one = self.at.offered
        if one is None:
            return False
        word = folded(text)
        if phrases.says(word, phrases.YES):
            self.take_offered(step, one)
        elif phrases.says(word, phrases.NO):
            self.leave_as_is()
        else:
            self.at = replace(self.at, offered=None)
            return False
        return True

    def leave_as_is(self) -> None:
        self.at = replace(self.at, offered=None)
        self.ask_again()

    def take_offered(self, step: Step, one: Offered) -> None:
        """As if they had gone to that question, answered it anew, and come back."""
        here = self.at.amending or address(self.at.calls, step.id)
        calls, former = spot(one.place)
        self.at = replace(self.at, offered=None)
        if one.place not in self.at.path or former not in self.script.flow.by_id:
            return self.ask_again()
        self.at = replace(self.at, amending=here, calls=calls)
        stands = self.stand_at(former)
        if stands is None or stands.consent:
            return self.ask_again()
        return self.take(stands, one.value, one.shown)


def joined(messages: Messages) -> str:
    """Several messages as the lines of one."""
    return "\n".join(words for _, words in messages)


def _with(messages: Messages, message: str, text: str) -> Messages:
    return tuple((number, text if number == message else words) for number, words in messages)


def _mark(value: Value) -> str:
    return f"{zlib.crc32(str(value).encode()) & 0xFFF:x}"
