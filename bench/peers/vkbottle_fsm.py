"""The dialog in vkbottle: states by its dispenser in memory, text keyboards, one handler a step, as in its guide."""

from __future__ import annotations

import os

from vkbottle import API, BaseStateGroup, Keyboard, KeyboardButtonColor, Text
from vkbottle.bot import Bot, Message

from bench import dialog


class Form(BaseStateGroup):
    CONSENT = "consent"
    NAME = "name"
    CAR = "car"
    VISIT = "visit"
    PHONE = "phone"
    CHECK = "check"


api = API(os.environ["TOKEN"])
api.API_URL = f"{os.environ['API_URL']}/method/"
bot = Bot(api=api)


def keyboard(*labels: str) -> str:
    made = Keyboard(one_time=True)
    for number, label in enumerate(labels):
        if number:
            made.row()
        made.add(Text(label), color=KeyboardButtonColor.PRIMARY)
    return made.get_json()


@bot.on.private_message(payload={"command": "start"})
async def start(message: Message) -> None:
    await bot.state_dispenser.set(message.peer_id, Form.CONSENT)
    await message.answer(dialog.CONSENT, keyboard=keyboard(dialog.AGREE, dialog.REFUSE))


@bot.on.private_message(state=Form.CONSENT, text=dialog.AGREE)
async def agreed(message: Message) -> None:
    await bot.state_dispenser.set(message.peer_id, Form.NAME)
    await message.answer(dialog.NAME)


@bot.on.private_message(state=Form.CONSENT, text=dialog.REFUSE)
async def refused(message: Message) -> None:
    await bot.state_dispenser.delete(message.peer_id)
    await message.answer(dialog.SORRY)


@bot.on.private_message(state=Form.NAME)
async def name(message: Message) -> None:
    await bot.state_dispenser.set(message.peer_id, Form.CAR, name=message.text)
    await message.answer(dialog.CAR, keyboard=keyboard(*dialog.CARS))


@bot.on.private_message(state=Form.CAR, text=list(dialog.CARS))
async def car(message: Message) -> None:
    known = message.state_peer.payload
    score = dialog.SCORES.get(message.text, 5)
    await bot.state_dispenser.set(message.peer_id, Form.VISIT, **known, car=message.text, score=score)
    await message.answer(dialog.VISIT, keyboard=keyboard(*dialog.VISITS))


@bot.on.private_message(state=Form.VISIT, text=list(dialog.VISITS))
async def visit(message: Message) -> None:
    known = message.state_peer.payload
    score = known["score"] + dialog.SCORES.get(message.text, 5)
    await bot.state_dispenser.set(message.peer_id, Form.PHONE, **{**known, "visit": message.text, "score": score})
    await message.answer(dialog.PHONE.format(name=known["name"]))


@bot.on.private_message(state=Form.PHONE)
async def phone(message: Message) -> None:
    await bot.state_dispenser.set(message.peer_id, Form.CHECK, **{**message.state_peer.payload, "phone": message.text})
    text = dialog.CHECK.format(phone=message.text)
    await message.answer(text, keyboard=keyboard(dialog.RIGHT, dialog.WRONG))


@bot.on.private_message(state=Form.CHECK, text=dialog.WRONG)
async def wrong(message: Message) -> None:
    known = message.state_peer.payload
    await bot.state_dispenser.set(message.peer_id, Form.PHONE, **known)
    await message.answer(dialog.PHONE.format(name=known["name"]))


@bot.on.private_message(state=Form.CHECK, text=dialog.RIGHT)
async def done(message: Message) -> None:
    name = message.state_peer.payload["name"]
    await bot.state_dispenser.delete(message.peer_id)
    await message.answer(dialog.DONE.format(name=name, code="SPRING-15"))


@bot.on.private_message()
async def otherwise(message: Message) -> None:
    await message.answer(dialog.LOST)


if __name__ == "__main__":
    bot.run_forever()
