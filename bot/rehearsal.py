"""``leadbot test``: the stories beside the flows, each played on a stage of its own.

A story that fails says where (file and line), what was expected and what was on the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.scenery import scenery
from bot.screens import Shown
from bot.stage import PHONE, Stage
from dialogs.flow import Place
from dialogs.flow_set import FlowSet
from dialogs.places import Atlas, told
from dialogs.stories import Act, Story, parse
from dialogs.variants import with_variants

ON_SCREEN = "    на экране клиента:"
NEWEST = 2  # of many messages the last tell best what went another way


class NotAsTold(Exception):
    """What happened is not what the story says. ``expected`` and ``actual`` are for a person to read."""

    def __init__(self, expected: str, actual: str) -> None:
        super().__init__(expected)
        self.expected, self.actual = expected, actual


@dataclass(frozen=True, slots=True)
class Report:
    """How many stories went as told, and (flow, place) of all that they have visited."""

    passed: int
    failed: int
    visited: frozenset[tuple[str, Place]] = frozenset()


@dataclass(frozen=True, slots=True)
class Played:
    """``wrong``: where and how it did not go as told; None if it did."""

    wrong: str | None
    visited: frozenset[tuple[str, Place]] = frozenset()


async def rehearse(
    flow_set: FlowSet, files: Mapping[str, bytes], *, only: str | None = None, show: Callable[[str], None]
) -> Report:
    """Play every story whose name has ``only`` in it; ``show`` gets a line for each, and the whole of each failure."""
    stories, problems = parse(files)
    for problem in problems:
        show(str(problem))
    atlas, made = Atlas.of(files), await scenery(flow_set)
    passed, failed, visited = 0, len(problems), set[tuple[str, Place]]()
    for story in stories:
        if only and only.lower() not in story.name.lower():
            continue
        played = await play(flow_set, story, atlas, made)
        visited |= played.visited
        passed, failed = passed + (played.wrong is None), failed + (played.wrong is not None)
        mark, rest = ("✓", "") if played.wrong is None else ("✗", f"\n{played.wrong}")
        show(f"{mark} {story.flow}: {story.name}{rest}")
    return Report(passed, failed, frozenset(visited))


async def play(flow_set: FlowSet, story: Story, atlas: Atlas, made: bytes) -> Played:
    """Play one story on a stage of its own, which is raised with what was ``made`` for the set."""
    if story.flow not in flow_set.flows:
        return Played(f"  {story.file}:{story.line}: сценария «{story.flow}» нет")
    try:
        flow_set = with_variants(flow_set, story.flow, story.variants)
    except LookupError as wrong:
        return Played(f"  {story.file}:{story.line}: {wrong.args[0]}")
    start = beginning(flow_set, story.starts)
    stage = await Stage.open(
        flow_set, flow=story.flow, channel=story.channel, start=start, made=made, language=story.language
    )
    player = Player(stage)
    try:
        for act in story.acts:
            try:
                await player.does(act)
            except NotAsTold as wrong:
                said = f"{wrong.expected}\n    {wrong.actual}"
                return Played(_failure(story, act, said, stage, atlas), frozenset(stage.visited))
            except LookupError as wrong:
                return Played(_failure(story, act, str(wrong.args[0]), stage, atlas), frozenset(stage.visited))
    finally:
        await stage.close()
    return Played(None, frozenset(stage.visited))


def beginning(flow_set: FlowSet, starts: datetime | None) -> datetime:
    """The first moment of a story's clock: noon of a Monday, if it does not say."""
    here = starts or datetime(2026, 11, 23, 12)  # noqa: DTZ001 in the business's zone
    return here.replace(tzinfo=flow_set.business.zone).astimezone(UTC)


def _failure(story: Story, act: Act, said: str, stage: Stage, atlas: Atlas) -> str:
    """The place in the story, the place in the flow, and what both sides have before them."""
    lines = [f"  {story.file}:{act.line}:{act.column}: {said}"]
    if stage.step:
        flow = stage.app.library.live.flows[stage.step[0]]
        lines.append(f"  {atlas.line(flow, stage.step[1])}: здесь сценарий, {told(flow, stage.step[1])}")
    prospect = [_line(shown) for shown in stage.prospect[-6:]]
    managers = [_line(shown) for shown in stage.managers[-2:]] or ["      пусто"]
    return "\n".join([*lines, ON_SCREEN, *prospect, "    у менеджеров:", *managers])


class Player:
    """Does one act after another, and remembers what was already seen."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._seen = self._managers_seen = 0

    async def does(self, act: Act) -> None:
        """Raises NotAsTold or LookupError (no such button, no card)."""
        stage = self.stage
        match act.verb:
            case "opens":
                await stage.opens(act.text or None)
            case "says":
                await stage.says(*act.texts)
            case "edits":
                await stage.edits(*act.texts)
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
            raise LookupError("в чате менеджеров ещё нет карточки, отвечать не на что")
        return cards[-1]


async def hold_again(stage: Stage, acts: Sequence[Act]) -> Act | None:
    """Do on a new stage what was done on another, as far as it goes; the act that cannot be done any more, if any."""
    player = Player(stage)
    for act in acts:
        try:
            await player.does(act)
        except LookupError:
            return act
    return None


def _has(screen: Sequence[Shown], texts: Sequence[str]) -> None:
    for text in texts:
        if not any(text in shown.text for shown in screen):
            raise NotAsTold(f"ожидалось: «{text}»", f"показано: {_texts(screen)}")


def _has_not(screen: Sequence[Shown], texts: Sequence[str]) -> None:
    for text in texts:
        if found := [shown for shown in screen if text in shown.text]:
            raise NotAsTold(f"не ожидалось: «{text}»", f"показано: {_texts(found)}")


def _is_empty(screen: Sequence[Shown]) -> None:
    if screen:
        raise NotAsTold("ожидалось: ничего", f"показано: {_texts(screen)}")


def _texts(screen: Sequence[Shown]) -> str:
    said = [f"«{short(shown.text)}»" for shown in screen[-NEWEST:]]
    more = f"ещё {len(screen) - NEWEST} и " if len(screen) > NEWEST else ""
    return f"{more}{', '.join(said)}" if said else "ничего"


def short(text: str) -> str:
    line = " ".join(text.split())
    return f"{line[:160]}…" if len(line) > 160 else line


def _line(shown: Shown) -> str:
    who = {"prospect": "клиент", "bot": "бот", "manager": "менеджер"}.get(shown.author, "")
    buttons = " ".join(f"[{button.label}]" for row in shown.buttons for button in row)
    return f"      {who}: {short(shown.text)} {buttons}".rstrip()
