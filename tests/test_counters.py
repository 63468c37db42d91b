"""Whatever goes wrong while listening moves a counter that ``/metrics`` shows (I14, G12): one row a fault."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from bot.channels.telegram import Telegram
from bot.channels.vk import Vk
from bot.channels.vk_longpoll import Times
from bot.hearing import Hearing
from bot.metrics import Metrics
from handlers.inbound import Text
from tests.emulators.telegram import SERVER_ERROR, UNAUTHORIZED, BotApiError, Fault, TelegramEmulator, too_many
from tests.emulators.vk import VkEmulator
from tests.emulators.vk_errors import VkError
from tests.vk_inbox import Inbox

CONFLICT = BotApiError(409, "Conflict: terminated by other getUpdates request")
TELEGRAM = [
    (Fault.RESET_BEFORE, "no_answer"),
    (Fault.RESET_AFTER, "no_answer"),
    (Fault.SERVER_ERROR_HTML, "server_error"),
    (SERVER_ERROR, "server_error"),
    (Fault.GARBAGE, "garbage"),
    (CONFLICT, "conflict"),
    (UNAUTHORIZED, "unauthorized"),
    (too_many(1), "flood"),
    (BotApiError(400, "Bad Request: no"), "refused"),
]
VK = [
    ("a_check", Fault.RESET_BEFORE, "no_answer"),
    ("a_check", Fault.RESET_AFTER, "no_answer"),
    ("a_check", Fault.SERVER_ERROR_HTML, "server_error"),
    ("a_check", Fault.GARBAGE, "garbage"),
    ("groups.getLongPollServer", Fault.RESET_BEFORE, "no_answer"),
    ("groups.getLongPollServer", Fault.SERVER_ERROR_HTML, "server_error"),
    ("groups.getLongPollServer", Fault.GARBAGE, "garbage"),
    ("groups.getLongPollServer", VkError(5), "unauthorized"),
    ("groups.getLongPollServer", VkError(15), "refused"),
]
FAILED = [(1, "failed_1"), (2, "failed_2"), (3, "failed_3"), (4, "failed_4"), (9, "failed_other")]


class Post:
    """A channel's inbox, and the numbers of what the channel met."""

    def __init__(self, database, clock) -> None:
        self.inbox, self.metrics = Inbox(), Metrics()
        self.hearing = Hearing(database, clock, metrics=self.metrics, report=self.inbox.report, moment=str)

    async def shows(self, channel: str, what: str) -> None:
        line = f'leadbot_network_total{{channel="{channel}",what="{what}"}}'
        async with asyncio.timeout(15):
            while line not in self.metrics.render().decode():
                await asyncio.sleep(0.01)

    async def listens(self, channel) -> None:
        try:
            await channel.listen(self.inbox.receive)
        finally:
            await channel.close()


@pytest.fixture
def post(sqlite, clock):
    return Post(sqlite, clock)


@pytest.mark.parametrize(("fault", "what"), TELEGRAM, ids=lambda one: str(one))
async def test_I14_a_fault_of_telegram_is_counted_and_the_message_comes(post, fault, what):
    async with TelegramEmulator() as network:
        network.faults.next("getUpdates", fault)
        note = partial(post.hearing.note, "telegram")
        channel = Telegram(network.token, api_url=network.url, first_wait=0.001, note=note, report=post.inbox.report)
        listening = asyncio.create_task(post.listens(channel))
        await network.ready()
        await network.person("Анна").says("Здравствуйте")
        await post.inbox.gets(Text)
        await post.shows("telegram", what)
        await post.shows("telegram", "answered")
        await _end(listening)


async def test_I14_a_menu_that_telegram_does_not_take_is_counted_and_keeps_nobody_waiting(post):
    async with TelegramEmulator() as network:
        network.faults.next("setMyCommands", Fault.GARBAGE)
        note = partial(post.hearing.note, "telegram")
        listening = asyncio.create_task(post.listens(Telegram(network.token, api_url=network.url, note=note)))
        await post.shows("telegram", "commands_failed")
        await network.person("Анна").says("Здравствуйте")
        await post.inbox.gets(Text)
        await _end(listening)


@pytest.mark.parametrize(("method", "fault", "what"), VK, ids=lambda one: str(one))
async def test_I14_a_fault_of_vk_is_counted_and_the_message_comes(post, method, fault, what):
    async with VkEmulator() as network:
        network.faults.next(method, fault, times=2)  # aiohttp itself asks again once when a GET is cut: no harm done
        await _in_vk(post, network, what)


@pytest.mark.parametrize(("code", "what"), FAILED)
async def test_I14_N9_each_word_of_vks_long_poll_is_counted(post, code, what):
    async with VkEmulator() as network:
        network.longpoll.fails = [{"failed": code, "ts": network.world.ts}]
        await _in_vk(post, network, what)
        if code != 2:
            await post.shows("vk", "history_lost")


async def test_I14_a_batch_that_the_database_does_not_take_is_counted_and_offered_again(post):
    post.inbox.refuses = 1
    async with VkEmulator() as network:
        await _in_vk(post, network, "not_taken")
    post.inbox.refuses, post.inbox.events = 1, []
    async with TelegramEmulator() as telegram:
        note = partial(post.hearing.note, "telegram")
        listening = asyncio.create_task(
            post.listens(Telegram(telegram.token, api_url=telegram.url, first_wait=0.001, note=note))
        )
        await telegram.ready()
        await telegram.person("Анна").says("Здравствуйте")
        await post.inbox.gets(Text)
        await post.shows("telegram", "not_taken")
        await _end(listening)


async def _in_vk(post: Post, network: VkEmulator, what: str) -> None:
    channel = Vk(
        network.token, network.group_id, api_url=network.url, load_cursor=post.inbox.load_cursor,
        report=post.inbox.report, note=partial(post.hearing.note, "vk"), times=Times(halt=0.01),
    )  # fmt: skip
    listening = asyncio.create_task(post.listens(channel))
    anna = network.person("Анна")
    await network.ready()
    for number in (1, 2):  # the first may come by way of a repair, then no poll has been answered yet
        await anna.says("Здравствуйте")
        await post.inbox.gets(Text, number)
    await post.shows("vk", what)
    await post.shows("vk", "answered")
    await _end(listening)


async def _end(listening: asyncio.Task[None]) -> None:
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
