"""How all pages look: one style sheet, one script, both ours and served from here."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from nicegui import app, ui

STATIC = Path(__file__).parent / "static"


def _versioned(name: str) -> str:
    digest = sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"/look/{name}?v={digest}"


def serve_look() -> None:
    """Once a process: the files, and their places in every page's head."""
    app.add_static_files("/look", STATIC, max_cache_age=31536000)
    ui.add_head_html(
        f'<link rel="stylesheet" href="{_versioned("look.css")}">'
        f'<script src="{_versioned("chat.js")}"></script>'
        '<meta name="robots" content="noindex"><meta name="theme-color" content="#f4efe7">',
        shared=True,
    )


def author_look() -> None:
    """What the workshop alone needs, in the page that is being built."""
    ui.add_head_html(
        f'<link rel="stylesheet" href="{_versioned("author.css")}"><script src="{_versioned("author.js")}"></script>'
    )
