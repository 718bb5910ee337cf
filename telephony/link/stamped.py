"""What every request carries beside what is asked for: whose it is, and until when it is good.

All of it is optional, so that a person with `curl` can ask too. Key and client are told to the
centre as fingerprints: the journal keeps them, and nobody can write a caller's name into it.
"""

from hashlib import blake2s
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from telephony.acd.errors import Rejected
from telephony.centre.commands import Stamp

LONGEST: Final = 64  # characters of a key or a client's name
HIGHEST: Final = 2**53  # what a browser can count to


class KeyTaken(Rejected):
    """Something else was asked under this key, and stands."""


def _marked(text: str) -> str:
    if not 0 < len(text) <= LONGEST or not text.isprintable():
        problem = f"a key or client has 1 to {LONGEST} printable characters"
        raise PydanticCustomError("mark", "{problem}", {"problem": problem})
    return text


Mark = Annotated[str, AfterValidator(_marked)]


class Stamped(BaseModel):
    """By what a request is known again, and when it has come too late."""

    key: Mark | None = None  # the same request, however often it is sent
    client: Mark | None = None  # who counts: a page, a script
    seq: Annotated[int, Field(ge=1, le=HIGHEST)] | None = None  # the client's number of it
    good_until: Annotated[float, Field(allow_inf_nan=False)] | None = None  # Unix time

    def require_in_time(self, wall: float) -> None:
        """Raise Rejected when whoever asked has given up since."""
        if self.good_until is not None and wall > self.good_until:
            raise Rejected("操作が届くのが遅れたため取り消しました (it came too late: ask again)")

    def stamp(self) -> Stamp | None:
        """As the centre knows it."""
        if self.seq is not None and self.client is None:
            raise Rejected("a seq needs the client that counts it")
        if self.key is None and self.seq is None:
            return None
        return Stamp(fingerprint(self.key), fingerprint(self.client), self.seq or 0)


def fingerprint(text: str | None) -> str:
    """A mark of the text that nobody can read it from."""
    return blake2s(text.encode(errors="surrogatepass"), digest_size=16).hexdigest() if text else ""
