"""From a folder of files to the set that is live: read, check as a whole, publish as a whole (A4, A22)."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.fresh_codes import fresh_codes
from dialogs.flow_set import FlowSet
from dialogs.media import MOST_BYTES as MOST_OF_MEDIA
from dialogs.media import is_media, media
from dialogs.problems import Problem
from dialogs.reading import MISNAMED, load, read
from dialogs.stories import parse
from storage import codes
from storage.crash import crash
from storage.database import Database
from storage.files import keep_file
from storage.tables import FlowVersion

MOST_BYTES = 1_000_000
SUFFIXES = (".yaml", ".md")
QUIET = 0.15  # seconds without a change: an editor that cuts a file and writes it anew is done
PATIENCE = 30  # times to look


@dataclass(frozen=True, slots=True)
class Checked:
    """``flow_set`` is None when there is an error; ``problems`` may be warnings alone. Mistakes in stories keep nothing
    from going live."""

    flow_set: FlowSet | None
    problems: tuple[Problem, ...]
    stories: tuple[Problem, ...] = ()

    @property
    def sound(self) -> bool:
        return self.flow_set is not None and not any(one.level == "error" for one in self.problems)


class StillChanging(Exception):
    """The folder is being written to all the time: nobody can say which of its files belong together."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"Файлы в {folder} прямо сейчас меняются. Подождите, пока всё сохранится, и повторите.")


def read_folder(folder: Path) -> dict[str, bytes]:
    """Every flow, consent text and ``business.yaml`` under the folder, by relative path. Stories, pictures and
    documents too.

    Links are not followed, files that are too large come cut and are refused by the check (A5, A19). Read when still
    (A2): what an editor has just touched is waited for, and what changed while it was read is read again. Raises
    StillChanging after some seconds of that.
    """
    for _ in range(PATIENCE):
        before = _stamps(folder)
        age = time.time() - max((moment for moment, _ in before.values()), default=0) / 1e9
        if 0 <= age < QUIET:  # a stamp from the future says nothing of now
            time.sleep(QUIET - age)
            continue
        files = {}
        with suppress(FileNotFoundError):  # renamed under our hands: the stamps tell
            for path in before:
                if path.is_file():
                    with path.open("rb") as opened:
                        files[path.relative_to(folder).as_posix()] = opened.read(_most(path) + 1)
        if _stamps(folder) == before:
            return files
    raise StillChanging(folder)


def _most(path: Path) -> int:
    """Bytes of a file that are read; 0: it is none of ours."""
    text = path.suffix in SUFFIXES or path.name.endswith(tuple(MISNAMED))
    return MOST_BYTES if text else MOST_OF_MEDIA if is_media(path.name) else 0


def _stamps(folder: Path) -> dict[Path, tuple[int, int]]:
    """When each of our files, and each folder, was last changed, and its size."""
    stamps = {}
    for path in (folder, *sorted(folder.rglob("*"))):
        ours = path == folder or path.is_dir() or _most(path) > 0
        with suppress(FileNotFoundError):
            if ours and not path.is_symlink():
                stat = path.stat()
                stamps[path] = stat.st_mtime_ns, stat.st_size
    return stamps


def check(files: Mapping[str, bytes], *, today: datetime | None = None) -> Checked:
    """Every problem of the set at once. ``today`` tells which offers are over."""
    loaded = load(files, today=today.date() if today else None)
    return Checked(loaded.flow_set, loaded.problems, parse(files)[1])


def compiled(files: Mapping[str, str], *, version: int) -> FlowSet:
    """A set that was checked when it was published: not judged again, so that a stricter program still runs it.

    Raises LookupError when this program cannot read it at all.
    """
    draft, _ = read(files)
    if draft.business is None or draft.unread:
        raise LookupError(f"version {version} does not load with this program")
    flows = {flow.flow: flow for flow, _ in draft.flows}
    return FlowSet(version, flows, draft.business, draft.consents, media=draft.media, translations=draft.translated)


def published_files(files: Mapping[str, bytes]) -> dict[str, str]:
    """What a version keeps: everything but the stories; in place of a picture or a document, what it is."""
    texts = {p: raw.decode() for p, raw in files.items() if not is_media(p) and not p.endswith(".stories.yaml")}
    return texts | {path: media(path, files[path]).reference for path in _named(files, texts.values())}


def _named(files: Mapping[str, bytes], texts: Collection[str]) -> list[str]:
    """Media files that some text may mean: others may lie in the folder too."""
    return [path for path in sorted(files) if is_media(path) and any(path in text for text in texts)]


def digest_of(files: Mapping[str, bytes]) -> str:
    """Names what a version keeps. The set must be sound: its files are text."""
    return _digest(published_files(files))


def _digest(kept: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


async def publish(database: Database, files: Mapping[str, bytes], *, by: str, now: datetime) -> int:
    """Make a checked set live; its version. The same files again are the same version. Stocks are filled up."""
    kept = published_files(files)
    async with database.write() as db:
        for path in _named(files, kept.values()):
            one = media(path, files[path])
            await keep_file(db, digest=one.digest, kind=one.kind, content=files[path])
        return await go_live(db, kept, by=by, now=now)


async def go_live(db: AsyncSession, kept: Mapping[str, str], *, by: str, now: datetime) -> int:
    """The newest version is what is ``kept`` here; its pictures and documents are in the database already."""
    digest = _digest(kept)
    newest = await db.scalar(select(FlowVersion).order_by(FlowVersion.id.desc()).limit(1))
    if newest is None or newest.digest != digest:
        newest = FlowVersion(digest=digest, files=dict(kept), published_at=now, published_by=by)
        db.add(newest)
        await db.flush()
    crash("flows written")
    await fill_stocks(db, compiled(kept, version=newest.id))
    return newest.id


async def fill_stocks(db: AsyncSession, flow_set: FlowSet, *, most: int = 1_000_000) -> None:
    """Every promo code that the set promises is in the database, no more and no fewer."""
    for flow in flow_set.flows.values():
        for name, offer in flow.offers.items():
            if offer.kind == "promo_code" and offer.stock:
                stock = min(offer.stock, most)
                fresh = fresh_codes(name, stock)
                await codes.fill_stock(db, offer=f"{flow.flow}.{name}", stock=stock, fresh=fresh)
