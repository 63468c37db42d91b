"""Reading authors' files: exact places, plain words, a way out; bombs and guessed types (A1, A2, A4–A6, A19, A25)."""

from __future__ import annotations

import time
import tracemalloc
from hashlib import sha256

import pytest

from dialogs.problems import Problem, nearest
from dialogs.reading import load
from tests.flow_folder import BUSINESS, DATA, FILES, FLOW, folder, problems, the_one, told


def test_a_sound_folder_is_a_set_without_a_word() -> None:
    loaded = load(FILES, version=7)
    assert told(loaded) == []
    assert loaded.flow_set is not None
    assert (loaded.flow_set.version, list(loaded.flow_set.flows)) == (7, ["tour"])
    assert loaded.flow_set.script("tour").consents["personal_data"].text == DATA.strip()


def test_A17_a_consent_text_is_known_by_its_digest() -> None:
    loaded = load(FILES)
    assert loaded.flow_set is not None
    wording = loaded.flow_set.consents["consents/data.md"]
    assert wording.digest == sha256(DATA.strip().encode()).hexdigest()
    edited = load(folder("consents/data.md", ("один год", "два года"))).flow_set
    assert edited is not None
    assert edited.consents["consents/data.md"].digest != wording.digest


# ---------------------------------------------------------------- where, what, and the way out

# name, (old, new), line, column, part of the message, part of the fix
MISTAKES = [
    # unknown keys
    ("unknown-key", ("    purpose: позвонить", "    purpos: позвонить"), 51, 5, "ключ «purpos»", "«purpose»"),
    ("unknown-key", ("        score: 10", "        skore: 10"), 28, 9, "ключ «skore»", "«score»"),
    ("unknown-key", ("title: Туры\n", "title: Туры\ngreeting: Привет\n"), 3, 1, "«greeting»", "closed, confirmed"),
    # missing keys point to the start of their part
    ("missing-key", ("title: Туры\n", ""), 1, 1, "не хватает ключа «title»", "«title: …»"),
    ("missing-key", ("      - label: В горы\n        value", "      - value"), 30, 9, "«label»", "Надпись на кнопке"),
    ("missing-key", ("  - after: 2 days\n    mark", "  - mark"), 69, 5, "«after»", "Сколько ждать"),
    # wrong kinds
    ("wrong-kind", ("words: [тур]", "words: тур"), 3, 8, "«words» — это список", "«- »"),
    ("wrong-kind", ("stock: 10", "stock: много"), 10, 12, "целое число, а не «много»", "цифрами"),
    ("wrong-kind", ("    answer: phone\n", "    answer: phone\n    optional: да\n"), 51, 15, "true (да)", "false"),
    ("wrong-kind", ("title: Туры", "title: [Туры]"), 2, 8, "текст, а не список", "«|»"),
    # words that are not in the language
    ("unknown-word", ("answer: phone", "answer: fone"), 50, 13, "«fone»", "«phone»"),
    ("unknown-word", ("kind: advertising", "kind: advert"), 66, 11, "«advert»", "«advertising»"),
    ("unknown-word", ("mark: cold", "mark: gold"), 70, 11, "«gold»", "«cold»"),
    # names, numbers and spans
    ("wrong-name", ("id: hello", "id: Привет"), 14, 9, "имя «Привет»", "латинские"),
    ("wrong-name", ("  sea:\n", "  Sea:\n"), 8, 3, "имя «Sea»", "латинские"),
    ("wrong-name", ("flow: tour", "flow: Tour!"), 1, 7, "имя «Tour!»", "латинские"),
    ("out-of-bounds", ("stock: 10", "stock: 0"), 10, 12, "число 0", "не меньше 1"),
    ("wrong-value", ("valid: 3 days", "valid: 3 дня"), 11, 12, "срок «3 дня»", "20 min"),
    ("wrong-value", ("after: 20 min", "after: 0 min"), 62, 12, "вне пределов", ""),
    ("wrong-value", ("valid: 3 days", 'until: "30.06.2027"'), 11, 12, "дата «30.06.2027»", "2027-06-30"),
    # the same key twice, both places told
    ("duplicate-key", ("title: Туры\n", "title: Туры\ntitle: Туры к морю\n"), 3, 1, "строка 2 и строка 3", "один"),
    ("duplicate-key", ("    answer: phone\n", "    answer: phone\n    answer: email\n"), 51, 5, "50 и строка 51", ""),
    ("duplicate-key", ("  - id: phone", "    id: phone"), 47, 5, "строка 42 и строка 47", "с «- »"),
    # nothing after the colon
    ("empty-value", ("    answer: phone\n", "    answer:\n"), 50, 5, "после «answer:» ничего нет", "Допишите"),
    ("empty-value", ("title: Туры", "title: ~"), 2, 8, "«~» значит «ничего»", '"~"'),
    ("empty-value", ("- label: К морю", '- label: ""'), 26, 16, "«label» — пусто", "текст"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "change", "line", "column", "message", "fix"), MISTAKES)
def test_A1_every_mistake_has_its_place_and_a_way_out(
    name: str, change: tuple[str, str], line: int, column: int, message: str, fix: str
) -> None:
    found = [one for one in problems("tour.yaml", change) if one.name == name and message in one.message]
    assert found, "\n".join(map(str, problems("tour.yaml", change)))
    assert (found[0].file, found[0].line, found[0].column) == ("tour.yaml", line, column)
    assert fix in found[0].fix
    assert found[0].excerpt == FLOW.replace(*change, 1).split("\n")[line - 1]


# (old, new), line, column, part of the message, part of the fix
SYNTAX = [
    (("title: Туры", "title: Туры: к морю"), 2, 12, "двоеточие внутри текста", "«|»"),
    (("title: Туры", "title: {Туры"), 2, 8, "текст начинается с «{»", "«|»"),
    (("title: Туры", "title: {{ company }}"), 2, 9, "со скобки", "«|»"),
    (("title: Туры", "title: @tours"), 2, 8, "не может начинаться с «@»", "кавычки"),
    (("title: Туры", 'title: "Туры'), 2, 8, "кавычка открыта и не закрыта", "Закройте"),
    (("title: Туры", 'title: "Туры" к морю'), 2, 15, "после закрывающей кавычки", "title: '\"Туры\" к морю'"),
    (("title: Туры", "title: *Туры*"), 2, 8, "ссылка YAML", "«|»"),
    (("title: Туры", "title: !Туры"), 2, 8, "не может начинаться с «!»", "«|»"),
    (("title: Туры", "title: !tours x"), 2, 8, "тег YAML", "«|»"),
    (("words: [тур]", "words: [тур"), 3, 8, "список открыт «[» и не закрыт", "«]»"),
    (("title: Туры", "title: - Туры"), 2, 8, "в одной строке с ключом", "следующую строку"),
    (("    say: |\n      Хорошего", "    say: | Хорошего\n      Хорошего"), 59, 12, "после «|»", "со следующей строки"),
    (("    answer: phone", "\tanswer: phone"), 50, 1, "табуляция", "пробелами"),
    (("    answer: phone", "   answer: phone"), 50, 4, "отступ этой строки", "Выровняйте"),
    (("    stock: 10", "      stock: 10"), 10, 7, "лишний отступ", "Выровняйте"),
    (("    answer: phone", "    answer phone"), 50, 5, "не ключ и не пункт списка", "Допишите «:»"),
    (("  - id: phone", "  id: phone"), 47, 3, "без «- »", "Поставьте «- »"),
    (("    ask: |\n      Куда хотите?", "    ask: Куда #хотите\n      ехать?"), 22, 15, "считает примечанием", "«|»"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "line", "column", "message", "fix"), SYNTAX)
def test_A1_syntax_errors_say_what_the_author_did(
    change: tuple[str, str], line: int, column: int, message: str, fix: str
) -> None:
    found = [one for one in problems("tour.yaml", change) if one.file == "tour.yaml"]
    assert len(found) == 1, "\n".join(map(str, found))
    assert (found[0].line, found[0].column) == (line, column), str(found[0])
    assert message in found[0].message
    assert fix in found[0].fix


def test_A1_all_problems_of_all_files_come_at_once_in_order() -> None:
    files = folder("tour.yaml", ("answer: phone", "answer: fone"), ("mark: cold", "mark: gold"))
    files["business.yaml"] = BUSINESS.replace("https://volna.example/privacy", "volna").replace(
        "step: hello", "step: helo"
    )
    files["empty.yaml"] = "# потом\n"
    loaded = load(files)
    assert loaded.flow_set is None
    assert [(one.file, one.line, one.name) for one in loaded.problems] == [
        ("business.yaml", 6, "policy-not-link"),
        ("business.yaml", 13, "jump-to-nowhere"),
        ("empty.yaml", 1, "empty-file"),
        ("tour.yaml", 50, "unknown-word"),
        ("tour.yaml", 70, "unknown-word"),
    ]


def test_A1_a_problem_shows_its_line_and_a_caret() -> None:
    found = the_one(problems("tour.yaml", ("answer: phone", "answer: fone")), "unknown-word")
    headline, line, caret = str(found).split("\n")
    assert headline.startswith("tour.yaml:50:13: «fone» здесь не подходит. Возможно, вы имели в виду «phone».")
    assert line.endswith("answer: fone")
    assert line[caret.index("^") :] == "fone"


def test_a_long_line_is_shown_around_the_place() -> None:
    problem = Problem("a.yaml", 1, 301, "так нельзя", "Иначе.", excerpt="x" * 300 + "Y" + "z" * 300)
    _, line, caret = str(problem).split("\n")
    assert len(line) < 120
    assert line[caret.index("^")] == "Y"


def test_the_nearest_word_is_offered_or_all_of_them() -> None:
    assert nearest("ofer", ["offer", "hello"]) == "Возможно, вы имели в виду «offer»."
    assert nearest("OFFER", ["offer", "hello"]) == "Возможно, вы имели в виду «offer»."
    assert nearest("xyz", ["offer", "hello"]) == "Известные: hello, offer."
    assert nearest("xyz", []) == ""


@pytest.mark.parametrize("text", ["", "\n\n", "# только примечание\n", "---\n", "~\n"])
def test_an_empty_file_is_a_sentence(text: str) -> None:
    found = [one for one in load({**FILES, "extra.yaml": text}).problems if one.file == "extra.yaml"]
    assert [one.name for one in found] == ["empty-file"]
    assert "файл пуст" in str(found[0])


@pytest.mark.parametrize("text", ["- a\n- b\n", "просто текст\n", "42\n"])
def test_a_file_without_keys_is_a_sentence(text: str) -> None:
    found = [one for one in load({**FILES, "extra.yaml": text}).problems if one.file == "extra.yaml"]
    assert [(one.name, one.line, one.column) for one in found] == [("wrong-kind", 1, 1)]


def test_without_business_there_is_no_set() -> None:
    found = load({path: text for path, text in FILES.items() if path != "business.yaml"})
    assert found.flow_set is None
    assert the_one(list(found.problems), "no-business").file == "business.yaml"


# ---------------------------------------------------------------- A2: what editors leave


def test_A2_bom_and_windows_line_ends_are_read() -> None:
    files = {path: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode() for path, text in FILES.items()}
    loaded = load(files)
    assert told(loaded) == []
    assert loaded.flow_set == load(FILES).flow_set


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("cp1251", "Windows-1251"), ("utf-16", "UTF-16"), ("utf-16-be", "не в UTF-8"), ("koi8-r", "UTF-8")],
)
def test_A2_other_encodings_are_named(encoding: str, name: str) -> None:
    loaded = load({**FILES, "tour.yaml": FLOW.encode(encoding)})
    assert loaded.flow_set is None
    found = [one for one in loaded.problems if one.file == "tour.yaml"]
    assert len(found) == 1
    assert found[0].name in ("encoding", "hidden-character")
    if encoding != "utf-16-be":
        assert name in found[0].message
        assert "UTF-8" in found[0].fix


def test_A2_a_broken_letter_is_found_by_its_place() -> None:
    raw = FLOW.encode().replace("Туры".encode(), "Ту".encode() + b"\xff" + "ы".encode(), 1)
    found = the_one(list(load({**FILES, "tour.yaml": raw}).problems), "encoding")
    assert found.line == 2


@pytest.mark.parametrize(("hidden", "code"), [("\xa0", "00A0"), ("\u200b", "200B"), ("\ufeff", "FEFF")])
def test_A2_a_hidden_character_in_a_key_is_shown(hidden: str, code: str) -> None:
    found = the_one(problems("tour.yaml", ("    answer: phone", f"    answer{hidden}: phone")), "hidden-character")
    assert (found.line, found.column) == (50, 11)
    assert f"U+{code}" in found.message


@pytest.mark.parametrize("hidden", ["\x00", "\x07", "\x1b", "\u2028", "\ud800"])
def test_A2_control_characters_are_found_by_their_place(hidden: str) -> None:
    found = the_one(problems("tour.yaml", ("Хорошего дня", f"Хорошего{hidden} дня")), "hidden-character")
    assert (found.line, found.column) == (60, 15)
    assert hidden not in str(found)


@pytest.mark.parametrize("path", [".tour.yaml.swp", "tour.yaml~", ".git/x.yaml", "#tour.yaml#", "tour.yaml.tmp"])
def test_A2_editors_own_files_are_not_read(path: str) -> None:
    assert told(load({**FILES, path: "{{{{"})) == []


def test_a_yml_file_is_not_passed_over_in_silence() -> None:
    found = the_one(list(load({**FILES, "other.yml": FLOW}).problems), "file-name")
    assert ".yaml" in found.fix


# ---------------------------------------------------------------- A5: bombs

BOMB = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 9)}]\n" for i in range(9)
)
BOMBS = {
    "aliases": (BOMB, "якорь"),
    "brackets": ("a: " + "[" * 2000 + "]" * 2000, "вложенность"),
    "braces": ("a: " + "{a: " * 2000, "вложенность"),
    "indents": ("\n".join("  " * level + "a:" for level in range(40)), "вложенность"),
    "nodes": ("".join(f"k{index}: v\n" for index in range(12_000)), "20000"),
    "megabyte": ("# " + "x" * 1_000_001, "1 МБ"),
    "tag": ("a: !!python/object/apply:os.system [ls]", "тег"),
    "merge": ("a: {b: 1}\n<<: {c: 2}", "«<<»"),
    "documents": ("a: 1\n---\nb: 2", "второй документ"),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_A5_bombs_are_refused_in_two_seconds(kind: str) -> None:
    text, message = BOMBS[kind]
    began = time.process_time()
    loaded = load({**FILES, "bomb.yaml": text})
    spent = time.process_time() - began
    found = [one for one in loaded.problems if one.file == "bomb.yaml"]
    assert loaded.flow_set is None
    assert message in found[0].message, found[0]
    assert spent < 8  # under two on an idle machine; unbounded, each would take minutes


@pytest.mark.parametrize("kind", ["aliases", "braces", "megabyte"])
def test_A5_bombs_take_no_memory(kind: str) -> None:
    tracemalloc.start()
    load({**FILES, "bomb.yaml": BOMBS[kind][0]})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 32_000_000


def test_A25_two_thousand_steps_in_a_hundred_files_load_in_two_seconds() -> None:
    step = "  - id: s{0}\n    say: |\n      Ещё раз {{{{ company }}}}.\n"
    files: dict[str, str | bytes] = {**FILES}
    for number in range(100):
        text = FLOW.replace("flow: tour", f"flow: tour{number}").replace("words: [тур]", f"words: [тур{number}]")
        files[f"tour{number}.yaml"] = text.replace("  - id: bye", "".join(map(step.format, range(12))) + "  - id: bye")
    began = time.process_time()
    loaded = load(files)
    spent = time.process_time() - began
    assert not loaded.errors
    assert loaded.flow_set is not None
    assert sum(len(flow.steps) for flow in loaded.flow_set.flows.values()) > 2_000
    assert spent < 8  # two on an idle machine; the suite runs beside others


# ---------------------------------------------------------------- A6: guessed types


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("5", "число"),
        ("1e5", "число"),
        ("2.5", "число"),
        ("2026-11-22", "дата"),
        ("true", "да или нет"),
        ("-3", "число"),
    ],
)
def test_A6_what_yaml_would_guess_is_asked_in_quotes(written: str, kind: str) -> None:
    found = the_one(problems("tour.yaml", ("title: Туры", f"title: {written}")), "guessed-type")
    assert (found.line, found.column) == (2, 8)
    assert kind in found.message
    assert f'"{written}"' in found.fix


@pytest.mark.parametrize(
    "written", ["no", "on", "yes", "12:30", "0123", "1_000", "0x1F", "2026-99-99", "Да", ".5", "+7"]
)
def test_A6_text_stays_text_letter_by_letter(written: str) -> None:
    loaded = load(folder("tour.yaml", ("title: Туры", f"title: {written}")))
    assert loaded.flow_set is not None, told(loaded)
    assert loaded.flow_set.flows["tour"].title == written


@pytest.mark.parametrize("written", ["no", "on", "0", '"true"'])
def test_A6_a_word_is_never_a_silent_no(written: str) -> None:
    found = problems("tour.yaml", ("    answer: phone\n", f"    answer: phone\n    optional: {written}\n"))
    assert the_one(found, "wrong-kind").line == 51


def test_A6_a_date_may_go_without_quotes_where_a_date_is_meant() -> None:
    loaded = load(folder("tour.yaml", ("valid: 3 days", "until: 2099-06-30")))
    assert loaded.flow_set is not None, told(loaded)
    assert str(loaded.flow_set.flows["tour"].offers["sea"].until) == "2099-06-30"


@pytest.mark.parametrize("written", ["5", "[1, 2]", '"25:00-26:00"', "09:00", '"c девяти"'])
def test_A16_hours_are_understood_or_explained(written: str) -> None:
    found = the_one(problems("business.yaml", ('mon: "09:00-18:00"', f"mon: {written}")), "wrong-value")
    assert (found.line, found.column) == (8, 8)
    assert "09:00-19:00" in found.fix


def test_A16_an_unknown_time_zone_is_explained() -> None:
    found = the_one(problems("business.yaml", ("policy:", "timezone: Europe/Pskov\npolicy:")), "wrong-value")
    assert (found.line, found.column) == (6, 11)
    assert "Europe/Moscow" in found.fix


def test_A5_a_time_zone_that_is_no_name_is_refused_however_deep_it_goes():
    """It would be looked for as a module within a module within a module."""
    deep = "a." * 2000
    found = the_one(problems("business.yaml", ("policy:", f"timezone: {deep}\npolicy:")), "wrong-value")
    assert "часовой пояс" in found.message
