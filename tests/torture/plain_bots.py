"""Two bots as users of aiogram write them, to compare with: the guide's way, and a careful one.

Both ask for a name and a phone; each handler waits up to a tenth of a second, as one that asks a CRM would.
``PLAIN=default``: Dispatcher, MemoryStorage, default polling. ``PLAIN=careful``: one update after the other
(``handle_as_tasks=False``) and states in SQLite.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
from typing import Any

import aiosqlite
from aiogram import Bot, Dispatcher, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.base import BaseStorage, StateType, StorageKey
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.types import Message

TALK = (
    ("/start", "Как вас зовут?"),
    ("Анна", "Ваш телефон?"),
    ("8 900 123-45-67", "Заявка принята"),
)
"""What is said to them, and what they answer."""
LOST_ITS_PLACE = "Нажмите /start"


class Form(StatesGroup):
    name = State()
    phone = State()


router = Router()


@router.message(CommandStart())
async def start(message: Message, state: FSMContext) -> None:
    await asyncio.sleep(random.uniform(0, 0.1))
    await state.set_state(Form.name)
    await message.answer("Здравствуйте! Как вас зовут?")


@router.message(Form.name)
async def name(message: Message, state: FSMContext) -> None:
    await asyncio.sleep(random.uniform(0, 0.1))
    await state.update_data(name=message.text)
    await state.set_state(Form.phone)
    await message.answer("Ваш телефон?")


@router.message(Form.phone)
async def phone(message: Message, state: FSMContext) -> None:
    await asyncio.sleep(random.uniform(0, 0.1))
    data = await state.get_data()
    await state.clear()
    await message.answer(f"Спасибо, {data.get('name')}! Заявка принята.")


@router.message()
async def otherwise(message: Message) -> None:
    await message.answer(LOST_ITS_PLACE)


class SqliteStorage(BaseStorage):
    """States and data in one table; each change is committed."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._db: aiosqlite.Connection | None = None

    async def _table(self) -> aiosqlite.Connection:
        if self._db is None:
            self._db = await aiosqlite.connect(self._path)
            await self._db.execute("CREATE TABLE IF NOT EXISTS fsm (chat INTEGER PRIMARY KEY, state TEXT, data TEXT)")
        return self._db

    async def _find(self, key: StorageKey) -> tuple[str | None, str]:
        db = await self._table()
        row = await (await db.execute("SELECT state, data FROM fsm WHERE chat = ?", (key.chat_id,))).fetchone()
        return (row[0], row[1]) if row else (None, "{}")

    async def _keep(self, key: StorageKey, state: str | None, data: str) -> None:
        db = await self._table()
        await db.execute("INSERT OR REPLACE INTO fsm VALUES (?, ?, ?)", (key.chat_id, state, data))
        await db.commit()

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        await self._keep(key, state.state if isinstance(state, State) else state, (await self._find(key))[1])

    async def get_state(self, key: StorageKey) -> str | None:
        return (await self._find(key))[0]

    async def set_data(self, key: StorageKey, data: Any) -> None:
        await self._keep(key, (await self._find(key))[0], json.dumps(data))

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        return dict(json.loads((await self._find(key))[1]))

    async def close(self) -> None:
        if self._db is not None:
            await self._db.close()


def main() -> None:
    """Run until SIGTERM."""
    careful = os.environ["PLAIN"] == "careful"
    storage = SqliteStorage(os.environ["PLAIN_DATABASE"]) if careful else MemoryStorage()
    dispatcher = Dispatcher(storage=storage)
    dispatcher.include_router(router)
    asyncio.run(_poll(dispatcher, {"handle_as_tasks": False} if careful else {}))


async def _poll(dispatcher: Dispatcher, settings: dict[str, Any]) -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(os.environ["TELEGRAM_API_URL"]))
    await dispatcher.start_polling(Bot(os.environ["TELEGRAM_TOKEN"], session=session), **settings)
