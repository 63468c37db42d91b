"""Whole flows, made up: every kind of answer, branches, loops, parts, side questions, a review, variants, rules.

Everything comes from the dice it is given, hypothesis's own or the long form's: the same dice write the same flow.
"""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from typing import Any

from dialogs.flow import TYPED, Flow
from dialogs.flow_set import FlowSet
from dialogs.reading import load
from dialogs.translation import spoken
from tests.flow_folder import BUSINESS, DATA, NEWS

Draft = dict[str, Any]

CHOICES = {
    "sea": "К морю", "hills": "В горы", "city": "В столицу", "lake": "На озеро", "wood": "Лесной домик",
    "north": "Поедем на север", "sauna": "Баня и отдых", "museum": "Музеи", "ski": "Лыжи", "farm": "Ферма",
}  # fmt: skip
PLAIN = ("number", "yes_no", "several", "date", "time", "call_time", "rating", "choice")
PERSONAL = ("text", "phone", "email", "name", "city", "photo", "file", "location")
THINGS = ("photo", "file", "location")
FACTS = (
    "open_now", "not open_now", "hour >= 12", 'channel == "telegram"', "returning", 'source == "ads"',
    'weekday in ("sat", "sun")', "not returning", "advertising",
)  # fmt: skip
FILTERS = {"date": " | day", "time": " | time", "number": " | money", "phone": " | phone", "name": " | capital"}
PROSE = frozenset({"say", "ask", "text", "hint", "conditions", "price"})
ENGLISH = "En: "
SIDE = ("сколько стоит доставка", "есть ли парковка", "где ваш офис")


@dataclass
class Writer:
    """Writes one flow. ``asked``: the questions so far on the way, each with what it is asked for."""

    dice: Random
    channels: tuple[str, ...] = ("telegram",)
    asked: list[tuple[str, Draft]] = field(default_factory=list)
    made: int = 0

    # ------------------------------------------------------------ the pieces

    def often(self, share: float) -> bool:
        return self.dice.random() < share

    def fresh(self, word: str) -> str:
        self.made += 1
        return f"{word}{self.made}"

    def condition(self) -> str:
        """About something answered before, or about the moment."""
        dice = self.dice
        for name, spec in dice.sample(self.asked, min(2, len(self.asked))):
            match spec["kind"]:
                case "number":
                    return f"{name} >= {spec['from'] + 2}"
                case "rating":
                    return f"{name} >= 4"
                case "yes_no":
                    return dice.choice((name, f"not {name}"))
                case "several":
                    return f'"{dice.choice(spec["values"])}" in {name}'
                case "choice":
                    return f'{name} == "{dice.choice(spec["values"])}"'
        return dice.choice(FACTS)

    def both(self) -> str:
        """Sometimes of two parts."""
        one = self.condition()
        return f"{one} and {self.dice.choice(FACTS[:3])}" if self.often(0.2) and one not in FACTS else one

    def words(self, text: str) -> str:
        """With a value in it now and then."""
        if self.asked and self.often(0.4):
            name, spec = self.dice.choice(self.asked)
            return f"{text} Вы сказали: {{{{ {name}{FILTERS.get(spec['kind'], '') if self.often(0.5) else ''} }}}}."
        if self.often(0.1):
            return f"{text} Осталось {{{{ steps_left | count('вопрос', 'вопроса', 'вопросов') }}}}."
        return text

    def text(self, text: str, *, always: bool = True) -> str | list[Draft]:
        """Words, or several of which the first that holds is said."""
        if self.often(0.75):
            return self.words(text)
        condition = 'greeting == "warm"' if self.often(0.4) else self.both()
        chosen: list[Draft] = [{"if": condition, "text": self.words(text)}]
        return [*chosen, {"text": f"{text} Пожалуйста."}] if always or self.often(0.5) else chosen

    def buttons(self, number: int) -> list[Draft]:
        found = []
        for value in self.dice.sample(sorted(CHOICES), number):
            one: Draft = {"label": CHOICES[value], "value": value}
            if self.often(0.2):
                one |= {"score": self.dice.choice((5, 10, -5)), "reason": f"выбрал {value}"}
            found.append(one)
        return found

    def question(self, kind: str, *, optional: bool | None = None) -> Draft:
        dice, name = self.dice, self.fresh("q")
        spec: Draft = {"kind": kind}
        optional = self.often(0.25) if optional is None else optional
        step: Draft = {"id": name, "ask": self.text(f"Вопрос {self.made}: {kind}?"), "purpose": f"подобрать тур {name}"}
        if kind in ("choice", "several"):
            step["choices"] = self.buttons(dice.choice((2, 3, 4) if "vk" in self.channels else (2, 3, 6)))
            spec["values"] = [one["value"] for one in step["choices"]]
        if kind == "several":
            step["answer"] = {"type": kind, "to": 2} if self.often(0.5) else kind
        elif kind == "number":
            spec["from"] = dice.choice((0, 1, 10))
            step["answer"] = {"type": kind, "from": spec["from"], "to": spec["from"] + dice.choice((5, 90))}
            step["answer"] |= {"unit": "дней"} if self.often(0.3) else {}
        elif kind == "date" and self.often(0.5):
            step["answer"] = {"type": kind, "from": "today", "to": "1 year"}
        elif kind == "time" and self.often(0.5):
            step["answer"] = {"type": kind, "to": "2 weeks"} | ({"within": "working_hours"} if self.often(0.5) else {})
        elif kind != "choice":
            step["answer"] = kind
        if kind in THINGS and "web" in self.channels:
            optional = True
        step |= {"optional": True} if optional else {}
        step |= {"card": f"Ответ {self.made}"} if self.often(0.6) or kind == "choice" else {}
        step |= {"hint": f"Подскажем к вопросу {self.made}: {kind}."} if self.often(0.2) else {}
        step |= {"pause": dice.choice((0, "1 second", "20 seconds"))} if kind in TYPED and self.often(0.25) else {}
        if self.often(0.1):
            step["silence"] = [] if self.often(0.5) else [{"after": "5 min", "say": "Ждём вас на этом вопросе."}]
        if kind == "number" and self.often(0.4):
            step["score"] = [{"if": f"{name} >= {spec['from'] + 2}", "add": 20, "reason": "много"}]
        self.asked.append((name, spec))
        return step

    def contact(self) -> list[Draft]:
        """No application without them."""
        how = self.dice.choice(("phone", "email"))
        return [self.question("name", optional=False), self.question(how, optional=False)]

    def item(self, calls: list[str]) -> list[Draft]:
        """What may stand anywhere on the way."""
        way = self.dice.random()
        if way < 0.15:
            return [{"id": self.fresh("say"), "say": self.text(f"Говорим слова {self.made}.", always=False)}]
        if way < 0.25 and calls:
            return [{"id": self.fresh("call"), "part": self.dice.choice(calls)}]
        if way < 0.33 and self.asked and any(name.startswith("q") for name, _ in self.asked):
            return [self.loop()]
        return [self.question(self.dice.choice(PLAIN if self.often(0.6) else PERSONAL))]

    def loop(self) -> Draft:
        """Back to a question, if people want; filled in by ``placed``."""
        name = self.fresh("more")
        choices = [
            {"label": "Ещё разок", "value": "again", "go": "?"},
            {"label": "Хватит, дальше", "value": "enough"},
        ]
        return {"id": name, "ask": f"Повторить? Номер {self.made}", "purpose": "всё учесть", "choices": choices}

    # ------------------------------------------------------------ the whole

    def list_of(self, number: int, calls: list[str]) -> list[Draft]:
        return [step for _ in range(number) for step in self.item(calls)]

    def linked(self, steps: list[Draft], last: str) -> None:
        """Loops lead back to a question of this list; some steps jump ahead."""
        for place, step in enumerate(steps):
            ids = [one["id"] for one in steps[place + 2 :]] + [last]
            plain = "go" not in step and "application" not in step and "consent" not in step
            for choice in step.get("choices", ()):
                if choice.get("go") == "?":
                    back = [one["id"] for one in steps[:place] if "ask" in one]
                    choice["go"] = self.dice.choice(back) if back else ids[0]
                elif self.often(0.08) and "answer" not in step:
                    choice["go"] = self.dice.choice(ids)
            if plain and "ask" in step and self.often(0.2):
                seen, self.asked = self.asked, [one for one in self.asked if one[0] == step["id"]]
                step["go"] = [{"if": self.both(), "go": self.dice.choice(ids)}]
                if self.often(0.5):
                    step["go"].append({"go": steps[place + 1]["id"] if place + 1 < len(steps) else last})
                self.asked = seen

    def flow(self) -> Draft:
        dice = self.dice
        offer = dice.choice(("sea", "talk", None))
        hello = self.text("Здравствуйте! Подберём тур. Ваши данные: {{ policy }}")
        first: Draft = {"id": "hello", "say": hello}
        early = [self.question("choice", optional=False)] if self.often(0.4) else []
        parts: Draft = {}
        before = list(self.asked)
        for name in dice.sample(("address", "reach"), dice.choice((0, 0, 1, 2))):
            self.asked = list(before)
            steps = self.list_of(dice.randint(1, 3), list(parts))
            if not any("ask" in one for one in steps):
                steps.append(self.question("rating"))
            self.linked(steps, "return")
            parts[name] = steps
        self.asked = before
        first_of_all = self.often(0.5)
        contact = self.contact() if first_of_all else []
        body = self.list_of(dice.randint(1, 6), list(parts))
        for name in parts:
            if f'"part": "{name}"' not in json.dumps([body, parts]):
                body.insert(dice.randint(0, len(body)), {"id": self.fresh("call"), "part": name})
        contact = contact or self.contact()
        self.linked(body, "done" if first_of_all else contact[0]["id"])
        body = [*contact, *body] if first_of_all else [*body, *contact]
        if self.often(0.5):
            body.append({"id": "check", "review": True} | ({"say": "Проверим вместе:"} if self.often(0.3) else {}))
        done = {"id": "done", "application": offer or True, "say": self.words("Спасибо, заявка у нас. {{ promise }}")}
        if offer == "sea":
            done["say"] = "Спасибо! Код {{ code }} до {{ code.until | day }}, осталось {{ offers.sea.left }}."
        after = [self.question("choice", optional=False)] if self.often(0.3) else []
        news = [{"id": "news", "consent": "advertising"}] if self.often(0.5) else []
        flow: Draft = {
            "flow": "tour",
            "title": "Туры",
            "words": ["тур"],
            "consent": {"personal_data": "consents/data.md", "advertising": "consents/news.md"},
            "steps": [
                first, *early, {"id": "agree", "consent": "personal_data", "refused": "bye"}, *body, done, *news,
                *after, {"id": "thanks", "say": "До связи!", "go": "end"}, {"id": "bye", "say": "Хорошего вам дня!"},
            ],
        }  # fmt: skip
        flow |= {"parts": parts} if parts else {}
        flow |= self.rules(flow, offer)
        if "greeting ==" in json.dumps(flow):
            flow["variants"] = {"greeting": {"short": 50, "warm": dice.choice((1, 50))}}
        return flow

    def rules(self, flow: Draft, offer: str | None) -> Draft:
        """What stands beside the steps."""
        found: Draft = {"answers_stay": "30 days"} if self.often(0.5) else {}
        if offer == "sea":
            found["offers"] = {"sea": {"title": "Скидка 5 % на море", "valid": "3 days", "conditions": "На все туры."}}
            found["offers"]["sea"] |= {"stock": 10} if self.often(0.7) else {"own_codes": True}
        elif offer == "talk":
            price = {"price": "1 500 ₽", "conditions": "Полчаса."}
            found["offers"] = {"talk": {"title": "Совет", "kind": "consultation", **price}}
        if self.often(0.6):
            some = SIDE[: self.dice.randint(1, 3)]
            found["questions"] = [{"words": [one], "answer": self.text("Отвечаем.", always=False)} for one in some]
        if self.often(0.6):
            found["silence"] = [{"after": "20 min", "say": self.text("Продолжим?")}, {"after": "1 day", "mark": "cold"}]
        self.asked = [one for one in self.asked if one[0] in json.dumps(flow["steps"])]
        if self.often(0.3):
            found["worth"] = [{"add": 4000}, {"if": self.condition(), "add": 500}]
        if self.often(0.3):
            found["tags"] = [{"if": self.condition(), "tag": "Важный"}]
        if self.often(0.15):
            found["hand_over"] = [{"if": self.condition()}]
        dated = [name for name, spec in self.asked if spec["kind"] in ("date", "time")]
        if dated and self.often(0.7):
            one: Draft = {"of": dated[0], "before": "1 day", "say": "Завтра ваш день."}
            found["dates"] = [one | ({"go": self.dice.choice(("done", "thanks"))} if self.often(0.6) else {})]
        return found


def flow_of(dice: Random) -> tuple[Draft, tuple[str, ...]]:
    """A flow, and the channels it is for."""
    channels = ("telegram", *(one for one in ("vk", "web") if dice.random() < 0.4))
    return Writer(dice, channels).flow(), channels


# ---------------------------------------------------------------- edits


def edited(flow: Draft, dice: Random) -> Draft:
    """What an author may make of it: some steps renamed, left out, put in, reworded. May be unsound."""
    flow = deepcopy(flow)
    lists = [flow["steps"], *flow.get("parts", {}).values()]
    for _ in range(dice.randint(1, 3)):
        steps = dice.choice(lists)
        place = dice.randint(0, len(steps) - 1)
        step, way = steps[place], dice.randint(0, 5)
        said = "ask" if "ask" in step else "say"
        if way == 0 and step["id"].startswith(("q", "call", "more", "say")):
            flow = json.loads(json.dumps(flow).replace(f'"{step["id"]}"', f'"{step["id"]}x"'))
            for one in [*flow["steps"], *(one for part in flow.get("parts", {}).values() for one in part)]:
                if one["id"] == f"{step['id']}x":
                    one["renamed_from"] = [*one.get("renamed_from", []), step["id"]]
            lists = [flow["steps"], *flow.get("parts", {}).values()]
        elif way == 1 and step["id"] != "done" and json.dumps(flow).count(step["id"]) == 1 and len(steps) > 2:
            steps.remove(step)
        elif way == 2 and step["id"] not in ("hello", "agree", "thanks", "bye", "news"):
            name = f"new{dice.randint(0, 10**6)}"
            fresh = {"id": name, "ask": f"Новый вопрос {name}?", "answer": "rating", "purpose": "стать лучше"}
            steps.insert(place + (steps is not flow["steps"]), fresh)
        elif way == 4 and len(step.get("choices", ())) > 2:
            step["choices"].pop()
        elif way == 5 and step.get("choices"):
            one = step["choices"][0]
            one["renamed_from"], one["value"] = [*one.get("renamed_from", []), one["value"]], f"{one['value']}_x"
        elif isinstance(step.get(said), str):
            step[said] += " Иначе."
    return flow


# ---------------------------------------------------------------- as a file


def written(value: Any, indent: int = 0, key: str = "") -> str:
    """YAML as authors write it: prose in blocks, one key a line."""
    pad = "  " * indent
    if isinstance(value, dict) and value and key != "answer":
        return "\n" + "".join(f"{pad}{name}:{written(one, indent + 1, name)}" for name, one in value.items())
    if isinstance(value, list) and value and isinstance(value[0], dict):
        rows = (written(one, indent + 1).removeprefix("\n").removeprefix("  " * (indent + 1)) for one in value)
        return "\n" + "".join(f"{pad}- {row}" for row in rows)
    prose = key in PROSE or (key == "answer" and isinstance(value, str) and " " in value + value[-1:].replace(".", " "))
    if prose and isinstance(value, str):
        return f" |\n{pad}{value}\n"
    return f" {json.dumps(value, ensure_ascii=False)}\n"


def folder_of(flow: Draft, channels: tuple[str, ...]) -> dict[str, str]:
    published = "".join(f"  {one}: [tour]\n" for one in channels)
    business = BUSINESS.replace("  telegram: [tour]\n  vk: [tour]\n", published)
    return {
        "tour.yaml": written(flow).lstrip("\n"),
        "business.yaml": business,
        "consents/data.md": DATA,
        "consents/news.md": NEWS,
    }


def sound(
    flow: Draft, channels: tuple[str, ...], version: int, english: Random | None = None
) -> tuple[FlowSet | None, tuple[str, ...]]:
    """The set, if the real check takes it; else what it says. ``english``: translated too, these dice say how much."""
    files = folder_of(flow, channels)
    loaded = load(files, version=version)
    if loaded.flow_set and english:
        files["tour.en.yaml"] = translation_of(loaded.flow_set.flows["tour"], english)
        loaded = load(files, version=version)
    return loaded.flow_set, tuple(f"{one.name}: {one.message}" for one in loaded.errors)


def translation_of(flow: Flow, dice: Random) -> str:
    """The file beside the flow: all of its texts, or some of them; each says that it is English."""
    share, tree = dice.choice((1.0, 1.0, 0.5)), dict[str | int, Any]()
    kept = {group: dice.random() < share for group in dict.fromkeys(place[:2] for place in spoken(flow))}
    for place, text in spoken(flow).items():
        if place[0] in ("steps", "offers", "questions") and not kept[place[:2]]:
            continue
        here = tree
        for part in place[:-1]:
            here = here.setdefault(part, {})
        here[place[-1]] = f"{ENGLISH}{text.strip()}"
    return written({"translation": "tour", "language": "en"} | _lists(tree)).lstrip("\n")


def _lists(tree: Any) -> Any:
    """What is numbered, as lists."""
    if not isinstance(tree, dict):
        return tree
    below = {name: _lists(one) for name, one in tree.items()}
    return list(below.values()) if 0 in below else below
