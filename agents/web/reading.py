"""Reading what the browser sent, as the models of the route; bounded in size and in time."""

import asyncio
from http import HTTPStatus
from typing import Final

from aiohttp import web
from pydantic import BaseModel, ValidationError

from agents.web.letters import Letter
from agents.web.problems import Problem, not_found, unreadable
from agents.web.routes import Route

READ_WITHIN: Final = 10.0  # seconds for a body


async def given_by(request: web.Request, route: Route) -> dict[str, BaseModel]:
    """What the route's function takes, as its models."""
    given: dict[str, BaseModel] = {}
    for name, model in route.models.items():
        match name:
            case "path":
                try:
                    given[name] = model.model_validate_strings(dict(request.match_info))
                except ValidationError:
                    raise not_found() from None
            case "query":
                given[name] = model.model_validate_strings(dict(request.query))
            case "letter":
                body = await _body(request, route.body_at_most)
                given[name] = Letter.of(request.headers, body)
            case _:
                given[name] = model.model_validate_json(await _body(request, route.body_at_most))
    return given


async def _body(request: web.Request, at_most: int) -> bytes:
    if request.content_type != "application/json":
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "送られた形式を受け付けられません。画面を開き直してください。",
            "Send JSON (application/json).",
        )
    if request.content_length is not None and request.content_length > at_most:
        raise _too_large(at_most)
    body = bytearray()
    try:
        async with asyncio.timeout(READ_WITHIN):
            async for piece in request.content.iter_any():
                body += piece
                if len(body) > at_most:
                    raise _too_large(at_most)
    except TimeoutError:
        raise Problem(
            HTTPStatus.REQUEST_TIMEOUT, "通信に時間がかかっています。もう一度お試しください。",
            "It took too long to arrive. Try again.",
        ) from None  # fmt: skip
    except web.RequestPayloadError:
        raise unreadable() from None
    return bytes(body)


def _too_large(at_most: int) -> Problem:
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"入力が長すぎます（上限 {at_most // 1024} KiB）。短くしてから、もう一度送ってください。",
        f"It is too long ({at_most // 1024} KiB at most). Shorten it and send it again.",
    )
