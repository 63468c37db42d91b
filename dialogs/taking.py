"""An answer counts, and is remembered as managers read it; or it is none, and the question becomes easier."""

from __future__ import annotations

import re

from dialogs import former, phrases
from dialogs.asking import person_button, question
from dialogs.cities import beside
from dialogs.conditions import names_among
from dialogs.conversation import Value
from dialogs.effects import Asked, Button, Remember
from dialogs.flow import PERSONAL, FlowQuestion, Step
from dialogs.numbers import shown_number
from dialogs.replacing import replace
from dialogs.reviewing import label as called
from dialogs.rules import conditions_of
from dialogs.shown import shown_value
from dialogs.side_questions import asked
from dialogs.values import Values, told
from dialogs.walking import Walk


class Taking(Walk):
    """What becomes of words in the end: an answer, no answer, a question of theirs."""

    def take(self, step: Step, value: Value, shown: str, *, verified: str | None = None) -> None:
        """The answer counts: kept, remembered, and on to the next step."""
        at = former.without(self.at, step.id)
        self.at = replace(at, pending=None, answers={**at.answers, step.id: value})
        self.remember(step, value, shown, verified=verified)
        self.leave(step)

    def remember(
        self, step: Step, value: Value, shown: str, *, kind: str | None = None, verified: str | None = None
    ) -> None:
        if "personal_data" not in self.consents:
            return  # before consent there is only a position (L5)
        russian = self.script.russian
        if russian is not self.script.flow and kind != "note":
            shown = self.in_russian(step, value, shown)
        kind = kind or (step.answer.type if step.answer else "choice")
        if kind == "choice" and not step.card:
            return  # a fork in the road, nothing managers need to read
        if kind == "city" and (hours := beside(str(value), self.script.business.zone, self.now)):
            shown = f"{shown}, {hours}"  # managers see at once when not to call
        label = phrases.NOTE if kind == "note" else called(russian.by_id[step.id]).rstrip("?: ")
        self.effects.append(Remember(step.id, kind, label, value, shown, verified))

    def in_russian(self, step: Step, value: Value, shown: str) -> str:
        """Managers read the Russian labels of what was chosen in another language, and Russian units."""
        russian = self.script.russian.by_id[step.id]
        if russian.answer and russian.answer.type == "number" and isinstance(value, int):
            return shown_number(value, russian.answer.unit)
        return str(shown_value(russian, value)) if step.choices else shown

    def refuse(self, step: Step, hint: str, text: str) -> None:
        """Not an answer: hint, then make it easier, then offer a person. Never a dead end (P3)."""
        hint = self.here.chosen(step.hint, "steps", step.id, "hint") or hint
        self.at = replace(self.at, tries=self.at.tries + 1)
        if self.at.tries == 1 and text.rstrip().endswith("?") and " " in text.strip():  # «что?» only begs our pardon
            return self.ask_with(step, phrases.FOR_A_PERSON, person_button(self.at, step))
        if self.at.tries == 1:
            return self.ask(step, hint)
        if self.at.tries == 2:
            example = phrases.EXAMPLE.format(example=step.example) if self.helps(step) else ""
            return self.ask_with(step, "\n".join(filter(None, (hint, example))), person_button(self.at, step))
        if step.answer and step.answer.type in PERSONAL:
            self.remember(step, text, text, kind="note")
        return self.ask_with(step, phrases.OFFER_PERSON, person_button(self.at, step))

    def helps(self, step: Step) -> bool:
        """Is there an example that does not stand in the question itself?"""
        if not step.example:
            return False
        return not re.search(rf"(?<!\w){re.escape(step.example)}(?!\w)", self.wording(step), re.IGNORECASE)

    def ask_with(self, step: Step, before: str, button: Button) -> None:
        asked = question(self.here, step, before)
        self.effects.append(asked._replace(buttons=(*asked.buttons, button)))

    def aside(self, text: str, *, again: bool = True) -> bool:
        """A side question gets its answer, then the waiting question ``again``. False if it is none, or none of its
        answers fits."""
        found, flow = asked(self.script, text), self.script.flow
        if found is None:
            return False
        place = ("questions", flow.questions.index(found), "answer") if isinstance(found, FlowQuestion) else ()
        answer = self.here.chosen(found.answer, *place)
        if not answer:
            return False
        self.meet(sorted(flow.variants.keys() & names_among(conditions_of(found.answer))))
        self.effects.append(Asked(found.name))
        self.say(told(answer, Values(self.here)) or phrases.OVER)
        if again:
            self.ask_again()
        return True
