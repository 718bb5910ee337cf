"""The outside of a backup: a stream of any length, encrypted and whole or not at all.

A file is MAGIC, the salt, a check of the passphrase and a check of all that; then chunks: a header
with the length, and packed bytes under AES-256-GCM. The key is this file's own, from the passphrase
and the salt, so the nonce is the chunk's number. A chunk is bound to its number and to whether it
is the last: changed, moved, taken out or cut off, it shows.
"""

import os
import struct
import zlib
from typing import BinaryIO, Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

MAGIC: Final = b"MADOBAK1"
PREFACE: Final = struct.Struct(">8s16s16sI")  # magic, salt, check of the passphrase, CRC
HEADER: Final = struct.Struct(">II")  # length and whether it is the last, CRC
LAST: Final = 1 << 31
CHUNK: Final = 1 << 20  # bytes, before they are packed
ROOM: Final = CHUNK + (1 << 16)  # bytes of the largest chunk that is believed
SALT, KEY, TAG = 16, 32, 16  # bytes
PACKING: Final = 1  # zlib's fastest: records shrink to a tenth, and calls need the processor
# OWASP's figures for a passphrase; 128 MiB and under a second. They belong to MAGIC.
COST, BLOCK, LANES = 1 << 17, 8, 1


class Unreadable(Exception):
    """A backup cannot be read; the text says why, for a person."""


class WrongPassphrase(Unreadable):
    """It is a backup, closed with another passphrase."""


class Sink(Protocol):
    """Where bytes go."""

    def write(self, data: bytes, /) -> int:
        """All of them."""


class _Lock:
    """The two keys of one file."""

    def __init__(self, passphrase: str, salt: bytes) -> None:
        kept = Scrypt(salt, 2 * KEY, COST, BLOCK, LANES).derive(passphrase.encode())
        self._cipher = AESGCM(kept[:KEY])
        self.check = HKDF(SHA256(), TAG, None, b"madoguchi backup check").derive(kept[KEY:])

    def close(self, number: int, last: bool, plain: bytes) -> bytes:
        """The chunk as it lies in the file."""
        packed = zlib.compress(plain, PACKING)
        return self._cipher.encrypt(_nonce(number), packed, _place(number, last))

    def open(self, number: int, last: bool, chunk: bytes) -> bytes:
        """What was closed; Unreadable when it is not that."""
        try:
            packed = self._cipher.decrypt(_nonce(number), chunk, _place(number, last))
        except (InvalidTag, ValueError):
            raise Unreadable(f"it was changed: part {number + 1} does not open") from None
        return zlib.decompressobj().decompress(packed, CHUNK)


class SealedWriter:
    """Takes bytes and writes them closed; only `finish` makes the file a whole one."""

    def __init__(self, file: Sink, passphrase: str) -> None:
        salt = os.urandom(SALT)
        self._file, self._lock = file, _Lock(passphrase, salt)
        self._plain, self._number = bytearray(), 0
        file.write(_preface(salt, self._lock.check))

    def write(self, plain: bytes) -> int:
        """Any length; at most one chunk is kept in memory."""
        self._plain += plain
        while len(self._plain) > CHUNK:  # not >=: the last one is closed by `finish`
            self._write(bytes(self._plain[:CHUNK]), last=False)
            del self._plain[:CHUNK]
        return len(plain)

    def finish(self) -> None:
        """Close the last chunk."""
        self._write(bytes(self._plain), last=True)
        self._plain.clear()

    def _write(self, plain: bytes, *, last: bool) -> None:
        chunk = self._lock.close(self._number, last, plain)
        self._file.write(_header(len(chunk), last) + chunk)
        self._number += 1


class SealedReader:
    """Gives the bytes back, each only after its chunk was proved. Everything raises Unreadable."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        self._file = file
        salt, check = _read_preface(file)
        self._lock = _Lock(passphrase, salt)
        if not bytes_eq(check, self._lock.check):
            raise WrongPassphrase("the passphrase is not the one it was closed with")
        self._plain, self._number, self._over = b"", 0, False

    def read(self, size: int) -> bytes:
        """As many bytes as asked for, fewer only at the end."""
        parts = []
        while size > 0 and (self._plain or self._next()):
            part, self._plain = self._plain[:size], self._plain[size:]
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def finish(self) -> None:
        """Read to the end: nothing is missing, nothing follows."""
        while self._next():
            pass

    def _next(self) -> bool:
        """The next chunk, if there is one."""
        if self._over:
            return False
        length, last = _read_header(_exactly(self._file, HEADER.size))
        self._plain = self._lock.open(self._number, last, _exactly(self._file, length))
        self._number, self._over = self._number + 1, last
        if last and self._file.read(1):
            raise Unreadable("something was added behind its end")
        return True


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _place(number: int, last: bool) -> bytes:
    return MAGIC + b" %d %d" % (number, last)


def _preface(salt: bytes, check: bytes) -> bytes:
    crc = zlib.crc32(MAGIC + salt + check)
    return PREFACE.pack(MAGIC, salt, check, crc)


def _read_preface(file: BinaryIO) -> tuple[bytes, bytes]:
    read = file.read(PREFACE.size)
    if read[: len(MAGIC)] != MAGIC:
        raise Unreadable("it is no backup of ours, or was written by a later version")
    if len(read) < PREFACE.size:
        raise _cut_off()
    _, salt, check, _ = PREFACE.unpack(read)
    if read != _preface(salt, check):  # else a flipped bit would pass for a wrong passphrase
        raise Unreadable("it was changed: its first bytes are damaged")
    return salt, check


def _header(length: int, last: bool) -> bytes:
    told = length | LAST if last else length
    return HEADER.pack(told, zlib.crc32(told.to_bytes(4, "big")))


def _read_header(read: bytes) -> tuple[int, bool]:
    told: int = HEADER.unpack(read)[0]
    length, last = told & ~LAST, bool(told & LAST)
    if read != _header(length, last) or length > ROOM:  # else damage would pass for a cut
        raise Unreadable("it was changed: the length of a part is damaged")
    return length, last


def _exactly(file: BinaryIO, size: int) -> bytes:
    read = file.read(size)
    if len(read) < size:
        raise _cut_off()
    return read


def _cut_off() -> Unreadable:
    return Unreadable("it is cut off: its end is missing, copy it again")
