"""The whole product as `madoguchi up` starts it, asked and told by the other commands."""

import json
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from config.home import Home
from tests.cli.run import Shell
from tests.homes import forget_runtime
from tests.ports import a_base

pytestmark = [pytest.mark.asterisk, pytest.mark.xdist_group("cli")]

STARTS_WITHIN = 180.0  # seconds; beside much other work
ENDS_WITHIN = 30.0
LINE = {"number", "state", "call", "agent", "since"}
AGENT = {"name", "seat", "state", "reason", "since"}
QUEUE = {"name", "waiting", "longest_wait"}


@dataclass(frozen=True)
class Running:
    """A started system."""

    home: str
    base: int
    printed: list[str]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("市役所 1") / "home"  # people name folders as they like
    with a_base() as base:
        words = ("up", "--home", str(home), "--port-base", str(base))
        with subprocess.Popen(
            [sys.executable, "-m", "telephony", *words], stdout=subprocess.PIPE, bufsize=0
        ) as process:
            try:
                yield Running(str(home), base, _until_ready(process, home))
            finally:
                process.send_signal(signal.SIGINT)
                status = process.wait(ENDS_WITHIN)
            assert status == 0
    forget_runtime(Home.at(home))


def _until_ready(process: subprocess.Popen[bytes], home: Path) -> list[str]:
    assert process.stdout is not None
    printed: list[str] = []
    until = monotonic() + STARTS_WITHIN
    while select.select([process.stdout], [], [], max(0.0, until - monotonic()))[0]:
        line = process.stdout.readline().decode()
        printed.append(line.rstrip())
        if "ready 受付中" in line:
            return printed
        if not line:
            break
    log = (home / "log" / "controller-1.log").read_text().splitlines()
    raise AssertionError("\n".join(["it is not ready:", *printed, *log[-20:]]))


def _json(madoguchi: Shell, running: Running, *words: str) -> Any:
    ended = madoguchi(*words, "--json", "--home", running.home)
    assert (ended.status, ended.err) == (0, "")
    return json.loads(ended.out)


def _all_up(madoguchi: Shell, running: Running) -> Any:
    """The status once every part is up: calls can be taken before standby and desk are there."""
    until = monotonic() + STARTS_WITHIN
    while True:
        told = _json(madoguchi, running, "status")
        if monotonic() > until or all(part["state"] == "up" for part in told["parts"]):
            return told


def test_what_is_printed_tells_how_to_phone(running: Running) -> None:
    printed = "\n".join(running.printed)
    assert f"sip:0942000100@127.0.0.1:{running.base + 2}" in printed
    assert f"127.0.0.1:{running.base + 3}" in printed
    assert f"madoguchi seats --home '{running.home}'" in printed
    assert "a01" in printed


def test_status_has_the_keys_that_scripts_rely_on(madoguchi: Shell, running: Running) -> None:
    told = _all_up(madoguchi, running)
    assert told["ready"] is True
    assert [line["number"] for line in told["lines"]] == [1, 2, 3, 4, 5, 6]
    assert {queue["name"] for queue in told["queues"]} == {"booking", "general"}
    assert {part["name"]: part["state"] for part in told["parts"]} == {
        "asterisk": "up",
        "redis": "up",
        "controller": "up",
        "standby": "up",
        "desk": "up",
    }
    assert all(line.keys() >= LINE for line in told["lines"])
    assert all(agent.keys() >= AGENT for agent in told["agents"])
    assert all(queue.keys() >= QUEUE for queue in told["queues"])
    asterisk = next(part for part in told["parts"] if part["name"] == "asterisk")
    assert asterisk["version"].startswith("22.")


def test_status_for_people(madoguchi: Shell, running: Running) -> None:
    ended = madoguchi("status", "--home", running.home)
    assert ended.status == 0
    assert ended.out.startswith("ready 受付中\n")
    assert "窓口1" in ended.out


def test_lines_and_agents(madoguchi: Shell, running: Running) -> None:
    lines, agents = _json(madoguchi, running, "lines"), _json(madoguchi, running, "agents")
    assert {line["state"] for line in lines} == {"idle"}
    assert {line["since"] for line in lines} == {None}
    assert next(agent["since"] for agent in agents if agent["seat"] == "a06") is None
    assert [agent["seat"] for agent in agents][:6] == [f"a0{n}" for n in range(1, 7)]


def test_an_agents_day(madoguchi: Shell, running: Running) -> None:
    def state(seat: str) -> tuple[str, str | None]:
        agents = _json(madoguchi, running, "agents")
        return next((a["state"], a["reason"]) for a in agents if a["seat"] == seat)

    def does(*words: str) -> None:
        ended = madoguchi("agent", "a02", *words, "--home", running.home)
        assert (ended.status, ended.err) == (0, "")

    does("ready")
    assert state("a02") == ("ready", None)
    does("pause", "休憩")
    assert state("a02") == ("paused", "休憩")
    does("sign-out")
    assert state("a02") == ("signed_out", None)


def test_what_the_controller_refuses_is_one_sentence(madoguchi: Shell, running: Running) -> None:
    ended = madoguchi("agent", "a03", "hang-up", "--home", running.home)
    assert (ended.status, ended.out) == (2, "")
    assert ended.sentence.startswith("a03: ")


def test_seats_open_the_phones(madoguchi: Shell, running: Running) -> None:
    seats = _json(madoguchi, running, "seats")
    assert [seat["seat"] for seat in seats] == [*(f"a0{n}" for n in range(1, 7)), "s01"]
    assert all(seat.keys() == {"seat", "user", "password"} for seat in seats)
    assert len({seat["password"] for seat in seats}) == len(seats)


def test_restarting_the_controller(madoguchi: Shell, running: Running) -> None:
    before = _json(madoguchi, running, "status")
    assert madoguchi("restart", "controller", "--home", running.home).status == 0
    after = _json(madoguchi, running, "status")
    assert after["controller"]["epoch"] > before["controller"]["epoch"]


def test_a_part_that_is_not_there(madoguchi: Shell, running: Running) -> None:
    ended = madoguchi("restart", "kitchen", "--home", running.home)
    assert ended.status == 2
    assert "asterisk, redis, desk, controller, standby, all" in ended.sentence


def test_a_second_up_says_who_was_first(madoguchi: Shell, running: Running) -> None:
    ended = madoguchi("up", "--home", running.home, "--port-base", str(running.base))
    assert ended.status == 2
    assert "another `madoguchi up` (pid " in ended.sentence
