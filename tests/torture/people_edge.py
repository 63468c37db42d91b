"""What people write: read as an answer, cleaned, masked, compared, taken for a command or for a start tag."""

from __future__ import annotations

import re
from random import Random
from typing import Any

from dialogs import answers
from dialogs.cleaning import clean, folded, for_card
from dialogs.flow import AnswerSpec, Choice
from dialogs.masking import defang, mask_documents
from dialogs.tags import build_tag, parse_tag
from dialogs.understood import Understood, Unsure
from dialogs.words import meaning
from tests.opening_hours import company
from tests.torture import seeds
from tests.torture.edge import NOW, storable, units
from tests.torture.mutation import mangled

OURS = company()
RUBRICS = (Choice(label="Море", value="sea"), Choice(label="Горы", value="hills"), Choice(label="Город", value=3))


def draw_said(dice: Random) -> str:
    """Mostly what people say, spoiled; sometimes only pieces of it."""
    if dice.random() < 0.15:
        return "".join(dice.choice(seeds.PIECES) + dice.choice(("", " ")) for _ in range(int(dice.random() ** 2 * 60)))
    said = mangled(dice.choice(seeds.SAID), dice, seeds.PIECES)
    return mangled(said, dice, seeds.PIECES) if dice.random() < 0.5 else said


SPECS = tuple(
    AnswerSpec.model_validate(one)
    for one in (
        {"type": "phone"}, {"type": "email"}, {"type": "name"}, {"type": "text"}, {"type": "number"},
        {"type": "number", "from": 1990, "to": "this_year"}, {"type": "number", "from": 1, "to": 30, "unit": "лет"},
        {"type": "yes_no"}, {"type": "several"}, {"type": "rating"}, {"type": "city"}, {"type": "call_time"},
        {"type": "date", "from": "today", "to": "1 year"}, {"type": "time", "to": "2 weeks"}, {"type": "date"},
    )
)  # fmt: skip


def draw_answer(dice: Random) -> list[Any]:
    return [int(dice.random() * len(SPECS)), draw_said(dice)]


def read_answer(given: list[Any]) -> bool:
    spec, text = SPECS[given[0]], given[1]
    found = answers.read(spec, text, now=NOW, business=OURS, choices=RUBRICS)
    if isinstance(found, Unsure):
        assert found.question and all(len(one.token) <= 17 and one.label for one in found.options)
        return False
    if not isinstance(found, Understood):
        assert found.hint
        return False
    assert storable(found.shown, 2_000) and storable(found.doubt, 2_000), "shown what cannot be kept"
    value = found.value
    if spec.type in ("number", "rating"):
        assert type(value) is int and abs(value) < 2**63
        return True
    if spec.type in ("yes_no", "several"):
        assert isinstance(value, bool if spec.type == "yes_no" else tuple)
        return True
    assert isinstance(value, str) and value and storable(value, 1_000)
    if spec.type == "phone":
        assert re.fullmatch(r"\+[1-9][0-9]{7,14}", value), f"no E.164: {value}"
        answers.suspicious(value)
    elif spec.type == "email":
        assert len(value) <= 254 and not re.search(r"\s", value) and value.count("@") >= 1
    elif spec.type == "name":
        assert len(value) <= 120 and "\n" not in value
    return True


def read_words(text: str) -> bool:
    """Cleaning, comparing, masking, and what a message means wherever it is said."""
    once = clean(text)
    assert storable(once) and units(once) <= 4096 and clean(once) == once, "cleaned again, it is another text"
    plain = folded(text)
    assert storable(plain) and "\n" not in plain
    card = for_card(text)
    assert storable(card) and units(card) <= 300 and "\n" not in card
    hidden = defang(mask_documents(once))
    assert storable(hidden) and "://" not in hidden
    return meaning(text) is not None


def draw_tag(dice: Random) -> str:
    return mangled(dice.choice(seeds.TAGS), dice, (*seeds.TAGS, *seeds.PIECES))


def read_tag(raw: str) -> bool:
    flows = ("courses", "test_drive")
    touch = parse_tag(raw, flows)
    assert touch.flow is None or touch.flow in flows
    assert storable(touch.source, 64) and storable(touch.campaign, 64)
    if touch.flow is None:
        return False
    if touch.source != "direct":
        assert parse_tag(build_tag(touch.flow, touch.source, touch.campaign), flows) == touch
    return True
