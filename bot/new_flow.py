"""``leadbot new``: a flow of one's own from a shipped one, with the company's names in place of the invented ones."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from pathlib import Path

import dialogs
from bot.publishing import check, read_folder
from dialogs.business import Business
from dialogs.flow import Flow
from dialogs.flow_set import FlowSet, in_tongue
from dialogs.lint_sample import NO_STREET
from dialogs.phrases import WITHIN
from dialogs.places import Atlas
from dialogs.reading import BUSINESS, STORIES, load, read
from dialogs.stories import parse
from dialogs.story_text import quoted

SHIPPED = Path(dialogs.__file__).parent / "flows"
LONGEST_NAME = 24
_OF_THE_TRADE = re.compile("Цели|Перечень|Purposes|List of data")
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_ADDRESS = re.compile(r"(?:\d{6}, )?(?P<town>[^,]+), (?P<street>.+)")


class CannotMake(Exception):
    """Why, and the way out, in Russian."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the author says; empty: it stays as shipped. ``town`` is asked only with a new ``business.yaml``."""

    company: str = ""
    town: str = ""
    offer: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """``files``: path -> text, not written yet. ``left``: lines that still speak of the invented company."""

    files: Mapping[str, str]
    left: tuple[str, ...]
    first: bool  # the folder had no business.yaml


@cache
def shipped() -> tuple[dict[str, bytes], FlowSet]:
    """The package's own flows, whatever the user's folder holds."""
    files = read_folder(SHIPPED)
    flow_set = load(files).flow_set
    assert flow_set is not None
    return files, flow_set


def offered(name: str) -> str:
    """What a new flow can begin as, and how to go on."""
    flows = shipped()[1].flows
    widest = max(map(len, flows))
    trades = "\n".join(f"  {trade:<{widest}}  {flow.title}" for trade, flow in flows.items())
    example = f"leadbot new {name} --from {min(flows)}"
    return f"Какой образец взять для «{name}»? Есть такие:\n{trades}\nДальше, например: {example}"


def has_business(folder: Path) -> bool:
    return (folder / BUSINESS).exists()


def make(folder: Path, name: str, trade: str, wish: Wish) -> Made:
    """The files of the new flow; nothing is written. Raises CannotMake."""
    refuse(folder, name, trade)
    source, theirs = shipped()
    present = _present(folder)
    flow, first = theirs.flows[trade], not has_business(folder)
    business = None if first else read(present)[0].business
    if not first and business is None:
        raise CannotMake("сначала исправьте business.yaml: leadbot check")
    pairs = _pairs(theirs.business, flow, business, wish)
    path = Atlas.of(source).file(trade)
    texts = {f"{name}.yaml": _section(_named(source[path].decode(), trade, name), "confirmed", "")}
    if stories := source.get(path.replace(".yaml", STORIES)):
        alone = _of_this_flow_alone(stories.decode(), trade, theirs.flows)
        texts[f"{name}{STORIES}"] = _opened(alone, trade, name)
    consents = list(filter(None, (flow.consent.personal_data, flow.consent.advertising)))
    for language in theirs.translations.get(trade, {}):
        translation = source[path.replace(".yaml", f".{language}.yaml")].decode()
        texts[f"{name}.{language}.yaml"] = _named(translation, trade, name, key="translation")
        consents += [in_tongue(consent, language) for consent in consents]
    for consent in consents:
        if consent in source and consent not in present:
            texts[consent] = source[consent].decode()
    if first:
        texts[BUSINESS] = _business(source[BUSINESS].decode(), theirs, flow, name)
    made = {where: replaced(text, pairs) for where, text in texts.items()}
    made[f"{name}.yaml"] = _without_taken_words(made[f"{name}.yaml"], flow, present)
    _judge(made, present)
    schemas = {f"schema/{one.name}": one.read_text("utf-8") for one in sorted((SHIPPED / "schema").glob("*.json"))}
    made |= {where: text for where, text in schemas.items() if not (folder / where).exists()}
    return Made(made, tuple(_left(made, theirs.business)), first)


def write(folder: Path, made: Made) -> None:
    for path, text in made.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        with (folder / path).open("x", encoding="utf-8") as opened:  # never over what is there
            opened.write(text)


def _present(folder: Path) -> dict[str, bytes]:
    return read_folder(folder) if folder.is_dir() else {}


def refuse(folder: Path, name: str, trade: str) -> None:
    """Raise CannotMake where no answer of the author's could make it possible."""
    theirs, present = shipped()[1].flows, _present(folder)
    if trade not in theirs:
        raise CannotMake(f"образца «{trade}» нет; есть: {', '.join(theirs)}")
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME or name == "business":
        raise CannotMake(
            f"имя «{name}» не годится: строчные латинские буквы, цифры и одиночные _, до {LONGEST_NAME} знаков, "
            "например tire_service"
        )
    taken = {f"{name}.yaml", f"{name}{STORIES}"} & present.keys()
    if taken or name in Atlas.of(present).pages:
        raise CannotMake(f"«{name}» уже есть: {', '.join(sorted(taken)) or 'сценарий с таким именем'}. Назовите иначе.")


# ---------------------------------------------------------------- names in place of names


def _pairs(invented: Business, flow: Flow, own: Business | None, wish: Wish) -> list[tuple[str, str]]:
    """What stands in the shipped files, and what is to stand there; longer ones first."""
    company = own.company if own else wish.company
    found = _ADDRESS.fullmatch(invented.operator.address)
    assert found is not None
    address = own.operator.address if own else f"{wish.town}, {NO_STREET}" if wish.town else invented.operator.address
    theirs = _ADDRESS.fullmatch(address)
    town, street = (theirs["town"], theirs["street"]) if theirs else (wish.town, address)
    pairs = {
        invented.operator.name: own.operator.name if own else company,
        invented.operator.address: address,
        f"{found['town']}, {found['street']}": address,
        found["street"]: street,
        found["town"]: town,
        invented.company: company,
        _core(invented.company): _core(company),
    }
    if own:
        pairs[invented.answer_within or WITHIN] = own.answer_within or WITHIN
        pairs[invented.operator.withdraw] = own.operator.withdraw
        pairs[invented.policy] = own.policy
        pairs[_site(invented.policy)] = _site(own.policy)
    offer = next(iter(flow.offers.values()), None)
    if offer and wish.offer:
        pairs[offer.title] = wish.offer
        pairs[_lowered(offer.title)] = _lowered(wish.offer)
    pairs |= {_lowered(old): _lowered(new) for old, new in pairs.items() if old == invented.company and new}
    return sorted(((old, new) for old, new in pairs.items() if new), key=lambda pair: -len(pair[0]))


def _core(company: str) -> str:
    """«Меридиан» with its quotation marks; the whole, if nothing is quoted."""
    found = re.search("«[^»]+»", company)
    return found[0] if found else company


def _site(address: str) -> str:
    return address.partition("://")[2]


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def replaced(text: str, pairs: Sequence[tuple[str, str]]) -> str:
    """Each old name by its new one, in one go; a value that is the old name alone is quoted if YAML needs it."""
    new = dict(pairs)
    either = "|".join(rf"(?<!\w){re.escape(old)}(?!\w)" for old in new)
    values = re.compile(rf"(?m)^(\s*(?:- )?[a-z_]+: )({either})$")
    text = values.sub(lambda found: found[1] + quoted(new[found[2]]), text)
    return re.sub(either, lambda found: new[found[0]], text)


def _named(text: str, trade: str, name: str, *, key: str = "flow") -> str:
    return re.sub(rf"(?m)^{key}: {trade}$", f"{key}: {name}", text)


def _opened(text: str, trade: str, name: str) -> str:
    """Links in stories open the new flow."""
    return re.sub(rf"(?m)(- opens: \"?){trade}(?=__|\"?$)", rf"\g<1>{name}", text)


def _of_this_flow_alone(text: str, trade: str, flows: Collection[str]) -> str:
    """Stories that go on to another shipped flow stay behind."""
    others = {one for one in flows if one != trade}
    lines = text.split("\n")
    stories = parse({f"{trade}{STORIES}": text})[0]
    for story, following in reversed([*zip_longest(stories, stories[1:])]):
        if story and any(act.verb == "opens" and act.text.partition("__")[0] in others for act in story.acts):
            del lines[story.line - 1 : following.line - 1 if following else len(lines) - 1]
    return "\n".join(lines)


def _business(text: str, theirs: FlowSet, flow: Flow, name: str) -> str:
    """The shipped company's file with this flow alone: published where it may be, opened by a bare start."""
    everywhere = theirs.business.published
    shown = [channel for channel, flows in everywhere.items() if flow.flow in flows]
    channels = shown or [channel for channel in everywhere if channel not in flow.closed]
    published = "".join(f"  {channel}: [{name}]\n" for channel in channels)
    text = _section(text, "published", f"published:\n{published}")
    text = _section(text, "start", f"start: {name}\n")
    return _section(text, "safe_step", f"safe_step:\n  flow: {name}\n  step: {flow.steps[0].id}\n")


def _section(text: str, key: str, written: str) -> str:
    return re.sub(rf"(?m)^{key}:.*\n(?:[ ].*\n)*", lambda _: written, text, count=1)


def _without_taken_words(text: str, flow: Flow, present: Mapping[str, bytes]) -> str:
    """One word opens one flow: those of the flows that are there already are left to them."""
    taken = {word.casefold() for one, _ in read(present)[0].flows for word in one.words} if present else set[str]()
    free = [word for word in flow.words if word.casefold() not in taken]
    if len(free) == len(flow.words):
        return text
    line = f"words: [{', '.join(quoted(word, in_brackets=True) for word in free)}]\n" if free else ""
    return _section(text, "words", line)


# ---------------------------------------------------------------- what came of it


def _judge(made: Mapping[str, str], present: Mapping[str, bytes]) -> None:
    """The new files must be sound; what is wrong in others is their own."""
    checked = check({**present, **{path: text.encode() for path, text in made.items()}})
    wrong = [one for one in (*checked.problems, *checked.stories) if one.file in made and one.level == "error"]
    if wrong:
        raise CannotMake("так не получится:\n" + "\n".join(map(str, wrong)))


def _left(made: Mapping[str, str], invented: Business) -> list[str]:
    """Where the invented company, its town and its sites are still named, and what the consents say of its trade: the
    author's to say in other words."""
    found = _ADDRESS.fullmatch(invented.operator.address)
    assert found is not None
    stems = [_core(invented.company).strip("«»"), found["town"].rstrip("аеийоуыьэюя"), ".example", NO_STREET]
    lines = []
    for path, text in made.items():
        for number, line in enumerate(text.split("\n"), 1):
            of_the_trade = path.endswith(".md") and _OF_THE_TRADE.match(line)
            if not path.endswith(".json") and (of_the_trade or any(stem in line for stem in stems)):
                lines.append(f"{path}:{number}: {line.strip()[:90]}")
    return lines
