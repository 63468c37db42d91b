"""Commands for whoever answers for the data: what is held on a person, leads as a table, promo codes of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import checked_folder, fail, found_or_fail, said, settings_or_fail, with_database

if TYPE_CHECKING:
    from storage.database import Database

data = typer.Typer()
export = typer.Typer(help="Take your data out.", no_args_is_help=True)
codes = typer.Typer(help="Promo codes of your own.", no_args_is_help=True)
data.add_typer(export, name="export")
data.add_typer(codes, name="codes")

Person = Annotated[str, typer.Argument(help="telegram:123, vk:456, web:…, lead:17, a phone or an e-mail.")]


@export.command("leads")
def export_leads(
    path: Annotated[Path, typer.Argument(help="The file to write.")] = Path("leads.csv"),
) -> None:
    """All leads whose people have agreed, as a table that opens in Excel and holds no formulas."""
    settings = settings_or_fail()
    from bot.exports import export_leads as write

    async def go(database: Database) -> int:
        return await write(database, path)

    typer.echo(said(f"{path}: {with_database(settings, go)} leads"))


@codes.command("import")
def codes_import(
    offer: Annotated[str, typer.Argument(help="FLOW.OFFER, as in test_drive.spring")],
    path: Annotated[Path, typer.Argument(help="A text file, one code a line.")],
) -> None:
    """Add your own promo codes to an offer that says ``own_codes: true``."""
    settings = settings_or_fail()
    _, checked = checked_folder(None, quiet=True)
    flow, _, name = offer.partition(".")
    flows = checked.flow_set.flows if checked.flow_set else {}
    if flow not in flows or name not in flows[flow].offers:
        known = [f"{one.flow}.{each}" for one in flows.values() for each in one.offers]
        fail(f"There is no offer {offer}; there are: {', '.join(known) or 'none (leadbot check)'}.")
    if not flows[flow].offers[name].own_codes:
        fail(f"{offer} makes its own codes by its stock. For codes of yours write own_codes: true instead of stock.")
    from storage.codes import import_codes

    async def go(database: Database) -> object:
        async with database.write() as db:
            return await import_codes(db, offer=offer, codes=path.read_text("utf-8-sig").splitlines())

    if not path.is_file():
        fail(f"There is no file {path}.")
    typer.echo(str(with_database(settings, go)))


@data.command()
def proof(who: Person) -> None:
    """Print one person's consents: wordings, moments, messages, withdrawals."""
    settings = settings_or_fail()
    from bot.proof import proof as tell

    async def go(database: Database) -> str:
        return await tell(database, who)

    typer.echo(found_or_fail(settings, go))


@data.command()
def forget(
    who: Person,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
) -> None:
    """Destroy everything held on one person; the ledger of consents keeps a pseudonym."""
    settings = settings_or_fail()
    if not yes:
        typer.confirm(said(f"Destroy everything about {who}?"), abort=True)
    from bot.proof import forget_contact

    async def go(database: Database) -> str:
        return await forget_contact(database, who)

    typer.echo(found_or_fail(settings, go))
