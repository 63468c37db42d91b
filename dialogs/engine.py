"""The engine: what the bot does next. Pure: equal arguments give an equal Turn.

Read ``advance`` first: it names every kind of event once. What follows is collected while one event is decided: going
through the steps is in ``dialogs.walking``, what an answer does in ``dialogs.answering``, when words are read in
``dialogs.gathering``, what an edited message does in ``dialogs.correcting``.
"""

from __future__ import annotations

from datetime import datetime

from dialogs import phrases
from dialogs.conditions import names_among
from dialogs.conversation import Conversation, Known
from dialogs.effects import Button, MarkCold, Say, Turn
from dialogs.events import (
    AskedPerson,
    Back,
    CodeIssued,
    CodesEnded,
    Edited,
    Event,
    Led,
    Odd,
    Read,
    Resumed,
    Said,
    SharedPhone,
    Silent,
    Started,
    Tapped,
)
from dialogs.flow_set import Script
from dialogs.gathering import Gathering
from dialogs.moving import known_as
from dialogs.paths import leads_to_application
from dialogs.replacing import replace
from dialogs.rules import conditions_of
from dialogs.values import Values, counts_nothing, told

_OF_A_TAP = (Tapped, CodeIssued, CodesEnded)


def advance(
    script: Script, at: Conversation, event: Event, *, now: datetime, known: Known, newest: Script | None = None
) -> Turn:
    """Decide the bot's next move. ``now`` is UTC-aware.

    ``script`` is the version the conversation is pinned to; ``newest`` the published one, to which it moves at the
    next step that both know.
    """
    if at.tapped and not isinstance(event, _OF_A_TAP):
        at = replace(at, tapped=None, tapped_at=None)  # only a tap right after the same tap is a double tap
    turn = _Turn(script, at, now, known, newest)
    match event:  # what is heard most comes first
        case Tapped(pressed):
            turn.tapped(pressed)
        case Said(text, messages):
            turn.heard(text, messages)
        case Started():
            turn.enter(script.flow.steps[0].id)
        case Resumed(moved):
            turn.resume(moved=moved)
        case Read():
            turn.read()
        case Edited(message, text):
            turn.edited(message, text)
        case SharedPhone(phone, own):
            turn.shared_phone(phone, own=own)
        case Odd():
            turn.sent(event)
        case Silent(rule):
            turn.silent(rule)
        case Led(step):
            turn.led(step)
        case CodeIssued(_, code, until):
            turn.at = replace(turn.at, code=code, code_until=until)
            turn.finish_application()
        case CodesEnded(offer):
            turn.give_nothing(offer)
        case Back():
            turn.back()
        case AskedPerson():
            turn.call_person("asked")
    return Turn(turn.at, tuple(turn.effects))


class _Turn(Gathering):
    """One decision in the making."""

    # ------------------------------------------------------------ dates and silence

    def led(self, step: str) -> None:
        """From a reminder on: where that leads to an application, it is another one."""
        script = self.newest if self.newest and known_as(self.newest.flow, step) else self.script
        there = known_as(script.flow, step)
        if there is None:
            return self.ask_again()
        applied = self.at.applied and not leads_to_application(script.flow, there)
        self.at = replace(
            self.at,
            path=(),
            carried=(),
            behind=(),
            calls=(),
            amending=None,
            formerly={},
            refused=False,
            applied=applied,
        )
        return self.enter(there)

    def silent(self, rule: int) -> None:
        """A silence rule fell due: its message with a way to go on; the last one leaves the lead cold."""
        rules = self.script.flow.silence_at(self.at.step)
        if rule >= len(rules):
            return
        step = self.step
        place = (*(("steps", step.id) if step and step.silence else ()), "silence", rule)
        self.visit(*place)
        one = rules[rule]
        self.meet(sorted(self.script.flow.variants.keys() & names_among(conditions_of(one.say))))
        values, said = Values(self.here), self.here.chosen(one.say, *place, "say")
        if said and not counts_nothing(said, values):
            text = told(said, values)
            if one.kind == "advertising":
                text = phrases.with_stop(text)
            self.effects.append(Say(text, (Button(phrases.GO_ON, "!resume"),), kind=one.kind))
        if one.mark == "cold" or rule + 1 == len(rules):
            self.effects.append(MarkCold())
