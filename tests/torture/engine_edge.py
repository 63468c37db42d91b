"""The engine under any event at any place: deterministic, within what channels show, and always somewhere."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from random import Random
from typing import Any

from bot.publishing import check
from dialogs import events
from dialogs.capabilities import CHANNELS
from dialogs.conversation import Conversation, Known
from dialogs.effects import Say
from dialogs.engine import advance
from dialogs.flow_set import FlowSet
from tests.flow_folder import FILES
from tests.torture import seeds
from tests.torture.edge import NOW, units
from tests.torture.mutation import mangled

_BARE = ("Started", "Resumed", "Back", "AskedPerson", "Read")
_CHOICES = ("0", "1", "7", "yes", "no", "skip", "name", "person", "fix", "ok.0", "ok", "asis", "amend.0", "-1", "",
            "٣", "²", "9" * 40, "9" * 5_000)  # fmt: skip


@cache
def _sets() -> tuple[FlowSet, ...]:
    """The shipped flows and the small folder."""
    found = (check(seeds.shipped()).flow_set, check({path: text.encode() for path, text in FILES.items()}).flow_set)
    return tuple(one for one in found if one is not None)


@cache
def _scripts() -> dict[str, Any]:
    return {name: one.script(name) for one in _sets() for name in one.flows}


def draw_turn(dice: Random) -> dict[str, Any]:
    """Somebody anywhere in a flow, and an event of any kind."""
    flow = dice.choice(sorted(_scripts()))
    steps = [step.id for step in _scripts()[flow].flow.steps]
    state = {"flow": flow, "version": 0, "step": dice.choice((*steps, None)) if dice.random() < 0.97 else "gone"}
    waiting = _scripts()[flow].flow.by_id.get(state["step"] or "")
    if waiting and waiting.answer and dice.random() < 0.3:
        state["pending"] = {"value": "+79001234567", "shown": "+7 900 123-45-67", "question": "Верно?"}
    if dice.random() < 0.3:
        state["path"] = dice.sample(steps, 2)
    if dice.random() < 0.2:
        state["applied"] = True
    if dice.random() < 0.2:
        state["held"] = [["3", dice.choice(seeds.SAID)], ["", dice.choice(seeds.SAID)]]
    if dice.random() < 0.3:
        state["spoken"] = [[one, [["4", dice.choice(seeds.SAID)]]] for one in (state["step"] or steps[0], steps[-1])]
    state["answers"] = {one: dice.choice(("да", 7, True, "x" * 300)) for one in dice.sample(steps, 2)}
    return {
    "state": state, "event": _event(dice, state), "consents": int(dice.random() * 4),
    "channel": dice.choice(sorted(CHANNELS)),
        "name": dice.choice(("", "Анна", "я" * 200, "<b>")), "left": dice.choice((0, 1, 10**9)),
    }  # fmt: skip


def _event(dice: Random, state: dict[str, Any]) -> list[Any]:
    kind = dice.random()
    if kind < 0.45:
        return ["Tapped", _key(dice, state)]
    if kind < 0.75:
        said = dice.choice(seeds.SAID)
        return ["Said", said if dice.random() < 0.4 else mangled(said, dice, seeds.PIECES)]
    if kind < 0.8:
        return ["Edited", dice.choice("345"), mangled(dice.choice(seeds.SAID), dice, seeds.PIECES)]
    if kind < 0.85:
        return ["SharedPhone", mangled("+79001234567", dice), dice.random() < 0.5]
    if kind < 0.9:
        return ["Silent", dice.choice((0, 1, 2, 9))]
    return ["Odd", dice.choice(("sticker", "voice", "contact", "\0", ""))] if kind < 0.93 else [dice.choice(_BARE)]


def _key(dice: Random, state: dict[str, Any]) -> str:
    """A true button's key, spoiled or not."""
    choice = dice.choice(_CHOICES)
    key = f"0.1.{state['step']}.{choice}"
    return key if dice.random() < 0.5 else mangled(key, dice)


def play_turn(given: dict[str, Any]) -> bool:
    """True: it moved somebody. Raises for an output that a channel cannot show, or a place that does not exist."""
    at = Conversation.load(given["state"])
    script = _scripts()[at.flow]
    digests = {purpose: text.digest for purpose, text in script.consents.items()}
    agreed = {
        one: digests[one]
        for bit, one in ((1, "personal_data"), (2, "advertising"))
        if given["consents"] & bit and one in digests
    }
    known = Known(
        given["channel"], agreed, given["name"][:60], {f"{at.flow}.{one}": given["left"] for one in script.flow.offers}
    )
    name, *values = given["event"]
    event = getattr(events, name)(*values)
    turn = advance(script, at, event, now=NOW, known=known)
    assert turn == advance(script, at, event, now=NOW, known=known), "the same again is decided otherwise"
    after = turn.conversation
    assert Conversation.load(json.loads(json.dumps(after.dump()))) == after, "what is kept is not what was decided"
    assert after.step is None or after.step in script.flow.by_id or after.step == at.step, "a step that does not exist"
    for effect in turn.effects:
        json.dumps(effect if isinstance(effect, tuple) else asdict(effect), default=str)
        if isinstance(effect, Say):
            _showable(effect)
    return after != at


def _showable(one: Say) -> None:
    assert one.text.strip(), "a message without words"
    assert units(one.text) <= CHANNELS["telegram"].text, "a text too long"
    for button in one.buttons:
        assert button.label.strip(), "a button without words"
        assert len(button.key.encode()) <= CHANNELS["telegram"].key_bytes and button.key.isascii(), "a key too long"
    assert len(one.buttons) <= CHANNELS["vk"].buttons, "more buttons than VK shows"
