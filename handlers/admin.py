"""What admins ask of the bot: who is in the team, who may join, how the day goes. Private chats only, but for /id.

A stranger who types a command of ours is a prospect who typed some text: nothing tells them that the command exists.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import sha256

from dialogs.cleaning import shown
from dialogs.effects import Button
from handlers import flows
from handlers.day_text import day_text
from handlers.inbound import Inbound, Notice, Press, Start, Text
from handlers.work import Work
from storage import managers
from storage.outbox import promise
from storage.tables import Manager

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # nothing that is mistaken for something else
CODE_LENGTH = 10
INVITE_LIVES = timedelta(hours=24)
MOST_BUTTONS = 9
DESK = ("web", "desk")
KEYS = ("!team", "!flows")  # buttons of ours begin so

INVITED = (
    "Код для нового менеджера: {code}\n\n"
    "Пусть сотрудник напишет боту: /join {code}\n\n"
    "Код сработает один раз, в течение суток."
)
JOINED = "Готово, {name}! Теперь вы в команде: можно брать заявки и отвечать клиентам в чате менеджеров."
JOINED_TOLD = "{name} теперь в команде: код принят."
IN_TEAM = "Вы уже в команде."
BAD_CODE = "Этот код не подходит: возможно, он уже использован или его время вышло. Попросите у администратора новый."
HOW_TO_JOIN = "Чтобы войти в команду, пришлите код: /join КОД. Код даёт администратор."
NOBODY = "В команде пока никого. Пригласить сотрудника: /invite"
REMOVED = "{name} больше не в команде: кнопки и ответы для этого человека уже не работают."
NOT_IN_TEAM = "Такого номера в команде нет. Список: /team"
TEAM_TAIL = "Убрать: кнопкой или /team remove НОМЕР. Пригласить: /invite"


def at_private_desk(inbound: Inbound) -> bool:
    """The web's own desk is a private page: whoever is there runs the business."""
    return (inbound.channel, inbound.sender) == DESK == (inbound.channel, inbound.chat)


def may(work: Work, inbound: Inbound) -> bool:
    """Is this an admin?"""
    return (inbound.channel, inbound.sender) in work.admins or at_private_desk(inbound)


def name_of(inbound: Inbound) -> str:
    """The network's name of this person, made safe to show."""
    return shown(inbound.full_name or inbound.first_name, 60)


async def hear(work: Work, inbound: Inbound) -> bool:
    """A command of ours; True if it was for us and was answered."""
    command, argument = _command(inbound)
    if not command:
        return False
    private = inbound.chat == inbound.sender
    if command == "/id":
        return _tell_id(work, inbound, private=private)
    if not private:
        return False
    if command == "/join":
        return await _join(work, inbound, argument)
    if not may(work, inbound):
        return False
    match command:
        case "/invite":
            _invite(work, inbound)
        case "/team":
            await _team(work, inbound, argument)
        case "/flows":
            flows.ask(work, inbound)
        case "/today":
            _answer(work, inbound, await day_text(work))
        case _:
            return False
    return True


def _command(inbound: Inbound) -> tuple[str, str]:
    """(«/team», the rest); a start tag ``join_CODE`` is «/join CODE»."""
    match inbound.heard:
        case Start(tag) if tag.startswith("join_"):
            return "/join", tag.removeprefix("join_")
        case Text(text) if text.lstrip().startswith("/"):
            head, _, rest = text.strip().partition(" ")
            return head.split("@")[0].lower(), rest.strip()
    return "", ""


def _answer(work: Work, inbound: Inbound, text: str, buttons: tuple[tuple[Button, ...], ...] = ()) -> None:
    promise(work.db, now=work.now, channel=inbound.channel, to=inbound.chat, role="admin", text=text, buttons=buttons)


def _tell_id(work: Work, inbound: Inbound, *, private: bool) -> bool:
    """Ids for the settings: one's own to anybody, a group's to admins."""
    if at_private_desk(inbound) or not (private or may(work, inbound)):
        return False
    if private:
        _answer(work, inbound, f"Ваш номер: {inbound.sender}\nВ настройке ADMINS: {inbound.channel}:{inbound.sender}")
    else:
        setting = f"{inbound.channel.upper()}_MANAGERS_CHAT={inbound.chat}"
        _answer(work, inbound, f"Номер этого чата: {inbound.chat}\nВ настройках: {setting}")
    return True


# ---------------------------------------------------------------- joining


def _invite(work: Work, inbound: Inbound) -> None:
    code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
    made_by, expires_at = f"{inbound.channel}:{inbound.sender}", work.now + INVITE_LIVES
    managers.record_invite(work.db, digest=_digest(code), made_by=made_by, now=work.now, expires_at=expires_at)
    work.counts["invites"] += 1
    _answer(work, inbound, INVITED.format(code=code))


async def _join(work: Work, inbound: Inbound, argument: str) -> bool:
    who = {"channel": inbound.channel, "external_id": inbound.sender}
    if not argument:
        _answer(work, inbound, HOW_TO_JOIN)
        return True
    if await managers.find_manager(work.db, **who):
        _answer(work, inbound, IN_TEAM)
        return True
    used_by = f"{inbound.channel}:{inbound.sender}"
    invite = await managers.use_invite(work.db, digest=_digest(argument), used_by=used_by, now=work.now)
    if invite is None:
        work.counts["refused_join"] += 1
        _answer(work, inbound, BAD_CODE)
        return True
    name = name_of(inbound) or "Менеджер"
    await managers.add_manager(work.db, **who, name=name, now=work.now)
    work.counts["joined"] += 1
    _answer(work, inbound, JOINED.format(name=name))
    channel, _, to = invite.made_by.partition(":")
    promise(work.db, now=work.now, channel=channel, to=to, role="admin", text=JOINED_TOLD.format(name=name))
    return True


def _digest(code: str) -> str:
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return sha256(plain.encode("utf-8", "replace")).hexdigest()


# ---------------------------------------------------------------- the team


async def press(work: Work, inbound: Inbound) -> None:
    """``!team.remove.ID`` and the buttons of ``/flows``. Others' presses end without a word."""
    assert isinstance(inbound.heard, Press)
    text = ""
    if not (may(work, inbound) and inbound.chat == inbound.sender):
        work.counts["refused_press"] += 1
    elif inbound.heard.key.startswith("!flows"):
        flows.ask(work, inbound, key=inbound.heard.key)
    else:
        text = await _remove(work, inbound.heard.key.rpartition(".")[2])
        await _team(work, inbound, "")
    if inbound.heard.query is not None:
        work.notices.append(Notice(inbound.channel, inbound.heard.query, inbound.sender, inbound.chat, shown(text, 90)))


async def _team(work: Work, inbound: Inbound, argument: str) -> None:
    word, _, number = argument.partition(" ")
    if word == "remove":
        return _answer(work, inbound, await _remove(work, number.strip()))
    everybody = await managers.team(work.db)
    if not everybody:
        return _answer(work, inbound, NOBODY)
    lines = [f"{one.id}. {one.name} · {one.channel}" for one in everybody]
    buttons = tuple((_remove_button(one),) for one in everybody[:MOST_BUTTONS])
    head = f"В команде: {len(everybody)}"
    return _answer(work, inbound, shown_lines([head, *lines, "", TEAM_TAIL]), _paired(buttons))


def _paired(rows: tuple[tuple[Button, ...], ...]) -> tuple[tuple[Button, ...], ...]:
    """Six rows at most: two in a row when there are many."""
    if len(rows) <= 5:
        return rows
    flat = [one for row in rows for one in row]
    return tuple(tuple(flat[at : at + 2]) for at in range(0, len(flat), 2))


def _remove_button(one: Manager) -> Button:
    return Button(shown(f"Убрать: {one.name}", 40), f"!team.remove.{one.id}")


async def _remove(work: Work, number: str) -> str:
    known = number.isascii() and number.isdigit() and len(number) <= 18
    gone = await managers.remove_manager(work.db, int(number), now=work.now) if known else None
    if gone is None:
        return NOT_IN_TEAM
    work.counts["removed_managers"] += 1
    return REMOVED.format(name=gone.name)


def shown_lines(lines: list[str]) -> str:
    """As many lines as one message holds."""
    text = "\n".join(lines)
    while len(text) > 3500:
        lines = [*lines[: len(lines) // 2], "…"]
        text = "\n".join(lines)
    return text
