"""``leadbot``: the command line. Thin: each command calls one function and ends non-zero, with a sentence, on failure.

Whatever is heavy (aiogram, NiceGUI, the database) is imported inside the command that needs it.
"""

from __future__ import annotations

import logging
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import fail, run_to_end, said, settings_or_fail, with_database
from bot.data_commands import data
from bot.flow_commands import flows
from bot.help import in_our_language

if TYPE_CHECKING:
    from storage.database import Database

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """The entry point: a failure is a sentence, not a traceback."""
    try:
        in_our_language(typer.main.get_command(app))()
    except KeyboardInterrupt:
        fail("Stopped.")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(version("leadbot"))
        raise typer.Exit


@app.callback()
def leadbot(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Which version.")] = False,
) -> None:
    """Turns people who write to a business in Telegram and VK into leads it can call."""


@app.command()
def run() -> None:
    """Serve every channel that has a token, and the pages."""
    settings = settings_or_fail()
    typer.echo(said("Starting leadbot…"))
    from bot.process import serve

    raise typer.Exit(run_to_end(serve(settings)))


@app.command()
def doctor() -> None:
    """Look at everything that has to be right: settings, database, flows, tokens, rights, managers' chats."""
    from bot.doctor import examine

    settings = settings_or_fail()
    logging.disable(logging.WARNING)
    sound = True
    for finding in run_to_end(examine(settings)):
        sound = sound and finding.well is not False
        mark = {True: "✓", False: "✗", None: "–"}[finding.well]
        typer.echo(f"{mark} {said(f'{finding.what}: {finding.told}')}")
    if not sound:
        raise typer.Exit(1)


@app.command()
def migrate() -> None:
    """Bring the database to this program's schema. ``run`` does it by itself."""

    async def go(_: Database) -> None:
        """It is up to date as soon as it is open."""

    with_database(settings_or_fail(), go)
    typer.echo(said("The database is up to date."))


app.add_typer(flows)
app.add_typer(data)


if __name__ == "__main__":
    main()
