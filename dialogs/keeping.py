"""What is said and tapped where an answer from before is offered: kept, changed, or answered at once."""

from __future__ import annotations

from abc import ABC, abstractmethod

from dialogs import former, phrases
from dialogs.amending import Amending
from dialogs.choosing import asks, choose
from dialogs.cleaning import folded
from dialogs.conversation import Pending
from dialogs.flow import Step
from dialogs.replacing import replace
from dialogs.taking import Taking
from dialogs.understood import Understood
from dialogs.yes_no import read_yes_no


class Keeping(Amending, Taking, ABC):
    """What an offer does; the rest is ``Answering``'s."""

    @abstractmethod
    def answered(self, step: Step, text: str) -> None:
        """Typed as an answer."""

    def mend(self, step: Step) -> None:
        """Not what was understood or offered: the question itself."""
        self.at = replace(self.at, pending=None)
        self.ask(step)

    def said_to_offer(self, step: Step, pending: Pending, text: str) -> None:
        """Yes or no; what is neither is the answer itself. «Да» that may be another answer is asked about."""
        keep = former.meant(text)
        if keep and not self.answers_otherwise(step, pending, text):
            return self.keep_former(step)
        if keep is not None:
            return self.mend(step)
        if step.optional and folded(text) in phrases.SKIPPED:
            self.at = former.without(replace(self.at, pending=None), step.id)
            return self.skip(step)
        if asks(text) and self.aside(text):
            return None
        self.at = former.without(replace(self.at, pending=None), step.id)
        return self.answered(step, text)

    def answers_otherwise(self, step: Step, pending: Pending, text: str) -> bool:
        """Does «да» or «нет» also answer the question, and with something else?"""
        chosen = choose(step.choices, text) if step.choices else None
        if isinstance(chosen, int):
            return step.choices[chosen].meaning != pending.value
        said = read_yes_no(text) if isinstance(pending.value, bool) else None
        return isinstance(said, Understood) and said.value != pending.value

    def keep_former(self, step: Step) -> None:
        """It counts as if it were given now; what does not fit any more by now is asked."""
        kept = self.fits(step)
        if kept is None:
            return self.mend(step)
        values = kept.value if isinstance(kept.value, tuple) else (kept.value,)
        for index, choice in enumerate(step.choices):
            if choice.meaning in values:
                self.visit("steps", step.id, "choices", index)
        return self.take(step, kept.value, kept.shown)
