"""What people answer in English is understood as the Russian words are."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from dialogs.dates import read_date
from dialogs.english_days import days_in_russian
from dialogs.flow import AnswerSpec
from dialogs.understood import Understood
from dialogs.words import meaning
from dialogs.yes_no import read_yes_no

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)  # a Monday, noon in Moscow


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Back", "back"), ("go back please", "back"), ("Previous question", "back"),
        ("Start over", "again"), ("begin again", "again"), ("restart", "again"),
        ("I want to talk to a human", "person"), ("operator!", "person"), ("Can I speak with a real person?", "person"),
        ("stop", "stop"), ("Please stop writing to me", "stop"), ("Don't message me anymore", "stop"),
        ("Delete all my data", "erase"), ("remove my data, please", "erase"),
        ("I withdraw my consent", "withdraw"), ("I want to withdraw my consent to processing of my data", "withdraw"),
        ("show me my data", "my_data"), ("What do you know about me?", "my_data"),
        ("help", "help"), ("what can you do", "help"), ("Continue", "resume"), ("let's go on", "resume"),
        ("I would like a trip back to Kyoto", None), ("a room with support rails", None), ("no", None),
    ],
)  # fmt: skip
def test_what_holds_everywhere(said: str, meant: str | None) -> None:
    assert meaning(said) == meant


@pytest.mark.parametrize(
    ("said", "value"),
    [("Yes", True), ("sure!", True), ("of course", True), ("yes, please", True),
     ("No", False), ("no, thank you", False),
     ("not sure", None), ("maybe", None), ("it depends", None)],
)  # fmt: skip
def test_yes_and_no(said: str, value: bool | None) -> None:
    answer = read_yes_no(said)
    assert (answer.value if isinstance(answer, Understood) else None) is value


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("10 June", date(2027, 6, 10)), ("June 10", date(2027, 6, 10)), ("the 10th of June", date(2027, 6, 10)),
        ("May 5th", date(2027, 5, 5)), ("tomorrow", date(2026, 11, 24)), ("on Friday", date(2026, 11, 27)),
        ("the day after tomorrow", date(2026, 11, 25)), ("in two weeks", date(2026, 12, 7)),
        ("in a week", date(2026, 11, 30)), ("Jan 3", date(2027, 1, 3)),
    ],
)  # fmt: skip
def test_days(said: str, day: date) -> None:
    answer = read_date(AnswerSpec(type="date"), said, now=NOW, zone=MOSCOW)
    assert isinstance(answer, Understood), answer
    assert answer.value == day.isoformat()


@pytest.mark.parametrize(
    ("said", "russian"),
    [
        ("tomorrow at 3 pm", "завтра в 15:00"),
        ("on friday after 10:30 am", "в пятницу после 10:30"),
        ("from 12 am to 12 pm", "с 0:00 до 12:00"),
        ("any time in the evening", "в любое время вечером"),
        ("next tuesday", "следующая вторник"),
        ("завтра", "завтра"),
        ("to the sea", "до the sea"),
    ],
)
def test_hours_are_put_into_words_that_the_readers_know(said: str, russian: str) -> None:
    assert days_in_russian(said) == russian
