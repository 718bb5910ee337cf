"""A site directory, whole and broken."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from config.site import Desk, Phones, Seat, Site, SiteFaults, Trunk, describe, load, revive
from config.site_model import Extension
from ivr_flows.hours import DAY, Span
from telephony.centre.tolls import dialable

DEMO = Path(__file__).parents[2] / "config" / "site"
HOURS = """# Tables.
phone: {every_day: 0:00-24:00}
contract: {weekdays: 8:30-17:15, thursday: 8:30-19:00}
"""
EXAMPLE = DEMO.parent / "examples" / "carrier"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A copy of the demo site to break, with tables of hours besides its calendar."""
    copy = Path(shutil.copytree(DEMO, tmp_path / "site"))
    (copy / "hours.yaml").write_text(HOURS, encoding="utf-8")
    return copy


def change(site: Path, file: str, old: str, new: str) -> None:
    path = site / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.parent.mkdir(exist_ok=True)
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def own_flow(site: Path) -> Path:
    flows = site / "flows"
    flows.mkdir()
    shipped = Path(__file__).parents[2] / "ivr_flows" / "flows" / "main.yaml"
    return Path(shutil.copy(shipped, flows / "main.yaml"))


def told(site: Path) -> list[str]:
    """The faults as people read them, with paths relative to the site."""
    with pytest.raises(SiteFaults) as caught:
        load(site)
    return [str(fault).replace(f"{site}/", "") for fault in caught.value.faults]


def test_the_demo_site() -> None:
    demo = load(DEMO)
    assert demo.name == "久留米市マイナンバーカードコールセンター"
    assert demo.lines == (1, 2, 3, 4, 5, 6)
    assert demo.dids == ("0942000100",)
    assert demo.trunk == Trunk(
        "127.0.0.1",
        None,
        ("127.0.0.1",),
        ("ulaw", "alaw"),
        "ruri",
        None,
        None,
        sessions=8,
        qualify_every=0,
    )
    assert demo.busy_tone_visible
    assert list(demo.queues) == ["booking", "general"]
    assert list(demo.seats) == ["a01", "a02", "a03", "a04", "a05", "a06", "s01"]
    assert demo.seats["s01"] == Seat("s01", "管理者", "supervisor", (), frozenset())
    assert {queue.wrap_up_for for queue in demo.queues.values()} == {5.0}
    assert demo.hours == {}
    assert demo.calendar is not None
    assert demo.always_open
    assert demo.numbers["lost_card"] == "0120-95-0178"
    assert set(demo.extensions) == {"card_section", "switchboard"}
    reached = [dialable(each.number) for each in demo.extensions.values()]
    assert all(each.startswith("0942002") for each in reached)  # which nobody can have
    assert demo.tolls.allow == ("0942002",)


def test_a_table_of_hours_is_read_by_the_week(site: Path) -> None:
    tables = load(site).hours
    assert tables["phone"].spans[-1] == Span(6 * DAY, 7 * DAY)
    assert tables["contract"].spans[3] == Span(3 * DAY + 510, 3 * DAY + 1140)


def test_the_digest_tells_content_and_nothing_else(site: Path) -> None:
    (site / "hours.yaml").unlink()
    before = load(site).digest
    assert before == load(DEMO).digest
    text = (site / "seats.yaml").read_text(encoding="utf-8")
    (site / "seats.yaml").write_text("# a comment\n" + text, encoding="utf-8")
    change(site, "site.yaml", "flow: main\n", "")  # which is the default
    assert load(site).digest == before
    change(site, "queues.yaml", "ring_for: 15", "ring_for: 16")
    assert load(site).digest != before


def test_the_digest_covers_flows_and_numbers(site: Path) -> None:
    digests = {load(site).digest}
    change(site, "numbers.yaml", "lost_card: 0120-95-0178", "lost_card: 0942-00-0178")
    digests.add(load(site).digest)
    own_flow(site)
    change(site, "flows/main.yaml", "timeout: 4", "timeout: 6")
    digests.add(load(site).digest)
    assert len(digests) == 3


def test_a_site_can_be_read_back_from_its_description(site: Path) -> None:
    change(
        site,
        "seats.yaml",
        "queues: [booking, general]",
        "queues: [general], skills: [d, b, a, e, c, f]",
    )
    loaded = load(site)
    assert revive(describe(loaded)) == replace(loaded, desk=Desk())
    assert isinstance(revive(describe(loaded)), Site)
    assert '"skills":["a","b","c","d","e","f"]' in describe(loaded)  # whatever the hash seed


def test_the_sites_own_flow_wins(site: Path) -> None:
    own_flow(site)
    change(site, "flows/main.yaml", "timeout: 4", "timeout: 7")
    assert load(site).flows["main"].nodes["main"].model_dump()["timeout"] == 7.0


def test_a_trunk_with_an_account_finds_its_password_beside_it(site: Path) -> None:
    change(site, "site.yaml", "ruri", "to\n  username: city\n  password_file: secrets/trunk")
    assert load(site).trunk.password_file == str(site / "secrets" / "trunk")


def test_a_password_may_be_in_the_environment_and_is_in_no_description(site: Path) -> None:
    change(site, "site.yaml", "ruri", "to\n  username: city\n  password_env: CARRIER_PASSWORD")
    assert load(site).trunk.password_env == "CARRIER_PASSWORD"
    assert "CARRIER_PASSWORD" not in describe(load(site))


def test_the_example_of_a_carriers_profile_is_sound() -> None:
    trunk = load(EXAMPLE).trunk
    assert (trunk.username, trunk.password_env) == ("0942000100", "CARRIER_PASSWORD")
    assert load(EXAMPLE).busy_tone_visible


def test_a_busy_tone_is_seen_only_with_two_sessions_to_spare(site: Path) -> None:
    change(site, "site.yaml", "sessions: 8", "sessions: 7")
    assert not load(site).busy_tone_visible
    change(site, "site.yaml", "  sessions: 7", "  # nobody asked")
    assert not load(site).busy_tone_visible


def test_whoever_finds_every_line_taken_is_spoken_to_on_channels_beyond_them(site: Path) -> None:
    assert load(site).overflow_lines == ()
    own_flow(site)
    crowded = "\n  all_busy: {kind: say, prompt: greeting, then: other_line}\n  goodbye:"
    change(site, "flows/main.yaml", "\n  goodbye:", crowded)
    change(site, "site.yaml", "sessions: 8", "sessions: 10")
    change(site, "site.yaml", "tolls:", "all_lines_busy: {lines: 2, exit: all_busy}\ntolls:")
    beyond = load(site)
    assert (beyond.lines, beyond.overflow_lines) == ((1, 2, 3, 4, 5, 6), (7, 8))
    assert beyond.busy_tone_visible
    change(site, "site.yaml", "sessions: 10", "sessions: 9")
    assert not load(site).busy_tone_visible  # the ninth would hear the carrier's


BROKEN = [
    (
        "site.yaml",
        "tolls:",
        "all_lines_busy: {lines: 3, exit: other_line}\ntolls:",
        "all_lines_busy.lines: the carrier must let lines + all_lines_busy.lines calls through",
    ),
    ("site.yaml", "tolls:", "all_lines_busy: {lines: 1}\ntolls:", "lines and exit go together"),
    (
        "site.yaml",
        "tolls:",
        "all_lines_busy: {lines: 1, exit: nowhere}\ntolls:",
        "all_lines_busy: exit: the flow has no node 'nowhere'",
    ),
    (
        "site.yaml",
        "tolls:",
        "all_lines_busy: {lines: 1, exit: general_queue}\ntolls:",
        "general_queue: calls of 'general' are recorded, but a caller can come here without",
    ),
    ("site.yaml", "sessions: 8", "sessions: 5", "site.yaml:15: trunk.sessions: the carrier lets 5"),
    ("site.yaml", "sessions: 8", "bind: eth0", "trunk.bind ('eth0') is no address such as"),
    (
        "site.yaml",
        "sessions: 8",
        "outbound_proxy: a:0",
        "trunk.outbound_proxy ('a:0') ends in no p",
    ),
    ("site.yaml", "sessions: 8", "auth_username: x", "trunk.auth_username: needs a username"),
    ("site.yaml", "sessions: 8", "session_timer: 100\n  session_timer_min: 200", "is shorter than"),
    ("site.yaml", "sessions: 8", "local_networks: [10.0.0.0/8]", "means nothing without an extern"),
    ("site.yaml", "ruri", "ruri\n  username: a\n  password_env: secret", "trunk.password_env ('se"),
    (
        "site.yaml",
        "ruri",
        "ruri\n  username: a\n  password_env: P\n  password_file: p",
        "trunk.password_env: the password is in a file or in the environment, not in both",
    ),
    ("site.yaml", "lines: 6", "lines: six", "site.yaml:4: lines ('six'): Input should be a valid"),
    ("site.yaml", "lines: 6", "lines: 0", "site.yaml:4: lines (0): Input should be greater"),
    ("site.yaml", "lines: 6\n", "", "site.yaml:2: the file lacks 'lines'"),
    ("site.yaml", "lines: 6", "linse: 6", "site.yaml:4: linse is not a setting that exists here"),
    ("site.yaml", "Asia/Tokyo", "Asia/Kurume", "site.yaml:3: timezone ('Asia/Kurume') is no time"),
    ("site.yaml", "Asia/Tokyo", "../Tokyo", "site.yaml:3: timezone ('../Tokyo') is no time zone"),
    ("site.yaml", "0942000100", "942000100", "site.yaml:5: dids.0 (942000100): Input should be"),
    ("site.yaml", "0942000100", "1101, 1101", "Input should be a valid string"),
    ("site.yaml", "0942000100", '"1101", "1101"', "site.yaml:5: dids names something twice"),
    ("site.yaml", "flow: main", "flow: night", "site.yaml:6: flow: there is no flow 'night'"),
    ("site.yaml", "host: 127.0.0.1", "host: a b", "trunk.host ('a b') is neither a host name nor"),
    ("site.yaml", "[127.0.0.1]", "[carrier]", "trunk.match.0 ('carrier') is no address or network"),
    ("site.yaml", "[127.0.0.1]", "[192.0.2.1/24]", "is no address or network"),
    ("site.yaml", "[ulaw, alaw]", "[mp3]", "trunk.codecs.0 ('mp3'): Input should be 'ulaw' or"),
    ("site.yaml", "ruri", "from", "trunk.dialled_from ('from'): Input should be 'ruri', 'to' or"),
    ("site.yaml", "ruri", "ruri\n  username: city", "trunk: username and password_file go togeth"),
    (
        "site.yaml",
        "flow: main",
        "flow: main\nphones: {bind: 192.0.2.2}",
        "site.yaml:7: phones.networks: has to name the networks that phones may register from",
    ),
    (
        "site.yaml",
        "flow: main",
        "flow: main\nphones: {networks: [192.0.2.0/24]}",
        "site.yaml:7: phones.networks: means nothing while phones.bind is this machine's loopback",
    ),
    (
        "site.yaml",
        "flow: main",
        "flow: main\nphones: {bind: 192.0.2.2, networks: [0.0.0.0/0]}",
        "would let the whole world register",
    ),
    ("queues.yaml", "ring_for: 15", "ring_for: on", "queues.yaml:3: booking.ring_for ('on'): Inpu"),
    ("queues.yaml", "ring_for: 15", "ring_for: -1", "booking.ring_for (-1): Input should be grea"),
    ("queues.yaml", "booking:", "Booking:", "queues.yaml:2: Booking ('Booking') is no name"),
    (
        "queues.yaml",
        "exit: waited_too_long",
        "exit: gone",
        "booking: exit: the flow has no node 'gone'",
    ),
    ("queues.yaml", "  exit: waited_too_long\n", "", "booking: has a limit but no exit"),
    ("queues.yaml", "general:", "other:", "general_queue: there is no queue 'general'"),
    ("queues.yaml", "general:", "other:", "queues.yaml:16: other: no seat serves this queue"),
    ("queues.yaml", "general:", "booking:", "repeats 'booking', which line 2 has already"),
    ("seats.yaml", "[booking, general]", "[boking]", "seats.yaml:1: a01: there is no queue 'bokin"),
    ("seats.yaml", "role: agent", "role: boss", "a01.role ('boss'): Input should be 'agent' or"),
    ("seats.yaml", "a01", "101", 'seats.yaml:1: has the key 101, which is no text; write "101"'),
    ("seats.yaml", "a01", '"101"', "101 ('101') is no name"),
    ("seats.yaml", "窓口1", '"a\\nb"', "may hold neither control characters nor any of"),
    ("seats.yaml", "窓口1", '" "', "must say something"),
    ("hours.yaml", "0:00-24:00", "closed", "hours.yaml:2: phone: is closed all week"),
    ("site.yaml", "lines: 6", "lines: 5", "calendar.yaml:6: base: 6 lines, but the site has 5"),
    ("hours.yaml", "{weekdays", "{wekdays", "contract.wekdays ('wekdays') is no day"),
    ("hours.yaml", "8:30-17:15", "17:15-8:30", "closes before it opens; to run past midnight"),
    ("numbers.yaml", "0120-0178-27", "abc", "foreign_languages_card ('abc') is no telephone"),
    ("numbers.yaml", "lost_card", "lost", "lost.prompt: there is no prompt 'number:lost_card'"),
]


@pytest.mark.parametrize(("file", "old", "new", "fault"), BROKEN)
def test_a_fault_is_told_with_its_line(
    site: Path, file: str, old: str, new: str, fault: str
) -> None:
    change(site, file, old, new)
    assert any(fault in line for line in told(site)), told(site)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("then: arrival", "then: arival", "flows/main.yaml:11: greeting.then: goes to 'arival'"),
        ("prompt: main_menu", "prompt: mein", "main.yaml:16: main.prompt: there is no prompt"),
        ("kind: menu", "kind: menue", "nodes.main: Input tag 'menue' found using 'kind' does not"),
        ("timeout: 4", "timeout: no", "main.yaml:18: nodes.main.timeout ('no'): Input should be"),
        ("queue: general", "queue: general, skill: sign", "nobody who serves 'general' has the sk"),
        ('"1": booking_way,', "1: booking,", "main.yaml:17: has the key 1, which is no text"),
        ("recording_notice: greeting", "recording_notice: x", "without having heard the recording"),
    ],
)
def test_a_fault_in_a_flow_is_told_with_its_line(
    site: Path, old: str, new: str, fault: str
) -> None:
    own_flow(site)
    change(site, "flows/main.yaml", old, new)
    assert any(fault in line for line in told(site)), told(site)


def test_phones_may_be_on_a_network_of_the_house(site: Path) -> None:
    change(
        site,
        "site.yaml",
        "flow: main",
        "flow: main\nphones: {bind: 192.0.2.2, networks: [192.0.2.0/24]}",
    )
    assert load(site).phones == Phones("192.0.2.2", ("192.0.2.0/24",))
    assert revive(describe(load(site))) == replace(load(site), desk=Desk())
    assert load(DEMO).phones == Phones("127.0.0.1")
    assert '"phones":{' not in describe(load(DEMO))  # exports of before keep their digest


def test_faults_of_all_files_come_at_once(site: Path) -> None:
    own_flow(site)
    change(site, "site.yaml", "lines: 6", "lines: 0")
    change(site, "queues.yaml", "ring_for: 15", "ring_for: on")
    change(site, "numbers.yaml", "0120-0178-27", "abc")
    change(site, "flows/main.yaml", "then: arrival", "then: arival")
    (site / "seats.yaml").unlink()
    files = {line.partition(":")[0] for line in told(site)}
    assert files == {"site.yaml", "queues.yaml", "numbers.yaml", "seats.yaml", "flows/main.yaml"}
    assert [line for line in told(site) if line.startswith("flows/main.yaml:11:")]


def test_a_file_nobody_reads_is_told(site: Path) -> None:
    (site / "queue.yml").write_text("{}")
    assert told(site) == [
        "queue.yml:1: is no file of a site; these are: "
        "site.yaml, queues.yaml, seats.yaml, numbers.yaml, "
        "calendar.yaml, holidays.yaml, register.yaml, hours.yaml, extensions.yaml"
    ]


def test_a_directory_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert len(told(tmp_path / "gone")) == 4


def test_an_empty_site_is_told(site: Path) -> None:
    for file in site.glob("*.yaml"):
        file.write_text("")
    assert len(told(site)) == 9


def test_every_file_may_be_any_plain_value(site: Path) -> None:
    for file in site.glob("*.yaml"):
        for content in ("7", "[]", "text", "{a: 1}", "{a: {b: []}}", "a: [[{}]]"):
            before = file.read_bytes()
            file.write_text(content)
            assert told(site)
            file.write_bytes(before)


def test_a_site_has_extensions_or_none(site: Path) -> None:
    (site / "extensions.yaml").unlink()
    assert load(site).extensions == {}
    (site / "extensions.yaml").write_text("town: {name: 市役所, number: 0942-00-0120}\n")
    assert load(site).extensions == {"town": Extension("市役所", "0942-00-0120")}


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("a01: {name: 市役所, number: 0942-00-0120}", "name of a seat already"),
        ("town: {name: 市役所, number: abc}", "no telephone number"),
        ("town: {name: 市役所}", "number"),
    ],
)
def test_an_extension_without_sense(site: Path, written: str, told: str) -> None:
    (site / "extensions.yaml").write_text(f"{written}\n")
    with pytest.raises(SiteFaults, match=told):
        load(site)
