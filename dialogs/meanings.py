"""What the fixed words of the authors' files mean, in Russian: editors show it beside each word."""

from __future__ import annotations

from collections.abc import Mapping

from dialogs.verbs import Verb

VALUES: Mapping[str, str] = {
    # kinds of answers
    "text": "Любые слова.",
    "number": "Целое число: «12», «двенадцать», «около 5».",
    "phone": "Телефон; в Telegram его можно прислать кнопкой.",
    "email": "Адрес почты; о похожем на опечатку бот переспросит.",
    "name": "Имя; имя из профиля предлагается кнопкой.",
    "file": "Документ, фото или видео.",
    "this_year": "Текущий год.",
    # what a button does, what a lead gets, when somebody is silent
    "call_person": "Позвать человека.",
    "promo_code": "Промокод: их столько, сколько в stock.",
    "consultation": "Бесплатная консультация; в price — её обычная цена.",
    "service": "Про собственную заявку человека; предложения называть нельзя.",
    "advertising": "Про предложения: только с согласием на рекламу.",
    "personal_data": "Согласие на обработку персональных данных.",
    "cold": "Лид остыл.",
    # kinds of contacts
    "quick": "Быстрый: оставил только телефон или почту.",
    "registration": "Регистрация: записался.",
    "promo": "Промо: пришёл за промокодом.",
    "interested": "Заинтересованный: ответил на вопросы.",
    # days and channels
    "mon": "Понедельник.",
    "tue": "Вторник.",
    "wed": "Среда.",
    "thu": "Четверг.",
    "fri": "Пятница.",
    "sat": "Суббота.",
    "sun": "Воскресенье.",
    "telegram": "Телеграм.",
    "vk": "ВКонтакте.",
    "web": "Сайт.",
    # what prospects send in stories
    "sticker": "Стикер.",
    "voice": "Голосовое сообщение.",
    "video_note": "Видео-кружок.",
    "photo": "Фотография.",
    "video": "Видео.",
    "document": "Файл.",
    "location": "Место на карте.",
    "contact": "Чужой контакт.",
    "other": "Что-нибудь ещё.",
}

ACTS: Mapping[Verb, str] = {
    "opens": "Клиент приходит по ссылке; метка — как в ссылке: flow__source__campaign. Можно без неё.",
    "says": "Клиент пишет.",
    "taps": "Клиент нажимает кнопку с такой надписью, самую новую.",
    "shares phone": "Клиент присылает свой номер кнопкой; номер можно указать.",
    "sends": "Клиент присылает не текст, а стикер, фото и подобное.",
    "waits": "Проходит время: 20 min, 2 h, 3 days.",
    "sees": "Текст, который клиент видит с прошлого sees; можно несколько в скобках.",
    "does not see": "Чего клиент с прошлого sees не видит.",
    "sees nothing": "С прошлого sees ничего не пришло.",
    "managers see": "Текст, который есть в чате менеджеров.",
    "managers do not see": "Чего в чате менеджеров нет.",
    "managers see nothing": "С прошлого managers see в чате менеджеров ничего нового.",
    "manager taps": "Менеджер нажимает кнопку на карточке.",
    "manager replies": "Менеджер отвечает на самую новую карточку: это уйдёт клиенту.",
    "manager writes": "Менеджер пишет в чат: это никому не уйдёт.",
}
