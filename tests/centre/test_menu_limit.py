"""The longest time in the menu ends at a person, however the caller came into it."""

from collections.abc import Callable
from typing import Any

import pytest

from telephony.centre import commands as cmd
from telephony.centre.effects import OverflowReason
from telephony.centre.tolls import TollRules
from tests.builders import BOOKING, C1, GENERAL, flow, queue, rules
from tests.script import Script

LIMIT = 300.0
MENU = {
    "kind": "menu",
    "prompt": "m",
    "choices": {"1": "out"},
    "otherwise": "general",
    "retries": 5,
}
OUT = {"kind": "transfer", "number": "hall", "otherwise": "menu"}
SITE: dict[str, Any] = {"numbers": {"hall": "0942-00-0110"}, "tolls": TollRules(("0942",), 9)}


def repeats(script: Script, since: float, until: float) -> None:
    """The caller asks for the menu again and again, and never chooses."""
    for second in range(int(since), int(until), 5):
        script.at(second).tell(cmd.KeyPressed(C1, "*"))


def arrived() -> tuple[Script, float]:
    """In the menu from the first moment."""
    script = Script(rules(of=flow("menu", menu=MENU, out=OUT), **SITE))
    return script.at(0).tell(cmd.CallArrived(C1, "0942000100", None)), 0.0


def sent_back_by_the_queue() -> tuple[Script, float]:
    """The queue's exit is a menu."""
    script = Script(
        rules(
            of=flow("booking", menu=MENU, out=OUT),
            queues=(queue(GENERAL), queue(BOOKING, max_wait=60.0)),
            exits={BOOKING: {OverflowReason.MAX_WAIT: "menu"}},
        )
    )
    return script.at(0).tell(cmd.CallArrived(C1, "0942000100", None)).at(60), 60.0


def nobody_outside() -> tuple[Script, float]:
    """Dialled for a while, and back in the menu."""
    script, _ = arrived()
    script.at(10).tell(cmd.KeyPressed(C1, "1"))
    return script.at(25).tell(cmd.ExternalEnded(C1, 1)), 25.0


@pytest.mark.parametrize("come", [arrived, sent_back_by_the_queue, nobody_outside])
def test_the_longest_time_in_the_menu_ends_at_a_person(
    come: Callable[[], tuple[Script, float]],
) -> None:
    script, since = come()
    repeats(script, since, since + LIMIT)
    assert script.centre.visits.calls[C1].stage == "menu"
    script.at(since + LIMIT - 0.1)
    assert script.centre.visits.calls[C1].stage == "menu"
    script.at(since + LIMIT)
    assert script.centre.acd.entries[C1].queue == GENERAL
