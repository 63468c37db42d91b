"""The text field under a chat."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Self

from nicegui import ui
from nicegui.events import GenericEventArguments

from bot.pages.bubbles import Bubble, Words, box, snippet

Send = Callable[[str, str, str | None], Awaitable[None]]
"""(text, the page's number of this act, id of the message it answers)"""


class Composer:
    """``keeps``: what is not sent yet survives a reload of the page. ``answers``: what stands before the message
    that is answered, ``answering``: the hint meanwhile."""

    def __init__(
        self, on_send: Send, *, keeps: bool, hint: str, answers: str = "Ответ", answering: str = "Ваш ответ клиенту…"
    ) -> None:
        self._send, self._hint, self._answers, self._answering = on_send, hint, answers, answering
        with box("composer") as self.box:
            if keeps:
                self.box.props["data-keep"] = "1"
            with box("answering hidden") as self._bar:
                self._quote = Words("", css="quote")
                Words("✕", tag="button", css="forget", type="button", aria_label="Не отвечать").on(
                    "click", lambda _: self.answer(None), js_handler="(e) => { leadbot.answer(e, ''); emit(); }"
                )
            with box("line") as self.line:
                self.field = ui.element("textarea")
                self.field.props["rows"], self.field.props["maxlength"] = "1", "4096"
                self.field.props["enterkeyhint"] = "send"
                self.hint(hint)
                self.field.on("keydown", self._sent, js_handler="(e) => leadbot.key(e, emit)")
                self.field.on("input", js_handler="(e) => leadbot.input(e)")
                send = Words("", tag="button", css="send", type="button", aria_label="Отправить")
                send.on("click", self._sent, js_handler="(e) => leadbot.click(e, emit)")

    def hint(self, placeholder: str, *, inputmode: str = "text", autocomplete: str = "off") -> Self:
        """What is expected: phones show the right keyboard."""
        wanted = {"placeholder": placeholder, "aria-label": placeholder}
        wanted |= {"inputmode": inputmode, "autocomplete": autocomplete}
        if any(self.field.props.get(name) != value for name, value in wanted.items()):
            self.field.props.update(wanted)
            self.field.update()
        return self

    def answer(self, bubble: Bubble | None) -> None:
        """Show that the next words answer this message; the browser knows it already (``leadbot.answer``)."""
        self._quote.text = f"{self._answers}: {snippet(bubble.text)}" if bubble else ""
        self._bar.classes(remove="hidden") if bubble else self._bar.classes(add="hidden")
        self.hint(self._answering if bubble else self._hint)
        if bubble:
            ui.run_javascript(f"document.getElementById('c{self.field.id}')?.focus()")

    async def _sent(self, event: GenericEventArguments) -> None:
        said = event.args if isinstance(event.args, dict) else {}
        reply = str(said.get("reply") or "") or None
        if reply:
            self.answer(None)
        await self._send(str(said.get("text") or ""), str(said.get("nonce") or "")[:64], reply)
