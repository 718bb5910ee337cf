"""Frames as Asterisk 22 sends them."""

from __future__ import annotations

import json
from typing import Any


def channel(channel_id: str = "c1", state: str = "Up") -> dict[str, Any]:
    """A channel, with fields that we do not read."""
    return {
        "id": channel_id,
        "name": f"PJSIP/trunk-{channel_id}",
        "state": state,
        "protocol_id": "call-id@127.0.0.1",
        "caller": {"name": "", "number": "0942000101"},
        "connected": {"name": "", "number": ""},
        "accountcode": "",
        "dialplan": {
            "context": "from-trunk",
            "exten": "0942000100",
            "priority": 2,
            "app_name": "Stasis",
            "app_data": "madoguchi",
        },
        "creationtime": "2026-04-01T09:00:00.123+0900",
        "language": "ja",
        "a field of a later release": {"nested": [1, 2, 3]},
    }


def frame(kind: str, **fields: Any) -> bytes:
    """One event, the type first as Asterisk writes it."""
    common = {"timestamp": "2026-04-01T09:00:00.123+0900", "application": "madoguchi"}
    return json.dumps({"type": kind, **common, **fields}).encode()


def key(digit: str, channel_id: str = "c1") -> bytes:
    """A key press."""
    return frame("ChannelDtmfReceived", digit=digit, duration_ms=100, channel=channel(channel_id))
