"""A flow as its author writes it: the words of the language, as pydantic models (their JSON Schema is the editor's)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, StrictStr, WithJsonSchema

from dialogs.business import Business
from dialogs.durations import Duration

StepId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
FlowId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=24)]
Prose = StrictStr
Label = Annotated[StrictStr, Field(min_length=1)]
END = "end"


class Part(BaseModel):
    """Every part of the language: frozen, and no word it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Consents(Part):
    """Files (beside the flow) with the wording of each consent."""

    personal_data: StrictStr
    advertising: StrictStr | None = None


def _until(value: object) -> object:
    return date.fromisoformat(value) if isinstance(value, str) else value


class Offer(Part):
    """What the prospect gets for the application. A promo code has a stock; a consultation names its price (D22)."""

    title: Prose
    kind: Literal["promo_code", "consultation"] = "promo_code"
    stock: Annotated[StrictInt, Field(ge=1, le=1_000_000)] | None = None
    valid: Duration | None = None
    until: Annotated[date, BeforeValidator(_until)] | None = None
    conditions: Prose | None = None
    price: Prose | None = None


class ScoreRule(Part):
    """``if`` the condition holds, ``add`` points, for this ``reason`` (managers read it)."""

    condition: Annotated[StrictStr, Field(alias="if")]
    add: StrictInt
    reason: Prose


class Branch(Part):
    """``if`` the condition holds, go there; the last branch may have no ``if``: otherwise."""

    condition: Annotated[StrictStr | None, Field(alias="if")] = None
    go: StepId


class Choice(Part):
    """One button of a question. ``value`` is what conditions see (the label, when not given)."""

    label: Label
    value: StrictStr | StrictInt | None = None
    words: tuple[StrictStr, ...] = ()
    go: StepId | None = None
    do: Literal["call_person"] | None = None
    score: StrictInt | None = None
    reason: Prose | None = None

    @property
    def meaning(self) -> str | int:
        return self.label if self.value is None else self.value


AnswerType = Literal["text", "number", "phone", "email", "name"]


class AnswerSpec(Part):
    """What kind of answer is expected, with its bounds."""

    type: AnswerType
    least: Annotated[StrictInt | Literal["this_year"] | None, Field(alias="from")] = None
    most: Annotated[StrictInt | Literal["this_year"] | None, Field(alias="to")] = None
    unit: Prose | None = None


def _spelled(value: object) -> object:
    return {"type": value} if isinstance(value, str) else value


Answer = Annotated[
    AnswerSpec,
    BeforeValidator(_spelled),
    WithJsonSchema(
        {"anyOf": [{"enum": ["text", "number", "phone", "email", "name"]}, {"$ref": "#/$defs/AnswerSpec"}]},
        mode="validation",
    ),
]


class Step(Part):
    """One exchange: ``say`` something, or ``ask`` a question with an ``answer`` or ``choices``, or ask a ``consent``,
    or make the ``application``. The next step is the next in the list, unless ``go`` says otherwise."""

    id: StepId
    say: Prose | None = None
    ask: Prose | None = None
    answer: Answer | None = None
    choices: tuple[Choice, ...] = ()
    optional: StrictBool = False
    hint: Prose | None = None
    example: Prose | None = None
    consent: Literal["personal_data", "advertising"] | None = None
    refused: StepId | None = None
    application: StrictStr | StrictBool | None = None
    go: StepId | tuple[Branch, ...] | None = None
    card: Label | None = None
    purpose: Prose | None = None
    score: tuple[ScoreRule, ...] = ()

    @property
    def waits(self) -> bool:
        """Does the dialog stop here for an answer?"""
        return bool(self.answer or self.choices or self.consent)

    @property
    def text(self) -> str:
        return self.ask or self.say or ""


class SilenceRule(Part):
    """``after`` this long without an answer, ``say`` this; or ``mark`` the lead."""

    after: Duration
    kind: Literal["service", "advertising"] = "service"
    say: Prose | None = None
    mark: Literal["cold"] | None = None


class Flow(Part):
    """A whole dialog, one file."""

    flow: FlowId
    title: Prose
    words: tuple[StrictStr, ...] = ()
    contact_kind: Literal["quick", "registration", "promo", "interested"] | None = None
    consent: Consents
    offers: Mapping[str, Offer] = {}
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    silence: tuple[SilenceRule, ...] = ()
    confirmed: tuple[StrictStr, ...] = ()
    """Names of warnings that the author has seen and confirms."""

    @cached_property
    def by_id(self) -> Mapping[str, Step]:
        return {step.id: step for step in self.steps}

    @cached_property
    def following(self) -> Mapping[str, str]:
        """step id -> id of the next in the list (``end`` after the last)."""
        ids = [step.id for step in self.steps]
        return dict(zip(ids, [*ids[1:], END], strict=True))


@dataclass(frozen=True, slots=True)
class ConsentText:
    """A consent's wording. ``digest`` (sha256 of the text) is its version (A17)."""

    path: str
    text: str
    digest: str


@dataclass(frozen=True, slots=True)
class Script:
    """One flow with all that it needs at run time. What ``dialogs.engine.advance`` runs."""

    version: int
    flow: Flow
    business: Business
    consents: Mapping[str, ConsentText]  # by purpose


@dataclass(frozen=True, slots=True)
class FlowSet:
    """Everything published together: flows, business, consent texts. It goes live whole or not at all (A4)."""

    version: int
    flows: Mapping[str, Flow]
    business: Business
    consents: Mapping[str, ConsentText]  # by path

    def script(self, flow: str) -> Script:
        """Raises KeyError for a flow that is not in the set."""
        found = self.flows[flow]
        paths = {"personal_data": found.consent.personal_data, "advertising": found.consent.advertising}
        texts = {purpose: self.consents[path] for purpose, path in paths.items() if path}
        return Script(self.version, found, self.business, texts)


