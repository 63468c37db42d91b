"""A story from what was done on a stage: the acts as they were, and what everybody was shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bot.rehearsal import Player, beginning
from bot.screens import Shown
from bot.stage import Stage
from dialogs.durations import span, spelled
from dialogs.flow_set import FlowSet
from dialogs.places import Atlas
from dialogs.problems import Problem
from dialogs.reading import STORIES, read_page
from dialogs.stories import Act, Story, parse
from dialogs.story_text import appended
from dialogs.text_files import decode
from dialogs.variants import with_variants

LONGEST = 60  # letters that a story names of a message
MOST_OF_A_CARD = 4
Screens = tuple[list[str], list[str]]
"""What came after one act: texts to the prospect, texts to the managers."""


class CannotRecord(Exception):
    """Why, and the way out, in Russian."""


async def record(flow_set: FlowSet, files: Mapping[str, bytes], folder: Path, stage: Stage, *, name: str) -> Path:
    """Write what was done on the stage as a story of its flow; the file it was added to. Raises CannotRecord."""
    path = stories_path(files, stage.flow)
    if any(one.file == path and one.name == name for one in parse(files)[0]):
        raise CannotRecord(f"история «{name}» в {path} уже есть: назовите новую иначе")
    story = await told(flow_set, stage, name=name, file=path)
    problems: list[Problem] = []
    page = read_page(path, files[path], problems) if path in files else None
    if problems:
        raise CannotRecord(f"{problems[0]}\nСначала исправьте файл с историями.")
    try:
        text = appended(decode(path, files[path])[0] if page else "", page, story)
    except ValueError as wrong:
        raise CannotRecord(str(wrong)) from None
    target = folder / path
    if target.is_symlink() or (page is None and target.exists()):
        raise CannotRecord(f"{path} — ссылка или не файл: туда не пишем. Уберите её или положите обычный файл.")
    if page and target.read_bytes() != files[path]:
        raise CannotRecord(f"{path} только что изменился: повторите, чтобы ничего не затереть.")
    target.write_text(text, "utf-8")
    return target


def stories_path(files: Mapping[str, bytes], flow: str) -> str:
    """Where the flow's stories are, or would be: beside it."""
    beside = Atlas.of(files).file(flow).rpartition("/")[0]
    return f"{beside}/{flow}{STORIES}" if beside else f"{flow}{STORIES}"


async def told(flow_set: FlowSet, stage: Stage, *, name: str, file: str) -> Story:
    """The acts, played twice more: what both performances show alike is what the story may hold to (a promo code is
    another one each time)."""
    acts = tuple(_whole(act) for act in stage.acts)
    began = stage.began.astimezone(flow_set.business.zone).replace(tzinfo=None, second=0, microsecond=0)
    story = Story(name, stage.flow, stage.channel.name, acts, file, 0, began, stage.variants, stage.language)
    once, again = [await _performed(flow_set, story) for _ in range(2)]
    seen: list[Act] = []
    for act, one, other in zip(acts, once, again, strict=True):
        seen += [act, *_looks(act, one, other)]
    return replace(story, acts=tuple(seen))


def _whole(act: Act) -> Act:
    return replace(act, span=span(spelled(act.span))) if act.span else act


async def _performed(flow_set: FlowSet, story: Story) -> list[Screens]:
    start, flow_set = beginning(flow_set, story.starts), with_variants(flow_set, story.flow, story.variants)
    stage = await Stage.open(flow_set, flow=story.flow, channel=story.channel, start=start, language=story.language)
    player, news = Player(stage), list[Screens]()
    try:
        for act in story.acts:
            before = len(stage.prospect), len(stage.managers)
            try:
                await player.does(act)
            except LookupError as wrong:
                raise CannotRecord(f"при повторе разговор пошёл иначе: {wrong.args[0]}") from None
            news.append((_said(stage.prospect[before[0] :]), _said(stage.managers[before[1] :])))
    finally:
        await stage.close()
    return news


def _said(shown: Sequence[Shown]) -> list[str]:
    return [one.text for one in shown if one.author == "bot"]


def _looks(act: Act, once: Screens, again: Screens) -> list[Act]:
    """What people see after the act; after a wait that brings nothing, that there is nothing."""
    looks = []
    messages = [lines[0] for one, other in zip(once[0], again[0], strict=False) if (lines := _alike(one, other))]
    cards = [lines for one, other in zip(once[1], again[1], strict=False) if (lines := _alike(one, other))]
    if messages:
        looks.append(Act("sees", tuple(dict.fromkeys(messages))))
    elif act.verb == "waits" and not once[0]:
        looks.append(Act("sees nothing"))
    if cards:
        looks.append(Act("managers see", tuple(dict.fromkeys(cards[-1][:MOST_OF_A_CARD]))))
    return looks


def _alike(one: str, other: str) -> list[str]:
    """Beginnings of the lines that both have."""
    others = set(other.split("\n"))
    return [_beginning(line) for line in one.split("\n") if line.strip() and line in others]


def _beginning(line: str) -> str:
    """Its first sentence, or as many words as are short enough."""
    line = line.strip()
    sentence = re.match(rf".{{8,{LONGEST}}}?[.!?…](?= )", line)
    if sentence:
        return sentence[0]
    if len(line) <= LONGEST:
        return line
    return line[:LONGEST].rpartition(" ")[0].rstrip(" ,;:—–-") or line[:LONGEST]
