"""A story as its author would write it, and where it goes in the file: what ``dialogs.stories`` reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from dialogs.durations import spelled
from dialogs.pages import Page
from dialogs.stories import Act, Story
from dialogs.yaml_tree import Items, understood

HEAD = """\
# yaml-language-server: $schema=schema/stories.schema.json
#
# Разговоры как тесты: кто что говорит и что должно быть видно. Прогнать: leadbot test.

stories:
"""
WIDEST = 110
_PLAIN = re.compile(r"[^\W_][^:#\"'\[\]{}&*|>%@`\\\n\t]*")


def written(story: Story, *, indent: str = "  ") -> str:
    """The story as an item of the list ``stories``."""
    lines = [f"- story: {quoted(story.name)}", f"  channel: {story.channel}"]
    if story.language:
        lines.append(f"  language: {story.language}")
    if story.starts:
        lines.append(f'  starts: "{story.starts:%Y-%m-%d %H:%M}"')
    if story.variants:
        met = ", ".join(f"{name}: {quoted(one, in_brackets=True)}" for name, one in story.variants.items())
        lines.append(f"  variants: {{{met}}}")
    lines.append("  talk:")
    lines += [f"    {line}" for act in story.acts for line in _act(act, WIDEST - len(indent) - 4)]
    return "".join(f"{indent}{line}\n" for line in lines)


def appended(text: str, page: Page | None, story: Story) -> str:
    """The file with the story at its end; all that stands in it is kept. ``page`` is the file read, None for a new one.

    Raises ValueError with the way out if the list is written in brackets.
    """
    if page is None:
        return HEAD + written(story)
    stories = page.node(("stories",))
    if not isinstance(stories, Items) or not stories.items or page.lines[stories.line - 1].lstrip()[:1] != "-":
        raise ValueError(f"{page.path}: список «stories» должен быть записан строками, каждая история с «- story:»")
    end = "" if text.endswith("\n") else "\n"
    return f"{text}{end}\n{written(story, indent=' ' * (stories.column - 1))}"


def quoted(text: str, *, in_brackets: bool = False) -> str:
    """Without quotes where nobody could take it for anything else; in brackets a comma is the list's."""
    plain = _PLAIN.fullmatch(text) and text == text.strip() and isinstance(understood(text), str)
    plain = plain and not (in_brackets and "," in text)
    return text if plain else json.dumps(text, ensure_ascii=False)


def _act(act: Act, width: int) -> Iterable[str]:
    if act.span:
        return [f"- waits: {spelled(act.span)}"]
    if not act.texts:
        return [f"- {act.verb}"]
    if len(act.texts) == 1:
        return [f"- {act.verb}: {quoted(act.text)}"]
    line = f"- {act.verb}: [{', '.join(quoted(one, in_brackets=True) for one in act.texts)}]"
    return [line] if len(line) <= width else [f"- {act.verb}:", *(f"    - {quoted(one)}" for one in act.texts)]
