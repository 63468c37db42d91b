"""What admins ask of the flows' folder: how it stands, what would change, to publish it, to take a set back.

Reading and checking a folder takes its time, and no dialog waits for that: it is only noted here, and answered by
``bot/flow_desk.py`` when the transaction is over.
"""

from __future__ import annotations

from typing import get_args

from handlers.inbound import Inbound
from handlers.work import FlowsAct, FlowsAsked, Work

ACTS: tuple[FlowsAct, ...] = get_args(FlowsAct)


def flows_key(act: FlowsAct, seen: str = "") -> str:
    """A button's key: the act and the sets that were looked at."""
    return f"!flows.{act}:{seen}" if seen else f"!flows.{act}"


def ask(work: Work, inbound: Inbound, *, key: str = "!flows.look") -> None:
    """An admin's question, by the key of the button. What we do not know is a wish to look."""
    word, _, seen = key.removeprefix("!flows.").partition(":")
    act = next((one for one in ACTS if one == word), ACTS[0])
    by = f"{inbound.channel}:{inbound.sender}"
    work.asked.append(FlowsAsked(inbound.channel, inbound.chat, by, act, seen))
