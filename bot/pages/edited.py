"""The folder as its authors edit it: what the workshop plays. One look for all pages, and only while one is open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from bot.clock import Clock
from bot.publishing import StillChanging, check, published_files, read_folder
from dialogs.flow_set import FlowSet
from dialogs.places import Atlas
from dialogs.problems import Problem
from handlers.work import Library

NO_FOLDER = "Папки {folder} нет: здесь играет опубликованный сценарий."
CLOSED = "Папку {folder} прочитать не удалось: здесь играет прежний сценарий."


class Edited:
    """``files``: as they stand, stories too; ``atlas``: where all is in them. ``sound``: they are what is played.
    ``problems`` are of the flows, ``stories`` of the stories; ``note`` says why nothing could be read.
    """

    def __init__(self, folder: Path, library: Library, clock: Clock) -> None:
        self.folder, self._library, self._clock = folder, library, clock
        self.files: Mapping[str, bytes] = {}
        self.atlas = Atlas({})
        self.sound, self.note = False, ""
        self.problems: tuple[Problem, ...] = ()
        self.stories: tuple[Problem, ...] = ()
        self.rehearsing = asyncio.Lock()  # one page's stories at a time: people are served beside them
        self._sound: FlowSet | None = None
        self._played: Mapping[str, bytes] = {}
        self._judged: Mapping[str, bytes] | None = None
        self._looking = asyncio.Lock()
        self._watchers: list[Callable[[], None]] = []

    @property
    def flow_set(self) -> FlowSet:
        """The newest sound set of the folder; until there is one, the published."""
        return self._sound or self.live

    @property
    def live(self) -> FlowSet:
        """What real people get."""
        return self._library.live

    def media(self, digest: str) -> tuple[str, bytes] | None:
        """(kind, content) of a picture or a document of what is played from the folder."""
        played = self._sound.media if self._sound else {}
        return next(((one.kind, self._played[path]) for path, one in played.items() if one.digest == digest), None)

    def watch(self, tell: Callable[[], None]) -> Callable[[], None]:
        """Be told when something has changed, until the answer is called."""
        self._watchers.append(tell)
        return lambda: self._watchers.remove(tell)

    async def look(self) -> None:
        """Read the folder if anybody watches. What is being written just now is left for the next look."""
        if not self._watchers:
            return
        async with self._looking:
            try:
                changed = await self._take()
            except StillChanging:
                return
            except OSError:
                changed = self._without(CLOSED.format(folder=self.folder))
            for tell in tuple(self._watchers) if changed else ():
                tell()

    async def _take(self) -> bool:
        """Judge what the folder holds; False if that is known already."""
        if not self.folder.is_dir():
            return self._without(NO_FOLDER.format(folder=self.folder))
        files = await asyncio.to_thread(read_folder, self.folder)
        if files == self._judged:
            return False
        self._judged = files
        checked = await asyncio.to_thread(check, files, today=self._clock.now())
        stories_alone = self.sound and checked.sound and published_files(files) == published_files(self.files)
        if checked.sound and not stories_alone:
            self._sound, self._played = checked.flow_set, files
        self.atlas = await asyncio.to_thread(Atlas.of, files)
        self.files, self.sound, self.note = files, checked.sound, ""
        self.problems, self.stories = checked.problems, checked.stories
        return True

    def _without(self, note: str) -> bool:
        if note == self.note:
            return False
        self.files, self._judged, self.atlas, self.sound, self.note = {}, None, Atlas({}), False, note
        self.problems, self.stories = (), ()
        return True
