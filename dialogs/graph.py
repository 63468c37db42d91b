"""A flow drawn as a Mermaid flowchart: steps, choices, branches, silence, dates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from dialogs.durations import in_russian
from dialogs.flow import END, RETURN, DatedRule, Flow, SilenceRule, Step
from dialogs.rules import texts_of
from dialogs.told_conditions import told as in_words


def mermaid(flow: Flow) -> str:
    """The drawing as text: paste it where Mermaid is drawn."""
    lines = ["flowchart TD", f'  start(["{_plain(flow.title)}"]) --> {_node(flow.steps[0].id)}']
    for step in flow.steps:
        lines += [f"  {line}" for line in _step(flow, step)]
    lines.append(f'  {_node(END)}(["конец"])')
    for part, steps in flow.parts.items():
        lines.append(f'  subgraph part_{part}["часть {part}"]')
        lines += [f"    {line}" for step in steps for line in _step(flow, step)]
        lines += [f'    {_node(RETURN)}_{part}(["назад, откуда пришли"])', "  end"]
    for _, at, rules in flow.silences:
        title = f"если замолчал на шаге {at.id}" if at else "если человек замолчал"
        lines += _silence(f"silence_{at.id}" if at else "silence", title, rules)
    lines += _dates(flow)
    return "\n".join(lines) + "\n"


def _step(flow: Flow, step: Step) -> Iterator[str]:
    yield f"{_node(step.id)}{_shape(step)}"
    back = _node(RETURN)
    for arrow in _arrows(flow, step):
        yield f"{arrow}_{flow.home[step.id]}" if arrow.endswith(f" {back}") and step.id in flow.home else arrow
    if inside := flow.inside(step):
        yield f"{_node(step.id)} -. часть .-> {_node(inside)}"


def _node(step_id: str) -> str:
    return f"s_{step_id}"  # «end» and other words of Mermaid's own are no names for nodes


def _shape(step: Step) -> str:
    said = " / ".join(texts_of(step.text))
    text = _plain(f"{step.id}: {said}" if said else step.id)
    if step.application:
        return f'[["✅ {text}"]]'
    if step.consent:
        return f'{{{{"🔏 {step.id}: согласие"}}}}'
    if step.review:
        return f'{{{{"🔎 {text}"}}}}'
    return f'{{"{text}"}}' if step.choices else f'["{text}"]'


def _arrows(flow: Flow, step: Step) -> Iterator[str]:
    here, following = _node(step.id), flow.following[step.id]
    onward = step.go if isinstance(step.go, str) else following
    for choice in step.choices:
        if choice.do == "call_person":
            yield f'{here} -- "{_plain(choice.label)}" --> person_{step.id}(["человек"])'
        else:
            yield f'{here} -- "{_plain(choice.label)}" --> {_node(choice.go or onward)}'
    if isinstance(step.go, tuple):
        for branch in step.go:
            label = in_words(branch.condition, flow, step) if branch.condition else "иначе"
            yield f'{here} -- "{_plain(label)}" --> {_node(branch.go)}'
    elif not step.choices:
        label = ' -- "да"' if step.consent else ""
        yield f"{here}{label} --> {_node(onward)}"
    if step.refused:
        yield f'{here} -- "нет" --> {_node(step.refused)}'


def _silence(name: str, title: str, rules: Sequence[SilenceRule]) -> Iterator[str]:
    if not rules:
        return
    yield f'  subgraph {name}["{title}"]'
    for number, rule in enumerate(rules):
        what = "холодный лид" if rule.mark and not rule.say else _plain(" / ".join(texts_of(rule.say)))
        kind = " (реклама)" if rule.kind == "advertising" else ""
        yield f'    {name}_{number}["через {in_russian(rule.after)}{kind}: {what}"]'
        if number:
            yield f"    {name}_{number - 1} --> {name}_{number}"
    yield "  end"


def _dates(flow: Flow) -> Iterator[str]:
    for number, rule in enumerate(flow.dates):
        told = " / ".join(texts_of(rule.say))
        yield f'  date_{number}["{_plain(f"{when(rule)}: {told}")}"]'
        yield f"  {_node(rule.of)} -.-> date_{number}"
        if rule.go:
            yield f"  date_{number} --> {_node(rule.go)}"


def when(rule: DatedRule) -> str:
    """«за 1 день до trip (реклама)»."""
    span = f"за {in_russian(rule.before)} до" if rule.before else f"через {in_russian(rule.after or timedelta())} после"
    return f"{span} {rule.of}{' (реклама)' if rule.kind == 'advertising' else ''}"


def _plain(text: str) -> str:
    """One short line that cannot break the drawing's syntax."""
    line = " ".join(text.replace('"', "'").replace("{{", "‹").replace("}}", "›").split())
    return line if len(line) <= 60 else f"{line[:59]}…"
