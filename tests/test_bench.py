"""The bench's own parts: what it says about speed must not come from a mistake in the bench."""

from __future__ import annotations

import re
import sqlite3
import xml.etree.ElementTree as ET
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from bench import played, telegram_network, vk_network
from bench.advance import counted
from bench.aged import fill, fill_postgresql
from bench.aged_rows import PLANNED, STATUSES, Aged
from bench.chart import drawn
from bench.crowd import Crowd
from bench.dialog import OWN_PHONE, TALK, phone_of
from bench.duel import Fighter, subject_of, told
from bench.load import Run
from bench.subjects import ROOT, SUBJECTS
from bench.table import noise, printed, ratios, summed_up
from bench.telegram_network import TelegramNetwork
from bench.vk_network import VkNetwork, script
from bench.wire import parameters, request
from bot.clock import HandClock
from bot.publishing import check, publish, read_folder
from bot.rehearsal import rehearse
from dialogs.conversation import Conversation as Position
from storage.database import Database
from storage.tables import Consent, Conversation, FollowUp, Lead, LeadEvent
from tests.both_networks import Both

FLOW = ROOT / "bench" / "flow"
LEADS = 1000
NOBODY = Crowd(TelegramNetwork(), TALK)


def run(subject: str, cpu: float, *, people: int = 50, rate: float = 1000.0, others: float = 0.0) -> Run:
    return Run(
        subject=subject, people=people, cpu_per_1000=cpu, answers_per_second=rate, p50=0.05, p99=0.09, peak_mib=100.0,
        first_answer=1.5, bot_share=0.9, network_share=0.3, others=others, answers=6000, dialogs=800, cpu_after=0.0,
        grown_mib=0.0,
    )  # fmt: skip


# ---------------------------------------------------------------- the table and the chart


def test_the_table_takes_medians_over_rounds_and_divides_ours_by_theirs() -> None:
    runs = [run("leadbot", cpu, rate=2000) for cpu in (0.5, 0.3, 0.4)]
    runs += [run("aiogram-echo", cpu) for cpu in (0.8, 0.8, 0.9)]
    rows = summed_up(runs)
    assert [(row.subject, row.medians["cpu_per_1000"], row.rounds) for row in rows] == [
        ("leadbot", 0.4, 3),
        ("aiogram-echo", 0.8, 3),
    ]
    ours = ratios(rows, 50, "telegram")["aiogram-echo"]
    assert (ours["cpu_per_1000"], ours["answers_per_second"], ours["p99"]) == (0.5, 2.0, 1.0)
    assert not ratios(rows, 50, "vk") and not ratios(rows, 500, "telegram")


def test_a_noisy_run_says_that_it_was_noisy() -> None:
    spread = summed_up([run("leadbot", 0.4), run("leadbot", 0.5), run("leadbot", 0.45)])
    disturbed = summed_up([run("leadbot", 0.4, others=0.3)])
    quiet = summed_up([run("leadbot", 0.4), run("leadbot", 0.41)])
    assert "CPU spread by 22%" in noise(spread)[0]
    assert "other programs took 0.30 of a core" in noise(disturbed)[0]
    assert "NOISY, do not quote" in printed(spread, {})
    assert not noise(quiet) and "Quiet" in printed(quiet, {"aiogram": 2.5})


def test_a_duel_compares_neighbouring_turns() -> None:
    """The second machine-wide slow turn makes nobody worse: everybody was slow in it."""
    leadbot = Fighter("leadbot", 1, NOBODY, cost=[2.0, 6.0, 2.0], rate=[400.0] * 3, slowest=[0.25] * 3)
    template = Fighter("template", 2, NOBODY, cost=[5.0, 15.0, 8.0], rate=[150.0] * 3, slowest=[2.0] * 3)
    _, first, second = told([leadbot, template]).splitlines()
    assert first.split() == ["leadbot", "2.00", "1.00", "1.00,", "1.00", "400", "250"]
    assert second.split() == ["template", "8.00", "2.50", "2.50,", "4.00", "150", "2000"]


def test_a_duel_with_a_name_that_nobody_has_says_who_is_there() -> None:
    for name in ("leadbit", "aiogram-echo@4eba82c"):
        with pytest.raises(SystemExit, match="There are leadbot, aiogram-echo"), ExitStack() as trees:
            subject_of(name, trees)


def test_the_chart_has_a_bar_for_each_bot_in_proportion_to_its_cost() -> None:
    rows = summed_up(
        [run("leadbot", 0.2), run("aiogram-echo", 0.8), run("vkbottle", 0.4), run("leadbot", 9, people=500)]
    )
    picture = ET.fromstring(drawn(rows, people=50))
    bars = [float(one.attrib["width"]) for one in picture.iter() if one.tag.endswith("rect")]
    assert [round(bar / max(bars), 2) for bar in bars] == [0.25, 1.0, 0.5]
    assert {"0.20", "0.80", "0.40"} <= {one.text for one in picture.iter() if one.tag.endswith("text")}
    assert drawn(rows, people=7) == ""


# ---------------------------------------------------------------- the wire and the networks


def test_requests_are_read_however_they_are_cut_and_written() -> None:
    form = b"POST /botT/sendMessage HTTP/1.1\r\nContent-Length: 34\r\n\r\nchat_id=5&text=%D0%90+%26+%D0%91+1"
    taken = request(form + b"GET /next")
    assert taken is not None and taken[2] == b"GET /next"
    assert parameters(taken[0], "a=1", taken[1]) == {"a": "1", "chat_id": "5", "text": "А & Б 1"}
    assert all(request(form[:cut]) is None for cut in range(len(form)))
    chunked = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=1\r\n4\r\n&b=2\r\n0\r\n\r\n"
    whole = request(chunked)
    assert whole is not None and parameters(whole[0], "", whole[1]) == {"a": "1", "b": "2"}
    assert all(request(chunked[:cut]) is None for cut in range(len(chunked)))
    head = b"POST / HTTP/1.1\r\nContent-Type: application/json\r\n"
    assert parameters(head, "", b'{"chat_id":5,"reply_markup":{"inline_keyboard":[]}}') == {
        "chat_id": "5",
        "reply_markup": '{"inline_keyboard": []}',
    }


def test_an_execute_is_taken_apart_into_its_calls() -> None:
    code = 'return [API.messages.send({"peer_id":7,"message":"a) API.b({"}),API.messages.edit({"cmid":1})];'
    assert script(code) == [
        ("messages.send", {"peer_id": 7, "message": "a) API.b({"}),
        ("messages.edit", {"cmid": 1}),
    ]
    with pytest.raises(ValueError, match="not a list of calls"):
        script("var a = 1;")


class Notebook:
    """A network that writes down what people do."""

    first_person = 1

    def __init__(self) -> None:
        self.acts: list[tuple[int, str, str | None]] = []

    def says(self, person: int, text: str) -> None:
        self.acts.append((person, text, None))

    def presses(self, person: int, label: str, data: str | None) -> None:
        self.acts.append((person, label, data))

    def leaves(self, person: int) -> None:
        self.acts.append((person, "leaves", None))


def test_anna_goes_on_when_she_is_answered_and_makes_room_for_vera_at_the_end() -> None:
    network = Notebook()
    crowd = Crowd(network, TALK)
    crowd.start(1)
    for exchange in TALK:
        crowd.sees(1, f"… {exchange.answer} …", {"Согласен": "yes"})
    said = [phone_of(1) if one.says == OWN_PHONE else one.says for one in TALK]
    assert [act[1] for act in network.acts] == [*said, "leaves", "/start"]
    assert network.acts[1] == (1, "Согласен", "yes") and network.acts[-1][0] == 2
    assert (crowd.answered, crowd.finished, crowd.mistakes) == (len(TALK), 1, [])


def test_somebody_elses_words_and_a_second_answer_do_not_pass_for_an_answer() -> None:
    crowd = Crowd(Notebook(), TALK)
    crowd.start(1)
    crowd.sees(1, "Ваш промокод: 1", {})
    crowd.sees(2, "Согласие на обработку", {})
    assert crowd.answered == 0
    assert "waited for 'Согласие на обработку' and got 'Ваш промокод: 1'" in crowd.mistakes[0]
    assert "waited for nothing" in crowd.mistakes[1]


# ---------------------------------------------------------------- the flow and the peers


async def test_the_flow_of_the_bench_is_sound_and_says_what_the_crowd_waits_for() -> None:
    files = read_folder(FLOW)
    checked = check(files, today=datetime(2026, 11, 25, tzinfo=UTC))
    assert not checked.problems and not checked.stories and checked.flow_set is not None
    said: list[str] = []
    report = await rehearse(checked.flow_set, files, show=said.append)
    assert (report.passed, report.failed) == (1, 0), said
    story = files["bench.stories.yaml"].decode()
    assert all(one.answer in story for one in TALK)


def test_every_peer_is_there_and_stands_on_the_same_libraries_as_leadbot() -> None:
    modules = [one.module for one in SUBJECTS if one.module]
    assert all((ROOT / f"{module.replace('.', '/')}.py").is_file() for module in modules) and len(modules) == 6
    ours, theirs = _pins(ROOT / "requirements.lock"), _pins(ROOT / "bench" / "requirements.lock")
    shared = ("aiogram", "aiohttp", "aiosqlite", "pydantic", "sqlalchemy", "vk-api")
    assert {name: theirs[name] for name in shared} == {name: ours[name] for name in shared}
    assert "://" not in (ROOT / "bench" / "requirements.lock").read_text()


def _pins(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", path.read_text(), re.MULTILINE))


def test_no_run_meets_people_of_the_aged_database() -> None:
    aged = Aged(1_000_000, 1, str, str, 0, "")
    runs = {"telegram": telegram_network.PEOPLE, "vk": vk_network.PEOPLE}
    known = [aged.lead(number) for number in (1, 2, 3, 1_199_996, 1_199_997, 1_199_998)]
    assert {one.channel for one in known} == runs.keys()
    assert not [one for one in known if int(one.to) in runs[one.channel]]
    assert TelegramNetwork().first_person in runs["telegram"] and VkNetwork().first_person in runs["vk"]


# ---------------------------------------------------------------- the aged database


async def aged(url: str, clock: HandClock) -> Database:
    """Published with a small stock, then filled."""
    database = Database(url)
    files = read_folder(FLOW)
    files["bench.yaml"] = files["bench.yaml"].replace(b"stock: 100000", b"stock: 50")
    await publish(database, files, by="test", now=clock.now())
    if database.is_sqlite:
        await database.close()
        fill(Path(make_url(url).database or ""), leads=LEADS, now=clock.now())
    else:
        await fill_postgresql(url, leads=LEADS, now=clock.now())
    return database


async def test_an_aged_database_is_whole_on_both_databases(database_url: str, clock: HandClock) -> None:
    database = await aged(database_url, clock)
    async with database.read() as db:
        counts = [await db.scalar(select(func.count()).select_from(one)) for one in (Lead, LeadEvent, Consent)]
        statuses = set(await db.scalars(select(Lead.status)))
        planned = await db.scalar(
            select(func.count()).where(FollowUp.status == "planned", FollowUp.due_at > clock.now())
        )
        states = [Position.load(one.state) for one in await db.scalars(select(Conversation))]
        rows = list(await db.scalars(select(Conversation)))
    await database.close()
    assert counts == [LEADS, 3 * LEADS, LEADS]
    assert statuses == set(STATUSES) and 0 < (planned or 0) < PLANNED
    assert [state.step for state in states] == [row.step for row in rows]
    if database.is_sqlite:
        with sqlite3.connect(make_url(database_url).database or "") as file:
            assert file.execute("PRAGMA foreign_key_check").fetchall() == []
            assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            indexes = file.execute("SELECT count(*) FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
            assert indexes.fetchone()[0] > 20


async def test_anna_who_fell_silent_in_an_aged_database_leaves_her_phone_at_last(
    sqlite_url: str, clock: HandClock
) -> None:
    await aged(sqlite_url, clock)
    with sqlite3.connect(make_url(sqlite_url).database or "") as file:
        silent = file.execute(
            "SELECT external_id FROM identity JOIN conversation c ON c.id = conversation_id "
            "WHERE channel = 'telegram' AND c.step = 'phone' AND reachable ORDER BY identity.id DESC LIMIT 1"
        )
        number = int(silent.fetchone()[0])
    async with Both.open(sqlite_url, clock) as both:
        anna = both.telegram.person("Анна", id=number)
        await both.start()
        await anna.says("8 900 123-45-67")
        await anna.sees("Всё верно?")
        await anna.taps("Всё верно")
        await anna.sees("Ваш промокод")


# ---------------------------------------------------------------- instructions


def test_what_valgrind_counts_is_read_and_silence_is_no_number() -> None:
    assert counted("==7== Cachegrind\n==7== \n==7== I refs:        1,234,567\n") == 1_234_567
    with pytest.raises(SystemExit, match="counted nothing"):
        counted("valgrind: command not found")


def test_the_dialog_that_is_counted_is_the_one_that_all_are_measured_on() -> None:
    player = played.Player(played.script(FLOW))
    player.applies()
    assert "Ваш промокод: A-1" in player.screen.text
    assert player.at.answers == {"name": "Анна", "car": "sedan", "visit": "this_week", "phone": "+79001234567"}
