"""A discount until the last day of the year, and somebody who writes after it: nothing is promised that is not kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.stage import Stage
from dialogs.reading import load
from tests.flow_folder import folder

NEW_YEARS_EVE = datetime(2026, 12, 31, 12, tzinfo=UTC)
PROMISE = (
    "Подберём тур. Осталось кодов: {{ offers.sea.left }}.\n",
    "Подберём тур.\n\n      Скидка до {{ offers.sea.until | day }}.\n\n      Кодов: {{ offers.sea.left }}.\n\n",
)
UNTIL = ("valid: 3 days", 'until: "2026-12-31"')


@pytest.mark.parametrize(("days", "over"), [(0, False), (11, True)])
async def test_who_comes_after_the_last_day_is_told_the_truth_and_applies_all_the_same(days: int, over: bool) -> None:
    found = load(folder("tour.yaml", PROMISE, UNTIL))
    assert found.flow_set is not None, [str(one) for one in found.problems]
    stage = await Stage.open(found.flow_set, flow="tour", start=NEW_YEARS_EVE + timedelta(days=days))
    try:
        await stage.opens()
        greeting = "\n".join(one.text for one in stage.prospect)
        assert "Подберём тур" in greeting
        assert [words in greeting for words in ("Скидка до 31 декабря", "Кодов: 10")] == [not over, not over]
        await stage.taps("Согласен")
        for words in ("к морю", "7", "Анна", "8 900 123-45-67"):
            await stage.says(words)
        await stage.taps("Всё верно")
        told = "\n".join(one.text for one in stage.prospect)
        assert ("Предложение, к сожалению, закончилось 31 декабря" in told) == over
        card = "\n".join(one.text for one in stage.managers)
        assert ("кода нет, предложение закончилось" in card) == over and (": код " in card) != over
    finally:
        await stage.close()
