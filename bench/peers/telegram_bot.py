"""The dialog in python-telegram-bot: a ConversationHandler, reply keyboards, states in memory, as in its examples."""

from __future__ import annotations

import os
import re

from telegram import ReplyKeyboardMarkup, ReplyKeyboardRemove, Update
from telegram.ext import (
    Application,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    filters,
)

from bench import dialog

CONSENT, NAME, CAR, VISIT, PHONE, CHECK = range(6)
Context = ContextTypes.DEFAULT_TYPE


def keyboard(*labels: str) -> ReplyKeyboardMarkup:
    return ReplyKeyboardMarkup([[label] for label in labels], one_time_keyboard=True, resize_keyboard=True)


def one_of(*labels: str) -> filters.Regex:
    return filters.Regex(f"^({'|'.join(map(re.escape, labels))})$")


async def start(update: Update, context: Context) -> int:
    await update.message.reply_text(dialog.CONSENT, reply_markup=keyboard(dialog.AGREE, dialog.REFUSE))
    return CONSENT


async def agreed(update: Update, context: Context) -> int:
    await update.message.reply_text(dialog.NAME, reply_markup=ReplyKeyboardRemove())
    return NAME


async def name(update: Update, context: Context) -> int:
    context.user_data["name"] = update.message.text
    await update.message.reply_text(dialog.CAR, reply_markup=keyboard(*dialog.CARS))
    return CAR


async def car(update: Update, context: Context) -> int:
    context.user_data["car"] = update.message.text
    context.user_data["score"] = dialog.SCORES.get(update.message.text, 5)
    await update.message.reply_text(dialog.VISIT, reply_markup=keyboard(*dialog.VISITS))
    return VISIT


async def visit(update: Update, context: Context) -> int:
    context.user_data["visit"] = update.message.text
    context.user_data["score"] += dialog.SCORES.get(update.message.text, 5)
    text = dialog.PHONE.format(name=context.user_data["name"])
    await update.message.reply_text(text, reply_markup=ReplyKeyboardRemove())
    return PHONE


async def phone(update: Update, context: Context) -> int:
    context.user_data["phone"] = update.message.text
    text = dialog.CHECK.format(phone=update.message.text)
    await update.message.reply_text(text, reply_markup=keyboard(dialog.RIGHT, dialog.WRONG))
    return CHECK


async def wrong(update: Update, context: Context) -> int:
    await update.message.reply_text(dialog.PHONE.format(name=context.user_data["name"]))
    return PHONE


async def done(update: Update, context: Context) -> int:
    text = dialog.DONE.format(name=context.user_data["name"], code="SPRING-15")
    await update.message.reply_text(text, reply_markup=ReplyKeyboardRemove())
    context.user_data.clear()
    return ConversationHandler.END


async def cancel(update: Update, context: Context) -> int:
    await update.message.reply_text(dialog.SORRY, reply_markup=ReplyKeyboardRemove())
    return ConversationHandler.END


def main() -> None:
    text = filters.TEXT & ~filters.COMMAND
    conversation = ConversationHandler(
        entry_points=[CommandHandler("start", start)],
        states={
            CONSENT: [
                MessageHandler(one_of(dialog.AGREE), agreed),
                MessageHandler(one_of(dialog.REFUSE), cancel),
            ],
            NAME: [MessageHandler(text, name)],
            CAR: [MessageHandler(one_of(*dialog.CARS), car)],
            VISIT: [MessageHandler(one_of(*dialog.VISITS), visit)],
            PHONE: [MessageHandler(text, phone)],
            CHECK: [
                MessageHandler(one_of(dialog.RIGHT), done),
                MessageHandler(one_of(dialog.WRONG), wrong),
            ],
        },
        fallbacks=[CommandHandler("cancel", cancel)],
    )
    bot = Application.builder().token(os.environ["TOKEN"]).base_url(f"{os.environ['API_URL']}/bot").build()
    bot.add_handler(conversation)
    bot.run_polling(allowed_updates=Update.ALL_TYPES)


if __name__ == "__main__":
    main()
