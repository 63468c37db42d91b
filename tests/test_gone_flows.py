"""A flow that is published no more, and the people who stand in it: they finish it, and find what there is instead."""

from __future__ import annotations

from bot.clock import HandClock
from dialogs.flow_set import FlowSet
from dialogs.reading import load
from storage.database import Database
from tests.flow_folder import BUSINESS, FILES, FLOW
from tests.person_play import Play

WALKS = (
    FLOW.replace("flow: tour", "flow: walks").replace("title: Туры", "title: Прогулки").replace("[тур]", "[прогулка]")
)  # fmt: skip


class Shelf:
    """Two versions: tours, then walks in their place."""

    def __init__(self) -> None:
        walks = {name: text for name, text in FILES.items() if name != "tour.yaml"}
        walks |= {"walks.yaml": WALKS, "business.yaml": BUSINESS.replace("tour", "walks")}
        self.sets = [_sound(FILES, 1), _sound(walks, 2)]
        self.live = self.sets[0]

    def at(self, version: int) -> FlowSet:
        return self.sets[version - 1]


def _sound(files: dict[str, str], version: int) -> FlowSet:
    found = load(files, version=version)
    assert found.flow_set is not None, [str(one) for one in found.problems]
    return found.flow_set


async def test_A3_who_stands_in_it_goes_on_and_who_wants_to_begin_anew_sees_what_there_is(
    sqlite: Database, clock: HandClock
) -> None:
    play = await Play.begin(sqlite, clock)
    play.app.library = shelf = Shelf()
    anna = play.person("Анна", "7001001")
    await anna.opens("tour")
    await anna.taps("Согласен")
    shelf.live = shelf.sets[1]
    await anna.taps("В горы")
    assert "На сколько ночей" in anna.last.text
    await anna.opens("tour")
    await anna.taps("Начать заново")
    assert [one.label for row in anna.last.buttons for one in row] == ["Прогулки"]
    await anna.says("7")
    assert "Как к вам обращаться" in anna.last.text, "and it is still hers to finish"
