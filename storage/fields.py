"""A row's columns as plain fields of its object: found in the object itself, and set with a note of it.

SQLAlchemy's own descriptors are asked at each reading too, a call of Python for what the object has in its dictionary;
a turn reads fifty columns. A descriptor that says nothing of setting comes after the object's dictionary, so it is
asked only for what is not there: a column that was forgotten, or never read.

What is set is noted in the notebook of the row's session, which ``rows.py`` gives to the rows it makes and writes from.
SQLAlchemy is told of it for other rows, and where it knows more of a row than we do: of a column that it has forgotten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute
from sqlalchemy.orm.attributes import del_attribute, set_attribute

__all__ = ["NOTES", "Fields", "Notes", "read_plainly"]

NOTES = "_notes"  # where a row has its session's notebook
Notes = dict[Any, dict[str, Any]]
"""Row -> column -> what was there before: what was set on a session's rows and is not written yet."""


class Fields:
    """For rows whose columns are read plainly: what is set is noted for the next flush."""

    if not TYPE_CHECKING:  # or mypy would let anything be set

        def __setattr__(self, name: str, value: Any) -> None:
            held = vars(self)
            notes = held.get(NOTES)
            if notes is not None and name in held:
                notes.setdefault(self, {}).setdefault(name, held[name])
                held[name] = value
            elif name in type(self).__mapper__.class_manager:
                set_attribute(self, name, value)
            else:
                super().__setattr__(name, value)

        def __delattr__(self, name: str) -> None:
            if name in type(self).__mapper__.class_manager:
                del_attribute(self, name)
            else:
                super().__delattr__(name)


class _Plain:
    """A column of a kind of rows: SQLAlchemy's own for the kind, of which queries are made, and for what a row does
    not have."""

    def __init__(self, usual: InstrumentedAttribute[Any]) -> None:
        self._usual = usual

    def __get__(self, row: object | None, kind: type) -> Any:
        return self._usual.__get__(row, kind)


def read_plainly(base: type[DeclarativeBase]) -> None:
    """All columns of the mapped classes below ``base``, which is one of ``Fields``."""
    for mapper in base.registry.mappers:
        for name in mapper.columns.keys():  # noqa: SIM118
            setattr(mapper.class_, name, _Plain(getattr(mapper.class_, name)))
