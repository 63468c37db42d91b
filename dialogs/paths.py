"""Where a conversation can go: a flow's steps as a graph, the way ``dialogs.engine`` walks them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from dialogs.flow import END, Branch, Flow, Step
from dialogs.yaml_tree import Loc

CONTACTS = frozenset({"phone", "email"})


@dataclass(frozen=True, slots=True)
class Way:
    """One way out of a step. ``loc``: where the author wrote it (the step itself, when it just goes on).

    ``given``: the person gave what the step asks for (an answer, a consent), rather than skipped or refused it.
    """

    target: str
    loc: Loc
    written: bool
    given: bool = True


def jumps(index: int, step: Step) -> Iterator[tuple[str, Loc]]:
    """Every step id that the author wrote as a target, with its place."""
    base: Loc = ("steps", index)
    if isinstance(step.go, str):
        yield step.go, (*base, "go")
    for number, branch in enumerate(step.go if isinstance(step.go, tuple) else ()):
        yield branch.go, (*base, "go", number, "go")
    for number, choice in enumerate(step.choices):
        if choice.go:
            yield choice.go, (*base, "choices", number, "go")
    if step.refused:
        yield step.refused, (*base, "refused")


def ways(flow: Flow, index: int) -> list[Way]:
    """Every way out of the step, in the author's order."""
    step = flow.steps[index]
    base: Loc = ("steps", index)
    onward = list(_onward(flow, index, step))
    if step.consent == "personal_data":
        refused = Way(step.refused or END, (*base, "refused"), bool(step.refused), given=False)
        return [*onward, refused]
    if step.consent == "advertising":
        return [*onward, *(Way(one.target, one.loc, one.written, given=False) for one in onward)]
    out = list(onward) if not step.choices or step.answer else []
    for number, choice in enumerate(step.choices):
        if choice.do:
            continue
        out += [Way(choice.go, (*base, "choices", number, "go"), True)] if choice.go else onward
    if step.optional:
        out += [Way(one.target, one.loc, one.written, given=False) for one in onward]
    return list(dict.fromkeys(out))


def _onward(flow: Flow, index: int, step: Step) -> Iterator[Way]:
    """Where the step leads when no choice says otherwise."""
    base: Loc = ("steps", index)
    following = flow.steps[index + 1].id if index + 1 < len(flow.steps) else END
    if isinstance(step.go, str):
        yield Way(step.go, (*base, "go"), True)
        return
    for number, branch in enumerate(step.go or ()):
        yield Way(branch.go, (*base, "go", number, "go"), True)
    if not any(_otherwise(step.go)):
        yield Way(following, base, False)


def _otherwise(go: tuple[Branch, ...] | None) -> Iterable[bool]:
    return (branch.condition is None for branch in go or ())


class Graph:
    """Reachability over one flow. Ways to steps that do not exist lead nowhere."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.index = {step.id: number for number, step in reversed(list(enumerate(flow.steps)))}
        self.out = {step.id: ways(flow, self.index[step.id]) for step in flow.steps}
        self._later = self._sets()
        first = flow.steps[0].id
        self.reached: set[str] = {first} | self.after(first)

    def _sets(self) -> dict[str, int]:
        """What can come after each step, a bit a step: a flow of thousands of steps is judged in time (A5)."""
        self._bit = {step: 1 << place for place, step in enumerate([*self.index, END])}
        found = dict.fromkeys(self.out, 0)
        grows = True
        while grows:  # backwards, as flows mostly run forwards: two rounds are enough for most
            grows = False
            for step in reversed(self.out):
                later = found[step]
                for way in self.out[step]:
                    later |= self._bit.get(way.target, 0) | found.get(way.target, 0)
                grows = grows or later != found[step]
                found[step] = later
        return found

    def after(self, step: str) -> set[str]:
        """Every step that can come after this one (END included)."""
        return {one for one, bit in self._bit.items() if self._later.get(step, 0) & bit}

    def precedes(self, first: str, later: str) -> bool:
        """Can ``first`` come before ``later``?"""
        return bool(self._later.get(first, 0) & self._bit.get(later, 0))

    def states(self, gained: Callable[[Step], frozenset[str]]) -> set[tuple[str, frozenset[str]]]:
        """Every step with every set of things that may have been gained by the moment it is entered."""
        start: tuple[str, frozenset[str]] = (self.flow.steps[0].id, frozenset())
        seen, due = {start}, [start]
        while due:
            step_id, have = due.pop()
            if step_id not in self.index:
                continue
            gain = gained(self.flow.steps[self.index[step_id]])
            for way in self.out[step_id]:
                state = (way.target, have | gain if way.given else have)
                if state not in seen:
                    seen.add(state)
                    due.append(state)
        return seen
