"""Variants (A/B): which of them a person meets. Drawn once, by a number of theirs, and kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

from dialogs.flow_set import FlowSet


def draw(number: int, name: str, weights: Mapping[str, int]) -> str:
    """The variant for the person with this number: equal arguments draw the same, in any process."""
    place = int.from_bytes(sha256(f"{name}:{number}".encode()).digest()[:8], "big") % sum(weights.values())
    for variant, weight in weights.items():
        if place < weight:
            return variant
        place -= weight
    raise AssertionError("the place is within the sum of the weights")


def with_variants(flow_set: FlowSet, flow: str, chosen: Mapping[str, str]) -> FlowSet:
    """The set in which everybody meets these variants of the flow: for stories.

    Raises LookupError, in Russian, for a variant that the flow does not have.
    """
    if not chosen:
        return flow_set
    found = flow_set.flows[flow]
    for name, variant in chosen.items():
        if variant not in found.variants.get(name, {}):
            raise LookupError(f"в сценарии нет варианта «{variant}» для «{name}»")
    only = {name: {variant: 1} for name, variant in chosen.items()}
    fixed = found.model_copy(update={"variants": {**found.variants, **only}})
    return replace(flow_set, flows={**flow_set.flows, flow: fixed})
