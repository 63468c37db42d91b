"""``leadbot diff``: what publishing a set would change, how many people stand there, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.library import Published
from dialogs.changes import Changes, FlowChange, compare, compare_flows, fate
from dialogs.flow import Flow
from dialogs.flow_set import FlowSet
from dialogs.moving import known_as
from dialogs.wording import count, plural
from storage.database import Database
from storage.standing import Group, count_standing

NOTHING_PUBLISHED = "Ещё ничего не опубликовано: всё в этой папке новое."
UNREADABLE = (
    "Опубликованный набор эта программа прочитать не может: он для другой её версии. Сравнить не с чем; "
    "публикация заменит его папкой."
)
NO_CHANGES = "Папка и опубликованное не отличаются."
_KINDS = {"added": "новый сценарий", "removed": "сценария больше нет"}


@dataclass(frozen=True, slots=True)
class Difference:
    """``changes``: None when nothing is published yet, or what is cannot be read here. ``groups`` with the version of
    their flow (None: unreadable)."""

    changes: Changes | None
    groups: tuple[tuple[Group, Flow | None], ...]
    new: FlowSet
    unreadable: bool = False

    def lines(self) -> Iterator[str]:
        """The whole story in Russian."""
        if self.unreadable:
            yield UNREADABLE
            yield from self._people()
            return
        if self.changes is None:
            yield NOTHING_PUBLISHED
            return
        if not self.changes:
            yield NO_CHANGES
        for flow in self.changes.flows:
            yield from _flow(flow)
        yield from map(str, self.changes.translations)
        if self.changes.business:
            yield f"business.yaml: {', '.join(self.changes.business)}"
        for path in self.changes.consents:
            yield f"{path}: другая редакция; на своём следующем шаге согласия её увидят и те, кто согласился с прежней"
        yield from self._people()

    def _people(self) -> Iterator[str]:
        concerned = [(group, flow) for group, flow in self.groups if self._concerns(group, flow)]
        rest = sum(group.people for group, _ in self.groups) - sum(group.people for group, _ in concerned)
        if concerned:
            yield "Сейчас внутри:"
        for group, flow in concerned:
            script = self.new.script(group.flow) if group.flow in self.new.flows else None
            where = f"{group.flow}, «{group.step}» (версия {group.version})"
            yield f"  {_people(group.people)} — {where}: {fate(flow, script, group.step, people=group.people)}"
        if rest:
            theirs = plural(rest, "для него на его", "для них на их", "для них на их")
            yield f"{'Ещё ' if concerned else 'Внутри '}{_people(rest)}: {theirs} шаге ничего не меняется"

    def _concerns(self, group: Group, flow: Flow | None) -> bool:
        """Is the step where they stand another one in the new set, or gone?"""
        new = self.new.flows.get(group.flow)
        if new is None or flow is None or known_as(new, group.step) is None:
            return True
        return group.step in compare_flows(flow, new).touched


async def difference(database: Database, new: FlowSet, *, library: Published | None = None) -> Difference:
    """The published set against this one. ``library``: where it is held already."""
    library = library or Published(database)
    live, unreadable = None, False
    try:
        await library.refresh()
    except LookupError:
        unreadable = True
    else:
        live = _live(library)
    async with database.read() as db:
        standing = await count_standing(db)
    seen = {version: _readable(library, version) for version in {group.version for group in standing}}
    return Difference(compare(live, new) if live else None, tuple(_with_flows(standing, seen)), new, unreadable)


def _live(library: Published) -> FlowSet | None:
    try:
        return library.live
    except LookupError:
        return None


def _readable(library: Published, version: int) -> FlowSet | None:
    try:
        return library.at(version)
    except LookupError:
        return None


def _with_flows(standing: Sequence[Group], seen: dict[int, FlowSet | None]) -> Iterator[tuple[Group, Flow | None]]:
    for group in standing:
        flow_set = seen[group.version]
        yield group, flow_set.flows.get(group.flow) if flow_set else None


def _flow(change: FlowChange) -> Iterator[str]:
    yield f"{change.flow}: {_KINDS.get(change.kind) or ', '.join((*change.what, *(('шаги',) if change.steps else ())))}"
    yield from (f"  {step}" for step in change.steps)


def _people(number: int) -> str:
    return count(number, "человек", "человека", "человек")
