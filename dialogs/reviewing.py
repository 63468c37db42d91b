"""The answers so far, shown to be checked, and which of them somebody wants to change."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from dialogs import phrases
from dialogs.asking import key
from dialogs.choosing import named
from dialogs.cleaning import cut, folded
from dialogs.conversation import Conversation, spot
from dialogs.effects import Button, Say
from dialogs.flow import Step
from dialogs.flow_set import Script
from dialogs.rules import texts_of
from dialogs.shown import shown_to
from dialogs.situation import Situation
from dialogs.things import THINGS, attached
from dialogs.tongues import value_in_language
from dialogs.values import Values, told

LONGEST = 160  # of one answer within the list
_WHOLE = 3500
_ON_A_PAGE = 5  # VK shows six rows: with «Другие ответы» or «Всё верно»
_LABEL = 40
_WISH = re.compile(
    r"(?:(?:i|want|to|please|no|я|нет|не верно|неверно|нужно|надо|можно|хочу|хотел бы|хотела бы|давайте|прошу) )*"
    # nouns and the like answer a question: «замена масла», «смена»
    r"(?!(?:замен[аеуы]|замено\w+|смен[аеуы]|смено\w+|смен[кнщ]\w+|\w+ени[еяю]|поправил(?:ась|ись|ся))(?: |$))"
    r"(?:change|correct|fix|edit|mend|исправ|измен|помен|переправ|поправ|смен|замен)\w{0,5}(?: |$)"
    r"(?:(?:my|the|answer|ответ|ответы|вопрос|пункт|строку|на|про|мой|мою|мое|мои|пожалуйста|данные) ?)*"
)

_OF_AN_ANSWER = re.compile(r"исправ\w{0,5}(?: |$)|(?:^| )ответ(?:ы|а|ов)?(?: |$)")

_VERB = re.compile(r"(?i)\b(?:change|correct|fix|edit|mend)\b|испра|изме|поме|попра|перепра|сме|заме")  # as it is typed


@dataclass(frozen=True, slots=True)
class Given:
    """One answer as people read it. ``place``: the address of its question."""

    place: str
    step: Step
    label: str
    shown: str

    @property
    def line(self) -> str:
        asked = self.label.endswith(("?", ":"))
        return f"— {self.label}{'' if asked else ':'} {self.shown}"

    @property
    def mark(self) -> str:
        """Says on a button which answer is meant; a key has no room for the address itself."""
        return f"{zlib.crc32(self.place.encode()):x}"


def given(script: Script, at: Conversation, now: datetime | None = None) -> list[Given]:
    """The answers so far, in the order they were given. A fork in the road without ``card`` is none.

    ``now`` lets a near day go without its year.
    """
    last = {spot(place)[1]: place for place in at.path}
    found = []
    for step_id, place in last.items():
        step = script.flow.by_id.get(step_id)
        if step and step_id in at.answers and (step.answer or step.card or step.ask):
            shown = str(shown_to(at, step, at.answers[step_id], now, script.business.zone))
            if step.answer and step.answer.type in THINGS:
                shown = value_in_language(attached(shown), at.language)
            called = value_in_language(label(step), at.language)
            found.append(Given(place, step, called, cut(" ".join(shown.split()), LONGEST)))
    labels = Counter(one.label for one in found)
    return [_by_question(one) if labels[one.label] > 1 else one for one in found]


def _by_question(one: Given) -> Given:
    """Two names or two phones are told apart by what was asked."""
    asked = next(iter(texts_of(one.step.text)), "")
    return one if one.step.card or not asked else replace(one, label=_question(asked))


def label(step: Step) -> str:
    """What the answer is called: as on the managers' card, else by its kind, else by the question."""
    kind = step.answer.type if step.answer else ""
    return step.card or phrases.LABELS.get(kind) or _question(next(iter(texts_of(step.text)), ""))


@lru_cache(maxsize=1024)
def _question(text: str) -> str:
    asked = told(text, {}).split("\n")[-1].lstrip(" ,.!—")  # «{{ name }}, когда…» without the name
    return cut(asked[:1].upper() + asked[1:], LONGEST)


def review(here: Situation, step: Step, before: str = "") -> Say:
    """«Проверьте…»: every answer, and two ways on."""
    at = here.at
    head = told(here.chosen(step.say, "steps", step.id, "say"), Values(here)) or phrases.REVIEW
    lines = cut("\n".join(one.line for one in given(here.script, at, here.now)), _WHOLE)
    text = "\n\n".join(filter(None, (before, f"{head}\n{lines}", phrases.REVIEW_ASKS)))
    return Say(text, (Button(phrases.RIGHT, key(at, step.id, "ok")), Button(phrases.MEND, key(at, step.id, "fix"))))


def menu(at: Conversation, step: Step, answers: Sequence[Given], start: int = 0) -> Say:
    """A button for each answer, a page at a time; the last button leaves all as it is."""
    page = answers[start : start + _ON_A_PAGE]
    buttons = [Button(cut(one.label, _LABEL), key(at, step.id, f"fix.{one.mark}")) for one in page]
    if start + len(page) < len(answers):
        buttons.append(Button(phrases.MORE, key(at, step.id, f"more.{start + len(page)}")))
    else:
        stay = (phrases.RIGHT, "ok") if step.review else (phrases.KEEP, "stay")
        buttons.append(Button(stay[0], key(at, step.id, stay[1])))
    return Say(phrases.WHICH_TO_MEND, tuple(buttons))


def wish(text: str, step: Step | None = None) -> str | None:
    """What somebody wants to change: «телефон» of «исправить мой телефон»; "" when they do not say what; None: nothing
    of the kind was said.

    Where ``step`` takes any words, «заменить телефон» is what they came for: there only «исправить …» or «… ответ» is
    about an answer.
    """
    said = folded(text)
    found = _WISH.match(said)
    if found is None or not _VERB.search(text):
        return None
    if step and step.answer and step.answer.type == "text" and not _OF_AN_ANSWER.search(found[0]):
        return None
    return said[found.end() :].strip()


def meant(answers: Sequence[Given], name: str) -> list[Given]:
    """The answers that are called so."""
    kinds = (phrases.LABELS.get(one.step.answer.type, "") if one.step.answer else "" for one in answers)
    return [
        answers[place] for place in named([(one.label, kind) for one, kind in zip(answers, kinds, strict=True)], name)
    ]
