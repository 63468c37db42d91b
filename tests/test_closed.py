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


BY_WORD = """\
stories:
  - story: Вера в Telegram пишет слово, и ей говорят, где об этом спросить
    channel: telegram
    talk:
      - says: Тур!
      - sees: Об этом мы говорим ВКонтакте и на нашем сайте
      - does not see: Здравствуйте! Подберём тур
      - managers see nothing
  - story: Борис отвечает тем же словом на вопрос, и разговор идёт дальше
    channel: telegram
    talk:
      - opens: other__flyer
      - sees: Подберём тур
      - says: тур
      - does not see: Об этом мы говорим
  - story: Павлу во ВКонтакте слово открывает сценарий
    channel: vk
    talk:
      - says: тур
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
    await _pass(files, STORIES.replace("{where}", where), 2)


async def test_a_word_of_a_closed_flow_is_answered_as_its_link_is() -> None:
    files = {**CLOSED, "business.yaml": IN_VK.replace("  vk: [tour]\n", "  vk: [tour]\n  telegram: [other]\n")}
    files["other.yaml"] = FLOW.replace("flow: tour", "flow: other").replace("words: [тур]", "words: [море]")
    await _pass(files, BY_WORD, 3)


async def _pass(files: dict[str, str], stories: str, number: int) -> None:
    flow_set = load(files).flow_set
    assert flow_set is not None
    told = {path: text.encode() for path, text in files.items()} | {"tour.stories.yaml": stories.encode()}
    shown: list[str] = []
    report = await rehearse(flow_set, told, show=shown.append)
    assert (report.passed, report.failed) == (number, 0), "\n".join(shown)
