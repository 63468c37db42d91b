"""The schema's versions, on both databases."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, select, text

from storage import migrating, schema
from storage.claims import claim
from storage.database import Database
from storage.outbox import promise
from storage.tables import Outbox, Row

from .conftest import NOON


async def test_an_empty_database_gets_exactly_the_tables_of_the_code(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    assert await schema.upgrade(database) is True
    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await database.close()


def differences(connection: Connection) -> list[object]:
    found = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Row.metadata)
    dialect, there = connection.dialect.name, inspect(connection)
    for table in Row.metadata.tables.values():  # what the comparison leaves out: the conditions of indexes
        indexes = (
            (one["name"], one["dialect_options"].get(f"{dialect}_where")) for one in there.get_indexes(table.name)
        )
        partial = {(name, _said(where, dialect)) for name, where in indexes if where is not None}
        wanted = ((one.name, one.dialect_options[dialect]["where"]) for one in table.indexes)
        found += partial ^ {(name, _said(where, dialect)) for name, where in wanted if where is not None}
    return found


def _said(where: object, dialect: str) -> str:
    """A condition as far as it can be compared: PostgreSQL says it in its own words."""
    return str(where) if dialect == "sqlite" else ""


async def test_upgrading_twice_does_nothing_and_keeps_what_is_there(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    assert not await schema.is_current(database)
    await schema.upgrade(database)
    async with database.write() as db:
        promise(db, now=NOON, channel="vk", to="1", role="reply", text="Здравствуйте!")
    assert await schema.is_current(database) and await schema.upgrade(database) is False
    async with database.read() as db:
        assert (await db.get_one(Outbox, 1)).body["text"] == "Здравствуйте!"
    await database.close()


async def test_R11_a_newer_schema_is_not_written_to(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    await schema.upgrade(database)
    async with database.write() as db:
        await db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(schema.NewerSchema, match="9999"):
        await schema.upgrade(database)
    await database.close()


async def test_R10_an_upgrade_that_breaks_leaves_the_old_schema(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    async with database.engine.begin() as connection:
        await connection.execute(text("CREATE TABLE web_message (nothing_like_ours INTEGER)"))  # the migration trips
    with pytest.raises(Exception, match="web_message"):
        await schema.upgrade(database)
    async with database.engine.connect() as connection:
        tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    assert tables == ["web_message"]
    await database.close()


async def test_connections_check_foreign_keys_again_after_an_upgrade(empty_sqlite_url: str) -> None:
    database = Database(empty_sqlite_url)
    await schema.upgrade(database)
    async with database.read() as db:
        assert await db.scalar(text("PRAGMA foreign_keys")) == 1
    await database.close()


async def test_every_migration_goes_down_again(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    await schema.upgrade(database)
    async with database.engine.begin() as connection:
        await connection.run_sync(lambda sync: command.downgrade(migrating.config(sync), "base"))
        assert await connection.run_sync(lambda sync: inspect(sync).get_table_names()) == ["alembic_version"]
    assert await schema.upgrade(database) is True
    await database.close()


async def test_R10_a_database_of_the_first_version_keeps_its_people_through_an_upgrade(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(lambda sync: command.upgrade(migrating.config(sync), "0001"))
    async with database.write() as db:
        promise(db, now=NOON, channel="vk", to="1", role="alarm", text="Анна ждёт")
    assert await schema.upgrade(database) is True
    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    async with database.read() as db:
        assert (await db.get_one(Outbox, 1)).body["text"] == "Анна ждёт"
    await database.close()


async def test_R10_what_waited_waits_and_what_had_ended_has_an_end_after_an_upgrade(empty_database_url: str) -> None:
    """Since 0008 the indexes of what waits go by the end."""
    database = Database(empty_database_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(lambda sync: command.upgrade(migrating.config(sync), "0007"))
    async with database.write() as db:
        for to in ("due", "sending", "sent", "unknown", "refused"):
            promise(db, now=NOON, channel="vk", to=to, role="reply", text="?", identity_id=1)
        await db.execute(text('UPDATE outbox SET status = "to"'))
        await db.execute(text("UPDATE outbox SET done_at = created_at WHERE status = 'due'"))
    await schema.upgrade(database)
    async with database.read() as db:
        ended = dict(iter(await db.execute(select(Outbox.to, Outbox.done_at))))
    assert ended == {"due": None, "sending": None, "sent": NOON, "unknown": NOON, "refused": NOON}
    async with database.write() as db:
        assert [one.row.to for one in (await claim(db, "vk", now=NOON, limit=9)).claims] == ["due"]
    await database.close()
