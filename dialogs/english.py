"""Problems in English, for those whose computer speaks it.

Every problem is told in Russian, the language of our authors, where it is found. Here the finished sentence is looked
up among the known ones and said again; the author's own words stay. A test sees to it that no sentence is missing.
"""

from __future__ import annotations

from dataclasses import replace

from dialogs.catalogue import Catalogue
from dialogs.english_reading import READING
from dialogs.english_rules import RULES
from dialogs.problems import Problem

_PROBLEMS = Catalogue(RULES + READING)
english, pairs = _PROBLEMS.said, _PROBLEMS.pairs


def in_english(problem: Problem) -> Problem:
    """The same problem, told in English."""
    return replace(problem, message=english(problem.message), fix=english(problem.fix), tongue="en")
