"""Which places of a story are worth a failure: all, but what only repeats itself while somebody waits."""

from __future__ import annotations

import pytest

from tests.torture.course import ALIKE, Course

LOOK = ["BEGIN IMMEDIATE", "SELECT outbox.id", "COMMIT"]
HEARD = ["BEGIN IMMEDIATE", "UPDATE setting SET value=?", "COMMIT"]
SAYS = ["BEGIN IMMEDIATE", "INSERT INTO outbox", "COMMIT"]


def gone(*transactions: list[str]) -> Course:
    course = Course()
    for text in (text for statements in transactions for text in statements):
        course.runs(text)
    return course


def test_what_is_written_is_tried_each_time() -> None:
    course = gone(SAYS, SAYS, SAYS, SAYS)
    assert course.places("statement") == [1, 2, 3, 4, 5, 6, 7, 8]
    assert course.places("death after commit") == [1, 2, 3, 4]


def test_idle_looks_are_alike_until_something_is_written() -> None:
    course = gone(LOOK, LOOK, LOOK, HEARD, LOOK, SAYS, LOOK, LOOK, LOOK)
    assert ALIKE == 2
    assert course.places("before commit") == [1, 2, 4, 6, 7, 8]
    assert course.places("statement") == [1, 2, 3, 4, 7, 8, 11, 12, 13, 14, 15, 16]


@pytest.mark.parametrize(
    ("calls", "places"),
    [
        ("poll poll poll poll poll", [1, 2, 5]),
        ("poll say poll poll poll poll say say say", [1, 2, 3, 4, 6, 7, 8, 9]),
        ("", []),
    ],
)
def test_of_many_polls_in_a_row_the_first_and_the_last_are_tried(calls: str, places: list[int]) -> None:
    course = Course()
    named = {"poll": "getUpdates", "say": "sendMessage"}
    course.calls["telegram"].extend(named[one] for one in calls.split())
    assert course.places("telegram SLOW") == places
    assert course.places("vk SLOW") == []


def test_every_crash_point_is_tried() -> None:
    assert Course(points=3).places("point") == [1, 2, 3]
