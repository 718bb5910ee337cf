"""Whose a lease is: two containers may give both of a pair the same pid."""

import os
import socket
from pathlib import Path

from telephony.calls.lease import holder_name

HOME = Path("/var/lib/madoguchi")


def test_it_tells_pid_machine_namespace_and_home() -> None:
    name = holder_name(7, HOME)
    assert name.startswith("7@")
    assert socket.gethostname() in name
    assert os.readlink("/proc/self/ns/pid") in name
    assert name.endswith(str(HOME))
    assert len({name, holder_name(8, HOME), holder_name(7, HOME / "b")}) == 3
