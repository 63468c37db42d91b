"""``*.stories.yaml``: small, readable, and explained when wrong. «‸» marks where a problem must point."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from dialogs.stories import VERBS, Act, parse

STORIES = """\
stories:
  - story: Анна доходит до промокода
    channel: vk
    starts: "2026-11-23 12:00"
    talk:
      - opens: tour__vk_ads__spring
      - sees: [Здравствуйте, "100"]
      - taps: Записаться
      - edits: [2 ребёнка, 3 ребёнка]
      - says: "8 900 123-45-67"
      - shares phone: "+79001234567"
      - shares phone
      - sends: sticker
      - waits: 20 min
      - sees nothing
      - does not see: скидка
      - managers see: [Анна, "+7 900 123-45-67"]
      - managers do not see: Борис
      - managers see nothing
      - manager taps: Беру
      - manager replies: Здравствуйте, Анна!
      - manager writes: обед в час
  - story: Коротко
    talk:
      - opens
"""


def test_a_story_is_read_with_its_lines() -> None:
    stories, problems = parse({"deep/tour.stories.yaml": STORIES})
    assert problems == ()
    anna, short = stories
    assert (anna.name, anna.flow, anna.channel, anna.line) == ("Анна доходит до промокода", "tour", "vk", 2)
    assert anna.starts == datetime(2026, 11, 23, 12)  # noqa: DTZ001 (in the business's own zone)
    assert anna.file == "deep/tour.stories.yaml"
    assert anna.acts[0] == Act("opens", ("tour__vk_ads__spring",), None, 6, 9)
    assert anna.acts[1] == Act("sees", ("Здравствуйте", "100"), None, 7, 9)
    assert anna.acts[8].span == timedelta(minutes=20)
    assert [act.verb for act in anna.acts if not act.texts] == [
        "shares phone", "waits", "sees nothing", "managers see nothing",
    ]  # fmt: skip
    assert [act.line for act in anna.acts] == list(range(6, 23))
    assert (short.channel, short.starts, short.acts[0].text) == ("telegram", None, "")


def test_every_verb_is_in_the_sample() -> None:
    stories, _ = parse({"tour.stories.yaml": STORIES})
    assert {act.verb for story in stories for act in story.acts} == set(VERBS)


def test_other_files_are_not_stories() -> None:
    assert parse({"tour.yaml": "{{{", "business.yaml": "x", ".x.stories.yaml": "{{{", "a.stories.yaml~": "{"}) == (
        (),
        (),
    )


# old, new with the mark, name, part of the message, part of the fix
BROKEN = [
    ("edits: [2 ребёнка, 3 ребёнка]", "edits: ‸[2 ребёнка]", "wrong-kind", "как было и как стало", '["12 лет", '),
    ("edits: [2 ребёнка, 3 ребёнка]", "edits: ‸2 ребёнка", "wrong-kind", "как было и как стало", '["12 лет", '),
    ("edits: [2 ребёнка, 3 ребёнка]", "edits: [2 ребёнка, ‸3]", "guessed-type", "без кавычек", '"3"'),
    ("taps: Записаться", "‸tap: Записаться", "unknown-act", "действия «tap» нет", "«taps»"),
    ("sees nothing", "‸see nothing", "unknown-act", "«see nothing»", "«sees nothing»"),
    ("says: \"8 900 123-45-67\"", "‸xyz: да", "unknown-act", "«xyz»", "Можно: opens"),
    ('says: "8 900 123-45-67"', "says: ‸89001234567", "guessed-type", "не как текст", '"89001234567"'),
    ('[Здравствуйте, "100"]', "[Здравствуйте, ‸100]", "guessed-type", "100", '"100"'),
    ("sends: sticker", "sends: ‸2026-11-23", "guessed-type", "2026-11-23", "кавычки"),
    ("taps: Записаться", "‸taps: ", "empty-value", "ничего нет", "Допишите"),
    ("does not see: скидка", 'does not see: ‸""', "empty-value", "ничего нет", "Допишите"),
    ("managers do not see: Борис", "managers do not see: ‸[]", "empty-value", "список пуст", "видно"),
    ("taps: Записаться", "‸taps", "missing-value", "«taps» — что?", "taps: …"),
    ("waits: 20 min", "‸waits", "missing-value", "«waits» — что?", "waits: …"),
    ("manager taps: Беру", "‸manager taps", "missing-value", "«manager taps»", "manager taps: …"),
    ("sees nothing", "sees nothing: ‸тут", "extra-value", "без двоеточия", "Уберите"),
    ("managers see nothing", "managers see nothing: ‸да", "extra-value", "без двоеточия", "Уберите"),
    ("waits: 20 min", "waits: ‸20 минут", "wrong-value", "срок «20 минут»", "20 min"),
    ("waits: 20 min", "waits: ‸0 min", "wrong-value", "вне пределов", ""),
    ("waits: 20 min", "waits: ‸[1 day]", "wrong-kind", "нужен текст", "строкой"),
    ("sends: sticker", "sends: ‸stiker", "unknown-word", "«stiker»", "«sticker»"),
    ("sends: sticker", "sends: ‸бомбу", "unknown-word", "«бомбу»", "Известные"),
    ("channel: vk", "channel: ‸vkontakte", "unknown-word", "канала «vkontakte»", "telegram, vk, web"),
    ('starts: "2026-11-23 12:00"', "starts: ‸завтра", "wrong-value", "время «завтра»", "2026-11-23 12:00"),
    ("    channel: vk", "    ‸chanel: vk", "unknown-key", "«chanel»", "«channel»"),
    ("stories:", "‸story:", "unknown-key", "«story»", "«stories»"),
    ("stories:", "‸story:", "missing-key", "«stories»", "stories:"),
    ("  - story: Коротко\n    talk", "  - ‸talk", "missing-key", "«story»", "story: …"),
    ("    talk:\n      - opens\n", "    channel: web\n", "missing-key", "нет разговора", "talk:"),
    ("story: Коротко", "story: ‸Анна доходит до промокода", "duplicate-story", "строка 2 и строка 23", "иначе"),
    ("taps: Записаться", "‸taps: Записаться\n        says: да", "wrong-kind", "одна строка", "«- »"),
    ("taps: Записаться", "taps: Записаться‸: сейчас", "yaml-syntax", "двоеточие внутри текста", "кавычки"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "name", "message", "fix"), BROKEN)
def test_A1_a_broken_story_is_explained(old: str, new: str, name: str, message: str, fix: str) -> None:
    assert old in STORIES
    before, marked, after = STORIES.replace(old, new, 1).partition("‸")
    _, problems = parse({"tour.stories.yaml": before + after})
    named = [one for one in problems if one.name == name]
    assert named, "\n".join(map(str, problems)) or "no problem at all"
    if marked:
        assert (named[0].line, named[0].column) == (before.count("\n") + 1, len(before) - before.rfind("\n"))
    assert message in named[0].message
    assert fix in named[0].fix


def test_A1_a_broken_story_does_not_hide_the_others_and_all_problems_come_at_once() -> None:
    text = STORIES.replace("taps: Записаться", "tap: Записаться").replace("waits: 20 min", "waits: never")
    stories, problems = parse({"tour.stories.yaml": text, "empty.stories.yaml": ""})
    assert [story.name for story in stories] == ["Коротко"]
    assert [(one.file, one.line, one.name) for one in problems] == [
        ("empty.stories.yaml", 1, "empty-file"),
        ("tour.stories.yaml", 8, "unknown-act"),
        ("tour.stories.yaml", 14, "wrong-value"),
    ]
