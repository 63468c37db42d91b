"""Commands for whoever writes flows: check, try, test, draw, publish."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import Folder, checked_folder, fail, found_or_fail, run_to_end, said, settings_or_fail, with_database

if TYPE_CHECKING:
    from dialogs.flow_set import FlowSet
    from storage.database import Database

flows = typer.Typer()


@flows.command()
def check(folder: Annotated[Path | None, typer.Argument(help="Folder of the flows.")] = None) -> None:
    """Find every mistake in the flows, with its line and the way out."""
    files, checked = checked_folder(folder)
    flows = [path for path in files if path.endswith(".yaml") and not path.endswith(".stories.yaml")]
    errors = sum(problem.level == "error" for problem in (*checked.problems, *checked.stories))
    if errors:
        fail(f"Ошибок: {errors}. Опубликованное продолжает работать.")
    warned = len(checked.problems) + len(checked.stories)
    typer.echo(said(f"Всё в порядке: файлов {len(flows)}{f', предупреждений {warned}' if warned else ''}."))


@flows.command()
def test(
    folder: Annotated[Path | None, typer.Argument(help="Folder of the flows.")] = None,
    story: Annotated[str | None, typer.Option("--story", "-k", help="Only stories whose name has this.")] = None,
    cover: Annotated[bool, typer.Option("--cover", help="Name what no story visits; fail if there is any.")] = False,
) -> None:
    """Run the stories beside the flows: who says what, what everybody must see."""
    from bot.rehearsal import rehearse
    from dialogs.coverage import coverage
    from dialogs.places import Atlas

    files, checked = checked_folder(folder)
    if not checked.sound or checked.flow_set is None:
        fail("Сначала исправьте ошибки в сценариях.")
    report = run_to_end(rehearse(checked.flow_set, files, only=story, show=typer.echo))
    typer.echo(said(f"Историй сошлось: {report.passed}, не сошлось: {report.failed}."))
    covered = [coverage(flow, report.visited) for flow in checked.flow_set.flows.values()] if cover else []
    for one in covered:
        typer.echo("\n".join(one.lines(Atlas.of(files))))
    if report.failed or not report.passed or any(one.missed for one in covered):
        raise typer.Exit(1)


@flows.command()
def talk(
    flow: Annotated[str | None, typer.Argument(help="Which flow; the first by default.")] = None,
    channel: Annotated[str, typer.Option(help="telegram, vk or web.")] = "telegram",
    language: Annotated[str, typer.Option(help="The language of the prospect's app, two letters: en.")] = "",
    name: Annotated[str, typer.Option("--record", help="Keep the talk as a story of this name.")] = "",
    folder: Folder = None,
) -> None:
    """Talk to a flow in the terminal, without a token and without a trace."""
    folder = folder or settings_or_fail().flows_dir
    files, checked = checked_folder(folder)
    if not checked.sound or checked.flow_set is None:
        fail("Сначала исправьте ошибки в сценариях.")
    flow_set = checked.flow_set
    chosen = flow or _first(flow_set)
    if chosen not in flow_set.flows:
        fail(f"Нет сценария «{chosen}»; есть: {', '.join(flow_set.flows)}.")
    if channel not in ("telegram", "vk", "web"):
        fail("Канал — telegram, vk или web.")
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
            fail(f"История не записана: {wrong}")
        finally:
            await stage.close()

    run_to_end(chat())


def _first(flow_set: FlowSet) -> str:
    """What a bare start opens, or the first in its menu."""
    start = flow_set.business.start
    return start if isinstance(start, str) else start.flows[0]


def _ask_line() -> str:
    try:
        return input("\n> ").strip()
    except EOFError:
        return ""


@flows.command()
def publish(folder: Folder = None) -> None:
    """Check the whole set and make it live. People inside finish where they are."""
    settings = settings_or_fail()
    files, checked = checked_folder(folder or settings.flows_dir)
    if not checked.sound:
        fail("Есть ошибки: ничего не опубликовано, работает прежняя версия.")
    from bot.publishing import publish as make_live

    async def go(database: Database) -> int:
        return await make_live(database, files, by="cli", now=datetime.now(UTC))

    typer.echo(said(f"Опубликована версия {with_database(settings, go)}."))


@flows.command()
def diff(folder: Folder = None) -> None:
    """Tell what publishing would change, how many people stand there, and what will happen to them."""
    settings = settings_or_fail()
    _, checked = checked_folder(folder or settings.flows_dir, quiet=True)
    if not checked.sound or checked.flow_set is None:
        fail("Сначала исправьте ошибки в сценариях: leadbot check.")
    edited = checked.flow_set
    from bot.difference import difference

    async def go(database: Database) -> list[str]:
        return list((await difference(database, edited)).lines())

    typer.echo("\n".join(with_database(settings, go)))


@flows.command()
def rollback(
    former: Annotated[int | None, typer.Argument(metavar="VERSION", help="Which; the one before by default.")] = None,
) -> None:
    """Make a former set live again, as the newest version. The files in the folder stay as they are."""
    settings = settings_or_fail()
    from bot.rollback import roll_back

    async def go(database: Database) -> tuple[int, int]:
        return await roll_back(database, former, by="cli", now=datetime.now(UTC))

    found, newest = found_or_fail(settings, go)
    typer.echo(f"Снова работает версия {found}, теперь она — версия {newest}. Файлы в папке не изменились.")


@flows.command()
def graph(
    flow: Annotated[str, typer.Argument(help="Which flow.")],
    picture: Annotated[Path | None, typer.Option("--svg", help="Draw it into this file instead.")] = None,
    folder: Folder = None,
) -> None:
    """Draw a flow: as Mermaid text, or as a picture."""
    from dialogs.graph import mermaid
    from dialogs.picture import svg

    _, checked = checked_folder(folder, quiet=True)
    if checked.flow_set is None or flow not in checked.flow_set.flows:
        fail(f"Нет сценария «{flow}» без ошибок; проверьте: leadbot check.")
    drawn = checked.flow_set.flows[flow]
    if picture is None:
        typer.echo(mermaid(drawn), nl=False)
    else:
        picture.write_text(svg(drawn), "utf-8")
        typer.echo(f"Нарисовано: {picture}")


@flows.command()
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
        fail(offered(name))
    folder = folder or settings_or_fail().flows_dir
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
        fail(f"Не создано: {wrong}")
    typer.echo("\n".join(["Создано:", *(f"  {folder / path}" for path in made.files)]))
    if made.left:
        typer.echo("\n".join(["Осталось переписать своими словами:", *(f"  {folder}/{one}" for one in made.left)]))
    publish = [] if made.first else [f"  допишите {name} в published в business.yaml"]
    steps = ["  leadbot check", f"  leadbot talk {name}", "  leadbot test", "  leadbot publish"]
    typer.echo("\n".join(["Дальше:", *publish, *steps]))


@flows.command()
def link(
    flow: Annotated[str, typer.Argument(help="Which flow the link opens.")],
    source: Annotated[str, typer.Option(help="Where it will stand: vk_ads, flyer, radio…")] = "",
    campaign: Annotated[str, typer.Option(help="Which campaign.")] = "",
    web: Annotated[str, typer.Option(help="Address of your pages as people see it, https://…")] = "",
    qr: Annotated[Path | None, typer.Option(help="Also save the QR codes here: FOLDER/CHANNEL.svg")] = None,
) -> None:
    """Print the links that open a flow in every channel, each with its QR code."""
    settings = settings_or_fail()
    _, checked = checked_folder(None, quiet=True)
    if checked.flow_set is None or flow not in checked.flow_set.flows:
        fail(f"Нет сценария «{flow}»; проверьте: leadbot check.")
    from bot.addresses import addresses
    from bot.links import links, qr_svg
    from bot.links import qr as drawn

    try:
        found = links(flow, source, campaign, **run_to_end(addresses(settings, web=web)))
    except ValueError as wrong:
        fail(str(wrong))
    for channel, url in found.items():
        typer.echo(f"{channel}: {url}\n{drawn(url)}")
        if qr:
            qr.mkdir(parents=True, exist_ok=True)
            qr_svg(url, qr / f"{channel}.svg")
