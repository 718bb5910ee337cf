"""What an agent asks for with a key of the page: the same as with a key of the telephone."""

from typing import Annotated, Final, Literal

from pydantic import Field

from agents.catalogue.catalogue import Catalogue
from agents.floor.fit import Fit
from agents.floor.hub import Hub
from agents.people import AT_A_DESK
from agents.web.fields import Form, Key, Line, Seen
from agents.web.problems import conflict, no_seat
from agents.web.routes import Asked, Table
from telephony.link.client import Link

TABLE: Final = Table("agent")
WITHIN: Final = 2.0  # seconds for a request to the controller, or not at all

Code = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")]


class Keyed(Form):
    """A request that is done once, however often it is sent. `seq` is the page's own number of
    it: whatever is older than what was done last comes too late."""

    key: Key
    seq: Annotated[int, Field(ge=1, le=2**53)] | None = None


class ReadyForm(Keyed):
    """As first choice, or in reserve beside card work."""

    availability: Literal["first", "reserve"] = "first"
    work: Literal["card_pre", "card_post"] | None = None


class PauseForm(Keyed):
    """Why no calls: a code of the catalogue."""

    reason: Code


class TargetForm(Keyed):
    """A seat, or an extension of the city's by its name."""

    target: Annotated[Line, Field(min_length=1, max_length=40), Seen]


async def seated(asked: Asked, _: object) -> None:
    """Only who sits at a telephone can ask for anything at it."""
    if asked.caller.seat is None:
        raise no_seat()


@TABLE.post("/api/agent/ready", roles=AT_A_DESK, audit="agent_ready", guard=seated)
async def ready(asked: Asked, body: ReadyForm) -> None:
    """Take calls; with a page that rings, once its pre-flight has passed."""
    unfit = asked.tool(Fit).unfit(_seat(asked))  # type: ignore[type-abstract]
    if unfit is not None:
        raise conflict(*unfit.said)
    await _ask(asked, "ready", body, availability=body.availability, work=body.work)


@TABLE.post(
    "/api/agent/pause", roles=AT_A_DESK, audit="agent_paused", guard=seated, while_locked=True
)
async def pause(asked: Asked, body: PauseForm) -> None:
    """Take no calls; during a call, from its end on. A break locks the page first."""
    if body.reason not in asked.tool(Catalogue).states.pauses:
        raise conflict("その理由は選べません。", "There is no such reason.")
    asked.detail(reason=body.reason)
    await _ask(asked, "pause", body, reason=body.reason)


@TABLE.post(
    "/api/agent/wrap-up-done",
    roles=AT_A_DESK,
    audit="wrap_up_done",
    guard=seated,
    while_locked=True,
)
async def wrap_up_done(asked: Asked, body: Keyed) -> None:
    """Done with the last call; who cannot be talked to any more takes no next one."""
    seat = _seat(asked)
    unfit = asked.tool(Fit).unfit(seat)  # type: ignore[type-abstract]
    agent = asked.tool(Hub).floor.agent(seat)
    if unfit is None or agent is None or agent.state != "wrap_up" or agent.afterwards is not None:
        await _ask(asked, "wrap_up_done", body)
    else:
        await _ask(asked, "pause", body, reason=unfit.reason)


@TABLE.post(
    "/api/agent/answer", roles=AT_A_DESK, audit="call_answered", guard=seated, while_locked=True
)
async def answer(asked: Asked, body: Keyed) -> None:
    """Take the call that rings at the telephone."""
    await _ask(asked, "answer", body)


@TABLE.post("/api/agent/hold", roles=AT_A_DESK, audit="call_held", guard=seated, while_locked=True)
async def hold(asked: Asked, body: Keyed) -> None:
    """The caller hears music."""
    await _ask(asked, "hold", body)


@TABLE.post(
    "/api/agent/resume", roles=AT_A_DESK, audit="call_resumed", guard=seated, while_locked=True
)
async def resume(asked: Asked, body: Keyed) -> None:
    """Both hear each other again."""
    await _ask(asked, "resume", body)


@TABLE.post(
    "/api/agent/hang-up", roles=AT_A_DESK, audit="call_ended", guard=seated, while_locked=True
)
async def hang_up(asked: Asked, body: Keyed) -> None:
    """End the call."""
    await _ask(asked, "end", body)


@TABLE.post("/api/agent/transfer", roles=AT_A_DESK, audit="call_transferred", guard=seated)
async def transfer(asked: Asked, body: TargetForm) -> None:
    """Hand the caller on, unannounced."""
    asked.detail(target=body.target)
    await _ask(asked, "transfer", body, target=body.target)


@TABLE.post("/api/agent/consult", roles=AT_A_DESK, audit="consulted", guard=seated)
async def consult(asked: Asked, body: TargetForm) -> None:
    """Ask a colleague, the supervisor or the city, while the caller hears music."""
    asked.detail(target=body.target)
    await _ask(asked, "consult", body, target=body.target)


@TABLE.post(
    "/api/agent/swap", roles=AT_A_DESK, audit="consult_swapped", guard=seated, while_locked=True
)
async def swap(asked: Asked, body: Keyed) -> None:
    """Talk to the other one: the caller, or whoever is asked."""
    await _ask(asked, "swap", body)


@TABLE.post("/api/agent/confer", roles=AT_A_DESK, audit="conferred", guard=seated)
async def confer(asked: Asked, body: Keyed) -> None:
    """All three hear each other."""
    await _ask(asked, "confer", body)


@TABLE.post("/api/agent/hand-over", roles=AT_A_DESK, audit="handed_over", guard=seated)
async def hand_over(asked: Asked, body: Keyed) -> None:
    """Leave the caller to whoever is asked."""
    await _ask(asked, "hand_over", body)


@TABLE.post(
    "/api/agent/end-consult",
    roles=AT_A_DESK,
    audit="consult_ended",
    guard=seated,
    while_locked=True,
)
async def end_consult(asked: Asked, body: Keyed) -> None:
    """Back to the caller; whoever is asked goes."""
    await _ask(asked, "end_consult", body)


@TABLE.post("/api/agent/call", roles=AT_A_DESK, audit="called_inside", guard=seated)
async def call(asked: Asked, body: TargetForm) -> None:
    """Phone a colleague, the supervisor, or an extension of the city's."""
    asked.detail(target=body.target)
    await _ask(asked, "call", body, target=body.target)


def _seat(asked: Asked) -> str:
    assert asked.caller.seat is not None  # `seated` saw to it
    return asked.caller.seat


async def _ask(asked: Asked, do: str, body: Keyed, **given: str | None) -> None:
    caller = asked.caller
    await asked.tool(Link).request(
        _seat(asked),
        do,
        **given,
        key=f"{caller.session}.{body.key}"[-64:],
        client=caller.session if body.seq is not None else None,
        seq=body.seq,
        within=WITHIN,
    )
