"""The OpenAPI 3.1 document of the route table, for the pages' typed client and for people.

`python -m agents.web.openapi` writes it to `agents/openapi.json`, which is committed; a test
compares the two, so that a change of the contract is seen in review.
"""

import json
import re
import sys
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from agents.web import letters
from agents.web.problems import ProblemTold
from agents.web.routes import SAFE, Route
from agents.web.security import CSRF_HEADER

FILE: Final = Path(__file__).parents[1] / "openapi.json"
REF: Final = "#/components/schemas/{model}"
Mode = Literal["validation", "serialization"]
Schemas = Mapping[tuple[Any, Mode], dict[str, Any]]


def document(routes: Iterable[Route]) -> dict[str, Any]:
    """The whole contract."""
    table = tuple(routes)
    schemas, components = _schemas(table)
    paths: dict[str, dict[str, Any]] = {}
    for route in table:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Madoguchi desk 窓口端末",
            "version": "1",
            "description": "Every request needs the session's cookie, except those open to all. "
            f"Unsafe methods also need Origin and the header {CSRF_HEADER}, "
            "whose value is in the answer to GET /api/session.",
        },
        "paths": {path: paths[path] for path in sorted(paths)},
        "components": {
            "schemas": components,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-mado-<port>"}
            },
        },
    }


def text(routes: Iterable[Route]) -> str:
    """As it is committed."""
    return json.dumps(document(routes), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _schemas(routes: Iterable[Route]) -> tuple[Schemas, dict[str, Any]]:
    wanted: dict[tuple[Any, Mode], None] = {(ProblemTold, "serialization"): None}
    for route in routes:
        for name, model in route.models.items():
            if name == "body":
                wanted[model, "validation"] = None
        for shown in (route.answers, route.shows):
            if _is_model(shown):
                wanted[shown, "serialization"] = None
    refs, definitions = models_json_schema(list(wanted), ref_template=REF)
    return refs, definitions["$defs"]


def _is_model(shown: Any) -> bool:
    return isinstance(shown, type) and issubclass(shown, BaseModel)


def _operation(route: Route, schemas: Schemas) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": f"{route.table}_{route.name}",
        "tags": [route.table],
        "summary": route.summary,
        "x-roles": sorted(route.roles) if route.roles is not None else "anybody",
        "x-audit": route.audit,
        "parameters": [*_parameters(route, "path"), *_parameters(route, "query")],
        "responses": _responses(route, schemas),
    }
    if route.roles is not None:
        told["security"] = [{"session": []}]
        if route.method not in SAFE:
            told["parameters"].append(
                {
                    "name": CSRF_HEADER, "in": "header", "required": True,
                    "schema": {"type": "string"},
                }
            )  # fmt: skip
    if route.while_locked:
        told["x-while-locked"] = True
    if route.while_leaving:
        told["x-while-leaving"] = True
    if "body" in route.models:
        schema = schemas[route.models["body"], "validation"]
        told["requestBody"] = {"required": True, "content": _json(schema)}
    if route.of_machines:
        told["requestBody"] = {"required": True, "content": _json({"type": "object"})}
        told["parameters"] += [
            {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
            for name in (letters.ID, letters.AT, letters.SIGNATURE)
        ]
    if route.shows is not None:
        told["x-messages"] = schemas[route.shows, "serialization"]
    return told


def _parameters(route: Route, place: str) -> list[dict[str, Any]]:
    model = route.models.get(place)
    if model is None:
        names = re.findall(r"{(\w+)}", route.path) if place == "path" else ()
        return [
            {"name": name, "in": place, "required": True, "schema": {"type": "string"}}
            for name in names
        ]
    schema = model.model_json_schema(ref_template=REF)
    required = schema.get("required", ())
    return [
        {"name": name, "in": place, "required": name in required, "schema": of}
        for name, of in schema.get("properties", {}).items()
    ]


def _responses(route: Route, schemas: Schemas) -> dict[str, Any]:
    if route.socket:
        told: dict[str, Any] = {"101": {"description": "a WebSocket"}}
    elif _is_model(route.answers):
        schema = schemas[route.answers, "serialization"]
        told = {str(route.status): {"description": "done", "content": _json(schema)}}
    elif route.answers is None:
        told = {"204": {"description": "done"}}
    else:
        told = {"200": {"description": "a document"}}
    problem = _json(schemas[ProblemTold, "serialization"])
    return {**told, "default": {"description": "a problem", "content": problem}}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def main() -> None:
    """Write the committed file."""
    FILE.write_text(text(import_module("agents.api").routes()), encoding="utf-8")
    sys.stdout.write(f"{FILE}\n")


if __name__ == "__main__":
    main()
