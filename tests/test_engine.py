"""The engine's rules, on a small flow: what is said, what counts, and what never happens."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs import phrases
from dialogs.business import Business
from dialogs.conversation import Conversation, Known, Offered, Pending
from dialogs.effects import Apply, CallPerson, IssueCode, MarkCold, PassOn, RecordConsent, Remember, Say, Turn
from dialogs.engine import advance
from dialogs.events import (
    AskedPerson,
    Back,
    CodeIssued,
    CodesEnded,
    Event,
    Odd,
    Resumed,
    Said,
    SharedPhone,
    Silent,
    Started,
    Tapped,
)
from dialogs.flow import Flow
from dialogs.flow_set import ConsentText, FlowSet, Script

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)

BUSINESS = Business.model_validate(
    {
        "company": "Меридиан",
        "operator": {"name": "ООО «Меридиан»", "address": "Тверь", "withdraw": "напишите «отзываю согласие»"},
        "policy": "https://meridian.example/privacy",
        "working_hours": {"mon": "09:00-19:00"},
        "published": {"telegram": ["tour"]},
        "start": "tour",
        "safe_step": {"flow": "tour", "step": "hello"},
        "reasons": {"lost": ["Дорого"], "junk": ["Спам"]},
    }
)

STEPS = [
    {
        "id": "hello",
        "say": "Здравствуйте!",
        "choices": [{"label": "Подобрать тур"}, {"label": "Спросить", "do": "call_person"}],
    },
    {"id": "agree", "consent": "personal_data", "refused": "without"},
    {"id": "name", "ask": "Как вас зовут?", "answer": "name"},
    {
        "id": "people",
        "ask": "Сколько вас, {{ name }}?",
        "answer": {"type": "number", "from": 1, "to": 9},
        "card": "Человек",
        "example": "2",
        "go": [{"if": "people >= 5", "go": "group"}, {"go": "phone"}],
    },
    {"id": "group", "say": "Для компании найдём скидку."},
    {"id": "phone", "ask": "Ваш телефон?", "answer": "phone"},
    {"id": "email", "ask": "Ваша почта?", "answer": "email", "optional": True},
    {"id": "done", "application": "gift", "say": "Ваш код {{ code }}."},
    {"id": "news", "consent": "advertising"},
    {"id": "bye", "say": "До связи!", "go": "end"},
    {
        "id": "without",
        "say": "Приходите в офис.",
        "choices": [{"label": "Передумал", "go": "agree"}, {"label": "Пока", "go": "end"}],
    },
]  # fmt: skip

TOUR = {
    "flow": "tour",
    "title": "Тур",
    "consent": {"personal_data": "pd.md", "advertising": "ad.md"},
    "offers": {"gift": {"title": "Чемодан", "stock": 5, "valid": "3 days"}},
    "steps": STEPS,
    "silence": [{"after": "20 min", "say": "Осталось вопросов: {{ steps_left }}."}, {"after": "1 day", "mark": "cold"}],
}


def script(version: int = 1, *, steps: list[dict[str, object]] | None = None, wording: str = "v1") -> Script:
    texts = {path: ConsentText(path, f"Согласие {path} {wording}", f"{path}:{wording}") for path in ("pd.md", "ad.md")}
    flow = Flow.model_validate(TOUR | {"steps": steps or STEPS})
    return FlowSet(version, {"tour": flow}, BUSINESS, texts).script("tour")


class Anna:
    """One prospect of the engine alone: plays what the database would."""

    def __init__(self, *, newest: Script | None = None, codes: int = 1) -> None:
        self.script, self.newest = script(), newest
        self.at = Conversation("tour", 1)
        self.known = Known("telegram", {}, "Анна")
        self.codes, self.now, self.told = codes, NOW, list[object]()

    def does(self, event: Event) -> list[str]:
        """The texts the bot says to it."""
        turn = self._advance(event)
        self.told += turn.effects
        for effect in turn.effects:
            if isinstance(effect, RecordConsent) and effect.given:
                self.known = self.known._replace(consents={**self.known.consents, effect.purpose: effect.digest})
            if isinstance(effect, IssueCode):
                self.codes -= 1
                code = CodeIssued(effect.offer, "GIFT-7K2M", None) if self.codes >= 0 else CodesEnded(effect.offer)
                return [*_texts(turn), *self.does(code)]
        return _texts(turn)

    def _advance(self, event: Event) -> Turn:
        first = advance(self.script, self.at, event, now=self.now, known=self.known, newest=self.newest)
        again = advance(self.script, self.at, event, now=self.now, known=self.known, newest=self.newest)
        assert first == again, "equal arguments, equal turns"
        self.at = Conversation.load(json.loads(json.dumps(first.conversation.dump())))
        assert self.at == first.conversation, "the state survives storage"
        if self.newest and self.at.version == self.newest.version:
            self.script = self.newest
        return first

    def walks(self, *words: str) -> list[str]:
        said: list[str] = []
        for word in words:
            said = self.does(Started() if word == "/start" else Said(word))
        return said

    def buttons(self) -> list[str]:
        return [button.label for button in [one for one in self.told if isinstance(one, Say)][-1].buttons]

    def key(self, label: str) -> str:
        says = [one for one in self.told if isinstance(one, Say)]
        return next(button.key for say in reversed(says) for button in say.buttons if button.label == label)


def _texts(turn: Turn) -> list[str]:
    return [effect.text for effect in turn.effects if isinstance(effect, Say)]


def test_anna_walks_to_her_code():
    anna = Anna()
    anna.walks("/start", "подобрать тур", "согласна", "меня зовут анна", "двое", "8 900 123-45-67")
    assert anna.at.pending and anna.at.pending.value == "+79001234567", "a phone counts when it is confirmed"
    anna.does(Tapped(anna.key(phrases.RIGHT)))
    said = anna.walks("пропустить")
    assert said[0] == "Ваш код GIFT-7K2M." and said[1].startswith("Согласие ad.md")
    assert anna.walks("нет") == ["До связи!"]
    assert anna.at.step is None and anna.at.applied
    kept = {one.step: one.value for one in anna.told if isinstance(one, Remember)}
    assert kept == {"name": "Анна", "people": 2, "phone": "+79001234567"}


def test_a_large_company_takes_its_branch():
    anna = Anna()
    said = anna.walks("/start", "подобрать тур", "согласна", "Анна", "7")
    assert said == ["Для компании найдём скидку.", "Ваш телефон?"]


def test_P3_a_refusal_hints_then_makes_it_easier_then_offers_a_person():
    anna = Anna()
    anna.walks("/start", "подобрать тур", "да", "Анна")
    first = anna.walks("много")
    assert "Сколько вас" in first[0] and phrases.CALL_PERSON not in anna.buttons()
    second = anna.walks("очень")
    assert "Например: 2" in second[0] and phrases.CALL_PERSON in anna.buttons()
    third = anna.walks("не скажу")
    assert phrases.OFFER_PERSON in third[0]
    anna.does(Tapped(anna.key(phrases.CALL_PERSON)))
    assert CallPerson("stuck") in anna.told
    assert anna.walks("3") == ["Ваш телефон?"], "never a dead end"


def test_P3_a_question_without_an_answer_of_ours_is_no_wrong_answer():
    anna = Anna()
    anna.walks("/start", "подобрать тур", "да", "Анна")
    said = anna.walks("вы работаете в субботу?")
    assert said == [f"{phrases.FOR_A_PERSON}\n\nСколько вас, Анна?"] and phrases.CALL_PERSON in anna.buttons()
    assert phrases.FOR_A_PERSON not in Anna().walks("/start", "что?")[0]


def test_P3_an_example_that_stands_in_the_question_is_not_told_beside_it():
    anna = Anna()
    asking = {"ask": "Сколько вас? Например, 2."}
    anna.script = script(steps=[step | asking if "example" in step else step for step in STEPS])
    anna.walks("/start", "подобрать тур", "да", "Анна", "много")
    assert anna.walks("очень")[0].count("Например") == 1


@pytest.mark.parametrize("word", ["Здравствуйте!", "добрый день", "Привет, спасибо", "Hello"])
def test_P3_a_greeting_is_returned_and_is_no_wrong_answer(word):
    anna = Anna()
    assert anna.walks("/start", word) == ["Здравствуйте!"], "the question greets by itself"
    anna.walks("подобрать тур", "да")
    assert anna.walks(word) == ["Здравствуйте!\n\nКак вас зовут?"]
    assert anna.at.tries == 0 and phrases.CALL_PERSON not in anna.buttons()


@pytest.mark.parametrize("word", ["👍", "+", "угу", "точно", "да, конечно"])
def test_a_thumb_or_a_short_word_confirms(word):
    anna = Anna()
    anna.walks("/start", "подобрать тур", "да", "Анна", "2", "8 900 123-45-67")
    assert anna.walks(word) == ["Ваша почта?"]


@pytest.mark.parametrize("word", ["точно?", "хорошо?", "да?"])
def test_a_question_confirms_nothing(word):
    anna = Anna()
    anna.walks("/start", "подобрать тур", "Согласна?", "да?")
    assert not any(isinstance(one, RecordConsent) for one in anna.told)
    anna.walks("да", "Анна", "2", "8 900 123-45-67")
    assert anna.walks(word) != ["Ваша почта?"] and anna.at.step == "phone"


def test_a_thumb_under_a_consent_is_no_consent():
    anna = Anna()
    anna.walks("/start", "подобрать тур")
    for word in ("👍", "ага", "хорошо"):
        anna.walks(word)
    assert not any(isinstance(one, RecordConsent) for one in anna.told)


@pytest.mark.parametrize("word", ["неа", "не хочу", "нет, конечно", "отказываюсь"])
def test_a_consent_is_refused_in_any_words(word):
    anna = Anna()
    assert anna.walks("/start", "подобрать тур", word) == ["Приходите в офис."]


@pytest.mark.parametrize("word", ["Спасибо!", "большое спасибо", "thanks"])
def test_P3_thanks_are_returned_and_what_waits_to_be_confirmed_still_waits(word):
    anna = Anna()
    assert anna.walks("/start", "подобрать тур", "да", word) == ["Пожалуйста!\n\nКак вас зовут?"]
    anna.walks("Анна", "2", "8 900 123-45-67")
    assert anna.walks(word) == ["Пожалуйста!", phrases.CHECK_PHONE.format(shown="+7 900 123-45-67")]
    assert anna.walks("да") == ["Ваша почта?"]


def test_P7_the_second_tap_of_a_double_tap_has_no_effect_and_no_words():
    anna = Anna()
    anna.walks("/start")
    key = anna.key("Подобрать тур")
    assert anna.does(Tapped(key))
    assert anna.does(Tapped(key)) == []
    anna.now += timedelta(seconds=30)
    assert anna.does(Tapped(key))[0] == phrases.STALE


FORGED = ("1.1.hello.9", "1.1.hello.-1", "1.1.hello.ok", "1.1.hello.²", "x" * 64, "…", "")


@pytest.mark.parametrize("key", ["1.1.name.0", "0.1.hello.0", "1.2.hello.0", *FORGED])
def test_P9_P12_a_stale_or_forged_button_has_no_effect_and_the_question_comes_again(key):
    anna = Anna()
    anna.walks("/start")
    before = anna.at
    said = anna.does(Tapped(key))
    assert anna.at == before and said == [f"{phrases.STALE}\n\nЗдравствуйте!"]


def test_P1_P2_a_foreign_contact_card_is_asked_about_and_never_verified():
    anna = Anna()
    anna.walks("/start", "подобрать тур", "да", "Анна", "2")
    assert anna.does(SharedPhone("89001234567", own=False)) == [phrases.WHOSE_PHONE.format(shown="+7 900 123-45-67")]
    anna.does(Tapped(anna.key(phrases.RIGHT)))
    phone = next(one for one in anna.told if isinstance(one, Remember) and one.kind == "phone")
    assert phone.verified is None


def test_P6_an_unusual_address_is_asked_about_once_and_may_be_insisted_on():
    anna = Anna()
    anna.walks("/start", "подобрать тур", "да", "Анна", "2", "89001234567", "да")
    assert "anna@gmail.com" in anna.walks("anna@gmial.com")[0]
    anna.walks("anna@gmial.com")
    assert anna.at.answers["email"] == "anna@gmial.com"


def test_P3_an_extension_reaches_the_manager():
    anna = Anna()
    anna.walks("/start", "подобрать тур", "да", "Анна", "2", "8 495 123-45-67 доб. 12", "да")
    phone = next(one for one in anna.told if isinstance(one, Remember) and one.kind == "phone")
    assert "12" in phone.shown.removeprefix("+7 495 123-45-67") and phone.value == "+74951234567"


def test_the_own_contact_is_attested_at_once():
    anna = Anna()
    anna.walks("/start", "подобрать тур", "да", "Анна", "2")
    assert anna.does(SharedPhone("+79001234567", own=True)) == ["Ваша почта?"]
    phone = next(one for one in anna.told if isinstance(one, Remember) and one.kind == "phone")
    assert (phone.value, phone.verified) == ("+79001234567", "own_contact")


def test_P43_refused_consent_stores_nothing_and_leaves_a_way_on():
    anna = Anna()
    assert anna.walks("/start", "подобрать тур", "не согласна") == ["Приходите в офис."]
    assert not [one for one in anna.told if isinstance(one, Remember)]
    assert anna.walks("передумал")[0].startswith("Согласие pd.md")


def test_P44_personal_data_typed_before_consent_are_not_kept():
    anna = Anna()
    said = anna.walks("/start", "подобрать тур", "Анна, 8 900 123-45-67, перезвоните")
    assert said[0] == phrases.CONSENT_FIRST and said[1].startswith("Согласие pd.md")
    assert "900" not in json.dumps(anna.at.dump()) and not [one for one in anna.told if isinstance(one, Remember)]


def test_L5_no_personal_question_is_asked_before_consent_whatever_the_file_says():
    bare = [STEPS[2], STEPS[5], STEPS[1], {"id": "end_of_it", "say": "Всё."}]
    said = advance(script(steps=bare), Conversation("tour", 1), Started(), now=NOW, known=Known()).effects
    assert isinstance(said[0], Say) and said[0].consent == "personal_data"


def test_P45_a_wording_changed_while_it_was_read_is_recorded_as_shown_and_asked_anew():
    anna = Anna()
    anna.walks("/start", "подобрать тур")
    anna.newest = script(version=2, wording="v2")
    said = anna.walks("согласна")
    assert RecordConsent("personal_data", True, "pd.md:v1") in anna.told
    assert said == [phrases.CONSENT_CHANGED, "Согласие pd.md v2"]
    assert anna.walks("согласна") == ["Как вас зовут?"]
    assert RecordConsent("personal_data", True, "pd.md:v2") in anna.told


def test_A3_a_conversation_moves_to_the_newest_version_at_the_next_step_both_know():
    without_name = [one for one in STEPS if one["id"] not in ("people", "group")]
    changed = [{**one, "ask": "Номер?"} if one["id"] == "phone" else one for one in without_name]
    anna = Anna()
    anna.walks("/start", "подобрать тур", "да", "Анна")
    anna.newest = script(version=2, steps=changed)
    assert anna.walks("2") == ["Номер?"] and anna.at.version == 2
    assert anna.at.answers == {"hello": "Подобрать тур", "name": "Анна", "people": 2}, "nothing is asked anew"


def test_back_opens_the_former_answer_again():
    anna = Anna()
    anna.walks("/start", "подобрать тур", "да", "Анна", "3")
    assert anna.does(Back()) == ["Сколько вас, Анна?"]
    assert anna.does(Back()) == ["Как вас зовут?"]
    assert "name" not in anna.at.answers


def test_P39_when_the_codes_are_gone_the_application_stands_and_no_code_is_named():
    anna = Anna(codes=0)
    said = anna.walks("/start", "подобрать тур", "да", "Анна", "2", "89001234567", "да", "пропустить")
    assert "закончились" in said[0] and "GIFT" not in "".join(said)
    assert Apply("gift") in anna.told and anna.at.applied


def test_P41_nothing_left_is_never_counted_out_loud():
    hello = {**STEPS[0], "say": "Здравствуйте!\n\nДарим чемодан, осталось {{ offers.gift.left }}."}
    for left, text in ((3, "Здравствуйте!\n\nДарим чемодан, осталось 3."), (0, "Здравствуйте!")):
        known = Known(left={"tour.gift": left})
        turn = advance(script(steps=[hello, *STEPS[1:]]), Conversation("tour", 1), Started(), now=NOW, known=known)
        assert _texts(turn) == [text]


@pytest.mark.parametrize(("until", "over"), [("2026-11-22", True), ("2026-11-23", False)])
def test_A24_an_offer_whose_last_day_is_over_is_promised_no_more(until: str, over: bool):
    """However many codes are left. Its last day is the business's own."""
    hello = {
        **STEPS[0],
        "say": "Здравствуйте!\n\nДо {{ offers.gift.until | day }}!\n\nОсталось {{ offers.gift.left }}.",
    }
    gift = {**TOUR["offers"]["gift"], "until": until}
    flow = Flow.model_validate(TOUR | {"steps": [hello, *STEPS[1:]], "offers": {"gift": gift}})
    texts = {path: ConsentText(path, "Согласие", path) for path in ("pd.md", "ad.md")}
    the_script = FlowSet(1, {"tour": flow}, BUSINESS, texts).script("tour")
    known = Known(left={"tour.gift": 50})
    turn = advance(the_script, Conversation("tour", 1), Started(), now=NOW, known=known)
    shown = "Здравствуйте!" if over else "Здравствуйте!\n\nДо 23 ноября!\n\nОсталось 50."
    assert _texts(turn) == [shown]
    applied = Conversation("tour", 1, step="phone", applied=True)
    [said, *_] = _texts(advance(the_script, applied, CodesEnded("gift"), now=NOW, known=known))
    assert ("Предложение, к сожалению, закончилось 22 ноября" in said) == over


@pytest.mark.parametrize("what", ["sticker", "voice", "photo", "location", "something_new"])
def test_P24_something_odd_gets_a_helpful_line_and_the_present_question(what):
    anna = Anna()
    anna.walks("/start", "подобрать тур", "да")
    said = anna.does(Odd(what))
    assert said == [f"{phrases.ODD.get(what, phrases.ODD_OTHER)}\n\nКак вас зовут?"]


def test_after_the_application_words_go_to_the_manager():
    anna = Anna()
    anna.walks("/start", "подобрать тур", "да", "Анна", "2", "89001234567", "да", "пропустить", "да")
    anna.walks("а можно с собакой?")
    assert PassOn("а можно с собакой?") in anna.told


def test_silence_counts_the_questions_left_and_ends_cold():
    anna = Anna()
    anna.walks("/start", "подобрать тур", "да", "Анна")
    assert anna.does(Silent(0)) == ["Осталось вопросов: 3."]
    anna.does(Silent(1))
    assert MarkCold() in anna.told
    assert anna.does(Resumed()) == ["Сколько вас, Анна?"]


WORDS = st.sampled_from(
    ["да", "нет", "согласен", "не согласен", "Анна", "2", "7", "8 900 123-45-67", "anna@mail.ru", "подобрать тур",
     "пропустить", "передумал", "пока", "спросить", "не скажу", "{{ 7*7 }}", "", "🙂"]
)  # fmt: skip
KEYS = st.builds(
    lambda version, run, step, choice: f"{version}.{run}.{step}.{choice}",
    st.sampled_from("12"),
    st.sampled_from("12"),
    st.sampled_from([str(one["id"]) for one in STEPS]),
    st.sampled_from(["0", "1", "2", "yes", "no", "ok", "fix", "skip", "name", "person"]),
)
EVENTS = st.one_of(
    st.builds(Said, WORDS | st.text(max_size=40)),
    st.builds(Tapped, KEYS | st.text(max_size=20)),
    st.builds(SharedPhone, st.sampled_from(["+79001234567", "1", ""]), st.booleans()),
    st.builds(Odd, st.sampled_from(["sticker", "voice"])),
    st.builds(Silent, st.integers(0, 3)),
    st.sampled_from([Started(), Resumed(), Back(), AskedPerson()]),
)


@settings(max_examples=150)
@given(st.lists(EVENTS, max_size=25), st.booleans(), st.integers(0, 2))
def test_whatever_people_do_there_is_always_a_way_on(events, edited, codes):
    anna = Anna(newest=script(version=2, wording="v2") if edited else None, codes=codes)
    anna.does(Started())
    for event in events:
        said = anna.does(event)
        steps = anna.script.flow.by_id
        assert anna.at.step is None or steps[anna.at.step].waits
        assert all(one.strip() for one in said), "nothing empty is said"
        assert said or isinstance(event, Silent | Tapped), "whatever is sent gets an answer"
        personal = {"name", "phone", "email"} & set(anna.at.answers)
        assert not personal or "personal_data" in anna.known.consents
        for one in anna.told:
            if isinstance(one, Say):
                assert len(one.text) <= 4096 and all(len(button.key.encode()) <= 64 for button in one.buttons)


@pytest.mark.parametrize(
    ("opens", "told"),
    [
        (NOW + timedelta(hours=2), "сегодня после 14:00"),
        (NOW + timedelta(hours=18), "завтра после 06:00"),
        (NOW + timedelta(days=3), "26 ноября после 12:00"),
    ],
)
def test_D11_out_of_hours_the_promise_names_the_day_as_people_do(opens, told):
    anna = Anna()
    anna.known = anna.known._replace(open_now=False, opens_at=opens)
    anna.walks("/start")
    assert told in anna.does(AskedPerson())[0]


def test_managers_read_the_question_where_the_author_gave_an_answer_no_name() -> None:
    day = {"id": "day", "ask": "{{ name }}, когда вылет?", "answer": "date", "purpose": "напомнить"}
    name = next(place for place, one in enumerate(STEPS) if one["id"] == "name")
    anna = Anna()
    anna.script = script(steps=[*STEPS[: name + 1], day, *STEPS[name + 1 :]])
    anna.walks("/start", "подобрать тур", "согласна", "Анна", "завтра", "да")
    assert [one.label for one in anna.told if isinstance(one, Remember) and one.step == "day"] == ["Когда вылет"]


def test_every_value_of_a_position_comes_back_from_json_as_it_was() -> None:
    now = datetime(2026, 11, 22, 9, 30, 15, 250_000, UTC)
    messages = (("7", "Анна"), ("", "и собака"))
    full = Conversation(
        "tour", 3, run=2, step="pets", answers={"name": "Анна", "pets": ("cat", 2), "yes": True}, tries=1,
        path=("name", "delivery/street"), calls=("delivery",), carried=("name",), amending="name", behind=("pets",),
        formerly={"pets": ("dog",)}, pending=Pending(("cat", 3), "кошка, 3", "Так?"), chosen=("cat", 2),
        day="2026-11-23", shown="digest", refused=True, applied=True, code="SPRING-1", code_until=now,
        variants={"hello": "warm"}, former={"pets": ("cat",)}, tapped="3.2.pets.0", tapped_at=now, held=messages,
        held_until=now, spoken=(("delivery/street", messages),), language="en",
        offered=Offered("pets", ("cat",), "кошка"),
    )  # fmt: skip
    usual = vars(Conversation("", 0))
    assert [name for name, value in vars(full).items() if value == usual[name]] == []
    assert Conversation.load(json.loads(json.dumps(full.dump()))) == full
    assert Conversation.load(full.dump()).dump() == full.dump() == json.loads(json.dumps(full.dump()))
    assert Conversation("tour", 0).dump() == {"flow": "tour", "version": 0}
