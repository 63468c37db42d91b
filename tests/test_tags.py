"""Start tags of links: built, read, guessed at (P13)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.tags import Touch, build_tag, parse_tag

FLOWS = ("kasko", "test_drive")
PART = st.from_regex(r"[A-Za-z0-9-]{1,8}(_[A-Za-z0-9-]{1,5})?", fullmatch=True)


@pytest.mark.parametrize(
    ("raw", "touch"),
    [
        ("", Touch(None, "direct")),
        ("  ", Touch(None, "direct")),
        ("kasko", Touch("kasko", "direct")),
        ("kasko__vk_ads", Touch("kasko", "vk_ads")),
        ("kasko__vk_ads__spring-26", Touch("kasko", "vk_ads", "spring-26")),
        ("test_drive__vk", Touch("test_drive", "vk")),
        ("Kasko__VK", Touch("kasko", "VK")),
    ],
)
def test_a_tag_names_flow_source_and_campaign(raw: str, touch: Touch) -> None:
    assert parse_tag(raw, FLOWS) == touch


@pytest.mark.parametrize(
    "raw",
    ["retired__vk__spring", "SPRING-0017", "kasko__", "__vk", "kasko____vk", "kasko__a__b__c",
    "kasko__vk__'; drop table leads",
     "кaско__vk", "kasko__вк", "a" * 65, "A" * 64, "kasko__vk\n__x", "kasko vk", "\0", "💥"],
)  # fmt: skip
def test_P13_junk_is_a_plain_start_from_an_unknown_source(raw: str) -> None:
    assert parse_tag(raw, FLOWS) == Touch(None, "unknown")


@given(st.text(max_size=80))
def test_P13_any_tag_can_be_read(raw: str) -> None:
    touch = parse_tag(raw, FLOWS)
    assert touch.flow is None or touch.flow in FLOWS
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", touch.source)
    assert re.fullmatch(r"[A-Za-z0-9_-]{0,64}", touch.campaign)


@given(st.sampled_from(FLOWS), PART, st.one_of(st.just(""), PART))
def test_a_built_tag_is_read_back(flow: str, source: str, campaign: str) -> None:
    tag = build_tag(flow, source, campaign)
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", tag)
    assert parse_tag(tag, FLOWS) == Touch(flow, source, campaign)


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        (("kasko", "вк"), "«вк» не годится"),
        (("kasko", "vk ads"), "«vk ads» не годится"),
        (("kasko", "vk__ads"), "не годится"),
        (("kasko", "_vk"), "не годится"),
        (("kasko", "vk_"), "не годится"),
        (("kasko", "", "spring"), "--source"),
        (("kasko", "a" * 40, "b" * 40), "длиннее 64"),
    ],
)
def test_a_tag_that_would_not_be_read_is_not_built(parts: tuple[str, ...], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        build_tag(*parts)
