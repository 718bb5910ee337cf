"""An information that nobody heard informs nobody: the record says so, whatever kept it away."""

from collections.abc import Callable, Sequence

import pytest

from telephony.ari.errors import AriError, AriUnreachable
from telephony.simulation.shell.loop import virtually
from tests.builders import flow, rules
from tests.calls.centre_site import NamedSounds, Site
from tests.calls.leading import later

TELLS = rules(
    of=flow(
        "told",
        told={"kind": "say", "prompt": "words", "informed": True, "then": "bye"},
        bye={"kind": "hang_up"},
    )
)


class Silent(NamedSounds):
    """No sound that could be played."""

    def media(self, prompts: Sequence[str]) -> list[str]:
        """Nothing."""
        return []


def plays(site: Site) -> None:
    """Everything is as it should be."""


def lacks_the_file(site: Site) -> None:
    """Asterisk says at the end that it failed."""
    site.asterisk.world.missing.add("sound:words")


def refuses(site: Site) -> None:
    """Asterisk does not begin."""
    site.asterisk.refuse("play", AriError(500, "not now"))


def is_not_asked(site: Site) -> None:
    """The request is lost on its way, and nobody answers it."""
    site.asterisk.refuse("play", AriUnreachable("no answer in time"))


def loses_the_end(site: Site) -> None:
    """It is heard to its end, and only the event of that end gets lost."""
    site.asterisk.lose_events("PlaybackFinished", count=1)


def loses_end_and_reply(site: Site) -> None:
    """It is heard, and nothing is ever told of it: better one callback too many."""
    site.asterisk.lose_reply("play")
    site.asterisk.lose_events("PlaybackFinished", count=1)


def has_no_sound(site: Site) -> None:
    """We know already that there is none."""
    site.sounds = Silent()


@pytest.mark.parametrize(
    ("what", "outcome"),
    [
        (plays, "informed"),
        (lacks_the_file, "abandoned"),
        (refuses, "abandoned"),
        (is_not_asked, "abandoned"),
        (loses_the_end, "informed"),
        (loses_end_and_reply, "abandoned"),
        (has_no_sound, "abandoned"),
    ],
)
def test_informed_is_who_heard_it(what: Callable[[Site], None], outcome: str) -> None:
    @virtually
    async def called() -> None:
        site = Site(TELLS)
        what(site)
        async with site.led():
            call = site.arrives()
            await later(5.0)
        assert {each.call: each.outcome for each in site.records.closed()} == {call: outcome}

    called()
