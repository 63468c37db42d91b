"""The published sets of flows, as the bot runs them: the newest, and every one that a conversation is pinned to."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import func, select

from bot.publishing import compiled
from dialogs.flow_set import FlowSet
from storage.database import Database
from storage.tables import FlowVersion


class Published:
    """Versions from the database. Texts of all versions are in memory (small), each is compiled when first needed."""

    def __init__(self, database: Database, *, compile: Callable[..., FlowSet] = compiled) -> None:
        self._database, self._compile = database, compile
        self._files: dict[int, dict[str, str]] = {}
        self._compiled: dict[int, FlowSet] = {}

    @property
    def live(self) -> FlowSet:
        """Raises LookupError when nothing is published yet."""
        if not self._files:
            raise LookupError("nothing is published yet")
        return self.at(max(self._files))

    def at(self, version: int) -> FlowSet:
        """Raises KeyError for a version that was never published."""
        if version not in self._compiled:
            self._compiled[version] = self._compile(self._files[version], version=version)
        return self._compiled[version]

    async def refresh(self) -> bool:
        """Take in what was published meanwhile, also by another process; True if something was.

        Raises LookupError when the newest set cannot be read by this program: the former one stays live.
        """
        known = max(self._files, default=0)
        async with self._database.read() as db:
            if (await db.scalar(select(func.max(FlowVersion.id))) or 0) <= known:
                return False
            rows = await db.execute(select(FlowVersion.id, FlowVersion.files).where(FlowVersion.id > known))
            fresh = {row.id: row.files for row in rows}
        newest = max(fresh)
        self._compiled[newest] = self._compile(fresh[newest], version=newest)
        self._files |= fresh
        return True


class OneSet:
    """A library of one set: stages, stories and tests."""

    def __init__(self, flow_set: FlowSet) -> None:
        self.live = flow_set

    def at(self, version: int) -> FlowSet:
        return self.live
