"""What is left of the sample is told; a firm's own words are not, however alike they are."""

from __future__ import annotations

from dialogs.reading import load
from tests.flow_folder import FILES


def changed(*pairs: tuple[str, str]) -> list[str]:
    """What is told of the folder when each old words are replaced in all its files."""
    files = dict(FILES)
    for old, new in pairs:
        assert any(old in text for text in files.values()), old
        files = {path: text.replace(old, new) for path, text in files.items()}
    return [f"{one.file}:{one.line} {one.message}" for one in load(files).problems]


def test_a_firm_of_the_same_name_keeps_it() -> None:
    assert (
        changed(("Бюро «Волна»", "Турфирма «Меридиан»"), ("никому не", "сотрудникам «Меридиана», больше никому не"))
        == []
    )
    assert changed(("ИП Волнова", "ООО «Меридиан»")) == []


def test_but_not_its_site() -> None:
    site = ("https://volna.example", "https://meridian.example")
    assert changed(("Бюро «Волна»", "Турфирма «Меридиан»"), site) == [
        "business.yaml:6 «meridian.example» осталось от образца"
    ]


def test_where_people_live_may_be_asked_and_named() -> None:
    assert changed(("Перечень данных: имя, телефон", "Перечень данных: имя, телефон, ваш адрес")) == []


def test_an_address_without_a_street_is_told_wherever_it_stands() -> None:
    assert changed(("Псков, Речная, 1", "Псков, ваш адрес")) == [
        f"{place} «ваш адрес» осталось от образца"
        for place in ("business.yaml:4", "consents/data.md:1", "consents/news.md:1")
    ]


def test_the_samples_own_operator_is_told() -> None:
    assert "business.yaml:3 «Меридиан» осталось от образца" in changed(("ИП Волнова", "ООО «Меридиан Авто»"))
