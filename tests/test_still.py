"""A folder is read when it is still: no half of a file, no mixture of before and after (A2, A4, A21)."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.publishing import StillChanging, check, read_folder
from tests.flow_folder import FILES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    old = time.time() - 3600
    for path in (tmp_path, *tmp_path.rglob("*")):
        os.utime(path, (old, old))
    return tmp_path


@contextmanager
def meanwhile(act: Callable[[threading.Event], None]) -> Iterator[threading.Event]:
    """Somebody else at work until the block ends; the event is theirs to look at."""
    end = threading.Event()
    other = threading.Thread(target=act, args=(end,))
    other.start()
    try:
        yield end
    finally:
        end.set()
        other.join()


def test_a_folder_at_rest_is_read_at_once(folder: Path) -> None:
    began = time.perf_counter()
    assert {path: raw.decode() for path, raw in read_folder(folder).items()} == FILES
    assert time.perf_counter() - began < 0.1


@pytest.mark.parametrize("ending", [".yml", ".yaml.txt"])
def test_A1_a_flow_saved_under_a_wrong_ending_is_told_and_not_passed_over(folder: Path, ending: str) -> None:
    (folder / "tour.yaml").rename(folder / f"tour{ending}")
    assert [(one.file, one.name) for one in check(read_folder(folder)).problems] == [(f"tour{ending}", "file-name")]


def test_A2_a_file_cut_and_written_anew_is_never_seen_cut(folder: Path) -> None:
    cut = threading.Event()

    def saves(_: threading.Event) -> None:
        with (folder / "tour.yaml").open("w", encoding="utf-8") as opened:
            cut.set()
            half = len(FILES["tour.yaml"]) // 2
            opened.write(FILES["tour.yaml"][:half])
            opened.flush()
            time.sleep(0.05)
            opened.write(FILES["tour.yaml"][half:])

    with meanwhile(saves):
        assert cut.wait(5)
        assert read_folder(folder)["tour.yaml"].decode() == FILES["tour.yaml"]


def test_A2_a_file_moved_away_and_back_is_never_missing(folder: Path) -> None:
    gone = threading.Event()

    def saves(_: threading.Event) -> None:
        os.rename(folder / "business.yaml", folder / "business.yaml~")
        gone.set()
        time.sleep(0.05)
        (folder / "business.yaml").write_text(FILES["business.yaml"], "utf-8")

    with meanwhile(saves):
        assert gone.wait(5)
        assert check(read_folder(folder)).sound


def test_A4_two_files_saved_one_after_the_other_are_read_together(folder: Path) -> None:
    first = threading.Event()

    def saves(_: threading.Event) -> None:
        (folder / "tour.yaml").write_text(FILES["tour.yaml"].replace("flow: tour", "flow: trip"), "utf-8")
        first.set()
        time.sleep(0.05)
        os.rename(folder / "tour.yaml", folder / "trip.yaml")
        business = FILES["business.yaml"].replace("[tour]", "[trip]").replace("start: tour", "start: trip")
        (folder / "business.yaml").write_text(business.replace("flow: tour", "flow: trip"), "utf-8")

    with meanwhile(saves):
        assert first.wait(5)
        flow_set = check(read_folder(folder)).flow_set
    assert flow_set is not None and list(flow_set.flows) == ["trip"]


def test_A21_a_folder_that_is_never_still_is_refused_in_bounded_time(folder: Path) -> None:
    begun = threading.Event()

    def saves(end: threading.Event) -> None:
        while not end.is_set():
            (folder / "tour.yaml").write_text(FILES["tour.yaml"], "utf-8")
            begun.set()
            time.sleep(0.001)

    with meanwhile(saves), pytest.raises(StillChanging, match="прямо сейчас меняются"):
        assert begun.wait(5)
        started = time.perf_counter()
        try:
            read_folder(folder)
        finally:
            assert time.perf_counter() - started < 8


def test_a_clock_that_was_set_back_keeps_nobody_waiting(folder: Path) -> None:
    tomorrow = time.time() + 86_400
    os.utime(folder / "tour.yaml", (tomorrow, tomorrow))
    assert check(read_folder(folder)).sound
