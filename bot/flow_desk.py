"""What admins see and do about the flows' folder from a chat: ``/flows`` and its buttons."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.difference import difference
from bot.flow_answers import (
    CHANGED,
    FAILED,
    GONE_BACK,
    LOOK,
    NO_FOLDER,
    OTHER_LIVE,
    PUBLISHED,
    SHOWN,
    Answer,
    Live,
    changes,
    state,
    sure,
    sure_back,
)
from bot.library import Published
from bot.publishing import Checked, StillChanging, check, compiled, digest_of, publish, read_folder
from bot.rollback import former_set, roll_back
from dialogs.flow_set import FlowSet
from handlers.work import FlowsAsked
from storage.database import Database
from storage.outbox import promise
from storage.tables import FlowVersion

log = logging.getLogger("leadbot.flows")


class FlowDesk:
    """Answers one question after another, beside the dialogs: files are read and judged in a thread."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        folder: Path,
        *,
        library: Published,
        refresh: Callable[[], Awaitable[None]],
        wake: Callable[[], None],
    ) -> None:
        self._database, self._clock, self._folder, self._library = database, clock, folder, library
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
        now, live = self._clock.now(), await self._live()
        if asked.act in ("former", "back"):  # no word of the folder: it may be the reason
            return await self._former(asked, live, now)
        if not self._folder.is_dir():
            return Answer(NO_FOLDER.format(folder=self._folder), live.buttons)
        try:
            files = await asyncio.to_thread(read_folder, self._folder)
        except StillChanging as changing:
            return Answer(str(changing), ((LOOK,), *live.buttons))
        checked = await asyncio.to_thread(check, files, today=now)
        return await self._of_folder(asked, files, checked, live, now)

    async def _of_folder(
        self, asked: FlowsAsked, files: Mapping[str, bytes], checked: Checked, live: Live, now: datetime
    ) -> Answer:
        if not checked.sound or checked.flow_set is None:
            return state(checked, "", live)
        digest = digest_of(files)
        seen = state(checked, digest, live)
        if asked.act == "look" or digest == live.digest:
            return seen
        version, _, looked_at = asked.seen.partition(".")
        if version != str(live.version):
            return seen.after(OTHER_LIVE)
        if looked_at != digest[:SHOWN]:
            return seen.after(CHANGED)
        if asked.act == "sure":
            newest = await publish(self._database, files, by=asked.by, now=now)
            await self._refresh()
            return Answer(PUBLISHED.format(version=newest))
        lines = await self._difference(checked.flow_set)
        return changes(lines, digest, live) if asked.act == "changes" else sure(lines, digest, live)

    async def _former(self, asked: FlowsAsked, live: Live, now: datetime) -> Answer:
        """Back to the set before the present one: what that changes, and then to do it."""
        version, _, former = asked.seen.partition(".")
        if version != str(live.version) or not live.former or (asked.act == "back" and former != str(live.former)):
            seen = await self._answer(FlowsAsked(asked.channel, asked.chat, asked.by))
            return seen.after(OTHER_LIVE)
        try:
            if asked.act == "back":
                found, newest = await roll_back(self._database, live.former, by=asked.by, now=now)
                await self._refresh()
                return Answer(GONE_BACK.format(former=found, version=newest))
            return sure_back(await self._difference(await self._set_of(live.former)), live)
        except LookupError as impossible:
            return Answer(str(impossible.args[0]), ((LOOK,),))

    async def _set_of(self, version: int) -> FlowSet:
        """Raises LookupError, in Russian, for a set that this program cannot read any more."""
        async with self._database.read() as db:
            found = await db.get_one(FlowVersion, version)
        try:
            return await asyncio.to_thread(compiled, found.files, version=version)
        except LookupError:
            raise LookupError(f"Версию {version} эта программа уже не читает.") from None

    async def _difference(self, new: FlowSet) -> list[str]:
        await self._refresh()
        return list((await difference(self._database, new, library=self._library)).lines())

    async def _live(self) -> Live:
        async with self._database.read() as db:
            newest = await db.scalar(select(FlowVersion).order_by(FlowVersion.id.desc()).limit(1))
            if newest is None:
                return Live(0, "")
            former = await db.scalar(former_set(newest.digest).with_only_columns(FlowVersion.id))
            return Live(newest.id, newest.digest, former or 0)
