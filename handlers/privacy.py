"""Stop words, and what the law gives a person over their data: heard before anything else (P46, L8, L10).

Each is carried out in the transaction of its event, and its one confirming line is the last thing said.
"""

from __future__ import annotations

from sqlalchemy import inspect

from dialogs.capabilities import CHANNELS
from dialogs.effects import Button
from dialogs.tongues import in_language
from dialogs.words import Meaning
from handlers.inbound import Inbound
from handlers.my_data import my_data
from handlers.person import say
from handlers.work import Work
from storage import consents, follow_ups
from storage.crash import crash
from storage.erasing import erase
from storage.erasing_messages import Notices
from storage.holdings import Holdings, holdings
from storage.leads import OPEN
from storage.outbox import cancel_all, cancel_unsolicited, promise
from storage.tables import Conversation, Erasure, Identity

STOPPED = "Хорошо, больше не будем писать вам первыми. Чтобы вернуться к разговору, напишите «продолжить»."
STOPPED_APPLIED = (
    "Хорошо, больше не будем писать вам первыми. Ваша заявка при этом остаётся в работе: менеджер ответит по ней. "
    "Чтобы вернуться к разговору, напишите «продолжить»."
)
SURE = "Удалить всё, что мы о вас храним: контакты, ответы, заявки? Вернуть их будет нельзя."
SURE_APPLIED = (
    "Удалить всё, что мы о вас храним: контакты, ответы, заявки? Вернуть их будет нельзя, "
    "и менеджер по вашей заявке уже не свяжется."
)
YES, NO = "Да, удалить всё", "Нет, оставить"
ERASED = "Готово, ваши данные удалены, больше мы вам не напишем. Захотите вернуться — просто напишите нам."
WITHDRAWN = (
    "Согласие отозвано: обработку ваших данных мы прекратили, сами данные удалили и больше вам не напишем. "
    "Захотите вернуться — просто напишите нам."
)
NOTHING_TO_WITHDRAW = (
    "Действующих согласий у нас от вас нет. Всё, что оставалось от этого разговора, удалено, больше мы вам не напишем."
)
NOTHING_HELD = "Ваших данных у нас уже нет."
KEPT = "Хорошо, всё остаётся как есть."
ERASED_CARD = "Данные удалены по просьбе человека."
ERASE_BY_HAND = (
    "Этот человек попросил удалить его данные, у нас они удалены. Сообщение, на которое я отвечаю, изменить уже "
    "нельзя: удалите его, пожалуйста, сами — и всё, что вы переписали из него к себе."
)


async def hear(
    work: Work, identity: Identity, conversation: Conversation | None, meaning: Meaning, inbound: Inbound
) -> None:
    """What ``words.meaning`` found: stop, erase, withdraw, my_data. ``identity`` may be gone after it: ``is_gone``."""
    match meaning:
        case "stop":
            await _stop(work, identity, inbound)
        case "erase":
            await _ask(work, identity)
        case "withdraw":
            await _withdraw(work, identity, inbound)
        case "my_data":
            await my_data(work, identity)


async def press(work: Work, identity: Identity, conversation: Conversation | None, key: str, inbound: Inbound) -> bool:
    """``!erase`` or ``!keep``. True: the waiting question is to be asked again."""
    if key == "!erase":
        await _erase(work, identity, conversation, inbound)
        return False
    say(work, identity, KEPT)
    return bool(conversation and conversation.step and not conversation.with_person(work.now))


def is_gone(identity: Identity) -> bool:
    """Was it erased in this transaction? Whoever writes again is a stranger."""
    state = inspect(identity)
    return not (state.persistent or state.pending)


# ---------------------------------------------------------------- stop


async def _stop(work: Work, identity: Identity, inbound: Inbound) -> None:
    """Nothing unsolicited any more, in any of the person's channels (L37); the application goes on (P48)."""
    held = await holdings(work.db, identity)
    for one in held.identities:
        one.stopped_at = work.now
        cancel_unsolicited(work.db, channel=one.channel, to=one.external_id, now=work.now, reason="stopped")
        await follow_ups.cancel_for_identity(work.db, identity_id=one.id, reason="stopped")
    await _withdraw_all(work, held, inbound.channel, inbound.event_id, purpose="advertising")
    work.counts["stopped"] += 1
    say(work, identity, STOPPED_APPLIED if _applied(held) else STOPPED)


def _applied(held: Holdings) -> bool:
    return any(lead.applied_at and lead.status in OPEN for lead in held.leads)


async def _withdraw_all(
    work: Work, held: Holdings, channel: str, event_id: str, *, purpose: str | None = None
) -> list[str]:
    """Write into the ledger that what is in force has ended, for every address of the person."""
    ended: list[str] = []
    for name in held.pseudonyms:
        ended += await consents.withdraw(
            work.db, pseudonym=name, channel=channel, event_id=event_id, now=work.now,
            purposes=[purpose] if purpose else None,
        )  # fmt: skip
    work.counts["withdrawals"] += len(ended)
    return ended


# ---------------------------------------------------------------- withdraw and erase


async def _ask(work: Work, identity: Identity) -> None:
    """One confirming tap; nothing is remembered of the question."""
    sure = SURE_APPLIED if _applied(await holdings(work.db, identity)) else SURE
    say(work, identity, sure, [Button(YES, "!erase"), Button(NO, "!keep")])


async def _erase(work: Work, identity: Identity, conversation: Conversation | None, inbound: Inbound) -> None:
    pressed_twice = conversation is None and identity.contact_id is None and not identity.runs
    farewell = _farewell_of(identity)
    await forget(work, identity, demanded_by="prospect", event_id=inbound.event_id)
    _say_farewell(work, farewell, NOTHING_HELD if pressed_twice else ERASED)


async def _withdraw(work: Work, identity: Identity, inbound: Inbound) -> None:
    """Processing stops at once, and so does what it was for: the data go now, not within thirty days."""
    held = await holdings(work.db, identity)
    ended = await _withdraw_all(work, held, inbound.channel, inbound.event_id)
    farewell = _farewell_of(identity)
    await forget(work, identity, demanded_by="prospect", event_id=inbound.event_id)
    _say_farewell(work, farewell, WITHDRAWN if ended else NOTHING_TO_WITHDRAW)


async def forget(work: Work, identity: Identity, *, demanded_by: str, event_id: str = "") -> Erasure:
    """Destroy all that is held on the person behind this address, in all their channels. No word to them.

    The caller's transaction must be followed by ``Database.forget_deleted`` (``counts["erasures"]`` says so).
    """
    return await forget_held(work, await holdings(work.db, identity), demanded_by=demanded_by, event_id=event_id)


async def forget_held(work: Work, held: Holdings, *, demanded_by: str, event_id: str = "") -> Erasure:
    """The same for holdings already gathered: ``demanded_by`` is prospect or operator."""
    for one in held.identities:
        await _withdraw_all(work, held, one.channel, event_id or demanded_by)
        await cancel_all(work.db, identity_id=one.id, now=work.now, reason="erased")
    crash("withdrawal half-way")
    act = await erase(
        work.db,
        held,
        demanded_by=demanded_by,
        notices=Notices(ERASED_CARD, ERASE_BY_HAND, {name: can.edit_hours for name, can in CHANNELS.items()}),
        words=_own_words(work, held),
        event_id=event_id,
        now=work.now,
    )
    work.counts["erasures"] += 1
    return act


def _own_words(work: Work, held: Holdings) -> set[str]:
    """The reasons that the business wrote itself: all the words an anonymous lead may keep."""
    versions = {one.version for one in held.conversations if one.version}
    words: set[str] = set()
    readable = [found for version in versions if (found := work.flows_at(version))]
    for flow_set in [work.library.live, *readable]:
        words |= {*flow_set.business.reasons.lost, *flow_set.business.reasons.junk}
        for step in (step for flow in flow_set.flows.values() for step in flow.every_step):
            words |= {(choice.reason or "").strip() for choice in step.choices}
            words |= {rule.reason.strip() for rule in step.score}
    return words


def _farewell_of(identity: Identity) -> tuple[str, str, bool, str]:
    return identity.channel, identity.external_id, identity.phone_keyboard, identity.language


def _say_farewell(work: Work, whom: tuple[str, str, bool, str], text: str) -> None:
    """The last line, to an address we no longer hold: delivery empties the row once it is sent (role ``farewell``)."""
    channel, to, drops_keyboard, language = whom
    text = in_language(text, language)
    promise(
        work.db, now=work.now, channel=channel, to=to, role="farewell", text=text, drops_keyboard=drops_keyboard
    )  # fmt: skip
