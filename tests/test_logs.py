"""A canary token, phone and name are planted wherever a log line could pick them up, and looked for afterwards."""

from __future__ import annotations

import asyncio
import gc
import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator

import pytest
import structlog
from sqlalchemy import text

from bot import logs
from bot.metrics import Metrics
from bot.stage import Stage
from storage.database import Database
from tests import meridian

TOKEN = "7654321:AAcanary-token_of_a_bot-0123456789ab"
VK_TOKEN = "vk1.a.CaNaRy_token-of_a_community"
PASSWORD = "canary password/42"
PHONE, PHONE_AS_TYPED, NAME, MAIL = "+79001234567", "8 (900) 123-45-67", "Канарейка", "canary@bird.example"
CANARIES = (TOKEN, TOKEN.split(":")[1], VK_TOKEN, PASSWORD, "canary%20password%2F42", PHONE, "9001234567",
            PHONE_AS_TYPED, "123-45-67", NAME, MAIL)  # fmt: skip

log = logging.getLogger("leadbot.test")


@pytest.fixture(params=["console", "json"])
def written(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """Everything that is logged, as loud as it gets."""
    root, hooks = logging.getLogger(), (sys.excepthook, threading.excepthook)
    before = root.handlers[:], root.level, logging.getLogger(logs.OURS).level
    stream = io.StringIO()
    logs.configure(form=request.param, level="DEBUG", secrets=[TOKEN, VK_TOKEN, PASSWORD], stream=stream)
    yield stream
    root.handlers[:], root.level = before[0], before[1]
    logging.getLogger(logs.OURS).setLevel(before[2])
    logging.captureWarnings(False)
    structlog.reset_defaults()
    sys.excepthook, threading.excepthook = hooks


def no_canary(written: io.StringIO) -> str:
    seen = written.getvalue()
    assert [canary for canary in CANARIES if canary in seen] == []
    return seen


def test_O1_tokens_and_passwords_are_blotted_out_whoever_logs_them(written: io.StringIO) -> None:
    for line in (
        f"POST https://api.telegram.org/bot{TOKEN}/sendMessage failed",
        f"token={TOKEN}, {TOKEN!r}",
        f"https://api.vk.example/method/messages.send?access_token={VK_TOKEN}&v=5.199",
        f"wrong password {PASSWORD}; wrong password canary%20password%2F42",
        "postgresql+asyncpg://leads:canary-at-the-door@db.example/leads is away",
        "https://lp.vk.example/wh1?act=a_check&key=0123456789abcdefcanary&ts=5",
        '{"server": "https://lp.vk.example", "key": "0123456789abcdefcanary"}',
    ):
        log.debug(line)
        logging.getLogger("urllib3.connectionpool").error(line)
        structlog.get_logger("leadbot.other").info("told", line=line)
    seen = no_canary(written)
    assert "canary-at-the-door" not in seen and "0123456789abcdef" not in seen
    assert seen.count("sendMessage failed") == 3 and seen.count("v=5.199") == 3


@pytest.mark.parametrize(
    "line",
    [
        PHONE,
        PHONE_AS_TYPED,
        "89001234567",
        "(900) 123-45-67",
        f"tel{PHONE}",
        MAIL,
        f"a@b.ru+{MAIL}",
        f"a@b.ru...{MAIL}",
    ],
)
def test_I11_phones_and_mails_are_caught_by_the_last_net(written: io.StringIO, line: str) -> None:
    log.info("somebody wrote %s here", line)
    assert "somebody wrote" in no_canary(written)


@pytest.mark.parametrize("line", ["-1001234567890", "7123456789", "2000000001", "row 89001", "2026-11-22 16:45:39"])
def test_ids_and_moments_stay_readable(written: io.StringIO, line: str) -> None:
    log.info("about %s", line)
    assert line in written.getvalue()


async def test_I11_exceptions_are_told_by_type_and_place_only(written: io.StringIO, sqlite: Database) -> None:
    loop = asyncio.get_running_loop()
    logs.watch(loop)

    async def fails() -> None:
        raise KeyError(NAME) from ValueError(f"{PHONE} {TOKEN}")

    try:
        await fails()
    except KeyError:
        log.exception("a handler failed")
        structlog.get_logger("leadbot.other").error("again", exc_info=True)
    forgotten = asyncio.ensure_future(fails())
    await asyncio.sleep(0)
    del forgotten
    gc.collect()
    try:
        async with sqlite.write() as db:
            await db.execute(text("INSERT INTO contact (id, name) VALUES (1, :name)"), {"name": NAME})
    except Exception:
        log.warning("not written", exc_info=True)
    thread = threading.Thread(target=lambda: {}[NAME])  # type: ignore[index, var-annotated]
    thread.start()
    thread.join()
    sys.excepthook(RuntimeError, RuntimeError(NAME), None)
    warnings.warn(f"{PHONE} is odd", stacklevel=1)
    seen = no_canary(written)
    assert "KeyError" in seen and "test_logs.py" in seen and "IntegrityError" in seen
    assert "never retrieved" in seen and "thread" in seen and "is odd" in seen


async def test_I11_a_whole_dialog_leaves_nothing_about_the_person(written: io.StringIO) -> None:
    """A test drive from the link to the card, at the loudest level, with what it counted."""
    stage = await Stage.open(meridian.flow_set(), flow="test_drive")
    await stage.opens()
    await stage.says(f"{NAME}, {PHONE_AS_TYPED}, перезвоните")
    for label in ("Записаться", "Согласен", "Кроссовер", "На этой неделе"):
        await stage.taps(label)
    await stage.says("12")
    await stage.taps("Да, оцените мой")
    await stage.says(NAME)
    await stage.says(PHONE_AS_TYPED)
    await stage.taps("Всё верно")
    assert NAME in stage.managers[-1].text
    await stage.manager_replies(stage.managers[-1].id, f"{NAME}, здравствуйте!")
    await stage.says(f"Пишите на {MAIL}")
    await stage.says("удалите мои данные")
    metrics = Metrics()
    await metrics.look(stage.app.database, now=stage.clock.now())
    await stage.close()
    no_canary(written)
    assert NAME.encode() not in metrics.render() and PHONE[1:].encode() not in metrics.render()


def test_json_lines_are_json_with_context(written: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(channel="vk"):
        log.info("served %d", 3, extra={"lead": 7})
    line = written.getvalue().strip()
    if line.startswith("{"):
        told = json.loads(line)
        assert (told["event"], told["channel"], told["lead"], told["level"]) == ("served 3", "vk", 7, "info")
    else:
        assert "served 3" in line and "channel=vk" in line and "lead=7" in line


def test_libraries_speak_from_warning_on(written: io.StringIO) -> None:
    """Their debug lines carry whole requests and rows."""
    for name in ("sqlalchemy.engine", "aiosqlite", "aiogram", "urllib3"):
        logging.getLogger(name).info("the whole row: %s", NAME)
        logging.getLogger(name).warning("trouble with %s", name)
    assert no_canary(written).count("trouble") == 4
