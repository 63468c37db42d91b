"""One run: a bot on one core, its network and its people on another, and what /proc says meanwhile.

``python -m bench.load --subject leadbot --people 50 --seconds 6`` prints one line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import quantiles

from bench import machine
from bench.crowd import Crowd
from bench.subjects import SUBJECTS, Subject, published
from bench.telegram_network import TelegramNetwork
from bench.vk_network import VkNetwork
from bench.wire import listen

PATIENCE = 60.0  # seconds for the last answers
STARTING = 300.0  # seconds until the first answer: an aged database may be looked through before
IDLE = 0.03  # of a core: a bot that takes less has started
MOST = 10  # times the seconds asked for, by which a run is over whatever was played
FEWEST = 20  # answers in the time measured
SETTLED = 120.0  # seconds: by then it is measured as it is


class Failed(Exception):
    """The run means nothing; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Seconds, unless the name says otherwise. ``cpu_per_1000`` has everything from the first act to the last trace of
    it: what a bot puts off (cards to managers, a checkpoint) is counted too; ``cpu_after`` is the share that came after
    the last answer. ``others``: cores taken by programs that are not part of this, while the load lasted."""

    subject: str
    people: int
    cpu_per_1000: float
    answers_per_second: float
    p50: float
    p99: float
    peak_mib: float
    first_answer: float
    bot_share: float
    network_share: float
    others: float
    answers: int
    dialogs: int
    cpu_after: float
    grown_mib: float


async def measure(
    subject: Subject, *, people: int, seconds: float, warm: float, template: Path | None, keep: Path | None = None
) -> Run:
    """``template``: the database leadbot begins with; ``keep``: one to be used as it stands instead. Raises Failed."""
    network = TelegramNetwork() if subject.network == "telegram" else VkNetwork()
    crowd = network.crowd = Crowd(network, subject.talk)
    server, url = await listen(network.serve)
    network.url = url
    with tempfile.TemporaryDirectory(prefix="leadbot-bench-") as made:
        folder = Path(made)
        if subject.ours and keep is not None:
            (folder / "leads.db").symlink_to(keep)
        elif subject.ours and template is not None:
            shutil.copy(template, folder / "leads.db")
        async with bot(subject, url, folder) as process:
            began = time.perf_counter()
            first = await _first_answer(process, network, crowd, began)
            await settled(process.pid)
            await _warm_up(process.pid, crowd, people, warm)
            before = machine.resident_mebibytes(process.pid)
            at, cpu, own, busy = _moment(process.pid)
            answered, crowd.timing = crowd.answered, True
            crowd.start(people)
            await _whole_dialogs(crowd, people, seconds)
            crowd.timing = False
            in_time = crowd.answered - answered
            at_end, cpu_end, own_end, busy_end = _moment(process.pid)
            crowd.going = False
            await all_answered(crowd)
            answers, cpu_answered = crowd.answered - answered, machine.cpu_seconds(process.pid)
            await settled(process.pid)
            cpu_done = machine.cpu_seconds(process.pid)
            peak, after = machine.peak_mebibytes(process.pid), machine.resident_mebibytes(process.pid)
    server.close()
    if crowd.mistakes:
        raise Failed(f"{subject.name} said something wrong: " + "; ".join(crowd.mistakes))
    if in_time < FEWEST:
        raise Failed(f"{subject.name} gave {in_time} answers: too few to measure")
    span = at_end - at
    cut = quantiles(crowd.took, n=100)
    used, own_used = cpu_end - cpu, own_end - own
    return Run(
        subject=subject.name,
        people=people,
        cpu_per_1000=1000 * (cpu_done - cpu) / answers,
        answers_per_second=in_time / span,
        p50=cut[49],
        p99=cut[98],
        peak_mib=peak,
        first_answer=first,
        bot_share=used / span,
        network_share=own_used / span,
        others=max(0.0, (busy_end - busy - used - own_used) / span),
        answers=answers,
        dialogs=crowd.finished,
        cpu_after=(cpu_done - cpu_answered) / (cpu_done - cpu),
        grown_mib=after - before,
    )


@contextlib.asynccontextmanager
async def bot(
    subject: Subject, url: str, folder: Path, *, settings: Mapping[str, str] | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The bot's process on its own core; stopped at the end, whatever happens. ``settings``: of leadbot, instead of
    those of the bench. Raises Failed with its last words."""
    core, _ = machine.cores()
    log = folder / "bot.log"
    with log.open("wb") as written:
        process = await asyncio.create_subprocess_exec(
            *subject.command(),
            cwd=folder,
            env=subject.environment(url, folder, port=_free_port()) | dict(settings or {}),
            stdout=written,
            stderr=written,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )
        try:
            yield process
        except Failed as why:
            raise Failed(f"{why}\n{log.read_text(errors='replace')[-2000:]}") from None
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
                try:
                    await asyncio.wait_for(process.wait(), 10)
                except TimeoutError:
                    process.kill()
                    await process.wait()


async def _first_answer(
    process: asyncio.subprocess.Process, network: TelegramNetwork | VkNetwork, crowd: Crowd, began: float
) -> float:
    """Seconds from the start of the process until somebody who wrote at once was answered."""
    asked = asyncio.create_task(network.polled.wait())
    ended = asyncio.create_task(process.wait())
    await asyncio.wait({asked, ended}, timeout=STARTING, return_when=asyncio.FIRST_COMPLETED)
    ended.cancel()
    if not asked.done():
        raise Failed(f"it never asked for updates (exit code {process.returncode})")
    crowd.start(1)
    crowd.going = False
    while not crowd.answered:
        if time.perf_counter() - began > STARTING or process.returncode is not None:
            raise Failed("the first person got no answer")
        await asyncio.sleep(0.002)
    return time.perf_counter() - began


async def _warm_up(pid: int, crowd: Crowd, people: int, seconds: float) -> None:
    """A load that is not counted, and what it leaves to do."""
    crowd.start(people)
    await asyncio.sleep(seconds)
    crowd.going = False
    await all_answered(crowd)
    await settled(pid)


async def _whole_dialogs(crowd: Crowd, people: int, seconds: float) -> None:
    """At least so long, and until as many dialogs as people were played: else only their first steps are measured."""
    began, finished = time.monotonic(), crowd.finished
    while (lasted := time.monotonic() - began) < seconds or (
        crowd.finished - finished < people and lasted < MOST * seconds
    ):
        await asyncio.sleep(0.02)


async def settled(pid: int) -> None:
    """Until the bot has nothing left to do: imports in the background, a checkpoint."""
    until = time.monotonic() + SETTLED
    before = machine.cpu_seconds(pid)
    while time.monotonic() < until:
        await asyncio.sleep(0.7)
        now = machine.cpu_seconds(pid)
        if now - before <= IDLE * 0.7:
            return
        before = now


async def all_answered(crowd: Crowd) -> None:
    until = time.monotonic() + PATIENCE
    while crowd.present:
        if time.monotonic() > until:
            raise Failed(f"{len(crowd.present)} people wait for an answer to this day")
        await asyncio.sleep(0.01)


def _moment(pid: int) -> tuple[float, float, float, float]:
    return time.perf_counter(), machine.cpu_seconds(pid), sum(os.times()[:2]), machine.busy_seconds()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _main(given: argparse.Namespace) -> Run:
    subject = next(one for one in SUBJECTS if one.name == given.subject)
    template = given.template
    with tempfile.TemporaryDirectory(prefix="leadbot-bench-") as folder:
        if subject.ours and template is None and given.keep is None:
            template = await published(Path(folder))
        return await measure(subject, people=given.people, seconds=given.seconds, warm=given.warm, template=template,
                             keep=given.keep)  # fmt: skip


def main() -> None:
    """One line of JSON; a run that failed ends with 1 and the reason."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--subject", choices=[one.name for one in SUBJECTS], required=True)
    arguments.add_argument("--people", type=int, default=50)
    arguments.add_argument("--seconds", type=float, default=6)
    arguments.add_argument("--warm", type=float, default=2)
    arguments.add_argument("--template", type=Path, help="leadbot begins with a copy of this database")
    arguments.add_argument("--keep", type=Path, help="leadbot works on this very database")
    given = arguments.parse_args()
    os.sched_setaffinity(0, {machine.cores()[1]})
    with contextlib.suppress(ImportError):
        import uvloop

        uvloop.install()
    try:
        print(json.dumps(asdict(asyncio.run(_main(given)))))
    except Failed as why:
        raise SystemExit(str(why)) from None


if __name__ == "__main__":
    main()
