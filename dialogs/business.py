"""``business.yaml``: the company, its hours, what is published where, and the switches of the law."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, StrictStr, WithJsonSchema

from dialogs.durations import Duration

ChannelName = Literal["telegram", "vk", "web"]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Part(BaseModel):
    """Every part of the file: frozen, and no word it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


_ZONE = re.compile(r"[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,2}")
"""What such a name looks like: another one would be looked for as a module of Python's, at any depth."""


def _zone(value: object) -> object:
    try:
        if not _ZONE.fullmatch(str(value)):
            raise ValueError(value)
        ZoneInfo(str(value))
    except (KeyError, ValueError, OSError) as unknown:
        raise ValueError(f"часовой пояс «{value}» неизвестен; например: Europe/Moscow, Asia/Yekaterinburg") from unknown
    return value


def _hours(value: object) -> object:
    """«09:00-19:00» -> (time, time)."""
    if isinstance(value, tuple):
        return value
    try:
        since, until = (time.fromisoformat(part.strip()) for part in str(value).replace("–", "-").split("-"))
    except ValueError as wrong:
        raise ValueError(f'часы «{value}» не поняты; пишите в кавычках, например: "09:00-19:00"') from wrong
    return since, until


def _date(value: object) -> object:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as wrong:
        raise ValueError(f'дата «{value}» не понята; пишите год-месяц-день, например: "2027-06-30"') from wrong


Hours = Annotated[
    tuple[time, time],
    BeforeValidator(_hours),
    WithJsonSchema({"type": "string", "pattern": r"^\d{2}:\d{2} ?[-–] ?\d{2}:\d{2}$"}),
]
CalendarDay = Annotated[
    date, BeforeValidator(_date), WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"})
]


class Operator(Part):
    """Who processes personal data (L3): named in every consent text."""

    name: StrictStr = Field(description="Юридическое лицо или предприниматель, как в документах.")
    address: StrictStr = Field(description="Адрес оператора.")
    withdraw: StrictStr = Field(description="Как отозвать согласие — словами для людей.")
    email: StrictStr | None = Field(None, description="Почта для обращений о персональных данных.")


class Menu(Part):
    """What a bare start shows: a greeting and a button a flow."""

    say: StrictStr = Field(description="Приветствие над кнопками.")
    flows: Annotated[tuple[StrictStr, ...], Field(min_length=1)] = Field(description="Сценарии: каждому кнопка.")


class SafePlace(Part):
    """Where somebody goes whose place no longer exists anywhere."""

    flow: StrictStr = Field(description="Сценарий.")
    step: StrictStr = Field(description="Шаг этого сценария.")


class Reasons(Part):
    """The business's own words for leads that did not come to a deal."""

    lost: Annotated[tuple[StrictStr, ...], Field(min_length=1, max_length=8)] = Field(
        description="Почему сделки не было: от одной до восьми причин."
    )
    junk: Annotated[tuple[StrictStr, ...], Field(min_length=1, max_length=8)] = Field(
        description="Почему это не лид: от одной до восьми причин."
    )


class SideQuestion(Part):
    """What people ask besides (FAQ). ``words`` are how they ask it, the first its name in reports without an ``id``."""

    id: Annotated[StrictStr, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")] | None = Field(
        None, description="Имя вопроса в отчётах; если нет — первые из words."
    )
    words: Annotated[tuple[StrictStr, ...], Field(min_length=1)] = Field(
        description="Как об этом спрашивают: [сколько стоит, цена]."
    )

    @property
    def name(self) -> str:
        return self.id or self.words[0]


class CommonQuestion(SideQuestion):
    """One for all flows: what it answers hangs on nothing that a flow asks."""

    answer: StrictStr = Field(description="Что ответить. Потом бот повторит свой вопрос.")


class Touches(Part):
    """How many unsolicited messages one person may get, whatever the flows say (A15)."""

    per_day: Annotated[StrictInt, Field(ge=0, le=10)] = Field(2, description="Не больше стольких в день.")
    per_week: Annotated[StrictInt, Field(ge=0, le=30)] = Field(5, description="Не больше стольких в неделю.")


class Decision(Part):
    """A switch of the law: who decided and when (L30)."""

    by: StrictStr = Field(description="Кто решил: имя и должность.")
    date: CalendarDay = Field(description='Когда решил, например "2026-11-22".')


class Bands(Part):
    """From how many points on a lead is hot, or warm."""

    hot: Annotated[StrictInt, Field(ge=1, le=100)] = Field(description="Со скольких баллов лид горячий.")
    warm: Annotated[StrictInt, Field(ge=1, le=100)] = Field(description="Со скольких баллов лид тёплый.")


class Switches(Part):
    """``telegram_advertising``: off until somebody decides (L30). ``no_foreign_messengers``: we are a bank, an insurer,
    a state body…: Telegram is closed to prospects (41-FZ, L33)."""

    telegram_advertising: Decision | None = Field(
        None, description="Кто и когда разрешил рекламу в Telegram; пока этого нет, она выключена."
    )
    no_foreign_messengers: StrictBool = Field(
        False, description="true — мы банк, страховщик, госорган…: Telegram для клиентов закрыт (41-ФЗ)."
    )


class Business(Part):
    """The whole file."""

    company: StrictStr = Field(description="Название, как его знают люди.")
    operator: Operator = Field(description="Оператор персональных данных: кто, где, как отозвать согласие.")
    policy: StrictStr = Field(description="Ссылка на политику обработки персональных данных: https://…")
    timezone: Annotated[StrictStr, BeforeValidator(_zone)] = Field(
        "Europe/Moscow", description="Часовой пояс, например Europe/Moscow."
    )
    working_hours: Mapping[Day, Hours] = Field(description='Рабочие часы по дням: mon: "09:00-19:00".')
    days_off: tuple[CalendarDay, ...] = Field((), description='Выходные вне недели: ["2027-01-01"].')
    quiet_hours: Hours = Field((time(21), time(9)), description="Когда бот не пишет первым; можно через полночь.")
    published: Mapping[ChannelName, tuple[StrictStr, ...]] = Field(
        description="Какие сценарии в каких каналах: telegram, vk, web."
    )
    start: StrictStr | Menu = Field(description="Что видит пришедший без ссылки: сценарий или меню.")
    safe_step: SafePlace = Field(description="Куда вернуть человека, чьего шага больше нет.")
    reasons: Reasons = Field(description="Причины для кнопок менеджера: нет сделки, не лид.")
    managers_shown_as: StrictStr = Field(
        "менеджер",
        description="Кем подписаны ответы ваших людей («Мастер: …») и что подставит {{ managers }}; "
        "сам бот говорит «менеджер».",
    )
    person_returns_after: Duration = Field(
        timedelta(hours=2), description="Через сколько молчания бот возвращается после человека."
    )
    answer_within: StrictStr | None = Field(
        None, description="Как быстро отвечаете: «менеджер ответит …», например: в течение 15 минут."
    )
    questions: tuple[CommonQuestion, ...] = Field(
        (), description="Частые вопросы для всех сценариев; вопросы самого сценария важнее."
    )
    touches: Touches = Field(Touches(), description="Сколько раз можно написать первыми.")
    bands: Bands | None = Field(None, description="Полосы баллов: с какого балла лид горячий, с какого — тёплый.")
    switches: Switches = Field(Switches(), description="Решения, за которыми стоит закон.")
    confirmed: tuple[StrictStr, ...] = Field(
        (), description="Имена предупреждений об этом файле и текстах согласий, которые вы считаете верными."
    )

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def is_open(self, now: datetime) -> bool:
        """Is somebody at work at this UTC-aware moment?"""
        here = now.astimezone(self.zone)
        hours = self.working_hours.get(DAYS[here.weekday()])  # type: ignore[call-overload]
        return here.date() not in self.days_off and hours is not None and hours[0] <= here.time() < hours[1]
