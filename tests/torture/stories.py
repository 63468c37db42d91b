"""The stories that are told again and again, each time with something else going wrong.

``telling.begins()`` parts what led up to it from what is tried. Whatever goes wrong, each ends in the same way: people
only wait longer.
"""

from __future__ import annotations

from tests.torture.telling import Telling, story

MINUTE, HOUR = 60.0, 3600.0

# ---------------------------------------------------------------- a prospect


@story("telegram")
async def a_stranger_is_greeted(told: Telling) -> None:
    anna = told.person("Анна")
    told.begins()
    await told.greets(anna)


@story("vk")
async def a_stranger_of_vk_is_greeted(told: Telling) -> None:
    anna = told.person("Анна")
    told.begins()
    await told.greets(anna)


@story("vk")
async def a_bare_word_gets_the_menu(told: Telling) -> None:
    anna = told.person("Анна")
    told.begins()
    await anna.says("добрый день")
    await anna.sees("С чего начнём")
    await anna.says("прокатиться")
    await anna.sees("Здравствуйте! Подарим")


@story("telegram")
async def consent_is_given(told: Telling) -> None:
    anna = told.person("Анна")
    await told.greets(anna)
    told.begins()
    await anna.taps("Записаться")
    await anna.sees("Согласие на обработку")
    await anna.taps("Согласен")
    await anna.sees("Какой автомобиль")


@story("vk")
async def consent_is_refused(told: Telling) -> None:
    anna = told.person("Анна")
    await told.greets(anna)
    await anna.taps("Записаться")
    await anna.sees("Согласие на обработку")
    told.begins()
    await anna.taps("Не согласен")
    await anna.sees("До встречи")


@story("vk")
async def answers_are_given(told: Telling) -> None:
    anna = told.person("Анна")
    await told.agrees(anna)
    told.begins()
    await anna.taps("Кроссовер")
    await anna.sees("Как вас зовут")
    await anna.says("Анна")
    await anna.sees("Анна, ваш телефон")


@story("telegram")
async def a_wrong_phone_and_then_the_right_one(told: Telling) -> None:
    anna = told.person("Анна")
    await told.names_herself(anna)
    told.begins()
    await anna.says("8 900 123")
    await anna.sees("телефон")
    await anna.says("8 900 123-45-67")
    await anna.sees("Всё верно")


@story("telegram")
async def a_code_for_an_application(told: Telling) -> None:
    anna = told.person("Анна")
    await told.names_herself(anna)
    told.begins()
    await anna.shares_phone("+79001234567")
    await anna.sees("Ваш промокод")
    await told.desk.sees("Новая заявка")
    await told.town.desks["vk"].sees("Новая заявка")


@story("vk")
async def a_code_for_an_application_in_vk(told: Telling) -> None:
    anna = told.person("Анна")
    await told.names_herself(anna)
    await anna.says("8 900 123-45-67")
    await anna.sees("Всё верно")
    told.begins()
    await anna.taps("Всё верно")
    await anna.sees("Ваш промокод")
    await told.desk.sees("Новая заявка")
    await told.town.desks["telegram"].sees("Новая заявка")


@story("vk", stock=1)
async def the_last_code_goes_to_one_of_two(told: Telling) -> None:
    anna, boris = told.person("Анна"), told.person("Борис")
    await told.names_herself(anna)
    await told.names_herself(boris)
    told.begins()
    for one in (anna, boris):
        await one.says("8 900 123-45-67" if one is anna else "8 900 765-43-21")
        await one.sees("Всё верно")
        await one.taps("Всё верно")
        await one.sees("Ваш промокод" if one is anna else "рекламные")


@story("telegram")
async def news_are_agreed_to(told: Telling) -> None:
    anna = told.person("Анна")
    await told.applies(anna)
    told.begins()
    await anna.taps("Согласен")
    await anna.sees("До встречи")


@story("telegram")
async def the_same_person_applies_again(told: Telling) -> None:
    anna = told.person("Анна")
    await told.applies(anna)
    await anna.taps("Не согласен")
    await anna.sees("До встречи")
    told.begins()
    await anna.opens("test_drive")
    await anna.sees("заявка уже у нас")
    await anna.taps("Ещё одна заявка")
    await anna.sees("Подарим скидку")


@story("vk")
async def a_button_is_tapped_twice_and_an_old_one_once(told: Telling) -> None:
    anna = told.person("Анна")
    await told.agrees(anna)
    told.begins()
    await anna.taps("Седан")
    await anna.taps("Седан")
    await anna.sees("Как вас зовут")
    await told.after(5)
    await anna.taps("Записаться")
    await anna.sees("Как вас зовут")


@story("telegram")
async def she_goes_back_and_starts_anew(told: Telling) -> None:
    anna = told.person("Анна")
    await told.names_herself(anna)
    told.begins()
    await anna.says("назад")
    await anna.sees("Как вас зовут")
    await anna.says("заново")
    await anna.sees("Подарим скидку")


@story("vk")
async def a_photo_instead_of_a_name(told: Telling) -> None:
    anna = told.person("Анна")
    await told.agrees(anna)
    await anna.says("седан")
    await anna.sees("Как вас зовут")
    told.begins()
    await anna.sends("photo")
    await anna.sees("Как вас зовут")
    await anna.says("Анна")
    await anna.sees("ваш телефон")


# ---------------------------------------------------------------- the law


@story("telegram")
async def stop_is_said(told: Telling) -> None:
    anna = told.person("Анна")
    await told.names_herself(anna)
    told.begins()
    await anna.says("стоп")
    await anna.sees("больше не будем писать")
    await told.after(25 * MINUTE)


@story("vk")
async def consent_is_withdrawn(told: Telling) -> None:
    anna = told.person("Анна")
    await told.names_herself(anna)
    told.begins()
    await anna.says("отзываю согласие")
    await anna.sees("Согласие отозвано")
    await told.after(25 * MINUTE)


@story("telegram")
async def everything_is_erased_after_an_application(told: Telling) -> None:
    anna = told.person("Анна")
    await told.applies(anna)
    told.begins()
    await anna.says("удалите мои данные")
    await anna.sees("Удалить всё")
    await anna.taps("Да, удалить всё")
    await anna.sees("ваши данные удалены")
    await told.desk.shows("Данные удалены")


@story("vk")
async def my_data_are_shown(told: Telling) -> None:
    anna = told.person("Анна")
    await told.names_herself(anna)
    told.begins()
    await anna.says("мои данные")
    await anna.sees("Седан")


# ---------------------------------------------------------------- time


@story("telegram")
async def she_is_silent_and_reminded(told: Telling) -> None:
    anna = told.person("Анна")
    await told.agrees(anna)
    told.begins()
    await anna.sees("Продолжим с того же места")
    await anna.says("седан")
    await anna.sees("Как вас зовут")


@story("vk", edit=lambda text: text.replace("after: 1 day", "after: 40 min").replace("after: 2 days", "after: 60 min"))
async def she_is_silent_for_good_and_goes_cold(told: Telling) -> None:
    anna = told.person("Анна")
    await told.agrees(anna)
    told.begins()
    await told.after(2 * HOUR)


@story("vk")
async def she_answers_as_the_reminder_falls_due(told: Telling) -> None:
    anna = told.person("Анна")
    await told.agrees(anna)
    await told.after(19 * MINUTE)
    told.begins()
    await anna.says("седан")
    await anna.sees("Как вас зовут")
    await told.after(5 * MINUTE)


# ---------------------------------------------------------------- managers


@story("telegram")
async def a_card_is_taken_and_won(told: Telling) -> None:
    anna, desk = told.person("Анна"), told.desk
    card = await told.applies(anna)
    told.begins()
    await desk.taps_as(told.olga, "Беру", card)
    await desk.shows("взял(а) Ольга")
    await desk.taps_as(told.olga, "Сделка ✅", card)
    await desk.shows("сделка — Ольга")


@story("vk")
async def a_card_turns_out_to_be_junk(told: Telling) -> None:
    anna, desk = told.person("Анна"), told.desk
    card = await told.applies(anna)
    told.begins()
    await desk.taps_as(told.olga, "Спам/мусор", card)
    await desk.shows("Почему это мусор")
    await desk.taps_as(told.olga, "Шутка", None)
    await desk.shows("мусор: Шутка — ")


@story("vk")
async def a_manager_replies_and_is_answered(told: Telling) -> None:
    anna, desk = told.person("Анна"), told.desk
    card = await told.applies(anna)
    told.begins()
    await desk.replies_as(told.olga, card, "Здравствуйте, ждём вас в субботу!")
    await anna.sees("ждём вас в субботу")
    await anna.says("Спасибо, буду!")
    await desk.sees("Спасибо, буду!")


@story("telegram")
async def a_person_is_asked_for_and_the_bot_comes_back(told: Telling) -> None:
    anna = told.person("Анна")
    await told.agrees(anna)
    told.begins()
    await anna.says("менеджер")
    await anna.sees("Позвал менеджера")
    await told.desk.sees("человек")
    await anna.says("Есть ли электромобили?")
    await told.desk.sees("Есть ли электромобили?")
    await anna.sees("Какой автомобиль")


@story("telegram")
async def the_team_is_asked_for_and_the_day(told: Telling) -> None:
    anna, olga = told.person("Анна"), told.olga
    await told.applies(anna)
    told.begins()
    await olga.says("/team")
    await olga.sees("В команде")
    await olga.says("/today")
    await olga.sees("Заяв")


# ---------------------------------------------------------------- the networks


@story("vk")
async def the_bot_is_blocked_and_let_in_again(told: Telling) -> None:
    anna = told.person("Анна")
    await told.agrees(anna)
    told.begins()
    await anna.blocks()
    await told.after(HOUR)
    await anna.unblocks()
    await anna.says("седан")
    await anna.sees("Как вас зовут")


@story("telegram")
async def the_group_becomes_a_supergroup(told: Telling) -> None:
    anna, desk = told.person("Анна"), told.desk
    await told.names_herself(anna)
    there = await desk.becomes_supergroup(told.olga)
    told.town.desks["telegram"] = there
    there.patience = desk.patience
    told.begins()
    await anna.shares_phone("+79001234567")
    await anna.sees("Ваш промокод")
    await there.sees("Новая заявка")


@story("telegram")
async def the_process_is_stopped_and_started(told: Telling) -> None:
    anna = told.person("Анна")
    await told.agrees(anna)
    await told.after(1)  # her press has ended: a stop would cut that off, which is counted
    told.begins()
    await anna.says("седан")
    await told.stops_and_starts()
    await anna.sees("Как вас зовут")
    await anna.says("Анна")
    await anna.sees("ваш телефон")


@story("telegram")
async def the_flow_is_published_anew_under_her_feet(told: Telling) -> None:
    anna = told.person("Анна")
    await told.agrees(anna)
    told.begins()
    await told.publishes(
        lambda text: text.replace("- id: name\n", "- id: called\n").replace("{{ name }}", "{{ called }}")
    )
    await anna.says("седан")
    await anna.sees("Как вас зовут")
    await anna.says("Анна")
    await anna.sees("ваш телефон")
