"""A flow of one's own in a minute: from any shipped one, sound and with stories that pass."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.new_flow import SHIPPED, CannotMake, Made, Wish, make, shipped, write
from bot.publishing import check, read_folder
from bot.rehearsal import rehearse
from dialogs.flow_set import FlowSet
from dialogs.lint_sample import COMPANY, LEFT, OPERATOR
from tests.flow_folder import BUSINESS

TRADES = sorted(shipped()[1].flows)
PLAYED = ("insurance", "test_drive", "tours")  # one that is closed to a network, one with hours, one in two languages
WISH = Wish("Бюро «Ромашка: и ко»", "Кострома", 'Чай "с мёдом": в подарок')
WITH_OFFER = next(name for name in TRADES if shipped()[1].flows[name].offers)


def made(folder: Path, name: str = "own_flow", trade: str = TRADES[0], wish: Wish = WISH) -> Made:
    found = make(folder, name, trade, wish)
    write(folder, found)
    return found


def is_sound(folder: Path) -> FlowSet:
    checked = check(read_folder(folder))
    assert checked.sound and not checked.stories, "\n".join(map(str, checked.problems))
    assert checked.flow_set is not None
    return checked.flow_set


async def goes_as_told(folder: Path, stories: str = "own_flow.stories.yaml") -> None:
    shown: list[str] = []
    report = await rehearse(is_sound(folder), {stories: read_folder(folder)[stories]}, show=shown.append)
    assert report.passed and not report.failed, "\n".join(shown)


@pytest.mark.parametrize("trade", TRADES)
async def test_an_empty_folder_gets_all_that_it_takes(tmp_path: Path, trade: str) -> None:
    made(tmp_path / "flows", trade=trade)
    is_sound(tmp_path / "flows")
    if trade in PLAYED:
        await goes_as_told(tmp_path / "flows")
    left = check(read_folder(tmp_path / "flows")).problems
    assert {one.name for one in left} == {"left-from-sample"}, "the author's own words are wanted there"
    assert {one.file for one in left} >= {"business.yaml"} and any(one.file.endswith(".md") for one in left)
    business = (tmp_path / "flows" / "business.yaml").read_text("utf-8")
    assert "Ромашка" in business and "Кострома" in business and "own_flow" in business
    assert "# Ваша компания" in business
    assert not any(name in line for name in TRADES for line in business.split("\n") if not line.startswith("#"))


async def test_a_second_flow_fits_what_is_there(tmp_path: Path) -> None:
    made(tmp_path, "first_one")
    before = read_folder(tmp_path)
    made(tmp_path, "second_one", "game", Wish(offer="Другой подарок"))
    after = read_folder(tmp_path)
    assert {path: after[path] for path in before} == before
    assert {one.name for one in check(after).problems} == {"flow-unpublished", "left-from-sample"}
    await goes_as_told(tmp_path, "second_one.stories.yaml")


@pytest.mark.parametrize("trade", TRADES)
async def test_a_company_of_ones_own_is_named_instead_of_the_invented_one(tmp_path: Path, trade: str) -> None:
    business = BUSINESS.replace("[tour]", "[own_flow]").replace("start: tour", "start: own_flow")
    if shipped()[1].flows[trade].closed:
        business = business.replace("  telegram: [own_flow]\n", "")
    first = shipped()[1].flows[trade].steps[0].id
    business = business.replace("{flow: tour, step: hello}", f"{{flow: own_flow, step: {first}}}")
    (tmp_path / "business.yaml").write_text(business, "utf-8")
    made(tmp_path, trade=trade, wish=Wish())
    assert (tmp_path / "business.yaml").read_text("utf-8") == business
    consent = (tmp_path / shipped()[1].flows[trade].consent.personal_data).read_text("utf-8")
    assert "ИП Волнова" in consent and "Псков, Речная, 1" in consent
    is_sound(tmp_path)


def test_the_offer_is_the_authors_in_the_flow_and_in_its_stories(tmp_path: Path) -> None:
    made(tmp_path, trade=WITH_OFFER)
    flow_set = check(read_folder(tmp_path)).flow_set
    assert flow_set is not None
    titles = [offer.title for offer in flow_set.flows["own_flow"].offers.values()]
    assert titles[0] == WISH.offer
    old = next(iter(shipped()[1].flows[WITH_OFFER].offers.values())).title
    assert old not in (tmp_path / "own_flow.yaml").read_text("utf-8")


def test_what_is_left_of_the_sample_is_known_by_its_own_words() -> None:
    files, flow_set = shipped()
    assert COMPANY.fullmatch(flow_set.business.company) and flow_set.business.operator.name == OPERATOR
    for path in ("business.yaml", *flow_set.consents):
        assert LEFT.search(files[path].decode()), path


def test_what_a_consent_says_of_the_samples_trade_is_the_authors_to_say(tmp_path: Path) -> None:
    found = made(tmp_path, trade="tours")
    assert any("consents/tours.md" in line and "подобрать тур" in line for line in found.left)


def test_what_still_speaks_of_the_invented_company_is_listed_with_its_line(tmp_path: Path) -> None:
    found = made(tmp_path)
    assert found.left
    for line in found.left:
        path, number, text = line.split(":", 2)
        assert (tmp_path / path).read_text("utf-8").split("\n")[int(number) - 1].strip()[:90] == text.strip()


@pytest.mark.parametrize(
    ("name", "trade", "why"),
    [
        ("own_flow", "no_such", "образца «no_such» нет; есть: "),
        ("Own", TRADES[0], "не годится"),
        ("a__b", TRADES[0], "не годится"),
        ("x" * 25, TRADES[0], "не годится"),
        ("business", TRADES[0], "не годится"),
        ("taken", TRADES[0], "уже есть"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(tmp_path: Path, name: str, trade: str, why: str) -> None:
    (tmp_path / "taken.yaml").write_text("flow: taken\n", "utf-8")
    with pytest.raises(CannotMake, match=why):
        made(tmp_path, name, trade)
    assert [one.name for one in tmp_path.iterdir()] == ["taken.yaml"]


def leadbot(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, list(arguments), input=typed)


def test_the_command_asks_what_it_needs_and_says_what_comes_next(tmp_path: Path) -> None:
    folder = str(tmp_path / "flows")
    asked = leadbot("new", "tires", "--from", WITH_OFFER, "--flows", folder, typed="Колесо\nТула\n\n")
    assert asked.exit_code == 0, asked.output
    assert "leadbot talk tires" in asked.output and "published" not in asked.output.partition("Дальше")[2]
    assert leadbot("check", folder).exit_code == 0
    again = leadbot("new", "tires", "--from", WITH_OFFER, "--offer", "Чай", "--flows", folder)
    assert again.exit_code == 1 and "«tires» уже есть" in again.output
    second = leadbot("new", "rims", "--from", WITH_OFFER, "--offer", "Чай", "--flows", folder)
    assert second.exit_code == 0 and "допишите rims в published" in second.output


def test_a_name_that_cannot_be_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    refused = leadbot("new", "Шины", "--from", WITH_OFFER, "--flows", str(tmp_path), typed="Колесо\nТула\n\n")
    assert refused.exit_code == 1 and "имя «Шины» не годится" in refused.output
    assert "Как называется" not in refused.output and not list(tmp_path.iterdir())


def test_the_schemas_that_editors_read_come_too(tmp_path: Path) -> None:
    made(tmp_path)
    for schema in (SHIPPED / "schema").iterdir():
        assert (tmp_path / "schema" / schema.name).read_bytes() == schema.read_bytes()


def test_without_a_trade_they_are_listed_with_their_titles_and_the_way_on(tmp_path: Path) -> None:
    asked = CliRunner().invoke(app, ["new", "tires", "--flows", str(tmp_path)])
    assert asked.exit_code == 1
    for trade, flow in shipped()[1].flows.items():
        assert trade in asked.output and flow.title in asked.output
    assert "leadbot new tires --from " in asked.output
    assert not list(tmp_path.iterdir())
