"""The files that browsers load: scripts, styles and pictures, all of them this package's."""

import hashlib
from importlib import resources
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

FOLDER: Final = Path(str(resources.files("sekisho.console"))) / "static"
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_FOREVER: Final = "public, max-age=31536000, immutable"


def _hashes() -> dict[str, str]:
    """Return the digest of each file that may be loaded, by its path below the folder."""
    return {
        str(file.relative_to(FOLDER)): hashlib.sha256(file.read_bytes()).hexdigest()[:12]
        for file in sorted(FOLDER.rglob("*"))
        if file.suffix in _TYPES
    }


class Files:
    """Serves them, and names each by a digest of its content, so that browsers may keep it."""

    def __init__(self) -> None:
        """Read them once."""
        self._hashes = _hashes()
        self.routes = [Route("/static/{path:path}", self._get), Route("/favicon.ico", self._icon)]

    def url(self, path: str) -> str:
        """Return where a file is. Raises KeyError where there is none."""
        return f"/static/{path}?{self._hashes[path]}"

    async def _get(self, request: Request) -> Response:
        path = request.path_params["path"]
        if path not in self._hashes:
            raise HTTPException(404)
        known = request.url.query == self._hashes[path]
        return _file(path, _FOREVER if known else "no-cache")

    async def _icon(self, _: Request) -> Response:
        return _file("icon.svg", "public, max-age=86400")


def _file(path: str, keep: str) -> Response:
    file = FOLDER / path
    return FileResponse(file, media_type=_TYPES[file.suffix], headers={"cache-control": keep})
