"""A link or a word leads to a flow that is closed in this channel (L33): one sentence says where it is open."""

from __future__ import annotations

from dialogs.cleaning import folded
from dialogs.tags import parse_tag
from handlers.person import Person, published, say
from handlers.work import Work

ELSEWHERE = "Спасибо, что написали! Об этом мы говорим {where}: напишите нам, пожалуйста, там."
_WHERE = {"telegram": "в Telegram", "vk": "ВКонтакте", "web": "на нашем сайте"}


def told_where(work: Work, person: Person, tag: str) -> bool:
    """True if the tag's flow is closed here and open elsewhere, and that was said."""
    return _told(work, person, parse_tag(tag, _closed(work, person)).flow)


def told_where_by_word(work: Work, person: Person, text: str) -> bool:
    """The same for a flow's own word, alone in the message."""
    said, flows = folded(text), work.library.live.flows
    closed = (name for name in _closed(work, person) if said in flows[name].opened_by)
    return any(_told(work, person, name) for name in closed)


def _closed(work: Work, person: Person) -> list[str]:
    return [name for name, flow in work.library.live.flows.items() if person.identity.channel in flow.closed]


def _told(work: Work, person: Person, flow: str | None) -> bool:
    live = work.library.live
    where = [words for name, words in _WHERE.items() if flow in published(live, name)] if flow else []
    if where:
        say(work, person.identity, ELSEWHERE.format(where=" и ".join(where)))
    return bool(where)
