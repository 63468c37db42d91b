"""The authors' folder, text in, a set of flows out: everything fits together, or every problem is told.

``load`` is the one door. A set with an error is no set (A4); whoever holds the last good one keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from hashlib import sha256
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from dialogs.business import Business
from dialogs.confirming import confirmed
from dialogs.echoes import without_echoes
from dialogs.flow import Flow
from dialogs.flow_set import ConsentText, FlowSet
from dialogs.lint import lint
from dialogs.media import is_media, media
from dialogs.mending import mended
from dialogs.mistakes import check
from dialogs.pages import Draft, Page, Refused
from dialogs.problems import Problem, in_order
from dialogs.text_files import decode, is_ours
from dialogs.translation import Translation
from dialogs.yaml_tree import Keys, Scalar, Unreadable, grow, plain

BUSINESS = "business.yaml"
STORIES = ".stories.yaml"
MISNAMED = {".yml": "Назовите его .yaml, а не .yml.", ".yaml.txt": "Назовите его .yaml, без .txt в конце."}
"""Endings under which people save a flow by mistake (Notepad adds its own), and the way out."""
LONGEST_KEPT = 64_000  # bytes of a file that is remembered as read
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Loaded:
    """``flow_set`` is None while there is an error. Warnings that their file confirms by name are left out."""

    flow_set: FlowSet | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(one for one in self.problems if one.level == "error")


def load(files: Mapping[str, str | bytes], *, version: int = 0, today: date | None = None) -> Loaded:
    """Read and check all files of a flows' folder. Keys are paths relative to it, with «/».

    ``today`` (of the business's zone) closes offers whose date has passed; without it dates are not judged.
    """
    draft, problems = read(files)
    guessed = draft.guessed
    problems += without_echoes(draft, confirmed(guessed, lint(guessed, today=today)))
    told = in_order(problems)
    if draft.business is None or any(one.level == "error" for one in told):
        return Loaded(None, told)
    flows = {flow.flow: flow for flow, _ in draft.flows}
    translations = draft.translated
    return Loaded(
        FlowSet(version, flows, draft.business, draft.consents, media=draft.media, translations=translations), told
    )


def read(files: Mapping[str, str | bytes]) -> tuple[Draft, list[Problem]]:
    """What the files hold, as far as they can be read, and each file's own mistakes."""
    problems: list[Problem] = []
    flows: list[tuple[Flow, Page]] = []
    translations: list[tuple[Translation, Page]] = []
    unread: set[str] = set()
    refused: list[Refused] = []
    consents: dict[str, ConsentText] = {}
    business, business_page = _business(files, problems, refused)
    pages = [business_page] if business_page else []
    for path in sorted(filter(is_ours, files)):
        if path.endswith(".md"):
            text, problem = decode(path, files[path])
            problems += [problem] if problem else []
            consents[path] = _consent(path, text)
        elif ending := next((one for one in MISNAMED if path.endswith(one)), ""):
            problems.append(Problem(path, 1, 1, "файл не читается", MISNAMED[ending], name="file-name"))
            unread.add(path.rsplit("/", 1)[-1].removesuffix(ending))
        elif is_translation(path):
            translation, page = _modelled(Translation, path, files[path], problems, refused)
            pages += [page] if page else []
            translations += [(translation, page)] if translation and page else []
        elif path.endswith(".yaml") and path != BUSINESS and not path.endswith(STORIES):
            flow, page = _modelled(Flow, path, files[path], problems, refused)
            pages += [page] if page else []
            if flow and page:
                flows.append((flow, page))
            else:
                unread |= _names(path, page)
    shown = {path: media(path, files[path]) for path in files if is_ours(path) and is_media(path)}
    draft = Draft(
        tuple(flows), business, business_page, consents, frozenset(unread), tuple(pages), shown, tuple(translations),
        tuple(refused),
    )  # fmt: skip
    return draft, problems


def is_translation(path: str) -> bool:
    """``tours.en.yaml``: another language than Russian, between the flow's name and the ending."""
    name = path.rsplit("/", 1)[-1]
    return name.count(".") == 2 and path.endswith(".yaml") and not path.endswith(STORIES)


def read_page(path: str, raw: str | bytes, problems: list[Problem]) -> Page | None:
    """One YAML file as a page; None if it cannot be read. Adds what is wrong to ``problems``."""
    text, problem = decode(path, raw)
    if problem:
        problems.append(problem)
        return None
    page = Page(path, tuple(text.split("\n")), Keys(1, 1))
    try:
        tree, oddities = grow(text)
    except Unreadable as stop:
        tree, oddities = None, [stop]
    problems += [page.mark(one.line, one.column, one.name, one.message, one.fix) for one in oddities]
    if any(one.name != "duplicate-key" and one.name != "hidden-character" for one in oddities):
        return None
    if tree is None or (isinstance(tree, Scalar) and tree.value is None):
        problems.append(
            Problem(path, 1, 1, "файл пуст", "Напишите в нём что-нибудь или удалите его.", name="empty-file")
        )
        return None
    if not isinstance(tree, Keys):
        fix = "Начните его с «ключ: значение»; образец — в docs/flows.ru.md."
        problems.append(page.mark(tree.line, tree.column, "wrong-kind", "файл должен состоять из ключей", fix))
        return None
    return Page(path, page.lines, tree)


def _modelled(
    model: type[Model], path: str, raw: str | bytes, problems: list[Problem], refused: list[Refused]
) -> tuple[Model | None, Page | None]:
    """The file as its model, or None with the problems told. What did not change is not read again."""
    read_one = _read_model if len(raw) <= LONGEST_KEPT else _read_model.__wrapped__
    found, page, told, guess = read_one(model, path, raw)
    problems += told
    refused += [guess] if guess else []
    return found, page  # type: ignore[return-value]  # the cache forgets which model


@lru_cache(maxsize=256)
def _read_model(
    model: type[BaseModel], path: str, raw: str | bytes
) -> tuple[BaseModel | None, Page | None, tuple[Problem, ...], Refused | None]:
    problems: list[Problem] = []
    page = read_page(path, raw, problems)
    if page is None:
        return None, None, tuple(problems), None
    values = plain(page.tree)
    if found := list(check(model, page, values)):
        return None, page, (*problems, *found), mended(model, page)
    try:
        return model.model_validate(values), page, tuple(problems), None
    except ValidationError:
        return None, page, tuple(problems), None


def _business(
    files: Mapping[str, str | bytes], problems: list[Problem], refused: list[Refused]
) -> tuple[Business | None, Page | None]:
    if BUSINESS in files:
        return _modelled(Business, BUSINESS, files[BUSINESS], problems, refused)
    fix = "Начните с готового: leadbot new my_shop --from shop сделает и его."
    problems.append(Problem(BUSINESS, 1, 1, "файла business.yaml нет", fix, name="no-business"))
    return None, None


def _consent(path: str, text: str) -> ConsentText:
    wording = text.strip()
    return ConsentText(path, wording, sha256(wording.encode()).hexdigest())


def _names(path: str, page: Page | None) -> set[str]:
    """What a flow that could not be read is probably called."""
    told = page.node(("flow",)) if page else None
    stem = path.rsplit("/", 1)[-1].removesuffix(".yaml")
    return {stem, told.text} if isinstance(told, Scalar) else {stem}
