"""Flows and callers at random, for properties that hold of all of them."""

from typing import Any

from hypothesis import strategies as st

from ivr_flows.engine import Checked, Failed, Input, Key, PromptEnded, Silence, TooLong
from ivr_flows.schema import Flow

NAMES = [f"n{number}" for number in range(7)]
targets = st.sampled_from(NAMES)
prompts = st.sampled_from(["one", "two", "three"])
retries = st.integers(0, 2)
KINDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "menu": {
        "prompt": prompts,
        "choices": st.dictionaries(st.sampled_from("123#"), targets, min_size=1, max_size=3),
        "retries": retries,
        "otherwise": targets,
        "silence": st.none() | st.fixed_dictionaries({"retries": retries, "otherwise": targets}),
        "again": st.none() | targets,
    },
    "say": {"prompt": prompts, "then": targets, "informed": st.booleans()},
    "collect": {
        "field": st.just("callback"),
        "accept": st.just("digits"),
        "prompt": prompts,
        "min_digits": st.integers(1, 2),
        "max_digits": st.integers(2, 4),
        "retries": retries,
        "confirm": st.none() | prompts,
        "then": targets,
        "otherwise": targets,
    },
    "caller": {"known": targets, "unknown": targets},
    "offered": {"what": st.just("own_booking"), "then": targets, "otherwise": targets},
    "hours": {"table": st.just("phone"), "open": targets, "closed": targets},
    "enqueue": {"queue": st.just("desk")},
    "transfer": {"number": st.just("lost_card"), "otherwise": targets},
    "hang_up": {},
}

nodes = st.one_of(
    *(st.fixed_dictionaries({"kind": st.just(kind), **fields}) for kind, fields in KINDS.items())
)


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    """Any flow of the right shape whose targets exist, sensible or not."""
    return Flow.model_validate(
        {
            "start": draw(targets),
            "person": draw(targets),
            "prompts": {"wrong_key": "wrong", "silence": "silent"},
            "nodes": {name: draw(nodes) for name in NAMES},
        }
    )


keys = st.sampled_from("0123456789*#ABCD•").map(Key)
inputs: st.SearchStrategy[Input] = st.one_of(
    keys,
    keys,
    st.just(PromptEnded()),
    st.just(Silence()),
    st.booleans().map(Checked),
    st.just(TooLong()),
    st.just(Failed()),
)
