"""An author's file that was read: its lines and its tree, and problems put exactly on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import get_args

from dialogs.business import Business, ChannelName
from dialogs.flow import Flow
from dialogs.flow_set import ConsentText
from dialogs.media import MediaFile
from dialogs.problems import Level, Problem
from dialogs.translation import Translation, translated
from dialogs.yaml_tree import Keys, Loc, Node, Scalar, down


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Page:
    """One YAML file. ``path`` is relative to the flows' folder. Each reading of a file is a page of its own."""

    path: str
    lines: tuple[str, ...]
    tree: Node

    def node(self, loc: Loc) -> Node:
        """The node at ``loc``, or the nearest part above that exists."""
        return down(self.tree, loc)[0]

    def has(self, loc: Loc) -> bool:
        return down(self.tree, loc)[1] == len(loc)

    def key(self, loc: Loc) -> Scalar | None:
        """The key that ``loc`` ends with, as written."""
        above = self.node(loc[:-1])
        found = above.pairs.get(str(loc[-1])) if isinstance(above, Keys) and loc else None
        return found[0] if found else None

    def problem(
        self, loc: Loc, name: str, message: str, fix: str, *, level: Level = "error", on_key: bool = False, at: str = ""
    ) -> Problem:
        """A problem with the value at ``loc`` (``on_key``: with its key; ``at``: with this part of its text)."""
        node: Node = self.node(loc)
        if on_key:
            node = self.key(loc) or node
        line, column = self.find(node, at) if at else (node.line, node.column)
        return self.mark(line, column, name, message, fix, level)

    def mark(self, line: int, column: int, name: str, message: str, fix: str, level: Level = "error") -> Problem:
        excerpt = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return Problem(self.path, line, column, message, fix, level, name, excerpt)

    def find(self, node: Node, part: str) -> tuple[int, int]:
        """Where ``part`` stands within the node's text; the node's own place if it cannot be found."""
        if isinstance(node, Scalar):
            for line in range(node.line, min(node.last_line, len(self.lines)) + 1):
                column = self.lines[line - 1].find(part, node.column - 1 if line == node.line else 0)
                if column >= 0:
                    return line, column + 1
        return node.line, node.column


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """A place that a model refused. ``keys``: what stands or should stand there, from the top («steps», «answer»); None
    for a key that nobody knows."""

    line: int
    keys: tuple[str | None, ...]
    value: Node


@dataclass(frozen=True, slots=True, eq=False)
class Refused:
    """A file that its model refused, as it might be when its ``spots`` are put right: for the rules alone, which tell
    what else is wrong with it. ``page`` lacks the spots, or holds what is meant there."""

    model: Flow | Business | Translation
    page: Page
    spots: tuple[Spot, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """All files of a folder, as far as they could be read: ``flows`` in the order of their paths, ``unread`` the names
    of flows that could not be (so that nobody is told that they do not exist), ``pages`` all YAML that is read.
    ``refused`` files are in none of the others but ``unread`` and ``pages``."""

    flows: tuple[tuple[Flow, Page], ...]
    business: Business | None
    business_page: Page | None
    consents: Mapping[str, ConsentText]
    unread: frozenset[str] = frozenset()
    pages: tuple[Page, ...] = ()
    media: Mapping[str, MediaFile] = field(default_factory=dict)
    translations: tuple[tuple[Translation, Page], ...] = ()
    refused: tuple[Refused, ...] = ()

    @property
    def guessed(self) -> Draft:
        """With the refused files as they might be. Itself, if there are none."""
        if not self.refused:
            return self
        flows, translations, business = [*self.flows], [*self.translations], (self.business, self.business_page)
        for one in self.refused:
            if isinstance(one.model, Flow):
                flows.append((one.model, one.page))
            elif isinstance(one.model, Translation):
                translations.append((one.model, one.page))
            else:
                business = one.model, one.page
        return replace(
            self,
            flows=tuple(sorted(flows, key=lambda one: one[1].path)),
            business=business[0],
            business_page=business[1],
            pages=(*self.pages, *(one.page for one in self.refused)),
            translations=tuple(sorted(translations, key=lambda one: one[1].path)),
        )

    @property
    def translated(self) -> Mapping[str, Mapping[str, Flow]]:
        """flow -> language -> the flow in that language."""
        flows = {flow.flow: flow for flow, _ in self.flows}
        found: dict[str, dict[str, Flow]] = {}
        for one, _ in self.translations:
            if flow := flows.get(one.translation):
                found.setdefault(flow.flow, {})[one.language] = translated(flow, one.texts)
        return found

    def channels(self, flow: str) -> Iterator[str]:
        """Where the flow is published; one that is nowhere yet may come to every channel not closed to it."""
        if self.business is None:
            return iter(())
        found = [channel for channel, flows in self.business.published.items() if flow in flows]
        closed = next((one.closed for one, _ in self.flows if one.flow == flow), {})
        return iter(found or [channel for channel in get_args(ChannelName) if channel not in closed])
