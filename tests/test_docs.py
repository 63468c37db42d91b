"""The documents tell the truth: variables, commands, keys, limits, links; and every example in them works."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import get_args

import pytest
import typer
from pydantic import BaseModel
from typer.core import TyperCommand, TyperGroup

from bot.cli import app
from bot.rehearsal import rehearse
from bot.settings import RESERVED, Settings, names
from dialogs.business import (
    Bands,
    Business,
    Decision,
    Menu,
    Operator,
    Reasons,
    SafePlace,
    Switches,
    Touches,
)
from dialogs.capabilities import CHANNELS
from dialogs.flow import (
    AnswerSpec,
    AnswerType,
    Branch,
    Choice,
    Consents,
    DatedRule,
    Flow,
    FlowQuestion,
    Offer,
    SilenceRule,
    Step,
)
from dialogs.flow_set import FlowSet
from dialogs.lint_texts import GENERAL, OF_OFFER
from dialogs.reading import Loaded, load
from dialogs.rules import HandOverRule, ScoreRule, TagRule, TextRule, WorthRule
from dialogs.situation import FACTS
from dialogs.stories import parse
from dialogs.translation import OfferTexts, StepTexts, Translation
from dialogs.verbs import THINGS, VERBS
from dialogs.wording import FILTERS
from tests.docs_reading import (
    DOCS,
    ROOT,
    Block,
    anchors,
    blocks,
    company,
    keys,
    links,
    merged,
    prose,
    sections,
    shell,
    spans,
    table,
    with_sections,
)
from tests.pictures import PDF, png

README, GUIDE = ROOT / "README.md", ROOT / "docs" / "flows.md"
LEARN = "Learn it in ten minutes"


def spelled(model: type[BaseModel]) -> set[str]:
    """The model's keys as authors write them."""
    return {field.alias or name for name, field in model.model_fields.items()}


# ---------------------------------------------------------------- variables


def test_the_readme_lists_every_variable_with_its_default() -> None:
    rows = {row[0].strip("`"): row[2].strip("`") for row in table(README, "Settings")}
    assert list(rows) == list(names())
    for name, told in rows.items():
        default = Settings.model_fields[name.lower()].default
        assert told in (("–", "the public one") if default in (None, frozenset()) else (f"{default}",)), name


def test_reserved_variables_are_named_as_such() -> None:
    said = prose(README).partition("Reserved for later work")[2].partition("##")[0]
    assert set(re.findall(r"`([A-Z_]+)`", said)) == set(RESERVED)


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_variables_named_anywhere_exist(path: Path) -> None:
    named = {found for typed in shell(path) for found in re.findall(r"\b([A-Z]+_[A-Z_]+)(?:=|\b)", typed)}
    assert named <= {*names(), *RESERVED, "TELEGRAM_MANAGERS_CHAT", "PATH_INFO", "FLOW__SOURCE__CAMPAIGN"}


# ---------------------------------------------------------------- commands


def leaves(group: TyperGroup, prefix: str = "") -> Iterator[tuple[str, TyperCommand]]:
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from leaves(command, f"{prefix}{name} ")
        else:
            assert isinstance(command, TyperCommand)
            yield f"{prefix}{name}", command


@cache
def commands() -> dict[str, TyperCommand]:
    """Every command, those of groups as «group command»."""
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    return dict(leaves(root))


def called(typed: str) -> list[tuple[str, str]]:
    """(command, its arguments) of every ``leadbot …`` in something one might type."""
    calls = []
    for rest in re.findall(r"(?:^|(?<!-u)(?<!-g)[\s/])leadbot +([a-z][^|&;)]*)", typed):
        words = rest.split()
        group = any(name.startswith(f"{words[0]} ") for name in commands())
        size = 2 if group else 1
        calls.append((" ".join(words[:size]), " ".join(words[size:])))
    return calls


def test_the_readme_lists_every_command() -> None:
    assert [one.removeprefix("leadbot ") for one in keys(README, "Commands")] == list(commands())


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_commands_and_options_named_anywhere_exist(path: Path) -> None:
    for command, arguments in (call for typed in shell(path) for call in called(typed)):
        assert command in commands(), f"leadbot {command}"
        known = {option for one in commands()[command].params for option in one.opts} | {"--help"}
        assert set(re.findall(r"(?<!\S)--?[a-z][a-z-]*", arguments)) <= known, f"leadbot {command} {arguments}"


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_make_targets_named_anywhere_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z0-9]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    named = {found for typed in shell(path) for found in re.findall(r"(?:^|\s)make ([a-z0-9]+)", typed)}
    assert named <= targets


# ---------------------------------------------------------------- places


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for file, anchor in links(path):
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), file
        assert not anchor or anchor in anchors(target), f"{file}#{anchor}"


def test_every_document_is_reached_from_the_readme() -> None:
    reached = {(README.parent / file).resolve() for file, _ in links(README) if file}
    assert set(DOCS) - {README} <= reached


def test_the_folders_are_those_that_there_are() -> None:
    named = {one.rstrip("/") for one in keys(README, "The folders")}
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert named == {*packages["packages"], "tests", "docs", "deploy"}
    assert all((ROOT / one).is_dir() for one in named)


def test_the_unit_stops_later_than_the_program_does_and_runs_as_nobody_special() -> None:
    unit = dict(re.findall(r"^([A-Za-z]+)=(.*)$", (ROOT / "deploy" / "leadbot.service").read_text("utf-8"), re.M))
    assert (unit["User"], unit["TimeoutStopSec"], unit["NoNewPrivileges"]) == ("leadbot", "15", "yes")
    assert [command for command, _ in called(unit["ExecStart"])] == ["run"]
    assert unit["EnvironmentFile"] == f"{unit['WorkingDirectory']}/.env"  # the command line reads the same file


def test_metrics_named_in_the_operators_guide_are_those_that_there_are() -> None:
    source = (ROOT / "bot" / "metrics.py").read_text("utf-8")
    made = {name + "_total" for name in re.findall(r'_counter\("(\w+)"', source)} | set(
        re.findall(r'_gauge\("(\w+)"', source)
    )
    assert set(keys(ROOT / "docs" / "operations.md", "Health and metrics")) == made


# ---------------------------------------------------------------- the language's reference

REFERENCE: dict[str, type[BaseModel]] = {
    "Keys of a flow": Flow,
    "Keys of consent": Consents,
    "Keys of an offer": Offer,
    "Keys of a step": Step,
    "Keys of a side question": FlowQuestion,
    "Keys of an answer": AnswerSpec,
    "Keys of a choice": Choice,
    "Keys of a branch": Branch,
    "Keys of a score": ScoreRule,
    "Keys of a chosen text": TextRule,
    "Keys of worth": WorthRule,
    "Keys of a tag": TagRule,
    "Keys of hand_over": HandOverRule,
    "Keys of a silence rule": SilenceRule,
    "Keys of a dated rule": DatedRule,
    "Keys of business.yaml": Business,
    "Keys of a translation": Translation,
    "Keys of a translated step": StepTexts,
    "Keys of a translated offer": OfferTexts,
}
PARTS: dict[str, type[BaseModel]] = {
    "operator": Operator,
    "start": Menu,
    "safe_step": SafePlace,
    "reasons": Reasons,
    "touches": Touches,
    "bands": Bands,
    "switches": Switches,
    "telegram_advertising": Decision,
}


@pytest.mark.parametrize("heading", REFERENCE)
def test_the_reference_has_every_key_and_no_other(heading: str) -> None:
    told = keys(GUIDE, heading)
    assert len(told) == len(set(told))
    assert set(told) == spelled(REFERENCE[heading])


def test_the_reference_has_every_key_within_business_yaml() -> None:
    rows = [re.findall(r"^\| `(\w+)` \| `(\w+)` \|", line) for line in prose(GUIDE).splitlines()]
    told = {pair for found in rows for pair in found}
    assert told == {(part, key) for part, model in PARTS.items() for key in spelled(model)}


def test_the_guide_knows_the_values_names_filters_and_acts_that_there_are() -> None:
    text = prose(GUIDE)
    kinds = set(re.findall(rf"^\| `({'|'.join(get_args(AnswerType))})` \| [^`]", text, re.M))
    assert kinds == set(get_args(AnswerType))
    told = set(keys(GUIDE, "Texts: names and filters"))
    assert told == {*GENERAL, "code", "code.until", *(f"offers.OFFER.{part}" for part in OF_OFFER)}
    assert keys(GUIDE, "Conditions") == list(FACTS)
    filters = re.findall(r"^\| `(\w+)` \| `\{\{", text, re.M)
    assert sorted(filters) == sorted(FILTERS)
    assert tuple(keys(GUIDE, "Stories")) == VERBS
    things = text.partition("Things for `sends`:")[2].partition("\n\n")[0]
    assert tuple(re.findall(r"`(\w+)`", things)) == THINGS


def test_the_table_of_limits_is_the_table_of_capabilities() -> None:
    yes = {True: "yes", False: "no"}
    assert table(GUIDE, "Limits of channels") == [
        [
            can.title, str(can.text), str(can.label), str(can.in_row), str(can.rows), str(can.buttons),
            yes[can.phone_button], f"{can.edit_hours} h" if can.edit_hours else "always",
        ]
        for can in CHANNELS.values()
    ]  # fmt: skip


# ---------------------------------------------------------------- the examples


def told(loaded: Loaded) -> str:
    return "\n".join(map(str, loaded.problems))


def the_base() -> str:
    """The guide's first flow, whole."""
    return next(block.text for block in blocks(GUIDE, "yaml") if "flow" in sections(block.text))


def lessons() -> list[str]:
    """The first chapter's flow as it grows, lesson by lesson."""
    grown: list[str] = []
    for block in blocks(GUIDE, "yaml"):
        if block.chapter == LEARN and "stories" not in sections(block.text):
            grown.append(merged(grown[-1], block.text) if grown else block.text)
    return grown


MEDIA = {"pictures/repair.png": png(800, 600), "documents/price.pdf": PDF}
"""The files that the guide's examples name."""


def loaded(flow: str, text: str, **more: str) -> Loaded:
    return load({**company(flow), **MEDIA, f"{flow}.yaml": text, **more})


def sound(flow: str, text: str, **more: str) -> FlowSet:
    found = loaded(flow, text, **more)
    assert found.flow_set is not None and not found.problems, told(found)
    return found.flow_set


def name(block: Block) -> str:
    return f"line {block.line}"


def test_the_readmes_flow_of_ten_lines_is_sound_and_has_ten_lines() -> None:
    (block,) = blocks(README, "yaml")
    assert len(block.text.splitlines()) == 10
    sound("callback", block.text)


@pytest.mark.parametrize("number", range(len(lessons())))
def test_each_lesson_leaves_a_sound_flow(number: int) -> None:
    sound("repair", lessons()[number])


def test_the_lessons_teach_what_they_name() -> None:
    final = sound("repair", lessons()[-1]).flows["repair"]
    assert [step.id for step in final.steps] == [
        "hello",
        "agree",
        "trouble",
        "unplug",
        "age",
        "name",
        "phone",
        "home",
        "day",
        "check",
        "done",
        "bye",
    ]
    assert len(lessons()) == 7 and final.offers and final.questions and final.silence


REST = [block for block in blocks(GUIDE, "yaml") if block.chapter != LEARN]
FRAGMENTS = [one for one in REST if not {"stories", "translation"} & sections(one.text).keys()]
(TRANSLATION,) = [one for one in REST if "translation" in sections(one.text)]


def of_chapter(chapter: str) -> FlowSet:
    """The set in which the chapter's stories are played."""
    if chapter == LEARN:
        return sound("repair", lessons()[-1])
    if chapter == TRANSLATION.chapter:
        return sound("repair", lessons()[-1], **{"repair.en.yaml": TRANSLATION.text})
    return sound("repair", the_base())


@pytest.mark.parametrize("block", FRAGMENTS, ids=name)
def test_fragments_are_sound_in_their_place(block: Block) -> None:
    parts = sections(block.text).keys()
    assert parts <= spelled(Flow) or parts <= spelled(Business)
    if parts <= spelled(Flow):
        sound("repair", merged(the_base(), block.text))
    else:
        business = with_sections(company("repair")["business.yaml"], block.text)
        sound("repair", the_base(), **{"business.yaml": business})


def test_the_translation_is_left_unfinished_as_the_guide_says() -> None:
    (missing,) = loaded("repair", lessons()[-1], **{"repair.en.yaml": unconfirmed(TRANSLATION.text)}).problems
    assert missing.name == "not-translated"
    for place in ("offers.first.conditions", "steps.unplug.say", "steps.name.ask", "steps.bye.say", "silence.1"):
        assert place in missing.fix
    assert "steps.trouble" not in missing.fix and "steps.age" not in missing.fix


def unconfirmed(text: str) -> str:
    return re.sub("^confirmed: .*\n", "", text, flags=re.M)


def test_A3_a_fragment_with_a_mistake_would_be_seen() -> None:
    broken = merged(the_base(), "steps:\n  - id: done\n    aplication: true\n")
    assert loaded("repair", broken).flow_set is None


@pytest.mark.parametrize("block", [one for one in blocks(GUIDE, "yaml") if "stories" in sections(one.text)], ids=name)
async def test_stories_of_the_guide_go_as_told(block: Block) -> None:
    flow_set = of_chapter(block.chapter)
    files = {"repair.stories.yaml": block.text.encode()}
    stories, problems = parse(files)
    assert stories and not problems
    shown: list[str] = []
    report = await rehearse(flow_set, files, show=shown.append)
    assert (report.passed, report.failed) == (len(stories), 0), "\n".join(shown)


def test_filters_read_as_the_guide_says() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `\{\{ [\w.]+ \\\| (.+?) \}\}` \| (.+) \|$", prose(GUIDE), re.M)
    given = {
        "count": 3,
        "day": "2026-12-07",
        "date": "2026-12-07",
        "money": 2500,
        "phone": "+79001234567",
        "time": "2026-12-07T15:30+03:00",
    }
    for filter_, call, reads in rows:
        words = re.findall(r"'([^']+)'", call)
        assert FILTERS[filter_](given.get(filter_, "менеджер"), *words).replace("\xa0", " ") == reads
    assert len(rows) == len(FILTERS)


def test_the_error_shown_in_the_guide_is_the_one_that_comes() -> None:
    (shown,) = [block.text for block in blocks(GUIDE, "text") if "repair.yaml:" in block.text]
    broken = the_base().replace("refused: bye", "refused: by")
    (problem,) = [one for one in loaded("repair", broken).problems if one.name == "jump-to-nowhere"]
    assert str(problem) + "\n" == shown


async def test_the_failure_shown_in_the_guide_is_the_one_that_comes() -> None:
    (shown,) = blocks(GUIDE, "console")
    (story,) = [one.text for one in REST if one.chapter == shown.chapter and "stories" in sections(one.text)]
    files = {"repair.yaml": the_base(), "repair.stories.yaml": story.replace("says: Борис", "sees: Как вас зовут?")}
    told: list[str] = []
    await rehearse(sound("repair", the_base()), {path: text.encode() for path, text in files.items()}, show=told.append)
    assert told[0].startswith(shown.text.rstrip()), told[0]


def test_yaml_is_nowhere_else_than_where_it_is_tried() -> None:
    tried = (README, GUIDE, GUIDE.with_name("flows.ru.md"))  # of the latter: tests/test_docs_russian.py
    elsewhere = [path.name for path in DOCS if path not in tried and blocks(path, "yaml")]
    assert elsewhere == []


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_files_named_anywhere_exist(path: Path) -> None:
    named = [
        one for one in spans(path) if re.fullmatch(r"(docs|dialogs|bot|handlers|storage|tests|deploy)/[\w./]*", one)
    ]
    mine = {"dialogs/flows/callback.yaml"}  # the reader's own
    assert [one for one in named if one not in mine and not (ROOT / one).exists()] == []
