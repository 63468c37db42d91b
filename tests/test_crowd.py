"""A crowd of prospects at once, half in each network, one bot in a process of its own.

Everyone gets every answer once and in order; one lead, one card, one code each.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections import Counter

import pytest

from storage.tables import Lead, PromoCode
from tests.meridian import FLOWS
from tests.town import Town, twice

EACH = int(os.environ.get("CROWD", "20"))  # people in each network; ``CROWD=100`` for a real crowd
QUICK = """
flow: test_drive
title: Тест-драйв
consent: {personal_data: consents/personal_data.md}
offers:
  spring: {title: Скидка, stock: 300, valid: 14 days, conditions: Для новых клиентов}
steps:
  - id: agree
    consent: personal_data
    refused: bye
  - id: name
    ask: |
      Как к вам обращаться?
    answer: name
    purpose: обращаться к вам
  - id: phone
    ask: |
      {{ name }}, ваш телефон?
    answer: phone
    purpose: позвонить вам
  - id: done
    application: spring
    say: |
      Готово! Ваш промокод: {{ code }}
  - id: bye
    say: |
      До встречи!
"""


async def walks(person, network, *, patience: float) -> None:
    """The shortest dialog there is: consent, name, phone, code."""
    await network.ready(60)
    await person.opens("test_drive__flyer__november")
    await person.sees("Согласие на обработку", timeout=patience)
    for said, answer in (
        ("согласен", "Как к вам обращаться"),
        ("Анна", "Анна, ваш телефон?"),
        ("8 900 123-45-67", "Всё верно?"),
        ("да", "Ваш промокод"),
    ):
        await person.says(said)
        await person.sees(answer, timeout=patience)


@pytest.mark.timeout(200)
async def test_a_crowd_at_once_gets_every_answer_once_and_in_order(tmp_path, empty_sqlite_url):
    flows = shutil.copytree(FLOWS, tmp_path / "flows")
    (flows / "test_drive.yaml").write_text(QUICK)
    (flows / "business.yaml").write_text((flows / "business.yaml").read_text().replace("step: hello", "step: agree"))
    env = {"FLOWS_DIR": str(flows), "TELEGRAM_RATE": "0", "TELEGRAM_GROUP_RATE": "0", "VK_RATE": "0"}
    async with Town.open(tmp_path, empty_sqlite_url, env=env) as town:
        await town.bot.start()
        people = [
            (network.person(f"Анна {number}"), network)
            for network, _, _ in town.networks.values()
            for number in range(EACH)
        ]
        await asyncio.gather(*(walks(person, network, patience=60) for person, network in people))
        await town.settled()

        assert not any(twice(person) for person, _ in people)
        screens = {tuple(seen.text.partition("Ваш промокод")[0] for seen in person.screen) for person, _ in people}
        assert len(screens) == 1, "everybody saw the same, in the same order"
        codes = {_code(person) for person, _ in people}
        assert len(codes) == 2 * EACH
        assert await town.count() == 2 * EACH == await town.count(Lead.applications == 1)
        assert await town.count(PromoCode.issued_at.is_not(None), what=PromoCode) == 2 * EACH
        for _, group, _ in town.networks.values():
            cards = Counter(seen.text.partition(" · ")[0] for seen in group.screen)
            assert len(cards) == 2 * EACH and set(cards.values()) == {1}


def _code(person) -> str:
    told = next(seen.text for seen in person.screen if "Ваш промокод" in seen.text)
    return told.partition("Ваш промокод: ")[2].split()[0]
