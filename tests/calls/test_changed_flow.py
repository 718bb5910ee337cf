"""A caller stays in the flow they began in, whichever controller leads meanwhile (E5)."""

import pytest

from telephony.simulation.shell.loop import virtually
from tests.builders import flow, rules
from tests.calls.centre_site import Leader, Site
from tests.calls.leading import later

LONG = 3.0  # seconds; a snapshot is kept at least every two

OLD = rules(
    digest="old",
    of=flow(
        "menu",
        menu={
            "kind": "menu",
            "prompt": "old_menu",
            "choices": {"1": "told"},
            "timeout": 60,
            "otherwise": "general",
        },
        told={"kind": "say", "prompt": "old_words", "informed": True, "then": "bye"},
        bye={"kind": "hang_up"},
    ),
)
NEW = rules(
    digest="new",
    of=flow(
        "menu",
        menu={"kind": "menu", "prompt": "new_menu", "choices": {"1": "bye"}, "otherwise": "bye"},
        bye={"kind": "hang_up"},
    ),
)


def heard(site: Site, channel: str) -> list[str]:
    """What was played to this caller, in order."""
    plays = [each for each in site.asterisk.requests if each[:2] == ("play", channel)]
    return [str(uri).removeprefix("sound:") for each in plays for uri in each[3]]  # type: ignore[attr-defined]


async def meet(site: Site, call: str, lead: Leader) -> None:
    """They hear their menu again, press 1, and are told what the old flow says."""
    assert lead.calls() == {call: "menu"}
    assert heard(site, call)[-1] == "old_menu"
    fresh = site.arrives("0942000102")
    await later(0.1)
    assert heard(site, fresh) == ["new_menu"]
    site.asterisk.world.press(call, "1")
    await later(0.1)
    assert heard(site, call)[-1] == "old_words"
    await later(2)
    site.hang_up(fresh)
    await later(2)


@pytest.mark.parametrize("restarts", [1, 3])
@virtually
async def test_e5_over_a_restart_with_a_changed_site_a_caller_stays_in_their_flow(
    restarts: int,
) -> None:
    site = Site(rules=OLD)
    async with site.led():
        call = site.arrives()
        await later(LONG)
    for number in range(1, restarts):
        site.rules = rules(digest=f"between {number}", of=NEW.flow)
        async with site.led():
            await later(LONG)
    site.rules = NEW
    async with site.led() as lead:
        await meet(site, call, lead)
    closed = [each for each in site.records.closed() if each.call == call]
    assert [each.outcome for each in closed] == ["informed"]


@virtually
async def test_e5_after_a_clean_end_not_even_the_last_second_is_missing() -> None:
    site = Site(rules=OLD)
    async with site.led() as lead:
        await later(LONG)
        call = site.arrives()
        await later(0.2)
        lead.work.cancel()
        await lead.controller.publisher.drain()
        await lead.controller.engine.keep_last()
    site.rules = NEW
    async with site.led() as lead:
        await meet(site, call, lead)
    closed = [each for each in site.records.closed() if each.call == call]
    assert [each.outcome for each in closed] == ["informed"]


@virtually
async def test_e5_the_journal_of_callers_in_a_former_flow_is_replayed_entry_by_entry() -> None:
    site = Site(rules=OLD)
    async with site.led():
        call = site.arrives()
        await later(LONG)
    site.rules = NEW
    async with site.led():
        await later(LONG)
    async with site.led() as lead:  # the same site: its journal is replayed, entry by entry
        await meet(site, call, lead)
    assert lead.controller.engine.poisoned == 0
