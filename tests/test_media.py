"""Pictures and documents beside a flow: what is wrong with them is told before anybody sees it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.media import DOCUMENTS, PICTURES, kind_of, media, pixels
from dialogs.reading import load
from tests.flow_folder import FILES
from tests.pictures import DOCX, PDF, jpg, png

HELLO = "      Здравствуйте! Подберём тур."
VP8X = b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x02\0\0\x01\0\0"


def problems(key: str, path: str, files: dict[str, bytes], *, step: str = "id: hello", business: str = "") -> list[str]:
    """``HEADLINE`` of everything that is wrong with a flow whose step has the file."""
    flow = FILES["tour.yaml"].replace(f"  - {step}\n", f"  - {step}\n    {key}: {path}\n")
    made = {**FILES, "tour.yaml": flow, "business.yaml": business or FILES["business.yaml"], **files}
    return [one.headline for one in load(made).problems if one.name not in ("unused-consent",)]


SOUND = [
    ("picture", "pictures/kasko.png", png(800, 600)),
    ("picture", "kasko.jpg", jpg(800, 600)),
    ("picture", "kasko.JPEG", jpg(800, 600)),
    ("document", "documents/Правила.pdf", PDF),
    ("document", "terms.docx", DOCX),
]


@pytest.mark.parametrize(("key", "path", "content"), SOUND)
def test_a_file_that_is_what_it_is_called_is_taken(key, path, content):
    assert problems(key, path, {path: content}) == []


# key, path, files, part of the message, part of the fix
WRONG = [
    ("picture", "kasko.png", {}, "файла «kasko.png» нет", "в папку сценариев"),
    ("picture", "p/kaska.png", {"p/kasko.png": png()}, "файла «p/kaska.png» нет", "«p/kasko.png»"),
    ("picture", "../kasko.png", {}, "вне папки сценариев", "pictures/kasko.jpg"),
    ("picture", "/etc/kasko.png", {}, "вне папки сценариев", "рядом со сценарием"),
    ("picture", '"C:\\\\a.png"', {}, "вне папки сценариев", "рядом"),
    ("picture", "https://romashka.example/a.png", {}, "вне папки сценариев", "рядом"),
    ("picture", "terms.pdf", {"terms.pdf": PDF}, "не картинка", "в нужном формате"),
    ("picture", "kasko.gif", {}, "не jpg, png или webp", "Возьмите файл"),
    ("picture", "kasko.jpg", {"kasko.jpg": png()}, "внутри png", ".png"),
    ("picture", "kasko.jpg", {"kasko.jpg": b"<html>"}, "по содержимому", "Сохраните"),
    ("picture", "kasko.jpg", {"kasko.jpg": b"\xff\xd8\xff\xe0"}, "испорчена", "заново"),
    ("picture", "kasko.webp", {"kasko.webp": VP8X}, "ВКонтакте не берёт картинки webp", "jpg, png"),
    ("picture", "kasko.png", {"kasko.png": png(6000, 5000)}, "Telegram: картинка 6000×5000", "10000"),
    ("picture", "kasko.png", {"kasko.png": png(3000, 100)}, "вытянута", "в 20 раз"),
    ("picture", "kasko.png", {"kasko.png": png(more=10_000_000)}, "Telegram: «kasko.png» — 10,1 МБ", "Уменьшите"),
    ("document", "terms.pdf", {"terms.pdf": b"MZ\x90\0"}, "не документ", "Сохраните"),
    ("document", "terms.pdf", {"terms.pdf": PDF + b"\0" * 50_000_001}, "больше 50 МБ", "Уменьшите"),
    ("document", "terms.exe", {}, "не pdf, docx, xlsx или pptx", "Возьмите"),
    ("document", "kasko.png", {"kasko.png": png()}, "не документ", "Сохраните"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "path", "files", "message", "fix"), WRONG)
def test_a_file_that_cannot_be_shown_is_told_with_its_line(key, path, files, message, fix):
    found = [one for one in problems(key, path, files) if message in one]
    assert found, problems(key, path, files)
    assert found[0].startswith("tour.yaml:15:") and fix in found[0]


def test_a_consent_is_shown_alone():
    found = problems("picture", "kasko.png", {"kasko.png": png()}, step="id: agree")
    assert any("согласие показывается одно, без «picture»" in one for one in found)


def test_limits_are_those_of_the_channels_it_is_published_in():
    only_vk = FILES["business.yaml"].replace("  telegram: [tour]\n", "")
    assert problems("picture", "kasko.png", {"kasko.png": png(6000, 5000)}, business=only_vk) == []


def test_a_version_reads_its_files_without_their_bytes():
    kept = media("pictures/kasko.png", png(800, 600))
    assert media("pictures/kasko.png", kept.reference) == kept
    assert (kept.wide, kept.high, kept.name) == (800, 600, "kasko.png")


@given(st.binary(max_size=60), st.sampled_from([b"", b"\xff\xd8\xff", png()[:20], VP8X[:16], PDF[:5], DOCX[:8]]))
def test_whatever_bytes_there_are_they_are_looked_at(tail, head):
    kind = kind_of(head + tail)
    assert kind in {"", *PICTURES, *DOCUMENTS}
    assert all(side >= 0 for side in pixels(head + tail, kind))
