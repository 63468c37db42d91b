"""A row's columns as plain fields of its object: found in the object itself, and set with a note of it.

SQLAlchemy's own descriptors are asked at each reading too, a call of Python for what the object has in its dictionary;
a turn reads fifty columns. A descriptor that says nothing of setting comes after the object's dictionary, so it is
asked only for what is not there: a column that was forgotten, or never read.

What is set is noted in the notebook of the row's session, which ``rows.py`` gives to the rows it makes and writes from.
SQLAlchemy is told of it for other rows, and where it knows more of a row than we do: of a column that it has forgotten.

A row's own dictionary is asked of it as ``__dict__``: ``vars`` takes twice as long, thirty times an answer.

What SQLAlchemy keeps about a row costs twice what the row does, and about most rows of a batch it is asked nothing. So
rows that ``rows.py`` makes have it from the moment when somebody asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import DeclarativeBase, InstanceState, InstrumentedAttribute
from sqlalchemy.orm.attributes import del_attribute, set_attribute

__all__ = ["SESSION", "STATE", "Fields", "Notes", "give_state", "read_plainly"]

STATE = "_sa_instance_state"  # where a row has what SQLAlchemy keeps about it
SESSION = "_session"  # and where its session, if that is one of ours; None when it has left it
Notes = dict[Any, dict[str, Any]]
"""Row -> column -> what was there before: what was set on a session's rows and is not written yet."""


class _State:
    """Of a row that was made without: SQLAlchemy asks for it, and finds it in the row itself from then on."""

    def __get__(self, row: Any, kind: type) -> Any:
        held = {} if row is None else row.__dict__
        if not held:
            raise AttributeError(STATE)  # SQLAlchemy makes this row
        if session := held.get(SESSION):
            session.show_rows()
            return held[STATE]
        key = [held[one.name] for one in kind.__mapper__.primary_key] if SESSION in held else ()  # type: ignore[attr-defined]
        return give_state(row, tuple(key))


def give_state(row: Any, key: tuple[Any, ...]) -> InstanceState[Any]:
    """``key``: of a row that is in its table, or held by a session that will see to it; else empty."""
    mapper = type(row).__mapper__
    state: InstanceState[Any] = InstanceState(row, mapper.class_manager)
    state.key = mapper.identity_key_from_primary_key(key) if key else None
    row.__dict__[STATE] = state
    return state


class Fields:
    """For rows whose columns are read plainly: what is set is noted for the next flush."""

    _sa_instance_state = _State()

    if not TYPE_CHECKING:  # or mypy would let anything be set

        def __setattr__(self, name: str, value: Any) -> None:
            held = self.__dict__
            session = held.get(SESSION)
            if session is not None and name in held:
                session.notes.setdefault(self, {}).setdefault(name, held[name])
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
