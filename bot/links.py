"""Links that open a flow in each channel, with the start tag that says where people came from; and their QR codes."""

from __future__ import annotations

import io
from pathlib import Path

import segno

from dialogs.tags import build_tag


def links(
    flow: str,
    source: str = "",
    campaign: str = "",
    *,
    telegram_username: str | None = None,
    vk_group: str | int | None = None,
    web_url: str | None = None,
) -> dict[str, str]:
    """channel -> link, for the channels that are on. ``vk_group`` is a screen name or the community's id.

    Raises ValueError, in Russian, for parts that cannot stand in a tag.
    """
    tag = build_tag(flow, source, campaign)
    made = {}
    if telegram_username:
        made["telegram"] = f"https://t.me/{telegram_username.lstrip('@')}?start={tag}"
    if vk_group:
        made["vk"] = f"https://vk.me/{_vk_name(str(vk_group))}?ref={tag}"
    if web_url:
        made["web"] = f"{web_url.rstrip('/')}/chat/{flow}?start={tag}"
    return made


def _vk_name(group: str) -> str:
    """A community without a name of its own is reached as ``club123``."""
    return f"club{group.lstrip('-')}" if group.lstrip("-").isdigit() else group


def qr(text: str) -> str:
    """For a terminal: dark on light, two modules a letter."""
    drawn = io.StringIO()
    segno.make(text, error="m", micro=False).terminal(drawn, compact=True)
    return drawn.getvalue()


def qr_svg(text: str, path: Path) -> None:
    """A file to print. Sharp at any size."""
    segno.make(text, error="m", micro=False).save(str(path), kind="svg", scale=8)


def qr_png(text: str, path: Path) -> None:
    """A file to send: twelve pixels a module."""
    segno.make(text, error="m", micro=False).save(str(path), kind="png", scale=12)
