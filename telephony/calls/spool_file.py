"""One file of the spool: room that is taken before it is needed, filled line by line.

A line is sealed with AES-256-GCM, which is its checksum too, and bound to its file and number.
Behind the last line the file is zeros. A crash leaves at most unfinished lines at the end, which
nobody was told of.
"""

import base64
import binascii
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PURPOSE: Final = b"madoguchi spool 1 "
KEY, NONCE = 32, 12  # bytes
_OWNER_ONLY: Final = 0o600


class Seal:
    """Closes and opens the lines of one file."""

    def __init__(self, secret: str, name: str) -> None:
        self._context = PURPOSE + name.encode()
        derived = HKDF(SHA256(), KEY, salt=None, info=PURPOSE)
        self._cipher = AESGCM(derived.derive(secret.encode()))

    def close(self, number: int, text: bytes) -> bytes:
        """The text as a line."""
        nonce = os.urandom(NONCE)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, text, self._place(number)))

    def open(self, number: int, line: bytes) -> bytes | None:
        """The text of a line; None when it was cut off, changed or moved."""
        try:
            sealed = base64.b64decode(line, validate=True)
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], self._place(number))
        except (InvalidTag, binascii.Error, ValueError):
            return None

    def _place(self, number: int) -> bytes:
        return self._context + b" %d" % number


class Segment:
    """A file that is being filled. Everything raises OSError."""

    def __init__(self, path: Path, secret: str, size: int) -> None:
        """Make it with this many bytes of room, in a directory that knows it for good."""
        self.path = path
        self._seal = Seal(secret, path.name)
        self._size, self._at, self._lines = size, 0, 0
        self._file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, _OWNER_ONLY)
        try:
            os.posix_fallocate(self._file, 0, size)
            os.fsync(self._file)
            sync_folder(path.parent)
        except OSError:
            self.close()
            path.unlink()
            raise

    @property
    def room(self) -> int:
        """Bytes that can be written whatever else fills the disk."""
        return self._size - self._at

    @property
    def empty(self) -> bool:
        """Nothing was written, not even in part."""
        return self._at == 0

    def sealed(self, texts: Sequence[bytes]) -> bytes:
        """The texts as the next lines."""
        lines = (self._seal.close(self._lines + n, text) for n, text in enumerate(texts))
        return b"".join(line + b"\n" for line in lines)

    def append(self, sealed: bytes) -> None:
        """Write what `sealed` gave, and return when the disk has it."""
        try:
            self._write(sealed)
            os.fdatasync(self._file)
        except OSError:
            self._size = self._at  # nothing behind a line that may be half there
            raise
        self._lines += sealed.count(b"\n")

    def _write(self, sealed: bytes) -> None:
        view = memoryview(sealed)
        while view:
            written = os.pwrite(self._file, view, self._at)
            self._at += written
            view = view[written:]

    def close(self) -> None:
        """Let go of the file, which stays."""
        os.close(self._file)


@dataclass(frozen=True, slots=True)
class Read:
    """What a file holds."""

    texts: list[bytes]
    damaged: int  # lines that do not open, and no crash explains it


def read(path: Path, secret: str) -> Read:
    """Every line that is sound, in order. Raises OSError."""
    seal = Seal(secret, path.name)
    *lines, _ = path.read_bytes().rstrip(b"\0").split(b"\n")
    opened = [seal.open(number, line) for number, line in enumerate(lines)]
    if not any(opened):  # another key, rather than a first line that was cut off
        return Read([], len(lines))
    while opened[-1] is None:
        opened.pop()
    texts = [text for text in opened if text is not None]
    return Read(texts, len(opened) - len(texts))


def sync_folder(folder: Path) -> None:
    """Have the names in it on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
