"""Where a conversation can go: a flow's steps as a graph, the way ``dialogs.engine`` walks them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from dialogs.flow import END, RETURN, Branch, Flow, Step
from dialogs.yaml_tree import Loc

CONTACTS = frozenset({"phone", "email"})


@dataclass(frozen=True, slots=True)
class Way:
    """One way out of a step. ``loc``: where the author wrote it (the step itself, when it just goes on).

    ``given``: the person gave what the step asks for (an answer, a consent), rather than skipped or refused it.
    ``through``: the part that lies between: it is gone through first.
    """

    target: str
    loc: Loc
    written: bool
    given: bool = True
    through: str = ""


def jumps(base: Loc, step: Step) -> Iterator[tuple[str, Loc]]:
    """Every step id that the author wrote as a target, with its place. ``base``: the step's own."""
    if isinstance(step.go, str):
        yield step.go, (*base, "go")
    for number, branch in enumerate(step.go if isinstance(step.go, tuple) else ()):
        yield branch.go, (*base, "go", number, "go")
    for number, choice in enumerate(step.choices):
        if choice.go:
            yield choice.go, (*base, "choices", number, "go")
    if step.refused:
        yield step.refused, (*base, "refused")


def comes_back(flow: Flow, step: Step) -> bool:
    """Does the part that the step calls go through the part where the step itself stands?"""
    home = flow.home.get(step.id)
    found, due = set[str](), [step.part] if home and step.part else []
    while due:
        part = due.pop()
        if part not in found and part in flow.parts:
            found.add(part)
            due += [one.part for one in flow.parts[part] if one.part]
    return home in found


def ways(flow: Flow, index: int) -> list[Way]:
    """Every way out of the step, in the author's order."""
    step, base = flow.every_step[index], flow.places[index]
    onward = list(_onward(flow, index, step))
    if step.consent == "personal_data":
        refused = Way(step.refused or END, (*base, "refused"), bool(step.refused), given=False)
        return [*onward, refused]
    if step.consent == "advertising":
        return [*onward, *(Way(one.target, one.loc, one.written, given=False) for one in onward)]
    if step.part and (inside := flow.inside(step)) and not comes_back(flow, step):  # that is told itself
        past = (Way(one.target, one.loc, one.written, through=step.part) for one in onward)
        return [Way(inside, (*base, "part"), True), *past]
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
    base = flow.places[index]
    last = index + 1 == len(flow.every_step) or flow.places[index + 1][:-1] != base[:-1]
    following = flow.every_step[index + 1].id if not last else END if base[0] == "steps" else RETURN
    if isinstance(step.go, str):
        yield Way(step.go, (*base, "go"), True)
        return
    for number, branch in enumerate(step.go or ()):
        yield Way(branch.go, (*base, "go", number, "go"), True)
    if not any(_otherwise(step.go)):
        yield Way(following, base, False)


def _otherwise(go: tuple[Branch, ...] | None) -> Iterable[bool]:
    return (branch.condition is None for branch in go or ())


def _reminders(flow: Flow) -> Iterator[Way]:
    """Whoever has applied may be led on by a reminder of a date."""
    for number, rule in enumerate(flow.dates):
        if rule.go:
            yield Way(rule.go, ("dates", number, "go"), True)


def leads_to_application(flow: Flow, step: str) -> bool:
    """Can an application be made from this step on?"""
    ahead = {step} | Graph(flow).after(step)
    return any(one.application for one in flow.every_step if one.id in ahead)


class Graph:
    """Reachability over one flow. Ways to steps that do not exist lead nowhere. What is within a part goes on behind
    each step that calls it; who came in by one caller does not come out behind another."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.index = {step.id: number for number, step in reversed(list(enumerate(flow.every_step)))}
        self._all = {step.id: ways(flow, self.index[step.id]) for step in flow.every_step}
        back = self._returning(lambda step: True)
        self.out = {step: [one for one in found if one.through in back] for step, found in self._all.items()}
        for step in flow.steps:
            self.out[step.id] += _reminders(flow) if step.application else ()
        self._quiet = self._returning(lambda step: not step.waits) if flow.parts else back
        self._later = self._sets()
        first = flow.steps[0].id
        self.reached: set[str] = {first} | self.after(first)

    def _returning(self, passes: Callable[[Step], bool]) -> set[str]:
        """The parts that can be gone through to their end by steps that ``passes`` lets by; "" is no part."""
        found: set[str] = {""}
        grows = True
        while grows:
            fresh = {part for part in self.flow.parts.keys() - found if self._comes_back(part, passes, found)}
            grows = bool(fresh)
            found |= fresh
        return found

    def _comes_back(self, part: str, passes: Callable[[Step], bool], parts: set[str]) -> bool:
        seen: set[str] = set()
        due = [self.flow.parts[part][0].id]
        while due:
            step = due.pop()
            if step == RETURN:
                return True
            if step in seen or step not in self.index or not passes(self.flow.every_step[self.index[step]]):
                continue
            seen.add(step)
            due += [one.target for one in self._all[step] if one.through in parts and self._within(part, one)]
        return False

    def _within(self, part: str, way: Way) -> bool:
        """The way stays in the part's own list: into another part it does not go, but past it."""
        return way.target == RETURN or self.flow.home.get(way.target) == part

    def by_itself(self, step: str) -> list[str]:
        """Where a step that waits for nobody may lead before anybody has said a word."""
        return [one.target for one in self.out[step] if one.through in self._quiet and one.loc[0] != "dates"]

    def _sets(self) -> dict[str, int]:
        """What can come after each step, a bit a step: a flow of thousands of steps is judged in time (A5)."""
        self._bit = {step: 1 << place for place, step in enumerate([*self.index, END])}
        inward = self._grown({step: [one.target for one in found] for step, found in self.out.items()}, {})
        if not self.flow.parts:
            return inward
        home = self.flow.home
        outward: dict[str, list[str]] = {f"/{part}": [] for part in self.flow.parts}  # /part: behind its callers
        for step, found in self.out.items():
            own = home.get(step, "")
            outward[step] = [f"/{own}" for one in found if one.target == RETURN]
            outward[step] += [one.target for one in found if home.get(one.target, "") == own]
            for one in found:
                if one.through:
                    outward[f"/{one.through}"].append(f"/{own}" if one.target == RETURN else one.target)
        return self._grown(outward, inward)

    def _grown(self, out: dict[str, list[str]], known: dict[str, int]) -> dict[str, int]:
        """Backwards, as flows mostly run forwards: two rounds are enough for most."""
        found = {step: known.get(step, 0) for step in out}
        grows = True
        while grows:
            grows = False
            for step in reversed(out):
                later = found[step]
                for target in out[step]:
                    later |= self._bit.get(target, 0) | found.get(target, 0)
                grows = grows or later != found[step]
                found[step] = later
        return found

    def after(self, step: str) -> set[str]:
        """Every step that can come after this one (END included)."""
        return {one for one, bit in self._bit.items() if self._later.get(step, 0) & bit}

    def precedes(self, first: str, later: str) -> bool:
        """Can ``first`` come before ``later``?"""
        return bool(self._later.get(first, 0) & self._bit.get(later, 0))

    def too_early(self, name: str, step: str) -> bool:
        """Is the question ``name`` asked only behind this step? Of steps with one id nobody knows which is meant, and a
        jump to nowhere may have been the way: both are told."""
        if len(self.index) < len(self.flow.every_step) or self.precedes(name, step):
            return False
        lost = any(one.target not in {*self.index, END, RETURN} for found in self.out.values() for one in found)
        return not lost or self.precedes(step, name)

    def states(self, gained: Callable[[Step], frozenset[str]]) -> set[tuple[str, frozenset[str]]]:
        """Every step with every set of things that may have been gained by the moment it is entered."""
        return _States(self, gained).seen


Have = frozenset[str]
Call = tuple[str, Have]
"""A part with what had been gained when it was entered; "" is the flow itself."""


class _States:
    """Each part is walked once for each set it may be entered with; where it ends, all who called it so go on."""

    def __init__(self, graph: Graph, gained: Callable[[Step], Have]) -> None:
        self.graph, self.gained = graph, gained
        self.walked: set[tuple[Call, str, Have]] = set()
        self.waiting: defaultdict[Call, set[tuple[Call, str]]] = defaultdict(set)  # call -> who goes on where
        self.ends: defaultdict[Call, set[Have]] = defaultdict(set)
        start = graph.flow.steps[0].id
        self.due: list[tuple[Call, str, Have]] = []
        self._come(("", frozenset()), start, frozenset())
        while self.due:
            self._walk(*self.due.pop())
        self.seen = {(step, have) for _, step, have in self.walked if step != RETURN}

    def _come(self, call: Call, step: str, have: Have) -> None:
        state = (call, step, have)
        if state not in self.walked:
            self.walked.add(state)
            self.due.append(state)

    def _walk(self, call: Call, step_id: str, have: Have) -> None:
        graph = self.graph
        if step_id == RETURN:
            self.ends[call].add(have)
            for above, target in self.waiting[call]:
                self._come(above, target, have)
        if step_id not in graph.index:
            return
        step = graph.flow.every_step[graph.index[step_id]]
        gain = self.gained(step)
        called: Call = (step.part or "", have)
        for way in graph.out[step_id]:
            if way.through:
                self.waiting[called].add((call, way.target))
                for end in self.ends[called]:
                    self._come(call, way.target, end)
            else:
                self._come(called if step.part else call, way.target, have | gain if way.given else have)
