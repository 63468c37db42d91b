"""The dialog that everybody is measured on: what people do, what they must be answered, and the texts of the peers.

leadbot plays it from ``bench/flow``; the peers take these texts. One answer: one message of the bot to one act.
"""

from __future__ import annotations

from dataclasses import dataclass

CONSENT = (
    "Согласие на обработку персональных данных\n\nЯ свободно, своей волей и в своём интересе даю согласие оператору: "
    "ООО «Меридиан Авто». Цели: записать меня на тест-драйв и связаться со мной. Перечень данных: имя, телефон, ответы "
    "на вопросы в этом чате. Срок: пока заявка в работе и ещё один год, но не дольше, чем до отзыва согласия."
)
AGREE, REFUSE = "Согласен", "Не согласен"
NAME = "Как к вам обращаться?"
CAR = "Какой автомобиль хотите попробовать?"
CARS = ("Кроссовер", "Седан", "Помогите выбрать")
VISIT = "Когда вам удобно приехать?"
VISITS = ("На этой неделе", "В этом месяце", "Пока не знаю")
PHONE = "{name}, по какому номеру вам позвонить?"
CHECK = "Проверьте, пожалуйста, номер: {phone}. Всё верно?"
RIGHT, WRONG = "Всё верно", "Исправить"
DONE = "Спасибо, {name}! Заявка у нас. Менеджер ответит в течение 15 минут.\n\nВаш промокод: {code}."
SORRY = "Понимаем. Без согласия мы ничего о вас не записываем."
LOST = "Нажмите /start"
SCORES = {"Кроссовер": 15, "Седан": 15, "На этой неделе": 30, "В этом месяце": 20}


OWN_PHONE = "(their phone)"


def phone_of(person: int) -> str:
    """Everybody has a number of their own: one number of ten thousand people would be a strange company."""
    digits = f"{person % 10_000_000:07}"
    return f"8 900 {digits[:3]}-{digits[3:5]}-{digits[5:]}"


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a person says, or the button they press, and a part of the answer that must come."""

    says: str
    answer: str
    presses: bool = False


TALK = (
    Exchange("/start", "Согласие на обработку"),
    Exchange(AGREE, "Как к вам обращаться", presses=True),
    Exchange("Анна", "Какой автомобиль"),
    Exchange("Седан", "Когда вам удобно", presses=True),
    Exchange("На этой неделе", "по какому номеру", presses=True),
    Exchange(OWN_PHONE, "Всё верно"),
    Exchange(RIGHT, "Ваш промокод", presses=True),
)
ECHO = tuple(Exchange(f"Сообщение номер {number}", f"Сообщение номер {number}") for number in range(len(TALK)))
