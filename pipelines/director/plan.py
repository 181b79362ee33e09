"""What the director hands over."""

from dataclasses import dataclass

from engine.timeline import Operation


@dataclass(frozen=True, slots=True)
class Asset:
    """What is known of one photo of the session.

    Attributes:
        name: the file name that the user sees.
        width, height: upright size in pixels; 0 where it is not known.
    """

    name: str
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Understood:
    """One thing that the director took from the instruction.

    Attributes:
        topic: what it is about: ``move``, ``speed``, ``duration``, ``canvas``, ...
        phrase: what it was taken to mean, in the user's language.
    """

    topic: str
    phrase: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The director's answer to an instruction.

    Attributes:
        operations: to apply to the draft, in order.
        said: one or two plain sentences for the user: what was understood, what was chosen, what was not possible.
        understood: the same, item by item.
        not_understood: each thing that was not understood or is not possible, quoting the user's words, with the
            reason where there is one.
    """

    operations: tuple[Operation, ...]
    said: str
    understood: tuple[Understood, ...] = ()
    not_understood: tuple[str, ...] = ()
