"""Authors' files, conditions and texts, spoiled: each is read, or refused with problems that can be shown."""

from __future__ import annotations

import warnings
from functools import cache
from random import Random

from bot.publishing import check
from dialogs import conditions, texts
from dialogs.reading import BUSINESS
from dialogs.stories import parse
from tests.flow_folder import FILES
from tests.torture import seeds
from tests.torture.edge import NOW, units
from tests.torture.mutation import garbled, mangled

_YAML = (
    "- ", ": ", "  ", "\t", "|\n", ">-\n", "&a ", "*a", "<<: *a", "!!python/object:os.system", "!!int ", "? ",
    "---\n", "...\n", "#", "'", '"', "[", "]",
    "{", "}", "[" * 40, "{a: " * 40, "- " * 40, "~", "null", "no", "0123", "12:30", "1e400", "9" * 400,
    "2026-02-30", "0x1F", "if:", "go: end", "go: hello",
    "answer: phone", "choices: []", "consent: personal_data", "application: sea", "{{ name }}", "{% for %}",
    "{{ x.__class__ }}", "steps:\n", "silence:\n",
    "flow: tour\n", "id: hello\n", "\r", "\ufeff", "\u2028", "\x00", "\x07", "%YAML 1.2\n", "%TAG ! x\n",
    "\\x41", "\\", "after: 1 day\n", "after: 99999999999 days\n",
)  # fmt: skip

Files = dict[str, str]
Raw = dict[str, bytes]


def draw_set(dice: Random) -> Files:
    """The small sound folder, one of the shipped flows with all that it needs, or now and then the whole of them; one
    or two files spoiled; latin-1 on paper."""
    way = dice.random()
    if way < 0.5:
        files = {path: text.encode() for path, text in FILES.items()}
    elif way < 0.95:
        files = dict(_alone(dice.choice(_flows())))
    else:
        files = _shipped()
    for path in dice.sample(sorted(files), 1 if dice.random() < 0.8 else 2):
        files[path] = _spoiled(files[path], dice)
    return {path: raw.decode("latin-1") for path, raw in files.items()}


def _shipped() -> Raw:
    """Without their stories, which are an edge of their own."""
    return {path: raw for path, raw in seeds.shipped().items() if not path.endswith(".stories.yaml")}


@cache
def _flows() -> tuple[str, ...]:
    return tuple(sorted(path for path in _shipped() if "/" not in path and path != BUSINESS))


@cache
def _alone(path: str) -> Raw:
    """One shipped flow as the only one of its company: as hard to read as all of them, and far sooner."""
    files, flow = _shipped(), path.removesuffix(".yaml")
    business = files[BUSINESS].decode().replace("[test_drive, courses]", f"[{flow}]")
    business = business.replace("flow: test_drive", f"flow: {flow}")
    if b"\nclosed:" in files[path]:
        business = business.replace(f"telegram: [{flow}]", "telegram: []")
    consents = {one: raw for one, raw in files.items() if one.endswith(".md") and one.encode() in files[path]}
    return {path: files[path], BUSINESS: business.encode(), **consents}


def _spoiled(raw: bytes, dice: Random) -> bytes:
    way = dice.random()
    if way < 0.25:
        return garbled(raw, dice)
    if way < 0.5:
        return mangled(raw.decode(), dice, _YAML).encode("utf-8", "surrogatepass")
    return _rearranged(raw.decode(), dice).encode("utf-8", "surrogatepass")


def _rearranged(text: str, dice: Random) -> str:
    """Lines lost, doubled, put elsewhere, indented otherwise, or with another value."""
    lines = text.split("\n")
    for _ in range(1 + int(dice.random() ** 2 * 4)):
        place = int(dice.random() * len(lines))
        line, key = lines[place], lines[place].partition(":")[0]
        match int(dice.random() * 6):
            case 0:
                del lines[place : place + 1 + int(dice.random() * 3)]
            case 1:
                lines[place:place] = lines[place : place + 1 + int(dice.random() * 12)] * dice.choice((1, 1, 2, 300))
            case 2:
                lines[place] = f"{key}: {dice.choice(_YAML)}"
            case 3:
                lines[place] = dice.choice((" ", "    ", "- ", "\t")) + line
            case 4:
                lines.insert(int(dice.random() * len(lines)), line)
            case _:
                lines[place] = mangled(line, dice, _YAML)
        lines = lines or [""]
    return "\n".join(lines)


def read_set(files: Files) -> bool:
    """The whole of ``leadbot check``. True: it would go live."""
    checked = check({path: text.encode("latin-1") for path, text in files.items()})
    for problem in checked.problems:
        assert str(problem) and problem.line >= 1 and problem.column >= 1
    assert checked.flow_set or any(one.level == "error" for one in checked.problems), "refused without a reason"
    return checked.sound


def draw_stories(dice: Random) -> Files:
    files = {path: raw for path, raw in seeds.shipped().items() if path.endswith(".stories.yaml")}
    path = dice.choice(sorted(files))
    lines = files[path].decode().split("\n")
    some = "\n".join(lines[: 10 + int(dice.random() * 30)]).encode()  # a few stories are enough, and quick
    return {path: _spoiled(some, dice).decode("latin-1")}


def read_stories(files: Files) -> bool:
    found, problems = parse({path: text.encode("latin-1") for path, text in files.items()})
    assert all(str(one) and one.line >= 1 and one.column >= 1 for one in problems)
    return bool(found) and not problems


# ---------------------------------------------------------------- conditions and texts


def read_condition(text: str) -> bool:
    """Raises ConditionError, and nothing else; what was read holds or does not, and never raises."""
    try:
        with warnings.catch_warnings(action="error"):
            condition = conditions.parse.__wrapped__(text)  # not from its memory
    except conditions.ConditionError as refused:
        assert refused.message and refused.column >= 1
        return False
    for answers_given in (
        {},
        {"year": 2021, "a": "да", "where": "sea", "b": True},
        dict.fromkeys(condition.names, "9" * 400),
    ):
        assert condition.holds(answers_given) in (True, False)
    list(conditions.comparisons(condition)), list(conditions.compared_with(condition))
    return True


VALUES = {
    "name": "{{ 7*7 }} <b>Анна</b>", "company": "Автошкола", "promise": "завтра", "code": "SPRING-1",
    "code.until": NOW, "offers.sea.left": 3,
    "a.b.c": "x" * 5000,
}  # fmt: skip


def read_template(text: str) -> bool:
    """``check`` tells every problem; a text without any can be filled in, to at most one message."""
    if texts.check(text, VALUES):
        return False
    assert units(texts.render(text, VALUES)) <= 4096
    texts.render(text, {})
    return True


def draw_condition(dice: Random) -> str:
    return mangled(dice.choice(seeds.CONDITIONS), dice, (*seeds.CONDITIONS, *seeds.PIECES))


def draw_template(dice: Random) -> str:
    return mangled(dice.choice(seeds.TEMPLATES), dice, (*seeds.TEMPLATES, *seeds.PIECES))
