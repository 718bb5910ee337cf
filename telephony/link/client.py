"""The other side of the link: asking the controller."""

from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import aiohttp

WITHIN: Final = aiohttp.ClientTimeout(total=5.0)  # the controller itself may take two


class NoController(Exception):
    """Nobody answers on the controller's socket."""


class Refused(Exception):
    """The controller's sentence why not."""


class Link:
    """Requests to the controller of one home."""

    def __init__(self, socket: Path) -> None:
        self._socket = str(socket)

    async def status(self) -> dict[str, Any]:
        """The whole centre as plain data. Raises NoController."""
        answer: dict[str, Any] = await self._ask("GET", "/status")
        return answer

    async def request(
        self, agent: str, do: str, *, reason: str | None = None, target: str | None = None
    ) -> None:
        """Ask for something on behalf of an agent. Raises Refused, NoController."""
        asked = {"do": do, "reason": reason, "target": target}
        body = {key: value for key, value in asked.items() if value is not None}
        await self._ask("POST", f"/agents/{agent}", body)

    async def _ask(self, method: str, path: str, body: dict[str, str] | None = None) -> Any:
        connector = aiohttp.UnixConnector(path=self._socket)
        try:
            async with (
                aiohttp.ClientSession(connector=connector, timeout=WITHIN) as session,
                session.request(method, f"http://controller{path}", json=body) as reply,
            ):
                if reply.status == HTTPStatus.NO_CONTENT:
                    return None
                data = await reply.json()
        except (aiohttp.ClientError, OSError, TimeoutError) as away:
            raise NoController(str(away)) from away
        if not reply.ok:
            raise Refused(str(data.get("problem", reply.reason)))
        return data
