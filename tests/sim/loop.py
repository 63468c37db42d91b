"""An event loop whose clock jumps to the next timer, and whose network is memory.

aiohttp's client and server speak HTTP over it as over TCP: connections are made, cut and lost, only that no byte leaves
the process. What would run in a thread runs at once, in line.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import itertools
import random
import selectors
import socket
from collections.abc import Callable, Coroutine, Generator
from typing import Any
from weakref import WeakSet

Factory = Callable[[], asyncio.Protocol]
LIFE: contextvars.ContextVar[object | None] = contextvars.ContextVar("life", default=None)


class Stuck(Exception):
    """Nobody has anything to do, now or ever: somebody waits for what cannot come."""


class _Jump(selectors.DefaultSelector):  # type: ignore[misc,valid-type]
    """Does not wait: lets the time pass."""

    passed: float = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise Stuck
        self.passed += max(0.0, timeout)
        return []


class Wire(asyncio.Transport):
    """One end of a connection. Bytes arrive in order, a little later, those on the way when an end dies too."""

    def __init__(self, loop: VirtualLoop, protocol: asyncio.Protocol, context: contextvars.Context, port: int) -> None:
        super().__init__({"peername": ("127.0.0.1", port), "sockname": ("127.0.0.1", 1)})
        self._loop, self._protocol, self._context = loop, protocol, context
        self.other: Wire | None = None
        self._closing = False
        self._arrives = 0.0  # when the last thing sent comes to the other end

    def connect(self, other: Wire) -> None:
        self.other = other
        self._run(self._protocol.connection_made, self)

    def _run(self, act: Callable[..., object], *args: object) -> None:
        self._context.copy().run(act, *args)

    def _later(self, act: Callable[..., object], *args: object) -> None:
        self._arrives = max(self._arrives, self._loop.time() + self._loop.latency())
        self._loop.call_at(self._arrives, act, *args)

    def write(self, data: Any) -> None:
        if not self._closing and self.other is not None:
            self._later(self.other.receive, bytes(data))

    def receive(self, data: bytes) -> None:
        if not self._closing:
            self._run(self._protocol.data_received, data)

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._loop.call_soon(self._lost, None)
            if self.other is not None:
                self._later(self.other.hang_up, None)

    def abort(self) -> None:
        """Reset: nobody reads what was still to be written."""
        if not self._closing:
            self._closing = True
            self._loop.call_soon(self._lost, None)
            if self.other is not None:
                self._later(self.other.hang_up, ConnectionResetError("reset by peer"))

    def hang_up(self, why: Exception | None) -> None:
        if not self._closing:
            self._closing = True
            if why is None:
                with contextlib.suppress(Exception):
                    self._run(self._protocol.eof_received)
            self._lost(why)

    def _lost(self, why: Exception | None) -> None:
        self._run(self._protocol.connection_lost, why)

    def is_closing(self) -> bool:
        return self._closing

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        assert isinstance(protocol, asyncio.Protocol)
        self._protocol = protocol

    def get_protocol(self) -> asyncio.Protocol:
        return self._protocol

    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...
    def is_reading(self) -> bool:
        return not self._closing

    def get_write_buffer_size(self) -> int:
        return 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...
    def can_write_eof(self) -> bool:
        return False


class _Address:
    """As much of a socket as those look at who ask where a server listens."""

    family = socket.AF_INET

    def __init__(self, port: int) -> None:
        self._port = port

    def getsockname(self) -> tuple[str, int]:
        return "127.0.0.1", self._port


class Listening(asyncio.AbstractServer):
    def __init__(self, loop: VirtualLoop, port: int, factory: Factory) -> None:
        self._loop, self.port, self.factory = loop, port, factory
        self.context = contextvars.copy_context()
        self.sockets = (_Address(port),)

    def close(self) -> None:
        self._loop.servers.pop(self.port, None)

    async def wait_closed(self) -> None: ...
    def is_serving(self) -> bool:
        return self.port in self._loop.servers

    async def start_serving(self) -> None: ...


class VirtualLoop(asyncio.SelectorEventLoop):
    """``dice`` decide how long bytes travel."""

    def __init__(self, dice: random.Random) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)
        self._clock_resolution = 1e-6
        self.dice = dice
        self.servers: dict[int, Listening] = {}
        self.wires: WeakSet[Wire] = WeakSet()
        self._made = itertools.count()  # names and weak sets order things otherwise in another process
        self._ports = iter(range(20_000, 60_000))
        self._connecting: dict[int, int] = {}
        self._tasks: WeakSet[asyncio.Task[Any]] = WeakSet()
        self.set_task_factory(self._task)

    def time(self) -> float:
        return self._jump.passed

    def latency(self) -> float:
        return self.dice.uniform(0.001, 0.02)

    # ------------------------------------------------------------ whose work it is

    def _task(
        self,
        loop: asyncio.AbstractEventLoop,
        coroutine: Coroutine[Any, Any, Any] | Generator[Any, None, Any],
        **more: Any,
    ) -> asyncio.Task[Any]:
        context = more.get("context")
        task: asyncio.Task[Any] = asyncio.Task(coroutine, loop=loop, **more)
        task.life = context.get(LIFE) if context else LIFE.get()  # type: ignore[attr-defined]
        task.number = next(self._made)  # type: ignore[attr-defined]
        self._tasks.add(task)
        return task

    def tasks_of(self, life: object) -> list[asyncio.Task[Any]]:
        """Everything a process had begun and not ended, in a stable order."""
        mine = [task for task in self._tasks if getattr(task, "life", None) is life and not task.done()]
        return sorted(mine, key=lambda task: task.number)  # type: ignore[attr-defined]

    def cut(self, life: object) -> None:
        """Every connection of a process is reset, as the system does when it dies."""
        for wire in sorted(self.wires, key=lambda one: one.number):  # type: ignore[attr-defined]
            if wire.life is life:  # type: ignore[attr-defined]
                wire.abort()

    # ------------------------------------------------------------ the network

    async def sock_connect(self, sock: socket.socket, address: Any) -> None:
        await asyncio.sleep(self.latency())
        if address[1] not in self.servers:
            raise ConnectionRefusedError(111, f"connect call failed {address}")
        self._connecting[sock.fileno()] = address[1]

    async def create_connection(self, protocol_factory: Any, *args: Any, **more: Any) -> Any:
        sock: socket.socket = more["sock"]
        port = self._connecting.pop(sock.fileno())
        sock.close()
        server = self.servers.get(port)
        if server is None:
            raise ConnectionRefusedError(111, "connect call failed")
        protocol = protocol_factory()
        here = Wire(self, protocol, contextvars.copy_context(), port)
        there = Wire(self, server.factory(), server.context, port)
        for wire in (here, there):
            wire.life = LIFE.get() if wire is here else None  # type: ignore[attr-defined]
            wire.number = next(self._made)  # type: ignore[attr-defined]
            self.wires.add(wire)
        there.connect(here)
        here.connect(there)
        return here, protocol

    async def create_server(self, protocol_factory: Any, host: Any = None, port: Any = None, **more: Any) -> Any:
        number = port or next(self._ports)
        self.servers[number] = server = Listening(self, number, protocol_factory)
        return server

    # ------------------------------------------------------------ threads

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]
        """At once and in line; the result is there when the work would have ended."""
        future: asyncio.Future[Any] = self.create_future()
        try:
            result = func(*args)
        except Exception as failed:
            self.call_later(self.latency(), _settle, future, None, failed)
        else:
            self.call_later(self.latency(), _settle, future, result, None)
        return future


def _settle(future: asyncio.Future[Any], result: object, failed: Exception | None) -> None:
    if future.done():
        return
    if failed is not None:
        future.set_exception(failed)
    else:
        future.set_result(result)
