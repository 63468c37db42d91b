"""YAML's complaints in plain Russian: what the author most likely did, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ruamel.yaml.error import MarkedYAMLError

Explained = tuple[int, int, str, str]
"""line and column from 1, message, way out"""

_BLOCK = "Начните текст с «|» на следующей строке или возьмите его в кавычки."
LONGEST_SHOWN = 100  # letters of a line that is shown as it should be
_KEY = re.compile(r"\s*(-\s+)*[\w-]+\s*:(\s|$)")
_KEYS = re.compile(r"\{\s*[a-z_]+\s*:\s")
_NO_BLANK = re.compile(r"\s*(?:-\s+)*([a-z_]+):((?!//)\S.*)$")
_VALUE = re.compile(r"\s*(?:-\s+)*(?:([\w-]+):\s+)?([\"'].*)$")
_QUOTED = re.compile(r"([\w-]+):\s+([\"'](?:(?!:\s)[^,{}])*[^,{}\s])\s*(?=[,}])")
_STRAIGHTEN = "Выровняйте строку по соседним того же уровня: два пробела на уровень."


def explain(broken: MarkedYAMLError, lines: Sequence[str]) -> Explained:
    """Place, message and way out for one syntax error of ruamel.yaml. ``lines`` are the file's."""
    problem, context = str(broken.problem or ""), str(broken.context or "")
    line, column = _place(broken.problem_mark)
    began = _place(broken.context_mark) if broken.context_mark else (line, column)
    text = lines[line - 1] if line <= len(lines) else ""
    if cut_short := _comment_above(lines, min(line, began[0] if "simple key" in context else line)):
        return cut_short
    if glued := _glued(lines, line, began[0], problem):
        return glued
    for part, case in _CASES:
        if part in problem or part in context:
            return case(line, column, text, began, lines)
    if "<block end>" in problem:
        return _open_quote(line, column, lines) or _out_of_line(line, column, text, problem)
    message = "отсюда файл не читается как YAML"
    return line, column, message, "Проверьте отступы, двоеточия и кавычки на этой строке и строкой выше."


def _comment_above(lines: Sequence[str], line: int) -> Explained | None:
    """A text without «|» that went on after a « #»: the rest of it hangs in the air."""
    above = lines[line - 2] if 2 <= line <= len(lines) + 1 else ""
    found = re.search(r"^\s*(?:- )?[\w-]+: +[^|>'\"\s].*?\s(#)", above)
    if not found or _KEY.match(lines[line - 1] if line <= len(lines) else ""):
        return None
    return line - 1, found.start(1) + 1, "всё после « #» YAML считает примечанием, и остаток текста повис", _BLOCK


def _glued(lines: Sequence[str], line: int, began: int, problem: str) -> Explained | None:
    """«card:День»: without a blank that is no key, and YAML stumbles there or a line below."""
    numbers: list[int] = []
    if "mapping values are not allowed" in problem:
        numbers = [line, line - 1]
    elif "could not find expected ':'" in problem:
        numbers = [began]
    for number in numbers:
        if found := _NO_BLANK.match(lines[number - 1]) if 0 < number <= len(lines) else None:
            return number, found.end(1) + 2, f"после «{found[1]}:» нет пробела", spaced(found[1], found[2])
    return None


def spaced(key: str, value: str) -> str:
    """The way out for «card:День»."""
    right = f"{key}: {value.rstrip()[:LONGEST_SHOWN]}"
    return f"Поставьте пробел: «{right}»."


def _place(mark: object) -> tuple[int, int]:
    return (getattr(mark, "line", 0) + 1, getattr(mark, "column", 0) + 1)


def _colon(line: int, column: int, text: str, began: tuple[int, int], lines: Sequence[str]) -> Explained:
    key = _KEY.match(text)
    if key and column <= key.end():
        return line, len(text) - len(text.lstrip()) + 1, "у этой строки лишний отступ", _STRAIGHTEN
    return line, column, "двоеточие внутри текста без кавычек", _BLOCK


def _first_sign(line: int, column: int, text: str, began: tuple[int, int], lines: Sequence[str]) -> Explained:
    sign = text[column - 1 : column]
    if sign == "\t":
        return line, column, "в отступе стоит табуляция", "Замените её пробелами, по два на уровень."
    return line, column, f"текст без кавычек не может начинаться с «{sign}»", _BLOCK


def _sign_of_yaml(line: int, column: int, text: str, began: tuple[int, int], lines: Sequence[str]) -> Explained:
    return _first_sign(*began, lines[began[0] - 1], began, lines)


def _bracket(line: int, column: int, text: str, began: tuple[int, int], lines: Sequence[str]) -> Explained:
    mistaken = line, column
    line, column = began
    sign = lines[line - 1][column - 1 : column]
    if sign == "{" and _KEYS.match(lines[line - 1], column - 1):
        if "}" in lines[line - 1][column:] and mistaken[0] == line:
            if whole := next((one for one in _QUOTED.finditer(text) if one.start() < mistaken[1] <= one.end()), None):
                fix = _in_quotes(f"{whole[1]}: ", whole[2])
                return line, mistaken[1], "после закрывающей кавычки есть ещё текст", fix
            word = re.search(r"[\w-]*$", text[: mistaken[1] - 1])
            column = word.start() + 1 if word else mistaken[1]
            return (
                line,
                column,
                "в скобках «{ }» перед этим не хватает запятой",
                "Разделите пары запятыми: {type: number, from: 1}.",
            )
        return line, column, "скобка «{» открыта и не закрыта", "Поставьте «}» после последней пары."
    if sign == "{":
        return line, column, "текст начинается с «{», и YAML ждёт закрывающей «}»", _BLOCK
    return line, column, "список открыт «[» и не закрыт", "Поставьте «]» в конце списка; текст со скобкой — в кавычки."


def _no_colon(line: int, column: int, text: str, began: tuple[int, int], lines: Sequence[str]) -> Explained:
    line, column = began
    word = lines[line - 1].strip()
    fix = "Допишите «:», или сдвиньте строку вправо, если она продолжает текст после «|»."
    return line, column, f"строка «{word[:40]}» — не ключ и не пункт списка", fix


def _quote(line: int, column: int, text: str, began: tuple[int, int], lines: Sequence[str]) -> Explained:
    return *began, "кавычка открыта и не закрыта", "Закройте её или начните текст с «|» на следующей строке."


def _list_in_line(line: int, column: int, text: str, began: tuple[int, int], lines: Sequence[str]) -> Explained:
    fix = "Перенесите «-» на следующую строку; текст, который начинается с тире, возьмите в кавычки."
    return line, column, "список не может начинаться в одной строке с ключом", fix


def _after_bar(line: int, column: int, text: str, began: tuple[int, int], lines: Sequence[str]) -> Explained:
    return line, column, "после «|» в той же строке есть текст", "Начните текст со следующей строки, с отступом."


_CASES = (
    ("mapping values are not allowed", _colon),
    ("cannot start any token", _first_sign),
    ("could not find expected ':'", _no_colon),
    ("scanning a quoted scalar", _quote),
    ("sequence entries are not allowed", _list_in_line),
    ("scanning a block scalar", _after_bar),
    ("an tag", _sign_of_yaml),  # sic
    ("a tag", _sign_of_yaml),
    ("scanning an alias", _sign_of_yaml),
    ("scanning an anchor", _sign_of_yaml),
    ("parsing a flow mapping", _bracket),
    ("parsing a flow sequence", _bracket),
)


def _open_quote(line: int, column: int, lines: Sequence[str]) -> Explained | None:
    """A quote that was not closed ends at the next one, many lines below: tell where it was opened."""
    before = lines[line - 1][: column - 1].rstrip() if line <= len(lines) else ""
    quote = before[-1:]
    if quote not in ("'", '"') or before.count(quote) % 2 == 0:
        return None
    for number in range(line - 1, 0, -1):
        if lines[number - 1].count(quote) % 2:
            place = (number, lines[number - 1].rindex(quote) + 1)
            return *place, "кавычка открыта и не закрыта", "Закройте её или начните текст с «|» на следующей строке."
    return None


def _out_of_line(line: int, column: int, text: str, problem: str) -> Explained:
    """The parser met something at a level where the part above had to end."""
    before = text[: column - 1].rstrip()
    if "'-'" in problem:
        return line, column, "пункт списка «-» стоит не на своём месте", _STRAIGHTEN
    if before.endswith(('"', "'")):
        return line, column, "после закрывающей кавычки есть ещё текст", _whole_in_quotes(text)
    if before.endswith(("}", "]")):
        return line, column, "текст начинается со скобки и продолжается после неё", _BLOCK
    if "'?'" in problem:
        return line, column, "эта строка стоит на уровне пунктов списка, но без «- »", "Поставьте «- » или отступ."
    if "<scalar>" in problem:
        return line, column, "строка сдвинута влево от своего текста", "Сделайте отступ как у первой строки текста."
    return line, column, "отступ этой строки не совпадает с соседними", _STRAIGHTEN


def _whole_in_quotes(text: str) -> str:
    """``if: "sea" in rest`` as it has to stand: one pair of quotes around all of it."""
    found = _VALUE.match(text)
    if not found or len(text) > LONGEST_SHOWN or " #" in text:
        return _BLOCK
    key = f"{found[1]}: " if found[1] else ""
    return _in_quotes(key, found[2].rstrip())


def _in_quotes(before: str, value: str) -> str:
    right = f'"{value}"' if "'" in value and '"' not in value else "'" + value.replace("'", "''") + "'"
    right = before + right
    return f"Возьмите в кавычки всё значение: «{right}»."
