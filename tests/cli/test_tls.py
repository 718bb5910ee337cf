"""`tls`: a certificate that is made, or taken when it is fit, and the sheet for the PCs."""

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from config.certificates import issue, new_authority
from config.clock import Clock
from telephony.cli.browser_policy import for_registry
from telephony.cli.options import DEMO_SITE
from tests.cli.run import Shell

NAME = "madoguchi.city.example"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site whose desk has a name."""
    folder = tmp_path / "site"
    shutil.copytree(DEMO_SITE, folder)
    tell_site(folder, {"names": [NAME]})
    return folder


def tell_site(folder: Path, desk: Mapping[str, object]) -> None:
    held = yaml.safe_load((folder / "site.yaml").read_text(encoding="utf-8"))
    held["desk"] = dict(desk)
    text = yaml.safe_dump(held, allow_unicode=True)
    (folder / "site.yaml").write_text(text, encoding="utf-8")


def on(tmp_path: Path, site: Path) -> tuple[str, ...]:
    return ("--home", str(tmp_path / "home"), "--site", str(site))


def test_it_makes_one_authority_and_renews_the_certificate_by_it(
    madoguchi: Shell, tmp_path: Path, site: Path
) -> None:
    folder = tmp_path / "home" / "tls"
    address = ("--name", "192.0.2.7")
    made = madoguchi("tls", "make", *on(tmp_path, site), *address)
    assert made.status == 0, made.err
    assert f"certificate: {folder / 'desk.pem'}" in made.out
    authority = (folder / "ca.pem").read_bytes()
    first = (folder / "desk.pem").read_bytes()
    assert madoguchi("tls", "make", *on(tmp_path, site)).status == 0
    assert (folder / "ca.pem").read_bytes() == authority
    assert (folder / "desk.pem").read_bytes() != first
    shown = madoguchi("tls", "show", *on(tmp_path, site), "--json")
    told = json.loads(shown.out)
    assert (shown.status, told["names"], told["days_left"]) == (0, [NAME], 396)


def test_it_is_made_for_a_desk_that_is_open_to_the_network_already(
    madoguchi: Shell, tmp_path: Path, site: Path
) -> None:
    open_to_all = {"names": [NAME], "host": "192.0.2.7"}
    tell_site(site, open_to_all)
    assert madoguchi("check", str(site)).status != 0  # for want of a certificate
    made = madoguchi("tls", "make", *on(tmp_path, site))
    assert made.status == 0, made.err
    lines = (line.split(": ") for line in made.out.splitlines() if line.startswith("    "))
    tell_site(site, open_to_all | {key.strip(): value for key, value in lines})
    assert madoguchi("check", str(site)).status == 0


def test_an_authority_whose_key_is_anothers_is_refused_and_nothing_changes(
    madoguchi: Shell, tmp_path: Path, site: Path
) -> None:
    folder = tmp_path / "home" / "tls"
    assert madoguchi("tls", "make", *on(tmp_path, site)).status == 0
    before = (folder / "desk.pem").read_bytes()
    (folder / "ca.key").write_bytes(new_authority("市", (NAME,), Clock().wall()).key)
    refused = madoguchi("tls", "make", *on(tmp_path, site))
    assert (refused.status, "do not belong together" in refused.sentence) == (2, True)
    (folder / "ca.key").unlink()
    assert madoguchi("tls", "make", *on(tmp_path, site)).status == 2
    assert (folder / "desk.pem").read_bytes() == before
    assert madoguchi("tls", "make", *on(tmp_path, site), "--new-authority").status == 0
    assert (folder / "ca.pem").read_bytes() in (folder / "desk.pem").read_bytes()


def test_a_name_that_the_authority_was_not_made_for_takes_another_authority(
    madoguchi: Shell, tmp_path: Path, site: Path
) -> None:
    ca = tmp_path / "home" / "tls" / "ca.pem"
    assert madoguchi("tls", "make", *on(tmp_path, site)).status == 0
    first = ca.read_bytes()
    more = ("tls", "make", *on(tmp_path, site), "--name", "192.0.2.7")
    refused = madoguchi(*more)
    assert refused.status == 2
    assert "may not sign for 192.0.2.7" in refused.sentence
    assert "--new-authority" in refused.sentence
    assert ca.read_bytes() == first
    assert madoguchi(*more, "--new-authority").status == 0
    assert ca.read_bytes() != first
    assert madoguchi(*more).status == 0


def test_the_citys_own_is_taken_only_when_it_fits(
    madoguchi: Shell, tmp_path: Path, site: Path
) -> None:
    now = Clock().wall()
    city = new_authority("市", (NAME, "other.city.example"), now)
    files = tmp_path / "theirs.pem", tmp_path / "theirs.key"
    words = ("--certificate", str(files[0]), "--key", str(files[1]))
    issue(city, ("other.city.example",), now).write(*files)
    refused = madoguchi("tls", "take", *on(tmp_path, site), *words)
    assert refused.status == 2
    assert f"it is not for {NAME}" in refused.sentence
    assert madoguchi("tls", "show", *on(tmp_path, site)).status == 2  # nothing was taken
    issue(city, (NAME,), now).write(*files)
    assert madoguchi("tls", "take", *on(tmp_path, site), *words).status == 0
    # One that ends soon is shown with status 1, as scripts want it.
    issue(city, (NAME,), now - 340 * 86_400).write(*files)
    assert madoguchi("tls", "take", *on(tmp_path, site), *words).status == 0
    assert madoguchi("tls", "show", *on(tmp_path, site)).status == 1


def test_the_sheet_names_every_policy_with_the_desks_address(
    madoguchi: Shell, tmp_path: Path, site: Path
) -> None:
    assert madoguchi("tls", "make", *on(tmp_path, site)).status == 0
    out = tmp_path / "out"
    words = ("--out", str(out), "--port", "443")
    assert madoguchi("tls", "policy", *on(tmp_path, site), *words).status == 0
    sheet = (out / "browser-policy.md").read_text(encoding="utf-8")
    registry = (out / "browser-policy.reg").read_bytes().decode("utf-16")
    assert str(tmp_path / "home" / "tls" / "ca.pem") in sheet
    assert f"`https://{NAME}`" in sheet
    for policy in ("AudioCaptureAllowedUrls", "NotificationsAllowedForUrls", "AutoplayAllowlist"):
        for maker in (r"Microsoft\Edge", r"Google\Chrome"):
            key = f"[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\{maker}\\{policy}]"
            assert list(entries(registry)[key].values()) == [f"https://{NAME}"]
        assert f"`{policy}`" in sheet
    assert "; 値の名前はアドレスから決まる10桁の番号です" in registry
    assert "グループポリシーは適用のたびに一覧全体を置き換える" in sheet
    assert r"Microsoft\Edge\SleepingTabsBlockedForUrls]" in registry
    assert r"Google\Chrome\TabDiscardingExceptions]" in registry


def test_no_entry_of_the_citys_own_is_overwritten() -> None:
    """Theirs are 1, 2, 3, ..., and another centre's have their own numbers; imported again, ours
    take the place of ours. The browsers read numbers of 32 bits only, and gaps do not matter."""
    origins = [f"https://desk{each}.city.example" for each in range(200)]
    there, again = entries(for_registry(origins)), entries(for_registry([*origins][::-1]))
    assert there == again
    assert {len(each) for each in there.values()} == {len(origins)}
    assert all(number in range(10**9, 2**31) for each in there.values() for number in each)


def entries(registry: str) -> dict[str, dict[int, str]]:
    """Key by key, as Windows would keep them: a value of the same name is replaced."""
    kept: dict[str, dict[int, str]] = {}
    for line in registry.split("\r\n"):
        if line.startswith("["):
            kept[line] = {}
        elif found := re.fullmatch(r'"(\d+)"="(.+)"', line):
            kept[next(reversed(kept))][int(found[1])] = found[2]
    return kept


def test_without_a_name_it_says_what_to_name(madoguchi: Shell, tmp_path: Path) -> None:
    unnamed = madoguchi("tls", "make", *on(tmp_path, DEMO_SITE))
    assert (unnamed.status, "--name HOST" in unnamed.sentence) == (2, True)
