"""``business.yaml``: the company, its hours, what is published where, and the switches of the law."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, StrictStr

from dialogs.durations import Duration

ChannelName = Literal["telegram", "vk", "web"]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Part(BaseModel):
    """Every part of the file: frozen, and no word it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def _zone(value: object) -> object:
    try:
        ZoneInfo(str(value))
    except (KeyError, ValueError, OSError) as unknown:
        raise ValueError(f"часовой пояс «{value}» неизвестен; например: Europe/Moscow, Asia/Yekaterinburg") from unknown
    return value


def _hours(value: object) -> object:
    """«09:00-19:00» -> (time, time)."""
    if not isinstance(value, str):
        return value
    try:
        since, until = (time.fromisoformat(part.strip()) for part in value.replace("–", "-").split("-"))
    except ValueError as wrong:
        raise ValueError(f"часы «{value}» не поняты; пишите в кавычках, например: \"09:00-19:00\"") from wrong
    return since, until


def _date(value: object) -> object:
    return date.fromisoformat(value) if isinstance(value, str) else value


Hours = Annotated[tuple[time, time], BeforeValidator(_hours)]
CalendarDay = Annotated[date, BeforeValidator(_date)]


class Operator(Part):
    """Who processes personal data (L3): named in every consent text."""

    name: StrictStr
    address: StrictStr
    withdraw: StrictStr
    email: StrictStr | None = None


class Menu(Part):
    """What a bare start shows: a greeting and a button a flow."""

    say: StrictStr
    flows: Annotated[tuple[StrictStr, ...], Field(min_length=1)]


class SafePlace(Part):
    """Where somebody goes whose place no longer exists anywhere."""

    flow: StrictStr
    step: StrictStr


class Reasons(Part):
    """The business's own words for leads that did not come to a deal."""

    lost: Annotated[tuple[StrictStr, ...], Field(min_length=1, max_length=8)]
    junk: Annotated[tuple[StrictStr, ...], Field(min_length=1, max_length=8)]


class Touches(Part):
    """How many unsolicited messages one person may get, whatever the flows say (A15)."""

    per_day: Annotated[StrictInt, Field(ge=0, le=10)] = 2
    per_week: Annotated[StrictInt, Field(ge=0, le=30)] = 5


class Decision(Part):
    """A switch of the law: who decided and when (L30)."""

    by: StrictStr
    date: CalendarDay


class Switches(Part):
    """``telegram_advertising``: off until somebody decides (L30). ``no_foreign_messengers``: we are a bank, an insurer,
    a state body…: Telegram is closed to prospects (41-FZ, L33)."""

    telegram_advertising: Decision | None = None
    no_foreign_messengers: StrictBool = False


class Business(Part):
    """The whole file."""

    company: StrictStr
    operator: Operator
    policy: StrictStr
    timezone: Annotated[StrictStr, BeforeValidator(_zone)] = "Europe/Moscow"
    working_hours: Mapping[Day, Hours]
    days_off: tuple[CalendarDay, ...] = ()
    quiet_hours: Hours = (time(21), time(9))
    published: Mapping[ChannelName, tuple[StrictStr, ...]]
    start: StrictStr | Menu
    safe_step: SafePlace
    reasons: Reasons
    managers_shown_as: StrictStr = "менеджер"
    person_returns_after: Duration = timedelta(hours=2)
    answer_within: StrictStr | None = None
    touches: Touches = Touches()
    switches: Switches = Switches()

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def is_open(self, now: datetime) -> bool:
        """Is somebody at work at this UTC-aware moment?"""
        here = now.astimezone(self.zone)
        hours = self.working_hours.get(DAYS[here.weekday()])  # type: ignore[call-overload]
        return here.date() not in self.days_off and hours is not None and hours[0] <= here.time() < hours[1]
