"""The contract as the desk itself shows it, without a network: JSON, and a page of plain HTML."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from aiohttp import web

from agents.web.fields import Answer
from agents.web.routes import Asked, Table

TABLE: Final = Table("about")
STYLE: Final = """body{font-family:"BIZ UDPGothic","Noto Sans JP",Meiryo,sans-serif;margin:2rem
auto;max-width:60rem;padding:0 1rem;line-height:1.6;color:#1a1a1c;background:#fff}
h2{margin-top:2.5rem;border-bottom:2px solid #1a1a1c}h3{margin-bottom:.25rem}
code,pre{font-family:monospace;background:#f2f2f2}pre{padding:.75rem;overflow-x:auto}
dt{font-weight:bold}dd{margin:0 0 .5rem 1rem}
"""


class Alive(Answer):
    """The process lives and its loop turns."""

    alive: bool


@dataclass(frozen=True, slots=True)
class Contract:
    """The document, made when it is asked for the first time."""

    document: Callable[[], Mapping[str, Any]]


@TABLE.get("/api/health", roles=None, audit=None)
async def health(asked: Asked) -> Alive:
    """Whether the desk answers."""
    return Alive(alive=True)


@TABLE.get("/api/openapi.json", roles=None, audit=None)
async def contract(asked: Asked) -> web.Response:
    """This contract, as OpenAPI 3.1."""
    told = asked.tool(Contract).document()
    return web.json_response(told, dumps=lambda value: json.dumps(value, ensure_ascii=False))


@TABLE.get("/api/docs", roles=None, audit=None)
async def docs(asked: Asked) -> web.Response:
    """This contract, for people."""
    page = "\n".join(_page(asked.tool(Contract).document()))
    return web.Response(text=page, content_type="text/html", charset="utf-8")


@TABLE.get("/api/docs.css", roles=None, audit=None)
async def style(asked: Asked) -> web.Response:
    """What the page for people looks like."""
    return web.Response(text=STYLE, content_type="text/css", charset="utf-8")


def _page(told: Mapping[str, Any]) -> Iterator[str]:
    title = escape(told["info"]["title"])
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    yield f'<title>{title}</title><link rel="stylesheet" href="/api/docs.css"></head><body>'
    yield f"<h1>{title}</h1><p>{escape(told['info']['description'])}</p>"
    for path, operations in told["paths"].items():
        yield f"<h2><code>{escape(path)}</code></h2>"
        for method, operation in operations.items():
            yield from _operation(method.upper(), operation)
    yield "<h1>Models</h1>"
    for name, schema in told["components"]["schemas"].items():
        yield f'<h3 id="{escape(name)}">{escape(name)}</h3>{_pre(schema)}'
    yield "</body></html>"


def _operation(method: str, told: Mapping[str, Any]) -> Iterator[str]:
    roles = told["x-roles"] if isinstance(told["x-roles"], str) else ", ".join(told["x-roles"])
    yield f"<h3>{method}: {escape(told['summary'])}</h3><dl>"
    yield f"<dt>who</dt><dd>{escape(roles)}</dd>"
    yield f"<dt>audit</dt><dd>{escape(told['x-audit'] or 'none')}</dd>"
    for parameter in told["parameters"]:
        yield f"<dt>{escape(parameter['in'])}: <code>{escape(parameter['name'])}</code></dt>"
        yield f"<dd>{_pre(parameter['schema'])}</dd>"
    if "requestBody" in told:
        yield f"<dt>body</dt><dd>{_pre(told['requestBody']['content'])}</dd>"
    for status, answer in told["responses"].items():
        yield f"<dt>{escape(status)}</dt><dd>{_pre(answer)}</dd>"
    yield "</dl>"


def _pre(value: object) -> str:
    return f"<pre>{escape(json.dumps(value, ensure_ascii=False, indent=1))}</pre>"
