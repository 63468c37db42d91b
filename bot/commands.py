"""What every command uses: settings, the database, the checked folder, and how to fail with a sentence."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

if TYPE_CHECKING:
    from bot.publishing import Checked
    from bot.settings import Settings
    from storage.database import Database

T = TypeVar("T")
Folder = Annotated[Path | None, typer.Option("--flows", help="Folder of the flows; FLOWS_DIR by default.")]


def fail(sentence: str) -> NoReturn:
    typer.echo(said(sentence), err=True)
    raise typer.Exit(1)


def settings_or_fail() -> Settings:
    from bot.settings import SettingsError, load_settings

    try:
        return load_settings()
    except SettingsError as wrong:
        fail(str(wrong))


def run_to_end(work: Coroutine[Any, Any, T]) -> T:
    """Typer does not run coroutines by itself."""
    return asyncio.run(work)


def with_database(settings: Settings, act: Callable[[Database], Awaitable[T]]) -> T:
    """What ``act`` finds in the database, brought to this program's schema and closed after it."""

    async def go() -> T:
        from storage.database import Database
        from storage.schema import upgrade

        database = Database(settings.database_url)
        try:
            await upgrade(database)
            return await act(database)
        finally:
            await database.close()

    return run_to_end(go())


def found_or_fail(settings: Settings, act: Callable[[Database], Awaitable[T]]) -> T:
    """The same, where what was asked for may not be there: a LookupError that says so in a sentence."""
    try:
        return with_database(settings, act)
    except LookupError as nothing:
        fail(str(nothing.args[0]))


def checked_folder(folder: Path | None, *, quiet: bool = False) -> tuple[dict[str, bytes], Checked]:
    from bot.language import told
    from bot.publishing import StillChanging, read_folder
    from bot.publishing import check as check_set

    folder = folder or settings_or_fail().flows_dir
    if not folder.is_dir():
        fail(f"There is no folder {folder}. Set FLOWS_DIR or use --flows.")
    try:
        files = read_folder(folder)
    except StillChanging as changing:
        fail(str(changing))
    checked = check_set(files, today=datetime.now(UTC))
    if not quiet:
        for problem in told((*checked.problems, *checked.stories), os.environ):
            typer.echo(f"{folder}/{problem}", err=True)
    return files, checked


def said(text: str) -> str:
    """A sentence, in the computer's language."""
    from bot.language import sentence

    return sentence(text, os.environ)
