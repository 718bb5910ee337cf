"""The gate for Asterisk's version, where a controller, `up` and `check` begin."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from config.home import Home, Instance
from config.ports import Ports
from config.secrets import ensure_secrets
from telephony.app import UNFIT
from telephony.ari.rest import AriRest
from telephony.asterisk.version import UnfitAsterisk
from telephony.cli import files
from telephony.cli.options import DEMO_SITE
from telephony.runtime.errors import SetUpFault
from telephony.runtime.programs import Programs, find
from telephony.supervisor import prepare
from telephony.supervisor.problem import CannotStart
from telephony.watch.fit import until_fit
from tests.ari.server import serving
from tests.cli.run import Shell
from tests.homes import prepared
from tests.ports import a_base

WHICH_WORK = "22.10.1 or a later 22.x (below 23)"


def asterisk(
    version: str, not_before: int = 0
) -> Callable[[web.BaseRequest], Awaitable[web.Response]]:
    """An ARI that says it is this version, after refusing some requests."""
    asked: list[str] = []

    async def info(request: web.BaseRequest) -> web.Response:
        asked.append(request.path)
        if len(asked) <= not_before:
            return web.Response(status=503)
        assert request.path == "/ari/asterisk/info"
        system = {"version": version, "entity_id": "02:00:00:00:00:01"}
        started = {"startup_time": "2026-11-22T00:00:00.000+0000"}
        return web.json_response({"system": system, "status": started})

    return info


async def gate(version: str, not_before: int = 0) -> None:
    async with (
        serving(asterisk(version, not_before)) as url,
        AriRest(url, "u", "p") as ari,
        asyncio.timeout(10),
    ):
        await until_fit(ari)


async def test_a_controller_waits_for_asterisk_and_goes_on_with_a_fit_one() -> None:
    await gate("22.10.1+dfsg+~cs6.17.60671434-1", not_before=2)


@pytest.mark.parametrize("version", ["22.9.3", "23.0.0"])
async def test_a_controller_refuses_another_asterisk(version: str) -> None:
    with pytest.raises(UnfitAsterisk) as refused:
        await gate(version)
    assert WHICH_WORK in str(refused.value)


async def test_a_refused_controller_ends_with_the_sentence_and_a_status_of_its_own(
    tmp_path: Path,
) -> None:
    with a_base() as base, prepared(tmp_path / "home") as home:
        ensure_secrets(home.secrets, ["a01"])
        home.describe(Instance(Ports(base), DEMO_SITE, {}))
        runner = web.ServerRunner(web.Server(asterisk("23.1.0")))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", Ports(base).asterisk_http).start()
        try:
            status, said = await _controller(home)
        finally:
            await runner.cleanup()
    assert status == UNFIT
    assert WHICH_WORK in said.splitlines()[-1]


async def _controller(home: Home) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "telephony", "controller", "--home", str(home.path)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(60):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    return process.returncode, said.decode()


def _with_asterisk(version: str) -> Callable[[], Programs]:
    real = find()
    return lambda: replace(real, versions={**real.versions, "asterisk": version})


def test_up_refuses_to_start_with_another_asterisk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepare, "find", _with_asterisk("20.15.0"))
    with pytest.raises(CannotStart, match="以上 23 未満"):
        prepare.checked(DEMO_SITE)


def test_check_tells_of_another_asterisk_and_passes_without_any(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    madoguchi = Shell(capsys)
    assert madoguchi("check").status == 0
    monkeypatch.setattr(files, "find", _with_asterisk("20.15.0"))
    ended = madoguchi("check")
    assert ended.status == 1
    assert WHICH_WORK in ended.err

    def not_set_up() -> Programs:
        raise SetUpFault("not set up", "準備されていません")

    monkeypatch.setattr(files, "find", not_set_up)
    assert madoguchi("check").status == 0
