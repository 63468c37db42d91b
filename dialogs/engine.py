"""The engine: what the bot does next. Pure: equal arguments give an equal Turn.

Read ``advance`` first: it names every kind of event once. ``_Turn`` collects what follows while one event is decided;
a step that waits ends the turn, a step that does not is said and passed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from dialogs import phrases
from dialogs.answers import Refusal, Understood, choose, read, read_phone
from dialogs.asking import (
    MOST_STEPS,
    confirmation,
    counts_nothing,
    key,
    mark,
    next_step,
    person_button,
    promise,
    question,
    told,
    values,
)
from dialogs.cleaning import folded, has_words
from dialogs.conversation import (
    Apply,
    AskedPerson,
    Back,
    Button,
    CallPerson,
    CodeIssued,
    CodesEnded,
    Conversation,
    Effect,
    Event,
    Forget,
    IssueCode,
    Known,
    MarkCold,
    Odd,
    PassOn,
    Pending,
    RecordConsent,
    Remember,
    Resumed,
    Said,
    Say,
    SharedPhone,
    Silent,
    Started,
    Tapped,
    Turn,
    Value,
)
from dialogs.flow import AnswerSpec, Script, Step

DOUBLE_TAP = timedelta(seconds=5)
PERSONAL = frozenset({"text", "name", "phone", "email"})
CONFIRMED = frozenset({"phone", "email"})  # a mistake in these is dear: shown back before they count


def advance(
    script: Script, at: Conversation, event: Event, *, now: datetime, known: Known, newest: Script | None = None
) -> Turn:
    """Decide the bot's next move. ``now`` is UTC-aware.

    ``script`` is the version the conversation is pinned to; ``newest`` the published one, to which it moves at the
    next step that both know.
    """
    if not isinstance(event, Tapped | CodeIssued | CodesEnded):
        at = replace(at, tapped=None, tapped_at=None)  # only a tap right after the same tap is a double tap
    turn = _Turn(script, at, now, known, newest)
    match event:
        case Started():
            turn.enter(script.flow.steps[0].id)
        case Resumed():
            turn.ask_again()
        case Said(text):
            turn.said(text)
        case Tapped(pressed):
            turn.tapped(pressed)
        case SharedPhone(phone, own):
            turn.shared_phone(phone, own=own)
        case Odd(what):
            turn.ask_again(phrases.ODD.get(what, phrases.ODD_OTHER))
        case Silent(rule):
            turn.silent(rule)
        case CodeIssued(_, code, until):
            turn.at = replace(turn.at, code=code, code_until=until)
            turn.finish_application()
        case CodesEnded():
            turn.say(phrases.CODES_ENDED.format(promise=promise(script, known, now)))
            turn.finish_application(silently=True)
        case Back():
            turn.back()
        case AskedPerson():
            turn.call_person("asked")
    return Turn(turn.at, tuple(turn.effects))


class _Turn:
    """One decision in the making."""

    def __init__(self, script: Script, at: Conversation, now: datetime, known: Known, newest: Script | None) -> None:
        self.script, self.at, self.now, self.known, self.newest = script, at, now, known, newest
        self.effects: list[Effect] = []
        self.consents = dict(known.consents)

    # ------------------------------------------------------------ where we are

    @property
    def step(self) -> Step | None:
        return self.script.flow.by_id.get(self.at.step) if self.at.step else None

    def say(self, text: str, *buttons: Button) -> None:
        if text:
            self.effects.append(Say(text, buttons))

    def ask(self, step: Step, before: str = "") -> None:
        """Put the question (again); a consent's wording is pinned the moment it is shown (P45)."""
        if step.consent:
            self.say(before)  # a consent's text is a message of its own, with one meaning (L1)
            before = ""
        asked = question(self.script, self.at, step, self.known, self.now, before)
        self.effects.append(asked)
        if asked.digest:
            self.at = replace(self.at, shown=asked.digest)

    def ask_again(self, before: str = "") -> None:
        """The present question, whatever it is; after the end, a way on."""
        if self.step is None:
            return self.nothing_waits(before)
        if self.at.pending:
            self.say(before)
            return self.check(self.step, self.at.pending)
        return self.ask(self.step, before)

    def nothing_waits(self, before: str = "") -> None:
        if self.at.applied:
            return self.say("\n\n".join(filter(None, (before, phrases.APPLIED_ALREADY))))
        again = Button(phrases.ANEW, f"!restart.{self.at.flow}")
        text = "\n\n".join(filter(None, (before, phrases.NOTHING_WAITS)))
        return self.say(text, again, Button(phrases.CALL_PERSON, "!person"))

    # ------------------------------------------------------------ moving

    def enter(self, step_id: str) -> None:
        """Go to a step: say and pass those that do not wait, stop at the first that does (A8: at most 50)."""
        for _ in range(MOST_STEPS):
            step = self.stand_at(step_id)
            if step is None:
                self.at = replace(self.at, step=None)
                return None
            if self.skips(step):
                step_id = next_step(self.script, step, self.at.answers)
                continue
            if step.application:
                return self.apply(step)
            if step.waits:
                return self.ask(step)
            self.say(told(step.text, values(self.script, self.at, self.known, self.now)))
            step_id = next_step(self.script, step, self.at.answers)
        self.at = replace(self.at, step=None)
        return self.nothing_waits()

    def stand_at(self, step_id: str) -> Step | None:
        """Stand at the step, in the newest version if that knows it. None: the flow is over."""
        if self.newest and step_id in self.newest.flow.by_id:
            self.script = self.newest
        step = self.script.flow.by_id.get(step_id)
        if step and step.answer and step.answer.type in PERSONAL and "personal_data" not in self.consents:
            step = self.consent_step() or step  # nothing personal before consent, whatever the file says (L5)
        if step:
            self.at = replace(self.at, version=self.script.version, step=step.id, tries=0, pending=None, shown=None)
        return step

    def knows(self, step_id: str) -> bool:
        return any(step_id in script.flow.by_id for script in (self.script, self.newest) if script)

    def consent_step(self) -> Step | None:
        return next((one for one in self.script.flow.steps if one.consent == "personal_data"), None)

    def skips(self, step: Step) -> bool:
        """A consent in force for the present wording is not asked again."""
        return step.consent is not None and (
            self.consents.get(step.consent) == self.script.consents[step.consent].digest
        )

    def leave(self, step: Step) -> None:
        """Go on from an answered question."""
        self.at = replace(self.at, path=(*self.at.path, step.id))
        self.enter(next_step(self.script, step, self.at.answers))

    def back(self) -> None:
        """«Назад»: the former question, its answer open again."""
        if self.at.pending:
            self.at = replace(self.at, pending=None)
            return self.ask_again()
        path = self.at.path
        while path and not self.knows(path[-1]):
            path = path[:-1]  # the file no longer has that step (A3)
        if self.at.applied or not path:
            return self.ask_again("" if self.at.applied else phrases.NOWHERE_BACK)
        former = path[-1]
        kept = {step: value for step, value in self.at.answers.items() if step != former}
        self.at = replace(self.at, path=path[:-1], answers=kept)
        self.effects.append(Forget(former))
        return self.enter(former)

    # ------------------------------------------------------------ the application

    def apply(self, step: Step) -> None:
        """Make the application; a promo code needs the database, so the turn goes on when it has answered."""
        offer = step.application if isinstance(step.application, str) else None
        self.at = replace(self.at, applied=True)
        self.effects.append(Apply(offer))
        if offer and self.script.flow.offers[offer].kind == "promo_code":
            self.effects.append(IssueCode(offer))
        else:
            self.finish_application()

    def finish_application(self, *, silently: bool = False) -> None:
        step = self.step
        assert step is not None
        if not silently:
            self.say(told(step.text, values(self.script, self.at, self.known, self.now)))
        self.enter(next_step(self.script, step, self.at.answers))

    # ------------------------------------------------------------ what the person does

    def said(self, text: str) -> None:
        step = self.step
        if step is None:
            return self.said_after_the_end(text)
        if not has_words(text) and text.strip() not in (*phrases.YES, *phrases.SKIPPED):
            return self.ask_again(phrases.ODD["empty"])
        if step.consent:
            return self.said_to_consent(step, text)
        if self.at.pending:
            return self.said_to_check(step, self.at.pending, text)
        if step.optional and folded(text) in phrases.SKIPPED:
            return self.leave(step)
        return self.answered(step, text)

    def said_after_the_end(self, text: str) -> None:
        if not self.at.applied:
            return self.nothing_waits()
        return self.pass_on(text)

    def pass_on(self, text: str) -> None:
        self.effects.append(PassOn(text))
        self.say(f"{phrases.PASSED_ON} {promise(self.script, self.known, self.now)}")

    def answered(self, step: Step, text: str) -> None:
        """A typed answer: what a button says, or a value of the kind that is asked for.

        Of several lines that are no answer together the first may be one: the others came without being asked (P15).
        """
        first = text.strip().partition("\n")[0]
        whole = choose(step.choices, text) if step.choices else None
        chosen = choose(step.choices, first) if step.choices and whole is None else whole
        if isinstance(chosen, int):
            return self.choose(step, chosen)
        if isinstance(chosen, tuple) and not step.answer:
            buttons = (Button(step.choices[one].label, key(self.at, step.id, str(one))) for one in chosen)
            return self.say(phrases.WHICH, *buttons)
        if step.answer is None:
            return self.refuse(step, step.hint or phrases.CHOOSE, text)
        answer = self.understood(step.answer, text)
        if isinstance(answer, Refusal) and first != text:
            answer = self.understood(step.answer, first)
        if isinstance(answer, Refusal):
            return self.refuse(step, step.hint or answer.hint, text)
        if step.answer.type == "phone":
            return self.check(step, Pending(answer.value, answer.shown, phrases.CHECK_PHONE.format(shown=answer.shown)))
        if answer.doubt:
            return self.check(step, Pending(answer.value, answer.shown, answer.doubt))
        return self.take(step, answer.value, answer.shown)

    def understood(self, spec: AnswerSpec, text: str) -> Understood | Refusal:
        return read(spec, text, now=self.now, zone=self.script.business.zone)

    def refuse(self, step: Step, hint: str, text: str) -> None:
        """Not an answer: hint, then make it easier, then offer a person. Never a dead end (P3)."""
        self.at = replace(self.at, tries=self.at.tries + 1)
        if self.at.tries == 1:
            return self.ask(step, hint)
        if self.at.tries == 2:
            example = phrases.EXAMPLE.format(example=step.example) if step.example else ""
            return self.ask_with(step, "\n".join(filter(None, (hint, example))), person_button(self.at, step))
        if step.answer and step.answer.type in PERSONAL:
            self.remember(step, text, text, kind="note")
        return self.ask_with(step, phrases.OFFER_PERSON, person_button(self.at, step))

    def ask_with(self, step: Step, before: str, button: Button) -> None:
        asked = question(self.script, self.at, step, self.known, self.now, before)
        self.effects.append(replace(asked, buttons=(*asked.buttons, button)))

    def check(self, step: Step, pending: Pending) -> None:
        """Show what was understood; it counts when confirmed."""
        self.at = replace(self.at, pending=pending)
        self.effects.append(confirmation(self.at, step, pending.question))

    def said_to_check(self, step: Step, pending: Pending, text: str) -> None:
        if phrases.says(folded(text), phrases.YES):
            return self.take(step, pending.value, pending.shown)
        self.at = replace(self.at, pending=None)
        if phrases.says(folded(text), phrases.NO):
            return self.ask(step)
        again = self.understood(step.answer, text) if step.answer else None
        if isinstance(again, Understood) and again.typed is not None and again.value == pending.value:
            return self.take(step, again.typed, str(again.typed))  # typed the same unusual thing twice: it is meant
        return self.answered(step, text)

    def said_to_consent(self, step: Step, text: str) -> None:
        word = folded(text)
        if phrases.says(word, phrases.DISAGREED):
            return self.consented(step, given=False)
        if phrases.says(word, phrases.AGREED):
            return self.consented(step, given=True)
        if self.at.applied:
            return self.pass_on(text)  # a question about the application, most likely; the buttons are still there
        return self.ask(step, phrases.CONSENT_FIRST if step.consent == "personal_data" else phrases.CONSENT_BY_BUTTON)

    def consented(self, step: Step, *, given: bool) -> None:
        """Record the wording that was shown; a wording that has changed meanwhile is asked anew (P45)."""
        assert step.consent is not None
        current = (self.newest or self.script).consents.get(step.consent)
        shown = self.at.shown or self.script.consents[step.consent].digest
        self.effects.append(RecordConsent(step.consent, given, shown))
        if given:
            self.consents[step.consent] = shown
            self.at = replace(self.at, refused=False)
        if given and current and current.digest != shown and self.newest and step.id in self.newest.flow.by_id:
            self.stand_at(step.id)
            return self.ask(step, phrases.CONSENT_CHANGED)
        if given or step.consent == "advertising":
            return self.enter(next_step(self.script, step, self.at.answers))
        self.at = replace(self.at, refused=True)
        if step.refused:
            return self.enter(step.refused)
        self.at = replace(self.at, step=None)
        return self.say(phrases.REFUSED)

    def choose(self, step: Step, index: int) -> None:
        choice = step.choices[index]
        if choice.do == "call_person":
            return self.call_person("asked")
        return self.take(step, choice.meaning, choice.label)

    def take(self, step: Step, value: Value, shown: str, *, verified: str | None = None) -> None:
        """The answer counts: kept, remembered, and on to the next step."""
        self.at = replace(self.at, answers={**self.at.answers, step.id: value}, pending=None)
        self.remember(step, value, shown, verified=verified)
        self.leave(step)

    def remember(
        self, step: Step, value: Value, shown: str, *, kind: str | None = None, verified: str | None = None
    ) -> None:
        if "personal_data" not in self.consents:
            return  # before consent there is only a position (L5)
        kind = kind or (step.answer.type if step.answer else "choice")
        if kind == "choice" and not step.card:
            return  # a fork in the road, nothing managers need to read
        label = phrases.NOTE if kind == "note" else step.card or phrases.LABELS.get(kind) or step.id
        self.effects.append(Remember(step.id, kind, label, value, shown, verified))

    def tapped(self, pressed: str) -> None:
        """A button counts only at the step, run and version it was made for (P9)."""
        if pressed == self.at.tapped and self.at.tapped_at and self.now - self.at.tapped_at <= DOUBLE_TAP:
            return None  # the second tap of a double tap (P7)
        version, run, step_id, choice = ([*pressed.split(".", 3), "", "", "", ""])[:4]
        step = self.step
        if step is None:
            return self.nothing_waits(phrases.ENDED_BUTTON)
        if (version, run, step_id) != (str(self.at.version), str(self.at.run), step.id):
            return self.ask_again(phrases.STALE)
        action = self.action(step, choice)
        if action is None:
            return self.ask_again(phrases.STALE)
        self.at = replace(self.at, tapped=pressed, tapped_at=self.now)
        action()
        return None

    def action(self, step: Step, choice: str) -> Callable[[], None] | None:
        """What a key's last part means at this step; None: nothing (forged, or of another question)."""
        pending = self.at.pending
        if choice == "person":
            return lambda: self.call_person("stuck")
        if step.consent:
            return (lambda: self.consented(step, given=choice == "yes")) if choice in ("yes", "no") else None
        if pending:
            return self.checked(step, pending, choice)
        if choice.isascii() and choice.isdigit() and len(choice) < 4 and int(choice) < len(step.choices):
            return lambda: self.choose(step, int(choice))
        if choice == "skip" and step.optional:
            return lambda: self.leave(step)
        name = self.known.profile_name
        return (lambda: self.take(step, name, name)) if choice == "name" and name else None

    def checked(self, step: Step, pending: Pending, choice: str) -> Callable[[], None] | None:
        """«Всё верно» under another value than the present one confirms nothing (P9)."""
        if choice == f"ok.{mark(pending)}":
            return lambda: self.take(step, pending.value, pending.shown)
        return (lambda: self.mend(step)) if choice == "fix" else None

    def mend(self, step: Step) -> None:
        self.at = replace(self.at, pending=None)
        self.ask(step)

    def shared_phone(self, phone: str, *, own: bool) -> None:
        """A contact card counts as attested only if it is the sender's own (P1, P2)."""
        step = self.step
        if step is None or step.answer is None or step.answer.type != "phone":
            return self.ask_again(phrases.ODD["contact"])
        understood = read_phone(phone)
        if not isinstance(understood, Understood):
            return self.refuse(step, understood.hint, phone)
        value, shown = str(understood.value), understood.shown
        if own:
            return self.take(step, value, shown, verified="own_contact")
        return self.check(step, Pending(value, shown, phrases.WHOSE_PHONE.format(shown=shown)))

    def call_person(self, why: Literal["asked", "stuck"]) -> None:
        self.effects.append(CallPerson(why))
        self.say(phrases.PERSON_CALLED.format(promise=promise(self.script, self.known, self.now)))

    # ------------------------------------------------------------ silence

    def silent(self, rule: int) -> None:
        """A silence rule fell due: its message with a way to go on; the last one leaves the lead cold."""
        rules = self.script.flow.silence
        if rule >= len(rules):
            return
        one = rules[rule]
        known = values(self.script, self.at, self.known, self.now)
        if one.say and not counts_nothing(one.say, known):
            text = told(one.say, known)
            if one.kind == "advertising" and "стоп" not in text.lower():
                text = f"{text}\n\n{phrases.STOP_LINE}"
            self.effects.append(Say(text, (Button(phrases.GO_ON, "!resume"),), kind=one.kind))
        if one.mark == "cold" or rule + 1 == len(rules):
            self.effects.append(MarkCold())
