"""What can be pressed on a card: at most ten buttons in five rows, labels of at most 40 letters (VK's limits).

Keys are ``#LEAD.ACTION[.REASON]`` and ``#cCONVERSATION.ACTION``. A reason goes by its digest, not by its place in the
list: a list edited meanwhile never files a lead under another reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from dialogs.cleaning import cut
from dialogs.effects import Button
from handlers.card_facts import Facts

Rows = tuple[tuple[Button, ...], ...]
LABELS = {
    "take": "Беру",
    "reached": "Дозвонились",
    "no_answer": "Не ответил",
    "wrong_person": "Не тот человек",
    "no_such_number": "Нет такого номера",
    "won": "Сделка ✅",
    "lost": "Отказ",
    "junk": "Спам/мусор",
    "whole": "Показать целиком",
    "bot": "Вернуть боту",
    "undo": "Отменить",
    "back": "Назад",
}
_CALLS = (("reached", "no_answer"), ("wrong_person", "no_such_number"))
_ENDS = ("won", "lost", "junk")


def rows_for(facts: Facts, *, short: bool) -> Rows:
    """The buttons of a lead's card. ``short``: something on it is cut."""
    if facts.erased:
        return ()
    actions: list[tuple[str, ...]] = [*_by_status(facts)]
    if short:
        actions.append(("whole",))
    actions.append((*(("bot",) if facts.with_person else ()), *(("undo",) if facts.undoable else ())))
    return tuple(tuple(_button(facts.lead.id, one) for one in row) for row in actions if row)


def _by_status(facts: Facts) -> Sequence[tuple[str, ...]]:
    match facts.lead.status:
        case "new":
            return (("junk",),)
        case "application" | "cold":
            return (("take",), _ENDS)
        case "taken" | "in_work":
            return (*_CALLS, _ENDS) if facts.has_phone else (_ENDS,)
    return ()


def reasons_for(lead_id: int, outcome: str, reasons: Sequence[str]) -> Rows:
    """The business's reasons for ``lost`` or ``junk``, with a way back."""
    laid = [Button(cut(one, 40), f"#{lead_id}.{outcome}.{digest(one)}") for one in reasons]
    wide = 1 if len(laid) <= 4 else 2
    rows = [tuple(laid[at : at + wide]) for at in range(0, len(laid), wide)]
    return (*rows, (_button(lead_id, "back"),))


def call_rows(conversation_id: int, *, with_person: bool) -> Rows:
    """The buttons of a call about somebody who is no lead yet."""
    return ((Button(LABELS["bot"], f"#c{conversation_id}.bot"),),) if with_person else ()


def digest(reason: str) -> str:
    return sha256(reason.encode()).hexdigest()[:8]


def _button(lead_id: int, action: str) -> Button:
    return Button(LABELS[action], f"#{lead_id}.{action}")
