"""The dialog in aiogram without any memory: the text or the button alone decides what is said next. Nothing is kept."""

from __future__ import annotations

import asyncio
import os
import re

from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandStart
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

from bench import dialog

PHONE = re.compile(r"[\d +()-]{10,}")
router = Router()


def buttons(kind: str, *labels: str) -> InlineKeyboardMarkup:
    rows = [[InlineKeyboardButton(text=label, callback_data=f"{kind}:{number}")] for number, label in enumerate(labels)]
    return InlineKeyboardMarkup(inline_keyboard=rows)


async def say(query: CallbackQuery, text: str, markup: InlineKeyboardMarkup | None = None) -> None:
    await query.answer()
    if isinstance(query.message, Message):
        await query.message.answer(text, reply_markup=markup)


@router.message(CommandStart())
async def start(message: Message) -> None:
    await message.answer(dialog.CONSENT, reply_markup=buttons("consent", dialog.AGREE, dialog.REFUSE))


@router.callback_query(F.data == "consent:0")
async def agreed(query: CallbackQuery) -> None:
    await say(query, dialog.NAME)


@router.callback_query(F.data == "consent:1")
async def refused(query: CallbackQuery) -> None:
    await say(query, dialog.SORRY)


@router.callback_query(F.data.startswith("car:"))
async def car(query: CallbackQuery) -> None:
    await say(query, dialog.VISIT, buttons("visit", *dialog.VISITS))


@router.callback_query(F.data.startswith("visit:"))
async def visit(query: CallbackQuery) -> None:
    await say(query, dialog.PHONE.format(name=query.from_user.first_name))


@router.message(F.text.regexp(PHONE))
async def phone(message: Message) -> None:
    await message.answer(
        dialog.CHECK.format(phone=message.text), reply_markup=buttons("check", dialog.RIGHT, dialog.WRONG)
    )


@router.callback_query(F.data == "check:0")
async def done(query: CallbackQuery) -> None:
    await say(query, dialog.DONE.format(name=query.from_user.first_name, code="SPRING-15"))


@router.callback_query(F.data == "check:1")
async def wrong(query: CallbackQuery) -> None:
    await say(query, dialog.PHONE.format(name=query.from_user.first_name))


@router.message(F.text)
async def name(message: Message) -> None:
    await message.answer(dialog.CAR, reply_markup=buttons("car", *dialog.CARS))


async def main() -> None:
    dispatcher = Dispatcher()
    dispatcher.include_router(router)
    session = AiohttpSession(api=TelegramAPIServer.from_base(os.environ["API_URL"]))
    await dispatcher.start_polling(Bot(os.environ["TOKEN"], session=session))


if __name__ == "__main__":
    asyncio.run(main())
