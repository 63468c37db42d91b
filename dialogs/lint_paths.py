"""Where a conversation may and may not go: jumps, circles, dead ends, and what must come before what (A8, L5)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from dialogs.flow import END, PERSONAL, RETURN, Flow, Step
from dialogs.pages import Draft, Page
from dialogs.paths import CONTACTS, Graph, jumps
from dialogs.problems import Problem, likely, nearest
from dialogs.rules import texts_of

_KINDS = {
    "name": "имя", "phone": "телефон", "email": "почту", "text": "ответ своими словами", "city": "город",
    "photo": "фото", "file": "файл", "location": "место на карте",
}  # fmt: skip

_REFUSAL = re.compile(r"(?i)соглас|передума|отказ|понима(?:ем|ю)|понятно|не записыва|не сохраня")


def lint_paths(draft: Draft) -> Iterator[Problem]:
    """All rules of this page over all flows."""
    for flow, page in draft.flows:
        graph = Graph(flow)
        yield from _nowhere(flow, page, graph)
        if len(graph.index) < len(flow.every_step):
            continue  # two steps of one name: who knows which is meant
        yield from _unreachable(flow, page, graph)
        circles = list(_circles(flow, page, graph))
        yield from circles or _dead_ends(flow, page, graph)
        states = graph.states(_gained)
        yield from _before_consent(flow, page, graph, states)
        yield from _without_contact(flow, page, graph, states)
        yield from _as_if_refused(flow, page, graph)


def _nowhere(flow: Flow, page: Page, graph: Graph) -> Iterator[Problem]:
    for index, step in enumerate(flow.every_step):
        for target, loc in jumps(flow.places[index], step):
            if target not in graph.index and target not in (END, RETURN):
                message = f"шага «{target}» в этом сценарии нет"
                yield page.problem(loc, "jump-to-nowhere", message, nearest(target, [*graph.index, END]))


def _unreachable(flow: Flow, page: Page, graph: Graph) -> Iterator[Problem]:
    """Of steps that lead to one another only the first is told; none that is lost by a mistake told elsewhere."""
    found = _but_for_others(flow, graph)
    called = {None, *(step.part for step in flow.every_step)}  # of a part that nobody calls ``lint_parts`` tells
    for index, step in enumerate(flow.every_step):
        if step.id not in found and flow.home.get(step.id) in called:
            message = f"до шага «{step.id}» никто не дойдёт: ни один шаг к нему не ведёт"
            fix = f"Поставьте где-нибудь «go: {step.id}» или уберите шаг."
            yield page.problem((*flow.places[index], "id"), "unreachable-step", message, fix)
            found |= {step.id} | graph.after(step.id)


def _but_for_others(flow: Flow, graph: Graph) -> set[str]:
    """What would be reached if jumps were spelt right and no step went round and round or nowhere."""
    targets = {target for index, step in enumerate(flow.every_step) for target, _ in jumps(flow.places[index], step)}
    lost = targets - {*graph.index, END, RETURN}
    meant = {near for one in lost if (near := likely(one, graph.index))}
    if len(meant) < len(lost):
        return set(graph.index)  # who knows where that jump was to go
    calling = (step for step in flow.every_step if step.consent and step.id in graph.reached)
    meant |= {inside for step in calling if (inside := flow.inside(step))}  # a part beside a consent: told there
    meant |= {flow.following[one] for one in graph.reached & graph.index.keys() if not graph.precedes(one, END)}
    return graph.reached.union(meant, *map(graph.after, meant & graph.index.keys()))


def _circles(flow: Flow, page: Page, graph: Graph) -> Iterator[Problem]:
    """Steps that pass by themselves must not lead back to themselves."""
    silent = {step.id for step in flow.every_step if not step.waits}
    for index, step in enumerate(flow.every_step):
        onward = graph.by_itself(step.id) if step.id in silent else ()
        for way in (one for one in graph.out[step.id] if one.target in onward):
            earlier = graph.index.get(way.target, index + 1) <= index
            if earlier and _passes_by_itself(graph, silent, way.target, step.id):
                message = f"круг без вопроса: «{way.target}» снова приводит к «{step.id}», и бот не остановится"
                yield page.problem(way.loc, "endless-circle", message, "Поставьте на этом пути вопрос или go: end.")


def _passes_by_itself(graph: Graph, silent: set[str], start: str, goal: str) -> bool:
    seen: set[str] = set()
    due = [start]
    while due:
        step = due.pop()
        if step == goal and step in silent:
            return True
        if step in silent and step not in seen:
            seen.add(step)
            due += graph.by_itself(step)
    return False


def _dead_ends(flow: Flow, page: Page, graph: Graph) -> Iterator[Problem]:
    """A question nobody can get past, or a part of the flow that never comes to an end: its first step is told."""
    told: list[str] = []
    for index, step in enumerate(flow.every_step):
        if step.id not in graph.reached or graph.precedes(step.id, END):
            continue
        if step.choices and not graph.out[step.id]:
            message = f"с шага «{step.id}» нет пути дальше: все кнопки только зовут человека"
            fix = "Добавьте кнопку, которая ведёт дальше (go), или answer."
            yield page.problem((*flow.places[index], "choices"), "dead-end", message, fix, on_key=True)
        elif _goes_round(graph, step.id) and not any(graph.precedes(one, step.id) for one in told):
            message = f"после шага «{step.id}» разговор ходит по кругу и не может закончиться"
            yield page.problem((*flow.places[index], "id"), "dead-end", message, "Дайте где-нибудь выход: go: end.")
            told.append(step.id)


def _goes_round(graph: Graph, step: str) -> bool:
    """Does it come back to the step, and is that no fault of a typo or of a dead end on the way?"""
    ways = [graph.out[one] for one in {step, *graph.after(step)}]
    missing = any(way.target not in graph.index and way.target not in (END, RETURN) for out in ways for way in out)
    return graph.precedes(step, step) and not missing and all(ways)


def _gained(step: Step) -> frozenset[str]:
    """What an application needs and the step brings."""
    kind = step.answer.type if step.answer else ""
    brings = {"agreed": step.consent == "personal_data", "name": kind == "name", "contact": kind in CONTACTS}
    return frozenset(one for one, brought in brings.items() if brought)


States = Collection[tuple[str, frozenset[str]]]


def _before_consent(flow: Flow, page: Page, graph: Graph, states: States) -> Iterator[Problem]:
    """Nothing personal and no application before the consent, on any path (L1, L5)."""
    bare = {step for step, have in states if "agreed" not in have}
    told: list[str] = []
    for index, step in enumerate(flow.every_step):
        if step.id not in bare or any(graph.precedes(one, step.id) for one in told):
            continue
        fix = "Поставьте раньше шаг с «consent: personal_data», чтобы ни один путь его не обходил."
        if step.answer and step.answer.type in PERSONAL:
            message = f"«{step.id}» спрашивает {_KINDS[step.answer.type]} раньше согласия на обработку данных"
            yield page.problem((*flow.places[index], "answer"), "personal-before-consent", message, fix)
            told.append(step.id)
        if step.application:
            message = "до заявки можно дойти без согласия на обработку данных"
            yield page.problem((*flow.places[index], "application"), "application-without-consent", message, fix)


def _without_contact(flow: Flow, page: Page, graph: Graph, states: States) -> Iterator[Problem]:
    """An application has a name and one way to reach the person (D2), whatever was skipped. Of a path that goes round
    the consent only that is told, if there is another one."""
    agreed = {step for step, have in states if "agreed" in have}
    for index, step in enumerate(flow.every_step):
        if not step.application or graph.index[step.id] != index:
            continue
        there = [have for one, have in states if one == step.id and ("agreed" in have or one not in agreed)]
        lacking = {part for have in there for part in {"name", "contact"} - have}
        if lacking:
            what = {"name": "имени", "contact": "телефона или почты"}
            message = (
                f"до заявки можно дойти без {' и без '.join(what[part] for part in sorted(lacking, reverse=True))}"
            )
            fix = "Спросите раньше (answer: name, answer: phone) — без optional и на каждом пути."
            yield page.problem((*flow.places[index], "application"), "application-without-contact", message, fix)


def _as_if_refused(flow: Flow, page: Page, graph: Graph) -> Iterator[Problem]:
    """Whoever has applied must not come by itself to the words for those who refused; a common «Хорошего дня!» may be
    said to both."""
    wanted = {step.refused for step in flow.every_step if step.consent == "personal_data"} & graph.index.keys()
    for target in sorted(one for one in wanted if one and _of_refusal(flow.by_id[one])):
        for index, step in enumerate(flow.steps):
            applied = step.application or any(one.application and graph.precedes(one.id, step.id) for one in flow.steps)
            if applied and any(way.target == target and not way.written for way in graph.out[step.id]):
                message = f"после заявки разговор дойдёт до шага «{target}», а он для тех, кто не дал согласия"
                fix = f"Поставьте «go: end» в шаг «{step.id}»."
                loc = (*flow.places[index], "id")
                yield page.problem(loc, "refusal-after-application", message, fix, level="warning")


def _of_refusal(step: Step) -> bool:
    return any(_REFUSAL.search(text) for text in texts_of(step.text))
