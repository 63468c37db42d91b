"""In which language the command line speaks: Russian, unless the computer clearly speaks another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from bot.russian import russian
from dialogs.english import english, in_english
from dialogs.problems import Problem

_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")  # as in POSIX: the first one that is set decides
_NO_LANGUAGE = ("", "c", "posix")


def language(environment: Mapping[str, str]) -> Literal["ru", "en"]:
    """Unset, ``C`` and ``POSIX`` (servers, containers) say nothing, and our authors are Russian."""
    named = next((value for name in _VARIABLES if (value := environment.get(name))), "")
    spoken = named.partition(".")[0].partition("_")[0].lower()
    return "ru" if spoken in (*_NO_LANGUAGE, "ru") else "en"


def told(problems: Sequence[Problem], environment: Mapping[str, str]) -> list[Problem]:
    """The problems in the computer's language."""
    return [in_english(one) for one in problems] if language(environment) == "en" else list(problems)


def sentence(text: str, environment: Mapping[str, str]) -> str:
    """Any other sentence, made in Russian (about the author's files) or in English (about the program), likewise."""
    say = english if language(environment) == "en" else russian
    return "\n".join(map(say, text.split("\n")))
