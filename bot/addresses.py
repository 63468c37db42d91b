"""Where people can open a dialog: what the links of each channel need to know."""

from __future__ import annotations

from typing import TypedDict

from bot.settings import Settings


class Addresses(TypedDict):
    """As ``bot.links.links`` takes them; None for a channel that is off."""

    telegram_username: str | None
    vk_group: str | None
    web_url: str | None


async def addresses(settings: Settings, *, web: str = "") -> Addresses:
    """Ask Telegram for the bot's name; the rest is in the settings. ``web``: the pages' address as people see it."""
    return Addresses(
        telegram_username=await _telegram_username(settings),
        vk_group=f"club{settings.vk_group_id}" if settings.vk_token and settings.vk_group_id else None,
        web_url=web or f"http://{settings.web_host}:{settings.web_port}",
    )


async def _telegram_username(settings: Settings) -> str | None:
    if settings.telegram_token is None:
        return None
    from bot.channels.telegram import Telegram

    token = settings.telegram_token.get_secret_value()
    channel = Telegram(token, api_url=settings.telegram_api_url, proxy=settings.telegram_proxy)
    try:
        return await channel.username()
    finally:
        await channel.close()
