"""How people say yes and no, name several things at once, give marks, and call their city."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.answers import read
from dialogs.cities import beside, read_city, zone_of
from dialogs.city_table import CITIES
from dialogs.conversation import Conversation
from dialogs.flow import AnswerSpec, Choice
from dialogs.ratings import read_rating
from dialogs.several import read_several
from dialogs.understood import Refusal, Understood, Unsure
from dialogs.yes_no import read_yes_no
from tests.opening_hours import company

NOW = datetime(2026, 11, 25, 9, 2, tzinfo=UTC)


# ---------------------------------------------------------------- yes and no


@pytest.mark.parametrize(
    "typed",
    ["да", "Да!", "ДА", "да.", "дааа", "ага", "угу", "конечно", "да, конечно", "разумеется", "ну да", "да, есть",
        "есть", "имеется", "хочу", "да хочу", "буду", "нужно", "да, нужен", "давайте", "ок", "хорошо", "согласна",
        "скорее да", "+", "👍", "👍🏽", "✅", "yes", "да да", "да, 2019 года", "планирую", "было",
        "не против", "я не против", "нет, не против", "против ничего не имею", "не возражаю", "почему бы и нет", "lf"],
)  # fmt: skip
def test_agreement_in_any_words(typed: str) -> None:
    assert read_yes_no(typed) == Understood(True, "Да")


@pytest.mark.parametrize(
    "typed",
    ["нет", "Нет.", "НЕТ", "неа", "не", "нету", "не надо", "не нужно", "не хочу", "не буду", "не планирую",
        "нет, спасибо", "нет спасибо",
        "нет, не нужно", "пока нет", "скорее нет", "ну нет", "никогда", "-", "👎", "❌", "no", "нет нет",
        "не было", "не имею", "у меня нет", "отсутствует", "я против", "уже нет", "к сожалению, нет", "не интересно",
        "ytn", "нехочу", "нет, не звоните", "нет, не надо звонить", "нет, а муж не против",
        "не могу сказать, что я не против"],
)  # fmt: skip
def test_refusal_in_any_words(typed: str) -> None:
    assert read_yes_no(typed) == Understood(False, "Нет")


@pytest.mark.parametrize(
    "typed", ["не знаю", "может быть", "наверное", "да нет", "да нет наверное", "не уверен", "синий",
        "", "сколько стоит?", "зависит от цены", "7", "вы не мошенники?",
        "а есть рассрочка?", "можно вопрос?", "есть вопрос", "вопросов нет",
        "можно ли в выходные", "надо подумать", "не звоните мне", "не надо мне звонить", "не то", "не понятно",
        "да ладно", "да?", "незнаю"],
)  # fmt: skip
def test_what_is_neither_is_asked_again(typed: str) -> None:
    assert read_yes_no(typed) == Refusal("Ответьте, пожалуйста: да или нет?")


# ---------------------------------------------------------------- several

REST = (
    Choice(label="Море", value="sea", words=("пляж",)),
    Choice(label="Горы", value="hills"),
    Choice(label="Экскурсии", value="trips"),
    Choice(label="Спа и массаж", value="spa"),
    Choice(label="Спросить менеджера", do="call_person"),
)


def several(typed: str, **bounds: int) -> Understood | Refusal:
    return read_several(AnswerSpec.model_validate({"type": "several", **bounds}), REST, typed)


def test_days_beside_a_choice_do_not_hide_it() -> None:
    assert several("море 1-3 дня") == Understood(("sea",), "Море")


@pytest.mark.parametrize("typed", ["оба", "и то и другое", "1-3", "both"])
def test_what_may_be_any_of_four_is_asked_again(typed: str) -> None:
    assert isinstance(several(typed), Refusal)


def test_both_of_two_are_both() -> None:
    assert read_several(AnswerSpec.model_validate({"type": "several"}), REST[:2], "оба") == Understood(
        ("sea", "hills"), "Море, Горы"
    )


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        ("море", ("sea",)),
        ("Море!", ("sea",)),
        ("море и горы", ("sea", "hills")),
        ("Горы, море", ("sea", "hills")),
        ("море, горы", ("sea", "hills")),
        ("море горы", ("sea", "hills")),
        ("море/горы", ("sea", "hills")),
        ("море + горы", ("sea", "hills")),
        ("море\nгоры", ("sea", "hills")),
        ("море; экскурсии", ("sea", "trips")),
        ("море, горы и экскурсии", ("sea", "hills", "trips")),
        ("и море, и горы", ("sea", "hills")),
        ("пляж и горы", ("sea", "hills")),
        ("пляж", ("sea",)),
        ("море, а также горы", ("sea", "hills")),
        ("море, море", ("sea",)),
        ("1, 3", ("sea", "trips")),
        ("1 и 3", ("sea", "trips")),
        ("1 3", ("sea", "trips")),
        ("1,2,3", ("sea", "hills", "trips")),
        ("1. 2.", ("sea", "hills")),
        ("3", ("trips",)),
        ("второе", ("hills",)),
        ("первое и третье", ("sea", "trips")),
        ("Спа и массаж", ("spa",)),
        ("спа", ("spa",)),
        ("экскурсии, спа", ("trips", "spa")),
        ("все", ("sea", "hills", "trips", "spa")),
        ("всё", ("sea", "hills", "trips", "spa")),
        ("все варианты", ("sea", "hills", "trips", "spa")),
        ("всё, кроме моря", ("hills", "trips", "spa")),
        ("горы пожалуйста", ("hills",)),
        ("екскурсии", ("trips",)),
        ("здравствуйте, море", ("sea",)),
        ("мне спа и массаж пожалуйста", ("spa",)),
        ("я бы хотела море и горы, если можно", ("sea", "hills")),
    ],
)
def test_several_named_at_once(typed: str, chosen: tuple[str, ...]) -> None:
    found = several(typed)
    assert isinstance(found, Understood) and found.value == chosen
    assert found.shown == ", ".join(one.label for one in REST if one.value in chosen)


@pytest.mark.parametrize(
    ("typed", "bounds", "told"),
    [
        ("луна", {}, "Не нашёл «луна»"),
        ("море и луна", {}, "Не нашёл «луна»"),
        ("1, 9", {}, "Не нашёл «9»"),
        ("ничего", {}, "хотя бы один"),
        ("море", {"from": 2}, "не меньше 2 вариантов"),
        ("все", {"to": 2}, "не больше 2 вариантов"),
        ("море и горы", {"to": 1}, "не больше 1 варианта"),
        ("", {}, "один вариант или несколько"),
    ],
)
def test_what_does_not_fit_is_told(typed: str, bounds: dict[str, int], told: str) -> None:
    found = several(typed, **bounds)
    assert isinstance(found, Refusal) and told in found.hint


def test_none_may_be_an_answer() -> None:
    assert several("ничего", **{"from": 0}) == Understood((), "ничего")


# ---------------------------------------------------------------- marks


@pytest.mark.parametrize(
    ("typed", "mark"),
    [
        ("5", 5), ("5!", 5), ("пять", 5), ("Пять баллов", 5), ("5/5", 5), ("5 из 5", 5), ("5 баллов", 5), ("на 5", 5),
        ("пятерка", 5), ("пятёрочка", 5), ("на пятёрочку", 5), ("твёрдая пятёрка", 5), ("⭐⭐⭐⭐⭐", 5),
        ("4", 4), ("четыре", 4),
        ("на четвёрочку", 4), ("четверка", 4), ("4 / 5", 4), ("оценка 4", 4), ("4 звезды", 4), ("★★★★", 4), ("3", 3),
        ("три", 3), ("троечка", 3), ("на тройку", 3), ("трояк", 3), ("2", 2), ("двойка", 2), ("два", 2), ("1", 1),
        ("единица", 1), ("один", 1), ("кол", 1), ("５", 5),
    ],
)  # fmt: skip
def test_a_mark_in_any_words(typed: str, mark: int) -> None:
    assert read_rating(AnswerSpec(type="rating"), typed) == Understood(mark, f"{mark} из 5")


def test_praise_is_asked_about_and_two_marks_too() -> None:
    spec = AnswerSpec(type="rating")
    assert read_rating(spec, "отлично") == Understood(5, "5 из 5", "Поставить 5 из 5?")
    found = read_rating(spec, "4-5")
    assert isinstance(found, Unsure) and [one.label for one in found.options] == ["4", "5"]


@pytest.mark.parametrize(
    "typed", ["6", "0", "-5", "10/10", "8 из 10", "4.5", "4,5", "сто", "да", "", "не знаю", "7 звёзд"]
)
def test_a_mark_beyond_the_scale_is_asked_again(typed: str) -> None:
    assert read_rating(AnswerSpec(type="rating"), typed) == Refusal("Поставьте, пожалуйста, оценку от 1 до 5.")


def test_the_scale_may_be_another() -> None:
    ten = AnswerSpec.model_validate({"type": "rating", "from": 0, "to": 10})
    assert read_rating(ten, "8/10") == Understood(8, "8 из 10")
    assert read_rating(ten, "ноль") == Understood(0, "0 из 10")
    assert read_rating(ten, "десятка") == Understood(10, "10 из 10")


# ---------------------------------------------------------------- cities


@pytest.mark.parametrize(
    ("typed", "city"),
    [
        ("Тверь", "Тверь"), ("тверь", "Тверь"), ("ТВЕРЬ", "Тверь"), ("г. Тверь", "Тверь"), ("г.Тверь", "Тверь"),
        ("город Тверь", "Тверь"), ("Питер", "Санкт-Петербург"), ("спб", "Санкт-Петербург"), ("СПб!", "Санкт-Петербург"),
        ("санкт петербург", "Санкт-Петербург"), ("ЕКБ", "Екатеринбург"), ("екат", "Екатеринбург"),
        ("я из Екатеринбурга", "Екатеринбург"), ("Нижний", "Нижний Новгород"), ("нижний новгород", "Нижний Новгород"),
        ("из Нижнего Новгорода", "Нижний Новгород"), ("мск", "Москва"), ("Москва", "Москва"), ("в Москве", "Москва"),
        ("живу в казани", "Казань"), ("Ростов", "Ростов-на-Дону"), ("ростов на дону", "Ростов-на-Дону"), ("Уфа", "Уфа"),
        ("из Уфы", "Уфа"), ("Орел", "Орёл"), ("королев", "Королёв"), ("Химки, Московская область", "Химки"),
        ("Московская область, Химки", "Химки"), ("Йошкар ола", "Йошкар-Ола"), ("Улан-Удэ", "Улан-Удэ"),
        ("в Улан-Удэ", "Улан-Удэ"), ("Комсомольск-на-амуре", "Комсомольск-на-Амуре"), ("владик", "Владивосток"),
        ("из Перми", "Пермь"), ("Тюмени", "Тюмень"), ("из Сочи", "Сочи"), ("Челны", "Набережные Челны"),
        ("Алма-Ата", "Алматы"), ("Минск", "Минск"), ("новосиб", "Новосибирск"),
    ],
)  # fmt: skip
def test_a_city_as_people_call_it(typed: str, city: str) -> None:
    assert read_city(typed) == Understood(city, city)


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("Твер", "Вы про Тверь?"),
        ("Екатеренбург", "Вы про Екатеринбург?"),
        ("Новосибирс", "Вы про Новосибирск?"),
        ("Волгограт", "Вы про Волгоград?"),
        ("Москвва", "Вы про Москву?"),
        ("Велекий Новгород", "Вы про город Великий Новгород?"),
    ],
)
def test_a_close_spelling_is_asked(typed: str, asked: str) -> None:
    found = read_city(typed)
    assert isinstance(found, Understood) and (found.doubt, found.typed) == (asked, typed)


@pytest.mark.parametrize("typed", ["Деревня Гадюкино", "Лондон", "Berlin", "Краснодарский край", "пос. Лесной"])
def test_an_unknown_place_is_taken_as_it_is_written(typed: str) -> None:
    found = read_city(typed)
    assert isinstance(found, Understood) and str(found.value).casefold() == typed.casefold() and not found.doubt
    assert zone_of(str(found.value)) is None


@pytest.mark.parametrize(
    "typed",
    ["не скажу", "где вы?", "123", "", "да", "хочу узнать цену", "Москва или Питер", "😀", "дорого", "завтра в 12",
        "неа", "без разницы", "перезвоните завтра", "у меня вопрос", "подумаю", "в субботу"],
)  # fmt: skip
def test_what_is_no_city_is_asked_again(typed: str) -> None:
    found = read_city(typed)
    assert isinstance(found, Refusal) and found.hint.endswith("Например: Тверь")


def test_a_city_knows_its_clock() -> None:
    moscow = ZoneInfo("Europe/Moscow")
    told = {
        city: beside(city, moscow, NOW) for city in ("Екатеринбург", "Тверь", "Калининград", "Владивосток", "Лондон")
    }
    assert told == {"Екатеринбург": "+2 ч", "Тверь": "", "Калининград": "−1 ч", "Владивосток": "+7 ч", "Лондон": ""}


def test_every_city_of_the_table_is_read_as_itself() -> None:
    names = [
        one.partition("=")[0].partition("@")[0].strip()
        for row in CITIES.values()
        for one in row.replace("\n", "|").split("|")
    ]
    known = [name for name in names if name]
    assert len(known) == len(set(known)) > 200
    for name in known:
        assert read_city(name) == Understood(name, name), name
        assert zone_of(name) is not None


# ---------------------------------------------------------------- anything at all

WORDS = "да нет не море горы и , 1 9 все кроме 5 / из пять г. тверь я ё - ⭐ ."
ANYTHING = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(WORDS.split())).map(" ".join),
)


@settings(max_examples=300)
@given(ANYTHING, st.sampled_from(["yes_no", "several", "rating", "city"]))
def test_reading_never_fails_and_reads_back_what_it_shows(typed: str, kind: str) -> None:
    spec = AnswerSpec.model_validate({"type": kind})
    found = read(spec, typed, now=NOW, business=company(), choices=REST)
    if isinstance(found, Understood):
        again = read(spec, found.shown, now=NOW, business=company(), choices=REST)
        assert isinstance(again, Understood) and again.value == found.value
        stored = Conversation("tour", 1, answers={"it": found.value})
        assert Conversation.load(stored.dump()) == stored
    else:
        assert found.question if isinstance(found, Unsure) else found.hint


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["да ", "море ", "1, ", "5", "5/", "г. ", "в ", "я из ", "⭐", "кроме ", ",", "и "])
def test_long_input_is_read_quickly(piece: str) -> None:
    for kind in ("yes_no", "several", "rating", "city"):
        spec = AnswerSpec.model_validate({"type": kind})
        read(spec, (piece * 100_000)[:400_000], now=NOW, business=company(), choices=REST)
