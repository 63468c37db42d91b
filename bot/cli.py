"""``leadbot``: the command line. Thin: each command calls one function and ends non-zero, with a sentence, on failure.

Whatever is heavy (aiogram, NiceGUI, the database) is imported inside the command that needs it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Coroutine
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

if TYPE_CHECKING:
    from bot.publishing import Checked
    from bot.settings import Settings
    from dialogs.flow_set import FlowSet
    from storage.database import Database

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
export = typer.Typer(help="Take your data out.", no_args_is_help=True)
codes = typer.Typer(help="Promo codes of your own.", no_args_is_help=True)
app.add_typer(export, name="export")
app.add_typer(codes, name="codes")

Folder = Annotated[Path | None, typer.Option("--flows", help="Folder of the flows; FLOWS_DIR by default.")]
Person = Annotated[str, typer.Argument(help="telegram:123, vk:456, web:…, lead:17, a phone or an e-mail.")]


def main() -> None:
    """The entry point: a failure is a sentence, not a traceback."""
    try:
        app()
    except KeyboardInterrupt:
        _fail("Stopped.")


def _fail(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)


def _settings() -> Settings:
    from bot.settings import SettingsError, load_settings

    try:
        return load_settings()
    except SettingsError as wrong:
        _fail(str(wrong))


T = TypeVar("T")


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Typer does not run coroutines by itself."""
    return asyncio.run(work)


async def _database(settings: Settings) -> Database:
    """The database, brought to this program's schema."""
    from storage.database import Database
    from storage.schema import upgrade

    database = Database(settings.database_url)
    await upgrade(database)
    return database


def _checked(folder: Path | None, *, quiet: bool = False) -> tuple[dict[str, bytes], Checked]:
    from bot.language import told
    from bot.publishing import StillChanging, read_folder
    from bot.publishing import check as check_set

    folder = folder or _settings().flows_dir
    if not folder.is_dir():
        _fail(f"There is no folder {folder}. Set FLOWS_DIR or use --flows.")
    try:
        files = read_folder(folder)
    except StillChanging as changing:
        _fail(str(changing))
    checked = check_set(files, today=datetime.now(UTC))
    if not quiet:
        for problem in told((*checked.problems, *checked.stories), os.environ):
            typer.echo(f"{folder}/{problem}", err=True)
    return files, checked


def _said(russian: str) -> str:
    """A sentence about the author's files, in the language of the problems above it."""
    from bot.language import sentence

    return sentence(russian, os.environ)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(version("leadbot"))
        raise typer.Exit


@app.callback()
def leadbot(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Which version.")] = False,
) -> None:
    """Turns people who write to a business in Telegram and VK into leads it can call."""


@app.command()
def run() -> None:
    """Serve every channel that has a token, and the pages."""
    settings = _settings()
    typer.echo("Starting leadbot…")
    from bot.process import serve

    raise typer.Exit(_run(serve(settings)))


@app.command()
def check(folder: Annotated[Path | None, typer.Argument(help="Folder of the flows.")] = None) -> None:
    """Find every mistake in the flows, with its line and the way out."""
    files, checked = _checked(folder)
    flows = [path for path in files if path.endswith(".yaml") and not path.endswith(".stories.yaml")]
    errors = sum(problem.level == "error" for problem in (*checked.problems, *checked.stories))
    if errors:
        _fail(_said(f"Ошибок: {errors}. Опубликованное продолжает работать."))
    warned = len(checked.problems) + len(checked.stories)
    typer.echo(_said(f"Всё в порядке: файлов {len(flows)}{f', предупреждений {warned}' if warned else ''}."))


@app.command()
def test(
    folder: Annotated[Path | None, typer.Argument(help="Folder of the flows.")] = None,
    story: Annotated[str | None, typer.Option("--story", "-k", help="Only stories whose name has this.")] = None,
    cover: Annotated[bool, typer.Option("--cover", help="Name what no story visits; fail if there is any.")] = False,
) -> None:
    """Run the stories beside the flows: who says what, what everybody must see."""
    from bot.rehearsal import rehearse
    from dialogs.coverage import coverage
    from dialogs.places import Atlas

    files, checked = _checked(folder)
    if not checked.sound or checked.flow_set is None:
        _fail(_said("Сначала исправьте ошибки в сценариях."))
    report = _run(rehearse(checked.flow_set, files, only=story, show=typer.echo))
    typer.echo(_said(f"Историй сошлось: {report.passed}, не сошлось: {report.failed}."))
    covered = [coverage(flow, report.visited) for flow in checked.flow_set.flows.values()] if cover else []
    for one in covered:
        typer.echo("\n".join(one.lines(Atlas.of(files))))
    if report.failed or not report.passed or any(one.missed for one in covered):
        raise typer.Exit(1)


@app.command()
def talk(
    flow: Annotated[str | None, typer.Argument(help="Which flow; the first by default.")] = None,
    channel: Annotated[str, typer.Option(help="telegram, vk or web.")] = "telegram",
    language: Annotated[str, typer.Option(help="The language of the prospect's app, two letters: en.")] = "",
    name: Annotated[str, typer.Option("--record", help="Keep the talk as a story of this name.")] = "",
    folder: Folder = None,
) -> None:
    """Talk to a flow in the terminal, without a token and without a trace."""
    folder = folder or _settings().flows_dir
    files, checked = _checked(folder)
    if not checked.sound or checked.flow_set is None:
        _fail(_said("Сначала исправьте ошибки в сценариях."))
    flow_set = checked.flow_set
    chosen = flow or _first(flow_set)
    if chosen not in flow_set.flows:
        _fail(f"Нет сценария «{chosen}»; есть: {', '.join(flow_set.flows)}.")
    if channel not in ("telegram", "vk", "web"):
        _fail("Канал — telegram, vk или web.")
    from bot.recording import CannotRecord, record
    from bot.stage import Stage
    from bot.talk import HELP, Terminal, converse

    async def chat() -> None:
        stage = await Stage.open(flow_set, flow=chosen, channel=channel, language=language)
        terminal = Terminal(stage, typer.echo)
        try:
            await stage.opens()
            typer.echo(HELP)
            terminal.show_news()
            await converse(terminal, lambda: asyncio.to_thread(_ask_line), bursts=sys.stdin.isatty())
            if name:
                typer.echo(f"История записана: {await record(flow_set, files, folder, stage, name=name)}")
        except CannotRecord as wrong:
            _fail(f"История не записана: {wrong}")
        finally:
            await stage.close()

    _run(chat())


def _first(flow_set: FlowSet) -> str:
    """What a bare start opens, or the first in its menu."""
    start = flow_set.business.start
    return start if isinstance(start, str) else start.flows[0]


def _ask_line() -> str:
    try:
        return input("\n> ").strip()
    except EOFError:
        return ""


@app.command()
def publish(folder: Folder = None) -> None:
    """Check the whole set and make it live. People inside finish where they are."""
    settings = _settings()
    files, checked = _checked(folder or settings.flows_dir)
    if not checked.sound:
        _fail(_said("Есть ошибки: ничего не опубликовано, работает прежняя версия."))
    from bot.publishing import publish as make_live

    async def go() -> int:
        database = await _database(settings)
        try:
            return await make_live(database, files, by="cli", now=datetime.now(UTC))
        finally:
            await database.close()

    typer.echo(_said(f"Опубликована версия {_run(go())}."))


@app.command()
def diff(folder: Folder = None) -> None:
    """Tell what publishing would change, how many people stand there, and what will happen to them."""
    settings = _settings()
    _, checked = _checked(folder or settings.flows_dir, quiet=True)
    if not checked.sound or checked.flow_set is None:
        _fail("Сначала исправьте ошибки в сценариях: leadbot check.")
    edited = checked.flow_set
    from bot.difference import difference

    async def go() -> list[str]:
        database = await _database(settings)
        try:
            return list((await difference(database, edited)).lines())
        finally:
            await database.close()

    typer.echo("\n".join(_run(go())))


@app.command()
def rollback(
    former: Annotated[int | None, typer.Argument(metavar="VERSION", help="Which; the one before by default.")] = None,
) -> None:
    """Make a former set live again, as the newest version. The files in the folder stay as they are."""
    settings = _settings()
    from bot.rollback import roll_back

    async def go() -> tuple[int, int]:
        database = await _database(settings)
        try:
            return await roll_back(database, former, by="cli", now=datetime.now(UTC))
        finally:
            await database.close()

    try:
        found, newest = _run(go())
    except LookupError as nothing:
        _fail(str(nothing.args[0]))
    typer.echo(f"Снова работает версия {found}, теперь она — версия {newest}. Файлы в папке не изменились.")


@app.command()
def graph(
    flow: Annotated[str, typer.Argument(help="Which flow.")],
    picture: Annotated[Path | None, typer.Option("--svg", help="Draw it into this file instead.")] = None,
    folder: Folder = None,
) -> None:
    """Draw a flow: as Mermaid text, or as a picture."""
    from dialogs.graph import mermaid
    from dialogs.picture import svg

    _, checked = _checked(folder, quiet=True)
    if checked.flow_set is None or flow not in checked.flow_set.flows:
        _fail(f"Нет сценария «{flow}» без ошибок; проверьте: leadbot check.")
    drawn = checked.flow_set.flows[flow]
    if picture is None:
        typer.echo(mermaid(drawn), nl=False)
    else:
        picture.write_text(svg(drawn), "utf-8")
        typer.echo(f"Нарисовано: {picture}")


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the new flow, as in links: tire_service.")],
    trade: Annotated[
        str, typer.Option("--from", help="Which shipped flow it begins as; without it they are listed.")
    ] = "",
    company: Annotated[str, typer.Option(help="The company's name.")] = "",
    town: Annotated[str, typer.Option(help="Where it is.")] = "",
    offer: Annotated[str, typer.Option(help="What people get for an application, in one line.")] = "",
    folder: Folder = None,
) -> None:
    """Make a flow of your own from a shipped one, with its stories; the first brings business.yaml and consents."""
    from bot.new_flow import CannotMake, Wish, has_business, make, offered, refuse, shipped, write
    from bot.publishing import StillChanging

    if not trade:
        _fail(offered(name))
    folder = folder or _settings().flows_dir
    try:
        refuse(folder, name, trade)  # before anything is asked
        first = not has_business(folder)
        company = company or (typer.prompt("Как называется компания") if first else "")
        town = town or (typer.prompt("В каком городе") if first else "")
        for one in [] if offer else list(shipped()[1].flows[trade].offers.values())[:1]:
            offer = typer.prompt("Что получит человек за заявку", default=one.title)
        made = make(folder, name, trade, Wish(company.strip(), town.strip(), offer.strip()))
        write(folder, made)
    except (CannotMake, StillChanging, FileExistsError) as wrong:
        _fail(f"Не создано: {wrong}")
    typer.echo("\n".join(["Создано:", *(f"  {folder / path}" for path in made.files)]))
    if made.left:
        typer.echo("\n".join(["Осталось сказать своими словами:", *(f"  {folder}/{one}" for one in made.left)]))
    publish = [] if made.first else [f"  допишите {name} в published в business.yaml"]
    steps = ["  leadbot check", f"  leadbot talk {name}", "  leadbot test", "  leadbot publish"]
    typer.echo("\n".join(["Дальше:", *publish, *steps]))


@app.command()
def link(
    flow: Annotated[str, typer.Argument(help="Which flow the link opens.")],
    source: Annotated[str, typer.Option(help="Where it will stand: vk_ads, flyer, radio…")] = "",
    campaign: Annotated[str, typer.Option(help="Which campaign.")] = "",
    web: Annotated[str, typer.Option(help="Address of your pages as people see it, https://…")] = "",
    qr: Annotated[Path | None, typer.Option(help="Also save the QR codes here: FOLDER/CHANNEL.svg")] = None,
) -> None:
    """Print the links that open a flow in every channel, each with its QR code."""
    settings = _settings()
    _, checked = _checked(None, quiet=True)
    if checked.flow_set is None or flow not in checked.flow_set.flows:
        _fail(f"Нет сценария «{flow}»; проверьте: leadbot check.")
    from bot.addresses import addresses
    from bot.links import links, qr_svg
    from bot.links import qr as drawn

    try:
        found = links(flow, source, campaign, **_run(addresses(settings, web=web)))
    except ValueError as wrong:
        _fail(str(wrong))
    for channel, url in found.items():
        typer.echo(f"{channel}: {url}\n{drawn(url)}")
        if qr:
            qr.mkdir(parents=True, exist_ok=True)
            qr_svg(url, qr / f"{channel}.svg")


@app.command()
def doctor() -> None:
    """Look at everything that has to be right: settings, database, flows, tokens, rights, managers' chats."""
    from bot.doctor import examine

    settings = _settings()
    logging.disable(logging.WARNING)
    sound = True
    for finding in _run(examine(settings)):
        sound = sound and finding.well is not False
        mark = {True: "✓", False: "✗", None: "–"}[finding.well]
        typer.echo(f"{mark} {finding.what}: {finding.told}")
    if not sound:
        raise typer.Exit(1)


@app.command()
def migrate() -> None:
    """Bring the database to this program's schema. ``run`` does it by itself."""
    settings = _settings()

    async def go() -> None:
        await (await _database(settings)).close()

    _run(go())
    typer.echo("The database is up to date.")


@export.command("leads")
def export_leads(
    path: Annotated[Path, typer.Argument(help="The file to write.")] = Path("leads.csv"),
) -> None:
    """All leads whose people have agreed, as a table that opens in Excel and holds no formulas."""
    settings = _settings()
    from bot.exports import export_leads as write

    async def go() -> int:
        database = await _database(settings)
        try:
            return await write(database, path)
        finally:
            await database.close()

    typer.echo(f"{path}: {_run(go())} leads")


@codes.command("import")
def codes_import(
    offer: Annotated[str, typer.Argument(help="FLOW.OFFER, as in test_drive.spring")],
    path: Annotated[Path, typer.Argument(help="A text file, one code a line.")],
) -> None:
    """Add your own promo codes to an offer that says ``own_codes: true``."""
    settings = _settings()
    _, checked = _checked(None, quiet=True)
    flow, _, name = offer.partition(".")
    flows = checked.flow_set.flows if checked.flow_set else {}
    if flow not in flows or name not in flows[flow].offers:
        known = [f"{one.flow}.{each}" for one in flows.values() for each in one.offers]
        _fail(f"There is no offer {offer}; there are: {', '.join(known) or 'none (leadbot check)'}.")
    if not flows[flow].offers[name].own_codes:
        _fail(f"{offer} makes its own codes by its stock. For codes of yours write own_codes: true instead of stock.")
    from storage.codes import import_codes

    async def go() -> object:
        database = await _database(settings)
        try:
            async with database.write() as db:
                return await import_codes(db, offer=offer, codes=path.read_text("utf-8-sig").splitlines())
        finally:
            await database.close()

    if not path.is_file():
        _fail(f"There is no file {path}.")
    typer.echo(str(_run(go())))


@app.command()
def proof(who: Person) -> None:
    """Print one person's consents: wordings, moments, messages, withdrawals."""
    settings = _settings()
    from bot.proof import proof as tell

    async def go() -> str:
        database = await _database(settings)
        try:
            return await tell(database, who)
        finally:
            await database.close()

    try:
        typer.echo(_run(go()))
    except LookupError as nobody:
        _fail(str(nobody.args[0]))


@app.command()
def forget(
    who: Person,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
) -> None:
    """Destroy everything held on one person; the ledger of consents keeps a pseudonym."""
    settings = _settings()
    if not yes:
        typer.confirm(f"Destroy everything about {who}?", abort=True)
    from bot.proof import forget_contact

    async def go() -> str:
        database = await _database(settings)
        try:
            return await forget_contact(database, who)
        finally:
            await database.close()

    try:
        typer.echo(_run(go()))
    except LookupError as nobody:
        _fail(str(nobody.args[0]))


if __name__ == "__main__":
    main()
