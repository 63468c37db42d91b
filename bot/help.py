"""``leadbot --help`` in the computer's language: the texts are written in English, beside what they are about."""

from __future__ import annotations

from typing import TypeVar

from typer import Context
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from bot.commands import said

T = TypeVar("T")


def in_our_language(command: T) -> T:
    """All its texts said in the computer's language, and those of the commands under it."""
    if isinstance(command, TyperGroup | TyperCommand):
        command.help = said(" ".join((command.help or "").split()))
        command.rich_help_panel = said("Commands")
        for one in (*command.params, command.get_help_option(Context(command))):
            if isinstance(one, TyperArgument | TyperOption):
                one.help = said(one.help or "")
                one.rich_help_panel = said("Arguments" if isinstance(one, TyperArgument) else "Options")
    if isinstance(command, TyperGroup):
        for under in command.commands.values():
            in_our_language(under)
    return command
