"""A link leads to a flow that is closed in this channel (L33): one sentence says where it is open, nothing is asked."""

from __future__ import annotations

from dialogs.tags import parse_tag
from handlers.person import Person, published, say
from handlers.work import Work

ELSEWHERE = "Спасибо, что написали! Об этом мы говорим {where}: напишите нам, пожалуйста, там."
_WHERE = {"telegram": "в Telegram", "vk": "ВКонтакте", "web": "на нашем сайте"}


def told_where(work: Work, person: Person, tag: str) -> bool:
    """True if the tag's flow is closed here and open elsewhere, and that was said."""
    live, channel = work.library.live, person.identity.channel
    flow = parse_tag(tag, [name for name, flow in live.flows.items() if channel in flow.closed]).flow
    where = [words for name, words in _WHERE.items() if flow in published(live, name)] if flow else []
    if where:
        say(work, person.identity, ELSEWHERE.format(where=" и ".join(where)))
    return bool(where)
