"""Sound URIs."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from telephony.ari.media import sound


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("/srv/ja/welcome.ulaw", "sound:/srv/ja/welcome"),
        ("/srv/ja/welcome.sln16", "sound:/srv/ja/welcome"),
        ("/srv/ja/welcome", "sound:/srv/ja/welcome"),
        ("/srv/v1.2/welcome", "sound:/srv/v1.2/welcome"),
        ("/srv/ja/position.3", "sound:/srv/ja/position.3"),
    ],
)
def test_a_sound_is_named_without_its_format(path: str, uri: str) -> None:
    assert sound(PurePosixPath(path)) == uri


@pytest.mark.parametrize("path", ["ja/welcome", "/srv/a,b/welcome"])
def test_a_path_that_asterisk_would_misread_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match=r"absolute|comma"):
        sound(PurePosixPath(path))
