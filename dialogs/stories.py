"""Stories: conversations as tests, in ``FLOW.stories.yaml`` beside the flow.

Text in, stories out; who plays them is ``leadbot test``. Every act knows its line, so that a story that fails says
where. A story is played on a stage with its own clock::

    stories:
      - story: Анна доходит до промокода
        channel: telegram
        starts: "2026-11-23 12:00"
        talk:
          - opens: test_drive__vk_ads__spring
          - sees: Здравствуйте
          - taps: Записаться
          - waits: 20 min
          - sees nothing
          - managers see: [Анна, "+7 900 123-45-67"]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dialogs.durations import span
from dialogs.pages import Page
from dialogs.problems import Problem, in_order, listed, nearest
from dialogs.reading import STORIES, read_page
from dialogs.text_files import is_ours
from dialogs.verbs import BARE, CHANNELS, EITHER, PAIR, TEXTS, THINGS, VERBS, Verb
from dialogs.yaml_tree import Items, Keys, Loc, Scalar


@dataclass(frozen=True, slots=True)
class Act:
    """One line of a talk. ``texts``: what is said, tapped or must be seen; empty for «sees nothing», «waits» and bare
    «opens», «shares phone». ``span``: how long «waits» waits.

    «sees» looks at what the bot has sent since the last «sees»: each text must be in one of those messages; «does not
    see» and «sees nothing» look at the same. «managers see» looks at their whole chat (cards are edited in place);
    «managers see nothing» at what has come since the last «managers see». «manager replies» answers the newest card.
    """

    verb: Verb
    texts: tuple[str, ...] = ()
    span: timedelta | None = None
    line: int = 0
    column: int = 0

    @property
    def text(self) -> str:
        """The one text of acts that have one; empty if there is none."""
        return self.texts[0] if self.texts else ""


@dataclass(frozen=True, slots=True)
class Story:
    """``flow``: by the file's name. ``starts``: the stage clock's first moment, naive, in the business's zone.
    ``variants``: those that the person of this story meets. ``language``: that of their app, two letters."""

    name: str
    flow: str
    channel: str
    acts: tuple[Act, ...]
    file: str
    line: int
    starts: datetime | None = None
    variants: Mapping[str, str] = field(default_factory=dict)
    language: str = ""


def parse(files: Mapping[str, str | bytes]) -> tuple[tuple[Story, ...], tuple[Problem, ...]]:
    """All stories of a folder's ``*.stories.yaml`` and everything that is wrong with them. Stories with a mistake are
    left out."""
    stories: list[Story] = []
    problems: list[Problem] = []
    for path in sorted(filter(is_ours, files)):
        if path.endswith(STORIES):
            page = read_page(path, files[path], problems)
            stories += _Reading(page, problems).stories() if page else []
    return tuple(stories), in_order(problems)


class _Reading:
    """One file being read. Methods return None where something is wrong, and have told it."""

    def __init__(self, page: Page, problems: list[Problem]) -> None:
        self.page, self.problems = page, problems

    def tell(self, loc: Loc, name: str, message: str, fix: str, *, on_key: bool = False) -> None:
        self.problems.append(self.page.problem(loc, name, message, fix, on_key=on_key))

    def stories(self) -> list[Story]:
        self.known((), ("stories",))
        listed_stories = self.page.node(("stories",)) if self.page.has(("stories",)) else None
        if not isinstance(listed_stories, Items):
            self.tell(("stories",), "missing-key", "не хватает списка «stories»", "Начните файл со «stories:».")
            return []
        found = [self.story(("stories", index)) for index in range(len(listed_stories.items))]
        self.twins(found)
        return [one for one in found if one]

    def twins(self, found: list[Story | None]) -> None:
        first: dict[str, int] = {}
        for index, story in enumerate(found):
            if story and first.setdefault(story.name, story.line) != story.line:
                message = f"история «{story.name}» уже есть: строка {first[story.name]} и строка {story.line}"
                self.tell(("stories", index, "story"), "duplicate-story", message, "Назовите её иначе.")

    def story(self, loc: Loc) -> Story | None:
        before = len(self.problems)
        if not isinstance(self.page.node(loc), Keys):
            self.tell(loc, "wrong-kind", "история состоит из ключей", "Начните с «- story: название».")
            return None
        self.known(loc, ("story", "channel", "language", "starts", "variants", "talk"))
        name = self.string(loc, "story", needed=True)
        channel = self.string(loc, "channel") or CHANNELS[0]
        if channel not in CHANNELS:
            self.tell((*loc, "channel"), "unknown-word", f"канала «{channel}» нет", nearest(channel, CHANNELS))
        language = self.language(loc)
        starts, variants = self.moment(loc), self.variants((*loc, "variants"))
        acts = self.talk(loc)
        if len(self.problems) > before or name is None:
            return None
        flow = self.page.path.rsplit("/", 1)[-1].removesuffix(STORIES)
        return Story(
            name, flow, channel, tuple(acts), self.page.path, self.page.node(loc).line, starts, variants, language
        )

    def known(self, loc: Loc, keys: tuple[str, ...]) -> None:
        node = self.page.node(loc)
        for key in node.pairs if isinstance(node, Keys) else ():
            if key not in keys:
                self.tell((*loc, key), "unknown-key", f"ключ «{key}» здесь неизвестен", nearest(key, keys), on_key=True)

    def string(self, loc: Loc, key: str, *, needed: bool = False) -> str | None:
        if not self.page.has((*loc, key)):
            if needed:
                self.tell(loc, "missing-key", f"не хватает ключа «{key}»", f"Добавьте строку «{key}: …».")
            return None
        return self.text((*loc, key))

    def text(self, loc: Loc) -> str | None:
        """One text, as it was meant: what YAML would take for something else must be quoted."""
        node = self.page.node(loc)
        if not isinstance(node, Scalar):
            self.tell(loc, "wrong-kind", "здесь нужен текст", 'Напишите его одной строкой, лучше в кавычках: "…".')
        elif node.value is None or not node.text.strip():
            self.tell(loc, "empty-value", "здесь ничего нет", "Допишите текст.")
        elif not isinstance(node.value, str):
            message = f"{node.text} без кавычек читается не как текст"
            self.tell(loc, "guessed-type", message, f'Возьмите в кавычки: "{node.text}".')
        else:
            return node.text.strip()
        return None

    def language(self, loc: Loc) -> str:
        code = self.string(loc, "language") or ""
        if code and not (len(code) == 2 and code.isascii() and code.islower()):
            fix = "Напишите две строчные латинские буквы, например en."
            self.tell((*loc, "language"), "wrong-value", f"«{code}» — не код языка", fix)
        return code

    def moment(self, loc: Loc) -> datetime | None:
        text = self.string(loc, "starts")
        try:
            return datetime.fromisoformat(text).replace(tzinfo=None) if text else None
        except ValueError:
            fix = 'Напишите, например: "2026-11-23 12:00".'
            self.tell((*loc, "starts"), "wrong-value", f"время «{text}» не понято", fix)
            return None

    def variants(self, loc: Loc) -> dict[str, str]:
        """«variants: {greeting: warm}»."""
        node = self.page.node(loc) if self.page.has(loc) else Keys(0, 0)
        if not isinstance(node, Keys):
            self.tell(loc, "wrong-kind", "варианты — это имена и значения", "Напишите, например: {greeting: warm}.")
            return {}
        return {name: text for name in node.pairs if (text := self.text((*loc, name)))}

    def talk(self, loc: Loc) -> list[Act]:
        node = self.page.node((*loc, "talk")) if self.page.has((*loc, "talk")) else None
        if not isinstance(node, Items) or not node.items:
            self.tell(loc, "missing-key", "в истории нет разговора", "Добавьте «talk:» и под ним «- opens».")
            return []
        found = [self.act((*loc, "talk", index)) for index in range(len(node.items))]
        return [one for one in found if one]

    def act(self, loc: Loc) -> Act | None:
        """«verb: value», or a verb alone."""
        node = self.page.node(loc)
        if isinstance(node, Keys) and len(node.pairs) == 1:
            verb = self.verb(loc, next(iter(node.pairs)), node.line, node.column)
            return self.with_value(verb, (*loc, next(iter(node.pairs)))) if verb else None
        if isinstance(node, Scalar) and isinstance(node.value, str):
            verb = self.verb(loc, node.text.strip(), node.line, node.column)
            if verb and verb.verb not in BARE | EITHER:
                self.tell(loc, "missing-value", f"«{verb.verb}» — что?", f"Напишите «{verb.verb}: …».")
                return None
            return verb
        self.tell(
            loc, "wrong-kind", "одно действие — одна строка", "Начните каждое с «- », например «- taps: Записаться»."
        )
        return None

    def verb(self, loc: Loc, word: str, line: int, column: int) -> Act | None:
        for verb in VERBS:
            if verb == word:
                return Act(verb, line=line, column=column)
        near = nearest(word, VERBS)
        fix = near if near.startswith("Возможно") else f"Можно: {listed(VERBS, most=20)}."
        self.problems.append(self.page.mark(line, column, "unknown-act", f"действия «{word}» нет", fix))
        return None

    def with_value(self, act: Act, loc: Loc) -> Act | None:
        if act.verb in BARE:
            self.tell(loc, "extra-value", f"«{act.verb}» пишется без двоеточия", "Уберите «:» и всё после него.")
            return None
        if act.verb == "waits":
            return self.waits(act, loc)
        node = self.page.node(loc)
        if act.verb in PAIR and not (isinstance(node, Items) and len(node.items) == 2):
            self.tell(
                loc, "wrong-kind", "здесь два текста: как было и как стало", 'Напишите, например: ["12 лет", "13 лет"].'
            )
            return None
        many = isinstance(node, Items) and act.verb in TEXTS
        texts = self.several(loc, said=act.verb == "says") if many else [self.text(loc)]
        if act.verb == "sends" and texts[0] is not None and texts[0] not in THINGS:
            self.tell(loc, "unknown-word", f"«{texts[0]}» прислать нельзя", nearest(texts[0], THINGS))
            return None
        told = tuple(one for one in texts if one is not None)
        return Act(act.verb, told, None, act.line, act.column) if len(told) == len(texts) else None

    def several(self, loc: Loc, *, said: bool) -> list[str | None]:
        node = self.page.node(loc)
        count = len(node.items) if isinstance(node, Items) else 0
        if not count:
            fix = "Напишите хотя бы один пункт." if said else "Напишите, что должно быть видно."
            self.tell(loc, "empty-value", "список пуст", fix)
        return [self.text((*loc, index)) for index in range(count)] or [None]

    def waits(self, act: Act, loc: Loc) -> Act | None:
        text = self.text(loc)
        try:
            return Act("waits", (), span(text), act.line, act.column) if text else None
        except ValueError as wrong:
            message, _, fix = str(wrong).partition("; ")
            self.tell(loc, "wrong-value", message, f"{fix[:1].upper()}{fix[1:]}." if fix else "")
            return None
