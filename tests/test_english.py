"""Whatever is told to authors is known in both languages: no sentence without its English one, none in vain."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.language import language, sentence
from dialogs.english import english, in_english, pairs
from dialogs.problems import Problem
from tests.flow_folder import folder

ROOT = Path(__file__).parents[1]
TELLING = (
    "bounds", "business", "conditions", "confirming", "consents", "durations", "mistakes", "pauses", "placeholders",
    "problems", "reading", "stories", "text_files", "texts", "translation", "yaml_mistakes", "yaml_tree",
)  # fmt: skip
CYRILLIC = re.compile("[А-Яа-яЁё]")
SAYS_NOTHING = {
    "ООО «Меридиан Авто»",
    "ваш адрес",
    "менеджер",
    "ё",
    "е",
    "и",
    "или",
    "не",
    " и без ",
    "реклам",
    "{} д",
    "{} ч",
    "{} мин",
}  # looked for, or put together


def modules() -> list[Path]:
    return sorted(
        path for path in (ROOT / "dialogs").glob("*.py") if path.stem in TELLING or path.stem.startswith("lint_")
    )


def told(path: Path) -> Iterator[str]:
    """Every Russian sentence in the code, its gaps as «{}»: no docstrings, no descriptions of keys, no patterns."""
    tree = ast.parse(path.read_text("utf-8"))
    left_out: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr | ast.Module):
            left_out |= {id(node.value)} if isinstance(node, ast.Expr) else set()
        if isinstance(node, ast.keyword) and node.arg == "description":
            left_out |= set(map(id, ast.walk(node.value)))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            pattern = isinstance(node.func.value, ast.Name) and node.func.value.id == "re"
            if pattern or node.func.attr in ("startswith", "Field"):
                left_out |= set(map(id, ast.walk(node)))
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in ("PARTS", "_NUMBER"):
            values = node.value.values if isinstance(node.value, ast.Dict) else [node.value]
            left_out |= {id(part) for value in values for part in ast.walk(value)}
    for node in ast.walk(tree):
        if id(node) in left_out:
            continue
        if isinstance(node, ast.JoinedStr):
            left_out |= set(map(id, node.values))
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if CYRILLIC.search(text) and text not in SAYS_NOTHING:
            yield text


def plain(text: str) -> str:
    text = re.sub(r"^строка \{\}: |; $", "", text)
    return text[:1].lower() + text[1:].removesuffix(".")


def parts(text: str) -> list[str]:
    """One sentence, or those that it is put together of: «what is wrong; the way out», «what is wrong. The way out.»"""
    known = {russian for russian, _ in pairs()}
    text = plain(text)
    if text in known or re.fullmatch(r"(\{\}\W*)*", text):
        return [text]
    for mark in (". ", "; "):
        first, found, rest = text.partition(mark)
        if found and plain(first) in known:
            return [plain(first), *(parts(rest) if CYRILLIC.search(rest) else [])]
    return [text]


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.stem)
def test_every_sentence_told_to_authors_has_its_english(path: Path) -> None:
    """If this fails, add the sentence to dialogs/english_rules.py or english_reading.py, with «{}» for each gap."""
    known = {russian for russian, _ in pairs()}
    missing = [part for text in told(path) for part in parts(text) if CYRILLIC.search(part) and part not in known]
    assert not missing, "\n".join(dict.fromkeys(missing))


FRAMES = [
    "Ошибок: {}. Опубликованное продолжает работать.",
    "Всё в порядке: файлов {}.",
    "Всё в порядке: файлов {}, предупреждений {}.",
    "Историй сошлось: {}, не сошлось: {}.",
    "Сначала исправьте ошибки в сценариях.",
    "Есть ошибки: ничего не опубликовано, работает прежняя версия.",
    "Опубликована версия {}.",
    "Сначала исправьте ошибки в сценариях: leadbot check.",
    "Нет сценария «{}»; есть: {}.",
    "Нет сценария «{}»; проверьте: leadbot check.",
    "Нет сценария «{}» без ошибок; проверьте: leadbot check.",
    "Канал — telegram, vk или web.",
    "Файлы в {} прямо сейчас меняются. Подождите, пока всё сохранится, и повторите.",
    "История не записана: {}",
    "Не создано: {}",
    "Образца «{}» нет; есть: {}",
    "«{}» уже есть: {}. Назовите иначе.",
    "Сценарий с таким именем",
    "Имя «{}» не годится: строчные латинские буквы, цифры и одиночные _, до {} знаков, например tire_service",
    "Сначала исправьте business.yaml: leadbot check",
    "Так не получится:",
    "История «{}» в {} уже есть: назовите новую иначе",
    "Сначала исправьте файл с историями.",
    "{} — ссылка или не файл: туда не пишем. Уберите её или положите обычный файл.",
    "{} только что изменился: повторите, чтобы ничего не затереть.",
    "Не понял, о ком речь. Так: telegram:123, vk:456, web:…, телефон, почта или lead:17.",
    "Таких данных у нас нет. Если человека уже удалили, спросите по адресу: telegram:123, vk:456.",
    "По этому запросу у нас несколько человек: {}. Назовите одного: lead:НОМЕР.",
    "Ещё ничего не опубликовано: возвращаться не к чему.",
    "Версии {} нет; последняя — {}.",
    "Это первая версия: прежней нет.",
    "Версия {} и так опубликована.",
    "Версию {} эта программа уже не читает.",
]
MADE = {  # put together in the code of smaller parts
    "предупреждение", "да или нет", "{} и без {}", "добавьте строку «{}: …». {}",
}  # fmt: skip


def test_no_english_sentence_is_left_over() -> None:
    said = {part for path in modules() for text in told(path) for part in parts(text)}
    said |= {plain(frame) for frame in FRAMES} | MADE
    assert sorted({russian for russian, _ in pairs()} - said) == []


def test_each_pair_has_the_same_gaps_and_is_in_its_language() -> None:
    seen: set[str] = set()
    for russian, said in pairs():
        assert russian not in seen, russian
        seen.add(russian)
        assert said.count("{}") + said.count("{0}") * russian.count("{}") == russian.count("{}"), russian
        bare = re.sub("«[^»]*»|'[^']*'", "", said)
        assert not CYRILLIC.search(bare), said
        assert CYRILLIC.search(russian)


@pytest.mark.parametrize("frame", FRAMES)
def test_the_frame_is_told_in_the_same_language(frame: str) -> None:
    text = frame.format(3, 2)
    assert sentence(text, {"LANG": "ru_RU.UTF-8"}) == text
    assert not CYRILLIC.search(sentence(text, {"LANG": "en_US.UTF-8"}))


@pytest.mark.parametrize(
    ("environment", "spoken"),
    [
        ({}, "ru"),
        ({"LANG": ""}, "ru"),
        ({"LANG": "C"}, "ru"),
        ({"LANG": "C.UTF-8"}, "ru"),
        ({"LC_ALL": "POSIX", "LANG": "en_US.UTF-8"}, "ru"),
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "ru"}, "ru"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "de_DE"}, "en"),
        ({"LC_ALL": "", "LANG": "en_GB.UTF-8"}, "en"),
        ({"LC_MESSAGES": "en_GB.UTF-8", "LANG": "ru_RU.UTF-8"}, "en"),
    ],
)
def test_the_language_is_the_computers_and_russian_where_it_says_nothing(
    environment: dict[str, str], spoken: str
) -> None:
    assert language(environment) == spoken


@pytest.mark.parametrize(
    ("russian", "said"),
    [
        ("ключ «имя» здесь неизвестен", "the key “имя” is unknown here"),
        ("ключ «дата; число. список» здесь неизвестен", "the key “дата; число. список” is unknown here"),
        ("Возможно, вы имели в виду «да».", "Did you mean “да”?"),
        ("Известные: имя, дата.", "Known: имя, дата."),
        ("здесь нужен текст, а не список", "text is needed here, and not a list"),
        ("до заявки можно дойти без имени и без телефона или почты",
            "the application can be reached without a name and without a phone or an e-mail"),
        ("ВКонтакте: на кнопке 44 знака, предел — 40", "ВКонтакте: the button has 44 letters, the limit is 40"),
        ("Добавьте строку «title: …». Название: его видят люди.", "Add a line “title: …”."),
        ("фильтра «dya» нет", "there is no filter “dya”"),
        ("просто слова автора", "просто слова автора"),
        ("{name} люди увидят как есть; нужны две скобки: {{ name }}",
            "people will see {name} as it stands; two brackets are needed: {{ name }}"),
    ],
)  # fmt: skip
def test_the_authors_words_stay_his(russian: str, said: str) -> None:
    assert english(russian) == said


def test_a_warning_is_called_so_in_english_too() -> None:
    problem = Problem("a.yaml", 1, 2, "«СРОЧНО» звучит как крик", "Уберите разметку.", "warning", "shouting")
    assert (
        str(in_english(problem))
        == "a.yaml:1:2: warning: “СРОЧНО” sounds like shouting. Take out the markup. [shouting]"
    )


@pytest.mark.parametrize(
    ("spoken", "sentences"),
    [
        ("C.UTF-8", ["шага «bay» в этом сценарии нет. Возможно, вы имели в виду «bye».", "Ошибок: 1."]),
        ("en_GB.UTF-8", ["there is no step “bay” in this flow. Did you mean “bye”?", "Errors: 1."]),
    ],
)
def test_leadbot_check_speaks_as_the_computer_does(tmp_path: Path, spoken: str, sentences: list[str]) -> None:
    for path, text in folder("tour.yaml", ("refused: bye", "refused: bay")).items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(str(text), "utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LC_")} | {"LANG": spoken}
    command = [sys.executable, "-m", "bot.cli", "check", str(tmp_path)]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert f"{tmp_path}/tour.yaml:20:14: {sentences[0]}" in ended.stderr
    assert sentences[1] in ended.stderr
