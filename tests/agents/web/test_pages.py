"""The pages as the server sends them."""

import gzip
from pathlib import Path

from agents.web.pages import Pages
from agents.web.routes import Tools
from agents.web.server import Server
from tests.agents.asking import a_door, browser, serving

SCRIPT = "console.log('窓口');\n" * 50


def built(place: Path) -> Pages:
    """What set-up leaves."""
    (place / "assets").mkdir()
    (place / "index.html").write_text("<title>窓口</title>", encoding="utf-8")
    script = place / "assets" / "page-1a2b.js"
    script.write_text(SCRIPT, encoding="utf-8")
    script.with_name("page-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT.encode(), mtime=0))
    return Pages([place])


async def test_a_file_goes_compressed_to_whoever_takes_that(tmp_path: Path) -> None:
    door = a_door()
    server = Server((), Tools(), door, lambda: 0.0, built(tmp_path))
    async with serving(server, door) as http:
        page = browser(http, door)
        path = "/assets/page-1a2b.js"
        told = await page.ask("GET", path, headers={"Accept-Encoding": "gzip"})
        assert (told.headers["Content-Encoding"], told.body) == ("gzip", SCRIPT)
        assert int(told.headers["Content-Length"]) < len(SCRIPT) / 10
        assert "javascript" in told.headers["Content-Type"]  # of the file, not of its packing
        assert "immutable" in told.headers["Cache-Control"]
        told = await page.ask("GET", path, headers={"Accept-Encoding": "identity"})
        assert "Content-Encoding" not in told.headers
        assert told.body == SCRIPT
        assert (await page.ask("GET", f"{path}.gz")).status == 404
        assert (await page.ask("GET", "/users")).body == "<title>窓口</title>"
