"""What an edited set changes against the published one, step by step, and what becomes of people there (A3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dialogs.changed_translations import TranslationChange, compare_translations
from dialogs.flow import END, RETURN, Flow, Step
from dialogs.flow_set import FlowSet, Script
from dialogs.moving import known_as, safe_step
from dialogs.paths import Graph
from dialogs.renames import as_former, likely_former
from dialogs.wording import plural

_KEYS = {
    "say": "текст",
    "ask": "вопрос",
    "answer": "вид ответа",
    "optional": "можно ли пропустить",
    "hint": "подсказка",
    "example": "пример",
    "consent": "согласие",
    "refused": "куда идти без согласия",
    "application": "заявка",
    "review": "проверка ответов",
    "part": "часть",
    "go": "куда вести",
    "card": "подпись в карточке",
    "purpose": "зачем спрашиваем",
    "score": "баллы",
    "silence": "правила молчания",
}
_FLOW_KEYS = {
    "title": "название",
    "words": "слова, которые открывают сценарий",
    "contact_kind": "вид контакта",
    "consent": "тексты согласий",
    "offers": "предложения",
    "questions": "частые вопросы",
    "silence": "правила молчания",
    "dates": "напоминания о датах",
    "variants": "варианты",
    "worth": "сколько принесёт лид",
    "tags": "метки",
    "hand_over": "когда сразу зовут человека",
}
_NOT_SEEN = frozenset({"id", "renamed_from", "choices"})
_ELSEWHERE = frozenset({"flow", "steps", "parts", "confirmed"})


@dataclass(frozen=True, slots=True)
class StepChange:
    """One step. ``was``: its id before; None for a new one. ``step``: its id now; None for one that is gone.
    ``what``: the changes of a step that stays, in words. ``like``: the vanished step that a new one seems to be."""

    was: str | None
    step: str | None
    what: tuple[str, ...] = ()
    like: str | None = None

    def __str__(self) -> str:
        if self.was is None:
            hint = (
                f" (если это прежний «{self.like}» под новым именем, допишите {as_former(self.like)})"
                if self.like
                else ""
            )
            return f"+ «{self.step}»: новый шаг{hint}"
        if self.step is None:
            return f"− «{self.was}»: шага больше нет"
        name = f"«{self.step}»" if self.was == self.step else f"«{self.was}» теперь «{self.step}»"
        return f"~ {name}: {', '.join(self.what)}" if self.what else f"~ {name}"


@dataclass(frozen=True, slots=True)
class FlowChange:
    """One flow. ``kind``: added, removed or changed. ``what``: its own words that changed."""

    flow: str
    kind: str
    what: tuple[str, ...] = ()
    steps: tuple[StepChange, ...] = ()

    @property
    def touched(self) -> frozenset[str]:
        """Former ids of the steps that are not what they were."""
        return frozenset(one.was for one in self.steps if one.was)


@dataclass(frozen=True, slots=True)
class Changes:
    """``business``: keys of business.yaml that differ; ``consents``: files with another wording; ``translations``:
    those of flows that stay."""

    flows: tuple[FlowChange, ...] = ()
    business: tuple[str, ...] = ()
    consents: tuple[str, ...] = ()
    translations: tuple[TranslationChange, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.flows or self.business or self.consents or self.translations)


def compare(old: FlowSet, new: FlowSet) -> Changes:
    """Everything that people or managers could notice."""
    flows = [FlowChange(name, "added") for name in new.flows if name not in old.flows]
    flows += [FlowChange(name, "removed") for name in old.flows if name not in new.flows]
    both = (compare_flows(old.flows[name], new.flows[name]) for name in old.flows if name in new.flows)
    flows += [one for one in both if one.what or one.steps]
    business = tuple(_differing(old.business, new.business))
    texts = old.consents.keys() & new.consents.keys()
    reworded = tuple(sorted(path for path in texts if old.consents[path].digest != new.consents[path].digest))
    return Changes(tuple(flows), business, reworded, tuple(compare_translations(old, new)))


def compare_flows(old: Flow, new: Flow) -> FlowChange:
    """Two versions of one flow."""
    what = [_FLOW_KEYS.get(key, key) for key in _differing(old, new) if key not in _ELSEWHERE]
    kept = {there: step.id for step in old.every_step if (there := known_as(new, step.id))}
    steps = [StepChange(step.id, None) for step in old.every_step if known_as(new, step.id) is None]
    like = likely_former(old, new, kept)
    for step in new.every_step:
        if step.id not in kept:
            steps.append(StepChange(None, step.id, like=like.get(step.id)))
            continue
        was = old.by_id[kept[step.id]]
        changed = tuple(_step(was, step))
        if changed or was.id != step.id:
            steps.append(StepChange(was.id, step.id, changed))
    order = [kept[step.id] for step in new.every_step if step.id in kept]
    if order != [step.id for step in old.every_step if step.id in order]:
        what.append("порядок шагов")
    return FlowChange(new.flow, "changed", tuple(what), tuple(steps))


def _differing(old: object, new: object) -> Iterator[str]:
    fields: Mapping[str, object] = type(old).model_fields  # type: ignore[attr-defined]
    return (key for key in fields if getattr(old, key) != getattr(new, key))


def _step(old: Step, new: Step) -> Iterator[str]:
    yield from (_KEYS.get(key, key) for key in _differing(old, new) if key not in _NOT_SEEN)
    before, after = ({choice.meaning: choice for choice in step.choices} for step in (old, new))
    renamed = {was: choice.meaning for choice in new.choices for was in choice.renamed_from}
    added = [
        choice.label
        for meaning, choice in after.items()
        if meaning not in before and before.keys().isdisjoint(choice.renamed_from)
    ]
    gone = {choice.label for meaning, choice in before.items() if meaning not in after and meaning not in renamed}
    yield from (f"новая кнопка «{label}»" for label in added if label not in gone)
    for meaning, choice in before.items():
        there = after.get(meaning) or after.get(renamed.get(meaning, meaning))
        if there is None and choice.label in added:
            hint = f"если она значит то же, допишите {as_former(meaning)}"
            yield f"у кнопки «{choice.label}» другое value ({hint})"
        elif there is None:
            yield f"кнопки «{choice.label}» больше нет"
        elif there.label != choice.label:
            yield f"кнопка «{choice.label}» теперь «{there.label}»"
        elif there.meaning != meaning:
            yield f"у кнопки «{choice.label}» другое value"
        elif there != choice and there.model_copy(update={"renamed_from": choice.renamed_from}) != choice:
            yield f"кнопка «{choice.label}»"


# ---------------------------------------------------------------- who stands there


def fate(old: Flow | None, new: Script | None, step: str, *, people: int) -> str:
    """What becomes of so many ``people`` who wait at this step of ``old`` when ``new`` goes live.

    ``old``: None when their version cannot be read any more; ``new``: None when the flow is gone.
    """

    def do(one: str, many: str) -> str:
        return plural(people, one, many, many)

    finish, answer, go = do("договорит", "договорят"), do("ответит", "ответят"), do("пойдёт", "пойдут")
    if new is None:
        return f"сценария больше нет; {finish} по своей версии"
    there = known_as(new.flow, step)
    if there and there != step:
        return f"{answer} на тот же вопрос и {go} дальше с «{there}» по новой версии"
    if there:
        return f"{answer} на свой вопрос и {go} дальше по новой версии"
    if old is None:
        back = do("вернётся", "вернутся")
        return f"{back} на «{safe_step(new)}» и {go} с первого вопроса без ответа"
    meeting = _meeting(old, new.flow, step)
    if not meeting:
        return f"{finish} по своей версии"
    cross = do("перейдёт", "перейдут")
    return f"{finish} по своей версии и {cross} в новую на {' или '.join(f'«{one}»' for one in meeting)}"


def _meeting(old: Flow, new: Flow, step: str) -> list[str]:
    """The first steps behind this one that both versions know, on each way."""
    graph, found = Graph(old), set[str]()
    seen, due = {step}, [step]
    while due:
        for target in _behind(graph, due.pop(0)):
            if target in seen or target == END:
                continue
            seen.add(target)
            if there := known_as(new, target):
                found.add(there)
            else:
                due.append(target)
    return sorted(found, key=lambda one: new.order[one])


def _behind(graph: Graph, step: str) -> Iterator[str]:
    """Where the step leads; from the end of a part, behind each step that calls it."""
    for way in graph.out.get(step, ()):
        yield from _returning(graph, step) if way.target == RETURN else (way.target,)


def _returning(graph: Graph, step: str) -> Iterator[str]:
    home = graph.flow.home.get(step)
    for caller in (one.id for one in graph.flow.every_step if one.part == home):
        for way in (one for one in graph.out[caller] if one.through):
            yield from _returning(graph, caller) if way.target == RETURN else (way.target,)
