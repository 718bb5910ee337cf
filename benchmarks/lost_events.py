"""D6: an event of the real Asterisk is lost on its way to the controller; how late is it known?

One call a round, of which its arrival, the end of a prompt, its key's answer by an agent and the
end of that agent's leg are each lost in turn, and at last the caller's hang-up.
"""

import asyncio
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Final

from benchmarks.measure import Sample
from benchmarks.plan import Plan
from benchmarks.report import Row
from telephony.acd.model import AgentId
from telephony.centre import commands as cmd
from tests.asterisk.exchange import DID
from tests.calls.centre_site import Leader
from tests.real.lossy import END, SEATS, Lossy, lossy, ready
from tests.real.waiting import until, until_true
from tests.sip import talk

WITHIN: Final = 2.0  # seconds
ROUNDS: Final = 20
AGENT: Final = AgentId(SEATS[0])


def run(plan: Plan) -> list[Row]:
    """Twenty of each kind."""
    return [_row(what, late) for what, late in asyncio.run(_measured(plan.choose(ROUNDS, 1)))]


async def _measured(rounds: int) -> list[tuple[str, Sample]]:
    late: defaultdict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="lost-") as folder:
        async with lossy(Path(folder)) as site, site.led() as lead:
            for _ in range(rounds):
                for what, seconds in await _round(site, lead):
                    late[what].append(seconds)
    return [(what, Sample(tuple(seconds))) for what, seconds in late.items()]


async def _round(site: Lossy, lead: Leader) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []

    def stage(name: str) -> bool:
        return list(lead.calls().values()) == [name]

    site.lose("StasisStart")
    call = await site.carrier.call(DID)
    found.append(("arrival", await site.made_good(lambda: stage("menu"), "arrival")))
    await call.answered
    (name,) = lead.calls()
    site.lose("PlaybackFinished")
    ended = await site.made_good(lambda: not lead.call(name).playing, "end of a prompt")
    found.append(("end of a prompt", ended))
    await call.send_keys("1", held_for=0.06)
    await until(lambda: stage("waiting"), "waits")
    ready(lead, AGENT)
    ringing = await site.phones[0].rings()
    site.lose("ChannelStateChange", "StasisStart")
    ringing.answer()
    answered = await site.made_good(lambda: lead.agent(AGENT).state == "talking", "answer")
    found.append(("agent's answer", answered))
    await talk(call, ringing)
    lead.controller.engine.submit(cmd.Pause(AGENT, "round"))  # or the phone would be rung again
    site.lose(*END)
    ringing.hang_up()
    left = await site.made_good(lambda: stage("waiting"), "end of the agent's leg")
    found.append(("end of the agent's leg", left))
    site.lose(*END)
    call.hang_up()
    found.append(("hang-up", await site.made_good(lambda: lead.calls() == {}, "hang-up")))
    await until(lambda: lead.agent(AGENT).state == "paused", "the agent is free")
    await until_true(site.ari.channels, lambda there: there == [], "nothing is left")
    return found


def _row(what: str, late: Sample) -> Row:
    told = f"{late.median:.2f} / {late.at(95):.2f} / {late.worst:.2f} s (median/p95/max)"
    target = f"all ≤ {WITHIN:g} s"
    met = late.worst <= WITHIN
    return Row(f"lost {what} → known, n = {len(late.seconds)}", told, target=target, met=met,
               figures=late.figures())  # fmt: skip
