"""L33: a flow that the law keeps out of a channel is not published there, and people are told where it is open."""

from __future__ import annotations

import pytest

from bot.rehearsal import rehearse
from dialogs.reading import load
from tests.flow_folder import BUSINESS, FILES, FLOW, the_one

CLOSED = {**FILES, "tour.yaml": FLOW + "closed:\n  telegram: 41-ФЗ, мы страховщик\n"}
IN_VK = BUSINESS.replace("  telegram: [tour]\n", "")
STORIES = """\
stories:
  - story: Вере в Telegram сказали, где об этом говорят
    channel: telegram
    talk:
      - opens: tour__flyer
      - sees: {where}
      - does not see: Здравствуйте! Подберём тур
      - managers see nothing
  - story: Павла во ВКонтакте спрашивают как обычно
    channel: vk
    talk:
      - opens: tour__flyer
      - sees: Подберём тур
"""


def test_publishing_where_it_is_closed_is_refused_with_the_files_own_reason() -> None:
    found = the_one(list(load(CLOSED).problems), "closed-flow")
    assert (found.file, found.level, found.line) == ("business.yaml", "error", 10)
    assert "закрыт для telegram: 41-ФЗ, мы страховщик" in found.message
    assert "tour.yaml" in found.fix
    assert load({**CLOSED, "business.yaml": IN_VK}).problems == ()


def test_a_flow_published_nowhere_is_held_against_every_channel_not_closed_to_it() -> None:
    label = FLOW.replace("label: В горы", "label: " + "а" * 50).replace("flow: tour", "flow: cruise")
    label = label.replace("words: [тур]", "words: [круиз]")
    cruise = {**FILES, "cruise.yaml": label}
    assert "ВКонтакте" in the_one(list(load(cruise).problems), "label-too-long").message
    shut = {**cruise, "cruise.yaml": label + "closed: {vk: у нас там нет сообщества}\n"}
    assert [one.name for one in load(shut).problems] == ["flow-unpublished"]


@pytest.mark.parametrize(
    ("published", "where"),
    [
        ("  vk: [tour]\n", "Об этом мы говорим ВКонтакте и на нашем сайте"),
        ("  vk: [tour]\n  telegram: [other]\n", "Об этом мы говорим ВКонтакте и на нашем сайте"),
    ],
)
async def test_a_link_in_the_closed_channel_names_the_open_ones(published: str, where: str) -> None:
    files = {**CLOSED, "business.yaml": IN_VK.replace("  vk: [tour]\n", published)}
    files["other.yaml"] = FLOW.replace("flow: tour", "flow: other").replace("words: [тур]", "words: [море]")
    flow_set = load(files).flow_set
    assert flow_set is not None
    stories = {"tour.stories.yaml": STORIES.replace("{where}", where).encode()}
    shown: list[str] = []
    report = await rehearse(
        flow_set, {path: text.encode() for path, text in files.items()} | stories, show=shown.append
    )
    assert (report.passed, report.failed) == (2, 0), "\n".join(shown)
