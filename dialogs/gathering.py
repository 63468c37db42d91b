"""When words are read: at once, or after a pause in which more may come (P16)."""

from __future__ import annotations

from dialogs import phrases
from dialogs.answers import choose
from dialogs.cleaning import folded
from dialogs.conversation import Messages
from dialogs.correcting import Correcting, joined
from dialogs.flow import Step
from dialogs.replacing import replace
from dialogs.reviewing import wish

MOST = 20  # messages held: who writes on and on is answered all the same
_LETTERS = 4000


class Gathering(Correcting):
    """What somebody writes in several messages is one answer. Nobody waits where one word is enough."""

    def heard(self, text: str, messages: Messages) -> None:
        """Words came: held while more may follow, read otherwise."""
        step, came = self.step, messages or (("", text),)
        if step and self.said_to_offered(step, text):
            return None
        held = (*self.at.held, *came)
        if step and (self.at.held or self.may_go_on(step, text)) and _may_grow(held):
            self.at = replace(self.at, held=held, held_until=self.now + step.gathers)
            return None
        return self.take_words(held, joined(held) if self.at.held else text)

    def read(self) -> None:
        """The pause is over."""
        if self.at.held:
            self.take_words(self.at.held, joined(self.at.held))

    def take_words(self, messages: Messages, text: str) -> None:
        if self.at.held:
            self.at = replace(self.at, held=(), held_until=None)
        if self.step:
            self.note(self.step, messages)
        self.said(text)

    def may_go_on(self, step: Step, text: str) -> bool:
        """Is it prose, of which more may come? Before the consent nothing is kept, so nothing is held (L5)."""
        if not step.gathers or self.at.pending or "personal_data" not in self.consents:
            return False
        word = folded(text)
        if (step.optional and word in phrases.SKIPPED) or (self.corrects(step) and phrases.says(word, phrases.KEPT)):
            return False
        if wish(text, step) is not None:
            return False
        return not isinstance(choose(step.choices, text), int) if step.choices else True


def _may_grow(held: Messages) -> bool:
    return len(held) <= MOST and sum(len(words) for _, words in held) <= _LETTERS
