"""D10 and X5: a disk that is full is told of, ends nothing, and loses nothing silently."""

import json
import subprocess
import sys
from pathlib import Path

from telephony.acd.model import Instant
from telephony.supervisor import logs
from telephony.watch import probes
from telephony.watch.alarms import Alarms
from telephony.watch.measures import Measures
from telephony.watch.sentences import sentence
from tests.watch.full_disk import fill, small_disk

WRITER = """
import os, sys
from config import logs
logs.configure("controller")
say = logs.logger().info
for _ in range(int(sys.argv[2])):
    say("leads")
os.truncate(sys.argv[1], 0)
say("took over")
print("worked")
"""


def test_a_real_disk_of_four_megabytes_raises_the_alarm_and_says_what_to_free(
    tmp_path: Path,
) -> None:
    with small_disk(tmp_path / "home", "4m") as home:
        fill(home)
        seen = Measures(disks=probes.disks((home,)))
        [disk] = seen.disks
        assert (disk.folder, disk.free, disk.size) == (home, 0, 4 << 20)
        alarms = Alarms()
        alarms.judge(seen, Instant(0))
        assert [alarm.id for alarm in alarms.raised] == ["disk_full", "disk_low"]
        english, _ = sentence("disk_full", seen, home)
        assert english.startswith(f"0 MiB are free on the disk of {home}: calls go on")
        assert "free 1024 MiB now" in english


def test_x5_whoever_logs_to_a_full_disk_works_on_and_tells_what_was_lost(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "64k") as disk:
        log = disk / "controller.log"
        with log.open("ab") as stderr:
            ended = subprocess.run(
                [sys.executable, "-c", WRITER, str(log), "3000"],
                stdout=subprocess.PIPE,
                stderr=stderr,
                check=False,
            )
        assert (ended.returncode, ended.stdout) == (0, b"worked\n")
        told = [json.loads(line) for line in log.read_text().splitlines() if line[:1] == "{"]
        after = [line["event"] for line in told if line["event"] != "leads"]
        assert after == ["took over", "log lines lost"]
        assert 1000 < told[-1]["count"] < 3000


def test_x5_on_a_full_disk_a_log_is_cut_to_its_end_and_that_makes_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "1m") as disk:
        log = disk / "redis.log"
        log.write_bytes(b"old text\n" * 80_000)
        (disk / "redis.log.1").write_text("from before\n")
        fill(disk)
        lost = logs.trim(log, largest=100_000)
        assert lost == 9 * 80_000 - logs.KEPT
        text = log.read_text()
        assert text.endswith(f"old text\n{lost} bytes before this were dropped: the disk is full\n")
        assert (disk / "redis.log.1").read_text() == "from before\n"
        assert not (disk / "redis.log.part").exists()
