"""The index of who waits and who is free, by itself."""

from telephony.acd.board import Board, place
from telephony.acd.model import (
    AgentId,
    AgentRules,
    CallId,
    Entry,
    Instant,
    QueueId,
    QueueRules,
    Strategy,
)
from tests.builders import ANA, BO, BOOKING, C1, C2, C3, CY, GENERAL, agent


def entry(call: CallId, at: float = 0.0, queue: QueueId = GENERAL, **more: object) -> Entry:
    return Entry(call, queue, Instant(at), **more)  # type: ignore[arg-type]


def board(*free: AgentRules) -> Board:
    """Everybody here is free, the first one for longest."""
    made = Board()
    for since, rules in enumerate(free):
        made.free(rules, Instant(since))
    return made


def waits(on: Board, *entries: Entry) -> Board:
    for each in entries:
        on.join(each)
        on.present(each)
    return on


def matched(on: Board) -> list[tuple[CallId, AgentId]]:
    """Every match until nobody is left, each taken off the board."""
    found = []
    while (match := on.match(LATE)) is not None:
        chosen, who = match
        on.withhold(chosen)
        on.occupy(who)
        found.append((chosen.call, who))
    return found


EVERYBODY = (agent(ANA, "en"), agent(BO), agent(CY, queues=(BOOKING,)))
LATE = Instant(1000.0)


def test_an_agent_serves_whoever_asks_for_nothing_for_a_skill_of_theirs_or_for_them() -> None:
    ana = agent(ANA, "zh", "en", queues=(GENERAL,))
    for rules in (None, QueueRules(GENERAL)):
        there = place(ana, GENERAL, rules)
        assert [wants for wants in ("", "en", "zh", "ko", "@ana") if there.serves(wants)] == [
            *("", "en", "zh")
        ]
    by_name = place(ana, GENERAL, QueueRules(GENERAL, sticky_for=20.0))
    assert by_name.serves("@ana")
    assert not by_name.serves("@bo")


def test_whose_turn_it_is_by_penalty_then_strategy_then_idle_time() -> None:
    at = Instant(7.0)
    ana = AgentRules(ANA, (GENERAL, BOOKING), penalties=(2, 0), order=5)
    turns = {
        strategy: place(ana, GENERAL, QueueRules(GENERAL, strategy=strategy)).turn(at, 3)
        for strategy in Strategy
    }
    assert turns == {
        Strategy.LONGEST_IDLE: (2, 0, 7.0, ANA),
        Strategy.FEWEST_CALLS: (2, 3, 7.0, ANA),
        Strategy.FIXED_ORDER: (2, 5, 7.0, ANA),
    }
    assert place(ana, BOOKING, None).turn(at, 3) == (0, 0, 7.0, ANA)


def test_the_longest_wait_meets_the_longest_idle() -> None:
    on = waits(board(*EVERYBODY), entry(C2, 5.0), entry(C1, 3.0))
    assert matched(on) == [(C1, ANA), (C2, BO)]


def test_a_skill_waits_for_somebody_who_has_it_and_holds_up_nobody() -> None:
    on = waits(board(agent(BO)), entry(C1, 1.0, skill="en"), entry(C2, 2.0))
    on.free(agent(CY, queues=(BOOKING,)), Instant(2))
    assert matched(on) == [(C2, BO)]
    on.free(agent(ANA, "en"), Instant(0))
    assert matched(on) == [(C1, ANA)]


def test_a_queue_that_nobody_free_serves_waits() -> None:
    on = waits(board(agent(CY, queues=(BOOKING,))), entry(C1))
    assert on.match(LATE) is None


def test_a_head_start_overtakes_by_exactly_its_seconds() -> None:
    on = waits(Board(), entry(C1, 0.0), entry(C2, 50.0, head_start=60.0), entry(C3, 70.0))
    ranked = sorted((entry(C1, 0.0), entry(C3, 70.0)), key=lambda e: e.rank)
    assert on.first(GENERAL) == entry(C2, 50.0, head_start=60.0)
    assert [on.position(each) for each in ranked] == [2, 3]


def test_equal_ranks_fall_to_the_call_id_and_equal_idle_times_to_the_agent() -> None:
    on = waits(Board(), entry(C2), entry(C1))
    for who in (BO, ANA):
        on.free(agent(who), Instant(0))
    match = on.match(LATE)
    assert match is not None
    assert (match[0].call, match[1]) == (C1, ANA)


def test_whoever_did_not_take_it_comes_last_but_comes() -> None:
    tried = entry(C1, tried=(ANA,))
    on = waits(board(agent(ANA), agent(BO)), tried)
    assert on.match(LATE) == (tried, BO)
    on.occupy(BO)
    assert on.match(LATE) == (tried, ANA)


def test_an_entry_that_is_offered_keeps_its_place() -> None:
    first, second = entry(C1, 1.0), entry(C2, 2.0)
    on = waits(Board(), first, second)
    on.withhold(first)
    assert (on.position(first), on.position(second), on.length(GENERAL)) == (1, 2, 2)
    assert on.first(GENERAL) == first


def test_leaving_gives_the_place_up_and_twice_is_once() -> None:
    first, second = entry(C1, 1.0), entry(C2, 2.0)
    on = waits(Board(), first, second)
    on.leave(first)
    on.leave(first)
    assert (on.position(second), on.length(GENERAL)) == (1, 1)
    on.leave(second)
    assert on.first(GENERAL) is None


def test_queues_do_not_mix() -> None:
    on = waits(Board(), entry(C1), entry(C2, queue=BOOKING))
    assert (on.length(GENERAL), on.length(BOOKING)) == (1, 1)
    on.free(agent(CY, queues=(BOOKING,)), Instant(0))
    match = on.match(LATE)
    assert match is not None
    assert match[0].call == C2


def test_whoever_was_free_before_a_skill_was_first_asked_for_is_found_for_it() -> None:
    on = board(agent(BO), agent(ANA, "en"), agent(CY, "en"))
    on.occupy(ANA)
    assert not on.somebody_free(GENERAL, "zh")
    assert on.somebody_free(GENERAL, "en")
    waits(on, entry(C1, skill="en"))
    assert on.match(LATE) == (entry(C1, skill="en"), CY)
    on.free(agent(ANA, "en"), Instant(-1))  # idle for longer, and found where it was opened
    assert on.match(LATE) == (entry(C1, skill="en"), ANA)
