"""The way to VK: the proxy and the certificates that the machine's environment names, as requests takes them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from bot.channels import Outcome, Sent, TryLater
from bot.channels.vk import Vk
from bot.channels.vk_client import VkClient, VkNotSent, VkRefused
from bot.channels.vk_http import _trust
from handlers.inbound import Text
from tests.emulators.vk import VkEmulator
from tests.test_vk_together import to
from tests.vk_inbox import Inbox, listening

NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


class Proxy:
    """Of a company: whatever name it is asked for, it connects to the port ``there``."""

    def __init__(self, there: int) -> None:
        self.there, self.asked = there, list[str]()

    async def __aenter__(self) -> Proxy:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.asked.append(head.split("\r\n")[0])
        there, back = await asyncio.open_connection("127.0.0.1", self.there)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            await asyncio.gather(_pass_on(reader, back), _pass_on(there, writer))


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while some := await reader.read(65_536):
        writer.write(some)
    writer.close()


@pytest.fixture
async def proxy(vk: VkEmulator) -> AsyncIterator[Proxy]:
    async with Proxy(int(vk.url.rpartition(":")[2])) as running:
        yield running


async def speaks(vk: VkEmulator, url: str) -> Outcome:
    """What becomes of a message when VK's address is ``url``."""
    vk.url = url  # the long poll's server too
    inbox = Inbox()
    async with listening(vk, inbox) as channel:
        anna = vk.person("Анна")
        await anna.says("Здравствуйте")
        await inbox.gets(Text)
        return await channel.send(to(anna))


async def test_calls_and_long_polls_go_through_the_proxy_of_the_environment(
    vk: VkEmulator, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", proxy.url)
    outcome = await speaks(vk, "http://vk.test:80")
    assert isinstance(outcome, Sent)
    assert set(proxy.asked) == {"CONNECT vk.test:80 HTTP/1.1"}


async def test_a_machine_that_talks_to_itself_asks_no_proxy(
    vk: VkEmulator, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", proxy.url)
    outcome = await speaks(vk, vk.url)
    assert isinstance(outcome, Sent) and proxy.asked == []


async def test_a_proxy_may_be_named_without_its_scheme(
    vk: VkEmulator, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", proxy.url.removeprefix("http://"))
    assert isinstance(await speaks(vk, "http://vk.test:80"), Sent) and proxy.asked


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "socks5h://127.0.0.1:1", "https://127.0.0.1:1", "http://nobody"])
async def test_N13_through_a_dead_proxy_nothing_was_sent(
    vk: VkEmulator, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("http_proxy", url)
    channel = Vk("token", vk.group_id, api_url="http://vk.test", load_cursor=_nowhere)
    assert await channel.send(to(vk.person("Анна"))) == TryLater(5.0, everybody=True)
    await channel.close()
    client = VkClient("token", "http://vk.test")
    with pytest.raises(VkNotSent):
        await client.upload("http://vk.test/upload", "photo", "план.png", b"...")
    await client.close()


async def test_no_call_waits_for_a_clock_that_was_set_back(vk: VkEmulator) -> None:
    """vk_api counts seconds since its last call by the clock on the wall, and sleeps."""
    client = VkClient(vk.token, vk.url)
    client._api.last_request = time.time() + 6
    async with asyncio.timeout(3):
        assert await client.call("users.get", user_ids="1") is not None
    await client.close()


async def test_what_fails_leads_nobody_to_the_token(vk: VkEmulator) -> None:
    client = VkClient("vk1.a.secret", vk.url)
    with pytest.raises(VkRefused) as refused:
        await client.call("users.get", user_ids="1")
    assert refused.value.__context__ is None and refused.value.__cause__ is None
    await client.close()


async def _nowhere() -> str | None:
    return None


def test_the_certificates_of_the_environment_are_trusted_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = "-----END CERTIFICATE-----\n"
    one = Path(DEFAULT_CA_BUNDLE_PATH).read_text().partition(end)[0] + end
    (tmp_path / "ours.pem").write_text(one)
    assert len(_trust().get_ca_certs()) > 50
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ours.pem"))
    assert len(_trust().get_ca_certs()) == 1
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path))
    assert _trust().get_ca_certs() == [], "those of a folder are read when they are needed"
