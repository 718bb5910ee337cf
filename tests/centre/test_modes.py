"""Modes: in force at once, logged, over by themselves; nobody who waits or talks is touched."""

import pytest

from ivr_flows.opening.model import MODES, Calendar, Hours, LinesFrom, Rule
from telephony.acd.model import Instant
from telephony.calls import codec
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.effects import Outcome
from telephony.centre.model import CentreRules
from telephony.centre.snapshot import restore, take
from tests.builders import ANA, C1, C2, C3, MONDAY, flow, rules
from tests.script import Script

ALL_DAY = Calendar(base=(Rule("終日", (Hours(0, 1440),)),) * 7)


def office(calendar: Calendar = ALL_DAY) -> CentreRules:
    return rules(
        of=flow(
            "gate",
            gate={"kind": "hours", "open": "notice", "closed": "sorry"},
            notice={"kind": "say", "prompt": "calendar:notice", "then": "main"},
            main={
                "kind": "menu", "prompt": "main_menu", "choices": {"1": "desk"},
                "otherwise": "desk",
            },
            desk={"kind": "hours", "open": "general", "closed": "sorry"},
            sorry={"kind": "say", "prompt": ["closed", "calendar:next"], "then": "bye"},
            bye={"kind": "hang_up"},
        ),
        calendar=calendar,
    )  # fmt: skip


def arrives(call: str) -> cmd.CallArrived:
    return cmd.CallArrived(call, "0942000100", None)  # type: ignore[arg-type]


def heard(script: Script, *commands: cmd.Command) -> tuple[str, ...]:
    """What the next caller hears first."""
    before = len(script.news)
    effects = [e for c in commands for e in script.centre.handle(c, script.now)]
    script.news[before:] = effects
    return next(each.prompts for each in effects if isinstance(each, fx.Play))


def test_an_emergency_closes_the_lines_for_the_next_caller() -> None:
    script = Script(office()).tell(cmd.SetMode("emergency", 3600.0, "u9"))
    script.expect(
        fx.ModeBegan("emergency", script.now, Instant(script.now + 3600), "u9", closes=True)
    )
    assert heard(script, arrives(C1)) == (
        "closed_emergency", "word:next", "word:today", "word:forenoon", "hour:8", "minutes:13",
        "word:from_then",
    )  # fmt: skip
    script.tell(cmd.PlaybackEnded(C1, 1), cmd.CallerHungUp(C1))
    assert [record.outcome for record in script.closed()] == [Outcome.CLOSED]


def test_who_waits_or_talks_is_not_touched_and_who_is_in_the_menu_hears_it() -> None:
    script = Script(office()).tell(arrives(C1), cmd.KeyPressed(C1, "1"), arrives(C2))
    script.ignore().tell(cmd.SetMode("emergency", 60.0, "u9"))
    assert script.centre.acd.entries.keys() == {C1}
    script.ignore().tell(cmd.KeyPressed(C2, "1"))
    assert isinstance(script._seen[-1], fx.Play)
    assert script._seen[-1].prompts[0] == "closed_emergency"
    assert script.centre.acd.entries.keys() == {C1}


def test_it_ends_by_itself() -> None:
    script = Script(office()).tell(cmd.SetMode("surge", 60.0, "u9"))
    began = script.now
    assert heard(script, arrives(C1)) == ("main_menu_short",)
    script.ignore().at(60)
    script.expect(fx.ModeEnded("surge", began, "", script.now))
    assert heard(script, arrives(C2)) == ("main_menu",)


def test_it_can_be_ended_and_a_mode_that_is_not_on_cannot() -> None:
    script = Script(office()).tell(cmd.SetMode("outage", 60.0, "u9"))
    assert heard(script, arrives(C1)) == ("notice_outage",)
    script.tell(cmd.EndMode("outage", "u8"))
    assert heard(script, arrives(C2)) == ("main_menu",)
    script.refuse(cmd.EndMode("outage", "u8"), because="not on")
    script.refuse(cmd.SetMode("panic", 60.0, "u8"), because="the modes are emergency, outage")
    assert script.centre.next_deadline() is not None  # of the menu, not of the mode
    assert script.centre.deadlines.at(("mode", "outage")) is None


def test_an_emergency_may_leave_the_lines_open_with_a_message() -> None:
    script = Script(office())
    script.tell(cmd.SetMode("emergency", 60.0, "u9", closes=False, prompt="notice_emergency"))
    assert heard(script, arrives(C1)) == ("notice_emergency",)


def test_the_strongest_of_several_is_heard_and_the_later_word_counts() -> None:
    script = Script(office())
    script.tell(cmd.SetMode("surge", 600.0, "u9"), cmd.SetMode("outage", 600.0, "u9"))
    assert heard(script, arrives(C1)) == ("notice_outage",)
    assert heard(script, cmd.PlaybackEnded(C1, 1)) == ("main_menu_short",)
    script.tell(cmd.SetMode("emergency", 600.0, "u9"))
    assert list(script.centre.floor.modes) == ["emergency", "outage", "surge"]
    script.ignore().at(30).tell(cmd.SetMode("emergency", 60.0, "u9", prompt="closed_weather"))
    assert heard(script, arrives(C3))[0] == "closed_weather"
    script.ignore().at(90)
    assert list(script.centre.floor.modes) == ["outage", "surge"]


def test_a_mode_survives_a_restart_and_ends_at_its_time() -> None:
    script = Script(office()).tell(cmd.SetMode("emergency", 60.0, "u9"))
    kept = codec.decode_snapshot(codec.encode_snapshot(take(script.centre)))
    again = restore(script.centre.rules, kept)
    assert again.floor.modes == script.centre.floor.modes
    effects = again.wake(Instant(MONDAY + 60))
    assert [type(each) for each in effects] == [fx.ModeEnded]
    assert again.floor.modes == {}


def test_a_mode_may_set_lines() -> None:
    few = {**MODES, "surge": Rule("繁忙", lines=(LinesFrom(0, 2),))}
    base = (Rule("終日", (Hours(0, 1440),), (LinesFrom(0, 6),)),) * 7
    script = Script(office(Calendar(base=base, modes=few))).tell(arrives(C1))
    script.tell(cmd.SetMode("surge", 60.0, "u9"))
    states = [line.state.value for line in script.centre.lines.all()]
    assert states == ["menu", "idle", *["closed"] * 4]
    script.at(60)
    states = [line.state.value for line in script.centre.lines.all()]
    assert states == ["menu", *["idle"] * 5]


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_goes_through_the_journal(mode: str) -> None:
    for command in (cmd.SetMode(mode, 60.0, "u9", True, "closed_weather"), cmd.EndMode(mode, "u9")):
        assert codec.decode(codec.encode(command)) == command
        assert ANA not in str(codec.encode(command))
