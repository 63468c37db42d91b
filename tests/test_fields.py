"""A row's columns as plain fields: SQLAlchemy knows of a row, whatever is done to it, what it knows of its own."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import StaticPool, create_engine, event, inspect, select, text
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Mapped, Session, aliased, mapped_column
from sqlalchemy.orm.attributes import set_committed_value

from storage.fields import STATE, Fields, read_plainly
from storage.tables import Contact, Row

from .conftest import NOON


class Usual(DeclarativeBase):
    """SQLAlchemy's own."""


class Plain(Fields, DeclarativeBase):
    """The same with plain fields."""


class Thing:
    __tablename__ = "thing"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    size: Mapped[int] = mapped_column(default=1)


class UsualThing(Thing, Usual):
    pass


class PlainThing(Thing, Plain):
    pass


Plain.registry.configure()
read_plainly(Plain)

_COLUMN = st.sampled_from(["name", "size"])
_ACTS = st.one_of(
    st.tuples(st.just("set"), _COLUMN, st.sampled_from([None, 1, 2, "Анна"])),
    st.tuples(st.just("set"), st.just("id"), st.sampled_from([1, 2])),
    st.tuples(st.sampled_from(["again", "read", "delete", "expire", "refresh", "commit_value", "behind"]), _COLUMN),
    st.tuples(st.sampled_from(["flush", "expire_all", "found", "anew", "nested", "fall", "merge", "leave", "add"])),
)


def lived(kind: type[Any], acts: list[tuple[Any, ...]]) -> list[object]:
    """What is to be seen of a row after each of the acts, and of its table at the end."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    event.listen(engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    kind.metadata.create_all(engine)
    seen: list[object] = []
    with Session(engine, autoflush=False, expire_on_commit=False) as db:
        row = kind(id=1)
        for act in acts:
            try:
                row = done(db, row, *act)
            except Exception as odd:  # what is refused is refused in the same way
                seen.append(type(odd))
                if not db.is_active:
                    db.rollback()
            state = inspect(row)
            seen.append({name: value for name, value in vars(row).items() if name != "_sa_instance_state"})
            seen.append([state.attrs[name].history for name in ("id", "name", "size")])
            seen.append((state.modified, row in db.dirty, row in db.new, row in db, state.expired_attributes))
        try:
            db.commit()
        except Exception as odd:
            seen.append(type(odd))
    with engine.connect() as connection:
        seen.append([tuple(one) for one in connection.execute(select(kind.__table__))])
    engine.dispose()
    return seen


def done(db: Session, row: Any, act: str, name: str = "", value: Any = None) -> Any:
    match act:
        case "set":
            setattr(row, name, value)
        case "again":
            setattr(row, name, getattr(row, name))
        case "read":
            getattr(row, name)
        case "delete":
            delattr(row, name)
        case "expire":
            db.expire(row, [name])
        case "refresh":
            db.refresh(row, [name])
        case "commit_value":
            set_committed_value(row, name, 3)
        case "behind":
            db.execute(text(f"update thing set {name} = 7"))
        case "flush":
            db.flush()
        case "expire_all":
            db.expire_all()
        case "found":
            db.scalars(select(type(row))).all()
        case "anew":
            db.scalars(select(type(row)), execution_options={"populate_existing": True}).all()
        case "nested":
            with db.begin_nested():
                row.name = "within"
        case "fall":
            nested = db.begin_nested()
            row.name = "lost"
            db.flush()
            nested.rollback()
        case "merge":
            row = db.merge(row)
        case "leave":
            db.expunge(row)
        case "add":
            db.add(row)
    return row


@settings(max_examples=120, deadline=None)
@given(st.lists(_ACTS, max_size=14).map(lambda acts: [("add",), *acts]) | st.lists(_ACTS, max_size=14))
def test_a_row_is_to_sqlalchemy_what_its_own_are(acts: list[tuple[Any, ...]]) -> None:
    assert lived(PlainThing, acts) == lived(UsualThing, acts)


def test_columns_of_all_tables_are_plain_and_queries_are_made_of_them_as_ever() -> None:
    for mapper in Row.registry.mappers:
        for name in mapper.columns.keys():  # noqa: SIM118
            assert isinstance(getattr(mapper.class_, name), InstrumentedAttribute)
            assert not hasattr(mapper.class_.__dict__[name], "__set__"), "the object's own value would come second"
    other = aliased(Contact)
    assert str(select(other.name).where(other.id == Contact.id)).count("contact_1") == 3


def test_what_is_no_column_is_the_objects_own() -> None:
    row: Any = Contact(id=1, created_at=NOON)
    row.remark = "known"
    assert not {"remark"} & set(inspect(row).committed_state)
    del row.remark
    with pytest.raises(AttributeError):
        _ = row.remark
    with pytest.raises(AttributeError):
        del row.remark


def test_what_sqlalchemy_keeps_about_a_row_is_where_it_looks_for_it() -> None:
    assert Contact.__mapper__.class_manager.STATE_ATTR == STATE and STATE in vars(Fields)
