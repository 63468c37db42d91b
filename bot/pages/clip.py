"""The paper clip beside the workshop's field: the client sends a photo or a file.

Nothing leaves the browser but the file's name and kind: a stage needs no more, as the bot itself never looks into what
people send (P25).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui.element import Element
from nicegui.events import GenericEventArguments

from bot.pages.bubbles import box
from dialogs.cleaning import shown
from dialogs.flow import Place
from dialogs.flow_set import FlowSet

TITLE = "Прислать фото или файл"
ACCEPTS = {"photo": "image/*", "file": ""}  # what is offered first; another file may be chosen all the same
LONGEST_NAME = 80
Send = Callable[[str, str], Awaitable[None]]
"""(«photo» or «document», the file's name)"""


class Clip:
    """Shown while a photo or a file is asked for."""

    def __init__(self, line: Element, on_file: Send) -> None:
        self._send, self._wants = on_file, ""
        with line, box("clip hidden", tag="label") as self.box:
            self.box.props["title"] = TITLE
            self._input = box("", tag="input")
            self._input.props["type"], self._input.props["aria-label"] = "file", TITLE
            self._input.on("change", self._chosen, js_handler="(e) => leadbot.clip(e, emit)")
        self.box.move(target_index=0)

    def want(self, kind: str) -> None:
        """``kind`` of the answer that is waited for, "" for one in words."""
        if kind == self._wants:
            return
        self._wants = kind
        self.box.classes(remove="hidden") if kind else self.box.classes(add="hidden")
        self._input.props["accept"] = ACCEPTS.get(kind, "")
        self._input.update()

    async def _chosen(self, event: GenericEventArguments) -> None:
        said = event.args if isinstance(event.args, dict) else {}
        name = shown(str(said.get("name") or ""), LONGEST_NAME)
        is_photo = str(said.get("type") or "").startswith("image/")
        await self._send("photo" if is_photo else "document", name)


def wanted(flow_set: FlowSet, step: tuple[str, Place] | None) -> str:
    """«photo» or «file», if the step waits for one; else ""."""
    flow = flow_set.flows.get(step[0]) if step else None
    here = flow.by_id.get(str(step[1][1])) if flow and step else None
    return here.answer.type if here and here.answer and here.answer.type in ACCEPTS else ""
