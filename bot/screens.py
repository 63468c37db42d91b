"""What people see on a stage: two screens instead of a network, the prospect's and the managers'."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from bot.channels import File, Outcome, Outgoing, Receive, Refused, Sent
from bot.clock import HandClock
from dialogs.effects import Button
from handlers.inbound import Notice

PROSPECT, DESK = "1001", "-3001"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Shown:
    """One message on somebody's screen, edits applied."""

    id: str
    author: Literal["prospect", "bot", "manager", "system"]
    text: str
    buttons: list[list[Button]] = field(default_factory=list)
    at: datetime = EPOCH
    edited: bool = False
    reply_to: str | None = None
    asks_phone: bool = False
    file: File | None = None


class StageChannel:
    """Two screens instead of a network: the prospect's and the managers'."""

    keeps_order = False

    def __init__(self, name: str, clock: HandClock) -> None:
        self.name, self._clock = name, clock
        self.screens: dict[str, list[Shown]] = {PROSPECT: [], DESK: []}
        self.alerts: list[str] = []
        self._numbers = itertools.count(1)

    async def listen(self, receive: Receive) -> None:
        """Nothing comes in by itself."""

    async def send(self, message: Outgoing) -> Outcome:
        screen = self.screens.get(message.to)
        if screen is None:
            return Refused("nobody there")
        rows = [list(row) for row in message.buttons]
        if message.act == "say":
            text = f"📎 {message.file.name}" if message.file else message.text
            shown = self.show(message.to, "bot", text, reply_to=message.reply_to)
            shown.buttons, shown.asks_phone, shown.file = rows, message.asks_phone, message.file
            return Sent(shown.id)
        for one in screen:
            if one.id == message.message_id:
                one.text, one.buttons, one.edited = message.text, rows, True
                return Sent(one.id)
        return Refused("message to edit not found", edit_gone=True)

    def show(
        self,
        to: str,
        author: Literal["prospect", "bot", "manager", "system"],
        text: str,
        *,
        reply_to: str | None = None,
    ) -> Shown:
        shown = Shown(str(next(self._numbers)), author, text, at=self._clock.now(), reply_to=reply_to)
        self.screens[to].append(shown)
        return shown

    async def notify(self, notice: Notice) -> None:
        if notice.text:
            self.alerts.append(notice.text)

    async def close(self) -> None:
        """Nothing to let go of."""


def find_button(screen: Sequence[Shown], label_or_key: str, message_id: str | None) -> tuple[Shown, Button | None]:
    """The newest message with this button. The phone's own button is None."""
    for shown in reversed(screen):
        if message_id is not None and shown.id != message_id:
            continue
        for button in (button for row in shown.buttons for button in row):
            if label_or_key in (button.key, button.label):
                return shown, button
        if shown.asks_phone and "номер" in label_or_key:
            return shown, None
    there = [button.label for shown in screen for row in shown.buttons for button in row]
    raise LookupError(f"нет кнопки «{label_or_key}»; есть: {', '.join(dict.fromkeys(there)) or 'никаких'}")
