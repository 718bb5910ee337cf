"""Every operation, parameter, event and field that we use is in the running server's description.

The operations are not listed here a second time: a transport that only writes down what it is
asked to send is given to `AriRest`, so an operation that is added is checked by being called.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, get_args

import pytest
from pydantic import BaseModel

from telephony.ari.client import Ari, BridgeKind, HangUpReason
from telephony.ari.errors import AriGoneError
from telephony.ari.events import MODELS, ReferredBy, ReferTo, RequestedDestination
from telephony.ari.models import (
    Application,
    AsteriskFacts,
    Audio,
    Bridge,
    Channel,
    Contact,
    DeviceState,
    DialplanPlace,
    Endpoint,
    Party,
    Playback,
    StatusFacts,
    SystemFacts,
)
from telephony.ari.rest import AriRest
from tests.asterisk.bare import PASSWORD, USER, Bare

pytestmark = pytest.mark.asterisk

_FILES: Final = (
    "applications",
    "asterisk",
    "bridges",
    "channels",
    "deviceStates",
    "endpoints",
    "events",
    "playbacks",
)
# Described as optional, but always there in what we ask for.
_ALWAYS_THERE: Final = {
    ("ChannelEnteredBridge", "channel"),
    ("AsteriskInfo", "system"),
    ("AsteriskInfo", "status"),
}
_RESOURCES: Final[dict[str, type[BaseModel]]] = {
    "Application": Application,
    "AsteriskInfo": AsteriskFacts,
    "RTPstat": Audio,
    "Bridge": Bridge,
    "Channel": Channel,
    "ContactInfo": Contact,
    "DeviceState": DeviceState,
    "DialplanCEP": DialplanPlace,
    "Endpoint": Endpoint,
    "CallerID": Party,
    "Playback": Playback,
    "StatusInfo": StatusFacts,
    "SystemInfo": SystemFacts,
    "ReferTo": ReferTo,
    "ReferredBy": ReferredBy,
    "RequiredDestination": RequestedDestination,
}


class Asked(Exception):
    """Carries what would have been sent, instead of sending it."""

    def __init__(self, method: str, where: str, given: frozenset[str]) -> None:
        super().__init__(method, where)
        self.method, self.where, self.given = method, where, given


class WritingDown(AriRest):
    """Sends nothing."""

    async def ask(
        self,
        method: str,
        where: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        *,
        repeatable: bool = True,
    ) -> bytes:
        raise Asked(method, where, frozenset(query or ()) | frozenset(body or ()))


_CALLS: Final[dict[str, Callable[[Ari], Awaitable[object]]]] = {
    "answer": lambda ari: ari.answer("1"),
    "ring": lambda ari: ari.ring("1"),
    "stop_ring": lambda ari: ari.stop_ring("1"),
    "hang_up": lambda ari: ari.hang_up("1", "busy"),
    "originate": lambda ari: ari.originate(
        "1",
        "2",
        app="3",
        timeout=4,
        args=["5"],
        caller_id="6",
        originator="7",
        formats=["8"],
        variables={"9": "10"},
    ),
    "continue_in_dialplan": lambda ari: ari.continue_in_dialplan("1", context="2", extension="3"),
    "play": lambda ari: ari.play("1", "2", ["3"]),
    "playback": lambda ari: ari.playback("p.c1.1"),
    "stop_playback": lambda ari: ari.stop_playback("1"),
    "start_moh": lambda ari: ari.start_moh("1", "2"),
    "stop_moh": lambda ari: ari.stop_moh("1"),
    "transfer_progress": lambda ari: ari.transfer_progress("1", "channel_answered"),
    "channels": lambda ari: ari.channels(),
    "channel": lambda ari: ari.channel("1"),
    "packets_received": lambda ari: ari.packets_received("1"),
    "get_channel_variable": lambda ari: ari.get_channel_variable("1", "2"),
    "set_channel_variable": lambda ari: ari.set_channel_variable("1", "2", "3"),
    "create_bridge": lambda ari: ari.create_bridge("1", "mixing", "2"),
    "destroy_bridge": lambda ari: ari.destroy_bridge("1"),
    "add_channel": lambda ari: ari.add_channel("1", ["2"]),
    "remove_channel": lambda ari: ari.remove_channel("1", "2"),
    "bridges": lambda ari: ari.bridges(),
    "bridge": lambda ari: ari.bridge("1"),
    "endpoints": lambda ari: ari.endpoints(),
    "endpoint": lambda ari: ari.endpoint("1"),
    "device_states": lambda ari: ari.device_states(),
    "application": lambda ari: ari.application("1"),
    "subscribe": lambda ari: ari.subscribe("1", ["2"]),
    "filter_events": lambda ari: ari.filter_events("1", ["2"]),
    "get_global_variable": lambda ari: ari.get_global_variable("1"),
    "set_global_variable": lambda ari: ari.set_global_variable("1", "2"),
    "user_event": lambda ari: ari.user_event("1", app="2", variables={"3": "4"}),
    "info": lambda ari: ari.info(),
}


@pytest.fixture
async def described(bare: Bare) -> dict[str, dict[str, Any]]:
    """The server's own description, by file."""
    async with AriRest(bare.url, USER, PASSWORD) as ari:
        return {
            name: json.loads(await ari.ask("GET", f"/ari/api-docs/{name}.json")) for name in _FILES
        }


def _operation(described: dict[str, dict[str, Any]], asked: Asked) -> dict[str, Any] | None:
    segments = asked.where.split("/")[2:]
    for api in described[segments[0]]["apis"]:
        pattern = api["path"].split("/")[1:]
        if len(pattern) == len(segments) and all(
            part.startswith("{") or part == segment
            for part, segment in zip(pattern, segments, strict=True)
        ):
            for operation in api["operations"]:
                if operation["httpMethod"] == asked.method:
                    return dict(operation)
    return None


async def _asked(call: Callable[[Ari], Awaitable[object]]) -> Asked:
    with pytest.raises(Asked) as caught:
        await call(WritingDown("http://127.0.0.1:9", USER, PASSWORD))
    return caught.value


def test_no_operation_is_left_unchecked() -> None:
    operations = {name for name, _ in inspect.getmembers(Ari, inspect.isfunction)}
    assert {name for name in operations if not name.startswith("_")} == set(_CALLS)


@pytest.mark.parametrize("name", sorted(_CALLS))
async def test_an_operation_and_its_parameters_exist(
    name: str, described: dict[str, dict[str, Any]]
) -> None:
    asked = await _asked(_CALLS[name])
    operation = _operation(described, asked)
    assert operation is not None, f"{asked.method} {asked.where}"
    parameters = {one["name"]: one for one in operation.get("parameters", ())}
    given = asked.given
    body = [one for one in parameters.values() if one["paramType"] == "body"]
    if asked.given == {"allowed"}:
        assert body
        given = frozenset()
    assert given <= set(parameters)
    required = {n for n, one in parameters.items() if one.get("required")}
    required -= {n for n, one in parameters.items() if one["paramType"] in ("path", "body")}
    assert required <= given


async def test_our_reasons_to_hang_up_are_allowed(described: dict[str, dict[str, Any]]) -> None:
    operation = _operation(described, await _asked(_CALLS["hang_up"]))
    assert operation is not None
    [reason] = [p for p in operation["parameters"] if p["name"] == "reason"]
    assert set(get_args(HangUpReason)) <= set(reason["allowableValues"]["values"])


async def test_our_kinds_of_bridge_are_described(described: dict[str, dict[str, Any]]) -> None:
    operation = _operation(described, await _asked(_CALLS["create_bridge"]))
    assert operation is not None
    [kind] = [p for p in operation["parameters"] if p["name"] == "type"]
    assert all(word in kind["description"] for word in get_args(BridgeKind))


@pytest.mark.parametrize("name", sorted(MODELS))
async def test_an_event_and_its_fields_exist(
    name: str, described: dict[str, dict[str, Any]]
) -> None:
    _assert_fields(MODELS[name], name, _models(described))


@pytest.mark.parametrize("name", sorted(_RESOURCES))
async def test_a_resource_and_its_fields_exist(
    name: str, described: dict[str, dict[str, Any]]
) -> None:
    _assert_fields(_RESOURCES[name], name, _models(described))


def _models(described: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        name: model for one in described.values() for name, model in one.get("models", {}).items()
    }


def _assert_fields(ours: type[BaseModel], name: str, models: dict[str, dict[str, Any]]) -> None:
    properties = _properties(name, models)
    for field, info in ours.model_fields.items():
        assert field in properties, f"{name}.{field}"
        if info.is_required() and (name, field) not in _ALWAYS_THERE:
            assert properties[field].get("required"), f"{name}.{field} may be absent"


def _properties(name: str, models: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A model's fields with those it inherits: parents name their children."""
    inherited: dict[str, Any] = {}
    for parent, model in models.items():
        if name in model.get("subTypes", ()):
            inherited |= _properties(parent, models)
    inherited.update(models[name]["properties"])
    return inherited


async def test_the_server_is_a_22(bare: Bare) -> None:
    async with AriRest(bare.url, USER, PASSWORD) as ari:
        assert (await ari.info()).system.version.startswith("22.")
        with pytest.raises(AriGoneError):
            await ari.channel("nobody")
