"""Parts, reviews, renames and side questions: what leads into them, and what may not be twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dialogs.cleaning import folded
from dialogs.flow import END, RETURN, Flow, Step
from dialogs.pages import Draft, Page
from dialogs.paths import comes_back, jumps
from dialogs.problems import Problem, nearest
from dialogs.yaml_tree import Loc

_OWN = {
    "review": ("review-with-more", "review сам показывает ответы и спрашивает"),
    "part": ("part-with-more", "шаг с part только ведёт в часть"),
}
_NOT_BESIDE = {
    "review": ("ask", "answer", "choices", "consent", "application", "part"),
    "part": ("say", "ask", "answer", "choices", "consent", "application"),
}


def lint_parts(draft: Draft) -> Iterator[Problem]:
    """All rules of this page over all flows."""
    for flow, page in draft.flows:
        for place, step in zip(flow.places, flow.every_step, strict=True):
            for rule in (_calls, _borders, _alone, _renamed, _renamed_choices):
                yield from rule(flow, page, step, place)
        yield from _unused(flow, page)
        yield from _alike(page, [question.words for question in flow.questions])
    if draft.business and draft.business_page and draft.business_page in draft.pages:
        yield from _alike(draft.business_page, [question.words for question in draft.business.questions])


def _calls(flow: Flow, page: Page, step: Step, place: Loc) -> Iterator[Problem]:
    """A part exists, and does not go through itself."""
    if step.part is None:
        return
    if step.part not in flow.parts:
        fix = nearest(step.part, flow.parts) or "Опишите её в parts."
        yield page.problem((*place, "part"), "unknown-part", f"части «{step.part}» в parts нет", fix)
    elif comes_back(flow, step):
        message = f"часть «{flow.home[step.id]}» проходит через саму себя"
        fix = "Уберите этот шаг; если часть нужно пройти ещё раз, вернитесь в её начало через go."
        yield page.problem((*place, "part"), "part-in-itself", message, fix)


def _borders(flow: Flow, page: Page, step: Step, place: Loc) -> Iterator[Problem]:
    """Into a part leads only a step with ``part``: whoever jumped in could not return."""
    home = flow.home.get(step.id)
    for target, loc in jumps(place, step):
        there = flow.home.get(target)
        if target == RETURN and place[0] == "steps":
            fix = "Назовите шаг, на который идти, или end."
            yield page.problem(loc, "return-outside-part", "return бывает только внутри части", fix)
        elif there and there != home:
            message = f"шаг «{target}» — внутри части «{there}», прыгнуть туда нельзя"
            yield page.problem(loc, "jump-into-part", message, f"Поставьте шаг с «part: {there}» и ведите на него.")


def _alone(flow: Flow, page: Page, step: Step, place: Loc) -> Iterator[Problem]:
    for key, (name, alone) in _OWN.items():
        others = [one for one in _NOT_BESIDE[key] if getattr(step, one)] if getattr(step, key) else []
        others.sort(key=lambda one: page.node((*place, one)).line)
        if others:
            message = f"{alone}: «{', '.join(others)}» здесь лишнее"
            fix = "Перенесите это в соседний шаг."
            if others == ["ask"] and key == "review" and not step.say:
                fix = "Назовите это say: слова над ответами."
            yield page.problem((*place, others[0]), name, message, fix, on_key=True)


def _renamed(flow: Flow, page: Page, step: Step, place: Loc) -> Iterator[Problem]:
    for number, old in enumerate(step.renamed_from):
        loc: Loc = (*place, "renamed_from", number)
        if old in flow.by_id or old in (END, RETURN):
            message = f"шаг «{old}» в сценарии есть: прежним именем «{step.id}» он быть не может"
            yield page.problem(loc, "renamed-still-here", message, "Уберите это имя или переименуйте тот шаг.")
        elif flow.renamed[old] != step.id:
            message = f"прежнее имя «{old}» есть и у шага «{flow.renamed[old]}»"
            yield page.problem(loc, "renamed-twice", message, "Оставьте его у того шага, который спрашивает то же.")


def _renamed_choices(flow: Flow, page: Page, step: Step, place: Loc) -> Iterator[Problem]:
    present = {choice.meaning for choice in step.choices}
    taken: set[object] = set()
    for number, choice in enumerate(step.choices):
        for index, old in enumerate(choice.renamed_from):
            loc: Loc = (*place, "choices", number, "renamed_from", index)
            if old in present:
                message = f"value «{old}» у кнопок есть: прежним оно быть не может"
                yield page.problem(loc, "renamed-still-here", message, "Уберите его или смените value той кнопки.")
            elif old in taken:
                message = f"прежнее value «{old}» есть и у кнопки выше"
                yield page.problem(loc, "renamed-twice", message, "Оставьте его у одной.")
            taken.add(old)


def _unused(flow: Flow, page: Page) -> Iterator[Problem]:
    called = {step.part for step in flow.every_step}
    for part in flow.parts:
        if part not in called:
            fix = f"Поставьте где-нибудь шаг с «part: {part}» или уберите часть."
            yield page.problem(("parts", part), "unused-part", f"часть «{part}» никто не зовёт", fix, on_key=True)


def _alike(page: Page, questions: Iterable[tuple[str, ...]]) -> Iterator[Problem]:
    """One word for two side questions: nobody could tell which is asked."""
    first: dict[str, int] = {}
    for number, words in enumerate(questions):
        for index, word in enumerate(words):
            loc: Loc = ("questions", number, "words", index)
            if not folded(word):
                yield page.problem(loc, "empty-value", "слово пусто", "Напишите, как об этом спрашивают.")
            elif first.setdefault(folded(word), number) != number:
                message = f"«{word}» значит и этот вопрос, и один из вопросов выше"
                yield page.problem(loc, "questions-alike", message, "Оставьте это слово у одного из них.")
