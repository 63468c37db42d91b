"""Links that open a flow, and their QR codes."""

from __future__ import annotations

import pytest

from bot.links import links, qr, qr_png, qr_svg
from dialogs.tags import Touch, parse_tag


def test_a_link_for_every_channel_that_is_on_with_the_same_tag():
    made = links(
        "test_drive", "vk_ads", "spring", telegram_username="@meridian_bot", vk_group=555, web_url="https://go.example/"
    )
    assert made == {
        "telegram": "https://t.me/meridian_bot?start=test_drive__vk_ads__spring",
        "vk": "https://vk.me/club555?ref=test_drive__vk_ads__spring",
        "web": "https://go.example/chat/test_drive?start=test_drive__vk_ads__spring",
    }
    for url in made.values():
        assert parse_tag(url.rpartition("=")[2], ["test_drive"]) == Touch("test_drive", "vk_ads", "spring")


@pytest.mark.parametrize(
    ("group", "name"),
    [("555", "club555"), (555, "club555"), ("-555", "club555"), ("club555", "club555"), ("auto", "auto")],
)
def test_a_vk_community_is_reached_by_its_name_or_its_number(group, name):
    assert links("courses", vk_group=group) == {"vk": f"https://vk.me/{name}?ref=courses"}


def test_channels_that_are_off_have_no_link():
    assert links("courses", telegram_username=None, vk_group=None, web_url=None) == {}


@pytest.mark.parametrize(
    ("source", "campaign", "why"),
    [("", "spring", "источник"), ("вк", "", "латинские"), ("vk__ads", "", "«vk__ads»"), ("x" * 60, "", "длиннее 64")],
)
def test_P13_a_tag_that_could_not_be_read_back_is_refused(source, campaign, why):
    with pytest.raises(ValueError, match=why):
        links("test_drive", source, campaign, telegram_username="bot")


def test_the_qr_code_is_drawn_and_saved(tmp_path):
    drawn = qr("https://t.me/meridian_bot?start=test_drive")
    assert len(drawn.splitlines()) > 10 and "▀" in drawn
    qr_svg("https://t.me/meridian_bot", tmp_path / "telegram.svg")
    qr_png("https://t.me/meridian_bot", tmp_path / "telegram.png")
    assert b"<svg" in (tmp_path / "telegram.svg").read_bytes()
    assert (tmp_path / "telegram.png").read_bytes().startswith(b"\x89PNG")
