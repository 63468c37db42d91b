"""The stories of a flow in the workshop: played in the background, each shown as it ends; the talk kept as one more."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

from nicegui import ui
from nicegui.events import GenericEventArguments

from bot.pages.bubbles import Words, box
from bot.pages.edited import Edited
from bot.publishing import StillChanging, read_folder
from bot.recording import CannotRecord, record
from bot.rehearsal import ON_SCREEN, play
from bot.scenery import scenery
from bot.stage import Stage
from dialogs.flow_set import FlowSet
from dialogs.places import Atlas
from dialogs.stories import Story, parse

LONGEST_NAME = 100
NO_STORIES = "У этого сценария пока нет историй. Проведите разговор и сохраните его кнопкой рядом."
FIRST_MEND = "Сначала исправьте ошибки в сценарии."
BUSY = "Истории сейчас проверяются на другой странице, подождите немного."
NAME_IT = "Название, например: Анна оставляет номер"
NAMELESS = "Дайте истории название."
SAVED = "История «{name}» записана в {file}, действий: {acts}."
NOT_SAVED = "Записать файл не получилось: {reason}."


class Proving:
    """``tell``: a short line to whoever looks. ``stage``: what is played on just now. ``flow``: which flow is shown."""

    def __init__(
        self,
        edited: Edited,
        *,
        tell: Callable[[str], None],
        stage: Callable[[], Stage | None],
        flow: Callable[[], str],
    ) -> None:
        self._edited, self._tell, self._stage, self._flow = edited, tell, stage, flow

    def draw_acts(self) -> None:
        with box("author-acts"):
            self._check = Words("Проверить истории", tag="button", css="turn", type="button")
            self._check.on("click", self.rehearse, args=[])
            self._keep = Words("Сохранить как историю", tag="button", css="turn", type="button")
            self._keep.on("click", self._ask_name, args=[])

    def draw_panels(self) -> None:
        self._name = box("naming hidden", tag="form")
        with self._name:
            field = box("", tag="input")
            field.props.update(name="name", maxlength=str(LONGEST_NAME), placeholder=NAME_IT, autocomplete="off")
            field.props["aria-label"] = "Название истории"
            Words("Сохранить", tag="button", css="turn", type="submit")
            cancel = Words("✕", tag="button", css="forget", type="button", aria_label="Не сохранять")
            cancel.on("click", lambda _: self._name.classes(add="hidden"), args=[])
        self._name.on(
            "submit", self._save, js_handler="(e) => { e.preventDefault(); emit(e.target.elements.name.value) }"
        )
        self._panel = box("told-stories hidden")

    def look(self) -> None:
        """The folder has changed: what was proved is proved no more."""
        self._panel.classes(add="former")
        folder = self._edited.folder
        writable = folder.is_dir() and os.access(folder, os.W_OK)
        self._keep.classes(remove="hidden") if writable else self._keep.classes(add="hidden")

    async def rehearse(self) -> None:
        """Play the flow's stories one after another."""
        edited, flow = self._edited, self._flow()
        flow_set, files, atlas = edited.flow_set, edited.files, edited.atlas
        if not edited.sound:
            return self._tell(FIRST_MEND)
        if edited.rehearsing.locked():
            return self._tell(BUSY)
        async with edited.rehearsing:
            mine = [one for one in (await asyncio.to_thread(parse, files))[0] if one.flow == flow]
            if not mine:
                return self._tell(NO_STORIES)
            self._can_check(yes=False)
            try:
                await self._play(flow_set, mine, atlas)
            finally:
                self._can_check(yes=True)
        return None

    def _can_check(self, *, yes: bool) -> None:
        self._check.props["disabled"] = not yes
        self._check.update()

    async def _play(self, flow_set: FlowSet, stories: list[Story], atlas: Atlas) -> None:
        self._panel.clear()
        self._panel.classes(remove="hidden former")
        with self._panel:
            with box("stories-head"):
                total = Words("", css="stories-sum")
                fold = Words("✕", tag="button", css="forget", type="button", aria_label="Убрать")
                fold.on("click", lambda _: self._panel.classes(add="hidden"), args=[])
            rows = box("stories-rows")
        failed, made = 0, await scenery(flow_set)
        for number, story in enumerate(stories, 1):
            total.text = f"Проверяю историю {number} из {len(stories)}…"
            wrong = (await play(flow_set, story, atlas, made)).wrong
            if self._panel.is_deleted:  # the page is gone
                return
            failed += wrong is not None
            with rows:
                _played(story, wrong)
        passed = len(stories) - failed
        total.text = f"Сошлись {passed} из {len(stories)}" if failed else f"Все истории сошлись: {passed}"

    async def _ask_name(self) -> None:
        if not self._edited.sound:
            return self._tell(FIRST_MEND)
        self._name.classes(remove="hidden")
        ui.run_javascript(f"document.querySelector('#c{self._name.id} input')?.focus()")
        return None

    async def _save(self, event: GenericEventArguments) -> None:
        """The talk as it stands, as a story of the stage's flow."""
        name = " ".join(str(event.args).split())[:LONGEST_NAME]
        stage, edited = self._stage(), self._edited
        if not name or stage is None:
            return self._tell(NAMELESS)
        if not edited.sound:
            return self._tell(FIRST_MEND)
        try:
            files = await asyncio.to_thread(read_folder, edited.folder)  # what was written a moment ago is kept
            file = await record(edited.flow_set, files, edited.folder, stage, name=name)
        except (CannotRecord, StillChanging) as cannot:
            return self._tell(f"{str(cannot)[:1].upper()}{str(cannot)[1:]}")
        except OSError as failed:
            return self._tell(NOT_SAVED.format(reason=failed.strerror))
        self._name.classes(add="hidden")
        where = file.relative_to(edited.folder).as_posix()
        return self._tell(SAVED.format(name=name, file=where, acts=len(stage.acts)))


def _played(story: Story, wrong: str | None) -> None:
    with box(f"told-story {'passed' if wrong is None else 'failed'}"):
        Words(f"{'✓' if wrong is None else '✗'} {story.name}", css="story-name")
        if not wrong:
            return
        said, _, screens = wrong.partition(f"\n{ON_SCREEN}\n")
        with box("story-wrong"):
            _lines(said)
            if screens:
                with box("", tag="details"):
                    Words("Что было на экранах", tag="summary")
                    _lines(f"{ON_SCREEN}\n{screens}")


def _lines(text: str) -> None:
    """Each with its indent, which a long line keeps."""
    lines = text.split("\n")
    edge = min(len(line) - len(line.lstrip()) for line in lines)
    for line in lines:
        Words(line.strip(), css="wrong-line").style(f"padding-left: {len(line) - len(line.lstrip()) - edge}ch")
