"""What is said and tapped where a consent is asked for."""

from __future__ import annotations

from dialogs import phrases
from dialogs.choosing import asks
from dialogs.cleaning import folded
from dialogs.effects import PassOn, RecordConsent
from dialogs.flow import Step
from dialogs.promising import promise
from dialogs.replacing import replace
from dialogs.taking import Taking


class Consenting(Taking):
    """A consent is given or refused on the wording that was shown, and on none else."""

    def said_to_consent(self, step: Step, text: str) -> None:
        word = folded(text)
        if phrases.says(word, phrases.DISAGREED):
            return self.consented(step, given=False)
        if phrases.says(word, phrases.AGREED) and not asks(text):  # «Согласен?» agrees to nothing
            return self.consented(step, given=True)
        if self.aside(text):
            return None
        if self.at.applied:
            return self.pass_on(text)  # a question about the application, most likely; the buttons are still there
        return self.ask(step, phrases.CONSENT_FIRST if step.consent == "personal_data" else phrases.CONSENT_BY_BUTTON)

    def consented(self, step: Step, *, given: bool) -> None:
        """Record the wording that was shown; a wording that has changed meanwhile is asked anew (P45)."""
        assert step.consent is not None
        shown = self.at.shown or self.script.consents[step.consent].digest
        self.effects.append(RecordConsent(step.consent, given, shown))
        if given:
            self.consents = {**self.consents, step.consent: shown}
            self.known = self.known._replace(consents=self.consents)
            self.at = replace(self.at, refused=False)
        newest = self.newest if self.newest and step.id in self.newest.flow.by_id else None
        if given and newest and step.consent in newest.consents and newest.wording(step.consent, shown) is None:
            self.stand_at(step.id)
            return self.ask(step, phrases.CONSENT_CHANGED)
        if given or step.consent == "advertising":
            return self.enter(self.onward(step))
        self.at = replace(self.at, refused=True)
        if step.refused:
            self.visit("steps", step.id, "refused")
            return self.enter(step.refused)
        self.at = replace(self.at, step=None)
        return self.say(phrases.REFUSED)

    def pass_on(self, text: str) -> None:
        self.effects.append(PassOn(text))
        self.say(f"{phrases.PASSED_ON} {promise(self.script, self.known, self.now)}")
