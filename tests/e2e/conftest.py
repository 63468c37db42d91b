"""The whole program as a user starts it, and a real browser in front of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.driving import PATIENCE, Leadbot, Visit

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser and a whole process take longer than a minute's worth of unit tests."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(180))


# ---------------------------------------------------------------- the program


@pytest.fixture(scope="session")
def leadbot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Leadbot]:
    """One for all: their visitors are different people."""
    running = Leadbot(tmp_path_factory.mktemp("leadbot")).start()
    yield running
    running.stop()


@pytest.fixture
def own_leadbot(tmp_path: Path) -> Iterator[Callable[..., Leadbot]]:
    """One of the test's own, with settings of its choice."""
    started: list[Leadbot] = []

    def start(**settings: str) -> Leadbot:
        started.append(Leadbot(tmp_path, settings).start())
        return started[-1]

    yield start
    for one in started:
        one.stop()


# ---------------------------------------------------------------- the browser


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    assert path, "Chromium is not installed: .ci/run installs Debian's"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def laptop(chromium: Browser) -> Iterator[Visit]:
    yield from _visit(chromium, width=1366, height=800, touch=False)


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Visit]:
    yield from _visit(chromium, width=390, height=844, touch=True)


def _visit(chromium: Browser, *, width: int, height: int, touch: bool) -> Iterator[Visit]:
    size = {"width": width, "height": height}
    context = chromium.new_context(viewport=size, is_mobile=touch, has_touch=touch, locale="ru-RU")  # type: ignore[arg-type]
    visit = Visit(context)
    yield visit
    context.close()
    assert visit.complaints == []
