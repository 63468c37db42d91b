"""Changing an answer given before: at a review, or at any moment in words. Then back to where one was."""

from __future__ import annotations

from collections.abc import Callable

from dialogs import phrases
from dialogs.choosing import asks
from dialogs.cleaning import folded
from dialogs.conversation import address, spot
from dialogs.effects import Forget
from dialogs.flow import Step
from dialogs.replacing import replace
from dialogs.reviewing import Given, given, meant, menu, wish
from dialogs.walking import Walk


class Amending(Walk):
    """What leads back to an answered question, and from there to the question that waits."""

    def amend(self, one: Given) -> None:
        """Ask that question again; ``leave`` brings them back here."""
        assert self.at.step is not None
        calls, step_id = spot(one.place)
        here = self.at.amending or address(self.at.calls, self.at.step)
        formerly = self.at.formerly if self.at.amending else self.at.answers
        self.at = replace(self.at, amending=here, formerly=formerly, calls=calls, pending=None)
        self.enter(step_id, wanted=True)

    def said_to_amend(self, step: Step, text: str) -> bool:
        """«исправить телефон», «хочу изменить»: False if the words are about something else."""
        name = wish(text, step)
        if name is None or self.at.applied:
            return False
        answers = given(self.script, self.at)
        found = meant(answers, name) if name else answers
        if not found or (not name and self.at.pending):
            return False
        if len(found) == 1 and name:
            self.amend(found[0])
        else:
            self.effects.append(menu(self.at, step, found))
        return True

    def said_to_review(self, step: Step, text: str) -> None:
        word = folded(text)
        if phrases.says(word, phrases.YES) and not asks(text):
            return self.leave(step)
        answers = given(self.script, self.at)
        if phrases.says(word, phrases.NO):
            self.effects.append(menu(self.at, step, answers))
            return None
        found = [] if asks(text) else meant(answers, word)  # «зачем вам телефон?» corrects nothing
        return self.amend(found[0]) if len(found) == 1 else self.ask(step)

    def amending_button(self, step: Step, choice: str) -> Callable[[], None] | None:
        """What a button of a review, of its menu, or of a question asked again means."""
        kind, _, which = choice.partition(".")
        answers = given(self.script, self.at)
        if kind == "keep":
            return (lambda: self.keep(step)) if self.corrects(step) else None
        if kind == "more" and answers and which.isascii() and which.isdigit() and len(which) < 4:
            return lambda: self.effects.append(menu(self.at, step, answers, int(which)))
        if kind == "fix" and which:
            found = next((one for one in answers if one.mark == which), None)
            return (lambda: self.amend(found)) if found else None
        if kind == "fix" and step.review:
            return lambda: self.effects.append(menu(self.at, step, answers))
        if kind == "ok" and step.review:
            return lambda: self.leave(step)
        return (lambda: self.ask(step)) if kind == "stay" and answers else None

    def skip(self, step: Step) -> None:
        """Nothing is answered; an answer given before does not stand any more."""
        self.visit("steps", step.id, "optional")
        if step.id in self.at.answers:
            self.at = replace(self.at, answers={one: it for one, it in self.at.answers.items() if one != step.id})
            self.effects.append(Forget(step.id))
        self.leave(step)
