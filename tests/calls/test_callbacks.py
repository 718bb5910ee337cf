"""Citizens who are called back, before a whole Asterisk: one call each, whoever dies meanwhile."""

import pytest

from telephony.acd.errors import Rejected
from telephony.acd.model import CallId, Instant
from telephony.calls.publisher import to_changes
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.effects import AttemptEnd
from telephony.centre.tolls import TollRules
from telephony.simulation.shell.asterisk_world import Line, Phone
from telephony.simulation.shell.loop import virtually
from telephony.store import changes as row
from tests.builders import ANA, BO, rules
from tests.calls.centre_site import Site
from tests.calls.leading import later

OWED, NUMBER, TRUNK = "ob-c9", "+81942000901", "0942000901@trunk"
ANSWERED_AFTER = 6.0


class Called(Site):
    """A site that counts how often each number outside was dialled."""

    def __init__(self, citizen: Phone | None = None) -> None:
        super().__init__(rules(always_open=True, tolls=TollRules(("0942",), 9)))
        self.phones(Phone("answers", after=1.0))
        self.asterisk.phone(TRUNK, citizen or Phone("answers", after=ANSWERED_AFTER))
        self.owing.numbers[OWED] = NUMBER
        self.dialled: list[str] = []
        self.shown: list[str] = []
        self.asterisk.world.see = self._see

    def _see(self, sight: str, line: Line) -> None:
        if sight == "dialled" and line.id.startswith("x."):
            self.dialled.append(line.name)

    def attempts(self) -> list[row.AttemptEnded]:
        return [each for each in self.records.changes if isinstance(each, row.AttemptEnded)]


@virtually
async def test_a_citizen_is_called_back_and_who_answered_is_kept() -> None:
    at = Called()
    async with at.led(ready=[ANA]) as lead:
        await lead.controller.request(cmd.CallBack(ANA, OWED))
        await later(ANSWERED_AFTER + 3.0)
        ((own, _),) = lead.controller.engine.centre.own.calls.items()
        assert at.together() == [{f"o.{own}.1", f"x.{own}.2"}]
        assert at.asterisk.world.lines[f"x.{own}.2"].number == "0942000100"  # whom they see
        told = [n.call for n in at.news.told if n.kind == "call"]
        assert (told[-1].direction, told[-1].target, told[-1].stage) == (
            "callback",
            OWED,
            "talking",
        )
        at.hang_up(f"x.{own}.2")
        await later(1.0)
        await lead.controller.request(cmd.AttemptResult(ANA, own, AttemptEnd.REACHED))
        await later(1.0)
        assert [each.result for each in at.attempts()] == ["answered", "reached"]
        assert {each.attempt for each in at.attempts()} == {own}
        assert lead.agent(ANA).state == "wrap_up"
        assert at.left_over() == set()
        assert at.records.calls() == []  # none of the citizens' calls


@virtually
async def test_no_number_is_in_the_journal() -> None:
    at = Called()
    async with at.led(ready=[ANA]) as lead:
        await lead.controller.request(cmd.CallBack(ANA, OWED))
        await later(ANSWERED_AFTER + 3.0)
    kept = repr([record.command for record in at.journal.records]) + repr(at.journal.kept)
    assert "CallBack" in kept
    assert "942000901" not in kept


@pytest.mark.parametrize(
    ("phone", "result"),
    [
        (Phone("is_busy", after=2.0), "busy"),
        (Phone("declines", after=2.0), "busy"),
        (Phone("rings", after=3600.0), "no_answer"),
        (Phone(registered=False), "failed"),
    ],
    ids=lambda each: each if isinstance(each, str) else each.then,
)
def test_what_the_network_says_is_the_result(phone: Phone, result: str) -> None:
    @virtually
    async def dials() -> None:
        at = Called(phone)
        async with at.led(ready=[ANA]) as lead:
            await lead.controller.request(cmd.CallBack(ANA, OWED))
            await later(40.0)
            assert [each.result for each in at.attempts()] == [result]
            assert at.left_over() == set()
            assert lead.agent(ANA).state == "ready"

    dials()


@virtually
async def test_what_is_over_has_no_number_or_may_not_be_dialled_is_refused() -> None:
    at = Called()
    async with at.led(ready=[ANA]) as lead:
        with pytest.raises(Rejected, match="over, or has no number"):
            await lead.controller.request(cmd.CallBack(ANA, "ob-none"))
        at.owing.numbers[OWED] = "+819900000000"
        with pytest.raises(Rejected, match="toll gate"):
            await lead.controller.request(cmd.CallBack(ANA, OWED))
        at.owing.away = True
        with pytest.raises(Rejected, match="cannot be read now"):
            await lead.controller.request(cmd.CallBack(ANA, OWED))
        assert lead.agent(ANA).state == "ready"


@virtually
async def test_a_number_that_is_gone_when_it_should_be_dialled_is_not_dialled() -> None:
    at = Called()
    async with at.led(ready=[ANA]) as lead:
        await lead.controller.request(cmd.CallBack(ANA, OWED))
        at.owing.away = True
        await later(3.0)
        assert [each.result for each in at.attempts()] == ["failed"]
        assert at.dialled == []
        assert at.left_over() == set()


@pytest.mark.parametrize("after", [0.2, 0.9, 1.01, 1.1, 2.0, 4.0, 6.9, 7.2, 9.0])
def test_a_controller_that_dies_in_a_dial_never_makes_two_calls_to_one_citizen(
    after: float,
) -> None:
    @virtually
    async def dies() -> None:
        at = Called()
        async with at.led(ready=[ANA, BO]) as lead:
            await lead.controller.request(cmd.CallBack(ANA, OWED, cmd.Stamp("once")))
            await later(after)
        async with at.led() as lead:
            again = cmd.CallBack(ANA, OWED, cmd.Stamp("once"))  # whoever lost our answer
            await lead.controller.request(again)
            await later(ANSWERED_AFTER + 4.0)
            ((own, _),) = lead.controller.engine.centre.own.calls.items()
            assert at.together() == [{f"o.{own}.1", f"x.{own}.2"}]
            assert len(at.dialled) == 1
            at.hang_up(f"x.{own}.2")
            await later(2.0)
            assert [each.result for each in at.attempts()] == ["answered"]
            assert at.left_over() == set()

    dies()


@virtually
async def test_the_citizen_who_gets_through_first_is_not_rung_any_more() -> None:
    at = Called(Phone("rings", after=3600.0))
    async with at.led(ready=[ANA, BO]) as lead:
        await lead.controller.request(cmd.CallBack(ANA, OWED))
        await later(3.0)
        assert len(at.dialled) == 1
        call = at.arrives("0942000901")
        await later(3.0)
        assert lead.agent(BO).state == "talking"
        assert [each.result for each in at.attempts()] == ["cancelled"]
        assert [line for line in at.asterisk.world.lines if line.startswith("x.")] == []
        assert at.together() == [{call, f"o.{call}.1"}]


@virtually
async def test_a_talk_that_broke_off_is_taken_up_again_by_the_number_of_its_record() -> None:
    at = Called()
    async with at.led(ready=[ANA]) as lead:
        call = at.arrives("0942000901")
        await later(3.0)
        at.hang_up(call)
        await later(1.0)
        await lead.controller.request(cmd.CallAgain(ANA))
        await later(ANSWERED_AFTER + 3.0)
        assert len(at.dialled) == 1
        ((own, _),) = lead.controller.engine.centre.own.calls.items()
        assert at.together() == [{f"o.{own}.1", f"x.{own}.2"}]
        assert at.attempts() == []  # nothing was owed


def test_every_news_of_an_attempt_is_a_row() -> None:
    ended = fx.AttemptEnded(
        OWED, CallId("own-1.1"), ANA, Instant(1.0), None, Instant(9.0), AttemptEnd.BUSY
    )
    (kept,) = to_changes(ended, lambda _: None, 9.0)
    assert kept == row.AttemptEnded(OWED, "own-1.1", ANA, 1.0, None, 9.0, "busy")
