"""Going through a flow: which step is next, what is said on the way, where the person then stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from dialogs import phrases
from dialogs.asking import (
    MOST_STEPS,
    branch_taken,
    confirmation,
    next_step,
    question,
    told,
    values,
)
from dialogs.assessment import hands_over
from dialogs.conversation import (
    Apply,
    Button,
    CallPerson,
    Conversation,
    Effect,
    Forget,
    IssueCode,
    Known,
    Pending,
    RecordVariant,
    Say,
)
from dialogs.flow import PERSONAL, Script, Step
from dialogs.situation import Situation, variant


class Walk:
    """One decision in the making: where the person stands, and what follows while the event is decided."""

    def __init__(self, script: Script, at: Conversation, now: datetime, known: Known, newest: Script | None) -> None:
        self.script, self.at, self.now, self.known, self.newest = script, at, now, known, newest
        self.effects: list[Effect] = []
        self.consents = dict(known.consents)
        self.handed_over = False

    # ------------------------------------------------------------ where we are

    @property
    def step(self) -> Step | None:
        return self.script.flow.by_id.get(self.at.step) if self.at.step else None

    @property
    def here(self) -> Situation:
        """What conditions look at now."""
        return Situation(self.script, self.at, self.known, self.now)

    def tell(self, step: Step) -> None:
        """What the step says, if its conditions let it say anything."""
        if text := self.here.chosen(step.text):
            self.say(told(text, values(self.script, self.at, self.known, self.now)))

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

    def check(self, step: Step, pending: Pending) -> None:
        """Show what was understood; it counts when confirmed."""
        self.at = replace(self.at, pending=pending)
        self.effects.append(confirmation(self.at, step, pending.question))

    # ------------------------------------------------------------ moving

    def visit(self, *place: str | int) -> None:
        """Somebody rehearses and wants to know what is visited."""
        if self.script.watch:
            self.script.watch(self.script.flow.flow, place)

    def onward(self, step: Step) -> str:
        """The step after this one, by what is known."""
        following = next_step(self.script, step, self.here)
        if self.script.watch and isinstance(step.go, tuple):
            number = branch_taken(step, self.here)
            if number is not None and step.go[number].go == following:  # else the chosen button led elsewhere
                self.visit("steps", step.id, "go", number)
        return following

    def skip(self, step: Step) -> None:
        self.visit("steps", step.id, "optional")
        self.leave(step)

    def enter(self, step_id: str) -> None:
        """Go to a step: say and pass those that do not wait, stop at the first that does (A8: at most 50)."""
        for _ in range(MOST_STEPS):
            step = self.stand_at(step_id)
            if step is None or (step.waits and self.handed_over):  # where a person has the word, no question waits
                self.at = replace(self.at, step=None)
                return None
            if self.skips(step):
                step_id = self.onward(step)
                continue
            if step.application:
                return self.apply(step)
            if step.waits:
                return self.ask(step)
            self.tell(step)
            step_id = self.onward(step)
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
            self.at = replace(self.at, chosen=(), day="")
            self.visit("steps", step.id)
            self.meet(self.script.flow.variants_at.get(step.id, ()))
        return step

    def meet(self, names: Iterable[str]) -> None:
        """From now on these variants are the person's: kept, and told to the reports."""
        for name in names:
            drawn = variant(self.here, name)
            if self.at.variants.get(name) != drawn:
                self.at = replace(self.at, variants={**self.at.variants, name: drawn})
                self.effects.append(RecordVariant(name, drawn))

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
        self.enter(self.onward(step))

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
            self.tell(step)
        if hands_over(self.here):
            self.handed_over = True
            self.effects.append(CallPerson("hand_over"))
        self.enter(self.onward(step))
