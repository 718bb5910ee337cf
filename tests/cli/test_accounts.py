"""`madoguchi users` and `madoguchi audit`, on a home where nothing runs."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.home import Home, Instance
from config.ports import Ports
from config.secrets import ensure_secrets
from telephony.cli.options import DEMO_SITE
from tests.cli.run import Ended, Shell
from tests.homes import prepared


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with prepared(tmp_path / "home") as made:
        ensure_secrets(made.secrets, ["a01"])
        made.describe(Instance(Ports(9200), DEMO_SITE))
        yield made


class Typing:
    """Commands on this home."""

    def __init__(self, shell: Shell, home: Home) -> None:
        self.shell, self.home = shell, str(home.path)

    def __call__(self, *words: str) -> Ended:
        return self.shell(*words, "--home", self.home)

    def json(self, *words: str) -> Any:
        ended = self(*words, "--json")
        assert (ended.status, ended.err) == (0, "")
        return json.loads(ended.out)


@pytest.fixture
def typed(madoguchi: Shell, home: Home) -> Typing:
    return Typing(madoguchi, home)


NUMBER = "000000000019"  # a valid check digit, and nobody's
ADD = ("users", "add", "aoki", "--role", "agent", "--announced", "青木")


def test_an_account_from_its_beginning_to_its_end(typed: Typing) -> None:
    made = typed.json(*ADD, "--until", "2027-03-31", "--designation", "第1号-3")
    assert len(made["password"]) == 19
    (user,) = typed.json("users", "list")
    assert user["name"] == "aoki"
    assert user["announced_name"] == "青木"
    assert user["must_change_password"] is True
    assert "password" not in user
    assert "2027-03-31" in typed("users", "list").out
    assert typed.json("users", "change", "aoki", "--role", "supervisor")["role"] == "supervisor"
    assert typed.json("users", "disable", "aoki")["enabled"] is False
    assert typed.json("users", "enable", "aoki")["enabled"] is True
    assert typed.json("users", "reset-password", "aoki")["password"] != made["password"]


def test_factors_and_displays(typed: Typing, tmp_path: Path) -> None:
    typed(*ADD)
    seed = tmp_path / "seed.txt"
    seed.write_text("3132333435363738393031323334353637383930\n")
    how = ("--label", "No. 7", "--kind", "hotp", "--seed-file", str(seed))
    factor = typed.json("users", "factor", "add", "aoki", *how)["factor"]
    assert typed.json("users", "list")[0]["factors"][0]["label"] == "No. 7"
    assert typed("users", "factor", "allow-key", "aoki").status == 0
    assert typed("users", "factor", "remove", "aoki", factor).status == 0
    assert typed.json("users", "list")[0]["factors"] == []
    typed("users", "add", "board", "--role", "display", "--announced", "掲示板")
    made = typed.json("users", "display", "add", "board", "--label", "入口")
    assert len(made["token"]) > 40
    assert [each["label"] for each in typed.json("users", "display", "list")] == ["入口"]
    assert typed("users", "display", "revoke", made["display"]).status == 0
    assert typed.json("users", "display", "list")[0]["revoked_at"] is not None


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (ADD, "Somebody signs in with this name. Choose another."),
        (("users", "add", "Aoki", "--role", "agent", "--announced", "青木"), "lower-case letters"),
        (("users", "disable", "nobody"), "There is no such thing."),
        (("users", "change", "aoki"), "nothing is to be changed"),
        (("users", "display", "add", "aoki", "--label", "x"), "Choose a user of the role display."),
        ((*ADD[:2], "ueda", *ADD[3:6], NUMBER), "may be an individual number"),
        (("users", "change", "aoki", "--designation", NUMBER), "may be an individual number"),
        (("users", "display", "add", "aoki", "--label", NUMBER), "may be an individual number"),
    ],
)
def test_a_mistake_is_one_sentence(typed: Typing, words: tuple[str, ...], says: str) -> None:
    typed(*ADD)
    ended = typed(*words)
    assert ended.status == 2
    assert says in ended.sentence
    assert NUMBER not in ended.err


def test_the_audit_log_is_proved_and_a_checkpoint_kept(typed: Typing, tmp_path: Path) -> None:
    typed(*ADD)
    assert typed.json("audit", "verify") == {
        "sound": True, "lines": 1, "fault": None, "at": None,
        "head": {"seq": 1, "hash": typed.json("audit", "verify")["head"]["hash"]},
    }  # fmt: skip
    kept = tmp_path / "head.json"
    kept.write_text(typed("audit", "head").out)
    typed("users", "disable", "aoki")
    assert typed("audit", "verify", "--head", str(kept)).status == 0
    with sqlite3.connect(f"{typed.home}/madoguchi.db") as database:
        database.execute("DELETE FROM audit WHERE seq = 2")
    database.close()
    ended = typed("audit", "verify")
    assert (ended.status, ended.out) == (1, "")
    assert "lines are missing at the end" in ended.err
    assert typed("audit", "head").status == 2
    kept.write_text("{}")
    assert (
        "is nothing that `madoguchi audit head` printed"
        in typed("audit", "verify", "--head", str(kept)).sentence
    )


def test_without_a_home_there_is_nothing_to_ask(madoguchi: Shell, tmp_path: Path) -> None:
    ended = madoguchi("users", "list", "--home", str(tmp_path / "none"))
    assert (ended.status, "no system at" in ended.sentence) == (2, True)
