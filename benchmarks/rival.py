"""Asterisk's own `app_queue`, loaded into the Asterisk that our product runs in.

Same process, same trunk, same agent's phone: only who decides is different. It is given its best
settings: one member, no announcements, no wrap-up, the shortest retry it has.
"""

from typing import Final

from config.home import Home
from telephony.asterisk.conf import conf, section
from telephony.asterisk.process import command
from telephony.runtime.programs import find

THEIRS: Final = "0942000200"
QUEUE: Final = "bench"


async def add_app_queue(home: Home, seat: str) -> None:
    """A second number, whose calls app_queue gives to the same seat."""
    (home.asterisk_etc / "queues.conf").write_text(_queues_conf(seat), "utf-8")
    programs = find()
    for text in (
        "module load app_queue.so",
        # More exact than the trunk's pattern, so it wins; `i` is not to wait for media.
        f"dialplan add extension {THEIRS},1,Answer(,i) into from-trunk",
        f"dialplan add extension {THEIRS},2,Queue({QUEUE}) into from-trunk",
    ):
        await command(programs, home, text)
    loaded = await command(programs, home, f"queue show {QUEUE}")
    if f"PJSIP/{seat}" not in loaded:
        raise RuntimeError(f"app_queue has no queue: {loaded.strip()}")


def _queues_conf(seat: str) -> str:
    general = section("general", ("persistentmembers", False), ("autofill", True))
    queue = section(
        QUEUE,
        ("strategy", "leastrecent"),
        ("timeout", 15),
        ("retry", 1),
        ("wrapuptime", 0),
        ("ringinuse", False),
        ("autofill", True),
        ("announce-frequency", 0),
        ("announce-holdtime", False),
        ("joinempty", True),
    )
    return conf(general, queue + f"member => PJSIP/{seat}\n")
