"""Settings: what is read, what is refused and how it is said."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.pace import Rate
from bot.settings import RESERVED, Settings, SettingsError, load_settings, names, warnings

EXAMPLE = Path(__file__).parents[1] / ".env.example"


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in names():
        monkeypatch.delenv(name, raising=False)


def read(tmp_path: Path, text: str = "") -> Settings:
    (tmp_path / ".env").write_text(text, "utf-8")
    return load_settings(tmp_path / ".env")


def test_nothing_set_is_a_bot_in_the_browser(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "absent.env")
    assert settings.telegram_token is settings.vk_token is settings.web_password is None
    assert settings.database_url == "sqlite+aiosqlite:///leads.db"
    assert (settings.web_host, settings.web_port, settings.flows_dir) == ("127.0.0.1", 8080, Path("dialogs/flows"))
    assert settings.rates == {"telegram": Rate(30, 1.0, 5, 20), "vk": Rate(20)}


def test_the_example_names_every_variable_once_with_its_default_and_one_comment() -> None:
    lines = EXAMPLE.read_text("utf-8").splitlines()
    comments, assignments = lines[::2], lines[1::2]
    assert all(comment.startswith("# ") for comment in comments)
    given = dict(line.split("=", 1) for line in assignments)
    assert list(given) == list(names())
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None or field.default == frozenset() else str(field.default)
        assert given[name.upper()] == default, name


def test_the_example_as_it_is_works(tmp_path: Path) -> None:
    assert read(tmp_path, EXAMPLE.read_text("utf-8")) == load_settings(tmp_path / "absent.env")


def test_the_environment_wins_over_the_file_and_empty_is_not_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEB_PORT", "9000")
    monkeypatch.setenv("VK_TOKEN", "")
    settings = read(tmp_path, "\ufeffWEB_PORT=1\nLOG_LEVEL=debug\n")
    assert (settings.web_port, settings.log_level, settings.vk_token) == (9000, "DEBUG", None)


def test_admins_are_read_as_people_write_them(tmp_path: Path) -> None:
    settings = read(tmp_path, "ADMINS= telegram:123, vk:456 ,\n")
    assert settings.admins == {("telegram", "123"), ("vk", "456")}


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("sqlite:///a.db", "sqlite+aiosqlite:///a.db"),
        ("postgres://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgresql://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgresql+asyncpg://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
    ],
)
def test_a_plain_database_address_gets_its_driver(tmp_path: Path, url: str, kept: str) -> None:
    assert read(tmp_path, f"DATABASE_URL={url}").database_url == kept


def test_every_problem_is_told_at_once_with_the_way_out_and_without_the_value(tmp_path: Path) -> None:
    wrong = """
        TELEGRAM_TOKEN=secret-canary
        TELEGRAM_API_URL=not an address
        TELEGRAM_PROXY=canary.example
        TELEGRAM_MANAGERS_CHAT=Managers
        VK_TOKEN=vk1.a.canary
        ADMINS=telegram:123,@canary
        DATABASE_URL=mysql://u:canary@h/d
        WEB_HOST=0.0.0.0
        WEB_PORT=http
        TELEGRAM_RATE=-1
        LOG_FORMAT=xml
    """
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, "\n".join(line.strip() for line in wrong.splitlines()))
    told = str(refused.value)
    lines = {line.split(":")[0].strip(): line for line in told.splitlines()[1:]}
    assert lines.keys() == {
        "TELEGRAM_TOKEN", "TELEGRAM_API_URL", "TELEGRAM_PROXY", "TELEGRAM_MANAGERS_CHAT", "VK_GROUP_ID", "ADMINS",
        "DATABASE_URL", "WEB_PORT", "WEB_PASSWORD", "TELEGRAM_RATE", "LOG_FORMAT",
    }  # fmt: skip
    assert "canary" not in told
    assert "@BotFather" in lines["TELEGRAM_TOKEN"] and "VK_TOKEN needs it" in lines["VK_GROUP_ID"]
    assert all(len(line) < 250 for line in lines.values())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
def test_this_machine_alone_needs_no_password(tmp_path: Path, host: str) -> None:
    assert read(tmp_path, f"WEB_HOST={host}").web_password is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.5", "leads.example"])
def test_others_may_come_in_only_with_a_password(tmp_path: Path, host: str) -> None:
    with pytest.raises(SettingsError, match="WEB_PASSWORD"):
        read(tmp_path, f"WEB_HOST={host}")
    assert read(tmp_path, f"WEB_HOST={host}\nWEB_PASSWORD=long enough").web_password is not None


def test_reserved_and_foreign_variables_are_tolerated(tmp_path: Path) -> None:
    assert read(tmp_path, "".join(f"{name}=x\n" for name in RESERVED) + "EDITOR=vi\n").vk_token is None


def test_O1_secrets_do_not_show_themselves(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        "TELEGRAM_TOKEN=123456:AAcanary\nVK_TOKEN=vk1.a.canary\nVK_GROUP_ID=1\nWEB_PASSWORD=canary\n"
        "TELEGRAM_PROXY=socks5://u:canary-p@h:1\n",
    )
    assert set(settings.secrets) == {"123456:AAcanary", "vk1.a.canary", "canary", "canary-p"}
    assert "canary" not in f"{settings.telegram_token} {settings.vk_token!r} {settings.web_password}"


def test_O5_a_file_that_others_can_read_is_warned_about(tmp_path: Path) -> None:
    read(tmp_path, "VK_GROUP_ID=1")
    os.chmod(tmp_path / ".env", 0o644)
    assert "chmod 600" in warnings(tmp_path / ".env")[0]
    os.chmod(tmp_path / ".env", 0o600)
    assert warnings(tmp_path / ".env") == warnings(tmp_path / "absent.env") == []


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("# пароль\nWEB_PASSWORD=тайна".encode("cp1251"))
    with pytest.raises(SettingsError, match="UTF-8"):
        load_settings(tmp_path / ".env")
