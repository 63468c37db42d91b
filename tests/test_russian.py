"""What the command line tells operators is known in both languages; a Russian computer hears no English."""

from __future__ import annotations

import ast
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperArgument, TyperGroup, TyperOption

from bot.cli import app
from bot.doctor import examine
from bot.language import sentence
from bot.port import PortTaken, bind
from bot.russian import pairs, russian
from bot.settings import Settings, SettingsError, load_settings, names
from storage.database import Database
from storage.schema import upgrade

ROOT = Path(__file__).parents[1]
TELLING = (
    "bot/alone.py", "bot/cli.py", "bot/commands.py", "bot/data_commands.py", "bot/flow_commands.py", "bot/help.py",
    "bot/house.py", "bot/port.py", "bot/process.py", "bot/settings.py", "storage/schema.py", "storage/soundness.py",
)  # fmt: skip
TOLD_BY = {
    "fail",
    "said",
    "sentence",
    "CannotStart",
    "NotAlone",
    "NewerSchema",
    "PortTaken",
    "Damaged",
    "SettingsError",
}
CYRILLIC, LATIN = re.compile("[А-Яа-яЁё]"), re.compile("[A-Za-z]{2}")
RUSSIAN, ENGLISH = {"LANG": "ru_RU.UTF-8"}, {"LANG": "en_GB.UTF-8"}


def literals(node: ast.AST) -> Iterator[str]:
    """The strings in an expression, their gaps as «x»."""
    if isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif not isinstance(node, ast.Call):
        for part in ast.iter_child_nodes(node):
            yield from literals(part)


def told(path: str) -> Iterator[str]:
    for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TOLD_BY:
            yield from (text for part in node.args[:1] for text in literals(part))


@pytest.mark.parametrize("path", TELLING)
def test_every_sentence_told_to_operators_has_its_russian(path: str) -> None:
    """If this fails, add the sentence to bot/russian.py, with «{}» for each gap."""
    lines = [
        line for text in told(path) for line in text.split("\n") if LATIN.search(line) and not CYRILLIC.search(line)
    ]
    missing = [line for line in lines if not CYRILLIC.search(sentence(line, RUSSIAN))]
    assert not missing
    assert [sentence(line, ENGLISH) for line in lines] == lines


def helps(group: TyperGroup) -> Iterator[str]:
    for command in (group, *group.commands.values()):
        yield " ".join((command.help or "").split())
        yield from (one.help for one in command.params if isinstance(one, TyperArgument | TyperOption) and one.help)
        if isinstance(command, TyperGroup) and command is not group:
            yield from helps(command)


def test_every_text_of_the_help_has_its_russian() -> None:
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    missing = [text for text in helps(root) if text and not CYRILLIC.search(russian(text))]
    assert not missing


def test_every_setting_is_described_in_russian_too() -> None:
    described = {name: str(field.description) for name, field in Settings.model_fields.items()}
    assert not [name for name, text in described.items() if russian(text) == text]
    assert not any(CYRILLIC.search(text) for text in described.values())


def test_each_pair_has_the_same_gaps() -> None:
    seen = [english for english, _ in pairs()]
    assert len(seen) == len(set(seen))
    for english, said in pairs():
        assert english.count("{}") == said.count("{}"), english
        assert not CYRILLIC.search(english)


def test_no_russian_sentence_is_left_over() -> None:
    """Its longest piece stands in the code, or comes from pydantic."""
    code = [(ROOT / path).read_text("utf-8") for path in (*TELLING, "bot/doctor.py", "bot/channels/vk.py")]
    strings = (" ".join(text.split()) for one in code for text in _strings(ast.parse(one)))
    known = "\n".join(strings).lower()
    for english, _ in pairs():
        piece = max(re.split("{}|; ", english), key=len).lower().strip(" ;:,.()")
        piece = piece.partition(": ")[2] if piece.partition(": ")[0] in DOCTOR else piece
        pydantics = piece.startswith(("input should be", "url scheme"))
        assert piece in known or piece in LIBRARIES or pydantics, english


def _strings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr | ast.Constant):
            yield from literals(node)


DOCTOR = {"flows", "database", "database file", "telegram", "telegram managers' chat", "vk", "published", "pages",
          "log of sqlite"}  # fmt: skip
LIBRARIES = {
    "show this message and exit", "address already in use", "permission denied", "cannot assign requested address",
}  # fmt: skip


# ---------------------------------------------------------------- through the front door


def leadbot(*arguments: str, cwd: Path, spoken: str, **settings: str) -> tuple[int, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LC_") and name not in names()}
    environment = kept | {"LANG": spoken, "PYTHONPATH": str(ROOT), "COLUMNS": "100"} | settings
    command = [sys.executable, "-m", "bot", *arguments]
    ended = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    return ended.returncode, ended.stdout + ended.stderr


def test_the_help_speaks_as_the_computer_does(tmp_path: Path) -> None:
    _, said = leadbot("talk", "--help", cwd=tmp_path, spoken="ru_RU.UTF-8")
    assert "Поговорить со сценарием прямо в терминале" in said and "Показать эту справку" in said and "Ключи" in said
    _, said = leadbot("talk", "--help", cwd=tmp_path, spoken="en_GB.UTF-8")
    assert "Talk to a flow in the terminal" in said and not CYRILLIC.search(said)


def test_irinas_wrong_settings_are_told_in_russian(tmp_path: Path) -> None:
    wrong = {
        "TELEGRAM_TOKEN": "123",
        "WEB_PORT": "http",
        "VK_TOKEN": "vk1.a.x",
        "WEB_HOST": "0.0.0.0",
        "LOG_FORMAT": "xml",
    }
    code, said = leadbot("run", cwd=tmp_path, spoken="ru_RU.UTF-8", **wrong)
    assert (code, said.splitlines()) == (
        1,
        [
            "В настройках ошибки:",
            "  TELEGRAM_TOKEN: не похоже на токен (число, двоеточие, буквы и цифры). Его даст @BotFather в Telegram: "
            "/newbot — для нового бота, /token — для вашего прежнего.",
            "  VK_GROUP_ID: не задано, а без этого VK_TOKEN не работает. Номер сообщества: Управление сообществом, "
            "Адрес страницы, цифры после club.",
            "  WEB_PORT: здесь нужно целое число. Порт страниц, проверки здоровья и метрик.",
            "  WEB_PASSWORD: не задан, а WEB_HOST впускает всех. Любой длинный пароль: его спросят закрытые страницы. "
            "Нужен, если WEB_HOST впускает не только этот компьютер.",
            "  LOG_FORMAT: можно 'console' или 'json'. console или json.",
        ],
    )


def test_a_missing_folder_is_told_in_russian(tmp_path: Path) -> None:
    code, said = leadbot("check", cwd=tmp_path, spoken="C")
    assert (code, said) == (1, "Папки dialogs/flows нет. Назовите другую: FLOWS_DIR в .env или --flows.\n")


def test_a_taken_port_is_told_in_russian() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(PortTaken) as taken:
        bind("127.0.0.1", port := other.getsockname()[1])
    said = sentence(str(taken.value), RUSSIAN)
    assert said.startswith(f"Не удалось открыть 127.0.0.1:{port} (адрес уже занят).")
    assert said.endswith("Остановите её или впишите в .env другой порт: WEB_PORT (и, если нужно, WEB_HOST).")


@pytest.mark.parametrize(
    "wrong",
    [
        {"TELEGRAM_API_URL": "api"},
        {"TELEGRAM_API_URL": "ftp://api"},
        {"WEB_PORT": "70000"},
        {"WEB_PORT": "-1"},
        {"VK_GROUP_ID": "0"},
        {"VK_RATE": "много"},
        {"LOG_LEVEL": "loud"},
        {"ADMINS": "irina"},
        {"DATABASE_URL": "mysql://x/y"},
        {"DATABASE_URL": "leads"},
        {"TELEGRAM_PROXY": "host:1"},
        {"VK_MANAGERS_CHAT": "наш"},
    ],
)
def test_whatever_is_wrong_with_a_setting_is_told_in_russian(
    wrong: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in names():
        monkeypatch.delenv(name, raising=False)
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in wrong.items()), "utf-8")
    with pytest.raises(SettingsError) as refused:
        load_settings(tmp_path / ".env")
    said = sentence(str(refused.value), RUSSIAN)
    assert not re.search(r"\b(is|the|of|should|names|valid|has)\b", said), said


async def test_the_doctor_speaks_russian_of_a_sick_and_of_a_sound_house(tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:1"
    sound = {"flows_dir": ROOT / "dialogs" / "flows", "database_url": f"sqlite+aiosqlite:///{tmp_path / 'leads.db'}"}
    tokens = {
        "telegram_token": "1:a",
        "telegram_api_url": nowhere,
        "vk_token": "x",
        "vk_group_id": 1,
        "vk_api_url": nowhere,
    }
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(b"no database at all" * 100)
    houses = [
        sound | {"database_url": f"sqlite+aiosqlite:///{tmp_path / 'none.db'}"},
        sound,
        sound | tokens | {"web_password": "long enough"},
        {"flows_dir": tmp_path / "none", "database_url": "postgresql+asyncpg://u:p@127.0.0.1:1/d"},
        {"flows_dir": tmp_path, "database_url": f"sqlite+aiosqlite:///{damaged}"},
    ]
    database = Database(str(sound["database_url"]))
    await upgrade(database)
    await database.close()
    said = []
    for house in houses:
        findings = await examine(Settings.model_validate(house))
        said += [sentence(f"{finding.what}: {finding.told}", RUSSIAN) for finding in findings]
        assert not [one for one in findings if CYRILLIC.search(sentence(f"{one.what}: {one.told}", ENGLISH))]
    assert not [line for line in said if not CYRILLIC.search(line)]
    assert (
        "сценарии: все файлы в порядке" in said
        and "опубликовано: пока ничего; первый leadbot run опубликует сам" in said
    )
    assert f"сценарии: папки {tmp_path / 'none'} нет; впишите верную в FLOWS_DIR" in said
    assert [line for line in said if line.startswith("файл базы: повреждён (")]
    assert [line for line in said if line.endswith("проверьте TELEGRAM_TOKEN, TELEGRAM_API_URL, TELEGRAM_PROXY")]
