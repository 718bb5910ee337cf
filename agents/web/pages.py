"""The pages of the web build, as set-up left them; and one that says so where it left none."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Final

from aiohttp import web

PACKAGE: Final = Path(__file__).parents[1]
PLACES: Final = (PACKAGE / "desktop" / "dist", PACKAGE.parent / ".runtime" / "desktop")
ENTRY: Final = "index.html"
HASHED: Final = "assets/"  # the build puts a hash of the content into these names
SMALL: Final = ".gz"  # of a file beside it
FOR_EVER: Final = "private, max-age=31536000, immutable"
ABSENT: Final = """<!doctype html>
<html lang="ja"><head><meta charset="utf-8"><title>窓口</title></head><body>
<h1>画面がまだ組み立てられていません</h1>
<p><code>make setup</code> を実行してから、このページを開き直してください。
電話は通常どおり使えます。</p>
<p lang="en">The pages have not been built. Run <code>make setup</code>, then open this page again.
Telephones work as usual.</p>
</body></html>
"""


class Pages:
    """Files by the path they are asked for; only what was found in the folder is ever opened."""

    def __init__(self, places: Sequence[Path] = PLACES) -> None:
        self._places = places
        self._files: Mapping[str, Path] = {}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """The file, or the page: its own addresses are the page's business."""
        path = request.path.lstrip("/")
        files = self._found()
        if not files:
            return _absent()
        if path in files:
            return _file(files[path], FOR_EVER if path.startswith(HASHED) else "no-store")
        if path.startswith(HASHED) or "." in path.rpartition("/")[2]:
            raise web.HTTPNotFound
        return _file(files[ENTRY], "no-store")

    def _found(self) -> Mapping[str, Path]:
        if not self._files:  # it may be built while we run
            self._files = next(filter(None, map(_files_in, self._places)), {})
        return self._files


def _files_in(folder: Path) -> dict[str, Path]:
    if not (folder / ENTRY).is_file():
        return {}
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return {str(path.relative_to(folder)): path for path in files if path.suffix != SMALL}


def _file(path: Path, cache: str) -> web.FileResponse:
    """aiohttp sends the compressed file beside it to whoever takes that."""
    return web.FileResponse(path, headers={"Cache-Control": cache})


def _absent() -> web.Response:
    return web.Response(
        text=ABSENT, content_type="text/html", charset="utf-8", status=HTTPStatus.OK
    )
