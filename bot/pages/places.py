"""Ways from one page to another, and the way out where a password is set."""

from __future__ import annotations

from bot.pages.bubbles import Words, box, link
from dialogs.flow_set import FlowSet


def published(flow_set: FlowSet) -> tuple[str, ...]:
    """Flows that may be opened on the web."""
    return tuple(flow for flow in flow_set.business.published.get("web", ()) if flow in flow_set.flows)


def ways(flow_set: FlowSet, *, locked: bool) -> None:
    """From the workshop to what is real: the desk, and the first chat that visitors may open."""
    with box("ways"):
        link("Заявки", "/desk", css="way")
        for flow in published(flow_set)[:1]:
            link("Чат для сайта", f"/chat/{flow}", css="way")
        way_out(locked=locked)


def way_out(*, locked: bool) -> None:
    """«Выйти», if one had to come in."""
    if not locked:
        return
    form = box("way-out", tag="form")
    form.props["method"], form.props["action"] = "post", "/logout"
    with form:
        Words("Выйти", tag="button", css="way", type="submit")
