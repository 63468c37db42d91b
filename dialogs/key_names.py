"""The key that was meant by a word that is none: a slip of it, or what it is called in Russian."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from dialogs.problems import likely, listed

_IN_RUSSIAN: Mapping[str, tuple[str, ...]] = {
    "сценарий": ("flow", "translation"),
    "название": ("title", "company"),
    "заголовок": ("title",),
    "имя": ("id", "name", "flow"),
    "шаг": ("step", "id", "steps"),
    "шаги": ("steps",),
    "часть": ("part", "parts"),
    "части": ("parts",),
    "текст": ("say", "text", "label", "answer"),
    "сказать": ("say", "text"),
    "сообщение": ("say", "text"),
    "вопрос": ("ask", "questions"),
    "спросить": ("ask",),
    "вопросы": ("questions",),
    "ответ": ("answer",),
    "кнопка": ("choices", "label"),
    "кнопки": ("choices",),
    "варианты": ("choices", "variants"),
    "надпись": ("label",),
    "значение": ("value",),
    "слова": ("words",),
    "подсказка": ("hint",),
    "пример": ("example",),
    "пауза": ("pause",),
    "карточка": ("card",),
    "подпись": ("card", "label"),
    "цель": ("purpose",),
    "зачем": ("purpose",),
    "согласие": ("consent", "personal_data"),
    "реклама": ("advertising",),
    "отказ": ("refused",),
    "заявка": ("application",),
    "проверка": ("review",),
    "картинка": ("picture",),
    "документ": ("document",),
    "файл": ("document",),
    "переход": ("go",),
    "куда": ("go",),
    "дальше": ("go",),
    "если": ("if",),
    "условие": ("if",),
    "условия": ("conditions", "if"),
    "баллы": ("score", "add"),
    "причина": ("reason",),
    "причины": ("reasons", "reason"),
    "молчание": ("silence",),
    "напоминание": ("silence", "dates"),
    "напоминания": ("silence", "dates"),
    "дата": ("date", "dates", "until"),
    "даты": ("dates",),
    "предложение": ("offers", "application"),
    "предложения": ("offers",),
    "метка": ("tag", "tags"),
    "метки": ("tags",),
    "вид": ("type", "kind", "contact_kind"),
    "тип": ("type", "kind"),
    "запас": ("stock",),
    "цена": ("price",),
    "срок": ("valid", "until"),
    "после": ("after",),
    "через": ("after",),
    "до": ("to", "before", "until"),
    "от": ("from",),
    "единица": ("unit",),
    "язык": ("language",),
    "компания": ("company",),
    "оператор": ("operator",),
    "адрес": ("address",),
    "политика": ("policy",),
    "меню": ("start",),
    "каналы": ("published", "closed"),
}
"""Word -> keys it may stand for, the likeliest first; which are known depends on the place."""


def meant_by(word: str, known: Collection[str]) -> str | None:
    """The known key that was meant, if one is near enough."""
    bare = word.partition(":")[0].strip()  # «type:number» lacks a blank
    if near := likely(bare, known):
        return near
    russian = likely(bare.lower(), _IN_RUSSIAN)
    return next((key for key in _IN_RUSSIAN[russian] if key in known), None) if russian else None


def way_out(word: str, known: Collection[str]) -> str:
    """The key that was meant, or every key there is."""
    if meant := meant_by(word, known):
        return f"Возможно, вы имели в виду «{meant}»."
    return f"Известные: {listed(sorted(known), most=len(known))}."
