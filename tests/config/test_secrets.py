"""Secrets are made once, kept to ourselves, and survive."""

import json
import re
from pathlib import Path

import pytest

from config.secrets import UnreadableSecretsError, ensure_secrets, read_secrets


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "secrets.json"


def test_they_survive_a_restart_and_a_new_seat_joins(path: Path) -> None:
    first = ensure_secrets(path, ["a01", "a02"])
    second = ensure_secrets(path, ["a02", "a03"])
    assert second.ari_password == first.ari_password
    assert second.caller_key_secret == first.caller_key_secret
    assert second.seat_passwords.keys() == {"a01", "a02", "a03"}
    assert second.seat_passwords["a01"] == first.seat_passwords["a01"]
    assert read_secrets(path) == second


def test_a_file_older_than_a_key_gets_it_and_keeps_the_rest(path: Path) -> None:
    old = {"ari_password": "a" * 48, "caller_key_secret": "c" * 48, "seat_passwords": {"a01": "p"}}
    path.write_text(json.dumps(old))
    assert read_secrets(path).archive_key == ""
    ensure_secrets(path, ["a01"])
    now = json.loads(path.read_text())
    assert now.items() > old.items()
    added = [now.pop(key) for key in ("archive_key", "audit_key", "factor_key")]
    assert {len(key) for key in added} == {64}
    assert len(set(added)) == 3
    browsers = now.pop("browser_passwords")
    assert browsers.keys() == {"a01"}
    assert browsers["a01"] not in {"", "p"}
    assert now == old | {"demo_password": ""}
    again = ensure_secrets(path, ["a01", "a02"])
    assert [again.archive_key, again.audit_key, again.factor_key] == added


def test_only_the_demo_has_a_well_known_password(path: Path) -> None:
    password = ensure_secrets(path, ["a01"], demo=True).demo_password
    assert re.fullmatch(r"[a-z]{5}-[a-z]{5}-[a-z]{5}", password)
    assert ensure_secrets(path, ["a01"], demo=True).demo_password == password
    assert ensure_secrets(path, ["a01"]).demo_password == ""


def test_no_two_are_alike(path: Path, tmp_path: Path) -> None:
    made = [ensure_secrets(each, ["a01", "a02"]) for each in (path, tmp_path / "other.json")]
    texts = [
        text
        for one in made
        for text in (
            one.ari_password,
            one.caller_key_secret,
            one.archive_key,
            *one.seat_passwords.values(),
        )
    ]
    assert len(set(texts)) == len(texts) == 10
    assert all(len(text) >= 32 and text.isalnum() for text in texts)


def test_nobody_else_can_read_them(path: Path) -> None:
    ensure_secrets(path, ["a01"])
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    read_secrets(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_printing_them_shows_nothing(path: Path) -> None:
    secrets = ensure_secrets(path, ["a01"])
    shown = f"{secrets} {secrets!r}"
    assert secrets.ari_password not in shown
    assert secrets.archive_key not in shown
    assert secrets.seat_passwords["a01"] not in shown


@pytest.mark.parametrize("damage", ["", "{", '{"ari_password": "x"}', "[]"])
def test_a_damaged_file_is_never_replaced_nor_quoted(path: Path, damage: str) -> None:
    path.write_text(damage)
    with pytest.raises(UnreadableSecretsError, match="restore it") as refused:
        ensure_secrets(path, ["a01"])
    assert path.read_text() == damage
    assert refused.value.__cause__ is None


def test_an_unchanged_file_is_not_written_again(path: Path) -> None:
    ensure_secrets(path, ["a01"])
    before = path.stat().st_mtime_ns, json.loads(path.read_text())
    ensure_secrets(path, ["a01"])
    assert (path.stat().st_mtime_ns, json.loads(path.read_text())) == before
