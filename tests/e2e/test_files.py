"""Pictures of a draft, and the client's own files, in the workshop."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.driving import Chat, Leadbot, Visit
from tests.flow_folder import FILES
from tests.pictures import PDF, png

pytestmark = pytest.mark.e2e

DRAFT = (
    FILES["tour.yaml"]
    .replace("      Куда хотите?\n", "      Куда хотите?\n    picture: sea.png\n    document: Правила.pdf\n")
    .replace("    answer: {type: number, from: 1, to: 30}\n", "    answer: photo\n")
    .replace('    go:\n      - if: nights >= 7 and where == "sea"\n        go: name\n      - go: name\n', "")
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    flows = tmp_path / "flows"
    for path, text in FILES.items():
        (flows / path).parent.mkdir(exist_ok=True, parents=True)
        (flows / path).write_text(text, "utf-8")
    return flows


def test_the_author_sees_a_picture_that_is_not_published_yet_and_sends_a_photo(
    own_leadbot: Callable[..., Leadbot], laptop: Visit, folder: Path
) -> None:
    leadbot = own_leadbot(FLOWS_DIR=str(folder))
    (folder / "sea.png").write_bytes(png(320, 200))
    (folder / "Правила.pdf").write_bytes(PDF)
    (folder / "tour.yaml").write_text(DRAFT, "utf-8")
    page = laptop.open(f"{leadbot.url}/")
    client, clip = Chat(page, ".client-side"), page.get_by_label("Прислать фото или файл").last
    client.taps("Согласен")
    picture = page.locator(".client-side img.picture")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 320
    with page.expect_download() as saved:
        page.locator(".client-side a.document").click()
    assert Path(saved.value.path()).read_bytes() == PDF
    expect(clip).to_be_hidden()

    client.taps("К морю")
    client.sees("На сколько ночей?")
    expect(clip).to_be_visible()
    clip.set_input_files({"name": "отчёт.pdf", "mimeType": "application/pdf", "buffer": PDF})
    client.sees("📎 отчёт.pdf")
    client.sees("Пришлите, пожалуйста, фото")
    clip.set_input_files({"name": "море.jpg", "mimeType": "image/jpeg", "buffer": png()})
    client.sees("📎 море.jpg")
    client.sees("Как к вам обращаться?")
    expect(clip).to_be_hidden()

    digest = sha256(png(320, 200)).hexdigest()
    with pytest.raises(urllib.error.HTTPError, match="404"):  # the public does not see the draft
        urllib.request.urlopen(f"{leadbot.url}/files/{digest}", timeout=5)
