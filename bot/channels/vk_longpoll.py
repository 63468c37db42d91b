"""Bots Long Poll, read so that nothing is lost: the place in the history moves only after the events are committed.

The cursor is ``ts@since``: VK's own ``ts``, and the Unix second of the newest event, from which the conversations
are read should VK have forgotten what came after ``ts``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import ClientError, ClientTimeout

from bot.channels import Note, Receive
from bot.channels.plain_post import NEVER_LEFT
from bot.channels.vk_client import PATIENCE, VkClient, VkNotSent, VkRefused, VkUnsure
from bot.channels.vk_events import Reader
from bot.channels.vk_gap import missed
from bot.channels.vk_http import bounded_json
from bot.channels.vk_names import Names
from bot.channels.vk_numbers import Numbers
from bot.channels.vk_outcomes import CAPTCHA, REVOKED
from bot.channels.vk_rights import problems
from bot.clock import steady
from handlers.inbound import Elsewhere, Inbound, Undecodable

log = logging.getLogger("leadbot.vk")

NOT_ALLOWED = frozenset({7, 15, 203, 917})  # an administrator may allow it; until then there is nothing to wait for
BANNED = REVOKED | CAPTCHA | {9, 29}

AGAIN = 24 * 3600.0  # seconds until another program in our community is told of once more
CONFLICT = (
    "От имени сообщества ВКонтакте пишет ещё одна программа. Если это рассылка или бот, которых подключили вы, всё в "
    "порядке. Если это второй запуск этого бота, остановите его. Если вы о ней не знаете, ключ доступа известен чужим: "
    "удалите его в настройках сообщества и создайте новый."
)
LOST = (
    "ВКонтакте не сохранил для бота события с {since} до {until}. Из переписок прочитано сообщений: {count}, бот на "
    "них отвечает. Кнопки, нажатые за это время, не сработали: их можно нажать ещё раз."
)

Report = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds. ``patience``: for an answer to a method. ``wait``: how long a poll may wait at VK; ten more and the
    connection counts as dead. ``renewal``: of the key, as presses were seen to stop while messages came (N9).
    ``silent``: without any answer until somebody is told (N4). ``halt``: between questions when VK wants none."""

    patience: float = PATIENCE
    wait: int = 25
    renewal: float = 3 * 3600.0
    silent: float = 300.0
    halt: float = 600.0


@dataclass(frozen=True, slots=True)
class Session:
    key: str
    server: str
    born: float = field(default_factory=steady)


class LongPoll:
    """``load_cursor`` gives what was last saved through ``receive``; ``now`` is the time for events without one."""

    def __init__(
        self,
        client: VkClient,
        group_id: int,
        reader: Reader,
        numbers: Numbers,
        *,
        load_cursor: Callable[[], Awaitable[str | None]],
        report: Report,
        note: Note,
        moment: Callable[[datetime], str],
        now: Callable[[], datetime],
        times: Times,
    ) -> None:
        self._client, self._group_id, self._reader, self._numbers = client, group_id, reader, numbers
        self._note, self._moment = note, moment
        self._load_cursor, self._report, self._now, self._times = load_cursor, report, now, times
        self._names = Names(client, note)
        self._session: Session | None = None
        self._ts: str | None = None
        self._since = 0
        self._gap = False
        self._failures = 0
        self._answered_at = steady()
        self._conflict_told_at: float | None = None
        self.trouble: str | None = None

    async def listen(self, receive: Receive) -> None:
        """Until cancelled. Every failure is waited out, none of them ends it."""
        begun = False
        while True:
            try:
                if not begun:
                    await self._begin()
                    begun = True
                well = await self._step(receive)
            except Exception as failed:  # the network's, VK's, or the database's: wait and ask the same again
                await self._failed(failed)
            else:
                await self._paced(well)

    async def _begin(self) -> None:
        """Where to go on from, and whether all is switched on."""
        for sentence in await problems(self._client, self._group_id):
            self._report("vk_settings", f"ВКонтакте: {sentence}")
        ts, _, since = (await self._load_cursor() or "").partition("@")
        self._ts = ts or None
        self._since = int(since) if since.isdigit() else int(self._now().timestamp())

    async def _step(self, receive: Receive) -> bool:
        """One question and what follows. False: VK had no events to give but another word, ask again at leisure."""
        session = await self._current(receive)
        if self._gap:
            await self._repair(receive)
        asked_at = steady()
        answer = await self._ask(session)
        self._answered_at = steady()
        if "failed" in answer:
            self._lost(answer)
            return False
        ts, is_empty = str(answer["ts"]), not answer["updates"]
        batch, foreign = self._read(answer["updates"])
        del answer  # thousands of small things: by the end of the batch the processor would have to look for each
        if batch:
            since = max([self._since, *(int(one.at.timestamp()) for one in batch if one.event_id[0] in "mr")])
            await receive(await self._names.fill(batch), cursor=f"{ts}@{since}")
            self._since = since
        self._ts = ts  # only now
        self._mind_others(foreign)
        self._note("answered")
        return not is_empty or steady() - asked_at > 0.2  # an empty answer should have waited

    def _read(self, updates: Iterable[Any]) -> tuple[list[Inbound], int]:
        """What is to be served, and how many were another program's words. Half of all are echoes, and nobody reads
        them."""
        batch: list[Inbound] = []
        foreign = 0
        for event in updates:
            if self._numbers.is_echo(event):
                foreign += self._numbers.is_foreign(event)
            elif (inbound := self._reader.read(event)) is not None:
                batch.append(inbound)
        return batch, foreign

    async def _current(self, receive: Receive) -> Session:
        """A key that works. The first session of all begins at VK's newest event, and that is saved at once."""
        session = self._session
        if session is not None and steady() - session.born < self._times.renewal:
            return session
        answer = await self._client.call("groups.getLongPollServer", group_id=self._group_id)
        session, ts = Session(answer["key"], answer["server"]), str(answer["ts"])
        if self._ts is None:
            if not self._gap:
                begin = Inbound(channel="vk", event_id=f"begin{ts}@{self._since}", sender="0", chat="", at=self._now(),
                                heard=Elsewhere("listening begins"))  # fmt: skip
                await receive([begin], cursor=f"{ts}@{self._since}")
            self._ts = ts
        self._session = session
        return session

    async def _ask(self, session: Session) -> dict[str, Any]:
        asked = {"act": "a_check", "key": session.key, "ts": self._ts or "", "wait": str(self._times.wait)}
        limits = ClientTimeout(total=self._times.wait + 10, connect=10)
        status, said = await self._client.http.get(session.server, asked, limits)
        if status != 200:
            raise VkUnsure(f"HTTP {status}", how="server_error")
        try:
            answer = bounded_json(said)
        except (ValueError, RecursionError):
            raise VkUnsure("an answer that does not decode") from None
        if not isinstance(answer, dict) or not ("failed" in answer or isinstance(answer.get("updates"), list)):
            raise VkUnsure("an answer that is no long poll's")
        return answer

    def _lost(self, answer: dict[str, Any]) -> None:
        """1: the history moved on without us. 2: a new key. Everything else: start anew, and look for what is gone."""
        failed = answer["failed"]
        self._note(f"failed_{failed}" if failed in (1, 2, 3, 4) else "failed_other")
        if failed != 2:
            self._note("history_lost")
        match failed:
            case 1:
                self._ts, self._gap = str(answer["ts"]), True
            case 2:
                self._session = None
            case _:
                self._session, self._ts, self._gap = None, None, True

    async def _repair(self, receive: Receive) -> None:
        """Fetch what the lost events told. A refusal is reported and lived with; anything else is tried again."""
        count, begin, since = 0, self._since, self._since
        try:
            async for batch in missed(self._client, self._reader, self._since, closed=self._closed):
                read = (one for one in batch if not isinstance(one.heard, Undecodable))
                since = max([since, *(int(one.at.timestamp()) for one in read)])
                await receive(await self._names.fill(batch), cursor=None)
                fresh = sum(one.at.timestamp() >= begin for one in batch)  # the others are known for sure
                self._note("repaired", fresh)
                count += fresh
        except VkRefused as refused:
            if refused.code not in NOT_ALLOWED:
                raise  # busy, or broken: the gap stays until it is repaired
            log.warning("the history cannot be read: VK error %d", refused.code)
            self._closed()
        else:
            began = self._moment(datetime.fromtimestamp(begin, UTC))
            self._report("gap:vk", LOST.format(since=began, until=self._moment(self._now()), count=count))
        self._since, self._gap = since, False
        log.warning("VK lost events; %d messages were read from the conversations", count)

    def _closed(self) -> None:
        told = "ВКонтакте потерял часть событий, а прочитать переписки не разрешено: проверьте диалоги сообщества."
        self._note("repair_refused")
        self._report("vk_gap", told)

    def _mind_others(self, number: int) -> None:
        """Every foreign word is counted; somebody is told once a day: a mailing service may be there for good."""
        if not number:
            return
        self._note("conflict", number)
        if self._conflict_told_at is None or steady() - self._conflict_told_at > AGAIN:
            self._conflict_told_at = steady()
            self._report("conflict:vk", CONFLICT)

    async def _paced(self, well: bool) -> None:
        """No hot loop, whatever VK answers (N9): the first odd answer is taken at once, the next ones at leisure."""
        self.trouble = None
        if well:
            self._failures = 0
            return
        self._failures += 1
        if self._failures > 1:
            await asyncio.sleep(min(0.1 * 2 ** min(self._failures, 10), 30))

    async def _failed(self, failed: Exception) -> None:
        """Wait longer each time. Only the kind of the failure is logged: its text may hold a key or a message."""
        self._failures += 1
        self._note(_cause(failed))
        self.trouble = str(failed) if isinstance(failed, VkRefused | VkUnsure) else type(failed).__name__
        log.warning("long poll: %s, failure %d in a row", self.trouble, self._failures)
        if self._failures > 2:
            self._session = None  # its server may have moved
        if isinstance(failed, VkRefused) and failed.code in BANNED:
            self._report("halted:vk", f"ВКонтакте не даёт получать сообщения (ошибка {failed.code}).")
            await asyncio.sleep(self._times.halt)
            return
        if steady() - self._answered_at > self._times.silent:
            self._report("silent:vk", "ВКонтакте не отвечает больше пяти минут. Бот продолжает попытки.")
        await asyncio.sleep(min(0.1 * 2 ** min(self._failures, 10), 30))


def _cause(failed: Exception) -> str:
    """What is counted. Whatever is not the network's doing came from where the batch was to be written."""
    match failed:
        case VkRefused():
            return "unauthorized" if failed.code in REVOKED else "refused"
        case VkUnsure():
            return failed.how
    is_wires = isinstance(failed, (VkNotSent, ClientError, TimeoutError, *NEVER_LEFT))
    return "no_answer" if is_wires else "not_taken"
