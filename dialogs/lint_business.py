"""business.yaml and the flows fit together: what is published exists, hours are sane, one word opens one flow."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from dialogs.business import Business, Menu
from dialogs.cleaning import folded
from dialogs.flow import Flow
from dialogs.pages import Draft, Page
from dialogs.problems import Problem, likely, nearest
from dialogs.words import meaning
from dialogs.yaml_tree import Loc


def lint_business(draft: Draft) -> Iterator[Problem]:
    """All rules of this page."""
    yield from _twins(draft)
    yield from _words(draft)
    if draft.business is None or draft.business_page is None:
        return
    business, page = draft.business, draft.business_page
    for rule in (_published, _closed, _start, _safe_step):
        yield from rule(draft, business, page)
    yield from _hours(business, page)
    yield from _policy(business, page)
    yield from _foreign(business, page)
    yield from _bands(business, page)


def _twins(draft: Draft) -> Iterator[Problem]:
    """Two files with one flow; a file that is not called like its flow."""
    first: dict[str, Page] = {}
    for flow, page in draft.flows:
        other = first.setdefault(flow.flow, page)
        line = page.node(("flow",)).line
        if other is not page:
            message = f"сценарий «{flow.flow}» уже есть: {other.path}:{other.node(('flow',)).line} и {page.path}:{line}"
            fix = "Удалите лишний файл или дайте сценарию другое имя."
            yield page.problem(("flow",), "duplicate-flow", message, fix)
        elif page.path.rsplit("/", 1)[-1] != f"{flow.flow}.yaml":
            message = f"сценарий «{flow.flow}» лежит в файле с другим именем"
            yield page.problem(("flow",), "file-name", message, f"Назовите файл {flow.flow}.yaml.", level="warning")


def _words(draft: Draft) -> Iterator[Problem]:
    """A word opens one flow, and none that the bot hears before flows («стоп»)."""
    first: dict[str, tuple[Page, Loc, str]] = {}
    for flow, page in draft.flows:
        for number, word in enumerate(flow.words):
            loc: Loc = ("words", number)
            if meaning(word):
                message = f"слово «{word}» бот понимает по-своему раньше сценариев"
                yield page.problem(loc, "reserved-word", message, "Уберите его или напишите подробнее.")
            other = first.setdefault(folded(word), (page, loc, flow.flow))
            if other[2] != flow.flow:
                there = f"{other[0].path}:{other[0].node(other[1]).line}"
                message = f"слово «{word}» открывает и «{other[2]}» ({there}), и «{flow.flow}»"
                yield page.problem(loc, "word-of-two-flows", message, "Оставьте его одному сценарию.")


def _missing(draft: Draft, page: Page, loc: Loc, flow: str) -> Iterator[Problem]:
    known = {one.flow for one, _ in draft.flows} | draft.unread
    if flow not in known:
        fix = nearest(flow, known) or "Положите рядом его файл."
        yield page.problem(loc, "unknown-flow", f"сценария «{flow}» нет", fix)


def _published(draft: Draft, business: Business, page: Page) -> Iterator[Problem]:
    for channel, flows in business.published.items():
        for number, name in enumerate(flows):
            yield from _missing(draft, page, ("published", channel, number), name)
    everywhere = {name for flows in business.published.values() for name in flows}
    if not everywhere:
        fix = "Напишите, например: telegram: [test_drive]."
        yield page.problem(("published",), "nothing-published", "не опубликован ни один сценарий", fix, on_key=True)
    for flow, its_page in draft.flows:
        if everywhere and flow.flow not in everywhere:
            message = f"сценарий «{flow.flow}» нигде не опубликован"
            fix = "Добавьте его в published в business.yaml."
            yield its_page.problem(("flow",), "flow-unpublished", message, fix, level="warning")


def _closed(draft: Draft, business: Business, page: Page) -> Iterator[Problem]:
    """A flow is not shown where its own file says that it must not be (L33)."""
    reasons = {flow.flow: (flow.closed, its_page) for flow, its_page in draft.flows if flow.closed}
    for channel, flows in business.published.items():
        for number, name in enumerate(flows):
            closed, its_page = reasons.get(name, ({}, page))
            if why := closed.get(channel):
                message = f"сценарий «{name}» закрыт для {channel}: {why}"
                fix = f"Уберите его отсюда; если вас это не касается — уберите {channel} из closed в {its_page.path}."
                yield page.problem(("published", channel, number), "closed-flow", message, fix)


def _start(draft: Draft, business: Business, page: Page) -> Iterator[Problem]:
    menu = business.start
    named: list[tuple[Loc, str]] = [(("start",), menu)] if isinstance(menu, str) else []
    if isinstance(menu, Menu):
        named = [(("start", "flows", number), name) for number, name in enumerate(menu.flows)]
    for loc, name in named:
        yield from _missing(draft, page, loc, name)
    yield from _same_titles(draft, page, named)
    known = {one.flow for one, _ in draft.flows} | draft.unread
    begun = {name for _, name in named}
    for channel, flows in business.published.items():
        misspelt = bool(begun - known) or any(likely(one, begun) for one in {*flows} - known)  # told, and the reason
        if flows and not misspelt and begun.isdisjoint(flows):
            message = f"в канале {channel} пришедшему без ссылки нечего показать"
            fix = "Опубликуйте там сценарий из start или впишите в start один из здешних."
            yield page.problem(("published", channel), "empty-start", message, fix, level="warning", on_key=True)


def _same_titles(draft: Draft, page: Page, named: list[tuple[Loc, str]]) -> Iterator[Problem]:
    titles = {flow.flow: flow.title for flow, _ in draft.flows}
    seen: set[str] = set()
    for loc, name in named:
        title = titles.get(name, name)
        if folded(title) in seen:
            message = f"в меню две одинаковые кнопки: «{title}»"
            yield page.problem(loc, "choices-alike", message, "Дайте сценариям разные title или уберите повтор.")
        seen.add(folded(title))


def _safe_step(draft: Draft, business: Business, page: Page) -> Iterator[Problem]:
    safe = business.safe_step
    yield from _missing(draft, page, ("safe_step", "flow"), safe.flow)
    flow: Flow | None = next((one for one, _ in draft.flows if one.flow == safe.flow), None)
    own = {step.id for step in flow.steps} if flow else set()  # whoever stood in a part could not return from it
    if flow and safe.step not in own:
        message = f"шага «{safe.step}» в сценарии «{safe.flow}» нет"
        yield page.problem(("safe_step", "step"), "jump-to-nowhere", message, nearest(safe.step, own))


def _hours(business: Business, page: Page) -> Iterator[Problem]:
    """Working hours go forward within a day; quiet hours may pass midnight (A16)."""
    if not business.working_hours:
        fix = 'Напишите хотя бы один день: mon: "09:00-19:00".'
        yield page.problem(("working_hours",), "no-working-hours", "нет ни одного рабочего дня", fix, on_key=True)
    for day, (since, until) in business.working_hours.items():
        if since >= until:
            message = f"рабочий день кончается ({until:%H:%M}) не позже, чем начинается ({since:%H:%M})"
            fix = "Поставьте часы по порядку; работаете через полночь — до 23:59."
            yield page.problem(("working_hours", day), "hours-order", message, fix)


def _policy(business: Business, page: Page) -> Iterator[Problem]:
    if not _is_link(business.policy):
        message = f"«{business.policy[:60]}» — не ссылка"
        fix = "Напишите полностью, например https://example.ru/privacy."
        yield page.problem(("policy",), "policy-not-link", message, fix)


def _is_link(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:  # a bracket in it looks like an address of six groups to Python
        return False
    return parts.scheme in ("http", "https") and "." in parts.netloc and " " not in text


def _bands(business: Business, page: Page) -> Iterator[Problem]:
    if business.bands and business.bands.warm >= business.bands.hot:
        message = f"тёплый начинается с {business.bands.warm}, а горячий — с {business.bands.hot}"
        fix = "Поставьте warm меньше hot, например warm: 30 и hot: 60."
        yield page.problem(("bands", "warm"), "bands-order", message, fix)


def _foreign(business: Business, page: Page) -> Iterator[Problem]:
    if business.switches.no_foreign_messengers and business.published.get("telegram"):
        message = "no_foreign_messengers закрывает Telegram для клиентов, а сценарии там опубликованы"
        fix = "Уберите telegram из published."
        yield page.problem(("published", "telegram"), "closed-channel", message, fix, level="warning", on_key=True)
