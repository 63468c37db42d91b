"""What the documents hold: code blocks, tables, links, fragments of flows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCS = [ROOT / name for name in ("README.md", "README.ru.md", "CHANGELOG.md")] + sorted((ROOT / "docs").glob("*.md"))
FLOWS = ROOT / "dialogs" / "flows"

Sections = dict[str, str]  # top-level key -> its lines, key and all
_FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.M | re.S)


@dataclass(frozen=True)
class Block:
    """A fenced code block. ``chapter``: the second-level heading it stands under."""

    language: str
    text: str
    line: int
    chapter: str


def blocks(path: Path, language: str = "") -> list[Block]:
    text = path.read_text("utf-8")
    return [
        Block(found[1], found[2], text.count("\n", 0, found.start()) + 1, _chapter(text[: found.start()]))
        for found in _FENCE.finditer(text)
        if language in ("", found[1])
    ]


def _chapter(before: str) -> str:
    return str((re.findall(r"^## (.+)$", before, re.M) or [""])[-1])


def prose(path: Path) -> str:
    """The document without its code blocks."""
    return _FENCE.sub("", path.read_text("utf-8"))


def spans(path: Path) -> list[str]:
    """Everything written as code within a line."""
    return re.findall(r"`([^`\n]+)`", prose(path))


def shell(path: Path) -> list[str]:
    """Everything one might type: lines of shell blocks without remarks, and code within lines."""
    typed = [line.split("  #")[0] for block in blocks(path, "sh") for line in block.text.splitlines()]
    return [*typed, *spans(path)]


def table(path: Path, heading: str) -> list[list[str]]:
    """Rows of the first table under the heading, without its head; cells as written. KeyError: there is none."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", prose(path), re.M | re.S)
    if not found:
        raise KeyError(heading)
    return _rows(found[1])


def _rows(text: str) -> list[list[str]]:
    lines = iter(text.splitlines())
    rows = []
    for line in lines:
        if line.startswith("|"):
            rows.append(line)
        elif rows:
            break
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row.strip("|"))] for row in rows[2:]]


def keys(path: Path, heading: str, column: int = 0) -> list[str]:
    """The code in a column of the table under the heading."""
    return [found[1] for row in table(path, heading) if (found := re.fullmatch(r"`(.+)`", row[column]))]


def anchors(path: Path) -> set[str]:
    """The headings as addresses, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", prose(path), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def links(path: Path) -> Iterator[tuple[str, str]]:
    """(file, anchor) of every link and picture that stays within the repository."""
    text = prose(path)
    for target in re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'src="([^"]+)"', text):
        if not re.match(r"[a-z]+:", target):
            file, _, anchor = target.partition("#")
            yield file, anchor


# ---------------------------------------------------------------- fragments of YAML


def sections(text: str) -> Sections:
    """A YAML file by its top-level keys; nothing is parsed, so that style and line breaks stay."""
    found: Sections = {}
    key = ""
    for line in text.splitlines(keepends=True):
        if start := re.match(r"([a-z_]+):", line):
            key = start[1]
        if key:
            found[key] = found.get(key, "") + line
    return found


def merged(whole: str, fragment: str) -> str:
    """The flow with the fragment in it: sections are replaced; steps with a known id too, and a new step goes after the
    one before it in the fragment (the first after ``agree``)."""
    base, more = sections(whole), sections(fragment)
    if "steps" in more:
        more["steps"] = _merged_steps(base["steps"], more["steps"])
    return "".join((base | more).values())


def _merged_steps(whole: str, fragment: str) -> str:
    steps = _steps(whole)
    after = "agree"
    for name, text in _steps(fragment).items():
        if name not in steps:
            place = list(steps).index(after) + 1
            items = list(steps.items())
            steps = dict([*items[:place], (name, text), *items[place:]])
        steps[name] = text
        after = name
    return "steps:\n" + "".join(steps.values())


def _steps(text: str) -> dict[str, str]:
    parts = re.split(r"(?=^  - id: )", text, flags=re.M)[1:]
    return {part.split("\n", 1)[0].removeprefix("  - id: ").strip(): part.rstrip("\n") + "\n\n" for part in parts}


def company(*flows: str) -> dict[str, str]:
    """The shipped business and consent texts, with these flows published everywhere."""
    files = {path.relative_to(FLOWS).as_posix(): path.read_text("utf-8") for path in FLOWS.rglob("*.md")}
    files |= {path.name: path.read_text("utf-8") for path in FLOWS.glob("*.yaml")}
    for flow in flows:
        files["business.yaml"] = files["business.yaml"].replace(
            "[test_drive, courses]", f"[{flow}, test_drive, courses]"
        )
    return files


def with_sections(text: str, fragment: str) -> str:
    """A YAML file with the fragment's top-level keys in place of its own."""
    return "".join((sections(text) | sections(fragment)).values())
