"""``leadbot test``: the stories beside the flows, each played on a stage of its own.

A story that fails says where (file and line), what was expected and what was on the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.stage import PHONE, Shown, Stage
from dialogs.flow import FlowSet
from dialogs.stories import Act, Story, parse


class NotAsTold(Exception):
    """What happened is not what the story says."""


@dataclass(frozen=True, slots=True)
class Report:
    """How many stories went as told."""

    passed: int
    failed: int


async def rehearse(
    flow_set: FlowSet, files: Mapping[str, bytes], *, only: str | None = None, show: Callable[[str], None]
) -> Report:
    """Play every story whose name has ``only`` in it; ``show`` gets a line for each, and the whole of each failure."""
    stories, problems = parse(files)
    for problem in problems:
        show(str(problem))
    passed, failed = 0, len(problems)
    for story in stories:
        if only and only.lower() not in story.name.lower():
            continue
        wrong = await play(flow_set, story)
        passed, failed = passed + (wrong is None), failed + (wrong is not None)
        show(f"✓ {story.flow}: {story.name}" if wrong is None else f"✗ {story.flow}: {story.name}\n{wrong}")
    return Report(passed, failed)


async def play(flow_set: FlowSet, story: Story) -> str | None:
    """Play one story; None if it went as told, otherwise where and how it did not."""
    if story.flow not in flow_set.flows:
        return f"  {story.file}:{story.line}: сценария «{story.flow}» нет"
    starts = story.starts or datetime(2026, 11, 23, 12)  # noqa: DTZ001 a Monday, in the business's zone
    start = starts.replace(tzinfo=flow_set.business.zone).astimezone(UTC)
    stage = await Stage.open(flow_set, flow=story.flow, channel=story.channel, start=start)
    player = _Player(stage)
    try:
        for act in story.acts:
            try:
                await player.does(act)
            except (NotAsTold, LookupError) as wrong:
                return f"  {story.file}:{act.line}:{act.column}: {wrong.args[0]}\n{player.screens()}"
    finally:
        await stage.close()
    return None


class _Player:
    """Does one act after another, and remembers what was already seen."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._seen = self._managers_seen = 0

    async def does(self, act: Act) -> None:
        """Raises NotAsTold or LookupError (no such button)."""
        stage = self.stage
        match act.verb:
            case "opens":
                await stage.opens(act.text or None)
            case "says":
                await stage.says(act.text)
            case "taps":
                await stage.taps(act.text)
            case "shares phone":
                await stage.shares_phone(act.text or PHONE)
            case "sends":
                await stage.sends(act.text)
            case "waits":
                assert act.span is not None
                await stage.forward(act.span)
            case "manager taps":
                await stage.manager_taps(act.text)
            case "manager writes":
                await stage.manager_writes(act.text)
            case "manager replies":
                await stage.manager_replies(self._card().id, act.text)
            case _:
                self._looks(act)

    def _looks(self, act: Act) -> None:
        news, managers = self._news(), self.stage.managers
        match act.verb:
            case "sees":
                _has(news, act.texts)
                self._seen = len(self._bot())
            case "does not see":
                _has_not(news, act.texts)
            case "sees nothing":
                _is_empty(news)
            case "managers see":
                _has(managers, act.texts)
                self._managers_seen = len(managers)
            case "managers do not see":
                _has_not(managers, act.texts)
            case "managers see nothing":
                _is_empty(managers[self._managers_seen :])

    def _bot(self) -> list[Shown]:
        return [shown for shown in self.stage.prospect if shown.author == "bot"]

    def _news(self) -> list[Shown]:
        return self._bot()[self._seen :]

    def _card(self) -> Shown:
        cards = [shown for shown in self.stage.managers if shown.author == "bot" and shown.reply_to is None]
        if not cards:
            raise NotAsTold("в чате менеджеров ещё нет карточки, отвечать не на что")
        return cards[-1]

    def screens(self) -> str:
        """What both sides have before them, for whoever mends the story."""
        prospect = "\n".join(_line(shown) for shown in self.stage.prospect[-6:])
        managers = "\n".join(_line(shown) for shown in self.stage.managers[-2:])
        return f"    на экране клиента:\n{prospect}\n    у менеджеров:\n{managers or '      пусто'}"


def _has(screen: Sequence[Shown], texts: Sequence[str]) -> None:
    for text in texts:
        if not any(text in shown.text for shown in screen):
            raise NotAsTold(f"ожидалось «{text}», этого нет")


def _has_not(screen: Sequence[Shown], texts: Sequence[str]) -> None:
    for text in texts:
        if any(text in shown.text for shown in screen):
            raise NotAsTold(f"«{text}» есть, а не должно быть")


def _is_empty(screen: Sequence[Shown]) -> None:
    if screen:
        raise NotAsTold(f"должно быть тихо, а пришло «{screen[0].text[:80]}»")


def _line(shown: Shown) -> str:
    who = {"prospect": "клиент", "bot": "бот", "manager": "менеджер"}.get(shown.author, "")
    buttons = " ".join(f"[{button.label}]" for row in shown.buttons for button in row)
    text = " ".join(shown.text.split())
    return f"      {who}: {text[:160]}{'…' if len(text) > 160 else ''} {buttons}".rstrip()
