"""Common courtesy (D25, C61): a greeting, thanks, one form of address, no shouting, no guilt, no untrue hurry (A24)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dialogs.flow import Flow
from dialogs.lint_texts import names_used, spoken, texts
from dialogs.pages import Draft, Page
from dialogs.paths import Graph
from dialogs.phrases import GREETING
from dialogs.problems import Problem, likely
from dialogs.rules import texts_of
from dialogs.yaml_tree import Loc

Said = list[tuple[Loc, str]]

_THANKS = re.compile(r"спасибо|благодар", re.I)
_SHOUT = re.compile(r"\b[А-ЯЁ]{4,}(?:[\s,]+[А-ЯЁ]{4,})+\b|\b[А-ЯЁ]{7,}\b|!!+|[?!]{3,}")
_THOU = re.compile(r"\b(ты|тебя|тебе|тобой|твой|твоя|твоё|твое|твои|твоего|твоей|твоих|твоим)\b", re.I)
_YOU = re.compile(r"\b(вы|вас|вам|вами|ваш|ваша|ваше|ваши|вашего|вашей|ваших|вашим)\b", re.I)
_MARKUP = re.compile(r"</?(b|i|u|s|a|br|p|code|strong|em)\b[^>]*>|\*\*\S|__\S[^_]*__|\[[^\]]+\]\(https?://", re.I)
_LEAVING = re.compile(r"«стоп»|отпис\w+|отказ\w*|не хотите|не согласны|без согласия", re.I)
_GUILT = re.compile(
    r"(нам |очень |так )*(жаль|обидно|грустно|досадно)\b|пожале(ете|ешь)|вы (многое )?(теряете|потеряете|упускаете"
    r"|упустите)|не уходите|неужели|разве (мы|вам)|вы (точно )?уверены|останетесь без|\bзря\b|напрасно"
    r"|разочаров\w+|обиде\w+",
    re.I,
)
_NUMBER = r"(\d+|од(ин|на|но)|дв[ае]|три|четыре|пять|шесть|семь|восемь|девять|десять|нескольк[оих]+|пар[ау])"
_HURRY = re.compile(
    rf"(?<!\bза )(?<!\bв )\b(оста(лось|лся|лась|лись|ётся|ются|ется)|последни[ехй])( (всего|только|лишь|уже))? "
    rf"{_NUMBER}\b(?! (вопрос|шаг|пункт|минут))( \w+)?"
    r"|\bтолько (сегодня|сейчас|до (вечера|полуночи))\b"
    r"|(?<!\bза )(?<!\bв )\bпоследн(ий|ие|яя) (шанс|день|дни|минуты?|часы?)\b",
    re.I,
)


def lint_courtesy(draft: Draft) -> Iterator[Problem]:
    """All rules of this page over all flows."""
    for flow, page in draft.flows:
        said = [(loc, _bare(text)) for loc, text in everything(flow)]
        yield from _manners(flow, page, said)
        yield from _address(page, said)
        yield from _first_words(flow, page)
        yield from _thanks(flow, page)
        yield from _farewell(flow, page)


def everything(flow: Flow) -> Iterator[tuple[Loc, str]]:
    """Every word that people read, with its place: messages, hints, buttons, offers."""
    yield ("title",), flow.title
    for name, offer in flow.offers.items():
        for key, text in (("title", offer.title), ("conditions", offer.conditions)):
            if text:
                yield ("offers", name, key), text
    for loc, text, _ in texts(flow):
        yield loc, text
    for index, step in enumerate(flow.every_step):
        yield from spoken((*flow.places[index], "hint"), step.hint)
        for number, choice in enumerate(step.choices):
            yield (*flow.places[index], "choices", number, "label"), choice.label


def _bare(text: str) -> str:
    """Without the names in {{ }}: they are no words."""
    return re.sub(r"\{\{.*?\}\}", "⁠", text, flags=re.S)


def _manners(flow: Flow, page: Page, said: Said) -> Iterator[Problem]:
    for loc, text in said:
        if shout := _SHOUT.search(text):
            fix = "Напишите строчными и без лишних знаков."
            yield _warning(page, loc, "shouting", f"«{shout[0]}» звучит как крик", fix, shout[0])
        if markup := _MARKUP.search(text):
            message = f"«{markup[0]}» люди увидят как есть: тексты уходят без разметки"
            yield _warning(page, loc, "markup", message, "Уберите разметку.", markup[0])
        if hurry := _HURRY.search(text):
            message = f"«{hurry[0]}» набрано от руки и скоро станет неправдой"
            yield _warning(page, loc, "untrue-urgency", message, _true_number(flow), hurry[0])


def _true_number(flow: Flow) -> str:
    if not flow.offers:
        return "Подставьте настоящее: {{ steps_left }}; или не торопите."
    name = next(iter(flow.offers))
    return f"Подставьте настоящее: {{{{ offers.{name}.left }}}}, {{{{ offers.{name}.until }}}}; или не торопите."


def _address(page: Page, said: Said) -> Iterator[Problem]:
    """«ты» and «вы» do not go together; the first «ты» is shown."""
    if not any(_YOU.search(text) for _, text in said):
        return
    for loc, text in said:
        if thou := _THOU.search(text):
            message = f"«{thou[0]}», а в других текстах — «вы»"
            fix = "Обращайтесь везде одинаково, лучше на «вы»."
            yield _warning(page, loc, "mixed-address", message, fix, thou[0])
            return


def _first_words(flow: Flow, page: Page) -> Iterator[Problem]:
    first = flow.steps[0]
    place: Loc = ("steps", 0, "ask" if first.ask else "say" if first.say else "id")
    opening = list(spoken(place, first.text)) or [(place, "")]
    if cold := next((loc for loc, text in opening if not GREETING.search(text)), None):
        fix = "Начните, например, со «Здравствуйте!»."
        yield page.problem(cold, "no-greeting", "первое сообщение не здоровается", fix, level="warning")
    if bare := next((loc for loc, text in opening if not likely("policy", names_used(text))), None):
        message = "в первом сообщении нет ссылки на политику обработки данных"
        yield page.problem(bare, "no-policy-link", message, "Добавьте {{ policy }}.", level="warning")


def _thanks(flow: Flow, page: Page) -> Iterator[Problem]:
    """Whoever has applied is thanked there and then, or before the conversation ends."""
    graph = Graph(flow)
    if len(graph.index) < len(flow.every_step):
        return  # two steps of one name: who knows which says it
    for index, step in enumerate(flow.every_step):
        if (
            step.application
            and step.text
            and not any(
                _THANKS.search(text)
                for one in {step.id, *graph.after(step.id)} & graph.index.keys()
                for text in texts_of(flow.by_id[one].text)
            )
        ):
            message = "заявка есть, а спасибо за неё не сказано"
            fix = "Поблагодарите на этом шаге или в конце."
            yield page.problem(
                (*flow.places[index], "application"), "no-thanks", message, fix, level="warning", on_key=True
            )


def _farewell(flow: Flow, page: Page) -> Iterator[Problem]:
    """Who says no, to a consent or to messages, hears no reproach."""
    refusals = {step.refused for step in flow.every_step if step.refused}
    for loc, text, step in texts(flow):
        leaving = step in refusals or _LEAVING.search(text)
        if leaving and (guilt := _GUILT.search(text)):
            message = f"«{guilt[0]}» стыдит того, кто отказывается"
            fix = "Примите отказ спокойно и скажите, чем ещё можете помочь."
            yield _warning(page, loc, "guilt", message, fix, guilt[0])


def _warning(page: Page, loc: Loc, name: str, message: str, fix: str, at: str) -> Problem:
    return page.problem(loc, name, message, fix, level="warning", at=at)
