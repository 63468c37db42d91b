"""Made-up flows and made-up people in them: no dead end, no endless turn, equal input gives equal output.

The long form is ``python -m tests.torture.flows --flows 20000``, a part of ``make torture``.
"""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from tests import generated_flows
from tests.generated_people import lived


@pytest.mark.timeout(300)
@settings(max_examples=50)
@given(st.integers(0, 2**32))
def test_whoever_answers_rightly_comes_to_the_end_of_any_sound_flow(seed: int) -> None:
    """Whatever they did before: wrong answers, old buttons, «назад», corrections, silence, edits of the flow."""
    if not lived(Random(seed), people=3, turns=16):
        reject()


def test_seven_of_ten_made_up_flows_are_sound_and_hold_every_word_of_the_language() -> None:
    """Else little would be shown by them."""
    drafts = [generated_flows.flow_of(Random(seed)) for seed in range(60)]
    sound = [draft for draft, channels in drafts if generated_flows.sound(draft, channels, 1)[0]]
    assert len(sound) > 42
    whole = json.dumps(sound)
    words = (
        *generated_flows.PLAIN[:-1],
        *generated_flows.PERSONAL,
        "part",
        "return",
        "review",
        "variants",
        "again",
        "hint",
    )
    words += (
        "silence",
        "dates",
        "questions",
        "score",
        "worth",
        "tags",
        "hand_over",
        "optional",
        "advertising",
        "offers",
    )
    assert not [word for word in words if f'"{word}"' not in whole]
