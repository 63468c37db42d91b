"""What is wrong with a set although each file can be read. «‸» in a change marks where the problem must point."""

# ruff: noqa: E501 (tables)
from __future__ import annotations

from datetime import date
from random import Random

import pytest

from dialogs.problems import Problem
from dialogs.reading import load
from tests.flow_folder import BUSINESS, DATA, FILES, FLOW, NEWS, folder, the_one, told

TOUR, BUSINESS_FILE, DATA_FILE = "tour.yaml", "business.yaml", "consents/data.md"
Change = tuple[str, str]


def lint(path: str, *changes: Change, today: date | None = None) -> tuple[list[Problem], tuple[int, int] | None]:
    """The problems of the folder with the changes made, and where the mark stood (line, column)."""
    text = FILES[path]
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    before, marked, after = text.partition("‸")
    place = (before.count("\n") + 1, len(before) - before.rfind("\n")) if marked else None
    return list(load({**FILES, path: before + after}, today=today).problems), place


def check(path: str, name: str, level: str, changes: tuple[Change, ...], message: str, fix: str) -> None:
    found, place = lint(path, *changes)
    named = [one for one in found if one.name == name and message in one.message]
    assert named, "\n".join(map(str, found)) or "no problem at all"
    assert (named[0].file, named[0].level) == (path, level)
    assert place is None or (named[0].line, named[0].column) == place, str(named[0])
    assert fix in named[0].fix


# name, changes, part of the message, part of the fix
ERRORS: list[tuple[str, tuple[Change, ...], str, str]] = [
    # A8: jumps
    ("jump-to-nowhere", (("        go: nights", "        go: ‸nigts"),), "шага «nigts»", "«nights»"),
    ("jump-to-nowhere", (("refused: bye", "refused: ‸bay"),), "шага «bay»", "«bye»"),
    ("jump-to-nowhere", (("      - go: name", "      - go: ‸nam"),), "шага «nam»", "«name»"),
    ("jump-to-nowhere", (("    consent: advertising", "    consent: advertising\n    go: ‸finish"),), "«finish»", "Известные"),
    # A8: steps nobody reaches
    ("unreachable-step", (("    consent: advertising", "    consent: advertising\n    go: end"), ("refused: bye", "refused: end"),
        ("id: bye", "id: ‸bye")), "до шага «bye» никто не дойдёт", "«go: bye»"),
    ("unreachable-step", (("    purpose: обращаться к вам", "    purpose: обращаться к вам\n    go: done"),
        ("id: phone", "id: ‸phone")), "«phone»", "уберите"),
    ("unreachable-step", (("        value: sea", "        value: sea\n        go: name"),
        ("        go: nights", "        go: name"), ("id: nights", "id: ‸nights")), "«nights»", "уберите"),
    # A8: circles and dead ends
    ("endless-circle", (("      Хорошего дня!\n", "      Хорошего дня!\n    go: ‸bye\n"),), "круг без вопроса", "go: end"),
    ("endless-circle", (("      Хорошего дня!\n", "      Хорошего дня!\n  - id: more\n    say: |\n      Ещё.\n    go: ‸bye\n"),),
        "«bye» снова приводит к «more»", "вопрос"),
    ("endless-circle", (("      Ваши данные: {{ policy }}\n", "      Ваши данные: {{ policy }}\n    go: ‸hello\n"),), "«hello»", ""),
    ("dead-end", (("        value: sea\n        score: 10\n        reason: знает, чего хочет\n", "        do: call_person\n"),
        ("        value: hills\n        go: nights", "        do: call_person"), ("    choices", "    ‸choices")),
        "только зовут человека", "Добавьте кнопку"),
    ("dead-end", (("      Хорошего дня!\n", "      Хорошего дня!\n    choices:\n      - label: Ещё\n        go: again\n"
        "  - id: again\n    say: |\n      Снова.\n    go: bye\n"), ("id: news", "id: news")), "по кругу", "go: end"),
    # alike
    ("choices-alike", (("label: В горы", "label: ‸К морю"),), "«К морю»", "иначе"),
    ("choices-alike", (("label: В горы", 'label: ‸"к морю!"'),), "«к морю!»", "иначе"),
    ("choices-alike", (("value: hills", "value: ‸sea"),), "значение «sea»", "разные value"),
    ("choices-alike", (("        value: hills", "        value: hills\n        words: [‸к морю]"),), "и «К морю»", "иначе"),
    ("duplicate-step", (("id: phone", "id: ‸name"),), "строка 42 и строка 47", "другое имя"),
    ("duplicate-step", (("id: bye", "id: ‸hello"),), "строка 14 и строка 58", "другое имя"),
    ("reserved-name", (("id: where", "id: ‸code"),), "имя «code» занято", "code_step"),
    ("reserved-name", (("id: where", "id: ‸from"),), "имя «from» занято", "from_step"),
    ("reserved-name", (("id: bye", "id: ‸end"),), "имя «end» занято", "end_step"),
    # steps that do nothing, or two things
    ("empty-step", (("  - id: bye\n    say: |\n      Хорошего дня!", "  - id: ‸bye"),), "«bye» ничего не делает", "say"),
    ("empty-step", (("    application: sea\n    say: |", "    application: false\n    hint: |"), ("id: done", "id: ‸done")), "«done»", ""),
    ("empty-step", (("    consent: advertising\n", "    card: Новости\n"), ("id: news", "id: ‸news")), "«news»", "consent"),
    ("ask-without-answer", (("    answer: name\n", ""), ("    ask: |\n      Как", "    ‸ask: |\n      Как")), "ответа не ждём", "answer"),
    ("question-without-text", (("    ask: |\n      На сколько ночей?\n", ""), ("    answer: {type", "    ‸answer: {type")),
        "вопрос не задан", "ask"),
    ("say-and-ask", (("    answer: name\n", "    answer: name\n    ‸say: Привет\n"),), "say не будет показан", "отдельный шаг"),
    ("choice-two-effects", (("        go: nights", "        ‸go: nights\n        do: call_person"),), "сработает только do", "одно"),
    ("branch-after-otherwise", (('      - if: nights >= 7 and where == "sea"\n        go: name', "      - ‸go: name"),),
        "никогда не сработают", "последней"),
    ("bounds-without-number", (("answer: phone", "answer: {type: phone, ‸from: 1}"),), "«from» бывает только у числа", "number"),
    ("bounds-without-number", (("answer: phone", "answer: {type: phone, ‸unit: лет}"),), "«unit» бывает только у числа", "number"),
    ("bounds-without-number", (("answer: phone", "answer: {type: call_time, ‸to: today}"),), "«to» бывает только у числа, дня", "Уберите"),
    ("bounds-without-number", (("type: number, from: 1, to: 30", "type: date, ‸from: 1"),), "граница дня не может быть «1»", "1 year"),
    ("bounds-without-number", (("type: number, from: 1, to: 30", "type: number, ‸to: 1 year"),), "граница числа не может быть «1 year»", "this_year"),
    ("bounds-without-number", (("type: number, from: 1, to: 30", "type: rating, ‸to: today"),), "граница здесь — число", "Напишите число"),
    ("empty-range", (("from: 1, to: 30", "from: ‸31, to: 30"),), "от 31 до 30", "местами"),
    ("empty-range", (("type: number, from: 1, to: 30", 'type: date, from: ‸2 weeks, to: 1 week'),), "с 2 weeks по 1 week", "местами"),
    ("empty-range", (("type: number, from: 1, to: 30", 'type: time, from: ‸"2027-02-01", to: "2027-01-01"'),), "с 2027-02-01 по 2027-01-01", "местами"),
    ("empty-range", (("answer: {type: number, from: 1, to: 30}", "answer: ‸{type: rating, from: 1, to: 100}"),), "оценка от 1 до 100", "от 0 до 10"),
    ("empty-range", (("    purpose: подобрать тур\n    choices", "    answer: {type: several, to: ‸5}\n    purpose: подобрать тур\n    choices"),),
        "кнопок 2, а «to» — 5", "от 1 до 2"),
    ("several-without-choices", (("answer: phone", "answer: ‸several"),), "нет кнопок", "choices"),
    ("choice-of-several-leads", (("    purpose: подобрать тур\n    choices", "    answer: several\n    purpose: подобрать тур\n    choices"),
        ("        go: nights", "        ‸go: nights")), "никуда не ведёт", "Уберите go"),
    ("wrong-value", (("from: 1, to: 30", "from: ‸thisyear, to: 30"),), "граница «thisyear» не понята", "this_year"),
    ("wrong-value", (("from: 1, to: 30", "from: 1, to: ‸500 years"),), "граница «500 years» не понята", "1 year"),
    # consent and application
    ("consent-without-text", (("  advertising: consents/news.md\n", ""), ("consent: advertising", "consent: ‸advertising")),
        "нет текста", "advertising: consents"),
    ("consent-with-more", (("    refused: bye", "    refused: bye\n    ‸say: Согласны?"),), "без «say»", "соседний шаг"),
    ("refused-without-consent", (("    answer: phone", "    answer: phone\n    ‸refused: bye"),), "refused без consent", "уберите"),
    ("unknown-offer", (("application: sea", "application: ‸see"),), "предложения «see»", "«sea»"),
    ("silent-application", (("    application: sea\n    say: |\n      Спасибо, {{ name }}! Код {{ code }} действует до {{ code.until | day }}.\n",
        "    application: ‸sea\n"),), "человеку ничего не сказано", "say"),
    ("application-with-question", (("    application: sea\n", "    application: sea\n    ‸answer: text\n    purpose: так\n"),),
        "«answer» здесь лишнее", "свой шаг"),
    # L5: nothing personal before the consent
    ("personal-before-consent", (("  - id: agree\n    consent: personal_data\n    refused: bye\n", ""),
        ("answer: name", "answer: ‸name")), "спрашивает имя раньше согласия", "consent: personal_data"),
    ("personal-before-consent", (("refused: bye", "refused: phone"), ("answer: phone", "answer: ‸phone")), "телефон", "путь"),
    ("personal-before-consent", (("      Ваши данные: {{ policy }}\n", "      Ваши данные: {{ policy }}\n  - id: mail\n    ask: Почта?\n"
        "    answer: ‸email\n    purpose: писать\n"),), "почту", "consent"),
    ("application-without-consent", (("refused: bye", "refused: done"), ("application: sea", "application: ‸sea")),
        "без согласия", "consent: personal_data"),
    # D2: a name and one way to reach
    ("application-without-contact", (("    answer: phone\n", "    answer: phone\n    optional: true\n"),
        ("application: sea", "application: ‸sea")), "без телефона или почты", "optional"),
    ("application-without-contact", (("answer: name", "answer: text"), ("application: sea", "application: ‸sea")), "без имени", "answer: name"),
    ("application-without-contact", (("        go: nights", "        go: done"), ("application: sea", "application: ‸sea")),
        "без имени и без телефона", "каждом пути"),
    # A18, L7
    ("no-purpose", (("    purpose: позвонить вам\n", ""), ("id: phone", "id: ‸phone")), "зачем спрашиваем «phone»", "purpose"),
    ("no-purpose", (("    purpose: обращаться к вам\n", ""), ("id: name", "id: ‸name")), "«name»", "purpose"),
    # A9: names in texts
    ("template", (("{{ name }}, какой", "{{ ‸nmae }}, какой"),), "имени «nmae» нет", "«name»"),
    ("template", (("{{ code }}", "{{ ‸kode }}"),), "имени «kode» нет", "«code»"),
    ("template", (("      Ваши данные: {{ policy }}", "      Ваши данные: {{ ‸polisy }}"),), "«polisy»", "«policy»"),
    ("template", (("{{ code.until | day }}", "{{ code.until | ‸dya }}"),), "фильтра «dya»", "«day»"),
    ("name-too-early", (("Здравствуйте!", "Здравствуйте, {{ ‸name }}!"),), "«name» здесь ещё не спрошено", "переставьте"),
    ("name-too-early", (("Здравствуйте!", "Здравствуйте! {{ ‸code }}"),), "промокода здесь ещё нет", "позже"),
    ("template-not-here", (("conditions: На туры", 'conditions: "‸{{ company }} на туры" #'),), "увидят скобки", "целиком"),
    ("template-not-here", (("label: В горы", 'label: "В горы ‸{{ name }}"'),), "увидят скобки", "целиком"),
    # conditions
    ("condition", (("nights >= 7 and", "nights >= 7 &‸& nights < 9 and"),), "and, or, not", ""),
    ("condition-name", (("nights >= 7", "‸nigths >= 7"),), "вопроса «nigths»", "«nights»"),
    ("condition-name", (('where == "sea"', "where == ‸sae"),), "вопроса «sae»", 'кавычки: "sea"'),
    ("condition-name", (("nights >= 7", "‸hello >= 7"),), "вопроса «hello»", "ничего не спрашивает"),
    ("name-too-early", (("nights >= 7", "‸phone == 7"),), "«phone» здесь ещё не спрошено", "условие"),
    ("impossible-condition", (('where == "sea"', 'where == "‸see"'),), "не бывает значения \"see\"", "«sea»"),
    ("impossible-condition", (("nights >= 7", "nights >= ‸31"),), "«nights >= 31» не бывает", "от 1 до 30"),
    ("impossible-condition", (("nights >= 7", 'nights == "‸семь"'),), "«nights»", "с числом без кавычек"),
    ("impossible-condition", (('where == "sea"', "where > ‸5"),), "«where > 5» не бывает", "только у чисел"),
    # names beside answers
    ("condition-name", (("nights >= 7", "‸weekdey == \"sun\""),), "«weekdey»", "«weekday»"),
    ("condition-name", (("nights >= 7", "‸campain == \"may\""),), "«campain»", "«campaign»"),
    ("condition-name", (("    purpose: подобрать тур\n    go:",
        "    purpose: подобрать тур\n    score:\n      - if: ‸score > 5\n        add: 1\n        reason: так\n    go:"),), "от самих баллов", "ещё не посчитан"),
    ("reserved-name", (("id: bye", "id: ‸hour"),), "имя «hour» занято", "hour_step"),
    ("impossible-condition", (('where == "sea"', 'channel == "‸whatsapp"'),), "«channel»", "telegram, vk, web"),
    ("impossible-condition", (('where == "sea"', 'weekday == "‸monday"'),), "«weekday»", "«mon»"),
    ("impossible-condition", (('where == "sea"', "hour > ‸30"),), "«hour > 30»", "от 0 до 23"),
    ("impossible-condition", (('where == "sea"', "score >= ‸200"),), "«score >= 200»", "от 0 до 100"),
    ("impossible-condition", (('where == "sea"', "open_now == ‸1"),), "«open_now»", "not open_now"),
    ("impossible-condition", (('where == "sea"', 'source == "‸радио"'),), "«source»", "латинские"),
    ("impossible-condition", (('where == "sea"', "weekday > ‸3"),), "«weekday > 3»", "только у чисел"),
    ("impossible-condition", (("if: nights >= 7 and", "if: ‸nights == 7 and nights == 8 and"),), "никогда не выполнится", "двумя разными"),
    ("impossible-condition", (("if: nights >= 7 and", "if: ‸nights > 7 and nights < 8 and"),), "никогда не выполнится", "and и or"),
    ("impossible-condition", (('if: nights >= 7 and where == "sea"', "if: ‸hour < 6 and not hour < 9"),), "никогда не выполнится", ""),
    # texts by condition, variants
    ("text-without-otherwise", (("    ask: |\n      На сколько ночей?", "    ‸ask:\n      - if: where == \"sea\"\n        text: На сколько?"),),
        "сказать будет нечего", "без if"),
    ("text-without-otherwise", (("sea\n    say: |\n      Спасибо", "sea\n    ‸say:\n      - if: nights > 3\n        text: |\n          Спасибо"),),
        "сказать будет нечего", "последним"),
    ("text-after-otherwise", (("    say: |\n      Хорошего", "    say:\n      - ‸text: Пока!\n      - text: |\n          Хорошего"),), "не прозвучат", "последним"),
    ("template", (("      Хорошего дня!", "      Пока!\n    hint:\n      - text: Нет"), ("    say: |\n      Пока!",
        "    say:\n      - if: open_now\n        text: |\n          Мы тут, {{ ‸nmae }}!\n      - text: Пока!")), "«nmae»", "«name»"),
    ("template-not-here", (("    answer: phone", "    answer: phone\n    hint:\n      - text: Ждём, ‸{{ name }}"),), "увидят скобки", "целиком"),
    ("wrong-kind", (("    say: |\n      Хорошего дня!", "    say:\n      ‸Хорошего: дня"),), "нужен текст, а не вложенные ключи", "«|»"),
    ("text-too-long", (("    say: |\n      Хорошего дня!", "    say:\n      - if: open_now\n        ‸text: |\n          " + "а " * 2050 + "\n      - text: Пока"),),
        "ВКонтакте", "два шага"),
    ("variant-alone", (("steps:\n", "variants:\n  ‸mood: {warm: 50}\nsteps:\n"),), "выбирать не из чего", "второй"),
    ("reserved-name", (("steps:\n", "variants:\n  ‸hour: {warm: 50, cold: 50}\nsteps:\n"),), "имя «hour» занято", "hour_test"),
    ("reserved-name", (("steps:\n", "variants:\n  ‸where: {warm: 50, cold: 50}\nsteps:\n"),), "имя «where» занято", "where_test"),
    ("out-of-bounds", (("steps:\n", "variants:\n  mood: {warm: ‸0, cold: 50}\nsteps:\n"),), "вне пределов", "не меньше 1"),
    ("impossible-condition", (("steps:\n", "variants:\n  mood: {warm: 50, cold: 50}\nsteps:\n"), ('where == "sea"', 'mood == "‸worm"')),
        "«mood»", "«warm»"),
    # worth, tags, hand-over
    ("condition-name", (("steps:\n", "worth:\n  - if: ‸nigths > 3\n    add: 5000\nsteps:\n"),), "«nigths»", "«nights»"),
    ("impossible-condition", (("steps:\n", "tags:\n  - if: where == \"‸see\"\n    tag: Море\nsteps:\n"),), "«where»", "«sea»"),
    ("impossible-condition", (("steps:\n", "hand_over:\n  - if: score > ‸100\nsteps:\n"),), "«score > 100»", "от 0 до 100"),
    ("missing-key", (("steps:\n", "tags:\n  - ‸tag: Море\nsteps:\n"),), "«if»", "Условие"),
    *(
        ("impossible-condition", (("{type: number, from: 1, to: 30}", kind), ("nights >= 7", condition)), message, fix)
        for kind, condition, message, fix in (
            ("yes_no", 'nights == "‸да"', "не бывает значения \"да\"", "напишите просто nights"),
            ("yes_no", "nights > ‸5", "«nights > 5» не бывает", "not nights"),
            ("rating", "nights >= ‸6", "«nights >= 6» не бывает", "от 1 до 5"),
            ("rating", 'nights == "‸пять"', "не бывает значения \"пять\"", "без кавычек"),
            ("date", 'nights > "‸15.12"', "не бывает", "2026-12-15"),
            ("date", "nights > ‸15", "не бывает", "2026-12-15"),
            ("time", 'nights > "‸завтра"', "не бывает", "2026-12-15"),
            ("call_time", 'nights == "‸сейчас"', "не бывает значения", "\"now\" (сейчас)"),
        )
    ),
    ("impossible-condition", (("{type: number, from: 1, to: 30}", "yes_no"), ("if: nights >= 7 and", "if: ‸nights and not nights and")),
        "никогда не выполнится", "and и or"),
    ("impossible-condition", (("{type: number, from: 1, to: 30}", "rating"), ("if: nights >= 7 and", "if: ‸nights < 3 and nights > 3 and")),
        "никогда не выполнится", "and и or"),
    ("impossible-condition", (("    purpose: подобрать тур\n    choices", "    answer: several\n    purpose: подобрать тур\n    choices"),
        ("        go: nights", "        words: [верх]"), ('where == "sea"', 'where == "‸sea"')), "не бывает значения", '"sea" in where'),
    ("impossible-condition", (("    purpose: подобрать тур\n    choices", "    answer: several\n    purpose: подобрать тур\n    choices"),
        ("        go: nights", "        words: [верх]"), ('where == "sea"', '"‸see" in where')), "не бывает значения", "«sea»"),
    # L32: offers
    ("promo-code-without-stock", (("    stock: 10\n", ""), ("  sea:", "  ‸sea:")), "нет запаса", "stock"),
    ("consultation-without-price", (("    stock: 10", "    kind: consultation\n    stock: 10"), ("  sea:", "  ‸sea:")), "цена", "price"),
    ("counter-without-stock", (("    stock: 10\n", "    kind: consultation\n    price: 100 ₽\n"), ("{{ offers.sea.left }}.\n      В",
        "{{ ‸offers.sea.left }}.\n      В")), "ничего не считает", "stock"),
    ("empty-name", (("    valid: 3 days\n", ""), ("{{ code.until", "{{ ‸code.until")), "ни valid, ни until", "срок"),
    ("empty-name", (("{{ offers.sea.left }}.\n      В", "{{ ‸offers.sea.price }}.\n      В"),), "нет price", "price"),
    # L28: advertising in a service message
    ("advertising-as-service", (("      Продолжим?", "      Скидка {{ ‸offers.sea.title }} ждёт."),), "это реклама", "advertising"),
    ("advertising-as-service", (("    kind: advertising\n", ""), ("осталось {{ o", "осталось {{ ‸o")), "это реклама", "advertising"),
    ("advertising-as-service", (("      Продолжим?", "      Ваш код {{ ‸code }}."),), "«code»", "согласился"),
    ("advertising-without-consent", (("  - id: news\n    consent: advertising\n", ""), ("kind: advertising", "kind: ‸advertising")),
        "никому не уйдёт", "consent: advertising"),
    # silence
    ("silence-order", (("after: 1 day", "after: ‸5 min"),), "по возрастанию", "больший срок"),
    ("silence-order", (("after: 2 days", "after: ‸1 day"),), "по возрастанию", "больший срок"),
    ("silence-order", (("after: 1 day", "after: ‸20 min"),), "по возрастанию", "больший срок"),
    ("empty-rule", (("after: 2 days\n    mark: cold", "after: ‸2 days"),), "ничего не делает", "mark: cold"),
    ("mark-not-last", (("    say: |\n      Продолжим?", "    mark: ‸cold"),), "не сработают", "последним"),
    # A11: every channel it is published to
    ("label-too-long", (("label: В горы", "label: ‸" + "В горы или ещё куда-нибудь повыше и подальше"),), "ВКонтакте: на кнопке 44 знака", "Сократите"),
    ("label-too-long", (("label: В горы", "label: ‸" + "а" * 65),), "Telegram: на кнопке 65 знаков, предел — 64", "Сократите"),
    ("text-too-long", (("      Хорошего дня!", "      " + "а " * 2050), ("    say: |\n      а", "    ‸say: |\n      а")), "ВКонтакте", "два шага"),
    ("text-too-long", (("      Спасибо, {{ name }}!", "      " + "а " * 2010), ("sea\n    say", "sea\n    ‸say")), "Telegram", "Сократите"),
    ("too-many-buttons", (("      - label: В горы", "".join(f"      - label: Страна номер {n} из списка\n" for n in range(10)) + "      - label: В горы"),
        ("    choices", "    ‸choices")), "ВКонтакте: кнопок 13", "Разделите"),
    # A20
    ("secret", (("title: Туры", "title: Туры # ‸1234567890:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1"),), "токен", ".env"),
    ("secret", (("      Хорошего дня!", "      ‸vk1.a.abcdefghijklmnopqrstuvwxyz0123456789"),), "токен", ".env"),
    ("secret", (("      Хорошего дня!", "      https://‸ivan:parol@site.example"),), "токен", "смените"),
    # A19
    ("outside-folder", (("data.md", "../data.md"), ("  personal_data: c", "  personal_data: ‸c")), "за пределы папки", "рядом"),
    ("outside-folder", (("consents/data.md", "‸/etc/data.md"),), "за пределы папки", "рядом"),
    ("outside-folder", (("consents/data.md", "‸file:///data.md"),), "за пределы папки", "рядом"),
    ("outside-folder", (("consents/data.md", "‸..\\data.md"),), "за пределы папки", "рядом"),
    ("consent-file", (("consents/data.md", "‸consents/date.md"),), "файла «consents/date.md» нет", "«consents/data.md»"),
    ("consent-file", (("consents/data.md", "‸business.yaml"),), "не .md", ".md"),
    ("consent-shared", (("consents/news.md", "‸consents/data.md"),), "разные документы", "два файла"),
    # words
    ("reserved-word", (("words: [тур]", "words: [тур, ‸стоп]"),), "слово «стоп»", "Уберите"),
    ("reserved-word", (("words: [тур]", "words: [‸удалите мои данные]"),), "по-своему", "Уберите"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "changes", "message", "fix"), ERRORS)
def test_A8_A9_A11_A19_a_flow_with_an_error(name: str, changes: tuple[Change, ...], message: str, fix: str) -> None:
    check(TOUR, name, "error", changes, message, fix)


WARNINGS: list[tuple[str, tuple[Change, ...], str, str]] = [
    ("refusal-without-way", (("    refused: bye\n", ""), ("consent: personal", "consent: ‸personal")), "не дали", "refused"),
    ("offer-without-term", (("    valid: 3 days\n", ""), (" действует до {{ code.until | day }}", ""), ("  sea:", "  ‸sea:")), "срока", "valid"),
    ("offer-without-conditions", (("    conditions: На туры от семи ночей\n", ""), ("  sea:", "  ‸sea:")), "условий", "conditions"),
    ("offer-unused", (("offers:", "offers:\n  ‸snow:\n    title: Горы\n    stock: 1\n    valid: 1 day\n    conditions: Всем"),), "«snow»", "application: snow"),
    ("no-purpose", (("    purpose: подобрать тур\n    choices", "    choices"), ("id: where", "id: ‸where")), "«where»", "purpose"),
    ("sensitive-question", (("На сколько ночей?", "Ваши ‸паспортные данные?"),), "«паспорт»", "не обойтись"),
    ("sensitive-question", (("    answer: name\n", "    answer: name\n    card: ‸СНИЛС\n"),), "«СНИЛС»", "не обойтись"),
    ("score-without-reason", (("        reason: знает, чего хочет\n", ""), ("score: 10", "score: ‸10")), "без причины", "reason"),
    ("reason-without-score", (("        score: 10\n", ""), ("reason: знает", "reason: ‸знает")), "баллов нет", "score"),
    ("advertising-as-service", (("Продолжим?", "Дарим ‸скидку, продолжим?"),), "«скидку»", "advertising"),
    ("advertising-as-service", (("Продолжим?", "Ещё ‸5 % ваши"),), "«5 %»", "advertising"),
    ("advertising-as-service", (("Продолжим?", "У нас ‸акция!"),), "«акция»", "advertising"),
    # prose and YAML
    ("prose-outside-block", (("    say: |\n      Хорошего дня!", "    say: Хорошего дня ‸#1"),), "примечанием", "«|»"),
    ("prose-outside-block", (("    say: |\n      Хорошего дня!", "    say: Хорошего дня ‸# всем"),), "примечанием", "«|»"),
    ("prose-outside-block", (("title: Туры", "title: Туры ‸#1"),), "примечанием", "«|»"),
    ("prose-outside-block", (("    say: |\n      Хорошего дня!", "    say: ‸Хорошего\n      дня!"),), "склеится", "«|»"),
    # courtesy (C61) and the policy (L6)
    ("shouting", (("Хорошего дня!", "‸ХОРОШЕГО ДНЯ ВСЕМ")), "крик", "строчными"),
    ("shouting", (("Хорошего дня!", "Ждём‸!!!")), "крик", "строчными"),
    ("shouting", (("Хорошего дня!", "‸СРОЧНО ЗВОНИТЕ")), "крик", "строчными"),
    ("mixed-address", (("Хорошего дня!", "Жду ‸тебя")), "«тебя»", "на «вы»"),
    ("no-greeting", (("Здравствуйте! Подберём", "Подберём"), ("    say: |\n      Под", "    say: ‸|\n      Под")), "не здоровается", "Здравствуйте"),
    ("no-policy-link", (("      Ваши данные: {{ policy }}\n", ""), ("    say: |\n      Здр", "    say: ‸|\n      Здр")), "политику", "{{ policy }}"),
    ("no-thanks", (("Спасибо, {{ name }}!", "Готово!"), ("    application:", "    ‸application:")), "спасибо", "Поблагодарите"),
    ("markup", (("Хорошего дня!", "‸<b>Хорошего</b> дня!")), "как есть", "разметку"),
    ("markup", (("Хорошего дня!", "‸**Хорошего** дня!")), "как есть", "разметку"),
    ("always-true", (('if: nights >= 7 and where == "sea"', "if: ‸hour >= 0"),), "выполняется всегда", "Уберите if"),
    ("always-true", (('if: nights >= 7 and where == "sea"', "if: ‸open_now or not open_now"),), "выполняется всегда", "Уберите if"),
    ("variant-unused", (("steps:\n", "variants:\n  ‸mood: {warm: 50, cold: 50}\nsteps:\n"),), "ни на что не влияет", 'mood == "warm"'),
    ("no-greeting", (("    say: |\n      Здравствуйте! Подберём тур. Осталось кодов: {{ offers.sea.left }}.\n      Ваши данные: {{ policy }}",
        "    say:\n      - if: open_now\n        text: Здравствуйте! {{ policy }}\n      - text: ‸Данные — {{ policy }}"),), "не здоровается", "Здравствуйте"),
    ("file-name", (("flow: tour", "flow: ‸tours"),), "с другим именем", "tours.yaml"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "changes", "message", "fix"), WARNINGS)
def test_C61_a_flow_with_a_warning(name: str, changes: tuple[Change, ...], message: str, fix: str) -> None:
    changes = (changes,) if isinstance(changes[0], str) else changes  # type: ignore[assignment]
    check(TOUR, name, "warning", changes, message, fix)


@pytest.mark.parametrize(
    "kind", ["shouting", "mixed-address", "no-greeting", "advertising-as-service", "sensitive-question"]
)
def test_A18_a_warning_is_confirmed_by_its_name(kind: str) -> None:
    """Confirmed, it is not told; and a warning never keeps a set from going live."""
    changes = next(changes for name, changes, *_ in WARNINGS if name == kind)
    changes = (changes,) if isinstance(changes[0], str) else changes  # type: ignore[assignment]
    text = FLOW
    for old, new in changes:
        text = text.replace(old, new, 1)
    text = text.replace("‸", "")
    warned = load({**FILES, TOUR: text})
    assert warned.flow_set is not None
    assert {one.name for one in warned.problems} == {kind}
    confirmed = load({**FILES, TOUR: f"{text}confirmed: [{kind}]\n"})
    assert told(confirmed) == []


def test_an_error_cannot_be_confirmed() -> None:
    loaded = load(folder(TOUR, ("refused: bye", "refused: bay"), ("words: [тур]", "confirmed: [jump-to-nowhere]")))
    assert loaded.flow_set is None
    assert loaded.errors


def test_A20_a_secret_is_not_shown_again() -> None:
    token = "1234567890:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1"
    found = the_one(list(load(folder(TOUR, ("title: Туры", f"title: Туры # {token}"))).problems), "secret")
    assert token not in str(found)
    assert "•••" in found.excerpt


@pytest.mark.parametrize(
    "text", ["Звоните 8 900 123-45-67", "Цена 1234567890", "В 12:30 и 14:00", "https://a.example/b"]
)
def test_A20_ordinary_numbers_and_links_are_no_secrets(text: str) -> None:
    assert told(load(folder(TOUR, ("Хорошего дня!", text)))) == []


@pytest.mark.parametrize("text", ["Скидка на КАСКО и ОСАГО", "ТО в Твери", "Ждём в ГИБДД!", "МФЦ, СПБ"])
def test_C61_abbreviations_are_no_shouting(text: str) -> None:
    assert told(load(folder(TOUR, ("Хорошего дня!", text)))) == []


# ---------------------------------------------------------------- offers whose time has passed (A24)


@pytest.mark.parametrize(("today", "ended"), [("2027-06-30", False), ("2027-07-01", True), (None, False)])
def test_A24_an_offer_whose_date_has_passed_is_told_and_still_loads(today: str | None, ended: bool) -> None:
    changes = ("valid: 3 days", 'until: "2027-06-30"')
    loaded = load(folder(TOUR, changes), today=date.fromisoformat(today) if today else None)
    assert loaded.flow_set is not None
    assert [(one.name, one.line, one.column) for one in loaded.problems] == ([("offer-ended", 11, 12)] if ended else [])


# ---------------------------------------------------------------- business.yaml (A16)

IN_BUSINESS: list[tuple[str, str, tuple[Change, ...], str, str]] = [
    ("error", "unknown-flow", (("telegram: [tour]", "telegram: [‸tuor]"),), "сценария «tuor» нет", "«tour»"),
    ("error", "unknown-flow", (("start: tour", "start: ‸trip"),), "«trip»", "Известные: tour"),
    ("error", "unknown-flow", (("{flow: tour,", "{flow: ‸tours,"),), "«tours»", "«tour»"),
    ("error", "unknown-flow", (("start: tour", "start:\n  say: Привет\n  flows: [tour, ‸tou]"),), "«tou»", "«tour»"),
    ("error", "jump-to-nowhere", (("step: hello", "step: ‸helo"),), "шага «helo»", "«hello»"),
    ("error", "policy-not-link", (("https://volna.example/privacy", "‸volna.example"),), "не ссылка", "https://"),
    ("error", "policy-not-link", (("https://volna.example/privacy", "‸скоро будет"),), "не ссылка", "https://"),
    ("error", "policy-not-link", (("https://volna.example/privacy", "‸file:///privacy.html"),), "не ссылка", "https://"),
    ("error", "policy-not-link", (("https://volna.example/privacy", "‸https://[volna.example/privacy"),), "не ссылка", "https://"),
    ("error", "hours-order", (('"09:00-18:00"', '‸"18:00-09:00"'),), "кончается (09:00)", "по порядку"),
    ("error", "hours-order", (('"09:00-18:00"', '‸"09:00-09:00"'),), "кончается (09:00)", "23:59"),
    ("error", "no-working-hours", (('working_hours:\n  mon: "09:00-18:00"', "‸working_hours: {}"),), "рабочего дня", "mon"),
    ("error", "nothing-published", (("published:\n  telegram: [tour]\n  vk: [tour]", "‸published: {}"),), "ни один", "telegram"),
    ("error", "choices-alike", (("start: tour", "start:\n  say: Привет\n  flows: [tour, ‸tour]"),), "две одинаковые", "повтор"),
    ("error", "unknown-word", (("  vk: [tour]", "  ‸vkontakte: [tour]"),), "«vkontakte»", "telegram, vk, web"),
    ("error", "unknown-word", (("  mon:", "  ‸monday:"),), "«monday»", "«mon»"),
    ("error", "missing-key", (("  address: Псков, Речная, 1\n", ""), ("  name: ИП", "  ‸name: ИП")), "«address»", "Адрес"),
    ("warning", "empty-start", (("  vk: [tour]", "  vk: [tour]\n  ‸web: [other]"),), "нечего показать", "start"),
    ("warning", "closed-channel", (("  telegram: [", "  ‸telegram: ["), ("reasons:", "switches: {no_foreign_messengers: true}\nreasons:")),
        "закрывает Telegram", "Уберите"),
]  # fmt: skip


@pytest.mark.parametrize(("level", "name", "changes", "message", "fix"), IN_BUSINESS)
def test_A16_business_fits_its_flows(
    level: str, name: str, changes: tuple[Change, ...], message: str, fix: str
) -> None:
    check(BUSINESS_FILE, name, level, changes, message, fix)


def test_A16_quiet_hours_may_pass_midnight() -> None:
    for hours in ("21:00-09:00", "13:00-14:00"):
        assert told(load(folder(BUSINESS_FILE, ("policy:", f'quiet_hours: "{hours}"\npolicy:')))) == []


def test_a_flow_that_does_not_load_is_not_called_missing() -> None:
    loaded = load(folder(TOUR, ("answer: phone", "answer: fone")))
    assert [one.name for one in loaded.problems] == ["unknown-word"]


def test_one_word_opens_one_flow_and_both_places_are_told() -> None:
    other = FLOW.replace("flow: tour", "flow: cruise").replace("words: [тур]", "words: [круиз, Тур!]")
    found = the_one(list(load({**FILES, "cruise.yaml": other}).problems), "word-of-two-flows")
    assert found.file == "tour.yaml"
    assert "(cruise.yaml:3)" in found.message


def test_two_files_with_one_flow_are_told_with_both_places() -> None:
    found = the_one(list(load({**FILES, "again.yaml": FLOW}).problems), "duplicate-flow")
    assert "again.yaml:1 и tour.yaml:1" in found.message


def test_a_flow_published_nowhere_is_told() -> None:
    other = FLOW.replace("flow: tour", "flow: cruise").replace("words: [тур]", "words: [круиз]")
    found = the_one(list(load({**FILES, "cruise.yaml": other}).problems), "flow-unpublished")
    assert (found.file, found.line, found.column, found.level) == ("cruise.yaml", 1, 7, "warning")


def test_A11_only_channels_where_the_flow_is_published_count() -> None:
    label = ("label: В горы", "label: " + "а" * 50)
    assert [one.message for one in load(folder(TOUR, label)).problems] == [
        "ВКонтакте: на кнопке 50 знаков, предел — 40"
    ]
    alone = BUSINESS.replace("  vk: [tour]\n", "")
    assert told(load({**folder(TOUR, label), BUSINESS_FILE: alone})) == []


@pytest.mark.parametrize(("name", "fits"), [("phone", True), ("nights", True), ("wish", False)])
def test_A11_the_widest_values_count(name: str, fits: bool) -> None:
    """3 600 letters leave room for a phone, not for an answer of a thousand letters."""
    wish = (
        "    answer: phone",
        "    answer: phone\n    purpose: так\n  - id: wish\n    ask: Что ещё?\n    answer: text",
    )
    text = ("    say: |\n      Спасибо,", f"    say: |\n      {'а ' * 1800} {{{{ {name} }}}} Спасибо,")
    found = [one.name for one in load(folder(TOUR, wish, text)).problems]
    assert found == ([] if fits else ["text-too-long"])


# ---------------------------------------------------------------- consent texts (L1, L3)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (("ИП Волнова", "оператору"), "имени оператора"),
        (("Псков, Речная, 1", "Псков"), "адреса оператора"),
        (("Даю согласие", "Обращаюсь к"), "слова согласия"),
        (("Цели:", "Чтобы"), "цели"),
        (("Перечень данных:", "А именно:"), "перечень данных"),
        (("Действия:", "Делаем:"), "действия с данными"),
        (("Получатели: никому не передаются.", ""), "получатели"),
        (("Срок: один год.", ""), "срок"),
        (("Как отозвать: напишите «отзываю согласие».", ""), "как отозвать"),
    ],
)
def test_L3_a_consent_text_lacks_nothing_of_the_law(change: Change, part: str) -> None:
    found, _ = lint(DATA_FILE, change)
    assert [(one.file, one.name, one.level) for one in found] == [(DATA_FILE, "consent-incomplete", "error")]
    assert part in found[0].message


def test_L2_consent_to_advertising_names_advertising_and_stands_apart() -> None:
    found, _ = lint("consents/news.md", ("присылать рекламу", "писать вам"))
    assert "нет слова «реклама»" in the_one(found, "consent-incomplete").message
    found, _ = lint(DATA_FILE, ("подобрать тур", "присылать рекламу"))
    assert the_one(found, "consent-two-things").level == "warning"


def test_L3_the_operator_is_found_whatever_the_quotes_and_breaks() -> None:
    business = BUSINESS.replace("name: ИП Волнова", "name: ООО «Волна»")
    data, news = (text.replace("ИП Волнова", 'ООО\n"Волна"') for text in (DATA, NEWS))
    assert told(load({**FILES, BUSINESS_FILE: business, DATA_FILE: data, "consents/news.md": news})) == []


def test_A11_a_consent_text_fits_one_message() -> None:
    found, _ = lint(DATA_FILE, ("Срок:", "Ещё раз. " * 400 + "Срок:"))
    assert "3500" in the_one(found, "consent-too-long").message


def test_a_consent_text_takes_no_values() -> None:
    found, _ = lint(DATA_FILE, ("имя, телефон", "имя, {{ phone }}"))
    assert the_one(found, "template-not-here").file == DATA_FILE


# ---------------------------------------------------------------- whole flows

TEN_LINES = """\
flow: callback
title: Перезвоните мне
consent: {personal_data: consents/data.md}
steps:
  - {id: hello, say: "Здравствуйте! Оставьте номер — перезвоним. Ваши данные: {{ policy }}"}
  - {id: agree, consent: personal_data, refused: bye}
  - {id: name, ask: Как к вам обращаться?, answer: name, purpose: обращаться к вам}
  - {id: phone, ask: По какому номеру позвонить?, answer: phone, purpose: перезвонить вам}
  - {id: done, application: true, say: "Спасибо! {{ promise }}"}
  - {id: bye, say: Хорошего дня!}
"""


def test_a_first_flow_of_ten_lines_is_sound() -> None:
    business = BUSINESS.replace("telegram: [tour]", "telegram: [tour, callback]")
    assert told(load({**FILES, "callback.yaml": TEN_LINES, BUSINESS_FILE: business})) == []


SCRAPS = (
    "~",
    "[]",
    "{}",
    "-1",
    "true",
    "''",
    "|",
    "{a: b}",
    "end",
    "{{ x }}",
    "#",
    "1e9",
    "[[[[",
    "&a",
    "'",
    ": ",
    "\t",
)


@pytest.mark.parametrize("seed", range(100))
def test_A1_whatever_is_typed_there_is_a_sentence_and_never_a_traceback(seed: int) -> None:
    dice = Random(seed)
    path = dice.choice([TOUR, TOUR, BUSINESS_FILE])
    lines = FILES[path].split("\n")
    for _ in range(3):
        key, colon, _ = lines.pop(at := dice.randrange(len(lines))).partition(": ")
        lines.insert(at, dice.choice(lines) if dice.random() < 0.3 else f"{key}{colon}{dice.choice(SCRAPS)}")
    loaded = load({**FILES, path: "\n".join(lines)})
    assert (loaded.flow_set is None) == bool(loaded.errors)
    assert all(one.message and one.fix and one.line > 0 and one.column > 0 for one in loaded.problems), told(loaded)
