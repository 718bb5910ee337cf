"""Small flows that tests are about."""

from typing import Any

from ivr_flows.check import Surroundings, problems
from ivr_flows.schema import Flow

AROUND = Surroundings(
    known_prompt=lambda prompt: not prompt.startswith("unknown"),
    exits={"desk": ()},
    tables=["phone"],
    numbers=["lost_card"],
)

MENU = {"kind": "menu", "prompt": "menu", "choices": {"1": "desk"}, "otherwise": "desk"}
DESK = {"kind": "enqueue", "queue": "desk"}
END = {"kind": "hang_up"}


def flow(start: str = "menu", person: str = "desk", /, **nodes: Any) -> Flow:
    """A flow of these nodes; `desk` and `menu` are there unless given otherwise."""
    return Flow.model_validate(
        {
            "start": start,
            "person": person,
            "prompts": {"wrong_key": "wrong", "silence": "silent"},
            "nodes": {"menu": MENU, "desk": DESK} | nodes,
        }
    )


def told(flow: Flow, around: Surroundings = AROUND) -> list[str]:
    return [problem.text for problem in problems(flow, around)]


def places(flow: Flow, around: Surroundings = AROUND) -> list[tuple[str, ...]]:
    return [problem.at for problem in problems(flow, around)]
