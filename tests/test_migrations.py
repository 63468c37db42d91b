"""The schema's versions, on both databases."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from storage import migrating, schema
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
        partial = {one["name"] for one in there.get_indexes(table.name) if f"{dialect}_where" in one["dialect_options"]}
        found += partial ^ {one.name for one in table.indexes if one.dialect_options[dialect]["where"] is not None}
    return found


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
