"""The shape of steps and choices: each does one thing, and does it."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator

from dialogs.flow import END, PERSONAL, RETURN, TYPED, Flow, Step
from dialogs.lint_bounds import lint_bounds
from dialogs.pages import Draft, Page
from dialogs.problems import Problem, nearest
from dialogs.rules import texts_of
from dialogs.situation import FACTS
from dialogs.yaml_tree import Loc

RESERVED = frozenset(
    {END, RETURN, "company", "policy", "promise", "managers", "steps_left", "code", "offers", "true", "false", *FACTS}
)
_SENSITIVE = re.compile(
    r"паспорт|снилс|\bинн\b|номер[а-я]* карты|\bcvv\b|диагноз|здоровь|болезн|вероисповед|религи", re.I
)


def lint_steps(draft: Draft) -> Iterator[Problem]:
    """All rules of this page over all flows."""
    for flow, page in draft.flows:
        yield from _ids(flow, page)
        for loc, step in zip(flow.places, flow.every_step, strict=True):
            for rule in (_does_something, _consent, _application, _branches, _bounds, _pause, _purpose, _scores):
                yield from rule(flow, page, step, loc)
            yield from _choices(page, step, loc)


def _ids(flow: Flow, page: Page) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for place, step in zip(flow.places, flow.every_step, strict=True):
        loc: Loc = (*place, "id")
        line = page.node(loc).line
        if step.id in first:
            message = f"шаг «{step.id}» уже есть: строка {first[step.id]} и строка {line}"
            yield page.problem(loc, "duplicate-step", message, "Дайте одному из них другое имя.")
        first.setdefault(step.id, line)
        if step.id in RESERVED or keyword.iskeyword(step.id):
            message = f"имя «{step.id}» занято: оно значит другое в текстах, условиях или переходах"
            yield page.problem(loc, "reserved-name", message, f"Назовите шаг иначе, например {step.id}_step.")


def _does_something(flow: Flow, page: Page, step: Step, loc: Loc) -> Iterator[Problem]:
    asks, shows = bool(step.answer or step.choices), bool(step.picture or step.document)
    told = step.say or step.ask or shows  # of something shown without words ``lint_media`` tells
    if not (told or step.consent or step.application or step.review or step.part or asks):
        fix = "Добавьте say, ask, consent или application."
        yield page.problem((*loc, "id"), "empty-step", f"шаг «{step.id}» ничего не делает", fix)
    if step.say and step.ask:
        fix = "Перенесите say в отдельный шаг перед этим."
        yield page.problem(
            (*loc, "say"), "say-and-ask", "say и ask в одном шаге: say не будет показан", fix, on_key=True
        )
    if step.ask and not asks and not (step.review or step.part):  # there it is out of place, and told so
        fix = "Добавьте answer (text, number, date, phone…) или choices; если это не вопрос, напишите say."
        yield page.problem((*loc, "ask"), "ask-without-answer", "вопрос задан, а ответа не ждём", fix, on_key=True)
    if asks and not step.text and not step.consent:
        key = "answer" if step.answer else "choices"
        yield page.problem(
            (*loc, key), "question-without-text", "ответа ждём, а вопрос не задан", "Добавьте ask.", on_key=True
        )


def _consent(flow: Flow, page: Page, step: Step, loc: Loc) -> Iterator[Problem]:
    if step.refused and not step.consent:
        fix = "Поставьте consent или уберите refused."
        yield page.problem(
            (*loc, "refused"), "refused-without-consent", "refused без consent ничего не значит", fix, on_key=True
        )
    if not step.consent:
        return
    if getattr(flow.consent, step.consent) is None:
        message = f"для согласия «{step.consent}» нет текста"
        fix = f"Добавьте в consent сценария строку «{step.consent}: consents/…md»."
        yield page.problem((*loc, "consent"), "consent-without-text", message, fix)
    for key in ("say", "ask", "answer", "choices", "application"):
        if page.has((*loc, key)):
            message = f"согласие показывается одно, без «{key}»"
            yield page.problem((*loc, key), "consent-with-more", message, "Перенесите это в соседний шаг.", on_key=True)
    if step.consent == "personal_data" and not step.refused:
        message = "не сказано, что делать, если согласия не дали"
        fix = "Добавьте «refused: имя_шага» — шаг, который поможет и без данных."
        yield page.problem((*loc, "consent"), "refusal-without-way", message, fix, level="warning")


def _application(flow: Flow, page: Page, step: Step, loc: Loc) -> Iterator[Problem]:
    if not step.application:
        return
    if isinstance(step.application, str) and step.application not in flow.offers:
        message = f"предложения «{step.application}» в offers нет"
        fix = nearest(step.application, flow.offers) or "Опишите его в offers или напишите «application: true»."
        yield page.problem((*loc, "application"), "unknown-offer", message, fix)
    if not step.say:
        fix = "Добавьте say: что человек получил и что будет дальше."
        yield page.problem(
            (*loc, "application"), "silent-application", "заявка оформлена, а человеку ничего не сказано", fix
        )
    for key in ("ask", "answer", "choices"):
        if page.has((*loc, key)):
            message = f"шаг с application не ждёт ответа: «{key}» здесь лишнее"
            yield page.problem(
                (*loc, key), "application-with-question", message, "Перенесите вопрос в свой шаг.", on_key=True
            )


def _branches(flow: Flow, page: Page, step: Step, loc: Loc) -> Iterator[Problem]:
    branches = step.go if isinstance(step.go, tuple) else ()
    for number, branch in enumerate(branches[:-1]):
        if branch.condition is None:
            message = "ветки ниже этой никогда не сработают: у неё нет if"
            yield page.problem((*loc, "go", number), "branch-after-otherwise", message, "Поставьте её последней.")


def _bounds(flow: Flow, page: Page, step: Step, loc: Loc) -> Iterator[Problem]:
    spec = step.answer
    if spec is None:
        return
    yield from lint_bounds(page, step, spec, (*loc, "answer"))


def _pause(flow: Flow, page: Page, step: Step, loc: Loc) -> Iterator[Problem]:
    if step.pause is None or (step.answer and step.answer.type in TYPED):
        return
    message = "«pause» бывает только там, где отвечают словами: кнопка, фото и место читаются сразу"
    yield page.problem((*loc, "pause"), "pause-without-words", message, "Уберите pause.", on_key=True)


def _purpose(flow: Flow, page: Page, step: Step, loc: Loc) -> Iterator[Problem]:
    """Every datum has its purpose (A18, L7). A fork in the road (``say`` with choices) is no datum."""
    personal = step.answer is not None and step.answer.type in PERSONAL
    asks = (step.ask or step.answer) and not (step.review or step.part)  # there ``ask`` is told to be out of place
    if (personal or asks) and not step.purpose:
        message = f"не сказано, зачем спрашиваем «{step.id}»"
        fix = "Добавьте purpose: одной фразой, например «чтобы позвонить вам». Человек её увидит."
        yield page.problem((*loc, "id"), "no-purpose", message, fix, level="error" if personal else "warning")
    asked = " ".join(texts_of(step.ask))
    found = _SENSITIVE.search(f"{asked} {step.card or ''}")
    if found:
        key = "ask" if found[0] in asked else "card"
        message = f"«{found[0]}»: такие сведения закон защищает особо, здесь их лучше не собирать"
        fix = "Спросите только то, без чего не обойтись."
        yield page.problem((*loc, key), "sensitive-question", message, fix, level="warning", at=found[0])


def _scores(flow: Flow, page: Page, step: Step, loc: Loc) -> Iterator[Problem]:
    """Points are readable only with their reason (D5)."""
    for number, choice in enumerate(step.choices):
        place: Loc = (*loc, "choices", number)
        if choice.score is not None and not choice.reason:
            fix = "Добавьте reason: за что баллы — словами для менеджера."
            yield page.problem((*place, "score"), "score-without-reason", "баллы без причины", fix, level="warning")
        if choice.reason and choice.score is None:
            fix = "Добавьте score или уберите reason."
            yield page.problem(
                (*place, "reason"), "reason-without-score", "причина есть, а баллов нет", fix, level="warning"
            )


def _choices(page: Page, step: Step, loc: Loc) -> Iterator[Problem]:
    for number, choice in enumerate(step.choices):
        place: Loc = (*loc, "choices", number)
        if choice.go and choice.do:
            message = "у кнопки и go, и do: сработает только do"
            yield page.problem((*place, "go"), "choice-two-effects", message, "Оставьте одно.", on_key=True)
        if not choice.label.strip():
            yield page.problem((*place, "label"), "empty-value", "надпись пуста", "Напишите, что на кнопке.")
