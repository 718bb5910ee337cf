"""The inside of a backup: a tar of members, each hashed, the manifest behind them."""

import hashlib
import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Final, Protocol

from telephony.keeping.manifest import NAME, Manifest, Member, from_json, to_json
from telephony.keeping.sealed import SealedReader, SealedWriter, Unreadable

OWNER_ONLY: Final = 0o600
LARGEST_MANIFEST: Final = 256 << 20  # bytes; some million files


class Source(Protocol):
    """Whatever bytes are read from."""

    def read(self, size: int = -1, /) -> bytes:
        """At most so many, none at the end."""


class Shrank(Exception):
    """A file became shorter while it was read."""


class Bundle:
    """A backup that is being written."""

    def __init__(self, out: SealedWriter) -> None:
        # `finish` closes it: what was not finished has no end.
        self._tar = tarfile.open(  # noqa: SIM115
            fileobj=_Writable(out), mode="w|", format=tarfile.PAX_FORMAT
        )
        self._members: dict[str, Member] = {}

    @property
    def members(self) -> dict[str, Member]:
        """Those written so far."""
        return dict(self._members)

    def add(self, name: str, source: Source, size: int) -> None:
        """The next `size` bytes of the source. Raises Shrank."""
        told = tarfile.TarInfo(name)
        told.size, told.mode = size, OWNER_ONLY
        hashed = _Hashed(source)
        try:
            self._tar.addfile(told, hashed)
        except OSError as short:
            if hashed.size < size and hashed.ended:
                raise Shrank(name) from short
            raise
        self._members[name] = Member(size, hashed.sha256())

    def add_bytes(self, name: str, content: bytes) -> None:
        """A member that was made in memory."""
        self.add(name, io.BytesIO(content), len(content))

    def finish(self, manifest: Manifest) -> None:
        """The manifest, and the end."""
        self.add_bytes(NAME, to_json(manifest))
        self._tar.close()


@dataclass(frozen=True, slots=True)
class Found:
    """A member at its place in the stream: read it before the next one is asked for."""

    name: PurePosixPath
    content: "Source"


def opened(reader: SealedReader) -> Iterator[Found | Manifest]:
    """Every member in order, the manifest at the end, and proved by then. Raises Unreadable."""
    seen: dict[str, Member] = {}
    try:
        with tarfile.open(fileobj=_Readable(reader), mode="r|") as tar:
            for told in tar:
                content = _Hashed(_content(tar, told))
                if told.name == NAME:
                    manifest = _proved(content, seen)
                    reader.finish()
                    yield manifest
                    return
                yield Found(_safe(told), content)
                content.exhaust()
                seen[told.name] = Member(content.size, content.sha256())
    except tarfile.TarError:
        raise Unreadable("its inside is no archive of ours") from None
    raise Unreadable("it has no manifest")


def _proved(content: "_Hashed", seen: dict[str, Member]) -> Manifest:
    manifest = from_json(content.read(LARGEST_MANIFEST))
    if manifest.members != seen:
        names = manifest.members.keys() ^ seen.keys()
        changed = [name for name in seen if seen[name] != manifest.members.get(name)]
        raise Unreadable(f"it is not what its manifest says: {sorted([*names, *changed])[0]}")
    return manifest


def _content(tar: tarfile.TarFile, told: tarfile.TarInfo) -> IO[bytes]:
    content = tar.extractfile(told) if told.isreg() else None
    if content is None:
        raise Unreadable(f"it holds something that is no file: {told.name}")
    return content


def _safe(told: tarfile.TarInfo) -> PurePosixPath:
    """A name that cannot lead out of where it is put, whoever wrote it."""
    name = PurePosixPath(told.name)
    if name.is_absolute() or ".." in name.parts or len(name.parts) < 2:  # noqa: PLR2004
        raise Unreadable(f"it holds a name that is not ours: {told.name}")
    return name


class _Hashed:
    """Reads through, and knows afterwards what was read."""

    def __init__(self, source: Source) -> None:
        self._source, self._hash = source, hashlib.sha256()
        self.size, self.ended = 0, False

    def read(self, size: int = -1, /) -> bytes:
        part = self._source.read(size)
        self.ended = not part
        self._hash.update(part)
        self.size += len(part)
        return part

    def exhaust(self) -> None:
        while self.read(1 << 16):
            pass

    def sha256(self) -> str:
        return self._hash.hexdigest()


class _Writable(io.RawIOBase):
    def __init__(self, out: SealedWriter) -> None:
        self._out = out

    def write(self, plain: bytes) -> int:  # type: ignore[override]
        return self._out.write(plain)


class _Readable(io.RawIOBase):
    def __init__(self, reader: SealedReader) -> None:
        self._reader = reader

    def read(self, size: int = -1, /) -> bytes:
        return self._reader.read(size)
