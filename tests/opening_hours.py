"""A company with working hours: weekdays from nine to eight, Saturdays from ten to four; closed on New Year's Day."""

from __future__ import annotations

from dialogs.business import Business


def company(timezone: str = "Europe/Moscow") -> Business:
    weekdays = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-20:00")
    return Business.model_validate(
        {
            "company": "Меридиан",
            "operator": {"name": "ООО «Меридиан»", "address": "Тверь", "withdraw": "напишите «отзываю согласие»"},
            "policy": "https://meridian.example/privacy",
            "timezone": timezone,
            "working_hours": {**weekdays, "sat": "10:00-16:00"},
            "days_off": ["2027-01-01"],
            "published": {"telegram": ["tour"]},
            "start": "tour",
            "safe_step": {"flow": "tour", "step": "hello"},
            "reasons": {"lost": ["Дорого"], "junk": ["Спам"]},
        }
    )
