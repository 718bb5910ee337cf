"""`madoguchi up` with the stand-in for a controller: `standing_in.py HOME PORT_BASE`."""

import asyncio
import sys
from pathlib import Path

from config.ports import Ports
from telephony.cli.options import DEMO_SITE
from telephony.supervisor.up import up

if __name__ == "__main__":
    home, base = Path(sys.argv[1]), int(sys.argv[2])
    stand_in = Path(__file__).with_name("stand_in.py")
    argv = [sys.executable, str(stand_in), str(home)]
    asyncio.run(up(home, Ports(base), DEMO_SITE, [argv], desk=()))
