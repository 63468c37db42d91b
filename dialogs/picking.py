"""Answers that take more than one move: several buttons, a day and then its hour, buttons the bot made itself."""

from __future__ import annotations

from collections.abc import Callable

from dialogs import offering, several
from dialogs.asking import key, person_button, question
from dialogs.choosing import choose
from dialogs.cleaning import folded
from dialogs.conversation import Many
from dialogs.effects import Button
from dialogs.flow import Step
from dialogs.ratings import read_rating
from dialogs.replacing import replace
from dialogs.taking import Taking
from dialogs.understood import Refusal, Understood, Unsure
from dialogs.yes_no import read_yes_no


class Picking(Taking):
    """What such an answer does."""

    # ------------------------------------------------------------ half an answer

    def unsure(self, step: Step, answer: Unsure, text: str) -> None:
        """Ask for the rest; after two tries it counts as not understood."""
        self.at = replace(self.at, tries=self.at.tries + 1, pending=None, day=answer.day or self.at.day)
        if self.at.tries > 2 and not answer.options:
            return self.refuse(step, answer.question, text)
        made = [Button(one.label, key(self.at, step.id, offering.MARK + one.token)) for one in answer.options]
        if self.at.tries > 2:
            made.append(person_button(self.at, step))
        return self.say(answer.question, *made)

    def by_signs(self, step: Step, text: str) -> bool:
        """Is it an answer without a word: a thumb for yes, stars for a mark, a button's picture?"""
        if step.choices and not step.answer:
            return isinstance(choose(step.choices, text), int)
        if step.answer is None or step.answer.type not in ("yes_no", "rating"):
            return False
        read = read_yes_no(text) if step.answer.type == "yes_no" else read_rating(step.answer, text)
        return isinstance(read, Understood)

    # ------------------------------------------------------------ several buttons

    def said_several(self, step: Step, text: str) -> None:
        """Named at once they are the answer; with some ticked already, they are ticked too."""
        assert step.answer is not None
        if self.at.chosen and folded(text) in several.FINISHED:
            return self.done(step)
        answer = several.read_several(step.answer, step.choices, text)
        if not self.at.chosen:
            if isinstance(answer, Refusal):
                return self.refuse(step, answer.hint, text)
            return self.chose(step, answer)
        if isinstance(answer, Refusal):
            return self.refuse(step, answer.hint, text)
        assert isinstance(answer.value, tuple)
        return self.tick(step, several.in_order(step.choices, (*self.at.chosen, *answer.value)))

    def tick(self, step: Step, chosen: Many) -> None:
        """Show what is ticked now; one too many is not."""
        assert step.answer is not None
        most = several.limits(step.answer, step.choices)[1]
        if len(chosen) > most:
            return self.show_ticks(step, several.too_many(most) + " Снимите лишнее или нажмите «Готово».")
        self.at = replace(self.at, chosen=chosen)
        return self.show_ticks(step, several.so_far(step.answer, step.choices, chosen))

    def show_ticks(self, step: Step, text: str) -> None:
        asked = question(self.here, step)
        self.effects.append(asked._replace(text=text))

    def done(self, step: Step) -> None:
        assert step.answer is not None
        answer = several.counted(step.answer, step.choices, self.at.chosen)
        if isinstance(answer, Refusal):
            return self.show_ticks(step, answer.hint)
        return self.chose(step, answer)

    def chose(self, step: Step, answer: Understood) -> None:
        assert isinstance(answer.value, tuple)
        for index, choice in enumerate(step.choices):
            if choice.meaning in answer.value:
                self.visit("steps", step.id, "choices", index)
        return self.take(step, answer.value, answer.shown)

    # ------------------------------------------------------------ taps

    def picked(self, step: Step, choice: str) -> Callable[[], None] | None:
        """What the last part of a key means, if it is of a button made here."""
        if step.answer and step.answer.type == "several":
            if choice == "done":
                return lambda: self.done(step)
            chosen = several.toggled(self.at, step, choice)
            return None if chosen is None else lambda: self.tick(step, chosen)
        if not choice.startswith(offering.MARK):
            return None
        token = choice.removeprefix(offering.MARK)
        answer = offering.redeemed(step, token, now=self.now, business=self.script.business)
        if answer is None:
            return None
        return lambda: self.offered(step, answer)

    def offered(self, step: Step, answer: Understood | Unsure) -> None:
        if isinstance(answer, Unsure):
            return self.unsure(step, answer, "")
        return self.take(step, answer.value, answer.shown)
