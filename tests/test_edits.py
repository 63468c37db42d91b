"""A3: 500 people stand on every step of a flow that is edited fifty times: nobody is lost, repeated or asked anew."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from typing import Any

from dialogs.conversation import Conversation, Known
from dialogs.effects import Forget, IssueCode, RecordConsent, Say
from dialogs.engine import advance
from dialogs.events import Back, CodeIssued, Event, Read, Said, Started, Tapped
from dialogs.flow import Flow, Step
from dialogs.flow_set import ConsentText, FlowSet, Script
from tests.test_engine import BUSINESS, NOW

PEOPLE, EDITS = 500, 50

Draft = dict[str, Any]
"""The flow as its author has it: steps and parts. ``soul`` tells the same question under all its names."""


def choice(value: str, **more: Any) -> Draft:
    return {"label": f"Ответ {value}", "value": value, **more}


def asks(soul: str, *values: str, **more: Any) -> Draft:
    return {"id": soul, "soul": soul, "ask": f"Вопрос {soul}?", "choices": [choice(one) for one in values], **more}


def asks_for(soul: str, kind: str, **more: Any) -> Draft:
    return {"id": soul, "soul": soul, "ask": f"Вопрос {soul}?", "answer": kind, **more}


def says(soul: str, **more: Any) -> Draft:
    return {"id": soul, "soul": soul, "say": f"Слова {soul}.", **more}


def first_draft() -> Draft:
    fork = [choice("tour", go="people"), choice("hotel"), choice("person", do="call_person")]
    return {
        "steps": [
            says("hello"),
            asks("kind", choices=fork),
            asks("stars", "three", "five"),
            asks_for("people", "number", go=[{"if": "people >= 5", "go": "group"}, {"go": "agree"}]),
            says("group"),
            {"id": "agree", "soul": "agree", "consent": "personal_data", "refused": "bye"},
            asks_for("name", "name"),
            asks("rest", "sea", "hills", "city"),
            {"id": "home", "soul": "home", "part": "address"},
            asks("extra", "no", "visa", "guide", optional=True),
            asks("more", choices=[choice("again", go="extra"), choice("enough")]),
            {"id": "work", "soul": "work", "part": "address"},
            asks_for("wish", "text", optional=True),
            {"id": "check", "soul": "check", "review": True},
            {"id": "done", "soul": "done", "application": "gift", "say": "Код {{ code }}."},
            asks("news", "yes", "no"),
            says("thanks", go="end"),
            says("bye", go="end"),
        ],
        "parts": {
            "address": [
                asks_for("town", "text"),
                asks_for("street", "text"),
                {"id": "contact", "soul": "contact", "part": "reach"},
                asks("post", "yes", "no"),
            ],
            "reach": [asks_for("mail", "email", optional=True), asks("when", "morning", "evening")],
        },
    }


# ---------------------------------------------------------------- fifty edits


class Author:
    """Edits a flow as authors do; what it makes is always sound: no jump leads to nowhere."""

    FIXED = frozenset({"hello", "agree", "check", "done", "bye", "thanks", "group"})

    def __init__(self, seed: int) -> None:
        self.dice, self.draft, self.made = Random(seed), first_draft(), 0
        self.done: Counter[str] = Counter()

    def lists(self) -> list[list[Draft]]:
        return [self.draft["steps"], *self.draft["parts"].values()]

    def every(self) -> list[Draft]:
        return [step for steps in self.lists() for step in steps]

    def edit(self) -> None:
        ways: list[Callable[[], bool]] = [
            self.renames, self.renames, self.removes, self.adds, self.rewords, self.reorders, self.renames_a_choice,
            self.drops_a_choice, self.adds_a_choice, self.removes_a_call, self.adds_a_call,
        ]  # fmt: skip
        while not (way := self.dice.choice(ways))():
            pass
        self.done[way.__name__] += 1

    def fresh(self, word: str) -> str:
        self.made += 1
        return f"{word}{self.made}"

    def questions(self) -> list[tuple[list[Draft], Draft]]:
        return [(steps, one) for steps in self.lists() for one in steps if "ask" in one]

    def point(self, old: str, new: str) -> None:
        """Whatever led to the one step leads to the other."""
        for step in self.every():
            places = [step, *step.get("choices", ()), *(step["go"] if isinstance(step.get("go"), list) else ())]
            for place in places:
                for key in ("go", "refused"):
                    if place.get(key) == old:
                        place[key] = new

    def renames(self) -> bool:
        step = self.dice.choice(self.every())
        old, new = step["id"], self.fresh(step["soul"][:12])
        self.point(old, new)
        for branch in step["go"] if isinstance(step.get("go"), list) else ():
            if "if" in branch:
                branch["if"] = branch["if"].replace(old, new)
        step["id"], step["renamed_from"] = new, [*step.get("renamed_from", []), old]
        return True

    def removes(self) -> bool:
        steps, step = self.dice.choice(self.questions())
        if step["soul"] in self.FIXED or isinstance(step.get("go"), list) or sum("ask" in one for one in steps) < 3:
            return False
        place = steps.index(step)
        after = steps[place + 1]["id"] if place + 1 < len(steps) else "return"
        self.point(step["id"], after)
        steps.remove(step)
        return True

    def adds(self) -> bool:
        steps = self.dice.choice(self.lists())
        word = self.fresh("new")
        place = self.dice.randrange(1, len(steps) - (5 if steps is self.draft["steps"] else 0))
        steps.insert(place, self.dice.choice([asks(word, "a", "b", "c"), asks_for(word, "number"), says(word)]))
        return True

    def rewords(self) -> bool:
        step = self.dice.choice([one for one in self.every() if "ask" in one or "say" in one])
        key = "ask" if "ask" in step else "say"
        step[key] = f"{step[key]} Иначе."
        return True

    def reorders(self) -> bool:
        """Two neighbours change places, where nothing jumps over them."""
        steps = self.dice.choice(self.lists())
        free = [
            place
            for place in range(len(steps) - 1)
            if all("ask" in one and "go" not in one and one["soul"] != "more" for one in steps[place : place + 2])
            and not any(one.get("go") for step in steps[place : place + 2] for one in step.get("choices", ()))
        ]
        if not free:
            return False
        place = self.dice.choice(free)
        steps[place : place + 2] = reversed(steps[place : place + 2])
        return True

    def with_choices(self) -> Draft:
        return self.dice.choice([one for one in self.every() if "choices" in one])

    def renames_a_choice(self) -> bool:
        one = self.dice.choice(self.with_choices()["choices"])
        one["renamed_from"], one["value"] = [*one.get("renamed_from", []), one["value"]], self.fresh("value")
        return True

    def drops_a_choice(self) -> bool:
        step = self.with_choices()
        plain = [one for one in step["choices"] if "go" not in one and "do" not in one]
        if len(plain) < 2:
            return False
        step["choices"].remove(self.dice.choice(plain))
        return True

    def adds_a_choice(self) -> bool:
        self.with_choices()["choices"].append(choice(self.fresh("value")))
        return True

    def removes_a_call(self) -> bool:
        """The step that people in the part were to return behind."""
        steps = self.draft["steps"]
        calls = [one for one in steps if one.get("part")]
        if len(calls) < 2:
            return False
        call = self.dice.choice(calls)
        self.point(call["id"], steps[steps.index(call) + 1]["id"])
        steps.remove(call)
        return True

    def adds_a_call(self) -> bool:
        steps = self.draft["steps"]
        if sum(bool(one.get("part")) for one in steps) > 3:
            return False
        word = self.fresh("call")
        steps.insert(self.dice.randrange(7, len(steps) - 5), {"id": word, "soul": word, "part": "address"})
        return True


@dataclass
class Version:
    script: Script
    souls: dict[str, str]

    @classmethod
    def of(cls, number: int, draft: Draft) -> Version:
        draft = deepcopy(draft)
        every = [step for steps in (draft["steps"], *draft["parts"].values()) for step in steps]
        souls = {step["id"]: step.pop("soul") for step in every}
        flow = Flow.model_validate(
            {
                "flow": "tour",
                "title": "Тур",
                "consent": {"personal_data": "pd.md"},
                "offers": {"gift": {"title": "Чемодан", "stock": 500}},
                "questions": [{"words": ["сколько стоит доставка"], "answer": "Ничего."}],
                **draft,
            }
        )
        text = ConsentText("pd.md", "Согласие", "v1")
        return cls(FlowSet(number, {"tour": flow}, BUSINESS, {"pd.md": text}).script("tour"), souls)


# ---------------------------------------------------------------- five hundred people


@dataclass
class Someone:
    """``given``: the questions they have answered, by soul, with the souls of the steps that called its parts."""

    dice: Random
    versions: dict[int, Version]
    at: Conversation = field(default_factory=lambda: Conversation("tour", 1))
    known: Known = field(default_factory=lambda: Known("telegram", {}, "Анна"))
    given: set[tuple[str, ...]] = field(default_factory=set)
    said: list[Say] = field(default_factory=list)

    @property
    def script(self) -> Script:
        return self.versions[self.at.version].script

    @property
    def step(self) -> Step | None:
        return self.script.flow.by_id[self.at.step] if self.at.step else None

    def place(self) -> tuple[str, ...]:
        souls = self.versions[self.at.version].souls
        return tuple(souls.get(one, one) for one in (*self.at.calls, self.at.step or ""))

    def does(self, event: Event) -> None:
        newest = self.versions[max(self.versions)].script
        turn = advance(self.script, self.at, event, now=NOW, known=self.known, newest=newest)
        self.at = Conversation.load(json.loads(json.dumps(turn.conversation.dump())))
        assert self.at == turn.conversation
        self.said = [one for one in turn.effects if isinstance(one, Say)]
        for one in turn.effects:
            if isinstance(one, RecordConsent):
                self.known = self.known._replace(consents={one.purpose: one.digest})
            if isinstance(one, Forget):  # a correction has left it out of the way, or they took it back
                souls = {soul for version in self.versions.values() if (soul := version.souls.get(one.step))}
                self.given = {place for place in self.given if place[-1] not in souls}
            if isinstance(one, IssueCode):
                self.does(CodeIssued(one.offer, "GIFT-1", None))
        if self.at.held and isinstance(event, Said):
            self.does(Read())

    def begins(self) -> None:
        self.does(Started())
        for _ in range(self.dice.randrange(30)):
            self.answers()

    def lives(self) -> None:
        """One thing that people do: mostly they answer."""
        if self.step is None:
            return
        kind = self.dice.choices(("answers", "back", "asks", "amends"), (80, 6, 6, 8))[0]
        here = self.place()
        if kind == "back":
            self.does(Back())
            if self.place() != here:
                self.given.discard(self.place())
        elif kind == "asks":
            self.does(Said("сколько стоит доставка?"))
            assert self.place() == here and (
                self.at.applied or self.said[0].text == "Ничего." or self.waits_for_words()
            )
        elif kind == "amends":
            self.amends(here)
        else:
            self.answers()
        self.stands()

    def waits_for_words(self) -> bool:
        return bool(self.step and self.step.consent)

    def amends(self, here: tuple[str, ...]) -> None:
        version = self.at.version
        self.does(Said("исправить"))
        keys = [one.key for one in self.said[-1].buttons if ".fix." in one.key] if self.said else []
        if not keys:
            return
        self.does(Tapped(self.dice.choice(keys)))
        if self.dice.random() < 0.5:
            self.does(Back())  # they think better of it
            assert self.place() == here or self.at.version != version
        else:
            self.answers()

    def answers(self) -> None:
        step, before, path = self.step, self.place(), self.at.path
        if step is None:
            return
        loops = self.answer(step)
        if self.at.tries or (self.at.step and self.place() == before and len(self.at.path) == len(path)):
            assert self.said == [] or step.choices, "only a human was called"
            return
        assert self.at.step is None or self.place() != before, f"asked {before} twice in a row"
        self.given.add(before)
        if loops:
            self.given.clear()
        elif self.step and not self.step.review and not self.at.amending:
            assert self.place() not in self.given, f"asked {self.place()} anew after {before}"
        self.stands()

    def answer(self, step: Step) -> bool:
        """True: they chose to go back and be asked once more."""
        if step.choices:
            index = self.dice.randrange(len(step.choices))
            self.does(Tapped(f"{self.at.version}.{self.at.run}.{step.id}.{index}"))
            return step.choices[index].meaning == "again" or "again" in step.choices[index].renamed_from
        words = {"number": "3", "name": "Анна", "text": "Мира, 5", "email": "anna@mail.ru"}
        self.does(Said("да" if step.answer is None else words[step.answer.type]))
        return False

    def stands(self) -> None:
        """Nobody is lost: they wait at a question of their version, or have come to the end of the flow."""
        step = self.step
        if step is None:
            assert self.at.applied, "the dialog broke off"
        else:
            assert step.waits, f"waits at {step.id}, which asks nothing"
            assert self.at.calls == () or self.at.step in self.script.flow.home


def test_A3_500_people_survive_50_edits():
    seed = 2
    author = Author(seed)
    versions = {1: Version.of(1, author.draft)}
    people = [Someone(Random(seed * 1000 + number), versions) for number in range(PEOPLE)]
    for one in people:
        one.begins()
    standing = Counter(one.at.step for one in people)
    waiting = {step.id for step in versions[1].script.flow.every_step if step.waits}
    assert waiting <= standing.keys(), "somebody stands on every question"
    for number in range(2, EDITS + 2):
        author.edit()
        versions[number] = Version.of(number, author.draft)
        for one in people:
            if one.dice.random() < 0.2:
                one.lives()
    assert len(author.done) == 10, "every kind of edit was made"
    for one in people:
        for _ in range(60):
            one.answers()
        assert one.step is None and one.at.applied
