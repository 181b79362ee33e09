"""What generated motion can be asked for on this machine, as the director is told it."""

from collections.abc import Iterable
from fractions import Fraction

from engine.core.errors import MotionUnavailable
from engine.motion import generated
from engine.timeline import Operation, SetMotion
from pipelines.diffusion.backends import Found, checked_backend, find_backends
from pipelines.director.abilities import Abilities


def abilities_of_site() -> Abilities:
    """Look at packs, libraries and device; torch is loaded only where a model's pack is installed.

    Raises:
        OptionError: a setting is not usable.
    """
    return abilities_by(find_backends())


def abilities_by(found: Found) -> Abilities:
    """What can be asked for of what was found."""
    try:
        backend, traits = checked_backend(found, None, None)
        _, told = checked_backend(found, None, "anything")
        backend.where()
    except MotionUnavailable:
        return Abilities(generated=False, follows_text=False, missing=found.lacks or "weights")
    # Where a prompt goes to another model, whose clips are of another length, nobody can say yet how a shot is filled.
    lengths = {Fraction(each.frames - 1, each.fps) for each in (traits, told)}
    clip = lengths.pop() if len(lengths) == 1 else None
    return Abilities(generated=True, follows_text=found.follows_text, clip=clip)


def asks_for_generation(operations: Iterable[Operation]) -> bool:
    """Whether any of the operations asks for generated motion: only then is it worth a look at this machine."""
    return any(
        isinstance(each, SetMotion) and each.motion is not None and generated(each.motion) for each in operations
    )
