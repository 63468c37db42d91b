"""What admins ask of the flows' folder: how it stands, and to publish it.

Reading and checking a folder takes its time, and no dialog waits for that: it is only noted here, and answered by
``bot/flow_desk.py`` when the transaction is over.
"""

from __future__ import annotations

from handlers.inbound import Inbound
from handlers.work import FlowsAsked, Work

LOOK, PUBLISH = "!flows.look", "!flows.publish"


def ask(work: Work, inbound: Inbound, *, key: str = LOOK) -> None:
    """An admin's question, by the key of the button; ``!flows.publish:DIGEST`` names the files that were looked at."""
    act, _, digest = key.partition(":")
    by = f"{inbound.channel}:{inbound.sender}"
    work.asked.append(FlowsAsked(inbound.channel, inbound.chat, by, digest if act == PUBLISH else ""))
