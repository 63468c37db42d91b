"""What one channel has on its way: rows on the wire and those of the same chat that leave behind them: at once where
the network keeps their order, elsewhere when those before them have arrived.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

from bot.channels import Outcome, Sent, Unknown
from storage.claimed import Claimed
from storage.claims import Claim

__all__ = ["Flight", "Flights"]

FRESH = 1.0  # seconds after which a row that has not left goes back: whoever is erased meanwhile must not be shown

Perform = Callable[[Claim], asyncio.Future[Outcome]]

log = logging.getLogger("leadbot.delivery")


@dataclass(slots=True, eq=False)
class Flight:
    """``until``: when, by the loop's clock, it is not waited for any longer; not before it has left. ``claimed_at``: by
    the same clock."""

    row: Claimed
    going: asyncio.Future[Outcome] | asyncio.Future[Outcome | None]
    claimed_at: float
    until: float = math.inf

    @property
    def left(self) -> bool:
        """Has it left?"""
        return self.until < math.inf

    @property
    def outcome(self) -> Outcome | None:
        """Of one that has ended; None if it did not leave. A channel that breaks its promise not to raise leaves an
        unknown one."""
        try:
            return self.going.result()
        except asyncio.CancelledError:
            return Unknown("no answer in time") if self.left else None
        except Exception as broken:
            return Unknown(type(broken).__name__)


class Flights:
    """``deadline``: seconds for one on the wire. ``keeps_order``: the network does. ``may_follow``: asked when a row's
    turn comes behind another of its chat. ``leaves``, ``landed``: called with each that leaves, and with each that has
    ended."""

    def __init__(
        self,
        deadline: float,
        *,
        keeps_order: bool,
        may_follow: Callable[[Claimed], bool],
        leaves: Callable[[Claimed], None],
        landed: Callable[[Flight], None],
    ) -> None:
        self._deadline, self._keeps_order = deadline, keeps_order
        self._may_follow, self._leaves, self._landed = may_follow, leaves, landed
        self._all: dict[int, Flight] = {}
        self.people = 0  # how many are for somebody who waits for an answer, not for a desk
        self.away = 0  # how many have left, and how they ended is not written yet

    def __len__(self) -> int:
        return len(self._all)

    @property
    def numbers(self) -> list[int]:
        """Of the rows that are ours."""
        return list(self._all)

    def begin(self, claims: Iterable[Claim], perform: Perform) -> None:
        """Let these rows leave, those of one chat in their order."""
        now = asyncio.get_running_loop().time()
        for _, line in groupby(claims, key=lambda one: one.row.to):
            self._begin(list(line), perform, now)

    def _begin(self, line: Sequence[Claim], perform: Perform, now: float) -> None:
        first, *others = line
        before = self._leave(self._add(first.row, _begun(first, perform), now), now)
        at_once = self._keeps_order and all(map(_goes_straight, line))
        for claim in others:
            at_once = at_once and self._may_follow(claim.row)
            if at_once:
                before = self._leave(self._add(claim.row, _begun(claim, perform), now), now)
            else:
                before = self._add(claim.row, asyncio.create_task(self._behind(before, claim, perform)), now)

    def _add(self, row: Claimed, going: asyncio.Future[Any], now: float) -> Flight:
        flight = self._all[row.id] = Flight(row, going, now)
        self.people += row.identity_id is not None
        going.add_done_callback(partial(self._end, flight))
        return flight

    async def _behind(self, before: Flight, claim: Claim, perform: Perform) -> Outcome | None:
        await asyncio.wait({before.going})
        flight, now = self._all[claim.row.id], asyncio.get_running_loop().time()
        is_old = now - flight.claimed_at > FRESH
        if is_old or not isinstance(before.outcome, Sent) or not self._may_follow(claim.row):
            return None
        self._leave(flight, now)
        return await perform(claim)

    def _leave(self, flight: Flight, now: float) -> Flight:
        flight.until = now + self._deadline
        self.away += 1
        self._leaves(flight.row)
        return flight

    def _end(self, flight: Flight, going: asyncio.Future[Any]) -> None:
        broken = None if going.cancelled() else going.exception()
        if broken is not None:  # its text may quote the message: only its type is told (I11)
            log.error("channel %s raised %s on row %d", flight.row.channel, type(broken).__name__, flight.row.id)
        self.people -= flight.row.identity_id is not None
        self._landed(flight)

    # ------------------------------------------------------------ those that have ended

    @property
    def has_ended(self) -> bool:
        return any(one.going.done() for one in self._all.values())

    def ended(self) -> list[Flight]:
        """How they ended is not written yet."""
        return [one for one in self._all.values() if one.going.done()]

    def go_on(self, ended: Iterable[Flight]) -> bool:
        """Is another row of one of these chats still on its way?"""
        moving = {one.row.to for one in self._all.values() if not one.going.done()}
        return any(one.row.to in moving for one in ended)

    def forget(self, ended: Iterable[Flight]) -> None:
        """It is written."""
        for one in ended:
            del self._all[one.row.id]
            self.away -= one.left

    # ------------------------------------------------------------ those that have not

    async def one_ends(self) -> None:
        """Wait for the first, or until one is overdue."""
        going = [one.going for one in self._all.values()]
        await asyncio.wait(going, return_when=asyncio.FIRST_COMPLETED, timeout=self.until_overdue())

    async def all_end(self, *, within: float) -> None:
        if self._all:
            await asyncio.wait([one.going for one in self._all.values()], timeout=within)

    def until_overdue(self) -> float:
        """Seconds until one has lasted too long. One look a round is cheaper than a timer for each."""
        first = min((one.until for one in self._all.values()), default=math.inf)
        return max(0.0, first - asyncio.get_running_loop().time())

    def cut_off(self) -> None:
        """A channel that hangs leaves an unknown outcome; one that does not let go is asked again later."""
        now = asyncio.get_running_loop().time()
        for one in self._all.values():
            if one.until <= now:
                one.going.cancel()
                one.until = now + self._deadline

    def stay(self) -> None:
        """What has not left does not leave: it may not be wanted any more."""
        for one in self._all.values():
            if not one.left:
                one.going.cancel()

    def cancel(self) -> None:
        for one in self._all.values():
            one.going.cancel()


def _begun(claim: Claim, perform: Perform) -> asyncio.Future[Outcome]:
    """What is broken at once is broken as it would be later."""
    try:
        return perform(claim)
    except Exception as broken:
        going: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        going.set_exception(broken)
        return going


def _goes_straight(claim: Claim) -> bool:
    """Its message is the first thing that the channel does for it: nothing is looked up or given before."""
    return claim.row.attempt == 1 and not claim.row.body.get("file")
