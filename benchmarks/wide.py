"""`python -m benchmarks.wide HOME BASE RTP_PORTS SITE`: `up` with more ports for media.

An instance has a thousand, for two hundred and fifty talks: enough for any site there is, and too
few to find out where the product itself ends.
"""

import asyncio
import sys
from pathlib import Path

from config.ports import Ports
from telephony.supervisor.up import up


def main() -> None:
    """Until it is told to stop."""
    home, base, rtp_ports, site = sys.argv[1:]
    asyncio.run(up(Path(home), Ports(int(base), rtp_count=int(rtp_ports)), Path(site)))


if __name__ == "__main__":
    main()
