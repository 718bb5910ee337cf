"""Frames become events, or are refused by kind; never anything else."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from telephony.ari import events as ev
from telephony.ari.events import BadFrame, decode
from tests.ari.frames import channel, frame, key

_PLAYBACK = {"id": "p.c1.1", "media_uri": "sound:x", "target_uri": "channel:c1", "state": "done"}
_BRIDGE = {"id": "b.c1", "technology": "simple_bridge", "bridge_type": "mixing", "channels": ["c1"]}
_PHONE = {"technology": "PJSIP", "resource": "a01", "state": "online", "channel_ids": []}
_FIELDS: dict[str, dict[str, object]] = {
    "StasisStart": {"args": ["in"], "channel": channel(), "replace_channel": channel("c0")},
    "StasisEnd": {"channel": channel()},
    "ChannelStateChange": {"channel": channel()},
    "ChannelHangupRequest": {"cause": 32, "soft": True, "channel": channel()},
    "ChannelDestroyed": {"cause": 17, "cause_txt": "User busy", "channel": channel()},
    "ChannelDtmfReceived": {"digit": "5", "duration_ms": 90, "channel": channel()},
    "ChannelToneDetected": {"channel": channel()},
    "ChannelHold": {"musicclass": "default", "channel": channel()},
    "ChannelUnhold": {"channel": channel()},
    "Dial": {"dialstatus": "", "forward": "", "dialstring": "x", "peer": channel("o.c1.1")},
    "PlaybackStarted": {"playback": _PLAYBACK},
    "PlaybackFinished": {"playback": _PLAYBACK},
    "BridgeDestroyed": {"bridge": _BRIDGE},
    "ChannelEnteredBridge": {"bridge": _BRIDGE, "channel": channel()},
    "ChannelLeftBridge": {"bridge": _BRIDGE, "channel": channel()},
    "ChannelTransfer": {
        "refer_to": {"requested_destination": {"destination": "a02"}},
        "referred_by": {"source_channel": channel("o.c1.1")},
    },
    "DeviceStateChanged": {"device_state": {"name": "PJSIP/a01", "state": "INUSE"}},
    "EndpointStateChange": {"endpoint": _PHONE},
    "ContactStatusChange": {
        "endpoint": _PHONE,
        "contact_info": {"uri": "sip:a01@127.0.0.1", "contact_status": "Removed", "aor": "a01"},
    },
    "ChannelUserevent": {"eventname": "heartbeat", "userevent": {"eventname": "heartbeat"}},
    "ApplicationReplaced": {},
}


@pytest.mark.parametrize("kind", ev.MODELS)
def test_every_event_we_act_on_is_decoded(kind: str) -> None:
    event = decode(frame(kind, **_FIELDS[kind]))
    assert event is not None
    assert event.type == kind


def test_the_type_may_stand_anywhere() -> None:
    event = json.loads(key("7"))
    moved = {name: event[name] for name in reversed(list(event))}
    assert decode(json.dumps(moved).encode()) == decode(key("7"))
    assert decode(b' \n{ "type" : "Later" }') is None
    assert decode(b'{"since": 24, "type": "Later"}') is None


def test_a_channel_s_creation_time_is_an_instant() -> None:
    event = decode(frame("StasisEnd", channel=channel()))
    assert isinstance(event, ev.StasisEnd)
    assert event.channel.creationtime == datetime.fromisoformat("2026-04-01T00:00:00.123+00:00")


def test_events_cannot_be_changed() -> None:
    event = decode(key("7"))
    assert isinstance(event, ev.ChannelDtmfReceived)
    with pytest.raises(ValidationError):
        event.digit = "8"  # type: ignore[misc]


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"null",
        b"[1]",
        b'{"type": null}',
        b'{"type": "StasisStart"}',
        b'{"type": "StasisStart", "channel": 7}',
        key("7")[:-1],
        key("7").replace(b'"id"', b'"no"'),
        b'{"x":' * 5_000,
    ],
    ids=range(9),
)
def test_d2_malformed_frames_are_told_apart(bad: bytes) -> None:
    with pytest.raises(BadFrame) as caught:
        decode(bad)
    assert caught.value.kind == "malformed"


def test_d2_an_oversized_frame_is_not_even_parsed() -> None:
    with pytest.raises(BadFrame) as caught:
        decode(b"x" * (ev.FRAME_LIMIT + 1))
    assert caught.value.kind == "oversized"


def test_a_bad_frame_s_text_carries_no_number() -> None:
    wrong = frame("StasisStart", channel=channel() | {"caller": "0942000101"})
    with pytest.raises(BadFrame) as caught:
        decode(wrong)
    assert "0942000101" not in str(caught.value)


@given(st.binary(max_size=300))
def test_d2_any_bytes_are_an_event_nothing_or_bad(junk: bytes) -> None:
    with suppress(BadFrame):
        assert decode(junk) is None


@given(st.data())
def test_d2_any_damage_to_a_good_frame_is_survived(data: st.DataObject) -> None:
    good = bytearray(frame("StasisStart", **_FIELDS["StasisStart"]))
    for at in data.draw(st.lists(st.integers(0, len(good) - 1), min_size=1, max_size=4)):
        good[at] = data.draw(st.integers(0, 255))
    with suppress(BadFrame):
        decode(bytes(good))
