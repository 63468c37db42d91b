"""A sample of what ``tests/torture/nth.py`` does on SQLite, on PostgreSQL: the n-th statement or commit fails, once.

The connection breaks as PostgreSQL's do: before a statement, before a commit, or after a commit that has taken effect,
so that nobody hears of it (R14). Then the application is there once, with one code and one card.
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from storage.database import Database
from storage.tables import Lead, Outbox, PromoCode
from tests.checker import violations
from tests.emulators.ledger import Ledger
from tests.house import House
from tests.torture.telling import files

PLACES = [("statement", 4), ("statement", 17), ("before commit", 1), ("after commit", 1), ("after commit", 2)]


class Broken:
    """Breaks the connection at one place of this engine, once it is armed."""

    def __init__(self, database: Database, kind: str, place: int) -> None:
        self.kind, self.left, self.armed, self.came = kind, place, False, False
        engine = database.engine.sync_engine
        event.listen(engine, "before_cursor_execute", lambda *_: self.passes("statement"))
        event.listen(engine, "commit", lambda *_: self.passes("before commit"))
        commits = engine.dialect.do_commit

        def commit(connection: Any) -> None:
            commits(connection)
            self.passes("after commit")

        engine.dialect.do_commit = commit  # type: ignore[method-assign]

    def passes(self, kind: str) -> None:
        self.left -= self.armed and kind == self.kind
        if self.armed and kind == self.kind and self.left == 0:
            self.came = True
            raise OperationalError("…", None, ConnectionResetError("connection was closed"))


async def heard_all(house: House, anna: Any) -> None:
    for said, answer in (("да", "Согласие на обработку"), ("согласен", "Какой автомобиль"), ("седан", "зовут"),
                         ("Анна", "телефон")):  # fmt: skip
        await anna.says("Записаться" if said == "да" else said)
        await anna.sees(answer, timeout=20)


@pytest.mark.parametrize("channel", ["telegram", "vk"])
@pytest.mark.parametrize(("kind", "place"), PLACES)
async def test_R14_a_connection_that_breaks_at_any_place_costs_nobody_anything(
    channel: str, kind: str, place: int, postgresql_url: str, clock: Any
) -> None:
    async with House.open(channel, postgresql_url, clock, files()) as house:
        anna = house.person("Анна")
        await anna.opens("test_drive__flyer__november")
        await anna.sees("Здравствуйте")
        await heard_all(house, anna)
        broken = Broken(house.database, kind, place)
        broken.armed = True
        await anna.says("8 900 123-45-67")
        await anna.sees("Всё верно", timeout=20)
        await anna.says("да")
        await anna.sees("Ваш промокод", timeout=20)
        await house.desk.sees("Новая заявка", timeout=20)
        broken.armed = False
        assert broken.came
        async with house.database.read() as db:
            assert (await db.scalars(select(Lead.applications))).all() == [1]
            assert len((await db.scalars(select(PromoCode.id).where(PromoCode.issued_at.is_not(None)))).all()) == 1
            cards = select(Outbox.id).where(Outbox.role == "card", Outbox.act == "say")
            assert len((await db.scalars(cards)).all()) == 1
        assert house.reports == []
        found = await violations(house.database, [Ledger("web")], now=clock.now())
        assert [one for one in found if not one.startswith("I5")] == []
