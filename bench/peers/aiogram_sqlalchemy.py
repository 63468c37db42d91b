"""The dialog on aiogram, SQLAlchemy and aiosqlite, as the usual template does it: a session for every update by a
middleware, the user's row got or made, the state in a column, one commit.

Templates commit when the handler has ended. People here answer at once and would find their old state, so the handlers
commit before they say anything: the same one transaction."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from aiogram import BaseMiddleware, Bot, Dispatcher, F, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandStart, Filter
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, TelegramObject
from aiogram.types import User as TelegramUser
from sqlalchemy import BigInteger, ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bench import dialog

# ---------------------------------------------------------------- tables


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    telegram_id: Mapped[int] = mapped_column(BigInteger, unique=True, index=True)
    username: Mapped[str | None]
    first_name: Mapped[str]
    state: Mapped[str] = mapped_column(default="new")
    created_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC))
    updated_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC), onupdate=lambda: datetime.now(UTC))


class Application(Base):
    __tablename__ = "applications"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    consent_at: Mapped[datetime | None]
    name: Mapped[str | None]
    car: Mapped[str | None]
    visit: Mapped[str | None]
    phone: Mapped[str | None]
    score: Mapped[int] = mapped_column(default=0)
    code: Mapped[str | None]


# ---------------------------------------------------------------- middleware and filters


class DatabaseMiddleware(BaseMiddleware):
    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self.sessions = sessions

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        async with self.sessions() as session:
            data["session"] = session
            data["user"] = await get_or_create(session, data["event_from_user"])
            return await handler(event, data)


async def get_or_create(session: AsyncSession, who: TelegramUser) -> User:
    user = await session.scalar(select(User).where(User.telegram_id == who.id))
    if user is None:
        user = User(telegram_id=who.id, username=who.username, first_name=who.first_name)
        session.add(user)
        await session.flush()
    return user


class State(Filter):
    def __init__(self, state: str) -> None:
        self.state = state

    async def __call__(self, event: TelegramObject, user: User) -> bool:
        return user.state == self.state


# ---------------------------------------------------------------- the dialog

router = Router()


def buttons(*labels: str) -> InlineKeyboardMarkup:
    rows = [[InlineKeyboardButton(text=label, callback_data=label)] for label in labels]
    return InlineKeyboardMarkup(inline_keyboard=rows)


async def application(session: AsyncSession, user: User) -> Application:
    found = await session.scalar(
        select(Application).where(Application.user_id == user.id).order_by(Application.id.desc()).limit(1)
    )
    if found is None:
        found = Application(user_id=user.id)
        session.add(found)
    return found


async def say(
    query: CallbackQuery, session: AsyncSession, text: str, markup: InlineKeyboardMarkup | None = None
) -> None:
    await session.commit()
    await query.answer()
    if isinstance(query.message, Message):
        await query.message.answer(text, reply_markup=markup)


@router.message(CommandStart())
async def start(message: Message, session: AsyncSession, user: User) -> None:
    user.state = "consent"
    await session.commit()
    await message.answer(dialog.CONSENT, reply_markup=buttons(dialog.AGREE, dialog.REFUSE))


@router.callback_query(State("consent"), F.data == dialog.AGREE)
async def agreed(query: CallbackQuery, session: AsyncSession, user: User) -> None:
    session.add(Application(user_id=user.id, consent_at=datetime.now(UTC)))
    user.state = "name"
    await say(query, session, dialog.NAME)


@router.callback_query(State("consent"), F.data == dialog.REFUSE)
async def refused(query: CallbackQuery, session: AsyncSession, user: User) -> None:
    user.state = "new"
    await say(query, session, dialog.SORRY)


@router.message(State("name"), F.text)
async def name(message: Message, session: AsyncSession, user: User) -> None:
    (await application(session, user)).name = message.text
    user.state = "car"
    await session.commit()
    await message.answer(dialog.CAR, reply_markup=buttons(*dialog.CARS))


@router.callback_query(State("car"), F.data.in_(dialog.CARS))
async def car(query: CallbackQuery, session: AsyncSession, user: User) -> None:
    row = await application(session, user)
    row.car = query.data
    row.score += dialog.SCORES.get(query.data or "", 5)
    user.state = "visit"
    await say(query, session, dialog.VISIT, buttons(*dialog.VISITS))


@router.callback_query(State("visit"), F.data.in_(dialog.VISITS))
async def visit(query: CallbackQuery, session: AsyncSession, user: User) -> None:
    row = await application(session, user)
    row.visit = query.data
    row.score += dialog.SCORES.get(query.data or "", 5)
    user.state = "phone"
    await say(query, session, dialog.PHONE.format(name=row.name))


@router.message(State("phone"), F.text)
async def phone(message: Message, session: AsyncSession, user: User) -> None:
    (await application(session, user)).phone = message.text
    user.state = "check"
    await session.commit()
    text = dialog.CHECK.format(phone=message.text)
    await message.answer(text, reply_markup=buttons(dialog.RIGHT, dialog.WRONG))


@router.callback_query(State("check"), F.data == dialog.WRONG)
async def wrong(query: CallbackQuery, session: AsyncSession, user: User) -> None:
    user.state = "phone"
    await say(query, session, dialog.PHONE.format(name=(await application(session, user)).name))


@router.callback_query(State("check"), F.data == dialog.RIGHT)
async def done(query: CallbackQuery, session: AsyncSession, user: User) -> None:
    row = await application(session, user)
    row.code = f"SPRING-{row.id}"
    user.state = "done"
    await say(query, session, dialog.DONE.format(name=row.name, code=row.code))


@router.message()
async def otherwise(message: Message) -> None:
    await message.answer(dialog.LOST)


async def main() -> None:
    patient = {"timeout": 60}  # with the usual five seconds some here get "database is locked" instead of an answer
    engine = create_async_engine(os.environ["DATABASE_URL"], connect_args=patient)
    async with engine.connect() as connection:
        await connection.exec_driver_sql("PRAGMA journal_mode=WAL")  # kinder than most templates are to themselves
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    middleware = DatabaseMiddleware(async_sessionmaker(engine, expire_on_commit=False))
    dispatcher = Dispatcher()
    dispatcher.message.outer_middleware(middleware)
    dispatcher.callback_query.outer_middleware(middleware)
    dispatcher.include_router(router)
    session = AiohttpSession(api=TelegramAPIServer.from_base(os.environ["API_URL"]))
    try:
        await dispatcher.start_polling(Bot(os.environ["TOKEN"], session=session))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
