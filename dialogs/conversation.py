"""Where somebody stands in a flow, and what the world knows of them: frozen, plain values, kept as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import compress
from operator import ne
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from dialogs.replacing import made

Many = tuple[str | int, ...]
Value = str | int | bool | Many
"""An answer as conditions and templates see it: a phone in E.164, a number, a choice's value or those of several, yes
or no, a day or a moment in ISO, a text."""

Kind = Literal["service", "advertising"]
Purpose = Literal["personal_data", "advertising"]


class Pending(NamedTuple):
    """A value understood but not yet confirmed: a phone to be checked, a date that may have been meant otherwise.
    ``shown`` is how people read it; ``question`` is what was asked about it."""

    value: Value
    shown: str
    question: str


Messages = tuple[tuple[str, str], ...]
"""What somebody wrote, message by message: the channel's id of each ("" where it has none), and the words."""


class Offered(NamedTuple):
    """A message was edited after its answer was taken: ``value`` would be the answer of the question at ``place``."""

    place: str
    value: Value
    shown: str


@dataclass(frozen=True)  # no slots: a copy of its values is all that ``dialogs.replacing`` needs
class Conversation:
    """One prospect's position in one flow. ``step`` is the question that waits; None: nothing waits (ended).

    ``answers`` by step id. ``tries`` counts refusals of the present question. ``pending`` waits to be confirmed.
    ``calls``: the steps that called the parts we are in, outermost first; a part returns to after its caller.
    ``path`` lists the questions answered so far, for «назад»: each with its calls, as ``address`` writes it.
    ``carried``: questions whose answers came along from an older version; each is passed once.
    ``amending``: an answer is being corrected; the address of the question to come back to. ``behind``: what was
    answered after it; passed once as well, and forgotten if the new answer leads elsewhere. ``formerly``: the answers
    as they were when the correction began.
    ``run`` counts the times this flow was begun: buttons carry it, so those of an older run are known as stale.
    ``chosen``: the values ticked so far where several may be. ``day`` (ISO): named already where an hour is asked too.
    ``shown`` is the digest of the consent text on screen: what is recorded is what was shown (P45). ``tapped`` is the
    last key that had an effect, and when: a second tap of it within seconds is one tap (P7). ``variants``: name ->
    the variant that the person has met; a later run keeps it. ``held``: words of an answer that may not be at its end;
    they are read together at ``held_until``. ``spoken``: the last questions that words were said to, each with its
    address and the messages; so an edited message finds its answer. ``offered``: a correction that waits for a yes.
    ``former``: answers of another run or dialog, by step id, that are to be offered; while ``pending`` waits at a step
    that is in it, it is that offer. ``language``: the one the flow speaks to them in, empty while nobody chose.
    """

    flow: str
    version: int
    run: int = 1
    step: str | None = None
    answers: Mapping[str, Value] = field(default_factory=dict)
    tries: int = 0
    path: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()
    amending: str | None = None
    behind: tuple[str, ...] = ()
    formerly: Mapping[str, Value] = field(default_factory=dict)
    pending: Pending | None = None
    chosen: Many = ()
    day: str = ""
    shown: str | None = None
    refused: bool = False
    applied: bool = False
    code: str | None = None
    code_until: datetime | None = None
    variants: Mapping[str, str] = field(default_factory=dict)
    former: Mapping[str, Value] = field(default_factory=dict)
    tapped: str | None = None
    tapped_at: datetime | None = None
    held: Messages = ()
    held_until: datetime | None = None
    spoken: tuple[tuple[str, Messages], ...] = ()
    offered: Offered | None = None
    language: str = ""

    @property
    def offers_former(self) -> bool:
        """Is an answer from before waiting to be confirmed?"""
        return self.pending is not None and self.step in self.former

    def dump(self) -> dict[str, object]:
        """As JSON keeps it; ``load`` gives it back equal. What is at its default is left out."""
        mine = self.__dict__  # in the order of the fields, as the defaults are
        kept = compress(mine.items(), map(ne, mine.values(), _DEFAULTS.values()))
        return {name: _KEPT[name].write(value) if name in _KEPT else value for name, value in kept}

    @classmethod
    def load(cls, state: Mapping[str, Any]) -> Conversation:
        """Unknown keys (a newer program wrote them) are left alone."""
        values = {**_DEFAULTS, **state}
        if len(values) > len(_DEFAULTS):
            values = {name: values[name] for name in _DEFAULTS}
        for name in state:
            if name in _KEPT:
                values[name] = _KEPT[name].read(state[name])
        return made(cls, values)


BLANK = Conversation("", 0)
"""Where nobody stands: ``dialogs.replacing`` makes a beginning of it at a third of the price."""
_DEFAULTS = {**vars(BLANK), "flow": None, "version": None}  # those two are always kept


class _Kept(NamedTuple):
    """How JSON keeps a value that is neither a word nor a number."""

    write: Callable[[Any], object]
    read: Callable[[Any], object]


def _listed(value: Value) -> object:
    """Several are a list; what is no tuple stays as it is."""
    return list(value) if isinstance(value, tuple) else value


def _tupled(kept: Any) -> Value:
    return tuple(kept) if isinstance(kept, list) else kept


def _fields(one: Pending | Offered) -> dict[str, object]:
    return {**one._asdict(), "value": _listed(one.value)}


_MOMENT = _Kept(datetime.isoformat, datetime.fromisoformat)
_TAP = _Kept(lru_cache(maxsize=4)(datetime.isoformat), datetime.fromisoformat)  # in UTC: ``now`` of a whole batch
_SEVERAL = _Kept(list, tuple)
_MESSAGES = _Kept(lambda messages: [list(one) for one in messages], lambda kept: tuple([tuple(one) for one in kept]))
_SPOKEN = _Kept(
    lambda spoken: [[place, _MESSAGES.write(messages)] for place, messages in spoken],
    lambda kept: tuple([(place, _MESSAGES.read(messages)) for place, messages in kept]),
)
_BY_STEP = _Kept(  # in line, not by ``_listed``: every turn reads and writes the answers
    lambda values: {step: list(one) if isinstance(one, tuple) else one for step, one in values.items()},
    lambda kept: {step: tuple(one) if isinstance(one, list) else one for step, one in kept.items()},
)
_KEPT: Mapping[str, _Kept] = {
    **dict.fromkeys(("code_until", "held_until"), _MOMENT),
    "tapped_at": _TAP,
    **dict.fromkeys(("path", "calls", "carried", "behind", "chosen"), _SEVERAL),
    **dict.fromkeys(("answers", "former", "formerly"), _BY_STEP),
    "held": _MESSAGES,
    "spoken": _SPOKEN,
    "pending": _Kept(_fields, lambda kept: Pending(**{**kept, "value": _tupled(kept["value"])})),
    "offered": _Kept(_fields, lambda kept: Offered(**{**kept, "value": _tupled(kept["value"])})),
}


def address(calls: tuple[str, ...], step: str) -> str:
    """A question with the way into its part: «delivery/street», a step of the flow itself is just «street»."""
    return "/".join((*calls, step))


def spot(address: str) -> tuple[tuple[str, ...], str]:
    """``address`` read back: (calls, step)."""
    *calls, step = address.split("/")
    return tuple(calls), step


class Known(NamedTuple):
    """What the world knows at this turn and the engine may not look up itself.

    ``consents``: purpose -> digest of the wording in force for this person. ``left``: offer -> codes left in stock.
    ``profile_name`` is the name the network shows: offered, never assumed, never kept by itself.
    ``open_now``: within the business's working hours. ``opens_at`` is when it next opens, for an honest promise; None
    while it is open.
    ``source`` and ``campaign``: of the link that opened the flow. ``returning``: has applied before this run.
    ``number``: the person's own, by which variants are drawn.
    """

    channel: str = "web"
    consents: Mapping[str, str] = MappingProxyType({})
    profile_name: str = ""
    left: Mapping[str, int] = MappingProxyType({})
    open_now: bool = True
    opens_at: datetime | None = None
    source: str = ""
    campaign: str = ""
    returning: bool = False
    number: int = 0
