"""The restore drill (F15): a backup under calls, another home and ports, and the centre goes on."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from telephony.keeping.passphrase import FEWEST
from tests.real import site_copy
from tests.real.centre import CARRIER, REACH_FOR, RING_FOR, Centre, begun, up_command
from tests.real.invariants import invariants
from tests.real.waiting import until_true
from tests.supervisor.instance import instance

pytestmark = pytest.mark.asterisk

Json = dict[str, Any]
CLOSED_WITHIN = 30.0  # seconds


async def test_f15_what_was_backed_up_under_calls_goes_on_elsewhere(tmp_path: Path) -> None:
    phrase, file = tmp_path / "phrase", tmp_path / "b"
    phrase.write_text("x" * FEWEST)
    phrase.chmod(0o600)
    secretly = ("--passphrase-file", str(phrase))
    async with (
        # Both to the end: the one restored expects its carrier where the first did.
        instance(tmp_path / "first" / "home") as old,
        instance(tmp_path / "second" / "home") as made,
    ):
        carrier = old.base + CARRIER
        site = site_copy.copy(tmp_path / "first", carrier, RING_FOR, REACH_FOR)
        async with begun(old, up_command(old, site), carrier) as c:
            c.begin()
            over = await _calls_that_end(c)
            home = str(old.home.path)
            known = await _told("calls", "--home", home, "--json")
            assert sorted(call["id"] for call in known) == sorted(over)
            talk, _ = await c.talking("a02")
            backup, during = await asyncio.gather(
                _told("backup", str(file), "--home", home, *secretly, "--json"), _a_call(c)
            )
            agent = await c.agent("a02")
            assert agent["state"] == "talking"
            talk.hang_up()
            await c.clear()
            await invariants(c)
        _print(backup, "backup")

        proved = await _told("backup", "--verify", str(file), *secretly, "--json")
        _print(proved, "verify")
        assert proved["figures"] == backup["figures"]

        new = str(made.home.path)
        restored = await _told("restore", str(file), "--home", new, *secretly, "--json")
        _print(restored, "restore")
        records = await _told("calls", "--home", new, "--json")
        assert [call for call in records if call["id"] != during] == known
        assert backup["figures"]["outcomes"][""] >= 1  # the one who talked
        up = [sys.executable, "-m", "telephony", "up", "--home", new]
        async with begun(made, [*up, "--port-base", str(made.base)], carrier) as n:
            n.begin()
            assert (await n.status())["controller"]["epoch"] > backup["epoch"]
            assert n.secrets.caller_key_secret == c.secrets.caller_key_secret
            answered, leg = await n.talking("a01")
            leg.hang_up()
            assert (await n.record(answered))["outcome"] == "answered"
            cut = await until_true(
                lambda: n.records_of.call(agent["call"]),
                lambda found: found is not None and found.outcome is not None,
                "the call that was up is closed",
                CLOSED_WITHIN,
            )
            assert cut is not None
            assert cut.outcome == "answered"
            await n.clear()
            await invariants(n)


async def _calls_that_end(c: Centre) -> list[str]:
    """One that was answered and wrapped up, and one that was given up."""
    call, leg = await c.talking("a01")
    leg.hang_up()
    await c.wrapped_up(call)
    await c.ask("a01", "sign_out")
    return [(await c.record(call))["id"], await _a_call(c)]


async def _a_call(c: Centre) -> str:
    """Somebody who waits and gives up; their record's id."""
    call = await c.call("0")
    await c.waiting(1)
    call.hang_up()
    found: str = (await c.record(call))["id"]
    return found


async def _told(*words: str) -> Any:
    """What a command says as JSON."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "telephony", *words, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return json.loads(out)


def _print(told: Json, what: str) -> None:
    sys.stdout.write(f"{what}: {told['seconds']} s, {told['bytes']} bytes\n")
