"""Somebody who lives through a made-up flow: any event at all, then right answers to the end. Each turn is judged."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from dialogs import phrases
from dialogs.capabilities import CHANNELS, rows
from dialogs.conversation import Conversation, Known, spot
from dialogs.effects import Apply, Button, Forget, IssueCode, RecordConsent, Remember, Say, Turn
from dialogs.engine import advance
from dialogs.events import (
    AskedPerson,
    Back,
    CodeIssued,
    CodesEnded,
    Edited,
    Event,
    Led,
    Odd,
    Read,
    Resumed,
    Said,
    SharedPhone,
    Silent,
    Started,
    Tapped,
)
from dialogs.flow import PERSONAL, Place, Step
from dialogs.flow_set import FlowSet, Script
from dialogs.former import Kept, brought
from dialogs.moving import settled
from dialogs.pauses import LONGEST
from tests.generated_flows import ENGLISH, SIDE, edited, flow_of, sound
from tests.torture.edge import NOW, units

THEIRS = "{{ name }}"  # braces that people type are their own words
GAP = re.compile(r" [.,!?:;](?= |$)|[:,] ?[.!?;]| \n")
NONSENSE = (
    "не скажу", "???", "да", "нет", "12", "5000", "завтра", "32 февраля", "вчера в 15:30", "+7 900", "@", "анна@", "🙂",
    "К морю и в горы", "всё", "готово", "исправить", "исправить имя", "хочу изменить ответ", "пропустить", "а" * 3000,
    THEIRS, "<b>", "1\n2\nТверь", "никакой", "оставить как есть", "[id1|Анна]", "ничего", "верно",
    "цена", "{x} %s",
)  # fmt: skip
LIKE_RIGHT = {
    "text": "Хочу на море", "phone": "8 900 123-45-67", "email": "anna@mail.ru", "name": "Анна", "city": "Тверь",
    "yes_no": "да", "date": "послезавтра", "time": "послезавтра в 15:30", "call_time": "в любое время", "rating": "5",
}  # fmt: skip
THINGS = {"photo": Odd("photo"), "file": Odd("document", "план.pdf"), "location": Odd("location", place="55.7, 37.6")}
MOST_EFFECTS = 120


@dataclass
class Life:
    """One person in one flow. ``sets`` by version: the newest is published. ``seen``: places of the present turn.
    ``kept``: their answers as the database keeps them, for the next run; ``messages``: how many they have written."""

    dice: Random
    sets: dict[int, FlowSet]
    known: Known
    now: datetime = NOW
    at: Conversation = field(default_factory=lambda: Conversation("tour", 0))
    screen: list[Say] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    applications: int = 0
    seen: list[Place] = field(default_factory=list)
    scripts: dict[tuple[int, str], Script] = field(default_factory=dict)
    kept: dict[str, Kept] = field(default_factory=dict)
    messages: int = 0

    @property
    def script(self) -> Script:
        return self.script_of(self.at.version)

    def script_of(self, version: int) -> Script:
        spoken = version, self.at.language
        if spoken not in self.scripts:
            watched = replace(self.sets[version], watch=lambda _, place: self.seen.append(place))
            self.scripts[spoken] = watched.script("tour", self.at.language)
        return self.scripts[spoken]

    @property
    def step(self) -> Step | None:
        return self.script.flow.by_id[self.at.step] if self.at.step else None

    def forgets(self, version: int) -> None:
        """No program can read that version any more: whoever stands in it stands in the newest from the next event."""
        if len(self.sets) > 1:
            del self.sets[version]
            self.does(Resumed())

    # ------------------------------------------------------------ a turn, and what is always true of it

    def does(self, event: Event) -> None:
        """Whatever else they do is served after their words, as ``handlers.pauses`` has it."""
        if self.at.held and not isinstance(event, Said | Read | Edited | Resumed):
            asked = f"{self.at.version}.{self.at.run}.{self.at.step}."
            self.plays(Read())
            if isinstance(event, Tapped) and event.key.startswith(asked) and not asked.endswith(f".{self.at.step}."):
                return  # the words have answered the question whose button it is
        self.plays(event)

    def plays(self, event: Event) -> None:
        newest = self.script_of(max(self.sets))
        if self.at.version not in self.sets:  # as ``handlers.turns.play`` does
            self.at, _, gone = settled(self.at, newest)
            event = Resumed(moved=True) if gone else event
        before = self.at
        self.seen.clear()
        turn = advance(self.script, before, event, now=self.now, known=self.known, newest=newest)
        assert len(turn.effects) < MOST_EFFECTS and len(self.seen) < MOST_EFFECTS, "an endless turn"
        again = advance(self.script, before, event, now=self.now, known=self.known, newest=newest)
        assert turn == again, "equal arguments, another turn"
        self.at = Conversation.load(json.loads(json.dumps(turn.conversation.dump())))
        assert self.at == turn.conversation, "what is kept is not what was decided"
        said = [one for one in turn.effects if isinstance(one, Say)]
        self.screen = said or self.screen
        for one in turn.effects:
            if isinstance(one, Say):
                self.judge(one)
                self.keys += [button.key for button in one.buttons if button.key]
            if isinstance(one, RecordConsent):
                self.consents(one)
            if isinstance(one, Remember):
                assert "personal_data" in self.known.consents, "something was written down before the consent"
                self.keeps(one)
            if isinstance(one, Forget):
                self.kept.pop(one.step, None)
            self.applications += isinstance(one, Apply)
        step = self.step
        assert step is None or step.waits or any(isinstance(one, IssueCode) for one in turn.effects), "nothing waits"
        if step and step.answer and step.answer.type in PERSONAL:
            assert "personal_data" in self.known.consents, "something personal is asked before the consent"
        if step and step.waits:
            assert bool(self.at.calls) <= (step.id in self.script.flow.home), "called by a part they are not in"
        self.passed(before)
        self.held(before, event, turn)
        for one in turn.effects:
            if isinstance(one, IssueCode):
                assert one is turn.effects[-1], "something was decided before the code was there"
                until = self.now + timedelta(days=3)
                out = self.dice.random() < 0.3
                self.does(CodesEnded(one.offer) if out else CodeIssued(one.offer, "SEA-2K7Q", until))

    def passed(self, before: Conversation) -> None:
        """Every question that they have come past has its answer, or may do without one."""
        for place in self.at.path[len(before.path) :]:
            step = self.script.flow.by_id.get(spot(place)[1])
            free = step is None or step.optional or step.consent or step.review
            assert free or (step and step.id in self.at.answers), f"passed {place} without an answer"

    def held(self, before: Conversation, event: Event, turn: Turn) -> None:
        """Words are held only while they are waited for; an edited message changes no answer by itself."""
        at = self.at
        assert bool(at.held) == bool(at.held_until), "held without an end, or nothing held until then"
        if at.held:
            assert at.step and "personal_data" in self.known.consents, "words are held that nobody waits for"
            assert at.held_until and at.held_until - self.now <= LONGEST, "held for too long"
        if isinstance(event, Read) and not before.held:
            assert not turn.effects and at.answers == before.answers, "read, and there was nothing"
        if isinstance(event, Edited) and not before.amending:
            others = before.answers.keys() - {before.step}
            assert all(at.answers.get(one) == before.answers[one] for one in others), "an edit changed an answer"

    def keeps(self, one: Remember) -> None:
        """As ``handlers.effects`` does."""
        if one.kind in ("choice", "several"):
            assert ENGLISH not in one.shown, f"managers read English: {one.shown}"
        value = json.dumps(one.value, ensure_ascii=False) if isinstance(one.value, bool | tuple) else str(one.value)
        self.kept[one.step] = Kept(one.step, one.kind, value)

    def consents(self, one: RecordConsent) -> None:
        consents = {purpose: text for purpose, text in self.known.consents.items() if purpose != one.purpose}
        self.known = self.known._replace(consents=consents | ({one.purpose: one.digest} if one.given else {}))

    def judge(self, one: Say) -> None:
        """What a channel shows and people can read."""
        can = CHANNELS[self.known.channel]
        assert one.text.strip() and units(one.text) <= can.text, f"a text of {units(one.text)}"
        ours = one.text.replace(THEIRS, "x").replace(THEIRS.title(), "x")
        assert not any(part in ours for part in ("{{", "}}", "None")), f"not filled in: {one.text}"
        assert not GAP.search(ours), f"a gap where a value is missing: {one.text}"
        assert one.text == one.text.strip() and "\n\n\n" not in one.text, f"ragged: {one.text!r}"
        labels = [button.label for button in one.buttons]
        assert all(label.strip() and units(label) <= can.label for label in labels), labels
        assert len(set(labels)) == len(labels), f"two buttons alike: {labels}"
        assert len(labels) <= can.buttons and len(rows(labels, self.known.channel)) <= can.rows, labels
        assert all(len(button.key.encode()) <= can.key_bytes and button.key.isascii() for button in one.buttons)

    # ------------------------------------------------------------ anything at all

    def lives(self, turns: int) -> None:
        self.at = Conversation("tour", max(self.sets), language=self.dice.choice(("", "ru", "en")))
        self.does(Started())
        for _ in range(turns):
            self.moment()

    def moment(self) -> None:
        self.now += timedelta(seconds=self.dice.choice((1, 30, 3600, 90_000)))
        if self.dice.random() < 0.55 and self.step is not None:
            self.answers(forward=False)
        else:
            self.wanders()

    def wanders(self) -> None:
        """What else may happen."""
        dice = self.dice
        button = dice.choice(self.keys) if self.keys else "x"
        dated = [rule.go for rule in self.script_of(max(self.sets)).flow.dates if rule.go]
        events: list[Event] = [
            self.words(dice.choice(NONSENSE)), self.words(dice.choice(NONSENSE)), self.words(dice.choice(SIDE)),
            Said(f"{SIDE[0]}?"), Read(), Read(), self.edit(dice.choice(NONSENSE)), self.edit(dice.choice(NONSENSE)),
            self.edit(dice.choice([*LIKE_RIGHT.values()])),
            Tapped(button), Tapped(button), Tapped(self.newest_key()), Tapped(self.newest_key()), Tapped("1.1.gone.0"),
            Back(), Back(), AskedPerson(), Resumed(), Silent(0), Silent(1), Silent(7), Odd("sticker"), Odd("voice"),
            SharedPhone("+79001234567", True), SharedPhone("+79007654321", False), *THINGS.values(),
            *(Led(step) for step in dated if self.applications and self.step is None),
        ]  # fmt: skip
        event = dice.choice(events)
        if dice.random() < 0.05:
            self.does(Read())
            self.begins_again()
            event = Started()
        elif dice.random() < 0.04:  # as ``handlers.languages`` does
            self.at, event = replace(self.at, language=dice.choice(("ru", "en"))), Resumed()
        if isinstance(event, Tapped) and event.key.startswith("!"):
            return  # those are the handlers'
        self.does(event)

    def begins_again(self) -> None:
        """As ``handlers.opening.restart`` does."""
        newest = self.sets[max(self.sets)]
        flow, before = newest.flows["tour"], self.at
        stay = flow.answers_stay and "personal_data" in self.known.consents
        self.at = Conversation(
            "tour", newest.version, run=before.run + 1, variants=before.variants, language=before.language,
            former=brought(flow, self.kept.values()) if stay else {},
        )  # fmt: skip

    def words(self, text: str) -> Said:
        """Where the channel numbers messages, or where not."""
        self.messages += 1
        return Said(text, ((f"m{self.messages}", text),) if self.dice.random() < 0.7 else ())

    def edit(self, text: str) -> Edited:
        """One of their last messages."""
        return Edited(f"m{max(0, self.messages - self.dice.randint(0, 4))}", text)

    def newest_key(self) -> str:
        buttons: list[Button] = [button for one in self.screen[-1:] for button in one.buttons]
        return self.dice.choice(buttons).key if buttons else "x"

    # ------------------------------------------------------------ right answers

    def answers(self, *, forward: bool) -> None:
        """One right answer. ``forward``: never a button that leads back or to a person."""
        step, before = self.step, self.at
        assert step is not None
        event = self.right(step, forward=forward)
        self.does(event)
        offered = before.former.get(step.id) if before.offers_former and not before.amending else None
        if offered is not None and isinstance(event, Tapped) and self.at.version == before.version:
            assert self.at.answers.get(step.id, offered) == offered, "they confirmed another answer than they had given"
        if self.at.held and (forward or self.dice.random() < 0.5):
            self.now += timedelta(seconds=20)
            self.does(Read())

    def right(self, step: Step, *, forward: bool) -> Event:
        prefix = f"{self.at.version}.{self.at.run}.{step.id}"
        shown = {button.label: button.key for one in self.screen[-1:] for button in one.buttons}
        if self.at.pending:
            right = next((key for label, key in shown.items() if label in (phrases.RIGHT, phrases.KEEP_FORMER)), None)
            return Tapped(right) if right and right.startswith(f"{prefix}.") else Said("да")
        if step.consent:
            return Tapped(f"{prefix}.{'yes' if forward or self.dice.random() < 0.8 else 'no'}")
        if step.review:
            return Tapped(f"{prefix}.ok")
        kind = step.answer.type if step.answer else ""
        if kind == "several" or not kind:
            return self.picks(step, prefix, forward=forward, several=kind == "several")
        if step.optional and self.dice.random() < 0.3:
            return Tapped(f"{prefix}.skip")
        if kind == "number":
            assert step.answer is not None and isinstance(step.answer.least, int)
            return Said(str(step.answer.least + self.dice.randint(0, 5)))
        if kind == "time" and step.answer and step.answer.within:
            ahead = 7 - self.now.astimezone(self.script.business.zone).weekday()
            return self.words(f"{self.now.astimezone(self.script.business.zone) + timedelta(days=ahead):%d.%m} в 10:00")
        return THINGS.get(kind) or self.words(LIKE_RIGHT[kind])

    def picks(self, step: Step, prefix: str, *, forward: bool, several: bool) -> Event:
        if several:
            if self.at.chosen:
                return Tapped(f"{prefix}.done")
            return Said(step.choices[0].label) if self.dice.random() < 0.5 else Tapped(f"{prefix}.0+")
        order: Mapping[str, int] = self.script.flow.order
        ahead = [
            place
            for place, one in enumerate(step.choices)
            if not forward or (not one.do and order.get(one.go or "", len(order)) > order[step.id])
        ]
        return Tapped(f"{prefix}.{self.dice.choice(ahead)}")

    def finishes(self) -> None:
        """There is always a way: whoever answers rightly comes to the end."""
        begun = self.step is not None
        self.does(Read())
        most = 4 * len(self.script_of(max(self.sets)).flow.every_step) + 20
        for _ in range(most):
            if self.step is None:
                assert self.at.applied or not begun, "right answers, and no application"
                return
            self.now += timedelta(seconds=30)
            tries = self.at.tries
            self.answers(forward=True)
            assert self.at.tries <= tries, f"a right answer refused at {self.at.step}: {self.screen}"
        raise AssertionError(f"{most} right answers and no end: at {self.at.step}")


def versions(dice: Random) -> dict[int, FlowSet]:
    """A made-up flow, and mostly what its author has made of it since; {} if the check refuses it."""
    draft, channels = flow_of(dice)
    english = dice if dice.random() < 0.4 else None
    first = sound(draft, channels, 1, english)[0]
    if first is None:
        return {}
    second = sound(edited(draft, dice), channels, 2, english)[0] if dice.random() < 0.5 else None
    return {1: first, 2: second} if second else {1: first}


def somebody(dice: Random, published: FlowSet) -> Known:
    return Known(
        dice.choice(sorted(published.business.published)),
        profile_name=dice.choice(("", "Анна", "Аня 🌸")),
        left={"tour.sea": dice.choice((0, 1, 10))},
        open_now=dice.random() < 0.7,
        opens_at=NOW + timedelta(hours=20),
        source=dice.choice(("direct", "ads")),
        returning=dice.random() < 0.2,
        number=dice.randint(1, 1000),
    )


def lived(dice: Random, *, people: int, turns: int) -> bool:
    """So many people live through one made-up flow, which may be edited while they are in it. False: it is unsound."""
    sets = versions(dice)
    if not sets:
        return False
    for _ in range(people):
        life = Life(dice, {1: sets[1]}, somebody(dice, sets[1]))
        life.lives(turns // 2)
        life.sets.update(sets)
        if dice.random() < 0.2:
            life.forgets(1)
        for _ in range(turns // 2):
            life.moment()
        life.finishes()
    return True
