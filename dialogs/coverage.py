"""What of a flow its stories visit, and what none of them does."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from dialogs.flow import Flow, Place
from dialogs.places import Atlas, places, told


@dataclass(frozen=True, slots=True)
class Coverage:
    """One flow: how many places it has, and those that no story visits, in the author's order."""

    flow: Flow
    total: int
    missed: tuple[Place, ...]

    @property
    def percent(self) -> int:
        """Whole percent, rounded down: 100 is all of it."""
        return (self.total - len(self.missed)) * 100 // self.total

    def lines(self, atlas: Atlas) -> list[str]:
        """For the author: the sum, then each place with its file and line."""
        missed = [f"  {atlas.line(self.flow, one)}: {told(self.flow, one)}" for one in self.missed]
        head = f"{self.flow.flow}: истории проходят {self.percent} % ({self.total - len(missed)} из {self.total})"
        return [f"{head}. Не пройдено:", *missed] if missed else [f"{head}."]


def coverage(flow: Flow, visited: Collection[tuple[str, Place]]) -> Coverage:
    """``visited``: (flow, place) of all stories together."""
    everything = list(places(flow))
    return Coverage(flow, len(everything), tuple(one for one in everything if (flow.flow, one) not in visited))
