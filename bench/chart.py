"""The chart of the README: processor time of a thousand answers, a bar for each bot. Legible on light and on dark."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from bench.subjects import SUBJECTS, Subject
from bench.table import Row

WIDTH, LEFT, BAR, STEP, TOP = 760, 230, 18, 30, 62
STYLE = """
  text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
  .title { font-size: 15px; font-weight: 600; } .quiet { fill: #59636e; font-size: 12px; } .own { font-weight: 600; }
  .peer { fill: #b6bfca; } .ours { fill: #1a7f5a; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; } .quiet { fill: #9198a1; } .peer { fill: #4a5361; } .ours { fill: #3fb98a; }
  }
"""
HOW = "One dialog, {people} people at once; the bot has one core, its network and its people another"
NETWORKS = {"telegram": "Telegram", "vk": "VK"}


def drawn(rows: Sequence[Row], *, people: int) -> str:
    """The SVG; "" when nothing was measured with so many people."""
    chosen = [row for row in rows if row.people == people]
    if not chosen:
        return ""
    longest = max(row.medians["cpu_per_1000"] for row in chosen)
    parts, y = _head(people), TOP
    for network, title in NETWORKS.items():
        here = [row for row in chosen if _of(row).network == network]
        if here:
            parts.append(f'<text class="quiet" x="16" y="{y + 14}">{title}</text>')
            y += STEP - 6
            for row in sorted(here, key=lambda one: one.medians["cpu_per_1000"]):
                parts += _bar(row, y, longest)
                y += STEP
            y += 8
    return _whole(parts, height=y + 10)


def _of(row: Row) -> Subject:
    return next(one for one in SUBJECTS if one.name == row.subject)


def _head(people: int) -> list[str]:
    return [
        '<text class="title" x="16" y="26">Processor seconds for 1000 answers, less is better</text>',
        f'<text class="quiet" x="16" y="46">{escape(HOW.format(people=people))}</text>',
    ]


def _bar(row: Row, y: int, longest: float) -> list[str]:
    subject, seconds = _of(row), row.medians["cpu_per_1000"]
    room = WIDTH - LEFT - 90
    length = max(2.0, room * seconds / longest)
    kind, name = ("ours", "own") if subject.ours else ("peer", "")
    middle = y + BAR - 4
    return [
        f'<text class="{name}" x="{LEFT - 10}" y="{middle}" text-anchor="end">{escape(subject.title)}</text>',
        f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}" rx="3"/>',
        f'<text class="{name}" x="{LEFT + length + 8:.1f}" y="{middle}">{seconds:.2f}</text>',
    ]


def _whole(parts: Sequence[str], *, height: int) -> str:
    inside = "\n".join(f"  {one}" for one in parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="Processor seconds for 1000 answers">\n<style>{STYLE}</style>\n{inside}\n</svg>\n'
    )
