"""Pictures and documents of steps: they are there, they are what they seem, every channel takes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import ceil

from dialogs.capabilities import CHANNELS, Capabilities
from dialogs.flow import Flow, Step
from dialogs.media import DOCUMENTS, MOST_BYTES, PICTURES, MediaFile, suffix
from dialogs.pages import Draft, Page
from dialogs.problems import Problem, nearest
from dialogs.yaml_tree import Loc

STEEPEST = 20  # how many times one side of a picture may be longer than the other
_WHAT = {"picture": ("картинки", "картинка", PICTURES), "document": ("документа", "документ", DOCUMENTS)}
_KINDS = {"picture": "jpg, png или webp", "document": "pdf, docx, xlsx или pptx"}


def lint_media(draft: Draft) -> Iterator[Problem]:
    """All rules of this page over all flows."""
    for flow, page in draft.flows:
        for place, step in zip(flow.places, flow.every_step, strict=True):
            yield from _step(draft, flow, page, step, place)


def _step(draft: Draft, flow: Flow, page: Page, step: Step, loc: Loc) -> Iterator[Problem]:
    yield from _unsendable(draft, flow, page, step, loc)
    for key, path in (("picture", step.picture), ("document", step.document)):
        if path is None:
            continue
        place: Loc = (*loc, key)
        if step.consent:
            message = f"согласие показывается одно, без «{key}»"
            yield page.problem(place, "consent-with-more", message, "Перенесите это в соседний шаг.", on_key=True)
        elif not (step.say or step.ask or step.application or step.answer or step.choices):  # of those others tell
            fix = "Добавьте say: хотя бы строку о том, что это."
            yield page.problem(place, "media-without-text", f"у {_WHAT[key][0]} нет слов", fix, on_key=True)
        file = draft.media.get(path)
        if file is None:
            yield _missing(draft, page, place, key, path)
        elif found := _not_what_it_seems(page, place, key, file):
            yield found
        else:
            yield from _too_much(page, place, key, file, [CHANNELS[one] for one in draft.channels(flow.flow)])


def _unsendable(draft: Draft, flow: Flow, page: Page, step: Step, loc: Loc) -> Iterator[Problem]:
    """A question that cannot be answered there is a dead end, unless it can be skipped."""
    kind = step.answer.type if step.answer else ""
    if kind not in ("photo", "file") or step.optional:
        return
    for channel in draft.channels(flow.flow):
        if not CHANNELS[channel].sends_files:
            message = f"{CHANNELS[channel].title}: прислать файл там нельзя, и дальше этого вопроса никто не пройдёт"
            fix = "Добавьте optional: true или не публикуйте там этот сценарий."
            yield page.problem((*loc, "answer"), "files-not-here", message, fix)


def _missing(draft: Draft, page: Page, loc: Loc, key: str, path: str) -> Problem:
    """Nothing outside the flows' folder is read, whatever the path says (A19)."""
    if path.startswith("/") or ".." in path.split("/") or "\\" in path or ":" in path:
        fix = "Положите файл рядом со сценарием и напишите путь от этой папки, например pictures/kasko.jpg."
        return page.problem(loc, "media-outside", f"«{path}» — вне папки сценариев", fix)
    if suffix(path) not in _WHAT[key][2]:
        message = f"«{path}» — не {_KINDS[key]}"
        return page.problem(loc, "wrong-media", message, f"Возьмите файл {_KINDS[key]}.")
    known = [one for one in draft.media if suffix(one) in _WHAT[key][2]]
    fix = nearest(path, known) or "Положите его в папку сценариев; путь пишут от неё, например pictures/kasko.jpg."
    return page.problem(loc, "no-media", f"файла «{path}» нет", fix)


def _not_what_it_seems(page: Page, loc: Loc, key: str, file: MediaFile) -> Problem | None:
    if file.size > MOST_BYTES:
        return page.problem(loc, "media-too-large", f"«{file.path}» больше {_mb(MOST_BYTES)} МБ", "Уменьшите файл.")
    if file.kind not in _WHAT[key][2]:
        message = f"в файле «{file.path}» не {_WHAT[key][1]}: по содержимому это не {_KINDS[key]}"
        return page.problem(loc, "wrong-media", message, "Сохраните его заново в нужном формате.")
    if file.kind != suffix(file.path):
        message = f"файл «{file.path}» назван не тем, что в нём: внутри {file.kind}"
        return page.problem(loc, "wrong-media", message, f"Назовите его с окончанием .{file.kind}.")
    if key == "picture" and not (file.wide and file.high):
        message = f"картинка «{file.path}» испорчена: не видно её размеров"
        return page.problem(loc, "wrong-media", message, "Сохраните её заново.")
    return None


def _too_much(page: Page, loc: Loc, key: str, file: MediaFile, channels: Sequence[Capabilities]) -> Iterator[Problem]:
    """Each mistake once, with all the channels that mind it and the limit of the strictest."""

    def most(can: Capabilities) -> int:
        return can.picture if key == "picture" else can.document

    if heavy := [can for can in channels if file.size > most(can)]:
        limit = min(map(most, heavy))
        message = f"{_titles(heavy)}: «{file.path}» — {_mb(file.size)} МБ, предел — {_mb(limit)} МБ"
        yield page.problem(loc, "media-too-large", message, "Уменьшите файл.")
    if key != "picture":
        return
    for can in channels:
        if file.kind not in can.pictures:
            message = f"{can.title} не берёт картинки {file.kind}"
            yield page.problem(loc, "wrong-media", message, f"Сохраните её как {', '.join(can.pictures)}.")
    size = f"{file.wide}×{file.high}"
    long, short = max(file.wide, file.high), min(file.wide, file.high)
    measuring = [(can, can.sides) for can in channels if can.sides]
    if large := [(can, sides) for can, sides in measuring if long + short > sides]:
        message = f"{_titles([can for can, _ in large])}: картинка {size} точек слишком велика"
        fix = f"Уменьшите её: стороны вместе — не больше {min(sides for _, sides in large)} точек."
        yield page.problem(loc, "picture-too-large", message, fix)
    if measuring and long > STEEPEST * short:
        message = f"{_titles([can for can, _ in measuring])}: картинка {size} точек слишком вытянута"
        fix = f"Обрежьте её: одна сторона длиннее другой не больше чем в {STEEPEST} раз."
        yield page.problem(loc, "picture-too-large", message, fix)


def _titles(channels: Iterable[Capabilities]) -> str:
    return ", ".join(can.title for can in channels)


def _mb(size: int) -> str:
    return f"{ceil(size / 100_000) / 10:.1f}".rstrip("0").rstrip(".").replace(".", ",")
