"""The web server inside our own loop: it neither owns the signals nor ends the process."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Generator
from typing import Any

import uvicorn

GRACE = 2  # seconds for open requests when we stop


class Server(uvicorn.Server):
    """uvicorn raises the signal again after it has stopped, which would kill us before our own end."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    def stop(self) -> None:
        self.should_exit = True


def make_server(app: Any) -> Server:
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=GRACE, lifespan="on"
    )
    return Server(config)


async def run(server: Server, listener: socket.socket) -> None:
    """Until ``stop``. Raises RuntimeError when the pages could not start."""
    await server.serve(sockets=[listener])
    if not server.started:
        raise RuntimeError("the pages did not start")
