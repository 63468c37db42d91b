"""What admins read in the chat about the flows' folder, and the buttons under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.publishing import Checked
from dialogs.effects import Button
from handlers.flows import flows_key

LONGEST = 3500  # letters of a message: every channel takes it
SHOWN = 12  # digits of a digest on a button

SAME = "Сценарии в порядке. Работает версия {version}, в папке то же самое."
FRESH = "Сценарии в порядке, в папке есть изменения. Сейчас работает версия {version}."
BROKEN = "Публиковать пока нельзя, ошибок: {errors}. Работает прежняя версия {version}."
CHANGES = "Что изменится, если опубликовать папку вместо версии {version}:"
SURE = "Опубликовать папку вместо версии {version}? Что изменится:"
PUBLISHED = "Опубликовано, версия {version}. Кто внутри сценария, спокойно пойдёт дальше."
CHANGED = "Файлы с тех пор изменились, посмотрите ещё раз."
OTHER_LIVE = "С тех пор опубликовали другую версию. Посмотрите, как сейчас:"
SURE_BACK = "Вернуть версию {former} вместо версии {version}? Что изменится:"
GONE_BACK = (
    "Вернули версию {former}, теперь она под номером {version}. Кто внутри сценария, спокойно пойдёт дальше.\n\n"
    "Папку мы не трогали: там по-прежнему новые файлы."
)
NO_FOLDER = "Папки {folder} на сервере нет. Проверьте настройку FLOWS_DIR."
FAILED = "Не получилось заглянуть в папку со сценариями. Попробуйте чуть позже; подробности в журнале."
MORE = "… и ещё {count}."
WHOLE = "Весь список покажет {command}."

LOOK = Button("Проверить ещё раз", flows_key("look"))
NO = Button("Ничего не менять", flows_key("look"))


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()

    def after(self, news: str) -> Answer:
        """The same with something to say first."""
        return Answer(f"{news}\n\n{self.text}", self.buttons)


@dataclass(frozen=True, slots=True)
class Live:
    """The newest published version, the digest of its files, and the version that may be taken back (0: none)."""

    version: int
    digest: str
    former: int = 0

    def seen(self, *sets: str) -> str:
        """On a button: this version and what else was looked at. Any other version, and the button is out of date."""
        return ".".join((str(self.version), *sets))

    @property
    def buttons(self) -> tuple[tuple[Button, ...], ...]:
        return ((Button("Вернуть прежнее", flows_key("former", self.seen())),),) if self.former else ()


def state(checked: Checked, digest: str, live: Live) -> Answer:
    """How the folder stands, with its problems by line, as many as one message holds."""
    problems = [f"• {one.headline}" for one in (*checked.problems, *checked.stories)]
    if not checked.sound:
        errors = sum(one.level == "error" for one in checked.problems)
        head = BROKEN.format(errors=errors, version=live.version)
        return Answer(told(head, problems, "leadbot check"), ((LOOK,), *live.buttons))
    if digest == live.digest:
        return Answer(told(SAME.format(version=live.version), problems, "leadbot check"), live.buttons)
    text = told(FRESH.format(version=live.version), problems, "leadbot check")
    seen = live.seen(digest[:SHOWN])
    changes, publish = flows_key("changes", seen), flows_key("publish", seen)
    asked = ((Button("Что изменится", changes),), (Button("Опубликовать", publish),))
    return Answer(text, (*asked, *live.buttons, (LOOK,)))


def changes(lines: Sequence[str], digest: str, live: Live) -> Answer:
    """What publishing the folder would change, for whom."""
    publish = Button("Опубликовать", flows_key("publish", live.seen(digest[:SHOWN])))
    return Answer(told(CHANGES.format(version=live.version), lines, "leadbot diff"), ((publish,), (LOOK,)))


def sure(lines: Sequence[str], digest: str, live: Live) -> Answer:
    yes = Button("Да, опубликовать", flows_key("sure", live.seen(digest[:SHOWN])))
    return Answer(told(SURE.format(version=live.version), lines, "leadbot diff"), ((yes,), (NO,)))


def sure_back(lines: Sequence[str], live: Live) -> Answer:
    yes = Button(f"Да, вернуть версию {live.former}", flows_key("back", live.seen(str(live.former))))
    head = SURE_BACK.format(former=live.former, version=live.version)
    return Answer(told(head, lines), ((yes,), (NO,)))


def told(head: str, lines: Sequence[str], command: str = "") -> str:
    """As many lines as one message holds; the rest is counted, and ``command``, if there is one, shows all."""
    if not lines:
        return head
    text, number = f"{head}\n", 0
    for line in lines:
        if len(text) + len(line) > LONGEST:
            break
        text, number = f"{text}\n{line}", number + 1
    left = len(lines) - number
    if not left:
        return text
    more = (MORE.format(count=left), *([WHOLE.format(command=command)] if command else []))
    return f"{text}\n{' '.join(more)}"
