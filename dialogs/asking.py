"""How a step reads: its text with the values put in, and its buttons."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dialogs import phrases
from dialogs.conversation import Conversation, Known, Pending, Value
from dialogs.effects import Button, Say
from dialogs.flow import END, RETURN, Step
from dialogs.flow_set import Script
from dialogs.moments import shown_moment
from dialogs.offering import buttons
from dialogs.phones import pretty
from dialogs.several import labels
from dialogs.situation import Situation
from dialogs.texts import SPOKEN, render
from dialogs.tongues import value_in_language
from dialogs.wording import Dated, day
from dialogs.yes_no import NO, YES

MOST_STEPS = 50
OF_OFFER = ("left", "title", "conditions", "price", "until")
_COUNTS = re.compile(r"offers\.[\w-]+\.(?:left|until)\b")
_SENTENCES = re.compile(r"(?<=[.!?…])\s+(?![^{]*\}\})")


def key(at: Conversation, step: str, choice: str) -> str:
    """What a button carries: version, run, step, choice. 64 bytes hold it by construction (M16)."""
    return f"{at.version}.{at.run}.{step}.{choice}"


def shown_value(step: Step, value: Value, now: datetime | None = None, zone: ZoneInfo | None = None) -> Value:
    """An answer as people read it: a choice's label, a phone with its spaces; numbers stay numbers for plurals.

    ``now`` lets a near day go without its year.
    """
    for choice in step.choices:
        if choice.meaning == value and type(choice.meaning) is type(value):
            return choice.label
    if isinstance(value, tuple):
        return labels(step.choices, value) or "ничего"
    match step.answer.type if step.answer else "":
        case "phone":
            return pretty(str(value))
        case "yes_no" if isinstance(value, bool):
            return YES if value else NO
        case "date" | "time" | "call_time":
            return shown_moment(str(value), now, zone)
    return value


SAID_BY_US = frozenset({"date", "time", "call_time", "yes_no"})
"""Kinds of answers that are shown in our words."""


def shown_to(at: Conversation, step: Step, value: Value, now: datetime | None, zone: ZoneInfo) -> Value:
    """The answer as this person reads it, in their language."""
    shown = shown_value(step, value, now, zone)
    ours = step.answer and step.answer.type in SAID_BY_US and isinstance(shown, str)
    return value_in_language(str(shown), at.language) if ours else shown


def _for_text(at: Conversation, step: Step, value: Value, now: datetime, zone: ZoneInfo) -> object:
    """The same, but filters can still read a day or an hour in it."""
    shown = shown_to(at, step, value, now, zone)
    dated = step.answer and step.answer.type in ("date", "time", "call_time") and shown != value
    return Dated(str(value), str(shown)) if dated else shown


@dataclass(frozen=True, slots=True, eq=False)
class Values(Mapping[str, object]):
    """Everything a text may name (``dialogs.lint`` checks against the same list). Nothing is worked out before a text
    names it."""

    script: Script
    at: Conversation
    known: Known
    now: datetime

    def __getitem__(self, name: str) -> object:
        if name in _OF_THE_CODE and self.at.code:
            return _OF_THE_CODE[name](self)
        if name in self.at.answers:
            step, value = self.script.flow.by_id.get(name), self.at.answers[name]
            return _for_text(self.at, step, value, self.now, self.script.business.zone) if step else value
        if name == SPOKEN and self.at.language:
            return self.at.language
        if name.startswith("offers."):
            return self._of_an_offer(*name.removeprefix("offers.").rpartition(".")[::2])
        return NAMED[name](self)

    def _of_an_offer(self, name: str, part: str) -> object:
        offer = self.script.flow.offers[name]
        over = part in ("left", "until") and offer.ended(self.now, self.script.business.zone)
        match part:
            case "left":
                return 0 if over else self.known.left.get(f"{self.script.flow.flow}.{name}", 0)
            case "until":
                return "" if over else offer.until or ""
            case "conditions":
                return (offer.conditions or "").strip()  # a YAML block ends with a line's end
            case "title" | "price":
                return getattr(offer, part) or ""
        raise KeyError(part)

    def __iter__(self) -> Iterator[str]:
        offers = (f"offers.{name}.{part}" for name in self.script.flow.offers for part in OF_OFFER)
        code, spoken = _OF_THE_CODE if self.at.code else (), (SPOKEN,) if self.at.language else ()
        return iter(dict.fromkeys([*NAMED, *offers, *self.at.answers, *code, *spoken]))

    def __len__(self) -> int:
        return sum(1 for _ in self)


NAMED: Mapping[str, Callable[[Values], object]] = {
    "company": lambda here: here.script.business.company,
    "policy": lambda here: here.script.business.policy,
    "promise": lambda here: value_in_language(promise(here.script, here.known, here.now), here.at.language),
    "managers": lambda here: value_in_language(here.script.business.managers_shown_as, here.at.language),
    "steps_left": lambda here: steps_left(here.script, here.at, here.known, here.now),
}
_OF_THE_CODE: Mapping[str, Callable[[Values], object]] = {
    "code": lambda here: here.at.code,
    "code.until": lambda here: here.at.code_until.astimezone(here.script.business.zone) if here.at.code_until else "",
}


def promise(script: Script, known: Known, now: datetime) -> str:
    """When a person will answer, honestly (D11)."""
    if known.open_now or known.opens_at is None:
        return phrases.OPEN_PROMISE.format(within=script.business.answer_within or phrases.WITHIN)
    opening, here = (moment.astimezone(script.business.zone) for moment in (known.opens_at, now))
    ahead = (opening.date() - here.date()).days
    return phrases.CLOSED_PROMISE.format(day=phrases.SOON.get(ahead) or day(opening), time=f"{opening:%H:%M}")


def not_given(script: Script, offer: str, known: Known, now: datetime) -> str:
    """Why nothing is, honestly: the offer is over, or all its codes are given out."""
    terms, promised = script.flow.offers.get(offer), promise(script, known, now)
    if terms and terms.ended(now, script.business.zone):
        return phrases.OFFER_ENDED.format(day=day(terms.until), promise=promised)
    return phrases.CODES_ENDED.format(promise=promised)


def next_step(script: Script, step: Step, here: Situation) -> str:
    """The step after this one: the chosen choice's ``go``, a branch that holds, or the next in the list."""
    chosen = next((one for one in step.choices if one.meaning == here.at.answers.get(step.id)), None)
    if chosen and chosen.go:
        return chosen.go
    if isinstance(step.go, str):
        return step.go
    number = branch_taken(step, here)
    return script.flow.following[step.id] if number is None or step.go is None else step.go[number].go


def branch_taken(step: Step, here: Situation) -> int | None:
    """The first branch of ``go`` that holds; None if there is none."""
    branches = enumerate(step.go if isinstance(step.go, tuple) else ())
    return next((number for number, branch in branches if here.holds(branch.condition)), None)


def following(script: Script, step: Step, here: Situation, calls: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The step after this one, and the calls around it: a part at its end goes on behind the step that called it.

    ``return``: there is nowhere to return to, the caller is gone.
    """
    after = next_step(script, step, here)
    while after == RETURN and calls:
        caller = script.flow.by_id.get(calls[-1])
        calls = calls[:-1]
        if caller is None:
            return RETURN, ()
        after = next_step(script, caller, here)
    return after, calls


def steps_left(script: Script, at: Conversation, known: Known, now: datetime) -> int:
    """Questions still to come up to the application, by what is known so far."""
    left, step_id, calls, here = 0, at.step, at.calls, Situation(script, at, known, now)
    for _ in range(MOST_STEPS):
        step = script.flow.by_id.get(step_id or END)
        if step is None or step.application:
            break
        left += step.waits and step.consent is None and not step.review
        if step.part and (inside := script.flow.inside(step)):
            step_id, calls = inside, (*calls, step.id)
        else:
            step_id, calls = following(script, step, here, calls)
    return left


def question(script: Script, at: Conversation, step: Step, known: Known, now: datetime, before: str = "") -> Say:
    """The step's question, with ``before`` as its first lines."""
    if step.consent:
        return consent(script, at, step)
    asked = Situation(script, at, known, now).chosen(step.text, "steps", step.id, "ask" if step.ask else "say")
    text = _told_to_answer(asked, Values(script, at, known, now)) or phrases.CHOOSE
    return Say(
        _joined(before, text),
        tuple(_buttons(script, at, step, known, now)),
        asks_phone=_wants(step, "phone"),
        asks_place=_wants(step, "location"),
    )


def told(template: str, values: Mapping[str, object]) -> str:
    """The text with its values. A paragraph that counts an offer of which nothing is left, or names its last day when
    that is over, is not said (P41, A24)."""
    paragraphs = template.split("\n\n")
    return render("\n\n".join(one for one in paragraphs if not counts_nothing(one, values)), values)


def _told_to_answer(template: str, values: Mapping[str, object]) -> str:
    """The same for a question, which stands in the last paragraph: there only such sentences are not said."""
    if not counts_nothing(template, values):
        return render(template, values)
    *before, last = template.strip().split("\n\n")
    kept = " ".join(one for one in _SENTENCES.split(last) if not counts_nothing(one, values))
    return told("\n\n".join([*before, kept]), values)


def counts_nothing(template: str, values: Mapping[str, object]) -> bool:
    """Does it name the number left of an offer that has none left, or the last day of one that is over?"""
    return any(not values.get(name, True) for name in _COUNTS.findall(template))


def consent(script: Script, at: Conversation, step: Step) -> Say:
    """The wording alone, one meaning, two buttons (L1, L2)."""
    assert step.consent is not None
    wording = script.consents[step.consent]
    buttons = (
        Button(phrases.AGREE, key(at, step.id, "yes")),
        Button(phrases.DISAGREE, key(at, step.id, "no")),
    )
    return Say(wording.text, buttons, consent=step.consent, digest=wording.digest)


def confirmation(at: Conversation, step: Step, question: str) -> Say:
    """«Проверьте номер…»: what was understood, to be confirmed or mended."""
    right = f"ok.{mark(at.pending)}" if at.pending else "ok"
    buttons = (Button(phrases.RIGHT, key(at, step.id, right)), Button(phrases.MEND, key(at, step.id, "fix")))
    return Say(question, buttons)


def mark(pending: Pending) -> str:
    """Tells one value waiting to be confirmed from another, on a button; too short to say what it is."""
    return f"{zlib.crc32(str(pending.value).encode()) & 0xFFF:x}"


def person_button(at: Conversation, step: Step) -> Button:
    """The way to a human, at any question."""
    return Button(phrases.CALL_PERSON, key(at, step.id, "person"))


def _buttons(script: Script, at: Conversation, step: Step, known: Known, now: datetime) -> Iterable[Button]:
    yield from buttons(step, at, key(at, step.id, ""), now=now, business=script.business)
    if _wants(step, "name") and known.profile_name:
        yield Button(known.profile_name, key(at, step.id, "name"))
    if step.optional:
        yield Button(phrases.SKIP, key(at, step.id, "skip"))


def _wants(step: Step, kind: str) -> bool:
    return step.answer is not None and step.answer.type == kind


def _joined(*parts: str) -> str:
    return "\n\n".join(part.strip() for part in parts if part.strip())


def deadline(valid: timedelta | None, until: datetime | None, now: datetime) -> datetime | None:
    """A code's personal deadline: ``valid`` from now, never past the offer's own end."""
    ends = [end for end in (now + valid if valid else None, until) if end]
    return min(ends) if ends else None
