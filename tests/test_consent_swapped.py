"""Which of the two consents a text is: a mistake that stops the publishing has to be certain."""

from __future__ import annotations

import pytest

from dialogs.reading import load
from tests.flow_folder import DATA, FILES, told

PERSONAL = """\
Consent
I give consent to the operator ИП Волнова, address: Псков, Речная, 1, to process my personal data.
Purposes: to find a tour and to contact me. List of data: name, phone number.
Actions: collection, storage, use, deletion. Recipients: nobody else.
Term: one year. How to withdraw: write “withdraw my consent”.
"""
NEWS = PERSONAL.replace("to find a tour and to contact me", "to send me advertising")
ENGLISH = "translation: tour\nlanguage: en\nconfirmed: [not-translated]\nsteps:\n  name:\n    ask: What is your name?\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("на обработку данных.", "на обработку данных, без рекламы и рассылок."),
        ("связаться со мной", "связаться со мной (не для рекламы)"),
        ("подобрать тур и связаться", "подобрать тур, прислать рекламу и связаться"),
    ],
)
def test_a_consent_that_mentions_advertising_is_not_the_one_to_advertising(old: str, new: str) -> None:
    found = load({**FILES, "consents/data.md": DATA.replace(old, new), "consents/another.md": DATA})
    assert [(one.name, one.level) for one in found.problems] == [("consent-two-things", "warning")]


def test_an_agency_may_be_called_after_its_advertising() -> None:
    named = {path: text.replace("ИП Волнова", "ООО «Реклама и праздники»") for path, text in FILES.items()}
    assert load({**named, "consents/another.md": named["consents/data.md"]}).problems == ()


def test_english_consents_in_the_place_of_each_other_are_told_in_both_files() -> None:
    files = {**FILES, "tour.en.yaml": ENGLISH}
    assert not load({**files, "consents/data.en.md": PERSONAL, "consents/news.en.md": NEWS}).problems
    swapped = load({**files, "consents/data.en.md": NEWS, "consents/news.en.md": PERSONAL})
    assert [one.split("\n")[0] for one in told(swapped)] == [
        "consents/data.en.md:1:1: в «consents/data.en.md» согласие на рекламу, а нужно здесь — на обработку данных. "
        "Напишите в нём перевод consents/data.md.",
        "consents/news.en.md:1:1: в «consents/news.en.md» согласие на обработку данных, а нужно здесь — на рекламу. "
        "Напишите в нём перевод consents/news.md.",
    ]
