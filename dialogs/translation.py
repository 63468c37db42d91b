"""A flow's texts in another language, in a file beside it: ``tours.en.yaml`` beside ``tours.yaml``.

It mirrors the flow by its names and holds nothing but texts: no condition, no jump, no points can stand in it. What it
leaves out is said in Russian, text by text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator, Field, StrictStr

from dialogs.business import Part
from dialogs.flow import Choice, Flow, FlowId, Label, OfferId, SilenceRule, Step, StepId
from dialogs.rules import Prose, Text

RUSSIAN = "ru"
Place = tuple[str | int, ...]
"""Where a text stands, in the translation's file: ``("steps", "hello", "say")``, ``("offers", "early", "title")``."""


def _code(code: str) -> str:
    if len(code) != 2 or not (code.isascii() and code.islower()):
        raise ValueError(f"«{code}» — не код языка; напишите две строчные латинские буквы, например en")
    if code == RUSSIAN:
        raise ValueError("русский текст стоит в самом сценарии; назовите другой язык, например en")
    return code


Said = Prose | Annotated[tuple[Prose, ...], Field(min_length=1)]
"""One text; or, where the flow chooses among several by ``if``, as many in the same order."""


class OfferTexts(Part):
    """An offer's texts."""

    title: Prose | None = Field(None, description="Что получает человек.")
    conditions: Prose | None = Field(None, description="Условия.")
    price: Prose | None = Field(None, description="Обычная цена.")


class StepTexts(Part):
    """A step's texts."""

    say: Said | None = Field(None, description="Перевод say; если там тексты с if — столько же текстов, по порядку.")
    ask: Said | None = Field(None, description="Перевод ask; если там тексты с if — столько же текстов, по порядку.")
    hint: Said | None = Field(None, description="Перевод подсказки.")
    example: Prose | None = Field(None, description="Пример ответа на этом языке.")
    unit: Prose | None = Field(None, description="Единица, в которой отвечают.")
    card: Prose | None = Field(None, description="Как назван ответ, когда человек проверяет свои ответы.")
    purpose: Prose | None = Field(None, description="Зачем нужен ответ; человек увидит это, спросив о своих данных.")
    choices: Mapping[str, Label] = Field({}, description="Кнопки: value (без него — русская надпись) и перевод.")
    silence: tuple[Said, ...] = Field((), description="Что пишем молчащим на этом шаге, по порядку.")


class Translation(Part):
    """A whole file."""

    translation: FlowId = Field(description="Имя сценария, который здесь переведён.")
    language: Annotated[StrictStr, AfterValidator(_code)] = Field(description="Язык перевода двумя буквами: en.")
    title: Prose | None = Field(None, description="Название сценария.")
    offers: Mapping[OfferId, OfferTexts] = Field({}, description="Предложения: имя и его тексты.")
    steps: Mapping[StepId, StepTexts] = Field({}, description="Шаги, и шаги частей: имя шага и его тексты.")
    questions: Mapping[str, Said] = Field(
        {},
        description="Частые вопросы: id (без него — первые words) и ответ; если там тексты с if — столько же, "
        "по порядку.",
    )
    silence: tuple[Said, ...] = Field((), description="Что пишем тем, кто замолчал, по порядку.")
    dates: tuple[Said, ...] = Field((), description="Что пишем до и после дат, по порядку.")
    confirmed: tuple[StrictStr, ...] = Field(
        (), description="Имена предупреждений, которые вы видели и считаете верными."
    )

    @property
    def texts(self) -> Mapping[Place, str]:
        """Every text of the file, by its place."""
        return dict(_leaves((), self.model_dump(exclude={"translation", "language", "confirmed"}, exclude_none=True)))


def _leaves(place: Place, value: object) -> Iterator[tuple[Place, str]]:
    if isinstance(value, str):
        yield place, value
        return
    below = value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, tuple) else ())
    for name, one in below:
        yield from _leaves((*place, name), one)


def spoken(flow: Flow) -> Mapping[Place, str]:
    """Every text of the flow that people read, by the place which its translation has."""
    found: dict[Place, str] = {("title",): flow.title}
    for name, offer in flow.offers.items():
        told = {"title": offer.title, "conditions": offer.conditions, "price": offer.price}
        found |= {("offers", name, key): text for key, text in told.items() if text}
    for step in flow.every_step:
        here: Place = ("steps", step.id)
        for key, said in (("say", step.say), ("ask", step.ask), ("hint", step.hint), ("example", step.example)):
            found |= _several((*here, key), said)
        if step.answer and step.answer.unit:
            found[(*here, "unit")] = step.answer.unit
        found |= {(*here, key): text for key, text in (("card", step.card), ("purpose", step.purpose)) if text}
        found |= {(*here, "choices", str(one.meaning)): one.label for one in step.choices}
        found |= _rules((*here, "silence"), [rule.say for rule in step.silence or ()])
    for question in flow.questions:
        found |= _several(("questions", question.name), question.answer)
    found |= _rules(("silence",), [rule.say for rule in flow.silence])
    return found | _rules(("dates",), [rule.say for rule in flow.dates])


def _rules(place: Place, says: list[Text | None]) -> dict[Place, str]:
    """Rules that say nothing have no place."""
    found: dict[Place, str] = {}
    for number, said in enumerate(one for one in says if one):
        found |= _several((*place, number), said)
    return found


def _several(place: Place, said: Text | None) -> dict[Place, str]:
    if said is None:
        return {}
    return {place: said} if isinstance(said, str) else {(*place, at): one.text for at, one in enumerate(said)}


def translated(flow: Flow, texts: Mapping[Place, str]) -> Flow:
    """The same flow saying ``texts``; its logic, its names and what managers read stay as they are."""
    changed = {
        "title": texts.get(("title",), flow.title),
        "offers": {
            name: offer.model_copy(update=_found(texts, ("offers", name), "title", "conditions", "price"))
            for name, offer in flow.offers.items()
        },
        "steps": tuple(_step(one, texts) for one in flow.steps),
        "parts": {name: tuple(_step(one, texts) for one in steps) for name, steps in flow.parts.items()},
        "questions": tuple(
            one.model_copy(update={"answer": _said(one.answer, ("questions", one.name), texts)})
            for one in flow.questions
        ),
        "silence": _silence(flow.silence, ("silence",), texts),
        "dates": tuple(
            one.model_copy(update={"say": _said(one.say, ("dates", at), texts)}) for at, one in enumerate(flow.dates)
        ),
    }
    # not model_copy: it would take along what the flow has worked out from its Russian texts
    return Flow.model_construct(**{name: getattr(flow, name) for name in Flow.model_fields} | changed)


def _found(texts: Mapping[Place, str], place: Place, *keys: str) -> dict[str, str]:
    return {key: texts[*place, key] for key in keys if (*place, key) in texts}


def _step(step: Step, texts: Mapping[Place, str]) -> Step:
    here: Place = ("steps", step.id)
    changed: dict[str, object] = {
        key: _said(said, (*here, key), texts)
        for key, said in (("say", step.say), ("ask", step.ask), ("hint", step.hint))
    }
    changed |= _found(texts, here, "example", "card", "purpose")
    if step.answer and (unit := texts.get((*here, "unit"))):
        changed["answer"] = step.answer.model_copy(update={"unit": unit})
    changed["choices"] = tuple(_choice(one, texts.get((*here, "choices", str(one.meaning)))) for one in step.choices)
    if step.silence:
        changed["silence"] = _silence(step.silence, (*here, "silence"), texts)
    return step.model_copy(update=changed)


def _choice(choice: Choice, label: str | None) -> Choice:
    """The Russian label goes on being understood, and is what conditions see where there is no ``value``."""
    if label is None:
        return choice
    words = (*choice.words, choice.label)
    return choice.model_copy(update={"label": label, "value": choice.meaning, "words": words})


def _silence(rules: tuple[SilenceRule, ...], place: Place, texts: Mapping[Place, str]) -> tuple[SilenceRule, ...]:
    number, changed = 0, []
    for rule in rules:
        changed.append(rule.model_copy(update={"say": _said(rule.say, (*place, number), texts)}) if rule.say else rule)
        number += bool(rule.say)
    return tuple(changed)


def _said(said: Text | None, place: Place, texts: Mapping[Place, str]) -> Text | None:
    if said is None or isinstance(said, str):
        return said if said is None else texts.get(place, said)
    return tuple(one.model_copy(update={"text": texts.get((*place, at), one.text)}) for at, one in enumerate(said))
