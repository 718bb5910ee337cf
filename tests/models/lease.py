"""Lease, epoch, tenure and application of controllers, with sleep, death and cut cables.

Time goes in steps of one; a lease lasts `TTL` of them. Whatever stands still stands still between
any two of its steps: between taking the lease and marking the journal, between asking to renew and
reading the answer, between having a request decided (its entry is in the journal) and sending it.
What the model checks of a request is that nobody else leads when it is *checked*, just before it is
sent; the microseconds from there to the wire are the gap that decision 0019 names.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

TTL: Final = 2
EPOCHS: Final = 2  # takeovers that are looked at


class Controller(NamedTuple):
    """What one of them believes."""

    epoch: int = 0  # 0: it follows
    holds: bool = False  # what Redis says of it, not what it believes
    marked: bool = False  # its `took_over` is in the journal
    half: bool = False  # a request is decided, and not sent yet
    heard: int = 0  # steps since the question was asked that Redis last granted, up to TTL
    tried: int = 0  # steps since the one was asked that was last granted or not answered at all
    asking: int = -1  # steps since the question that is under way was asked, up to TTL
    reply: str = ""  # what Redis answered to it; empty when it never came there
    asleep: bool = False
    cut: bool = False  # it does not reach Redis
    deaf: bool = False  # it hears no events of Asterisk, and still can ask it for things
    replaced: bool = False  # Asterisk told it that another has the application


class World(NamedTuple):
    """Redis, and who believes what; `wrong` says which promise was broken."""

    left: int = 0  # steps until the lease runs out
    epoch: int = 0
    journal: int = 0  # the epoch of its last entry
    all_: tuple[Controller, ...] = (Controller(),) * 2
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the product does; a mutant leaves one of them out."""

    tenure: bool = True  # no request without fresh word of the lease
    from_asking: bool = True  # word counts from when we asked, not from when we heard
    fenced: bool = True  # the journal refuses an older epoch
    grows: bool = True  # every holder has a new epoch
    replaces: bool = True  # a new leader has the application before it acts
    hears: bool = True  # who has neither the lease nor Asterisk's events ends
    looks: bool = True  # who sends a request knows what has come of Asterisk's events by then


def steps(world: World, rules: Rules) -> Iterator[tuple[str, World]]:
    """Everything that can happen next. Which of them is which does not matter: they are sorted."""
    yield "time", _sorted(_tick(world))
    for me in range(len(world.all_)):
        if me == 0 or world.all_[me] != world.all_[me - 1]:
            for name, after in _steps_of(me, world, rules):
                yield name, _sorted(after)


def _sorted(world: World) -> World:
    return world._replace(all_=tuple(sorted(world.all_)))


def _steps_of(me: int, world: World, rules: Rules) -> Iterator[tuple[str, World]]:
    mine = world.all_[me]
    if mine.asleep:
        yield f"{me} wakes", _with(world, me, asleep=False)
        return
    yield f"{me} sleeps", _with(world, me, asleep=True)
    yield from _cables(me, world, rules)
    if not mine.epoch:
        yield from _take(me, world, rules)
    elif (mine.replaced and rules.looks) or _is_over(mine, rules):
        yield f"{me} is demoted", _ended(world, me)
    else:
        if mine.replaced:  # in its turn: what was made before comes first
            yield f"{me} is demoted", _ended(world, me)
        yield from _leads(me, world, rules)


def _cables(me: int, world: World, rules: Rules) -> Iterator[tuple[str, World]]:
    mine = world.all_[me]
    yield f"{me}'s way to Redis changes", _with(world, me, cut=not mine.cut)
    if not mine.deaf:
        yield f"{me} hears Asterisk no more", _with(world, me, deaf=True)
    elif not (mine.epoch and _is_over(mine, rules)):
        yield f"{me} hears Asterisk again", _with(_application(world, me), me, deaf=False)


def _leads(me: int, world: World, rules: Rules) -> Iterator[tuple[str, World]]:
    mine = world.all_[me]
    yield f"{me} dies", _ended(world, me)
    if mine.holds:
        yield f"{me} dies and is released", _with(_ended(world, me), me, holds=False)
    if mine.asking < 0:
        yield f"{me} asks to renew", _asked(me, world)
    else:
        yield from _answer(me, world, rules)
    yield from _mark(me, world, rules)
    if mine.half:
        yield f"{me} requests", _requested(me, _with(world, me, half=False))


def _is_over(mine: Controller, rules: Rules) -> bool:
    slept = rules.tenure and mine.tried >= TTL
    return slept or (rules.hears and mine.deaf and mine.heard >= TTL)


def _ended(world: World, me: int) -> World:
    """Its successor in the same place follows."""
    fresh = Controller(holds=world.all_[me].holds, cut=world.all_[me].cut)
    return world._replace(all_=(*world.all_[:me], fresh, *world.all_[me + 1 :]))


def _take(me: int, world: World, rules: Rules) -> Iterator[tuple[str, World]]:
    if not world.all_[me].cut and not any(one.holds for one in world.all_) and world.epoch < EPOCHS:
        epoch = world.epoch + 1 if rules.grows else max(1, world.epoch)
        taken = world._replace(left=TTL, epoch=epoch)
        if rules.replaces:
            taken = _application(taken, me)
        yield (
            f"{me} takes lease and application",
            _with(taken, me, epoch=epoch, holds=True, replaced=False, deaf=False),
        )


def _application(world: World, me: int) -> World:
    """Whoever had it is told, if they listen: from then on that is the first they act on."""
    told = tuple(
        one._replace(replaced=one.replaced or (bool(one.epoch) and not one.deaf and n != me))
        for n, one in enumerate(world.all_)
    )
    return world._replace(all_=told)


def _asked(me: int, world: World) -> World:
    """The question reaches Redis at once, or not at all; ours even if it ran out unseen."""
    if world.all_[me].cut:
        return _with(world, me, asking=0, reply="")
    if _is_mine(me, world):
        return _with(world._replace(left=TTL), me, asking=0, reply="granted", holds=True)
    return _with(world, me, asking=0, reply="refused")


def _is_mine(me: int, world: World) -> bool:
    free = not any(one.holds for one in world.all_)
    return (free or world.all_[me].holds) and world.epoch == world.all_[me].epoch


def _answer(me: int, world: World, rules: Rules) -> Iterator[tuple[str, World]]:
    mine = world.all_[me]
    asked = mine.asking if rules.from_asking else 0
    tried, heard = min(mine.tried, asked), min(mine.heard, asked)
    if not mine.reply:
        yield f"{me} gets no answer", _with(world, me, tried=tried, asking=-1)
    elif mine.reply == "granted":
        granted = _with(world, me, heard=heard, tried=tried, asking=-1, reply="")
        yield f"{me} is granted its lease", granted
    else:
        yield f"{me} is refused", _ended(world, me)


def _mark(me: int, world: World, rules: Rules) -> Iterator[tuple[str, World]]:
    mine = world.all_[me]
    if not mine.cut and (mine.epoch >= world.journal or not rules.fenced):
        stale = "an entry of an older epoch" if mine.epoch < world.journal else world.wrong
        appended = world._replace(journal=mine.epoch, wrong=stale)
        yield f"{me} appends", _with(appended, me, marked=True, half=mine.marked)


def _requested(me: int, world: World) -> World:
    """Wrong if another one leads, that is: has the lease and has marked the journal."""
    mine = world.all_[me]
    others = [
        one for n, one in enumerate(world.all_) if n != me and one.marked and not one.replaced
    ]
    newer = any(one.epoch >= mine.epoch for one in others)
    return world._replace(wrong="a request beside another leader") if newer else world


def _tick(world: World) -> World:
    left = max(0, world.left - 1)
    older = tuple(_older(one, keeps=left > 0) for one in world.all_)
    return world._replace(left=left, all_=older)


def _older(one: Controller, *, keeps: bool) -> Controller:
    if one.holds and not keeps:
        one = one._replace(holds=False)
    if not one.epoch:
        return one
    asking = min(TTL, one.asking + 1) if one.asking >= 0 else one.asking
    heard, tried = min(TTL, one.heard + 1), min(TTL, one.tried + 1)
    return one._replace(heard=heard, tried=tried, asking=asking)


def _with(world: World, me: int, **changes: int | bool | str) -> World:
    changed = world.all_[me]._replace(**changes)  # type: ignore[arg-type]
    return world._replace(all_=(*world.all_[:me], changed, *world.all_[me + 1 :]))
