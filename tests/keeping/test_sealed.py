"""What is closed opens whole, or not at all, and the reason is told."""

import io
import struct
import zlib
from collections.abc import Callable

import pytest

from telephony.keeping import sealed
from telephony.keeping.sealed import (
    CHUNK,
    HEADER,
    LAST,
    PREFACE,
    SealedReader,
    SealedWriter,
    Unreadable,
    WrongPassphrase,
)

PASSPHRASE = "correct horse 電池"
PLAIN = bytes(range(256)) * (CHUNK // 256) * 2 + b"the end"  # three chunks


@pytest.fixture(autouse=True, scope="module")
def cheap() -> object:
    """The passphrase's price is not what is tested, and these open dozens."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealed, "COST", 2)
        yield


def closed(plain: bytes, passphrase: str = PASSPHRASE) -> bytes:
    file = io.BytesIO()
    writer = SealedWriter(file, passphrase)
    for start in range(0, len(plain), 70_001):
        writer.write(plain[start : start + 70_001])
    writer.finish()
    return file.getvalue()


def opened(data: bytes, passphrase: str = PASSPHRASE) -> bytes:
    return SealedReader(io.BytesIO(data), passphrase).read(1 << 30)


@pytest.fixture(scope="module")
def sound() -> bytes:
    return closed(PLAIN)


def chunks(data: bytes) -> list[bytes]:
    found, at = [], PREFACE.size
    while at < len(data):
        end = at + HEADER.size + (struct.unpack_from(">I", data, at)[0] & ~LAST)
        found.append(data[at:end])
        at = end
    return found


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK])
def test_any_length_comes_back(size: int) -> None:
    assert opened(closed(PLAIN[:size])) == PLAIN[:size]


def test_it_shows_nothing_and_never_looks_the_same(sound: bytes) -> None:
    assert b"the end" not in closed(b"the end")
    assert chunks(sound)[0] != chunks(closed(PLAIN))[0]


def test_another_passphrase_is_told_as_that(sound: bytes) -> None:
    with pytest.raises(WrongPassphrase, match="passphrase is not the one"):
        opened(sound, PASSPHRASE + " ")


def places(data: bytes) -> list[int]:
    """Every byte of the preface, of a header, and some of each chunk."""
    found, at = list(range(PREFACE.size)), PREFACE.size
    for chunk in chunks(data):
        found += [*range(at, at + HEADER.size + 2), at + len(chunk) // 2, at + len(chunk) - 1]
        at += len(chunk)
    return found


def test_no_byte_can_be_changed_unseen(sound: bytes) -> None:
    for place in places(sound):
        with pytest.raises(Unreadable) as told:
            opened(sound[:place] + bytes([sound[place] ^ 1]) + sound[place + 1 :])
        words = "no backup of ours" if place < len(sealed.MAGIC) else "was changed"
        assert words in str(told.value), place


def test_a_cut_is_told_as_a_cut(sound: bytes) -> None:
    ends, at = [PREFACE.size - 1, PREFACE.size], PREFACE.size
    for chunk in chunks(sound):
        ends += [at + 3, at + HEADER.size, at + len(chunk) // 2, at + len(chunk) - 1]
        at += len(chunk)
        ends.append(at)
    for end in ends[:-1]:
        with pytest.raises(Unreadable, match="is cut off"):
            opened(sound[:end])


def test_no_earlier_end_can_be_made(sound: bytes) -> None:
    first = chunks(sound)[0]
    told = LAST | struct.unpack_from(">I", first)[0]
    header = HEADER.pack(told, zlib.crc32(told.to_bytes(4, "big")))
    with pytest.raises(Unreadable, match="does not open"):
        opened(sound[: PREFACE.size] + header + first[HEADER.size :])


@pytest.mark.parametrize("order", [(1, 0, 2), (0, 2), (0, 0, 1, 2)])
def test_no_chunk_can_be_moved_taken_out_or_repeated(sound: bytes, order: tuple[int, ...]) -> None:
    found = chunks(sound)
    with pytest.raises(Unreadable, match="does not open"):
        opened(sound[: PREFACE.size] + b"".join(found[number] for number in order))


@pytest.mark.parametrize("more", [lambda data: b"\0", lambda data: chunks(data)[2]])
def test_nothing_can_be_added(sound: bytes, more: Callable[[bytes], bytes]) -> None:
    with pytest.raises(Unreadable, match="added behind its end"):
        opened(sound + more(sound))


def test_something_else_is_told_as_that() -> None:
    for stranger in (b"", b"MADO", b"SQLite format 3\0" * 10):
        with pytest.raises(Unreadable, match="no backup of ours"):
            opened(stranger)
