"""The contract: what is committed is what the routes are, and it is complete."""

import json
from collections import Counter

import pytest

from agents.api import routes
from agents.web.openapi import FILE, document, text
from agents.web.routes import Route
from tests.agents.web.conftest import TABLE

ROUTES = tuple(routes())
NO_DEED = "/api/session/alive"  # that somebody reads changes nothing but their session's own time


def test_the_committed_contract_is_that_of_the_routes() -> None:
    assert FILE.read_text(encoding="utf-8") == text(ROUTES), "python -m agents.web.openapi"


def test_no_two_routes_are_the_same() -> None:
    places = Counter((route.method, route.path) for route in ROUTES)
    names = Counter((route.table, route.name) for route in ROUTES)
    assert max(places.values()) == max(names.values()) == 1


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_a_route_says_what_it_is(route: Route) -> None:
    assert route.path.startswith("/api/") or route.protocol  # SIP is no API of ours
    assert route.summary.endswith(".")
    if route.method != "GET" and route.roles is not None and route.path != NO_DEED:
        assert route.audit is not None, "a change leaves a line"


def test_every_reference_leads_somewhere() -> None:
    told = document([*ROUTES, *TABLE])
    known = {f"#/components/schemas/{name}" for name in told["components"]["schemas"]}
    found: set[str] = set()

    def walk(value: object) -> None:
        if isinstance(value, dict):
            found.update(value[key] for key in ("$ref",) if key in value)
        if isinstance(value, dict | list):
            for each in value.values() if isinstance(value, dict) else value:
                walk(each)

    walk(told)
    assert found - known == set()
    assert "#/components/schemas/Note" in found


def test_what_a_route_declares_is_in_the_document() -> None:
    told = document(TABLE)["paths"]
    keep = told["/api/things/{number}"]["put"]
    assert keep["x-roles"] == ["agent", "supervisor"]
    assert keep["x-audit"] == "thing_kept"
    assert [each["name"] for each in keep["parameters"]] == ["number", "X-Mado-CSRF"]
    assert set(keep["responses"]) == {"200", "default"}
    assert told["/api/things"]["delete"]["responses"].keys() == {"204", "default"}
    assert told["/api/echo"]["get"]["x-messages"] == {"$ref": "#/components/schemas/Kept"}
    assert "security" not in told["/api/open"]["get"]
    json.dumps(told)
