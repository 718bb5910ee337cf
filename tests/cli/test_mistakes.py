"""Whatever a user gets wrong is answered by one sentence and status 2."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.home import Instance
from config.ports import Ports
from config.secrets import ensure_secrets
from telephony.cli.options import DEMO_SITE
from tests.cli.run import Shell
from tests.homes import prepared

ASKING = (
    ["status"],
    ["lines"],
    ["agents", "--json"],
    ["agent", "a01", "ready"],
    ["restart", "controller"],
)


@pytest.fixture
def stopped(tmp_path: Path) -> Iterator[str]:
    """A home that was started once and runs no more."""
    with prepared(tmp_path / "home") as home:
        home.describe(Instance(Ports(8000), DEMO_SITE))
        ensure_secrets(home.secrets, ["a01", "a02", "s01"])
        yield str(home.path)


@pytest.mark.parametrize(
    "words", [*ASKING, ["seats"], ["calls"], ["controller"]], ids=lambda words: words[0]
)
def test_no_such_home(madoguchi: Shell, tmp_path: Path, words: list[str]) -> None:
    ended = madoguchi(*words, "--home", str(tmp_path / "nowhere"))
    assert (ended.status, ended.out) == (2, "")
    assert f"no system at {tmp_path / 'nowhere'}" in ended.sentence
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("words", ASKING, ids=lambda words: words[0])
def test_nothing_running(madoguchi: Shell, stopped: str, words: list[str]) -> None:
    ended = madoguchi(*words, "--home", stopped)
    assert (ended.status, ended.out) == (2, "")
    assert stopped in ended.sentence
    assert "runs on" in ended.sentence or "nothing is running" in ended.sentence


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["agent", "x99", "ready"], "no seat 'x99': the seats are a01, a02"),
        (["agent", "a01", "dance"], "choose one of sign-in, ready, pause"),
        (["agent", "a01", "pause"], "`pause` needs a REASON"),
        (["agent", "a01", "pause", " "], "`pause` needs a REASON"),
        (["agent", "a01", "pause", "長" * 41], "40 characters"),
        (["agent", "a01", "pause", "0942-00-1234 山田様"], "電話番号"),
        (["agent", "a01", "pause", "0942-00-1234\nx"], "電話番号"),
        (["agent", "a01", "pause", "休憩\nx"], "改行"),
        (["agent", "a01", "pause", "休憩\udcff"], "改行"),
        (["agent", "a01", "transfer"], "`transfer` needs a TARGET"),
        (["agent", "a01", "transfer", "x99"], "no seat 'x99'"),
        (["agent", "a01", "ready", "now"], "choose one of reserve, card_pre, card_post"),
        (["agent", "a01", "hold", "now"], "`hold` takes nothing more"),
        (["agent", "a01", "sign-in"], "`sign-in` needs the id of a PERSON"),
        (["agent"], "Missing argument 'SEAT'"),
        (["calls", "--limit", "0"], "'--limit'"),
        (["lines", "--colour"], "'--colour'"),
    ],
)
def test_a_request_without_sense(
    madoguchi: Shell, stopped: str, words: list[str], part: str
) -> None:
    ended = madoguchi(*words, "--home", stopped)
    assert (ended.status, ended.out) == (2, "")
    assert part in ended.sentence


@pytest.mark.parametrize("words", [["check"], ["up", "--site"]], ids=lambda words: words[0])
def test_a_site_that_is_not_there_is_said_once(
    madoguchi: Shell, tmp_path: Path, words: list[str]
) -> None:
    ended = madoguchi(*words, str(tmp_path / "nowhere"))
    assert (ended.status, ended.out) == (2, "")
    assert "nowhere' does not exist" in ended.sentence


def test_an_unknown_command(madoguchi: Shell) -> None:
    ended = madoguchi("dance")
    assert ended.status == 2
    assert "'dance'" in ended.sentence


@pytest.mark.parametrize("base", ["8001", "200", "20000", "-200"])
def test_a_bad_port_base(madoguchi: Shell, tmp_path: Path, base: str) -> None:
    ended = madoguchi("up", "--home", str(tmp_path / "home"), f"--port-base={base}")
    assert ended.status == 2
    assert "a multiple of 200" in ended.sentence
    assert not (tmp_path / "home").exists()


def test_seats_can_be_read_while_nothing_runs(madoguchi: Shell, stopped: str) -> None:
    ended = madoguchi("seats", "--home", stopped)
    assert ended.status == 0
    assert "127.0.0.1:8003" in ended.out
    assert ended.err == ""


def test_passwords_of_a_real_site_are_shown_to_whoever_says_so(
    madoguchi: Shell, tmp_path: Path
) -> None:
    site = Path(shutil.copytree(DEMO_SITE, tmp_path / "site"))
    text = (site / "site.yaml").read_text(encoding="utf-8")
    real = text.replace("0942000100", "0942000200").replace("always_open: true", "")
    (site / "site.yaml").write_text(real, encoding="utf-8")
    with prepared(tmp_path / "home") as home:
        home.describe(Instance(Ports(8000), site))
        password = ensure_secrets(home.secrets, ["a01"]).seat_passwords["a01"]
        where = ("--home", str(home.path))
        for words in (("seats",), ("seats", "--json")):
            ended = madoguchi(*words, *where)
            assert (ended.status, ended.out) == (2, "")
            assert "--show-passwords" in ended.sentence
            assert password not in ended.err
        ended = madoguchi("seats", "--show-passwords", *where)
        assert ended.status == 0
        assert password in ended.out


def test_help_names_every_command(madoguchi: Shell) -> None:
    ended = madoguchi("--help")
    assert ended.status == 0
    for name in ("up", "restart", "status", "lines", "agents", "agent", "seats", "calls", "check"):
        assert f"\n  {name} " in ended.out
