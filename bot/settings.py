"""Settings from the environment and ``.env``: every variable of the contract with those who run leadbot.

All are optional: with no token at all the bot runs in the browser. Whatever is wrong is reported at once, each with
where to get the right value; values themselves are never repeated, they may be secrets.
"""

from __future__ import annotations

import ipaddress
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AnyHttpUrl, Field, SecretStr, TypeAdapter, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.pace import Rate

RESERVED = (
    "TELEGRAM_WEBHOOK_URL",
    "TELEGRAM_WEBHOOK_SECRET",
    "VK_CALLBACK_SECRET",
    "VK_CALLBACK_CONFIRMATION",
    "PII_KEY",
)
_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}

_FROM_BOTFATHER = "Get it in Telegram from @BotFather: /newbot for a new bot, /token for one you have."
_FROM_COMMUNITY = "Get it in VK: Manage community, API usage, Access tokens (with messages and community management)."


class SettingsError(Exception):
    """Everything that is wrong, one line each. Safe to print: holds no values."""


class Settings(BaseSettings):
    """``*_managers_chat`` are ids as the channel's texts; ``admins`` are (channel, external id)."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True, extra="ignore", validate_default=True, hide_input_in_errors=True, frozen=True
    )

    telegram_token: SecretStr | None = Field(None, description=_FROM_BOTFATHER)
    telegram_api_url: str | None = Field(None, description="Address of your own Bot API server, http:// or https://.")
    telegram_proxy: str | None = Field(None, description="A proxy for Telegram alone: socks5://host:port or http://…")
    telegram_managers_chat: str | None = Field(
        None, description="Id of the managers' group: the negative number in its address at web.telegram.org."
    )
    vk_token: SecretStr | None = Field(None, description=_FROM_COMMUNITY)
    vk_group_id: int | None = Field(
        None, gt=0, description="The community's number: Manage community, page address, the digits after club."
    )
    vk_api_url: str | None = Field(None, description="Address of the VK API, the part before /method/.")
    vk_managers_chat: str | None = Field(
        None,
        description="Peer id of the managers' chat: 2000000000 + N, its address in the community ends in sel=cN.",
    )
    admins: Annotated[frozenset[tuple[str, str]], NoDecode] = Field(
        frozenset(), description="Who may do everything: telegram:123,vk:456, numbers of accounts, with commas between."
    )
    database_url: str = Field(
        "sqlite+aiosqlite:///leads.db",
        description="sqlite+aiosqlite:///leads.db or postgresql+asyncpg://user:…@host/db.",
    )
    flows_dir: Path = Field(Path("dialogs/flows"), description="Folder of the flows and of business.yaml.")
    web_host: str = Field("127.0.0.1", description="Where the pages listen; 0.0.0.0 for everybody, with a password.")
    web_port: int = Field(8080, ge=0, le=65535, description="The port of the pages, health and metrics.")
    web_password: SecretStr | None = Field(
        None,
        description="Any long password: private pages ask for it. Required when WEB_HOST is not this machine alone.",
    )
    telegram_rate: float = Field(30, ge=0, description="Messages a second in Telegram; 0 for no limit of ours.")
    telegram_group_rate: float = Field(20, ge=0, description="Messages a minute into one Telegram group; 0 for none.")
    vk_rate: float = Field(20, ge=0, description="Calls a second to VK; 0 for no limit of ours.")
    log_format: Literal["console", "json"] = Field("console", description="console or json.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="DEBUG, INFO, WARNING or ERROR."
    )

    @field_validator("telegram_token")
    @classmethod
    def _looks_like_a_token(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None:
            number, colon, secret = token.get_secret_value().partition(":")
            if not (number.isascii() and number.isdigit() and colon and secret) or any(map(str.isspace, secret)):
                raise ValueError("does not look like a token (a number, a colon, letters and digits)")
        return token

    @field_validator("telegram_api_url", "vk_api_url")
    @classmethod
    def _is_an_address(cls, url: str | None) -> str | None:
        if url is not None:
            try:
                TypeAdapter(AnyHttpUrl).validate_python(url)
            except ValueError:
                raise ValueError("is not an address") from None
            return url.rstrip("/")
        return None

    @field_validator("telegram_proxy")
    @classmethod
    def _is_a_proxy(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("socks5://", "socks4://", "http://", "https://")):
            raise ValueError("is not an address of a proxy")
        return url

    @field_validator("telegram_managers_chat", "vk_managers_chat")
    @classmethod
    def _is_a_chat(cls, chat: str | None) -> str | None:
        if chat is not None and not chat.removeprefix("-").isdecimal():
            raise ValueError("is not a chat's number")
        return chat

    @field_validator("vk_group_id")
    @classmethod
    def _goes_with_the_token(cls, group: int | None, known: ValidationInfo) -> int | None:
        if group is None and known.data.get("vk_token") is not None:
            raise ValueError("is missing: VK_TOKEN needs it")
        return group

    @field_validator("admins", mode="before")
    @classmethod
    def _read_admins(cls, text: Any) -> Any:
        if not isinstance(text, str):
            return text
        return frozenset(_admin(one.strip()) for one in text.split(",") if one.strip())

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, text: str) -> str:
        try:
            url = make_url(text)
        except ArgumentError:
            raise ValueError("is not an address of a database") from None
        if url.get_backend_name() not in _DRIVERS:
            raise ValueError("names a database that is not supported")
        return _async(url).render_as_string(hide_password=False)

    @field_validator("web_password")
    @classmethod
    def _guards_what_others_reach(cls, password: SecretStr | None, known: ValidationInfo) -> SecretStr | None:
        if password is None and not _loopback(known.data.get("web_host", "127.0.0.1")):
            raise ValueError("is missing: WEB_HOST lets others in")
        return password

    @field_validator("log_level", mode="before")
    @classmethod
    def _in_capitals(cls, level: Any) -> Any:
        return level.upper() if isinstance(level, str) else level

    @property
    def rates(self) -> dict[str, Rate]:
        """Delivery's ceilings. A private chat takes about one a second; without TELEGRAM_RATE (an own server, paid
        broadcasts) that is up to the server too."""
        private = 1.0 if self.telegram_rate else 0.0
        return {
            "telegram": Rate(self.telegram_rate, chat_per_second=private, group_per_minute=self.telegram_group_rate),
            "vk": Rate(self.vk_rate),
        }

    @property
    def secrets(self) -> list[str]:
        """What must never be seen in a log (O1)."""
        own = [one.get_secret_value() for one in (self.telegram_token, self.vk_token, self.web_password) if one]
        passwords = [make_url(url).password for url in (self.database_url, self.telegram_proxy) if url]
        return [*own, *(str(one) for one in passwords if one)]


def load_settings(env_file: Path = Path(".env")) -> Settings:
    """Read the environment and ``env_file``. Raises SettingsError with every problem there is."""
    try:
        return Settings(_env_file=env_file, _env_file_encoding="utf-8-sig")
    except ValidationError as wrong:
        raise SettingsError("\n".join(["These settings are wrong:", *_told(wrong)])) from None
    except UnicodeDecodeError:
        raise SettingsError(f"{env_file} is not text in UTF-8: save it anew in that encoding.") from None


def warnings(env_file: Path = Path(".env")) -> list[str]:
    """What works and still should not be so (O5)."""
    try:
        open_to_others = env_file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH)
    except OSError:
        return []
    if open_to_others and os.name == "posix":
        return [f"{env_file} holds secrets and can be read by other users of this machine: chmod 600 {env_file}"]
    return []


def _told(wrong: ValidationError) -> Iterator[str]:
    for error in wrong.errors(include_input=False, include_url=False):
        name = str(error["loc"][0])
        said = error["msg"].removeprefix("Value error, ")
        said = said[0].lower() + said[1:]
        yield f"  {name.upper()}: {said.rstrip('.')}. {Settings.model_fields[name].description}"


def _admin(text: str) -> tuple[str, str]:
    channel, _, number = text.partition(":")
    if channel not in ("telegram", "vk") or not (number.isascii() and number.isdigit()):
        raise ValueError("has something that is not telegram:NUMBER or vk:NUMBER")
    return channel, number


def _async(url: URL) -> URL:
    """A plain address gets the driver we work with."""
    plain = url.drivername in _DRIVERS
    return url.set(drivername=_DRIVERS[url.drivername]) if plain else url


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def names() -> Iterable[str]:
    """Every variable that is read today."""
    return [name.upper() for name in Settings.model_fields]
