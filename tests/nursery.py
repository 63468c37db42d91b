"""Where bots are born: a process that has imported everything and forks one at once, for all tests of a run.

Importing the libraries takes seconds. Whoever connects gets a keeper, who has bots one after another for them: a line
of JSON for each, the answer a line when it is born and one when it has ended. A child runs ``leadbot run`` with its own
settings, and with a crash point armed if one is named: ``name:N`` ends it by SIGKILL when the point is passed for the
N-th time.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

_KNOWN_AS = "LEADBOT_NURSERY"
_READY = (
    "nicegui",
    "aiosqlite",
    "httptools",
    "websockets",
    "bot.process",
    "bot.stage",
    "bot.server",
    "storage.migrating",
    "bot.pages",
    "bot.channels.web",
    "bot.channels.telegram",
    "bot.channels.vk",
)


def address() -> str:
    """The socket of this run's nursery, which is opened if nobody has done it yet; processes begun later share it."""
    if _KNOWN_AS not in os.environ:
        os.environ[_KNOWN_AS] = _opened()
    return os.environ[_KNOWN_AS]


def _opened() -> str:
    """It listens at once; who comes before it is ready waits."""
    folder = Path(tempfile.mkdtemp(prefix="leadbot-nursery-"))
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(folder / "door"))
        door.listen(100)
        root = str(Path(__file__).parent.parent)
        process = subprocess.Popen(
            [sys.executable, __file__, str(door.fileno())],
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": root, "LC_ALL": "en_GB.UTF-8"},
            pass_fds=[door.fileno()],
        )

    def close() -> None:
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(close)
    return str(folder / "door")


# ---------------------------------------------------------------- in its own process


def _open(door: socket.socket) -> None:
    for name in _READY:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # a child has its own garbage only: less to copy, less to look through
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers bury themselves
    while True:
        visitor, _ = door.accept()
        if os.fork() == 0:
            door.close()
            _keep(visitor)
        visitor.close()


def _keep(visitor: socket.socket) -> None:
    """Bots for one visitor, until they leave; what still runs then is killed."""
    alive: set[int] = set()

    def tell(**what: int) -> None:
        with suppress(OSError):  # gone already
            visitor.sendall(f"{json.dumps(what)}\n".encode())

    def bury(_signal: int, _frame: FrameType | None) -> None:
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                alive.discard(ended[0])
                tell(ended=os.waitstatus_to_exitcode(ended[1]))

    signal.signal(signal.SIGCHLD, bury)
    with visitor.makefile(encoding="utf-8") as orders:
        for line in orders:
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})  # born is told before ended
            if child := os.fork():
                alive.add(child)
                tell(born=child)
            else:
                os.close(visitor.fileno())
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
            if not child:
                _be_bot(json.loads(line))
    for child in list(alive):
        os.kill(child, signal.SIGKILL)
    os._exit(0)


def _be_bot(order: dict[str, Any]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(order["log"], os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["env"])
    time.tzset()
    if order["crash_at"]:
        _arm(order["crash_at"])
    sys.argv = ["leadbot", "run"]
    module, _, function = order["program"].partition(":")
    main = getattr(importlib.import_module(module), function)
    code: object = 1
    try:
        main()
    except SystemExit as ended:
        code = ended.code
    finally:
        sys.stdout.flush()
        os._exit(code if isinstance(code, int) else 0)


def _arm(crash_at: str) -> None:
    from storage.crash import arm

    name, _, number = crash_at.partition(":")
    left = int(number or 1)

    def passed(point: str) -> None:
        nonlocal left
        left -= point == name
        if point == name and left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    arm(passed)


if __name__ == "__main__":
    _open(socket.socket(fileno=int(sys.argv[1])))
