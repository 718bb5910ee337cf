"""One base fixes every port, and two bases never share one."""

import pytest

from config.ports import BadPortBaseError, Ports


def test_the_offsets_scripts_rely_on() -> None:
    ports = Ports()
    fixed = (ports.asterisk_http, ports.trunk, ports.phones, ports.health, ports.desk)
    assert fixed == (8001, 8002, 8003, 8004, 8080)
    assert (ports.rtp_first, ports.rtp_last) == (20_000, 20_999)


def test_neighbours_have_blocks_of_their_own() -> None:
    bases = [base for base in range(8000, 16_000, 200) if base != 10_000]
    blocks = [range(Ports(base).rtp_first, Ports(base).rtp_last + 1) for base in bases]
    assert len({port for block in blocks for port in block}) == 39 * 1000
    assert max(block[-1] for block in blocks) < 65_536


@pytest.mark.parametrize("base", [8001, 8100, 0, 1000, -200, 20_000])
def test_a_wrong_base_says_what_is_right(base: int) -> None:
    with pytest.raises(BadPortBaseError, match="take a multiple of 200 from 1200 to 19800"):
        Ports(base)


def test_no_desk_is_on_a_port_that_browsers_refuse() -> None:
    with pytest.raises(BadPortBaseError, match="take 10200"):
        Ports(10_000)


def test_a_load_test_may_have_more_media_ports_but_not_beyond_the_last() -> None:
    assert Ports(8000, rtp_count=10_000).rtp_last == 29_999
    with pytest.raises(BadPortBaseError, match="do not fit"):
        Ports(15_800, rtp_count=10_000)
