"""`madoguchi up` keeps the desk: people sign in, sit at a real controller's seat, and stay so."""

import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from agents.app import CannotServe
from agents.app import run_desk as run
from agents.web.security import Door
from config.home import Home, Instance
from config.ports import Ports
from config.secrets import ensure_secrets
from config.site import describe, load
from telephony.cli.options import DEMO_SITE
from tests.agents.asking import Browser, browser
from tests.homes import prepared
from tests.supervisor.instance import Instance as Started
from tests.supervisor.instance import instance


@pytest.fixture
async def one(tmp_path: Path) -> AsyncIterator[Started]:
    async with instance(tmp_path / "home") as started:
        yield started


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield session


async def signed_in(page: Browser, name: str, password: str) -> None:
    told = await page.ask("POST", "/api/session", {"name": name, "password": password})
    assert told.status == 200, told.body
    page.csrf = told.body["csrf"]


async def at_a01(one: Started) -> tuple[str, str | None]:
    """By the controller's word: what the seat does, and who sits there."""
    agents = (await one.status())["agents"]
    found = next(each for each in agents if each["seat"] == "a01")
    return found["state"], found["person"]


@pytest.mark.asterisk
async def test_the_demos_people_sign_in_and_a_dead_desk_comes_back_with_them(
    one: Started, http: aiohttp.ClientSession
) -> None:
    home, base = str(one.home.path), str(one.base)
    up = await one.up(sys.executable, "-m", "telephony", "up", "--home", home, "--port-base", base)
    await up.ready()
    await one.until(lambda pids: "desk" in pids)
    password = re.search(r"共通パスワード: (\S+)", "\n".join(up.printed))
    assert password
    door = Door(one.base + 80)
    page, admin = browser(http, door), browser(http, door, "admin.localhost")
    await signed_in(page, "a01", password[1])
    await signed_in(admin, "admin", password[1])
    people = (await admin.ask("GET", "/api/users")).body["users"]
    assert {"a01", "a06", "s01", "manager", "display"} <= {each["name"] for each in people}

    user = next(each["id"] for each in people if each["name"] == "a01")
    assert (await page.ask("POST", "/api/seat", {"seat": "a01"})).status == 200
    assert await at_a01(one) == ("paused", user)

    before = await one.pids()
    os.kill(before["desk"], signal.SIGKILL)
    after = await one.until(lambda now: now.get("desk", before["desk"]) != before["desk"])
    assert {name for name in after if after[name] != before.get(name)} == {"desk"}
    told = (await page.ask("GET", "/api/session")).body
    assert (told["signed_in"], told["user"]["name"], told["csrf"]) == (True, "a01", page.csrf)
    assert told["seat"] == "a01"
    assert (await page.ask("DELETE", "/api/session")).status == 204
    assert await at_a01(one) == ("signed_out", None)
    assert await up.interrupt() == 0
    assert one.processes() == []


# -- what it refuses ----------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.at(tmp_path / "home")


async def test_an_open_address_without_a_certificate_is_refused(home: Home) -> None:
    """Also where the check of the site is older than the settings that were kept."""
    with prepared(home.path) as made:
        ensure_secrets(made.secrets, ["a01"])
        broken = made.path / "broken"
        broken.mkdir()
        made.site.write_text(describe(load(DEMO_SITE)), encoding="utf-8")
        made.desk_settings.write_text(json.dumps({"host": "192.0.2.7"}))
        made.describe(Instance(Ports(9200), broken))
        with pytest.raises(CannotServe, match="would be open to the network: name a certificate"):
            await run(made)
