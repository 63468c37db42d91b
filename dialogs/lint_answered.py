"""Which questions everybody has answered who comes to a place of the flow."""

from __future__ import annotations

from dialogs.flow import Step
from dialogs.paths import Graph
from dialogs.yaml_tree import Loc

MOST_WALKS = 50
"""Questions of one flow for which all its paths are walked; of the others nothing is known."""


class Answered:
    """Asked only of conditions for which all turns on it: a flow is walked once for each question."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._bare: dict[str, set[str]] = {}  # question -> steps that somebody enters without an answer to it

    def before(self, name: str, loc: Loc, step: Step | None) -> bool:
        """Is there always an answer to the question at the condition at ``loc``? ``step``: it stands there."""
        asks = self.graph.flow.by_id.get(name)
        if asks is None or loc[0] == "silence":  # where they fell silent nobody knows
            return False
        if step is asks and loc[2 if loc[0] == "steps" else 3] in ("go", "score"):
            return not step.optional
        entered = {one.id for one in self.graph.flow.every_step if one.application} if step is None else {step.id}
        return name in self._walked(asks) and entered.isdisjoint(self._bare[name])

    def _walked(self, asks: Step) -> dict[str, set[str]]:
        if asks.id not in self._bare and len(self._bare) < MOST_WALKS:
            states = self.graph.states(lambda one: frozenset({"answered"} if one is asks else ()))
            self._bare[asks.id] = {step for step, have in states if not have}
        return self._bare
