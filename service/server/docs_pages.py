"""Documentation pages: Swagger UI at /docs, and the built guides at /guides."""

from importlib.resources import files
from pathlib import Path
from typing import Any

from litestar import Request, Response, Router, get
from litestar.connection import ASGIConnection
from litestar.datastructures import ResponseHeader
from litestar.enums import MediaType
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.static_files import create_static_files_router

from service.errors import NotFound
from service.server.supervisor import ROOT
from service.settings import Settings, variable_name

# Only scripts of this server. Swagger UI sets inline styles and uses data: URLs for icons.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
GUIDES_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "worker-src 'self' blob:; frame-ancestors 'none'"
)
MEDIA_TYPES = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}
START_SCRIPT = b"""window.addEventListener("load", () => {
  SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#api",
    deepLinking: true,
    displayOperationId: true,
    displayRequestDuration: true,
    filter: true,
    persistAuthorization: false,
    tryItOutEnabled: false,
    validatorUrl: null,
  });
});
"""
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tuneledger API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/files/swagger-ui.css">
</head>
<body>
{guides}<div id="api"></div>
<script src="/docs/files/swagger-ui-bundle.js"></script>
<script src="/docs/files/start.js"></script>
</body>
</html>
"""
GUIDES_LINK = '<p style="text-align: center"><a href="/guides/index.html">Guides</a></p>\n'


class ApiPage(OpenAPIRenderPlugin):
    """Renders the page at /docs."""

    def __init__(self, *, guides: bool) -> None:
        super().__init__(path="/", media_type=MediaType.HTML)
        self._page = PAGE.format(guides=GUIDES_LINK if guides else "").encode()

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002
        return self._page


@get("/{name:str}", sync_to_thread=False)
def get_page_file(name: FromPath[str]) -> Response[bytes]:
    """Get a script or style of the page."""
    if name == "start.js":
        return Response(START_SCRIPT, media_type="text/javascript")
    if name not in MEDIA_TYPES:
        raise NotFound(f"No such file: {name}.")
    return Response(_swagger_file(name), media_type=MEDIA_TYPES[name], headers={"Cache-Control": "max-age=86400"})


@get("/", include_in_schema=False, sync_to_thread=False)
def root() -> Redirect:
    """Redirect / to the documentation."""
    return Redirect("/docs")


def docs_router(settings: Settings) -> Router:
    """Build the router of /docs, to which Litestar adds its pages; 404 when the setting is off."""
    return _router("/docs", settings)


def docs_files_router(settings: Settings) -> Router:
    """Build the router of the page's files. Litestar serves every other path below /docs."""
    return _router("/docs/files", settings, get_page_file)


def guides_routers(settings: Settings) -> list[Router]:
    """Build the router of /guides, if there are built guides."""
    directory = guides_directory(settings)
    if directory is None:
        return []
    router = create_static_files_router(
        path="/guides",
        after_request=_protect,
        directories=[directory],
        html_mode=True,
        include_in_schema=False,
    )
    return [router]


def guides_directory(settings: Settings) -> Path | None:
    """Find the folder of the built guides: the setting, else `.site` of a checkout; None if there are none."""
    directory = settings.guides_directory or ROOT / ".site"
    return directory if settings.docs and (directory / "index.html").is_file() else None


def _router(path: str, settings: Settings, *handlers: HTTPRouteHandler) -> Router:
    return Router(
        path=path,
        route_handlers=handlers,
        include_in_schema=False,
        guards=[] if settings.docs else [_refuse],
        response_headers=[
            ResponseHeader(name="Content-Security-Policy", value=POLICY),
            ResponseHeader(name="X-Content-Type-Options", value="nosniff"),
            ResponseHeader(name="Referrer-Policy", value="no-referrer"),
        ],
    )


def _swagger_file(name: str) -> bytes:
    [version] = [entry for entry in (files("swagger_ui_bundle") / "vendor").iterdir() if entry.is_dir()]
    return (version / name).read_bytes()


def _protect(response: Response[Any]) -> Response[Any]:
    response.headers["Content-Security-Policy"] = GUIDES_POLICY
    return response


def _refuse(_: ASGIConnection[Any, Any, Any, Any], __: BaseRouteHandler) -> None:
    raise NotFound(f"The documentation is switched off ({variable_name('docs')}).")
