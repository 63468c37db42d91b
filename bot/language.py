"""In which language authors are told about their files: Russian, unless their computer clearly speaks another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

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


def sentence(russian: str, environment: Mapping[str, str]) -> str:
    """What frames them, likewise."""
    return english(russian) if language(environment) == "en" else russian
