"""What people type where an answer is expected: phones, e-mails, names, numbers, words, buttons' labels."""

from __future__ import annotations

from datetime import UTC, datetime

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.answers import Refusal, Understood, Unsure, choose, read, read_email, read_name, read_phone, suspicious
from dialogs.flow import AnswerSpec, Choice
from dialogs.phones import pretty, toll_free
from tests.opening_hours import company

OURS = company()
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def understood(answer: Understood | Refusal | Unsure) -> Understood:
    assert isinstance(answer, Understood), answer
    return answer


def refused(answer: Understood | Refusal | Unsure) -> str:
    assert isinstance(answer, Refusal), answer
    return answer.hint


# ---------------------------------------------------------------- phones


@pytest.mark.parametrize(
    "typed",
    [
        "8 (900) 123-45-67",
        "+7 900 123-45-67",
        "+79001234567",
        "+ 7 900 123 45 67",
        "7 900 123 45 67",
        "007 900 123 45 67",
        "8.900.123.45.67",
        "8-900-123-45-67",
        "8 900 123–45–67",
        "8 9 0 0 1 2 3 4 5 6 7",
        "9001234567",
        "(900) 123-45-67",
        "+8 900 123-45-67",
        "тел. 8 900 123-45-67 звонить после 18",
        "89001234567 (Иван)",
        "Анна, 8(900)1234567",
        "номер89001234567",
        "https://wa.me/79001234567",
        "8 9ОО 12З 45 67",
        "8 9oo 123 45 67",
        "٨٩٠٠١٢٣٤٥٦٧",
        "８９００１２３４５６７",
        "8️⃣9️⃣0️⃣0️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣",
        "\u202a+7 900 123-45-67\u202c",
        "8\u00a0900\u2009123\u201145\u201167",
        "8 900\n123 45 67",
        "Анна\n89001234567\nпосле 18",
        "8 800 555-35-35, мой 8 900 123-45-67",
    ],
)
def test_P3_P4_a_russian_phone_in_any_spelling_is_one_number(typed: str) -> None:
    assert read_phone(typed) == Understood("+79001234567", "+7 900 123-45-67")


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("89001234567, 89007654321", "+79001234567"),
        ("89001234567 89007654321", "+79001234567"),
        ("8900123456789007654321", "+79001234567"),
        ("8 900 123 45 67 или 8 495 765 43 21", "+79001234567"),
        ("+79001234567+79007654321", "+79001234567"),
        ("+7 8 900 123 45 67", "+79001234567"),
        ("+9001234567", "+79001234567"),
        ("35 8 900 123 45 67", "+79001234567"),
        ("89001234567 18:00", "+79001234567"),
        ("442071838750", "+442071838750"),
    ],
)
def test_P3_where_a_phone_had_to_be_guessed_the_person_is_asked(typed: str, value: str) -> None:
    answer = understood(read_phone(typed))
    assert answer.value == value
    assert answer.shown in answer.doubt and answer.doubt.endswith("?")


def test_P3_an_extension_is_shown_and_not_part_of_the_number() -> None:
    for typed in ("8 495 123-45-67 доб. 12", "84951234567доб12", "+7 (495) 123-45-67, добавочный 12", "84951234567#12"):
        assert read_phone(typed) == Understood("+74951234567", "+7 495 123-45-67, доб. 12"), typed


@pytest.mark.parametrize(
    ("typed", "value", "shown"),
    [
        ("+375 29 123-45-67", "+375291234567", "+375 29 123-45-67"),
        ("375291234567", "+375291234567", "+375 29 123-45-67"),
        ("8 10 375 29 123 45 67", "+375291234567", "+375 29 123-45-67"),
        ("00375291234567", "+375291234567", "+375 29 123-45-67"),
        ("+7 701 123 45 67", "+77011234567", "+7 701 123-45-67"),
        ("998901234567", "+998901234567", "+998 90 123 45 67"),
        ("+1 212 555 0123", "+12125550123", "+1 212-555-0123"),
    ],
)
def test_P5_a_foreign_phone_is_kept(typed: str, value: str, shown: str) -> None:
    assert read_phone(typed) == Understood(value, shown)
    assert "другой страны" in (suspicious(value) or "")


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("не скажу", "не телефон"),
        ("", "не телефон"),
        ("112", "не телефон"),
        ("00000000000", "не телефон"),
        ("1234567", "не хватает цифр"),
        ("12.05.1990", "не хватает цифр"),
        ("+7 900 123", "не хватает цифр"),
        ("8 900 123 45 6", "одной цифры"),
        ("900 123 45 6", "одной цифры"),
        ("+7 900 123 45 6", "одной цифры"),
        ("890012345678", "лишние цифры"),
        ("4276 3800 1234 5678", "лишние цифры"),
        ("8 800 555-35-35", "бесплатная линия"),
        ("8005553535", "бесплатная линия"),
        ("2125550123", "код страны"),
        ("11111111111", "код страны"),
    ],
)
def test_P3_what_is_no_phone_is_asked_again_with_the_reason_and_an_example(typed: str, reason: str) -> None:
    hint = refused(read_phone(typed))
    assert reason in hint and "Пример: +7 900 123-45-67" in hint


@pytest.mark.parametrize(
    ("phone", "reason"),
    [
        ("+70000000000", "выдуманный"),
        ("+79999999999", "выдуманный"),
        ("+71234567890", "выдуманный"),
        ("+70001234567", "не бывает"),
        ("+79300070040", "не бывает"),
        ("+78091234567", "платный"),
        ("+375291234567", "Беларусь"),
    ],
)
def test_P5_an_impossible_phone_is_taken_and_flagged_for_the_manager(phone: str, reason: str) -> None:
    assert understood(read_phone(phone)).value == phone
    assert reason in (suspicious(phone) or "")


@pytest.mark.parametrize("before", ["", "+7", "7", "8"])
@pytest.mark.parametrize("between", ["", " ", "-"])
@pytest.mark.parametrize("code", ["900", "(900)"])
def test_P4_a_mobile_phone_alone_reads_as_it_does_among_words(before: str, between: str, code: str) -> None:
    typed = before + between + between.join((code, "123", "45", "67"))
    assert read_phone(typed) == read_phone(f"мой {typed}") == Understood("+79001234567", "+7 900 123-45-67")


def test_no_mobile_phone_is_toll_free_and_nearly_all_may_be_and_are_russian() -> None:
    """So the library is not asked about them; its numbers may change with a newer release."""
    codes = [f"+79{code:02}" for code in range(100)]
    found = [phonenumbers.parse(f"{code}{rest}") for code in codes for rest in ("0000000", "1234567", "9876543")]
    assert not [one for one in found if phonenumbers.number_type(one) == phonenumbers.PhoneNumberType.TOLL_FREE]
    sure = [one for one in found if not str(one.national_number).startswith("93")]
    assert {phonenumbers.number_type(one) for one in sure} == {phonenumbers.PhoneNumberType.MOBILE}
    assert {phonenumbers.region_code_for_number(one) for one in sure} == {"RU"}
    assert toll_free("+78005553535") and not toll_free("+79001234567")


def test_an_ordinary_phone_has_no_flag() -> None:
    assert [suspicious(phone) for phone in ("+79001234567", "+74951234567")] == [None, None]


@given(
    st.from_regex(r"9[0-9]{9}", fullmatch=True),
    st.lists(st.sampled_from(["", " ", "-", ".", " - "]), min_size=11, max_size=11),
)
def test_P3_any_mobile_number_with_any_separators_is_read(number: str, between: list[str]) -> None:
    typed = "".join(digit + gap for digit, gap in zip("8" + number, between, strict=True))
    answer = understood(read_phone(typed))
    assert (answer.value, answer.shown, answer.doubt) == ("+7" + number, pretty("+7" + number), "")


# ---------------------------------------------------------------- e-mails


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("anna@mail.ru", "anna@mail.ru"),
        ("Anna.Petrova+promo@Gmail.COM", "Anna.Petrova+promo@gmail.com"),
        ("почта: anna@mail.ru.", "anna@mail.ru"),
        ("anna @ mail.ru", "anna@mail.ru"),
        ("anna собака mail.ru", "anna@mail.ru"),
        ("<anna@mail.ru>", "anna@mail.ru"),
        ("a.b@ya.ru (рабочая)", "a.b@ya.ru"),
        ("анна@почта.рф", "анна@почта.рф"),
        ("anna@xn--80a1acny.xn--p1ai", "anna@почта.рф"),
        ("ａｎｎａ@mail.ru", "anna@mail.ru"),
        ("anna@company.ru", "anna@company.ru"),
        ("anna@mail.com", "anna@mail.com"),
        ("anna@ymail.com", "anna@ymail.com"),
        ("anna@vk.com", "anna@vk.com"),
    ],
)
def test_P6_an_address_is_taken_as_meant(typed: str, value: str) -> None:
    assert read_email(typed) == Understood(value, value)


@pytest.mark.parametrize(
    ("typed", "proposal"),
    [
        ("anna@gmail.con", "anna@gmail.com"),
        ("anna@gmai.com", "anna@gmail.com"),
        ("anna@gmail.ru", "anna@gmail.com"),
        ("anna@mail.ry", "anna@mail.ru"),
        ("anna@mial.ru", "anna@mail.ru"),
        ("anna@yandex.ri", "anna@yandex.ru"),
        ("anna@yndex.ru", "anna@yandex.ru"),
        ("anna@outlok.com", "anna@outlook.com"),
        ("anna@mail", "anna@mail.ru"),
        ("anna@mail,ru", "anna@mail.ru"),
        ("anna@@mail.ru", "anna@mail.ru"),
        ("annamail.ru", "anna@mail.ru"),
        ("аnna@mail.ru", "anna@mail.ru"),  # a Cyrillic а
        ("anna@mаil.ru", "anna@mail.ru"),  # and another
        ("anna@mail.ru, ivan@bk.ru", "anna@mail.ru"),
    ],
)
def test_P6_a_likely_slip_is_asked_about(typed: str, proposal: str) -> None:
    answer = understood(read_email(typed))
    assert (answer.value, answer.shown, answer.doubt) == (proposal, proposal, f"Возможно, {proposal}?")


def test_P6_an_unusual_address_that_is_sound_can_be_insisted_on() -> None:
    assert understood(read_email("Anna@Gmial.com")).typed == "Anna@gmial.com"
    for not_sound in ("anna@mail", "anna@mail,ru", "annamail.ru", "аnna@mail.ru", "anna@mail.ru, ivan@bk.ru"):
        assert understood(read_email(not_sound)).typed is None, not_sound


@pytest.mark.parametrize(
    "typed",
    ["нет почты", "", "anna.petrova", "a@b", "anna..p@mail.ru", "https://mail.ru", "@anna", "x" * 100 + "@mail.ru",
     "a@" + "x" * 300 + ".ru", "89001234567", "anna@-mail-.ru"],
)  # fmt: skip
def test_P6_what_is_no_address_is_asked_again_with_an_example(typed: str) -> None:
    assert "Пример: anna@mail.ru" in refused(read_email(typed))


def test_P6_no_line_break_gets_into_an_address() -> None:
    assert understood(read_email("anna@mail.ru\r\nBcc: ivan@bk.ru")).value == "anna@mail.ru"
    assert understood(read_email("anna@mail.ru\r\n")).value == "anna@mail.ru"


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("анна", "Анна"),
        ("АННА", "Анна"),
        ("Меня зовут Анна", "Анна"),
        ("меня зовут анна", "Анна"),
        ("я Анна", "Анна"),
        ("это Пётр Ильич", "Пётр Ильич"),
        ("Имя: Анна", "Анна"),
        ("Зовите меня Саша", "Саша"),
        ("Звать меня Ольга", "Ольга"),
        ("просто Саша", "Саша"),
        ("Анна меня зовут", "Анна"),
        ("Здравствуйте, меня зовут Анна, мне 30 лет", "Анна"),
        ("Привет, Анна", "Анна"),
        ("Анна Ивановна, очень приятно", "Анна Ивановна"),
        ("Анна Петрова.", "Анна Петрова"),
        ("Анна :)", "Анна"),
        ("Анна 🌸", "Анна"),
        ("«Анна»", "Анна"),
        ("Анна (Аня)", "Анна (Аня)"),
        ("анна-мария", "Анна-Мария"),
        ("ЖАН-ПОЛЬ", "Жан-Поль"),
        ("о'коннор", "О'Коннор"),
        ("МакКвин", "МакКвин"),
        ("ИП Петров", "ИП Петров"),
        ("Иванов И. И.", "Иванов И. И."),
        ("мамедов али гасан оглы", "Мамедов Али Гасан оглы"),
        ("Анна и Пётр", "Анна и Пётр"),
        ("Нгуен Ван Не", "Нгуен Ван Не"),
        ("Максимилиан Александрович Преображенский-Константинопольский", None),
        ("José Ángel", None),
        ("毛泽东", None),
        ("محمد", None),
        ("Ли", None),
        ("Э", None),
        ("Надежда", None),
        ("Любовь", None),
        ("Роман", None),
        ("Ян", None),
    ],
)
def test_a_name_is_taken_as_it_is_meant(typed: str, name: str | None) -> None:
    assert read_name(typed) == Understood(name or typed, name or typed)


@pytest.mark.parametrize("typed", ["<b>", "</a>", "{user.__class__}", "${x}", "[id1|Павел]", "&lt;Анна&gt;", "%s"])
def test_P28_P30_a_strange_name_stays_literal(typed: str) -> None:
    assert str(understood(read_name(typed)).value) in typed
    assert understood(read_name(typed)).value == typed


@pytest.mark.parametrize(
    "typed",
    ["", "🌸", "123", "{{7*7}}", "...", "89001234567", "Анна 8 900 123-45-67", "t.me/spam", "http://a.b", "@anna",
    "anna@mail.ru",
     "сколько стоит?", "Сколько стоит", "не скажу", "Не хочу", "нет", "Привет", "добрый день", "Большое спасибо",
     "хочу узнать цену",
     "Анна, а сколько стоит?", "Меня зовут",
     "дорого", "слишком дорого", "завтра в 12", "в субботу", "я на работе", "из Москвы", "подумаю", "неа", "незнаю",
     "перезвоните завтра", "15 лет", "тупой бот", "после 18", "ладно", "вопрос", "передумала", "без разницы",
     "двое", "10 ночей", "200 тысяч",
     "Я", "Кто вы", "я просто посмотреть хотела что у вас есть тут", "а" * 61, "*_[x](tg://user?id=1)"],
)  # fmt: skip
def test_what_is_plainly_no_name_is_asked_again(typed: str) -> None:
    assert refused(read_name(typed)).endswith("Пример: Анна")


# ---------------------------------------------------------------- numbers and texts


def number(text: str, **spec: object) -> Understood | Refusal | Unsure:
    return read(AnswerSpec.model_validate({"type": "number", **spec}), text, now=NOW, business=OURS)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("5", 5), ("2 020", 2020), ("2020 г.", 2020), ("2020г", 2020), ("машина 2018 года", 2018), ("около 5", 5),
        ("пять", 5),
        ("Пять лет", 5), ("двадцать", 20), ("двадцать пять", 25), ("три", 3), ("трёх", 3), ("-5", -5), ("−5", -5),
        ("+5", 5), ("3.0", 3),
        ("1 000 000 руб", 1_000_000), ("1.000.000", 1_000_000), ("1,5 млн", 1_500_000), ("500 тыс", 500_000),
        ("500 тысяч рублей", 500_000),
        ("полтора миллиона", 1_500_000),
        ("полмиллиона", 500_000),
        ("Два миллиона", 2_000_000),
        ("сто тысяч", 100_000),
        ("пятьсот тыс.", 500_000),
        ("полторы тысячи", 1_500),
        ("тридцать тысяч рублей", 30_000),
        ("ни одного", 0), ("нисколько", 0), ("пять лет", 5),
        ("٥", 5), ("５", 5), ("5️⃣", 5), ("²", 2), ("5.", 5), ("0", 0),
    ],
)  # fmt: skip
def test_a_number_is_read_as_people_write_it(typed: str, value: int) -> None:
    answer = understood(number(typed))
    assert (answer.value, answer.doubt) == (value, "")


@pytest.mark.parametrize(
    "typed", ["не знаю", "", "2,5", "2-3", "от 2 до 5", "2018 или 2019", "10:30", "12.05.1990", "9" * 20, "1 2", "ⅷ",
              "две тысячи десятый", "сто двадцать", "сто двадцать тысяч",
              "двадцать пять тысяч", "полтора", "сорок первый", "1.2.3.4"],
)  # fmt: skip
def test_a_number_that_cannot_be_told_is_asked_again(typed: str) -> None:
    assert "Пример: " in refused(number(typed))


def test_a_number_keeps_within_its_bounds() -> None:
    bounds = {"from": 1990, "to": "this_year"}
    assert understood(number("2026", **bounds)).value == 2026
    assert refused(number("2027", **bounds)) == "Нужно число от 1990 до 2026. Пример: 2017"
    assert "не меньше 1" in refused(number("0", **{"from": 1}))
    assert "не больше 9" in refused(number("10", to=9))


def test_this_year_is_the_year_of_the_business() -> None:
    new_year_in_moscow = datetime(2026, 12, 31, 22, tzinfo=UTC)
    spec = AnswerSpec.model_validate({"type": "number", "from": 1990, "to": "this_year"})
    assert understood(read(spec, "2027", now=new_year_in_moscow, business=OURS)).value == 2027
    assert isinstance(read(spec, "2027", now=new_year_in_moscow, business=company("Europe/London")), Refusal)


def test_a_short_year_and_a_short_thousand_are_asked_about() -> None:
    assert number("15", **{"from": 1990, "to": "this_year"}) == Understood(2015, "2015", "Записать 2015?")
    assert number("98", **{"from": 1990, "to": "this_year"}) == Understood(1998, "1998", "Записать 1998?")
    assert number("500к", unit="₽") == Understood(500_000, "500 000 ₽", "Записать 500 000 ₽?")


@pytest.mark.parametrize(
    "typed", ["завтра в 12", "в субботу в 12", "12 декабря", "12 апреля", "12 мая", "12 лет это много?"]
)
def test_a_number_of_something_else_is_asked_about(typed: str) -> None:
    assert number(typed) == Understood(12, "12", "Записать 12?")


@pytest.mark.parametrize("typed", ["2 недели", "две недели", "2 месяца", "2 мес."])
def test_a_number_of_another_unit_is_asked_about(typed: str) -> None:
    assert number(typed, unit="ночей") == Understood(2, "2 ночей", "Записать 2 ночей?")
    assert number("2 недели", unit="недель") == Understood(2, "2 недель")


def test_a_number_is_shown_with_its_unit() -> None:
    assert understood(number("пять", unit="лет")).shown == "5 лет"
    assert understood(number("12000", unit="км\n")).shown == "12 000 км"


def text(typed: str) -> Understood | Refusal | Unsure:
    return read(AnswerSpec(type="text"), typed, now=NOW, business=OURS)


def test_P26_a_text_needs_a_word_and_is_kept_up_to_a_limit() -> None:
    assert text(" Хочу  на двоих\u200b ") == Understood("Хочу  на двоих", "Хочу  на двоих")
    assert len(str(understood(text("ы" * 4096)).value)) == 1000
    for empty in ("", "  \n ", "\u200b\u200b", "👍🏻", "...", "\u202e"):
        assert "словами" in refused(text(empty)), repr(empty)


def test_P30_a_text_is_kept_as_typed() -> None:
    for typed in ("{user.__class__}", "{{7*7}}", "${x}", "%s %d", "{0}", "<b>жирно</b>"):
        assert understood(text(typed)).value == typed


def test_read_goes_by_the_kind_of_answer() -> None:
    said = {"phone": "89001234567", "email": "anna@mail.ru", "name": "анна", "number": "пять", "text": "анна"}
    values = {
        kind: understood(read(AnswerSpec(type=kind), typed, now=NOW, business=OURS)).value
        for kind, typed in said.items()
    }
    assert values == {"phone": "+79001234567", "email": "anna@mail.ru", "name": "Анна", "number": 5, "text": "анна"}


# ---------------------------------------------------------------- typed instead of tapped


def labels(*written: str | dict[str, object]) -> list[Choice]:
    return [Choice.model_validate({"label": one} if isinstance(one, str) else one) for one in written]


MENU = labels("💰 Узнать цену", "Записаться", "Задать вопрос", "Позвать менеджера")
YES_NO = labels("Да", "Нет")
FLATS = labels("Студия", "1 комната", "2 комнаты", "3 и больше")
ENDS = labels(
    {"label": "В этом месяце", "value": "this_month"},
    {"label": "Через 1–3 месяца", "value": "soon"},
    {"label": "Полиса нет", "value": "none", "words": ["без полиса"]},
)
START = labels(
    {"label": "Записаться", "words": ["хочу", "да"]},
    {"label": "Подробнее о скидке", "words": ["условия"]},
    "Задать вопрос",
)
SIGNS = labels("🔥 Горит", "👍", "👎")


@pytest.mark.parametrize(
    ("choices", "typed", "chosen"),
    [
        (MENU, "Узнать цену", 0), (MENU, "узнать цену!", 0), (MENU, "цена", 0), (MENU, "ЦЕНУ", 0), (MENU,
        "записатся", 1),
        (MENU, "мнеджер", 3), (MENU, "вопрос", 2), (MENU, "хочу записаться", 1), (MENU, "1", 0), (MENU, "2.", 1),
        (MENU, "второй", 1),
        (MENU, "вариант 3", 2), (MENU, "последний", 3), (MENU, "записаться или вопрос", (1, 2)), (MENU,
        "привет", None),
        (MENU, "сколько стоит", None), (MENU, "5", None), (MENU, "0", None), (MENU, "не хочу записываться", None),
        (MENU, "как записаться?", 1), (labels("Доставка", "Сам"), "сколько стоит доставка?", None), (MENU,
        "", None), (MENU, "🌸", None),
        (YES_NO, "да", 0), (YES_NO, "ДА!!!", 0), (YES_NO, "ага", 0), (YES_NO, "да, конечно", 0), (YES_NO,
        "нет спасибо", 1),
        (YES_NO, "Неа", 1), (YES_NO, "не надо", 1), (YES_NO, "👍", 0), (YES_NO, "не знаю", None), (YES_NO,
        "наверное", None),
        (FLATS, "1", 1), (FLATS, "3", 3), (FLATS, "студию", 0), (FLATS, "2 комнаты", 2), (FLATS, "комната", (1, 2)),
        (ENDS, "this_month", 0), (ENDS, "в этом", 0), (ENDS, "через месяц", 1), (ENDS, "месяц", (0, 1)), (ENDS,
        "нет полиса", 2),
        (ENDS, "нет", 2), (ENDS, "без полиса", 2), (ENDS, "1", (0, 1)), (ENDS, "2", 1), (ENDS,
        "не в этом месяце", None),
        (START, "да", 0), (START, "скидка", 1), (START, "какие условия?", 1), (START, "хочу задать вопрос", 2),
        (START, "хочу узнать подробнее о скидке", 1), (START, "хочу условия", (0, 1)), (START, "не хочу", None),
        (START, "конечно", 0),
        (SIGNS, "🔥", 0), (SIGNS, "👍🏻", 1), (SIGNS, "👎", 2), (SIGNS, "горит", 0),
        (labels("Ещё подумаю", "Беру"), "еще подумаю", 0),
        (labels("Если авария", "Автомобиль застрахован"), "Мария", None),  # a part of a word is no word
        (labels("Если авария", "Автомобиль застрахован"), "Иван", None), (labels("Цена", "Нет"), "Лена", None),
        (labels("Записаться на тест-драйв", "Потом"), "тестдрайв", 0), (labels("Потом", "Выбор авто"), "авто вибор", 1),
        # two slips of the finger are one word, three are another
        (labels({"label": "Курьером", "words": ["привезите"]}, "Сам"), "привет", None),
        (labels("Позвоните", "Сам"), "повторите", None), (labels("Не знаю", "Седан"), "не даю", None),
        (labels("Не знаю", "Седан"), "незнаю", 0), (labels("Беру", "Не нужно"), "ненужно", 1),
        (labels("Сравню оба", {"label": "Пока", "words": ["не решили"]}),
         "думаю, скорее всего куплю новый, но жена ещё не решила", None),
        (labels("Какие документы", "Что взять с собой"), "что?", None),
        (labels("Какие документы", "Что взять с собой"), "какие?", None),
        (labels("Почём полис", "Сам"), "почему?", None),
        (labels("Полгода", {"label": "Прав пока нет", "words": ["нет прав"]}), "не хочу", None),
        (labels("До года", "От года до трёх"), "два года", None), (labels("До 50 тысяч", "Больше"), "150 тысяч", None),
        (labels("Как можно скорее", "Потом"), "можно", None),
        (labels("Новый", "С пробегом"), "новую", 0), (labels("Новый", "С пробегом"), "новости", None),
        (labels("Больше двух лет", "Меньше двух лет"), "больше 2 лет", 0),
        (labels("Один на один", "В группе"), "один", 0),
        (MENU, "pfgbcfnmcz", 1), (MENU, "wtye", 0), (YES_NO, "lf", 0), (YES_NO, "ytn", 1), (MENU, "hello", None),
        ([], "да", None),
    ],
)  # fmt: skip
def test_a_typed_answer_finds_its_button(choices: list[Choice], typed: str, chosen: object) -> None:
    assert choose(choices, typed) == chosen


@given(st.integers(0, 3), st.sampled_from(["{}", "{}!", " {} ", "{}, пожалуйста"]))
def test_a_label_typed_out_is_its_button(place: int, frame: str) -> None:
    assert choose(MENU, frame.format(MENU[place].label)) == place


# ---------------------------------------------------------------- whatever is typed

ANYTHING = st.one_of(
    st.text(max_size=300),
    st.text(alphabet="0123456789+-() .,@ОЗозabruф\n", max_size=200),
    st.binary(max_size=60).map(
        lambda raw: raw.decode("utf-16-le", "surrogatepass") if len(raw) % 2 == 0 else raw.decode("latin-1")
    ),
)


@settings(max_examples=150)
@given(ANYTHING, st.sampled_from(["text", "number", "phone", "email", "name"]))
def test_P26_P27_reading_never_fails(typed: str, kind: str) -> None:
    spec = AnswerSpec.model_validate(
        {"type": kind, "from": 1990, "to": "this_year"} if kind == "number" else {"type": kind}
    )
    answer = read(spec, typed, now=NOW, business=OURS)
    assert not isinstance(answer, Unsure)
    if isinstance(answer, Understood):
        assert answer.shown and "\0" not in str(answer.value)
        assert kind == "text" or "\n" not in str(answer.value)
    else:
        assert answer.hint


@settings(max_examples=100)
@given(ANYTHING)
def test_choosing_never_fails(typed: str) -> None:
    for choices in (MENU, YES_NO, FLATS, ENDS, SIGNS):
        chosen = choose(choices, typed)
        places = (chosen,) if isinstance(chosen, int) else chosen or ()
        assert all(0 <= place < len(choices) for place in places)
        assert len(places) != 1 or isinstance(chosen, int)


def test_no_button_is_said_in_more_than_forty_words() -> None:
    """Who repeats themselves without end is asked again, and costs nobody anything."""
    assert choose(labels("Скидка на море", "Горы"), "хочу скидка на море") == 0
    assert choose(labels("Скидка на море", "Горы"), "хочу скидка на море " + "море " * 60) is None


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "letter",
    ["8", "8 ", "(", "@", "a@", "a.", "+7", "О", "и ", "меня зовут ", "я, ", "не ", "\u200d", "Z\u0301", "1.", "x\n"],
)
def test_P26_long_input_is_read_quickly(letter: str) -> None:
    typed = (letter * 200_000)[:400_000]
    for kind in ("text", "number", "phone", "email", "name"):
        read(AnswerSpec.model_validate({"type": kind}), typed, now=NOW, business=OURS)
    choose(MENU, typed)
