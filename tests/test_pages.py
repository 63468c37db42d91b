"""The pages themselves, served as in production but without a browser; the browser's part is in tests/e2e."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import uvicorn

from bot import pages
from bot.channels import Outgoing
from bot.channels.web import DESK, Web
from bot.clock import HandClock
from bot.files import KeptFiles
from bot.library import OneSet
from bot.pages.plain import login_page, sorry_page
from dialogs.effects import Button
from dialogs.flow_set import FlowSet
from dialogs.reading import load
from storage.database import Database
from storage.files import keep_file
from storage.web import Position
from tests.meridian import FLOWS
from tests.pictures import png
from tests.web_people import says

NOW = datetime(2026, 11, 21, 9, 40, tzinfo=UTC)
EVIL = [
    "<b>",
    "</a>",
    "&lt;",
    '"><i>',
    "*_[x](tg://user?id=1)",
    "<img src=x onerror=alert(1)>",
    "{{ 7*7 }}",
    "${1}",
    "`",
]


def flow_set() -> FlowSet:
    files = {path.relative_to(FLOWS).as_posix(): path.read_bytes() for path in FLOWS.rglob("*") if path.is_file()}
    found = load(files, version=1).flow_set
    assert found is not None
    return found


class Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass
class Pages:
    """The whole web side on a port, in a thread of its own: the pages' library keeps one loop for a process."""

    url: str = ""
    web: Web = field(default=None)  # type: ignore[assignment]
    files: KeptFiles = field(default=None)  # type: ignore[assignment]
    well: bool = True
    stages_opened: int = 0
    _loop: asyncio.AbstractEventLoop = field(default=None)  # type: ignore[assignment]

    def does(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    async def keep(self, digest: str, content: bytes) -> None:
        async with self.files.database.write() as db:
            await keep_file(db, digest=digest, kind="png", content=content)

    async def health(self) -> tuple[bool, dict[str, Any]]:
        return self.well, {"reasons": [] if self.well else ["telegram: told to wait"]}

    async def open_stage(self, *_: object, **__: object) -> None:
        self.stages_opened += 1

    async def serve(self, database_url: str, ready: Callable[[Server], None]) -> None:
        self._loop, clock = asyncio.get_running_loop(), HandClock(NOW)
        database = Database(database_url)
        self.web, self.files = Web(database, clock), KeptFiles(database)
        app = pages.build(
            web=self.web,
            library=OneSet(flow_set()),
            stage_factory=self.open_stage,
            password=None,
            health=self.health,
            metrics=lambda: b"leads_total 3\n",
            files=self.files,
            storage_secret="s" * 32,
            clock=clock,
            flows_dir=FLOWS,
        )
        server = Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
        task = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        self.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        ready(server)
        await task
        await database.close()


@pytest.fixture(scope="module")
def site(sqlite_template: Path) -> Iterator[Pages]:
    """Once: the tables are empty at the start; every test has a visitor of its own."""
    import shutil
    import tempfile

    folder = tempfile.mkdtemp(prefix="leadbot-pages-")
    shutil.copy(sqlite_template, f"{folder}/leads.db")
    served, started, servers = Pages(), threading.Event(), list[Server]()
    url = f"sqlite+aiosqlite:///{folder}/leads.db"

    def ready(server: Server) -> None:
        servers.append(server)
        started.set()

    thread = threading.Thread(target=lambda: asyncio.run(served.serve(url, ready)), daemon=True)
    thread.start()
    assert started.wait(30)
    yield served
    servers[0].should_exit = True
    thread.join(10)
    shutil.rmtree(folder, ignore_errors=True)


async def get(site: Pages, path: str, **headers: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as http, http.get(site.url + path, headers=headers) as answer:
        return answer.status, await answer.text()


# ---------------------------------------------------------------- routes


async def test_health_says_well_or_why_not(site: Pages) -> None:
    assert await get(site, "/health") == (200, '{"reasons":[]}')
    site.well = False
    try:
        assert await get(site, "/health") == (503, '{"reasons":["telegram: told to wait"]}')
    finally:
        site.well = True


async def test_metrics_and_the_icon_are_served(site: Pages) -> None:
    assert await get(site, "/metrics") == (200, "leads_total 3\n")
    assert (await get(site, "/favicon.ico"))[1].startswith("<svg")


@pytest.mark.parametrize(
    "path", ["/chat/kasko", "/chat/business.yaml", "/chat/..%2f..%2fetc%2fpasswd", "/chat/", "/nope"]
)
async def test_S4_what_is_not_there_is_said_in_russian(site: Pages, path: str) -> None:
    status, page = await get(site, path)
    assert status == 404 and "Такой страницы нет" in page


@pytest.mark.parametrize(("path", "words"), [
    ("/", "Вы — клиент слева и менеджер справа"),
    ("/desk", "Вас зовут"),
    ("/chat/courses", "Автоцентр «Меридиан»"),
])  # fmt: skip
async def test_pages_come_from_here_alone_and_in_russian(site: Pages, path: str, words: str) -> None:
    status, page = await get(site, path)
    assert status == 200 and words in page and '<html lang="ru"' in page
    assert 'src="http' not in page and 'href="http' not in page and "//cdn" not in page


async def test_S7_S9_a_look_without_a_browser_opens_no_stage_and_writes_nothing(site: Pages) -> None:
    visitor = "robot" + "0" * 30
    await get(site, "/")
    await get(site, "/chat/courses", Cookie=f"leadbot_visitor={visitor}")
    await asyncio.sleep(0.1)
    assert site.stages_opened == 0
    assert site.does(site.web.messages(visitor)) == []


# ---------------------------------------------------------------- what people wrote is text


@pytest.mark.parametrize("number", range(len(EVIL)))
async def test_I13_P28_S3_what_people_write_is_never_markup(site: Pages, number: int) -> None:
    visitor, evil = f"vera{number}" + "0" * 30, EVIL[number]
    card = Outgoing(id=number + 1, to=DESK, text=f"Имя: {evil}", buttons=((Button(evil, "#1.take"),),))
    site.does(says(site.web, card))
    site.does(says(site.web, Outgoing(id=number + 100, to=visitor, text=f"Очень приятно, {evil}!")))
    for path, words in (("/desk", "Имя:"), ("/chat/courses", "Очень приятно")):
        _, page = await get(site, path, Cookie=f"leadbot_visitor={visitor}")
        data = page.partition("parseElements(String.raw`")[2].partition("`), {")[0]
        assert words in data and words not in page.replace(data, "")
        assert not set(data) & set("<>`$")


def test_S3_plain_pages_escape() -> None:
    assert "<b>" not in sorry_page("<b>", "<b>") and "<b>" not in login_page('"><b>', "<b>")


# ---------------------------------------------------------------- small rules


@pytest.mark.parametrize(
    ("raw", "tag"),
    [
        ("", "courses"),
        ("courses", "courses"),
        ("courses__vk_ads__spring", "courses__vk_ads__spring"),
        ("vk_ads__spring", "courses__vk_ads__spring"),
        ("vk_ads", "courses__vk_ads"),
        ("test_drive__vk_ads__spring", "courses__vk_ads__spring"),
        ("../../etc", "courses__unknown"),
        ("a__b__c__d", "courses__unknown"),
        ("я" * 300, "courses__unknown"),
        ("x" * 300, "courses__unknown"),
    ],
)
def test_P13_the_visits_tag_is_the_pages_flow_with_the_links_source(raw: str, tag: str) -> None:
    from bot.pages.chat import start_tag

    assert start_tag("courses", raw, ("test_drive", "courses")) == tag


def test_a_phone_keyboard_is_shown_for_a_phone_and_none_for_what_nobody_knows() -> None:
    from bot.pages.chat import HINTS, answer_kind

    library = OneSet(flow_set())
    assert answer_kind(library, Position("test_drive", 1, "phone")) == "phone"
    assert HINTS["phone"][1] == "tel" and HINTS["email"][1] == "email"
    for nowhere in (Position("gone", 1, "phone"), Position("test_drive", 1, "gone"), Position("test_drive", 1, None)):
        assert answer_kind(library, nowhere) is None


def test_threads_hold_what_answers_a_card_and_the_newest_is_last() -> None:
    from bot.pages.bubbles import Bubble
    from bot.pages.desk import gather

    def said(number: str, reply_to: str | None = None) -> Bubble:
        return Bubble(number, "bot", "…", NOW, reply_to=reply_to)

    asked = [said("1"), said("2"), said("3", "1"), said("4", "3"), said("10"), said("11", "2"), said("12", "404")]
    threads = {root: [one.id for one in group] for root, group in gather(asked).items()}
    assert list(threads.items()) == [("1", ["1", "3", "4"]), ("10", ["10"]), ("2", ["2", "11"]), ("12", ["12"])]


def test_a_kept_events_key_is_the_same_for_a_repeat_and_tells_nothing_of_the_visitor() -> None:
    from bot.pages.live import _event_id

    anna, act = "Anna" * 8, "0123456789abcdef" * 2
    assert _event_id(anna, act) == _event_id(anna, act) != _event_id("Vera" * 8, act)
    assert "Anna" not in _event_id(anna, act) and _event_id(anna, act) != _event_id(anna, act[::-1])


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("скидка 15 % — сразу", "скидка 15\N{NBSP}%\N{NBSP}— сразу"),
        ("стоит 2 500 ₽", "стоит 2\N{NBSP}500\N{NBSP}₽"),
        ("номер: +7 900 123-45-67.", "номер: +7\N{NBSP}900\N{NBSP}123-45-67."),
        ("— список\n— дальше", "— список\n— дальше"),
    ],
)
def test_what_belongs_together_is_not_parted_by_a_lines_end(said: str, shown: str) -> None:
    from bot.pages.bubbles import kept_together

    assert kept_together(said) == shown


def test_the_time_bar_speaks_russian() -> None:
    from bot.pages.time_bar import clock_text

    assert clock_text(NOW + timedelta(hours=3)) == "сб 21 ноября 12:40"


# ---------------------------------------------------------------- stages


class Rehearsal:
    """A stage that only knows whether it is open."""

    def __init__(self) -> None:
        self.closed = False

    async def close(self) -> None:
        self.closed = True


async def test_S9_stages_are_few_and_the_longest_unused_goes_first() -> None:
    from bot.pages.stages import Stages

    made: list[Rehearsal] = []

    async def factory(*_: object, **__: object) -> Rehearsal:
        made.append(Rehearsal())
        return made[-1]

    stages, live = Stages(factory, HandClock(NOW), most=2), flow_set()
    for page in ("anna", "boris"):
        await stages.open(page, live, flow="courses", channel="vk")
    assert stages.find("anna") is made[0]
    await stages.open("vera", live, flow="courses", channel="vk")
    assert [one.closed for one in made] == [False, True, False] and stages.find("boris") is None
    await stages.open("anna", live, flow="courses", channel="telegram")
    assert [one.closed for one in made] == [True, True, False, False]
    await stages.close_all()
    assert all(one.closed for one in made)


async def test_S9_a_stage_nobody_plays_on_is_closed() -> None:
    from bot.pages.stages import Stages

    stage = Rehearsal()

    async def factory(*_: object, **__: object) -> Rehearsal:
        return stage

    stages = Stages(factory, HandClock(NOW), idle=timedelta())
    await stages.open("anna", flow_set(), flow="courses", channel="vk")
    await asyncio.sleep(0.01)
    await stages.close_idle()
    assert stage.closed


# ---------------------------------------------------------------- files of flows


async def test_a_flows_picture_is_served_by_its_digest_and_by_nothing_else(site: Pages) -> None:
    digest = sha256(png()).hexdigest()
    site.does(site.keep(digest, png()))
    async with aiohttp.ClientSession() as http, http.get(f"{site.url}/files/{digest}") as answer:
        assert (await answer.read(), answer.headers["content-type"]) == (png(), "image/png")
        assert "immutable" in answer.headers["cache-control"] and answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
    for wrong in ("0" * 64, "..%2f..%2fetc%2fpasswd", digest[:-1], digest.upper()):
        assert (await get(site, f"/files/{wrong}"))[0] == 404


async def test_what_the_workshop_shows_is_for_the_workshop_alone(site: Pages) -> None:
    digest = sha256(png(5, 5)).hexdigest()
    site.does(site.keep(digest, png(5, 5)))
    address = f"{site.url}/draft/{digest}"
    async with aiohttp.ClientSession() as http:
        async with http.get(address) as here:
            assert (await here.read(), here.headers["content-type"]) == (png(5, 5), "image/png")
            assert here.headers["cache-control"] == "no-store"
        async with http.get(address, headers={"X-Forwarded-For": "203.0.113.9"}) as elsewhere:
            assert elsewhere.status == 403 and png(5, 5) not in await elsewhere.read()
    assert (await get(site, f"/draft/{'0' * 64}"))[0] == 404
