"""Every fault the checker knows, one flow each: E4."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from ivr_flows.schema import Flow
from tests.ivr.flows import AROUND, DESK, END, MENU, flow, places, told

GATE = {"kind": "hours", "table": "phone", "open": "desk", "closed": "sorry"}
SORRY = {"kind": "say", "prompt": "closed", "then": "end"}


def test_a_sound_flow_has_no_faults() -> None:
    assert told(flow()) == []


def test_e4_missing_target() -> None:
    broken = flow(menu=MENU | {"choices": {"1": "gone"}})
    assert told(broken) == ["menu.choices.1: goes to 'gone', which does not exist"]
    assert places(broken) == [("nodes", "menu", "choices", "1")]


@pytest.mark.parametrize("name", ["start", "person"])
def test_e4_a_flow_without_its_start_or_person(name: str) -> None:
    start, person = ("gone", "desk") if name == "start" else ("menu", "gone")
    assert f"{name}: 'gone' is no node of this flow" in told(flow(start, person))


def test_e4_unreachable_node() -> None:
    assert told(flow(island=END)) == ["island: no caller can reach it"]


def test_a_node_that_only_a_queue_leads_to_is_reachable() -> None:
    assert told(flow(sorry=SORRY, end=END), replace(AROUND, exits={"desk": ("sorry",)})) == []


def test_e4_cycle_without_input() -> None:
    one = {"kind": "say", "prompt": "one", "then": "two"}
    two = {"kind": "say", "prompt": "two", "then": "one"}
    broken = flow(menu=MENU | {"otherwise": "one"}, one=one, two=two)
    assert told(broken) == ["one: goes round without any input: one → two → one"]


def test_e4_a_caller_who_does_nothing_must_not_come_back_to_the_same_menu() -> None:
    broken = flow(menu=MENU | {"otherwise": "menu"})
    assert told(broken) == ["menu: goes round without any input: menu → menu"]


def test_e4_a_menu_may_be_offered_again_to_who_presses_keys() -> None:
    patient = MENU | {"otherwise": "menu", "silence": {"retries": 1, "otherwise": "desk"}}
    assert told(flow(menu=patient)) == []


def test_e4_a_full_queue_must_not_send_callers_back_into_itself() -> None:
    broken = told(flow(sorry=SORRY | {"then": "desk"}), replace(AROUND, exits={"desk": ("sorry",)}))
    assert broken == ["desk: goes round without any input: desk → sorry → desk"]


def test_what_a_caller_is_asked_once_in_a_call_may_lead_back_to_the_queue() -> None:
    around = replace(AROUND, exits={"desk": ("sorry",)}, once=["sorry"])
    assert told(flow(sorry=SORRY | {"then": "desk"}), around) == []


@pytest.mark.parametrize(
    ("node", "fault"),
    [
        (
            MENU | {"prompt": ["menu", "unknown_one"]},
            "menu.prompt: there is no prompt 'unknown",
        ),
        (MENU | {"prompt": "number:nobody"}, "menu.prompt: there is no prompt 'number:nobody'"),
        (MENU | {"prompt": "number:0942-00-0100"}, "there is no prompt 'number:0942-00-0100'"),
        ({"kind": "enqueue", "queue": "gone"}, "menu: there is no queue 'gone'"),
        (GATE | {"table": "gone", "closed": "desk"}, "menu: there is no table of hours 'gone'"),
        (
            {"kind": "transfer", "number": "gone", "otherwise": "desk"},
            "menu: there is no published number 'gone'",
        ),
    ],
)
def test_e4_unknown_references(node: dict[str, Any], fault: str) -> None:
    assert any(fault in text for text in told(flow(menu=node)))


def test_e4_unknown_replies() -> None:
    plain = flow()
    replies = plain.prompts.model_copy(update={"silence": ("unknown_hush",)})
    assert told(plain.model_copy(update={"prompts": replies})) == [
        "prompts.silence: there is no prompt 'unknown_hush'"
    ]


def test_0_may_mean_nothing_but_a_person() -> None:
    broken = flow(menu=MENU | {"choices": {"0": "end", "1": "desk"}}, end=END)
    assert told(broken) == ["menu: 0 is a person everywhere; this menu gives it another meaning"]
    assert told(flow(menu=MENU | {"choices": {"0": "desk"}})) == []


def test_0_must_reach_a_person() -> None:
    assert told(flow("menu", "end", end=END)) == [
        "person: 'end' does not lead to a queue by itself"
    ]


def test_e4_recording_without_notice() -> None:
    recorded = replace(AROUND, recorded=["desk"])
    fault = "desk: calls of 'desk' are recorded, but a caller can come here without having heard"
    assert told(flow(), recorded) == [f"{fault} the recording_notice"]
    greeted = flow("hello", hello={"kind": "say", "prompt": "notice", "then": "menu"})
    assert told(greeted, recorded) == [f"{fault} the recording_notice"]
    assert told(greeted.model_copy(update={"recording_notice": "notice"}), recorded) == []


def test_e4_closed_hours_hole() -> None:
    gated = flow("gate", "gate", gate=GATE | {"open": "menu"}, sorry=SORRY, end=END)
    assert told(gated) == []
    hole = flow("menu", "gate", gate=GATE, sorry=SORRY, end=END)
    assert told(hole) == ["desk: a caller can come here while the centre is closed"]


def test_all_faults_come_at_once() -> None:
    broken = flow(
        menu=MENU | {"prompt": "unknown_menu", "choices": {"1": "gone"}, "otherwise": "menu"},
        island=DESK,
    )
    assert len(told(broken)) == 4


@pytest.mark.parametrize(
    ("node", "reason"),
    [
        ({"kind": "menu", "prompt": "menu", "choices": {"1": "desk"}}, "otherwise"),
        (MENU | {"choices": {}}, "at least 1 item"),
        (MENU | {"choices": {"12": "desk"}}, "is no key of a menu"),
        (MENU | {"choices": {"*": "desk"}}, "is no key of a menu"),
        (MENU | {"prompt": []}, "at least 1 item"),
        (MENU | {"timeout": 0}, "greater than 0"),
        (MENU | {"retries": 6}, "less than or equal to 5"),
        (MENU | {"retries": True}, "valid integer"),
        (MENU | {"colour": "red"}, "Extra inputs"),
        ({"kind": "dance"}, "does not match any of the expected tags"),
        (DESK | {"head_start": -1}, "greater than or equal to 0"),
    ],
)
def test_e3_wrong_shapes(node: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        flow(menu=node)


@pytest.mark.parametrize("most", [12, 13])
def test_no_flow_may_take_an_individual_number(most: int) -> None:
    node = {
        "kind": "collect",
        "field": "number",
        "accept": "digits",
        "prompt": "ask",
        "max_digits": most,
        "then": "desk",
        "otherwise": "desk",
    }
    with pytest.raises(ValidationError, match="個人番号"):
        flow(menu=node)
    assert isinstance(flow(menu=node | {"max_digits": 11}), Flow)
    with pytest.raises(ValidationError, match="no entry can ever be right"):
        flow(menu=node | {"max_digits": 3, "min_digits": 4})
