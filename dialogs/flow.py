"""A flow as its author writes it: the words of the language, as pydantic models (their JSON Schema is the editor's)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, StrictBool, StrictInt, StrictStr

from dialogs.bounds import Bound
from dialogs.business import CalendarDay, ChannelName, Part, SideQuestion
from dialogs.cleaning import folded
from dialogs.conditions import names_among
from dialogs.conversation import Value
from dialogs.durations import Duration
from dialogs.flow_conditions import conditions
from dialogs.pauses import USUAL, Pause
from dialogs.rules import HandOverRule, Prose, ScoreRule, TagRule, Text, WorthRule, texts_of

OfferId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
StepId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
FlowId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=24)]
Weights = Annotated[Mapping[OfferId, Annotated[StrictInt, Field(ge=1, le=1000)]], Field(min_length=1)]
Label = Annotated[StrictStr, Field(min_length=1)]
END = "end"
RETURN = "return"


class Consents(Part):
    """Files (beside the flow) with the wording of each consent."""

    personal_data: StrictStr = Field(description="Файл с текстом согласия на обработку персональных данных.")
    advertising: StrictStr | None = Field(None, description="Файл с текстом согласия на рекламные сообщения.")


class Offer(Part):
    """What the prospect gets for the application. A promo code has a stock; a consultation names its price (D22)."""

    title: Prose = Field(description="Что получает человек, одной строкой.")
    kind: Literal["promo_code", "consultation"] = Field(
        "promo_code", description="Вид: promo_code — промокод (так и без этого ключа), consultation — консультация."
    )
    stock: Annotated[StrictInt, Field(ge=1, le=1_000_000)] | None = Field(
        None, description="Сколько промокодов всего; по нему считается честный остаток."
    )
    own_codes: StrictBool = Field(
        False,
        description="Промокоды свои: их загружают командой leadbot codes import, сколько загрузили — столько и есть.",
    )
    valid: Duration | None = Field(None, description="Сколько действует с минуты выдачи, например 14 days.")
    until: CalendarDay | None = Field(None, description='Последний день предложения, например "2027-06-30".')
    conditions: Prose | None = Field(None, description="Условия: на что, кому, с какими оговорками.")
    price: Prose | None = Field(None, description="Обычная цена консультации, например 2 500 ₽.")

    def ended(self, now: datetime, zone: ZoneInfo) -> bool:
        """Is its last day over, where the business is?"""
        return self.until is not None and now.astimezone(zone).date() > self.until


class Branch(Part):
    """``if`` the condition holds, go there; the last branch may have no ``if``: otherwise."""

    condition: Annotated[StrictStr | None, Field(alias="if")] = Field(
        None, description="Условие; у последней ветки его нет — это «иначе»."
    )
    go: StepId = Field(description="На какой шаг идти (end — закончить, return — вернуться из части).")


class Choice(Part):
    """One button of a question. ``value`` is what conditions see (the label, when not given)."""

    label: Label = Field(description="Надпись на кнопке.")
    value: StrictStr | StrictInt | None = Field(None, description="Что видят условия; если нет — сама надпись.")
    words: tuple[StrictStr, ...] = Field((), description="Слова, которые значат то же, что эта кнопка.")
    renamed_from: tuple[StrictStr | StrictInt, ...] = Field(
        (), description="Прежние value этой кнопки: кто уже ответил ими, ответил этим."
    )
    go: StepId | None = Field(
        None, description="На какой шаг ведёт кнопка (end — закончить, return — вернуться из части)."
    )
    do: Literal["call_person"] | None = Field(None, description="call_person — позвать человека.")
    score: StrictInt | None = Field(None, description="Баллы за этот ответ.")
    reason: Prose | None = Field(None, description="За что баллы — словами для менеджера.")

    @property
    def meaning(self) -> str | int:
        return self.label if self.value is None else self.value


AnswerType = Literal[
    "text", "number", "phone", "email", "name", "yes_no", "several", "date", "time", "call_time", "city", "rating",
    "photo", "file", "location",
]  # fmt: skip
DATED = frozenset({"date", "time"})
TYPED = frozenset({"text", "number", "phone", "email", "name", "date", "time", "call_time", "city"})
"""Kinds of answers that people type, perhaps in several messages."""
PERSONAL = frozenset({"text", "name", "phone", "email", "city", "photo", "file", "location"})
"""Kinds of answers that may hold something about a person: asked after the consent (L5), each with a purpose."""


class AnswerSpec(Part):
    """What kind of answer is expected, with its bounds."""

    type: AnswerType = Field(
        description="Вид ответа: text — текст, number — число, phone — телефон, yes_no — да или нет, date — день "
        "и другие."
    )
    least: Annotated[Bound | None, Field(alias="from")] = Field(
        None,
        description="Наименьшее: число (this_year — текущий год), день (today, дата, срок от сегодня: 2 weeks) "
        "или сколько кнопок.",
    )
    most: Annotated[Bound | None, Field(alias="to")] = Field(
        None,
        description="Наибольшее: число (this_year — текущий год), день (today, дата, срок от сегодня: 1 year) "
        "или сколько кнопок.",
    )
    unit: Prose | None = Field(None, description="Единица, в которой отвечают: лет, км, ₽.")
    within: Literal["working_hours"] | None = Field(
        None, description="working_hours — только часы, когда вы работаете; у ответа time."
    )


def _spelled(value: object) -> object:
    return {"type": value} if isinstance(value, str) else value


Answer = Annotated[AnswerSpec, BeforeValidator(_spelled, json_schema_input_type=AnswerType | AnswerSpec)]


class SilenceRule(Part):
    """``after`` this long without an answer, ``say`` this; or ``mark`` the lead."""

    after: Duration = Field(description="Сколько ждать после последнего слова человека: 20 min, 1 day.")
    kind: Literal["service", "advertising"] = Field(
        "service", description="service — про его собственную заявку; advertising — про предложение (нужно согласие)."
    )
    say: Text | None = Field(None, description="Что написать: текст или тексты с if.")
    mark: Literal["cold"] | None = Field(None, description="cold — считать лид остывшим; только в последнем правиле.")


class FlowQuestion(SideQuestion):
    """A flow's own; its answer may hang on what the person has answered."""

    answer: Text = Field(description="Что ответить: текст или тексты с if. Потом бот повторит свой вопрос.")


class DatedRule(Part):
    """So long ``before`` or ``after`` the day or moment that the question ``of`` was answered with, ``say`` this."""

    of: StepId = Field(description="Вопрос, ответ на который — дата или время.")
    before: Duration | None = Field(None, description="За сколько до этой даты: 14 days, 2 h.")
    after: Duration | None = Field(None, description="Через сколько после неё: 1 day.")
    kind: Literal["service", "advertising"] = Field(
        "service", description="service — про его собственную заявку; advertising — про предложение (нужно согласие)."
    )
    condition: Annotated[StrictStr | None, Field(alias="if")] = Field(
        None, description="Условие: напомнить только тем, для кого оно верно."
    )
    say: Text = Field(description="Что написать: текст или тексты с if.")
    go: StepId | None = Field(None, description="На какой шаг ведёт кнопка «Продолжить»; без go кнопки нет.")


class Step(Part):
    """One exchange: ``say`` something, or ``ask`` a question with an ``answer`` or ``choices``, or ask a ``consent``,
    or ``review`` the answers, or go through a ``part``, or make the ``application``. The next step is the next in the
    list, unless ``go`` says otherwise."""

    id: StepId = Field(description="Имя шага: латинские строчные буквы, цифры и _. На него ссылаются go и тексты.")
    say: Text | None = Field(None, description="Сказать: текст без вопроса или тексты с if.")
    ask: Text | None = Field(None, description="Спросить: к вопросу нужен answer или choices. Текст или тексты с if.")
    answer: Answer | None = Field(None, description="Какого ответа ждём: text, number, phone, date и другие.")
    choices: tuple[Choice, ...] = Field((), description="Кнопки; сказать то же словами тоже можно.")
    optional: StrictBool = Field(False, description="true — вопрос можно пропустить.")
    hint: Text | None = Field(None, description="Подсказка, когда ответ не понят. Текст или тексты с if.")
    example: Prose | None = Field(None, description="Пример ответа, в кавычках.")
    pause: Pause | None = Field(
        None,
        description="Сколько ждать продолжения, прежде чем читать ответ: 4 seconds; 0 — не ждать. "
        "Текст ждёт 3 секунды, остальное не ждёт.",
    )
    consent: Literal["personal_data", "advertising"] | None = Field(
        None,
        description="Показать текст согласия и спросить его: personal_data — на обработку данных, "
        "advertising — на рекламу.",
    )
    refused: StepId | None = Field(None, description="Куда идти, если согласия не дали.")
    application: StrictStr | StrictBool | None = Field(
        None, description="Оформить заявку: имя предложения из offers или true."
    )
    review: StrictBool = Field(
        False, description="true — показать ответы: «Всё верно» или «Исправить» любой из них; say — слова над ними."
    )
    part: StepId | None = Field(None, description="Пройти часть из parts и вернуться сюда, к следующему шагу.")
    picture: StrictStr | None = Field(
        None, description="Картинка перед текстом шага: файл в папке сценариев, jpg, png или webp."
    )
    document: StrictStr | None = Field(
        None, description="Документ перед текстом шага: файл в папке сценариев, pdf, docx, xlsx или pptx."
    )
    go: StepId | tuple[Branch, ...] | None = Field(
        None, description="Какой шаг дальше, если не следующий по списку: имя шага, end, return или ветки с if."
    )
    renamed_from: tuple[StepId, ...] = Field(
        (), description="Прежние имена этого шага: кто стоит на нём или ответил на него, ничего не заметит."
    )
    card: Label | None = Field(None, description="Как ответ подписан в карточке у менеджеров.")
    purpose: Prose | None = Field(None, description="Зачем нужен ответ; человек увидит это, спросив о своих данных.")
    score: tuple[ScoreRule, ...] = Field((), description="Баллы по условиям.")
    silence: tuple[SilenceRule, ...] | None = Field(
        None, description="Правила молчания на этом шаге вместо общих; [] — на этом шаге не напоминать."
    )

    @property
    def waits(self) -> bool:
        """Does the dialog stop here for an answer?"""
        return bool(self.answer or self.choices or self.consent or self.review)

    @property
    def gathers(self) -> timedelta:
        """How long to wait for more words before an answer is read."""
        if self.pause is not None:
            return self.pause
        return USUAL if self.answer is not None and self.answer.type == "text" else timedelta()

    @property
    def text(self) -> Text | None:
        return self.ask or self.say

    def choice_taken(self, answers: Mapping[str, Value]) -> Choice | None:
        """The button that this step was answered with; None where it was answered in words, or not yet."""
        if self.choices and self.id in answers:
            for choice in self.choices:
                if choice.meaning == answers[self.id]:
                    return choice
        return None


class Flow(Part):
    """A whole dialog, one file."""

    flow: FlowId = Field(description="Имя сценария: как файл, латиницей. Оно стоит в ссылках.")
    title: Prose = Field(description="Название: его видят люди в меню и менеджеры в карточке.")
    words: tuple[StrictStr, ...] = Field((), description="Слова, которые открывают сценарий, если написать их боту.")
    contact_kind: Literal["quick", "registration", "promo", "interested"] | None = Field(
        None,
        description="Вид контакта: quick — быстрый, registration — регистрация, promo — промо, "
        "interested — заинтересованный.",
    )
    closed: Mapping[ChannelName, Label] = Field(
        {},
        description="Каналы (telegram, vk, web), где сценарий публиковать нельзя, и почему, "
        "например telegram: 41-ФЗ, мы страховщик.",
    )
    consent: Consents = Field(description="Файлы с текстами согласий.")
    offers: Mapping[OfferId, Offer] = Field({}, description="Предложения: имя и что в нём.")
    steps: Annotated[tuple[Step, ...], Field(min_length=1)] = Field(description="Шаги, сверху вниз.")
    answers_stay: Duration | None = Field(
        None,
        description="Сколько помнить ответы для нового разговора, например 30 days: бот предложит их, человек "
        "подтвердит или изменит.",
    )
    parts: Mapping[StepId, Annotated[tuple[Step, ...], Field(min_length=1)]] = Field(
        {}, description="Части: шаги, которые проходят из нескольких мест, и имя, по которому их зовёт шаг с part."
    )
    questions: tuple[FlowQuestion, ...] = Field(
        (), description="Частые вопросы: бот ответит в любой момент и вернётся к своему вопросу."
    )
    silence: tuple[SilenceRule, ...] = Field((), description="Что делать, если человек замолчал.")
    dates: tuple[DatedRule, ...] = Field((), description="Что написать до и после дат, которые назвал человек.")
    variants: Mapping[OfferId, Weights] = Field(
        {}, description="Варианты (A/B): имя, его варианты и вес каждого, например greeting: {short: 50, warm: 50}."
    )
    worth: tuple[WorthRule, ...] = Field((), description="Сколько рублей может принести лид: суммы по условиям.")
    tags: tuple[TagRule, ...] = Field((), description="Метки лида по условиям.")
    hand_over: tuple[HandOverRule, ...] = Field(
        (), description="Когда при заявке сразу зовут человека: условия, хватит любого."
    )
    confirmed: tuple[StrictStr, ...] = Field(
        (), description="Имена предупреждений, которые вы видели и считаете верными."
    )

    @cached_property
    def opened_by(self) -> frozenset[str]:
        """``words`` as they are compared with what people write."""
        return frozenset(map(folded, self.words))

    @cached_property
    def every_step(self) -> tuple[Step, ...]:
        """Those of the flow, then those of its parts."""
        return (*self.steps, *(step for steps in self.parts.values() for step in steps))

    @cached_property
    def scored(self) -> tuple[Step, ...]:
        """Those whose answers give points."""
        return tuple(one for one in self.every_step if one.score or any(c.score is not None for c in one.choices))

    @cached_property
    def places(self) -> tuple[tuple[str | int, ...], ...]:
        """Where each of ``every_step`` stands in the file: ``("steps", 3)``, ``("parts", "address", 0)``."""
        main: list[tuple[str | int, ...]] = [("steps", index) for index in range(len(self.steps))]
        return (*main, *(("parts", part, index) for part, steps in self.parts.items() for index in range(len(steps))))

    @cached_property
    def by_id(self) -> Mapping[str, Step]:
        return {step.id: step for step in self.every_step}

    @cached_property
    def order(self) -> Mapping[str, int]:
        """step id -> its place among all steps."""
        return {step.id: place for place, step in enumerate(self.every_step)}

    @cached_property
    def home(self) -> Mapping[str, str]:
        """step id -> the part it belongs to; steps of the flow itself are not in it."""
        return {step.id: part for part, steps in self.parts.items() for step in steps}

    def inside(self, step: Step) -> str | None:
        """The first step of the part that this step calls; None if it calls none."""
        steps = self.parts.get(step.part or "")
        return steps[0].id if steps else None

    @cached_property
    def following(self) -> Mapping[str, str]:
        """step id -> id of the next in its list (``end`` after the last, ``return`` after the last of a part)."""
        found: dict[str, str] = {}
        for steps, last in ((self.steps, END), *((one, RETURN) for one in self.parts.values())):
            ids = [step.id for step in steps]
            found |= zip(ids, [*ids[1:], last], strict=True)
        return found

    @cached_property
    def renamed(self) -> Mapping[str, str]:
        """A step's former id -> its present one."""
        return {old: step.id for step in self.every_step for old in step.renamed_from}

    def silence_at(self, step_id: str | None) -> tuple[SilenceRule, ...]:
        """What holds for somebody silent at this step: its own rules, or else the flow's."""
        step = self.by_id.get(step_id or "")
        return self.silence if step is None or step.silence is None else step.silence

    @cached_property
    def silences(self) -> tuple[tuple[tuple[str | int, ...], Step | None, tuple[SilenceRule, ...]], ...]:
        """Every list of silence rules: where it stands in the file, the step whose it is (None: the flow's), itself."""
        own = zip(self.places, self.every_step, strict=True)
        of_steps = [((*place, "silence"), step, step.silence) for place, step in own if step.silence]
        return ((("silence",), None, self.silence), *of_steps)

    @cached_property
    def forks(self) -> frozenset[str]:
        """Steps of which some button leads elsewhere than to the next: only there it matters which was chosen."""
        return frozenset(step.id for step in self.every_step if any(choice.go for choice in step.choices))

    @cached_property
    def counted(self) -> tuple[str, ...]:
        """Offers whose true number left some text names (D23), as ``flow.offer``: only those cost a look-up."""
        spoken = [step.text for step in self.every_step] + [rule.say for rule in self.dates]
        spoken += [rule.say for _, _, rules in self.silences for rule in rules]
        spoken += [one.answer for one in self.questions]
        texts = [text for one in spoken for text in texts_of(one)]
        return tuple(f"{self.flow}.{one}" for one in self.offers if any(f"offers.{one}.left" in t for t in texts))

    @cached_property
    def named(self) -> frozenset[str]:
        """Names that some condition looks at: what is dear to find out is found out only for those."""
        return names_among(condition for _, condition, _ in conditions(self))

    @cached_property
    def variants_at(self) -> Mapping[str, tuple[str, ...]]:
        """step id -> variants that make a difference there; steps without any are not in it."""
        found: dict[str, tuple[str, ...]] = {}
        for _, condition, step in conditions(self) if self.variants else ():
            if step and (names := names_among([condition]) & self.variants.keys()):
                found[step.id] = tuple(dict.fromkeys([*found.get(step.id, ()), *sorted(names)]))
        return found


Place = tuple[str | int, ...]
"""A part of a flow that a conversation can visit, the way its author wrote it: ``("steps", "hello")``,
``("steps", "hello", "choices", 0)``, ``("steps", "age", "go", 1)``, ``("silence", 0)``."""
