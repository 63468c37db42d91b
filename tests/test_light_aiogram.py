"""aiogram's models are built when they are first used; they are the same as ever."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

USED = """
import json
from typing import Any
from bot.channels import light_aiogram
from aiogram.methods import EditMessageText, GetMe, Response, SendMessage, SetMyCommands
from aiogram.types import (
    BotCommand, BotCommandScopeAllPrivateChats, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update, User,
)

before = [one.__name__ for one in (Update, Message, User, SendMessage) if one.__pydantic_complete__]
anna = {"id": 7, "is_bot": False, "first_name": "Анна"}
said = {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}, "from": anna, "text": "Здравствуйте"}
replied = said | {"message_id": 2, "reply_to_message": said}
under = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Записаться", callback_data="k")]])
refused = {"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": {"retry_after": 3}}
print(json.dumps({
    "before": before,
    "update": Update.model_validate({"update_id": 1, "message": replied}).message.reply_to_message.from_user.first_name,
    "answer": Response[Message].model_validate({"ok": True, "result": said}).result.text,
    "refusal": Response[Any].model_validate(refused).parameters.retry_after,
    "call": SendMessage(chat_id=7, text="Да", reply_markup=under).model_dump(exclude_none=True)["reply_markup"],
    "commands": len(SetMyCommands(commands=[BotCommand(command="a", description="b")],
                                  scope=BotCommandScopeAllPrivateChats()).commands),
    "others": [one.__name__ for one in (GetMe, EditMessageText) if one.model_rebuild() is False],
}))
"""


def test_a_model_is_whole_when_it_is_used_and_not_before() -> None:
    told = subprocess.run(
        [sys.executable, "-c", USED], capture_output=True, check=True, cwd=Path(__file__).parent.parent, text=True
    )
    assert json.loads(told.stdout) == {
        "before": [],
        "update": "Анна",
        "answer": "Здравствуйте",
        "refusal": 3,
        "call": {"inline_keyboard": [[{"text": "Записаться", "callback_data": "k"}]]},
        "commands": 1,
        "others": [],
    }
