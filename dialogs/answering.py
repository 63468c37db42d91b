"""What an answer does: read, doubted, refused, taken; typed or by a button."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Literal

from dialogs import phrases
from dialogs.answers import Refusal, Understood, Unsure, choose, read, read_phone
from dialogs.asking import key, mark
from dialogs.choosing import asks, by_place, sign
from dialogs.cleaning import folded, has_words
from dialogs.consenting import Consenting
from dialogs.conversation import Pending
from dialogs.effects import Button, CallPerson, Say
from dialogs.events import Odd
from dialogs.flow import AnswerSpec, Step
from dialogs.keeping import Keeping
from dialogs.picking import Picking
from dialogs.promising import promise
from dialogs.replacing import replace
from dialogs.reviewing import wish
from dialogs.side_questions import asked
from dialogs.things import NAMES, THINGS, read_thing
from dialogs.things import told as told_thing

DOUBLE_TAP = timedelta(seconds=5)
_SIGNS = phrases.YES | phrases.SKIPPED  # some of them without a letter


class Answering(Picking, Keeping, Consenting):
    """What the person does at the step where they stand."""

    # ------------------------------------------------------------ what the person does

    def said(self, text: str) -> None:
        step = self.step
        if step is None:
            return self.said_after_the_end(text)
        if self.at.pending or step.review:
            text = sign(text) or text  # a thumb under «Всё верно?»
        if not (has_words(text) or text.strip() in _SIGNS or self.by_signs(step, text)):
            return self.ask_again(phrases.ODD["empty"])
        if step.consent:
            return self.said_to_consent(step, text)
        if (
            wish(text, step) is not None
            and not isinstance(choose(step.choices, text), int)
            and self.said_to_amend(step, text)
        ):
            return None
        if self.at.pending and self.at.offers_former:
            return self.said_to_offer(step, self.at.pending, text)
        if self.at.pending:
            return self.said_to_check(step, self.at.pending, text)
        if step.review:
            return None if self.aside(text) else self.said_to_review(step, text)
        if step.optional and folded(text) in phrases.SKIPPED:
            return self.skip(step)
        if self.corrects(step) and phrases.says(folded(text), phrases.KEPT):
            return self.keep(step)
        return self.answered(step, text)

    def said_after_the_end(self, text: str) -> None:
        if self.aside(text, again=not self.at.applied):
            return None
        return self.pass_on(text) if self.at.applied else self.nothing_waits()

    def answered(self, step: Step, text: str) -> None:
        """A typed answer: what a button says, or a value of the kind that is asked for.

        Of several lines that are no answer together the first may be one: the others came without being asked (P15).
        """
        if step.answer and step.answer.type == "several":
            return self.said_among_several(step, text)
        first = text.strip().partition("\n")[0]
        whole = choose(step.choices, text) if step.choices else None
        chosen = choose(step.choices, first) if step.choices and whole is None else whole
        if isinstance(chosen, int) and self.tells_more(step, chosen, text):
            return self.refuse(step, phrases.CHOOSE, text)
        if isinstance(chosen, int):
            self.choose(step, chosen)
            return self.told_ahead(step, text)
        if asked(self.script, text) and (asks(text) or not self.is_answer(step, text)) and self.aside(text):
            return None
        if isinstance(chosen, tuple) and not step.answer:
            buttons = (Button(step.choices[one].label, key(self.at, step.id, str(one))) for one in chosen)
            return self.say(phrases.WHICH, *buttons)
        if self.courteous(step, text):
            return None
        if step.answer is None:
            return self.refuse(step, phrases.CHOOSE, text)
        answer = self.understood(step.answer, text)
        if isinstance(answer, Refusal) and first != text:
            answer = self.understood(step.answer, first)
        if isinstance(answer, Refusal):
            return self.refuse(step, answer.hint, text)
        if isinstance(answer, Unsure):
            return self.unsure(step, answer, text)
        if step.answer.type == "phone":
            return self.check(step, Pending(answer.value, answer.shown, phrases.CHECK_PHONE.format(shown=answer.shown)))
        if answer.doubt:
            return self.check(step, Pending(answer.value, answer.shown, answer.doubt))
        return self.take(step, answer.value, answer.shown)

    def tells_more(self, step: Step, chosen: int, text: str) -> bool:
        """A correction in other words to what was answered already («в субботу в 12» for «Выберу день и час») is of
        something else, which nobody would hear here."""
        choice = step.choices[chosen]
        same = self.corrects(step) and self.at.answers.get(step.id) == choice.meaning
        return same and not by_place(text) and folded(text) != folded(choice.label)

    def told_ahead(self, before: Step, text: str) -> None:
        """«завтра в 12» for «Выберу день и час» names them too: what was told is confirmed, not asked for again."""
        step = self.step
        if step is None or step.id == before.id or self.at.pending or by_place(text):
            return
        if (
            not isinstance(self.effects[-1], Say)
            or step.answer is None
            or step.answer.type not in ("date", "time", "call_time")
        ):
            return
        answer = self.understood(step.answer, text)
        if isinstance(answer, Unsure):
            self.effects.pop()  # the question
            self.unsure(step, answer, text)
            self.at = replace(self.at, tries=0)  # nobody has answered it wrongly yet
        elif isinstance(answer, Understood) and answer.doubt:
            self.effects.pop()
            self.check(step, Pending(answer.value, answer.shown, answer.doubt))

    def said_among_several(self, step: Step, text: str) -> None:
        """A button that calls a human cannot be ticked: its name is a call, as a tap is."""
        named = choose(step.choices, text)
        if isinstance(named, int) and step.choices[named].do:
            return self.choose(step, named)
        if asked(self.script, text) and (asks(text) or not self.is_answer(step, text)) and self.aside(text):
            return None
        return self.said_several(step, text)

    def courteous(self, step: Step, text: str) -> bool:
        """A greeting or thanks alone are returned and the question waits: nobody answered it wrongly (P3)."""
        said = folded(text)
        thanked, greeted = phrases.says(said, phrases.THANKS), phrases.says(said, phrases.GREETINGS)
        if not (thanked or greeted) or self.is_answer(step, text):
            return False
        greets_itself = phrases.GREETING.search(self.wording(step))
        self.ask_again(phrases.WELCOME if thanked else "" if greets_itself else phrases.GREETED)
        return True

    def is_answer(self, step: Step, text: str) -> bool:
        """Would it be taken without a doubt?"""
        found = self.understood(step.answer, text) if step.answer else None
        return isinstance(found, Understood) and not found.doubt

    def understood(self, spec: AnswerSpec, text: str) -> Understood | Refusal | Unsure:
        choices = self.step.choices if self.step else ()
        return read(spec, text, now=self.now, business=self.script.business, choices=choices, day=self.at.day)

    def said_to_check(self, step: Step, pending: Pending, text: str) -> None:
        if phrases.says(folded(text), phrases.YES) and not asks(text):
            return self.take(step, pending.value, pending.shown)
        if phrases.says(folded(text), phrases.NO) or wish(text) is not None:
            return self.mend(step)
        if asks(text) and self.aside(text):
            return None
        if self.courteous(step, text):
            return None
        self.at = replace(self.at, pending=None)
        again = self.understood(step.answer, text) if step.answer else None
        if isinstance(again, Understood) and again.typed is not None and again.value == pending.value:
            return self.take(step, again.typed, str(again.typed))  # typed the same unusual thing twice: it is meant
        return self.answered(step, text)

    def choose(self, step: Step, index: int) -> None:
        choice = step.choices[index]
        self.visit("steps", step.id, "choices", index)
        if choice.do == "call_person":
            return self.call_person("asked")
        return self.take(step, choice.meaning, choice.label)

    def tapped(self, pressed: str) -> None:
        """A button counts only at the step, run and version it was made for (P9)."""
        if pressed == self.at.tapped and self.at.tapped_at and self.now - self.at.tapped_at <= DOUBLE_TAP:
            return None  # the second tap of a double tap (P7)
        step = self.step
        if step is None:
            return self.nothing_waits(phrases.ENDED_BUTTON)
        ours = key(self.at, step.id, "")
        action = self.action(step, pressed.removeprefix(ours)) if pressed.startswith(ours) else None
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
            return lambda: self.skip(step)
        if (amending := self.amending_button(step, choice)) is not None:
            return amending
        if (picked := self.picked(step, choice)) is not None:
            return picked
        name = self.known.profile_name
        return (lambda: self.take(step, name, name)) if choice == "name" and name else None

    def checked(self, step: Step, pending: Pending, choice: str) -> Callable[[], None] | None:
        """«Всё верно» under another value than the present one confirms nothing (P9)."""
        if choice == f"ok.{mark(pending)}":
            if self.at.offers_former:
                return lambda: self.keep_former(step)
            return lambda: self.take(step, pending.value, pending.shown)
        return (lambda: self.mend(step)) if choice == "fix" else None

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

    def sent(self, thing: Odd) -> None:
        """No words: the answer, where a photo, a file or a place is asked for; a thing for the manager, after the
        application."""
        step = self.step
        if step is None and self.at.applied and thing.what in NAMES and thing.what != "sticker":
            return self.pass_on(f"[{told_thing(thing)}]")
        if step is None or step.answer is None or step.answer.type not in THINGS:
            return self.ask_again(phrases.ODD.get(thing.what, phrases.ODD_OTHER))
        answer = read_thing(step.answer.type, thing)
        if isinstance(answer, Refusal):
            return self.refuse(step, answer.hint, NAMES.get(thing.what, phrases.THING))
        return self.take(step, answer.value, answer.shown)

    def call_person(self, why: Literal["asked", "stuck"]) -> None:
        self.effects.append(CallPerson(why))
        self.say(phrases.PERSON_CALLED.format(promise=promise(self.script, self.known, self.now)))
