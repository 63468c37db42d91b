"""The pages: workshop, web channel, web desk, health and metrics, one ASGI app on one port."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import SecretStr
from starlette.middleware.gzip import GZipMiddleware

from bot.channels.web import Web
from bot.clock import Clock
from bot.files import KeptFiles
from bot.pages.flow_files import serve_draft, serve_files
from bot.pages.guard import Guard
from bot.pages.plain import sorry_page
from handlers.work import Library

if TYPE_CHECKING:
    from bot.pages.stages import StageFactory

Health = Callable[[], Awaitable[tuple[bool, dict[str, Any]]]]
NOT_FOUND = ("Такой страницы нет", "Проверьте, пожалуйста, адрес: возможно, в нём опечатка.")


def build(
    *,
    web: Web,
    library: Library,
    stage_factory: StageFactory,
    password: SecretStr | None,
    health: Health,
    metrics: Callable[[], bytes],
    files: KeptFiles,
    storage_secret: str,
    clock: Clock,
    flows_dir: Path,
) -> FastAPI:
    """The whole web side. Once a process: NiceGUI's app is global. It is imported here, so that no one else pays."""
    from nicegui import Client, app, core, ui

    from bot.pages.chat import add_chat
    from bot.pages.desk import add_desk
    from bot.pages.edited import Edited
    from bot.pages.look import STATIC, serve_look
    from bot.pages.stages import Stages
    from bot.pages.workshop import add_workshop

    stages, edited = Stages(stage_factory, clock), Edited(flows_dir, library, clock)
    outer = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    _plain_routes(outer, health, metrics, (STATIC / "favicon.svg").read_bytes())
    serve_files(outer, files)
    serve_draft(outer, edited, files)
    serve_look()
    add_chat(web=web, library=library)
    add_desk(web=web, library=library, locked=password is not None)
    add_workshop(edited=edited, stages=stages, locked=password is not None)
    app.timer(60, stages.close_idle)
    app.timer(1, edited.look)
    app.on_shutdown(stages.close_all)
    ui.run_with(
        outer, title="leadbot", language="ru", favicon=STATIC / "favicon.svg", tailwind=False,
        gzip_middleware_factory=None, show_welcome_message=False, reconnect_timeout=30,
    )  # fmt: skip
    core.sio.on("log", _ignore)  # a browser may not write into our log
    app.add_exception_handler(404, _not_found)

    def is_private(client_id: str) -> bool:
        client = Client.instances.get(client_id)
        return client is not None and not client.page.path.startswith("/chat/")

    secret = password.get_secret_value() if password else None
    outer.add_middleware(Guard, password=secret, secret=storage_secret, private_client=is_private)
    outer.add_middleware(GZipMiddleware, minimum_size=700, compresslevel=6)
    return outer


def _plain_routes(outer: FastAPI, health: Health, metrics: Callable[[], bytes], icon: bytes) -> None:
    @outer.get("/health")
    async def report_health() -> Response:
        well, told = await health()
        return JSONResponse(told, 200 if well else 503)

    @outer.get("/metrics")
    async def report_metrics() -> Response:
        return Response(metrics(), media_type="text/plain; version=0.0.4; charset=utf-8")

    @outer.get("/favicon.ico")
    async def favicon() -> Response:
        return Response(icon, media_type="image/svg+xml")


async def _not_found(_request: Request, _error: Exception) -> Response:
    return HTMLResponse(sorry_page(*NOT_FOUND), 404)


def _ignore(_sid: str, _message: object) -> None:
    """What a browser complains of stays in its console."""
