"""What admins see and do about the flows' folder from a chat: ``/flows`` and its buttons."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.publishing import Checked, StillChanging, check, digest_of, publish, read_folder
from dialogs.conversation import Button
from handlers.flows import LOOK, PUBLISH
from handlers.work import FlowsAsked
from storage.database import Database
from storage.outbox import promise
from storage.tables import FlowVersion

log = logging.getLogger("leadbot.flows")
LONGEST = 3500  # letters of a message: every channel takes it
SHOWN = 12  # digits of a digest on a button

SAME = "Сценарии в порядке. Работает версия {version}, в папке то же самое."
FRESH = "Сценарии в порядке, в папке есть изменения. Сейчас работает версия {version}."
BROKEN = "Публиковать пока нельзя, ошибок: {errors}. Работает прежняя версия {version}."
PUBLISHED = "Опубликовано, версия {version}. Кто внутри сценария, спокойно пойдёт дальше."
CHANGED = "Файлы с тех пор изменились, посмотрите ещё раз."
NO_FOLDER = "Папки {folder} на сервере нет. Проверьте настройку FLOWS_DIR."
FAILED = "Не получилось заглянуть в папку со сценариями. Попробуйте чуть позже; подробности в журнале."
MORE = "… и ещё {count}. Весь список покажет leadbot check."


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()


class FlowDesk:
    """Answers one question after another, beside the dialogs: files are read and judged in a thread."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        folder: Path,
        *,
        refresh: Callable[[], Awaitable[None]],
        wake: Callable[[], None],
    ) -> None:
        self._database, self._clock, self._folder = database, clock, folder
        self._refresh, self._wake = refresh, wake
        self._working = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def take(self, asked: Iterable[FlowsAsked]) -> None:
        """After the commit in which they were asked. The same asked twice in one breath is answered once."""
        for one in dict.fromkeys(asked):
            task = asyncio.create_task(self._serve(one))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def settle(self) -> None:
        """Until all that was asked is answered."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self.settle()

    async def _serve(self, asked: FlowsAsked) -> None:
        async with self._working:
            try:
                answer = await self._answer(asked)
            except Exception as failed:
                log.error("flows: an admin's question failed: %s", type(failed).__name__)
                answer = Answer(FAILED)
            try:
                async with self._database.write() as db:
                    promise(
                        db, now=self._clock.now(), channel=asked.channel, to=asked.chat, role="admin",
                        text=answer.text, buttons=answer.buttons,
                    )  # fmt: skip
                self._wake()
            except (SQLAlchemyError, OSError) as away:  # they will ask again
                log.error("flows: an admin was not answered: %s", type(away).__name__)

    async def _answer(self, asked: FlowsAsked) -> Answer:
        now = self._clock.now()
        if not self._folder.is_dir():
            return Answer(NO_FOLDER.format(folder=self._folder))
        try:
            files = await asyncio.to_thread(read_folder, self._folder)
        except StillChanging as changing:
            return Answer(str(changing), _AGAIN)
        checked = await asyncio.to_thread(check, files, today=now)
        version, live = await self._live()
        if not checked.sound:
            return state(checked, "", version=version, live=live)
        digest = digest_of(files)
        if asked.publish and not digest.startswith(asked.publish):
            seen = state(checked, digest, version=version, live=live)
            return Answer(f"{CHANGED}\n\n{seen.text}", seen.buttons)
        if asked.publish and digest != live:
            version = await publish(self._database, files, by=asked.by, now=now)
            await self._refresh()
            return Answer(PUBLISHED.format(version=version))
        return state(checked, digest, version=version, live=live)

    async def _live(self) -> tuple[int, str]:
        """The newest published version and the digest of its files."""
        async with self._database.read() as db:
            newest = await db.scalar(select(FlowVersion).order_by(FlowVersion.id.desc()).limit(1))
            return (newest.id, newest.digest) if newest else (0, "")


_CHECK = Button("Проверить ещё раз", LOOK)
_AGAIN = ((_CHECK,),)


def state(checked: Checked, digest: str, *, version: int, live: str) -> Answer:
    """How the folder stands, with its problems by line, as many as one message holds."""
    problems = [one.headline for one in (*checked.problems, *checked.stories)]
    if not checked.sound:
        errors = sum(one.level == "error" for one in checked.problems)
        return Answer(_told(BROKEN.format(errors=errors, version=version), problems), _AGAIN)
    if digest == live:
        return Answer(_told(SAME.format(version=version), problems))
    buttons = ((Button("Опубликовать", f"{PUBLISH}:{digest[:SHOWN]}"),), (_CHECK,))
    return Answer(_told(FRESH.format(version=version), problems), buttons)


def _told(head: str, problems: list[str]) -> str:
    if not problems:
        return head
    text, told = f"{head}\n", 0
    for problem in problems:
        if len(text) + len(problem) > LONGEST:
            break
        text, told = f"{text}\n• {problem}", told + 1
    left = len(problems) - told
    return f"{text}\n{MORE.format(count=left)}" if left else text
