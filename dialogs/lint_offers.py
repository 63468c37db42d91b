"""Offers are true: stock, term, price, conditions (L32, A24); and what is advertising is called so (L28)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from dialogs.flow import Flow, Offer
from dialogs.lint_texts import names_used, spoken, texts
from dialogs.lint_unasked import unasked
from dialogs.pages import Draft, Page
from dialogs.problems import Problem, likely
from dialogs.yaml_tree import Loc

_SELLING = re.compile(
    r"скидк\w*|акци[яиюей]+\b|промо(?:код\w*|акци\w*)?\b|распродаж\w*|подар(?:ок|к\w+|им)\b|бонус\w*|выгодн\w*|спецпредложени\w*"
    r"|кешб[эе]к\w*|\d\s?%|\d[\d\s]*(?:₽|руб(?:\.|л\w*)?(?!\w))",
    re.I,
)


def lint_offers(draft: Draft, *, today: date | None) -> Iterator[Problem]:
    """All rules of this page over all flows. ``today`` closes offers whose date has passed; None: not judged."""
    for flow, page in draft.flows:
        used = {step.application for step in flow.every_step}
        for name, offer in flow.offers.items():
            loc: Loc = ("offers", name)
            yield from _complete(page, loc, offer)
            yield from _ended(page, loc, offer, today)
            if name not in used and not any(likely(str(one), [name]) for one in used - {None, True, *flow.offers}):
                fix = f"Поставьте на шаге «application: {name}» или уберите предложение."
                message = f"предложение «{name}» никто не получит"
                yield page.problem(loc, "offer-unused", message, fix, level="warning", on_key=True)
        yield from _counters(flow, page)
        yield from _advertising(flow, page)


def _complete(page: Page, loc: Loc, offer: Offer) -> Iterator[Problem]:
    if offer.kind == "promo_code" and offer.stock is None and not offer.own_codes:
        fix = "Добавьте stock: сколько промокодов всего; или own_codes: true, если загружаете свои."
        yield page.problem(loc, "promo-code-without-stock", "у промокода нет запаса", fix, on_key=True)
    if offer.own_codes and offer.stock is not None:
        fix = "Уберите stock: сколько кодов загружено, столько и есть."
        yield page.problem((*loc, "stock"), "own-codes-with-stock", "у своих промокодов запас не задают", fix)
    if offer.kind == "consultation" and offer.price is None:
        fix = "Добавьте price: сколько она стоит обычно, например 2 500 ₽."
        yield page.problem(loc, "consultation-without-price", "не названа цена консультации", fix, on_key=True)
    if offer.valid is None and offer.until is None:
        fix = "Добавьте valid (сколько действует, например 14 days) или until (последний день)."
        yield page.problem(loc, "offer-without-term", "у предложения нет срока", fix, level="warning", on_key=True)
    if not offer.conditions:
        fix = "Добавьте conditions: на что, кому, с какими оговорками."
        yield page.problem(
            loc, "offer-without-conditions", "у предложения нет условий", fix, level="warning", on_key=True
        )


def _ended(page: Page, loc: Loc, offer: Offer, today: date | None) -> Iterator[Problem]:
    if today and offer.until and offer.until < today:
        message = f"срок предложения прошёл {offer.until:%d.%m.%Y}"
        fix = "Поставьте новую дату или уберите предложение: промокоды по нему не выдаются."
        yield page.problem((*loc, "until"), "offer-ended", message, fix, level="warning")


def _counters(flow: Flow, page: Page) -> Iterator[Problem]:
    """A counter counts a real stock; a code's date is shown only where there is one (A24, D23)."""
    for loc, text, _ in texts(flow):
        for name in sorted(names_used(text)):
            parts = name.split(".")
            offer = flow.offers.get(parts[1]) if len(parts) == 3 and parts[0] == "offers" else None
            if offer and parts[2] == "left" and offer.kind != "promo_code" and offer.stock is None:
                message = f"счётчик «{name}» ничего не считает: у предложения нет stock"
                yield page.problem(
                    loc, "counter-without-stock", message, "Добавьте stock или уберите счётчик.", at=name
                )
            elif offer and parts[2] in ("price", "until", "conditions") and not getattr(offer, parts[2]):
                message = f"«{name}» пусто: у предложения нет {parts[2]}"
                yield page.problem(
                    loc, "empty-name", message, f"Добавьте {parts[2]} или уберите имя из текста.", at=name
                )
            if name == "code.until" and not any(one.valid or one.until for one in flow.offers.values()):
                message = "«code.until» пусто: у предложения нет ни valid, ни until"
                yield page.problem(loc, "empty-name", message, "Добавьте срок или уберите имя из текста.", at=name)


def _advertising(flow: Flow, page: Page) -> Iterator[Problem]:
    """A message to somebody silent that names an offer is advertising (L28): it needs its own consent."""
    fix = "Поставьте kind: advertising (уйдёт только тем, кто согласился) или напишите о заявке человека."
    for place, rule, _ in unasked(flow):
        if rule.kind != "service" or not rule.say:
            continue
        for loc, text in spoken((*place, "say"), rule.say):
            named = [name for name in sorted(names_used(text)) if name.split(".")[0] in ("offers", "code")]
            if named:
                message = f"«{named[0]}» в служебном сообщении: напоминание о предложении — это реклама"
                yield page.problem(loc, "advertising-as-service", message, fix, at=named[0])
            elif word := _SELLING.search(text):
                message = f"«{word[0]}» в служебном сообщении похоже на рекламу"
                yield page.problem(loc, "advertising-as-service", message, fix, level="warning", at=word[0])
