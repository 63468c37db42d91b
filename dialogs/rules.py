"""Rules of a flow that hang on a condition: texts, points, worth, tags, hand-over."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StrictInt, StrictStr

from dialogs.business import Part

Prose = StrictStr
If = Annotated[StrictStr, Field(alias="if")]


class TextRule(Part):
    """``if`` the condition holds, this ``text``; the last may have no ``if``: otherwise."""

    condition: Annotated[StrictStr | None, Field(alias="if")] = Field(
        None, description="Условие; у последнего текста его нет — это «иначе»."
    )
    text: Prose = Field(description="Что сказать, если условие выполнено.")


Text = Prose | Annotated[tuple[TextRule, ...], Field(min_length=1)]


class ScoreRule(Part):
    """``if`` the condition holds, ``add`` points, for this ``reason`` (managers read it)."""

    condition: If = Field(description="Условие, например year >= 2020.")
    add: StrictInt = Field(description="Сколько баллов добавить (или убавить, со знаком минус).")
    reason: Prose = Field(description="Почему — словами для менеджера.")


class WorthRule(Part):
    """``if`` the condition holds (always, without one), ``add`` so many roubles to what the lead may bring."""

    condition: Annotated[StrictStr | None, Field(alias="if")] = Field(
        None, description="Условие; без него сумма прибавляется всегда."
    )
    add: StrictInt = Field(description="Сколько рублей прибавить к ожидаемой сумме (или убавить, со знаком минус).")


class TagRule(Part):
    """``if`` the condition holds at the application, the lead has this ``tag``."""

    condition: If = Field(description="Условие, например people >= 5.")
    tag: Annotated[StrictStr, Field(min_length=1, max_length=40)] = Field(
        description="Метка: её видят менеджеры на карточке, она есть в таблице."
    )


class HandOverRule(Part):
    """``if`` the condition holds at the application, a person is called at once."""

    condition: If = Field(description="Условие, например score >= 70.")


def texts_of(text: Text | None) -> tuple[str, ...]:
    """Everything that may be said here."""
    if text is None or isinstance(text, str):
        return (text,) if text else ()
    return tuple(one.text for one in text)


def conditions_of(text: Text | None) -> tuple[str, ...]:
    """The conditions that choose the text."""
    return tuple(one.condition for one in text if one.condition) if isinstance(text, tuple) else ()
