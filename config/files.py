"""Writing a file whole or not at all."""

import os
import tempfile
from pathlib import Path


def write_atomically(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace `path` in one step; a reader, or a crash, sees the old text or the new."""
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(handle, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), mode)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(scratch).replace(path)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise


def write_if_changed(path: Path, text: str, mode: int = 0o600) -> bool:
    """Write only what differs, so that an unchanged file keeps its date; True when written."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        path.chmod(mode)
        return False
    write_atomically(path, text, mode)
    return True
