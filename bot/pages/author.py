"""The author's side of the workshop: the flow's graph with the present step lit, problems by line, stories."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from nicegui import ui

from bot.pages.bubbles import Words, box
from bot.pages.edited import Edited
from bot.pages.proving import Proving
from bot.stage import Stage
from dialogs.flow import Flow
from dialogs.flow_set import FlowSet
from dialogs.picture import svg
from dialogs.problems import Problem

DRAFT = "{file} · черновик"
WHAT_DRAFT = "Здесь играет то, что сейчас записано в файлах. Посетители увидят это после публикации: leadbot publish."
BROKEN = "Пока это не исправлено, здесь играет прежний сценарий."
SOUND = "Ошибок нет"
UNREAD = "Папка не читается"


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands at the top of the panel: how the folder is."""

    text: str
    kind: str

    @classmethod
    def of(cls, edited: Edited) -> Mark:
        if edited.note:
            return cls(UNREAD, "bad")
        errors = sum(one.level == "error" for one in edited.problems)
        counts = {
            "ошибки": errors,
            "предупреждения": len(edited.problems) - errors,
            "ошибки в историях": len(edited.stories),
        }
        text = " · ".join(f"{name}: {count}" for name, count in counts.items() if count)
        return cls(f"{text[:1].upper()}{text[1:]}" or SOUND, "bad" if errors else "warn" if text else "good")


class AuthorSide:
    """One page's panel. ``tell``: a short line to whoever looks. ``stage``: what is played on just now."""

    def __init__(self, edited: Edited, *, tell: Callable[[str], None], stage: Callable[[], Stage | None]) -> None:
        self._edited, self._stage = edited, stage
        self._flow: Flow | None = None
        self._told: list[str] = []
        self._proving = Proving(edited, tell=tell, stage=stage, flow=lambda: self._flow.flow if self._flow else "")
        with box("author author-side"):
            with box("author-head"):
                with box("who"):
                    self._title = Words("Сценарий", css="title")
                    self._file = Words("", css="under")
                self._mark = Words(SOUND, tag="button", css="mark good", type="button")
                self._mark.on("click", lambda _: self._fold(), args=[])
                self._proving.draw_acts()
            self._proving.draw_panels()
            self._problems = box("problems hidden")
            self._graph = ui.html(sanitize=False).classes("graph")  # dialogs.picture escapes what authors wrote
            self._graph.props["tabindex"], self._graph.props["aria-label"] = "0", "Схема сценария"

    def _fold(self) -> None:
        self._problems.classes(toggle="hidden")

    async def follow(self, flow_set: FlowSet, flow: str) -> None:
        """Light the step that the talk has come to; its flow is drawn when it is another one than before."""
        stage = self._stage()
        at = stage.step if stage else None
        here = flow_set.flows.get(at[0] if at else flow) or flow_set.flows[flow]
        if self._flow is not here:
            self._flow = here
            drawing = await asyncio.to_thread(svg, here)
            if self._flow is not here:
                return
            self._title.text, self._graph.content = here.title, drawing
        visited = stage.visited if stage else ()
        passed = [str(place[1]) for name, place in visited if name == here.flow and place[0] == "steps"]
        self._graph.props["data-lit"] = str(at[1][1]) if at and at[0] == here.flow else ""
        self._graph.props["data-passed"] = " ".join(dict.fromkeys(passed))
        self._graph.update()
        page = self._edited.atlas.pages.get(here.flow)
        self._file.text = DRAFT.format(file=page.path) if page else ""
        self._file.props["title"] = WHAT_DRAFT if page else ""
        self._file.update()

    def look(self) -> None:
        """The folder has changed: its problems as they are now. What is new among them is shown at once."""
        edited = self._edited
        mark = Mark.of(edited)
        self._mark.text = mark.text
        self._mark.classes(replace=f"mark {mark.kind}")
        self._mark.props["disabled"] = mark.kind == "good"
        self._mark.update()
        found = (*edited.problems, *edited.stories)
        note = edited.note or ("" if edited.sound else BROKEN)
        self._problems.clear()
        with self._problems:
            if note:
                Words(note, css="problems-note")
            for problem in found:
                _problem(problem)
        told = [note, *(one.headline for one in found)]
        if not note and not found:
            self._problems.classes(add="hidden")
        elif told != self._told:
            self._problems.classes(remove="hidden")
        self._told = told
        self._proving.look()


def _problem(problem: Problem) -> None:
    """Where, what, and the way out; the line itself with a caret under the place."""
    place = f"{problem.file}:{problem.line}"
    said = problem.headline.removeprefix(f"{place}:{problem.column}: ")
    with box(f"problem {problem.level}"):
        Words(place, css="place")
        Words(f"{said[:1].upper()}{said[1:]}", css="said")
        if problem.pointer:
            Words("\n".join(problem.pointer), tag="pre", css="line-itself")
