"""One's own day is the fold of what one did, wherever one sat."""

from agents.calls.figures import Sitting, day_of
from telephony.store.intervals import AgentInterval


def during(
    state: str, since: float, until: float | None, *, seat: str = "a01", reason: str | None = None,
    call: str | None = None,
) -> AgentInterval:  # fmt: skip
    return AgentInterval(seat, seat, state, reason, call, since, until)


DAY = [
    during("ready", 0, 100, reason="card_pre"),
    during("offered", 100, 105, call="c1"),
    during("talking", 105, 165, call="c1"),
    during("hold", 165, 175, call="c1"),
    during("talking", 175, 185, call="c1"),
    during("wrap_up", 185, 200, call="c1"),
    during("ready", 200, 300, reason="card_pre"),
    during("paused", 300, 400, reason="lunch"),
    during("ready", 400, None),
]


def test_call_seconds_are_no_seconds_of_card_work() -> None:
    day = day_of(DAY, [Sitting("a01", 0, None)], [], {"card_pre": 12}, now=450)
    assert (day.answered, day.talked, day.held, day.wrapped_up) == (1, 70, 10, 15)
    assert (day.worked, day.paused, day.ready) == ({"card_pre": 200}, {"lunch": 100}, 50)
    assert day.pieces == {"card_pre": 12}


def test_each_figure_is_the_sum_of_the_calls_it_counts() -> None:
    mine = [
        *DAY,
        during("talking", 500, 530, call="c2"),
        during("wrap_up", 530, 534, call="c2"),
        during("talking", 540, 560, call="own-540.1"),  # to a colleague: no citizen was answered
        during("wrap_up", 560, 565, call="own-540.2"),  # after one who was called back
    ]
    day = day_of(mine, [Sitting("a01", 0, None)], [], {}, now=600)
    shares = [(call, one.talked, one.held, one.wrapped_up) for call, one in day.calls.items()]
    assert shares == [("c1", 70, 10, 15), ("c2", 30, 0, 4)]
    assert (day.answered, day.talked, day.held, day.wrapped_up) == (2, 100, 10, 19)
    assert day.begun == 25


def test_who_sat_there_before_keeps_their_time() -> None:
    mine = day_of(DAY, [Sitting("a01", 150, 250)], [], {}, now=450)
    assert (mine.answered, mine.talked, mine.worked) == (1, 25, {"card_pre": 50})
    elsewhere = day_of(DAY, [Sitting("a02", 0, None)], [], {}, now=450)
    assert (elsewhere.answered, elsewhere.ready) == (0, 0)


def test_two_sittings_at_two_seats_are_one_day() -> None:
    both = [*DAY, during("talking", 500, 520, seat="a02", call="c2")]
    day = day_of(both, [Sitting("a01", 0, 450), Sitting("a02", 480, None)], [], {}, now=600)
    assert (day.answered, day.talked, day.ready) == (2, 90, 50)
