"""The operator's two commands: prove one person's consents, destroy what is held on them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.library import OneSet
from bot.proof import forget_contact, proof
from bot.publishing import publish
from handlers import privacy
from storage import consents
from storage.tables import Erasure, Identity
from tests import meridian
from tests.person_play import Play

ANNA_ID, ANNA_PHONE = "778899001122", "+79051112233"
LATER = timedelta(days=3)


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


@pytest.fixture
async def anna(play):
    anna = play.person("Анна", ANNA_ID)
    await anna.applies(ANNA_PHONE)
    await anna.taps("Согласен")  # to advertising
    return anna


def wording(purpose: str) -> str:
    return meridian.flow_set().script("test_drive").consents[purpose].text.strip()


async def test_L4_one_command_tells_every_consent_with_its_wording_moment_message_and_event(play, anna, database):
    told = await proof(database, f"telegram:{ANNA_ID}", now=play.clock.now())
    shown = [one for one in anna.screen if one.text.startswith("Согласие на")]
    for part in (
        "1. Согласие на обработку персональных данных: дано",
        "2. Согласие на рекламные сообщения: дано",
        "когда: 2026-11-23 09:00:00 UTC (23.11.2026 12:00:00, Europe/Moscow)",
        "канал: telegram; событие: telegram-3",
        f"показано сообщением: {shown[0].id} ",
        f"показано сообщением: {shown[1].id} ",
        wording("personal_data"),
        wording("advertising"),
    ):
        assert part in told, part
    assert told.count(wording("personal_data")) == 1


@on_both
async def test_L4_the_proof_outlives_the_person_and_knows_them_by_the_address_alone(play, anna, database):
    await anna.says("стоп")
    play.clock.forward(LATER)
    await anna.says("удалите мои данные")
    await anna.taps("Да, удалить всё")
    told = await proof(database, f"telegram:{ANNA_ID}")
    for part in (
        "Сейчас о человеке не хранится ничего, кроме этого журнала.",
        "1. Согласие на обработку персональных данных: дано",
        "Согласие на рекламные сообщения: отозвано",
        "Согласие на обработку персональных данных: отозвано",
        "2026-11-26 09:00:00 UTC",
        "Данные уничтожены по просьбе самого человека",
        "телефонов и адресов почты: 1",
        wording("personal_data"),
    ):
        assert part in told, part
    assert ANNA_PHONE not in told and "Снегирёва" not in told
    with pytest.raises(LookupError, match="telegram:123"):
        await proof(database, ANNA_PHONE)


@pytest.mark.parametrize(
    "who", [f"telegram:{ANNA_ID}", ANNA_PHONE, "8 (905) 111-22-33", "lead:1", " ANNA@Mail.example "]
)
async def test_the_operator_names_a_person_as_they_know_them(play, anna, database, who):
    from storage.people import record_contact_point

    async with database.write() as db:
        contact = await db.scalar(select(Identity.contact_id))
        record_contact_point(
            db, contact_id=contact, kind="email", value="anna@mail.example", verified=None, now=play.clock.now()
        )
    assert f"Адрес: telegram:{ANNA_ID}" in await proof(database, who)


@pytest.mark.parametrize("who", ["telegram:1", "+79990000000", "lead:99", "nobody@mail.example", "кто-то", ""])
async def test_nobody_and_nonsense_are_said_to_be_so(play, database, who):
    for ask in (proof, forget_contact):
        with pytest.raises(LookupError) as said:
            await ask(database, who)
        assert "telegram:123" in said.value.args[0]


async def test_in_a_database_nobody_has_written_to_there_is_nobody(database):
    with pytest.raises(LookupError, match="нет"):
        await proof(database, "telegram:1")


async def test_a_refusal_is_proved_like_a_consent(play, database):
    boris = play.person("Борис", "553311997755")
    await boris.opens()
    await boris.taps("Записаться")
    await boris.taps("Не согласен")
    told = await proof(database, "telegram:553311997755")
    assert "1. Согласие на обработку персональных данных: не дано" in told
    assert wording("personal_data") in told


async def test_moments_are_told_in_the_business_s_own_time(play, anna, database):
    files = meridian.files()
    business = files["business.yaml"].decode().replace("Europe/Moscow", "Asia/Yekaterinburg")
    assert "Asia/Yekaterinburg" in business
    await publish(database, {**files, "business.yaml": business.encode()}, by="test", now=play.clock.now())
    assert "(23.11.2026 14:00:00, Asia/Yekaterinburg)" in await proof(database, f"telegram:{ANNA_ID}")


@on_both
async def test_L8_forget_destroys_as_the_person_s_own_word_would_and_says_nothing_to_them(play, anna, database):
    before = len(anna.screen)
    told = await forget_contact(database, "lead:1", library=OneSet(meridian.flow_set()), now=play.clock.now())
    assert "адресов в каналах: 1" in told and "Акт об уничтожении: 1." in told and "Удалите сами" not in told
    await play.app.delivery.drain()
    assert {shown.text for shown in play.desk()} == {privacy.ERASED_CARD}
    assert len(anna.screen) == before
    async with database.read() as db:
        assert await db.scalar(select(Erasure.demanded_by)) == "operator"
        assert await db.scalar(select(Identity)) is None
        name = await consents.pseudonym(db, "telegram", ANNA_ID)
        assert await consents.in_force(db, [name]) == {}
    with pytest.raises(LookupError):
        await forget_contact(database, "lead:1", library=OneSet(meridian.flow_set()))


async def test_a_phone_of_two_people_is_not_enough_to_forget_one_of_them(play, anna, database):
    boris = play.person("Борис", "553311997755")
    await boris.applies(ANNA_PHONE, called="Борис")
    with pytest.raises(LookupError, match="lead:1, lead:2"):
        await forget_contact(database, ANNA_PHONE, library=OneSet(meridian.flow_set()))
    assert "553311997755" in await proof(database, ANNA_PHONE)
    async with database.write() as db:
        await db.execute(update(Identity).where(Identity.channel == "vk").values(runs=0))
    await forget_contact(database, "lead:2", library=OneSet(meridian.flow_set()))
    assert "553311997755" not in await proof(database, ANNA_PHONE)
