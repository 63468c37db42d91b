"""Photos, files and places as answers: by reference, shown to managers by the network, on both networks (P25)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dialogs.conversation import Conversation, Known
from dialogs.effects import PassOn, Remember, Say
from dialogs.engine import advance
from dialogs.events import Odd, Said
from dialogs.reading import load
from dialogs.things import NAMES, WANTED, attached, map_link, read_place, read_thing
from dialogs.understood import Refusal, Understood
from storage.tables import Answer, AnswerFile, Lead
from tests.conftest import NOON
from tests.flow_folder import FILES
from tests.house import House

PHOTO = """\
  - id: damage
    ask: |
      Пришлите фото машины.
    answer: photo
    optional: true
    card: Фото машины
    purpose: оценить ремонт
"""
PLACE = """\
  - id: place
    ask: |
      Где стоит машина?
    answer: location
    card: Где стоит
    purpose: рассчитать выезд
"""
FILE = PHOTO.replace("answer: photo", "answer: file").replace("фото машины", "полис").replace("damage", "policy_file")


def flow(*steps: str) -> str:
    return FILES["tour.yaml"].replace("  - id: done\n", "".join(steps) + "  - id: done\n")


def files(*steps: str) -> dict[str, bytes]:
    return {path: text.encode() for path, text in {**FILES, "tour.yaml": flow(*steps)}.items()}


@pytest.fixture(params=["telegram", "vk"])
def channel(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def to_the_photo(person) -> None:
    await person.opens("tour")
    await person.sees("Даю согласие")
    await person.taps("Согласен")
    await person.sees("Куда хотите?")
    await person.taps("К морю")
    await person.sees("На сколько ночей?")
    await person.says("9")
    await person.sees("Как к вам обращаться?")
    await person.says("Анна")
    await person.sees("какой у вас телефон?")
    await person.says("8 900 123-45-67")
    await person.sees("Проверьте")
    await person.taps("Всё верно")


async def answer(house: House, step: str) -> Answer | None:
    async with house.database.read() as db:
        return await db.scalar(select(Answer).where(Answer.step == step))


async def kept(house: House) -> list[AnswerFile]:
    async with house.database.read() as db:
        return list(await db.scalars(select(AnswerFile).order_by(AnswerFile.id)))


# ---------------------------------------------------------------- stories


async def test_annas_photo_comes_under_her_card_and_nothing_is_downloaded(channel, database_url, clock):
    async with House.open(channel, database_url, clock, files(PHOTO)) as house:
        anna = house.person("Анна")
        await to_the_photo(anna)
        await anna.sees("Пришлите фото машины.")
        await anna.sends("photo")
        await anna.sees("Спасибо, Анна!")
        card = await house.desk.sees("— Фото машины: Фото")
        shown = await house.desk.sees("[photo]" if channel == "telegram" else "📎 Заявка №1 · Фото машины: Фото")
        assert shown.reply_to == card.id or channel == "vk"
        (file,) = await kept(house)
        assert (file.what, file.step, file.chat) == ("photo", "damage", str(anna.id)) and file.shown_at
        called = [str(one) for one in house.network.calls]
        assert not any("getFile" in one for one in called)


async def test_a_managers_answer_to_the_photo_reaches_anna(channel, sqlite_url, clock):
    async with House.open(channel, sqlite_url, clock, files(PHOTO)) as house:
        anna = house.person("Анна")
        await to_the_photo(anna)
        await anna.sees("Пришлите фото машины.")
        await anna.sends("photo")
        shown = await house.desk.sees("[photo]" if channel == "telegram" else "📎 Заявка №1")
        await house.desk.replies_as(house.olga, shown, "А второе крыло?")
        await anna.sees("А второе крыло?")


async def test_an_album_is_one_answer_and_managers_get_all_of_it(sqlite_url, clock):
    async with House.open("telegram", sqlite_url, clock, files(PHOTO)) as house:
        anna = house.person("Анна")
        await to_the_photo(anna)
        await anna.sees("Пришлите фото машины.")
        await anna.sends("album", "вот, три стороны")
        await anna.sees("Спасибо, Анна!")
        await house.desk.shows("— Фото машины: Фото (3)")
        for _ in range(3):
            await house.desk.sees("вот, три стороны" if _ == 0 else "[photo]")
        await anna.sees_nothing()


async def test_what_is_no_photo_gets_the_ladder(channel, sqlite_url, clock):
    async with House.open(channel, sqlite_url, clock, files(PHOTO)) as house:
        anna = house.person("Анна")
        await to_the_photo(anna)
        await anna.sees("Пришлите фото машины.")
        await anna.says("у меня красная")
        await anna.sees(WANTED["photo"])
        await anna.sends("voice")
        easier = await anna.sees(WANTED["photo"])
        assert ["Позвать менеджера"] in easier.buttons
        await anna.sends("sticker")
        await anna.sees("Могу позвать менеджера")
        await anna.taps("Пропустить")
        await anna.sees("Спасибо, Анна!")


async def test_a_place_is_kept_with_a_link_to_a_map(channel, sqlite_url, clock):
    async with House.open(channel, sqlite_url, clock, files(PLACE)) as house:
        anna = house.person("Анна")
        await to_the_photo(anna)
        await anna.sees("Где стоит машина?")
        if channel == "telegram":
            assert "📍 Отправить моё место" in anna.reply_buttons
            await anna.taps("📍 Отправить моё место")
        else:
            await anna.sends("location")
        await anna.sees("Спасибо, Анна!")
        await house.desk.sees("— Где стоит: 55.75580, 37.61730 · https://yandex.ru/maps/?pt=37.61730,55.75580")
        kept_answer = await answer(house, "place")
        assert kept_answer is not None and kept_answer.value == "55.75580, 37.61730"


async def test_telegrams_place_button_is_taken_away_afterwards(sqlite_url, clock):
    async with House.open("telegram", sqlite_url, clock, files(PLACE)) as house:
        anna = house.person("Анна")
        await to_the_photo(anna)
        await anna.sees("Где стоит машина?")
        await anna.says("55.7558, 37.6173")
        await anna.sees("Спасибо, Анна!")
        assert anna.reply_buttons == []


async def test_vk_shows_a_button_for_a_place(sqlite_url, clock):
    async with House.open("vk", sqlite_url, clock, files(PLACE)) as house:
        anna = house.person("Анна")
        await to_the_photo(anna)
        await anna.sees("Где стоит машина?")
        keyboard = anna.dialogue.messages[-1].keyboard
        assert keyboard["buttons"][0][0]["action"]["type"] == "location"


async def test_a_photo_that_cannot_be_copied_is_a_line(sqlite_url, clock):
    async with House.open("telegram", sqlite_url, clock, files(PHOTO)) as house:
        anna = house.person("Анна")
        await to_the_photo(anna)
        await anna.sees("Пришлите фото машины.")
        from tests.emulators.telegram_checks import bad

        house.network.faults.next("copyMessage", bad("message to copy not found"))
        await anna.sends("photo")
        await house.desk.sees("📎 Заявка №1 · Фото машины: Фото")


async def test_another_photo_after_back_takes_the_place_of_the_first(channel, sqlite_url, clock):
    async with House.open(channel, sqlite_url, clock, files(PHOTO, FILE)) as house:
        anna = house.person("Анна")
        await to_the_photo(anna)
        await anna.sees("Пришлите фото машины.")
        await anna.sends("photo")
        await anna.sees("Пришлите полис.")
        await anna.says("назад")
        await anna.sees("Пришлите фото машины.")
        assert await kept(house) == []
        await anna.sends("photo")
        await anna.sees("Пришлите полис.")
        await anna.sends("document")
        await anna.sees("Спасибо, Анна!")
        assert [one.step for one in await kept(house)] == ["damage", "policy_file"]


async def test_with_a_person_photos_go_to_the_managers_as_they_are(channel, sqlite_url, clock):
    async with House.open(channel, sqlite_url, clock, files(PHOTO)) as house:
        anna = house.person("Анна")
        await to_the_photo(anna)
        await anna.sees("Пришлите фото машины.")
        await anna.says("менеджер")
        await anna.sees("Позвал менеджера")
        await anna.sends("photo", "вот крыло")
        await house.desk.sees("вот крыло")
        await house.desk.sees("вот крыло" if channel == "telegram" else "📎")


async def test_an_erasure_takes_the_copies_off_the_managers_screen(channel, sqlite_url, clock):
    async with House.open(channel, sqlite_url, clock, files(PHOTO)) as house:
        anna = house.person("Анна")
        await to_the_photo(anna)
        await anna.sees("Пришлите фото машины.")
        await anna.sends("photo")
        await house.desk.sees("[photo]" if channel == "telegram" else "📎 Заявка №1")
        await anna.says("удалите мои данные")
        await anna.sees("далить")
        await anna.taps("Да, удалить всё")
        await house.desk.shows("Данные удалены")
        await house.desk.sees_nothing(0.5)
        assert "[photo]" not in [one.text for one in house.desk.screen]
        if channel == "vk":
            assert not any(one.forwarded for one in house.desk.dialogue.messages)
        assert await kept(house) == []
        async with house.database.read() as db:
            assert (await db.scalars(select(Lead))).all()  # it stays as a number


async def test_a_photo_sent_before_any_consent_is_taken_back_too(channel, sqlite_url, clock):
    async with House.open(channel, sqlite_url, clock, files(PHOTO)) as house:
        anna = house.person("Анна")
        await anna.opens("tour")
        await anna.sees("Даю согласие")
        await anna.says("менеджер")
        await anna.sees("Позвал менеджера")
        await anna.sends("photo")
        await house.desk.sees("[Фото]")
        await house.desk.sees("[photo]" if channel == "telegram" else "📎")
        await anna.says("удалите мои данные")
        await anna.sees("Удалить всё")
        await anna.taps("Да, удалить всё")
        await house.desk.shows("Данные удалены")
        await house.desk.sees_nothing(0.7)
        assert "[photo]" not in [one.text for one in house.desk.screen]
        if channel == "vk":
            assert not any(one.forwarded for one in house.desk.dialogue.messages)


# ---------------------------------------------------------------- rules


@pytest.mark.parametrize(
    ("wanted", "sent", "shown"),
    [
        ("photo", Odd("photo"), "Фото"),
        ("photo", Odd("photo", number=4), "Фото (4)"),
        ("photo", Odd("document", "IMG_1.HEIC"), "Файл «IMG_1.HEIC»"),
        ("photo", Odd("document", "договор.pdf"), None),
        ("photo", Odd("sticker"), None),
        ("file", Odd("document", "договор.pdf"), "Файл «договор.pdf»"),
        ("file", Odd("photo"), "Фото"),
        ("file", Odd("voice"), None),
        ("location", Odd("location", place="55.75580, 37.61730"), "55.75580, 37.61730"),
        ("location", Odd("location", place="95.0, 37.0"), None),
        ("location", Odd("photo"), None),
    ],
)
def test_what_was_sent_is_an_answer_or_not(wanted, sent, shown):
    read = read_thing(wanted, sent)
    assert (read.shown if isinstance(read, Understood) else None) == shown


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("55.7558, 37.6173", "55.75580, 37.61730"),
        ("55,7558 37,6173", "55.75580, 37.61730"),
        ("(55.7558; 37.6173)", "55.75580, 37.61730"),
        ("-33.45, -70.66", "-33.45000, -70.66000"),
        ("улица Ленина, 5", None),
        ("8 900 123-45-67", None),
    ],
)
def test_a_place_is_read_as_maps_write_it(text, place):
    read = read_place(text)
    assert (read.value if isinstance(read, Understood) else None) == place
    assert isinstance(read, Refusal) or map_link(str(read.value)).startswith("https://yandex.ru/maps/?pt=")


def test_on_the_site_where_no_file_can_be_sent_the_question_must_be_optional():
    business = FILES["business.yaml"].replace("  vk: [tour]\n", "  vk: [tour]\n  web: [tour]\n")
    must = PHOTO.replace("    optional: true\n", "")
    found = load({**FILES, "tour.yaml": flow(must), "business.yaml": business}).problems
    assert [one.name for one in found if one.level == "error"] == ["files-not-here"]
    assert load({**FILES, "tour.yaml": flow(PHOTO), "business.yaml": business}).flow_set


def test_after_the_application_a_photo_is_for_the_manager():
    flow_set = load({**FILES, "tour.yaml": flow(PHOTO)}).flow_set
    assert flow_set is not None
    over = Conversation("tour", 0, applied=True)
    turn = advance(flow_set.script("tour"), over, Odd("photo"), now=NOON, known=Known())
    assert isinstance(turn.effects[0], PassOn) and isinstance(turn.effects[1], Say)


def test_the_third_wrong_thing_is_kept_as_a_note():
    flow_set = load({**FILES, "tour.yaml": flow(PHOTO)}).flow_set
    assert flow_set is not None
    script = flow_set.script("tour")
    known = Known(consents={"personal_data": script.consents["personal_data"].digest})
    at = Conversation("tour", 0, step="damage")
    for event in (Odd("sticker"), Said("нет у меня фото"), Odd("voice")):
        turn = advance(script, at, event, now=NOON, known=known)
        at = turn.conversation
    (note,) = [one for one in turn.effects if isinstance(one, Remember)]
    assert (note.kind, note.shown) == ("note", NAMES["voice"])


@pytest.mark.parametrize(
    ("kept", "listed"),
    [
        ("Фото", "приложено"),
        ("Фото (3)", "приложено (3)"),
        ("Файл «полис.pdf»", "Файл «полис.pdf»"),
        ("55.75580, 37.61730", "55.75580, 37.61730"),
    ],
)
def test_a_review_says_photo_once(kept: str, listed: str) -> None:
    assert attached(kept) == listed
