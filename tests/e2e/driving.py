"""The program as a user starts it, a person's browser, and a chat on a page, in the words of the stories."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, Page, expect

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 15_000  # milliseconds; two cores may be busy


@dataclass
class Leadbot:
    """``leadbot run`` on a free port, with a database of its own."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = self.folder / "leadbot.log"

    def start(self) -> Leadbot:
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
        ours = {
            "DATABASE_URL": f"sqlite+aiosqlite:///{self.folder / 'leads.db'}",
            "FLOWS_DIR": str(ROOT / "tests" / "flows"),
            "WEB_PORT": str(self.port),
            "PYTHONPATH": str(ROOT),
            "LOG_FORMAT": "json",
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot", "run"],
                cwd=self.folder, env={**kept, **ours, **self.settings}, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self._wait()
        return self

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def _wait(self) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            assert self.process is not None and self.process.poll() is None, self.log.read_text()[-3000:]
            try:
                urllib.request.urlopen(f"{self.url}/health", timeout=2)
                return
            except urllib.error.HTTPError:
                return  # it answers: what is not well is not our concern here
            except OSError:
                time.sleep(0.2)
        raise AssertionError(f"no answer on {self.url}: {self.log.read_text()[-3000:]}")


@dataclass
class Visit:
    """One person's browser: what went wrong in it is an error of the test."""

    context: BrowserContext
    complaints: list[str] = field(default_factory=list)

    def open(self, url: str, *, quiet: bool = False) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE)
        host = url.split("/")[2]
        page.on("request", lambda one: None if host in one.url else self._complain(f"asked outside: {one.url}"))
        if not quiet:
            page.on("console", lambda one: self._complain(one.text) if one.type == "error" else None)
            page.on("pageerror", lambda error: self._complain(str(error)))
        page.on("dialog", lambda dialog: (self._complain(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.goto(url)
        return page

    def _complain(self, text: str) -> None:
        if not text.startswith("asked outside: data:"):
            self.complaints.append(text)


class Chat:
    """One chat on a page: a prospect's, the managers', one side of the workshop."""

    def __init__(self, page: Page, place: str = "") -> None:
        self.page, self.place = page, page.locator(f"{place} .chat")

    def taps(self, label: str) -> None:
        """The newest button that says exactly this."""
        self._button(".key", label).click()

    def says(self, text: str) -> None:
        self.field.fill(text)
        self.field.press("Enter")

    def replies(self, to: str, text: str) -> None:
        """«Ответить» under the message with these words, then the words."""
        thread = self.place.locator(".thread, .feed > .message").filter(has_text=to).last
        thread.locator(".reply").last.click()
        self.says(text)

    def sees(self, text: str) -> Locator:
        """The newest message with these words; waits for it."""
        message = self.place.locator(".message").filter(has_text=text).last
        expect(message).to_be_visible()
        return message

    def reads(self, text: str) -> None:
        """Not only there, but on the screen."""
        expect(self.place.locator(".message").filter(has_text=text).last).to_be_in_viewport(ratio=0.5)

    def sees_no(self, text: str) -> None:
        expect(self.place.locator(".message").filter(has_text=text)).to_have_count(0)

    @property
    def field(self) -> Locator:
        return self.place.locator(".composer textarea")

    def _button(self, css: str, label: str) -> Locator:
        exactly = re.compile(rf"^{re.escape(label)}$")
        return self.place.locator(css).filter(has_text=exactly).last


def apply_for_test_drive(chat: Chat, name: str = "Анна") -> None:
    """Walk the flow up to the application."""
    chat.sees("Здравствуйте")
    chat.taps("Записаться")
    chat.sees("только с вашего согласия")
    chat.taps("Согласен")
    chat.sees("Какой автомобиль")
    chat.taps("Кроссовер")
    chat.sees("Когда вам удобно")
    chat.taps("На этой неделе")
    chat.sees("Сколько лет")
    chat.says("12")
    chat.sees("в зачёт нового")
    chat.taps("Да, оцените мой")
    chat.sees("Как к вам обращаться")
    chat.says(name)
    chat.sees("по какому номеру")
    chat.says("8 900 123-45-67")
    chat.sees("+7 900 123-45-67")
    chat.taps("Всё верно")
    chat.sees("Ваш промокод")
