"""A flow drawn as SVG: no browser, no font file, light and dark. ``dialogs.layout`` says where everything stands."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from dialogs.arrows import Link, links
from dialogs.durations import in_russian
from dialogs.flow import END, RETURN, Flow, SilenceRule, Step
from dialogs.graph import when
from dialogs.layout import Arrow, Box, Laid, Point, lay
from dialogs.rules import Text, texts_of

WIDTH = 264  # of a step
STRIP = 264  # the silence rules at the side
PAD = 14
MARGIN = 28
LINE = 18
_ENDS = {END: "конец", RETURN: "назад"}
START = ""  # no step can be called so
_NAME = re.compile(r"\{\{\s*([\w.]+)[^}]*\}\}")

_STYLE = """
.flow-graph { --paper: #fbf9f5; --ink: #2b2926; --soft: #857d72; --line: #b9afa0; --card: #ffffff; --edge: #d8cfc1;
  --say: #f3eee6; --consent: #e8eef8; --consent-edge: #9db4dc; --done: #e2f2e4; --done-edge: #86bd92; --lit: #c9622f;
  --quiet: #f6efe0; --quiet-edge: #dcc798; font-family: system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
@media (prefers-color-scheme: dark) { .flow-graph:root { --paper: #1f1e1c; --ink: #ece7df; --soft: #a39a8d;
  --line: #6f675c; --card: #2b2926; --edge: #4a453e; --say: #262422; --consent: #232c3c; --consent-edge: #4a628f;
  --done: #213226; --done-edge: #47734f; --lit: #ec8a55; --quiet: #2e2920; --quiet-edge: #635536; } }
.flow-graph .paper { fill: var(--paper); }
.flow-graph text { fill: var(--ink); font-size: 13px; }
.flow-graph text.id { font-size: 12px; font-weight: 600; }
.flow-graph text.soft, .flow-graph text.label { fill: var(--soft); font-size: 12px; }
.flow-graph text.title { font-size: 14px; font-weight: 600; }
.flow-graph .box rect { fill: var(--card); stroke: var(--edge); stroke-width: 1.2; }
.flow-graph .say rect { fill: var(--say); stroke: var(--edge); }
.flow-graph .consent rect { fill: var(--consent); stroke: var(--consent-edge); }
.flow-graph .application rect { fill: var(--done); stroke: var(--done-edge); }
.flow-graph .end rect, .flow-graph .start rect { fill: var(--paper); stroke: var(--line); }
.flow-graph .silence rect { fill: var(--quiet); stroke: var(--quiet-edge); }
.flow-graph .lit rect { stroke: var(--lit); stroke-width: 3; }
.flow-graph .arrow { fill: none; stroke: var(--line); stroke-width: 1.5; }
.flow-graph .back { stroke-dasharray: 5 4; }
.flow-graph .head { fill: var(--line); }
"""


@dataclass(frozen=True, slots=True)
class Card:
    """What stands in a box: lines with the class of their text."""

    key: str
    kind: str
    lines: tuple[tuple[str, str], ...]
    width: float = WIDTH

    @property
    def box(self) -> Box:
        return Box(self.key, self.width, 2 * PAD - 6 + LINE * len(self.lines))


def svg(flow: Flow, *, lit: str | None = None) -> str:
    """The whole drawing as one ``<svg>``; ``lit``: the step to be highlighted. It can stand in a page as it is."""
    cards, laid = arranged(flow)
    strip = list(_beside(flow))
    side = laid.width + 2 * MARGIN
    tall = sum(card.box.height + 22 for card in strip) + 24 if strip else 0
    width, height = side + (STRIP + MARGIN if strip else 0), max(laid.height, tall) + 2 * MARGIN
    parts = [
        f'<svg class="flow-graph" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" role="img" aria-label="{escape(flow.title)}">',
        f"<style>{_STYLE}</style>",
        '<rect class="paper" width="100%" height="100%" rx="12"/>',
        f'<g transform="translate({MARGIN} {MARGIN})">',
        *(_arrow(one) for one in laid.arrows),
        *(_label(one, wrapped(_said(flow, one))) for one in laid.arrows if one.label),
        *(_card(card, laid.boxes[card.key], lit=card.key == lit) for card in cards),
        "</g>",
    ]
    if strip:
        parts += [f'<g transform="translate({side:.0f} {MARGIN})">', *_strip(strip), "</g>"]
    return "\n".join([*parts, "</svg>", ""])


def arranged(flow: Flow) -> tuple[list[Card], Laid]:
    """The boxes of the flow and where they stand. Each way to the end has an end of its own, just below."""
    cards = [Card(START, "start", (("title", _cut(flow.title, 24)),), width=240)]
    arrows = [Arrow(START, flow.steps[0].id)]
    out: dict[str, list[Link]] = {}
    for link in links(flow):
        out.setdefault(link.source, []).append(link)
    for step in flow.every_step:
        mine = out.get(step.id, [])
        cards.append(_step_card(flow, step, [one for one in mine if one.target == step.id]))
        for link in mine:
            if link.target in _ENDS:
                cards.append(Card(_end(step.id, link.target), "end", (("soft", _ENDS[link.target]),), width=76))
            if link.target != step.id:
                width, height = _size(wrapped(link.labels))
                target = _end(step.id, link.target) if link.target in _ENDS else link.target
                arrows.append(Arrow(step.id, target, width, height))
    there = {card.key for card in cards}
    return cards, lay([card.box for card in cards], [one for one in arrows if one.target in there])


def _end(step_id: str, which: str) -> str:
    return f"{which}.{step_id}"  # no step's id has a dot


def _said(flow: Flow, arrow: Arrow) -> tuple[str, ...]:
    target = next((one for one in _ENDS if arrow.target == _end(arrow.source, one)), arrow.target)
    return next(one.labels for one in links(flow) if (one.source, one.target) == (arrow.source, target))


# ---------------------------------------------------------------- words


def _step_card(flow: Flow, step: Step, loops: Sequence[Link]) -> Card:
    kind = (
        "application" if step.application else "consent" if step.consent else "ask" if step.ask or step.waits else "say"
    )
    mark = {"application": " · заявка", "consent": " · согласие"}.get(kind, "")
    lines = [("id", f"{step.id}{mark}")]
    if step.consent:
        lines.append(("", "на рекламу" if step.consent == "advertising" else "на обработку данных"))
    lines += [("", line) for line in _fold(_words(_usual(step.text), flow), 30, 2)]
    people = [choice.label for choice in step.choices if choice.do == "call_person"]
    lines += [("soft", _cut(f"→ человек: {one}", 34)) for one in people]
    lines += [("soft", _cut(f"↻ {', '.join(one.labels)}", 34)) for one in loops]
    return Card(step.id, kind, tuple(lines))


def _beside(flow: Flow) -> Iterator[Card]:
    """What the bot writes first: after silences, and by dates."""
    for _, step, rules in flow.silences:
        where = f"{step.id}." if step else ""
        yield from (_silence_card(flow, f"{where}silence.{number}", step, rule) for number, rule in enumerate(rules))
    for number, dated in enumerate(flow.dates):
        told = _fold(_words(_usual(dated.say), flow), 30, 2)
        lines = [("id", _cut(when(dated), 34)), *(("", line) for line in told)]
        yield Card(f"date.{number}", "silence", tuple(lines), width=STRIP)


def _silence_card(flow: Flow, key: str, step: Step | None, rule: SilenceRule) -> Card:
    kind = " · реклама" if rule.kind == "advertising" else ""
    lines = [("id", f"через {in_russian(rule.after)}{kind}")]
    lines += [("soft", _cut(f"на шаге {step.id}", 34))] if step else []
    lines += [("", line) for line in _fold(_words(_usual(rule.say), flow), 30, 2)]
    if rule.mark:
        lines.append(("soft", "лид остыл"))
    return Card(key, "silence", tuple(lines), width=STRIP)


def _usual(text: Text | None) -> str:
    """Of texts chosen by conditions the last: the one that needs none."""
    return "".join(texts_of(text)[-1:])


def _words(text: str, flow: Flow) -> str:
    """On one line; an offer's words as they are, whatever else is put in by its name alone."""
    return " ".join(_NAME.sub(lambda found: _offered(found[1], flow) or f"‹{found[1]}›", text).split())


def _offered(name: str, flow: Flow) -> str:
    _, _, within = name.partition("offers.")
    offer, _, what = within.partition(".")
    said = flow.offers.get(offer) if what in ("title", "conditions", "price") else None
    return str(getattr(said, what) or "") if said else ""


def wrapped(labels: Sequence[str]) -> list[str]:
    """What stands on an arrow: up to three short lines."""
    return _fold(" ".join(f"{one} ·" for one in labels).removesuffix(" ·").replace(" ·", "\N{NO-BREAK SPACE}·"), 28, 3)


def _fold(text: str, width: int, most: int) -> list[str]:
    lines: list[str] = []
    for word in filter(None, text.split(" ")):  # no-break spaces hold
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(_cut(word, width))
    if len(lines) > most:
        return [*lines[: most - 1], f"{lines[most - 1][: width - 1].rstrip(' .,:;·—')}…"]
    return lines


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _size(lines: Sequence[str]) -> tuple[float, float]:
    return (max(map(len, lines)) * 7.2 + 8, len(lines) * 15 + 4) if lines else (0, 0)


# ---------------------------------------------------------------- shapes


def _card(card: Card, box: Box, *, lit: bool = False) -> str:
    round_ = 18 if card.kind in ("start", "end") else 10
    name = f' data-step="{escape(card.key)}"' if card.kind not in ("start", "end", "silence") else ""
    middle = card.kind in ("start", "end")
    rows = []
    for number, (kind, text) in enumerate(card.lines):
        x, y = box.x + (box.width / 2 if middle else PAD), box.y + PAD + 9 + LINE * number
        anchor = ' text-anchor="middle"' if middle else ""
        rows.append(f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}"{anchor}>{escape(text)}</text>')
    rect = f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.0f}" height="{box.height:.0f}" rx="{round_}"/>'
    return f'<g class="box {card.kind}{" lit" if lit else ""}"{name}>{rect}{"".join(rows)}</g>'


def _arrow(arrow: Arrow) -> str:
    """A line that curves between rows, with its head at the box it leads to."""
    points = arrow.points
    tip, before = points[-1], points[-2]
    up = arrow.back
    path = f"M{_at(points[0])}"
    for former, here in itertools.pairwise(points):
        if former[0] == here[0]:
            path += f"L{_at(here)}"
        else:
            half = (former[1] + here[1]) / 2
            path += f"C{_at((former[0], half))} {_at((here[0], half))} {_at(here)}"
    head = 7 if up else -7
    assert before[0] == tip[0]
    triangle = f"M{_at(tip)}l-4.5 {head}h9z"
    return f'<path class="arrow{" back" if up else ""}" d="{path}"/><path class="head" d="{triangle}"/>'


def _at(point: Point) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"


def _label(arrow: Arrow, lines: Sequence[str]) -> str:
    box = arrow.label
    assert box is not None
    rect = f'<rect class="paper" x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.0f}" height="{box.height:.0f}"/>'
    x = box.x + box.width / 2
    rows = [
        f'<text class="label" text-anchor="middle" x="{x:.1f}" y="{box.y + 13 + 15 * number:.1f}">{escape(line)}</text>'
        for number, line in enumerate(lines)
    ]
    return f"{rect}{''.join(rows)}"


def _strip(cards: Sequence[Card]) -> Iterable[str]:
    """The silence rules, one under the other."""
    yield '<text class="title" x="0" y="14">Если человек замолчал</text>'
    y = 30.0
    for number, card in enumerate(cards):
        box = Box(card.key, card.width, card.box.height, 0, y)
        if number:
            x = card.width / 2
            yield _arrow(Arrow("", "", points=((x, y - 16), (x, y))))
        yield _card(card, box)
        y += box.height + 16
