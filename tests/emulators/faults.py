"""What goes wrong on the wire, by script: which call of which method, once, from the n-th on, or by chance."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto


class Fault(Enum):
    """What any network can do. An emulator may take refusals of its own (an error object) in the same places."""

    RESET_BEFORE = auto()  # the connection is cut before the request was taken: nothing happened
    RESET_AFTER = auto()  # ... after it was taken: it happened, nobody hears of it
    SLOW = auto()  # taken, answered ``Faults.slow_for`` seconds later
    SERVER_ERROR_HTML = auto()  # not taken; 502 with a page of HTML
    GARBAGE = auto()  # taken; 200 with an answer that does not decode


ANY = "*"  # in a method's place: whatever is called


@dataclass(slots=True)
class _Plan:
    what: object
    skip: int = 0  # calls that go well first
    times: int | None = 1  # calls that go wrong then; None: all
    probability: float = 1.0


class Faults:
    """``faults.next("messages.send", Fault.RESET_AFTER)``. Of several plans for a method the older goes first."""

    def __init__(self, seed: int = 0) -> None:
        self.slow_for = 0.5
        self._plans: defaultdict[str, list[_Plan]] = defaultdict(list)
        self._dice = random.Random(seed)
        self.happened: Counter[str] = Counter()  # what went wrong, by kind
        self.hit = ""  # the method that went wrong last
        self.calls = 0
        self.heard: Callable[[str], None] | None = None  # told each call's method

    def next(self, method: str, what: object, *, times: int = 1) -> None:
        """The next ``times`` calls of ``method`` go wrong."""
        self._plans[method].append(_Plan(what, times=times))

    def nth(self, method: str, n: int, what: object) -> None:
        """The n-th call from now goes wrong (1 is the next)."""
        self._plans[method].append(_Plan(what, skip=n - 1))

    def chance(self, method: str, what: object, probability: float) -> None:
        """Each call goes wrong with this probability, until ``clear``; the dice are seeded."""
        self._plans[method].append(_Plan(what, times=None, probability=probability))

    def always(self, method: str, what: object) -> None:
        """Every call goes wrong until ``clear``."""
        self.chance(method, what, 1.0)

    def clear(self, method: str | None = None) -> None:
        """All is well again, with one method or with all."""
        if method is None:
            self._plans.clear()
        else:
            self._plans.pop(method, None)

    def take(self, method: str, *, inside: bool = False) -> object | None:
        """For the emulator, once a call: what goes wrong with this one, or None. ``inside`` of another call, which has
        had its own share of what befalls whatever is called."""
        chosen: object | None = None
        self.calls += not inside
        if self.heard and not inside:
            self.heard(method)
        for plans in (self._plans[method], self._plans[ANY])[: 1 if inside else 2]:
            for plan in list(plans):
                if plan.skip:
                    plan.skip -= 1
                elif chosen is None and self._dice.random() < plan.probability:
                    chosen = plan.what
                    if plan.times is not None:
                        plan.times -= 1
                        if not plan.times:
                            plans.remove(plan)
        if chosen is not None:
            self.happened[getattr(chosen, "name", type(chosen).__name__)] += 1
            self.hit = method
        return chosen
