"""The process: how it starts, and how it ends (O2).

Start: logs, the port, the one-process lock, a look at the file, the schema, the flows, then everything that runs
(``bot/house.py``). By ``LAST_MOMENT`` seconds after the first signal the process is gone in any case; what it did not
finish is as after ``kill -9``: nothing is lost by that.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sqlite3
import sys
import threading

from sqlalchemy.exc import SQLAlchemyError

from bot import logs
from bot.alone import Alone, NotAlone
from bot.house import CannotStart, House
from bot.language import sentence
from bot.port import PortTaken, bind
from bot.settings import Settings, warnings
from storage.database import Database
from storage.schema import NewerSchema, upgrade
from storage.soundness import Damaged, ensure_sound

LAST_MOMENT = 9.0  # seconds after the first signal
SECONDS_LEFT = 1.0  # for threads of libraries once everything of ours is closed

log = logging.getLogger("leadbot.process")


async def serve(settings: Settings) -> int:
    """Run leadbot until SIGTERM or SIGINT; the exit code. Says in one sentence why it cannot start."""
    logs.configure(form=settings.log_format, level=settings.log_level, secrets=settings.secrets)
    logs.watch(asyncio.get_running_loop())
    for warning in warnings():
        log.warning("%s", warning)
    stop = _stop_signals()
    database = Database(settings.database_url)
    alone = Alone(database)
    try:
        with bind(settings.web_host, settings.web_port) as listener:
            await alone.take()
            await ensure_sound(database)
            await upgrade(database)
            house = await House.build(settings, database)
            await house.open(listener)
            _settle_memory()
            await stop.wait()
            _leave_within(LAST_MOMENT)
            await house.shut()
    except (CannotStart, NotAlone, NewerSchema, PortTaken, Damaged) as why:
        print(sentence(str(why), os.environ), file=sys.stderr)
        return 1
    except (SQLAlchemyError, sqlite3.Error, OSError) as failed:
        log.exception("cannot start")
        told = f"The database does not answer ({type(failed).__name__}): look at DATABASE_URL."
        print(sentence(told, os.environ), file=sys.stderr)
        return 1
    finally:
        await alone.release()
        await database.close()
    _leave_within(SECONDS_LEFT)
    return 0


def _settle_memory() -> None:
    """What a start makes stays for good, a million objects of libraries: the collector need not look through it again
    and again, nor look at all for every few hundred rows."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _stop_signals() -> asyncio.Event:
    """Set by the first SIGTERM or SIGINT; the next ones change nothing."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def _leave_within(seconds: float) -> None:
    """A hanging thread of a library must not keep the process: everything that matters is committed."""
    last = threading.Timer(seconds, os._exit, (0,))
    last.daemon = True
    last.start()
